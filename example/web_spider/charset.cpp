// SPDX-License-Identifier: BSL-1.0

#include "charset.hpp"

#include <boost/algorithm/string/find.hpp>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/algorithm/string/trim.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "is_one_of.hpp"

namespace spider {

namespace {

constexpr auto npos = std::string_view::npos;

// 0x80 to 0x9F; the other octets are the characters of their numbers.
constexpr char32_t windows_1252_table[] = {
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
    0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
    0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

std::optional<unsigned char> windows_1252_octet(char32_t c)
{
  const auto* found = std::ranges::find(windows_1252_table, c);
  if (found != std::end(windows_1252_table))
    return static_cast<unsigned char>(0x80 + (found - windows_1252_table));
  if (c < 0x80 || (c >= 0xA0 && c <= 0xFF))
    return static_cast<unsigned char>(c);
  return std::nullopt;
}

std::string from_windows_1252(std::string text)
{
  const auto is_ascii = [](char c)
  {
    return static_cast<unsigned char>(c) < 0x80;
  };
  if (std::ranges::all_of(text, is_ascii))
    return text;
  std::string out;
  for (const char c : text)
    if (is_ascii(c))
      out += c;
    else
      append_utf_8(out, windows_1252_character(static_cast<unsigned char>(c)));
  return out;
}

// Half a character becomes U+FFFD; an octet left at the end is dropped.
std::string from_utf_16(std::string_view text, bool is_little_endian)
{
  const auto unit_at = [=](std::size_t i) -> char32_t
  {
    if (i + 1 >= text.size())
      return 0;
    const auto first = static_cast<unsigned char>(text[i]);
    const auto second = static_cast<unsigned char>(text[i + 1]);
    return is_little_endian ? first + 256u * second : second + 256u * first;
  };
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
  {
    char32_t c = unit_at(i);
    const char32_t low = unit_at(i + 2);
    if (c >> 10 == 0xD800 >> 10 && low >> 10 == 0xDC00 >> 10)
    {
      c = 0x10000 + ((c & 0x3FF) << 10) + (low & 0x3FF);
      i += 2;
    }
    append_utf_8(out, c >> 11 == 0xD800 >> 11 ? U'\uFFFD' : c);
  }
  return out;
}

// Take the first character from a text, which is right UTF-8.
char32_t next_character(std::string_view& text)
{
  const std::size_t length = utf_8_length(text);
  const auto first = static_cast<unsigned char>(text[0]);
  char32_t c = length == 1 ? first : first & (0x7Fu >> length);
  for (std::size_t i = 1; i != length; ++i)
    c = c << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
  text.remove_prefix(length);
  return c;
}

// The text between quotes, behind `name` and "=".
std::string_view quoted_behind(std::string_view text, std::string_view name)
{
  const auto begin = text.find(name);
  if (begin == npos)
    return {};
  text.remove_prefix(begin + name.size());
  const auto quote = text.find_first_of("'\"");
  if (quote == npos ||
      text.substr(0, quote).find_first_not_of(" \t\r\n=") != npos)
    return {};
  const auto end = text.find(text[quote], quote + 1);
  return end == npos ? std::string_view{}
                     : text.substr(quote + 1, end - quote - 1);
}

} // namespace

void append_utf_8(std::string& out, char32_t c)
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

std::size_t utf_8_length(std::string_view text)
{
  const auto octet = [text](std::size_t i)
  {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const unsigned first = octet(0);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((octet(i) & 0xC0) != 0x80)
      return 0;
  // Overlong forms, surrogates, and what lies beyond Unicode.
  const unsigned second = octet(1);
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
      (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F))
    return 0;
  return length;
}

charset charset_named(std::string_view label)
{
  const std::string name = boost::trim_copy(std::string(label));
  if (is_one_of(name, "utf-8", "utf8"))
    return charset::utf_8;
  if (is_one_of(name, "windows-1252", "cp1252", "x-cp1252", "iso-8859-1",
                "iso8859-1", "iso88591", "iso_8859-1", "latin1", "l1", "cp819",
                "us-ascii", "ascii"))
    return charset::windows_1252;
  if (is_one_of(name, "utf-16", "utf-16le"))
    return charset::utf_16_le;
  if (is_one_of(name, "utf-16be"))
    return charset::utf_16_be;
  return charset::other;
}

charset charset_named_within(std::string_view label)
{
  const charset named = charset_named(label);
  const bool is_wide =
      named == charset::utf_16_le || named == charset::utf_16_be;
  return is_wide ? charset::utf_8 : named;
}

std::optional<charset> charset_of_type(std::string_view content_type)
{
  const auto parameters = content_type.find(';');
  if (parameters == npos)
    return std::nullopt;
  for (const auto& [name, value] :
       boost::beast::http::param_list(content_type.substr(parameters)))
    if (boost::iequals(name, "charset"))
      return charset_named(value);
  return std::nullopt;
}

std::optional<charset> charset_of_mark(std::string_view text)
{
  if (text.starts_with("\xEF\xBB\xBF"))
    return charset::utf_8;
  if (text.starts_with("\xFF\xFE"))
    return charset::utf_16_le;
  if (text.starts_with("\xFE\xFF"))
    return charset::utf_16_be;
  return std::nullopt;
}

std::optional<charset> charset_declared_in(std::string_view text)
{
  std::string_view label;
  if (text.starts_with("<?xml"))
    label = quoted_behind(text.substr(0, text.find("?>")), "encoding");
  else if (text.starts_with("@charset \""))
    label = quoted_behind(text.substr(0, 100), "@charset");
  if (label.empty())
    return std::nullopt;
  return charset_named_within(label);
}

std::string_view charset_label_in(std::string_view content)
{
  const auto found = boost::ifind_first(content, "charset");
  auto text =
      content.substr(static_cast<std::size_t>(found.end() - content.begin()));
  const auto begin = text.find_first_not_of(" \t\r\n\f=\"'");
  if (begin == npos || text.substr(0, begin).find('=') == npos)
    return {};
  text.remove_prefix(begin);
  return text.substr(0, text.find_first_of(" \t\r\n\f;\"'"));
}

char32_t windows_1252_character(unsigned char octet)
{
  return octet >= 0x80 && octet < 0xA0 ? windows_1252_table[octet - 0x80]
                                       : octet;
}

std::string to_utf_8(std::string text, charset from)
{
  switch (from)
  {
  case charset::windows_1252:
    return from_windows_1252(std::move(text));
  case charset::utf_16_le:
    return from_utf_16(text, true);
  case charset::utf_16_be:
    return from_utf_16(text, false);
  default:
    return text;
  }
}

std::string with_query_in(charset page, std::string link)
{
  const auto query = link.find_first_of("?#");
  if (page != charset::windows_1252 || query == npos || link[query] == '#')
    return link;
  const auto end = std::min(link.find('#', query), link.size());
  std::string out = link.substr(0, query);
  for (std::string_view rest(link.data() + query, end - query); !rest.empty();)
  {
    const char32_t c = next_character(rest);
    if (const auto octet = windows_1252_octet(c))
      out += static_cast<char>(*octet);
    else
      out += "%26%23" + std::to_string(static_cast<unsigned long>(c)) + "%3B";
  }
  return out + link.substr(end);
}

} // namespace spider
