// SPDX-License-Identifier: BSL-1.0

#include "url_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>

namespace spider {

namespace {

std::string_view trimmed(std::string_view text)
{
  const auto is_dropped = [](char c)
  {
    return static_cast<unsigned char>(c) <= ' ';
  };
  while (!text.empty() && is_dropped(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_dropped(text.back()))
    text.remove_suffix(1);
  return text;
}

bool is_alphanumeric(char c)
{
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z');
}

bool is_unreserved(char c)
{
  return is_alphanumeric(c) ||
         std::string_view("-._~").find(c) != std::string_view::npos;
}

bool is_reserved(char c)
{
  return std::string_view(":/?#@!$&'()*+,;=").find(c) != std::string_view::npos;
}

// A backslash in front of the query is a slash to a browser.
std::string with_slashes(std::string_view text)
{
  std::string out(text);
  const auto query = std::min(out.find('?'), out.size());
  std::replace(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(query),
               '\\', '/');
  return out;
}

// The end of "scheme://host", where alone "[" and "]" may stand.
std::size_t end_of_host(std::string_view text)
{
  const auto slashes = text.find("//");
  if (slashes == std::string_view::npos || text.find_first_of("/?") < slashes)
    return 0;
  return std::min(text.find_first_of("/?", slashes + 2), text.size());
}

// The octet that a "%XX" at the beginning of the text stands for.
std::optional<unsigned char> encoded_octet(std::string_view text)
{
  unsigned char octet = 0;
  if (text.size() < 3 || text[0] != '%')
    return std::nullopt;
  const char* end = text.data() + 3;
  if (std::from_chars(text.data() + 1, end, octet, 16).ptr != end)
    return std::nullopt;
  return octet;
}

void append_encoded(std::string& out, unsigned char octet)
{
  constexpr std::string_view digits = "0123456789ABCDEF";
  out += '%';
  out += digits[octet >> 4];
  out += digits[octet & 15];
}

std::string with_replaced(std::string_view text, std::string_view what,
                          std::string_view by)
{
  std::string out;
  for (;;)
  {
    const auto found = text.find(what);
    out += text.substr(0, found);
    if (found == std::string_view::npos)
      return out;
    out += by;
    text.remove_prefix(found + what.size());
  }
}

} // namespace

std::string cleaned_link(std::string_view written)
{
  const std::string text =
      with_slashes(trimmed(written.substr(0, written.find('#'))));
  const auto host_end = end_of_host(text);
  const auto user_end = text.substr(0, host_end).rfind('@');
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i)
  {
    const char c = text[i];
    const auto octet = encoded_octet(std::string_view(text).substr(i));
    if (octet)
      i += 2;
    if (octet && is_unreserved(static_cast<char>(*octet)))
      out += static_cast<char>(*octet);
    else if (octet)
      append_encoded(out, *octet);
    else if (c == '@' && i < user_end && user_end != std::string::npos)
      append_encoded(out, '@'); // the last one ends the user
    else if (is_unreserved(c) || is_reserved(c))
      out += c;
    else if ((c == '[' || c == ']') && i < host_end)
      out += c;
    else if (c != '\t' && c != '\n' && c != '\r')
      append_encoded(out, static_cast<unsigned char>(c));
  }
  return out;
}

std::string fragment_of(std::string_view written)
{
  const auto hash = written.find('#');
  if (hash == std::string_view::npos)
    return {};
  std::string fragment(trimmed(written.substr(hash + 1)));
  std::erase_if(fragment,
                [](char c)
                {
                  return c == '\t' || c == '\n' || c == '\r';
                });
  return fragment.substr(0, fragment.find(":~:"));
}

std::string shortened(std::string text)
{
  constexpr std::size_t longest = 200;
  if (text.size() <= longest)
    return text;
  return text.substr(0, longest) + "..."; // takes no more memory than that
}

std::string percent_decoded(std::string_view text)
{
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i)
  {
    const auto octet = encoded_octet(text.substr(i));
    out += octet ? static_cast<char>(*octet) : text[i];
    if (octet)
      i += 2;
  }
  return out;
}

std::string with_octets_hidden(std::string_view url)
{
  return with_replaced(url, "%", "%25");
}

std::string with_octets_shown(std::string_view url)
{
  return with_replaced(url, "%25", "%");
}

} // namespace spider
