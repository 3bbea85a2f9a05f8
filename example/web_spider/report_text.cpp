// SPDX-License-Identifier: BSL-1.0

#include "report_text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "charset.hpp"

namespace spider {

namespace {

// U+FFFE and U+FFFF.
bool is_no_character_at(std::string_view text, std::size_t place)
{
  const auto character = text.substr(place, 3);
  return character == "\xEF\xBF\xBE" || character == "\xEF\xBF\xBF";
}

} // namespace

std::string printable(std::string_view text)
{
  const std::string valid = as_utf8(text);
  std::string out;
  for (std::size_t i = 0; i != valid.size(); ++i)
  {
    const auto octet = static_cast<unsigned char>(valid[i]);
    // U+0080 to U+009F are control characters, too.
    const bool is_c1 = octet == 0xC2 && (valid[i + 1] & 0xE0) == 0x80;
    const bool is_no_character = is_no_character_at(valid, i);
    const bool is_control = octet < 0x20 || octet == 0x7F || is_c1;
    out += is_control || is_no_character ? '?' : valid[i];
    i += is_c1 ? 1 : is_no_character ? 2 : 0;
  }
  return out;
}

std::string as_utf8(std::string_view text)
{
  std::string out;
  while (!text.empty())
  {
    const std::size_t length = utf_8_length(text);
    if (length == 0)
      out += "\xEF\xBF\xBD";
    else
      out += text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

} // namespace spider
