// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_UTF_8_HPP
#define TORO_EXAMPLE_WEB_SPIDER_UTF_8_HPP

#include <string>

namespace spider {

/// Append a character to a text in UTF-8.
inline void append_utf_8(std::string& out, char32_t c)
{
  const auto add = [&out](char32_t octet)
  {
    out += static_cast<char>(static_cast<unsigned char>(octet));
  };
  if (c < 0x80)
    return add(c);
  if (c < 0x800)
    add(0xC0 | c >> 6);
  else if (c < 0x10000)
    add(0xE0 | c >> 12);
  else
    add(0xF0 | c >> 18);
  if (c >= 0x10000)
    add(0x80 | (c >> 12 & 0x3F));
  if (c >= 0x800)
    add(0x80 | (c >> 6 & 0x3F));
  add(0x80 | (c & 0x3F));
}

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_UTF_8_HPP
