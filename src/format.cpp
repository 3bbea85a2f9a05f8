// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/format.hpp>

namespace toro::detail {

description::description(std::string_view name)
  : text_("<")
{
  text_ += name;
}

description& description::word(std::string_view text)
{
  if (!text.empty())
  {
    text_ += ' ';
    text_ += text;
  }
  return *this;
}

description& description::figure(std::string_view key, std::size_t value)
{
  word(key);
  text_ += '=';
  text_ += std::to_string(value);
  return *this;
}

description& description::figure_if_any(std::string_view key, std::size_t value)
{
  return value == 0 ? *this : figure(key, value);
}

description& description::count_if_any(std::string_view key, std::size_t count)
{
  if (count == 0)
    return *this;
  word(key);
  text_ += '[';
  text_ += std::to_string(count);
  text_ += ']';
  return *this;
}

std::string description::str() const
{
  return text_ + '>';
}

} // namespace toro::detail
