// SPDX-License-Identifier: BSL-1.0

#include "link_lists.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

namespace spider {

namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::string_view space = " \t\n\f\r";

// Remove what stands in front of the first character that is not of `set`.
void skip(std::string_view& text, std::string_view set)
{
  text.remove_prefix(std::min(text.find_first_not_of(set), text.size()));
}

// Remove a descriptor, such as "2x", and the comma behind it.
void skip_descriptor(std::string_view& text)
{
  bool is_in_parentheses = false;
  std::size_t end = 0;
  for (; end != text.size(); ++end)
  {
    if (text[end] == ',' && !is_in_parentheses)
      break;
    if (text[end] == '(')
      is_in_parentheses = true;
    if (text[end] == ')')
      is_in_parentheses = false;
  }
  text.remove_prefix(end);
}

} // namespace

// The algorithm of the HTML standard, section 4.8.4.2.
void find_srcset_links(std::string_view srcset, link_list& links)
{
  for (skip(srcset, " \t\n\f\r,"); !srcset.empty(); skip(srcset, " \t\n\f\r,"))
  {
    std::string_view link = srcset.substr(0, srcset.find_first_of(space));
    srcset.remove_prefix(link.size());
    const bool has_descriptor = !link.ends_with(',');
    while (link.ends_with(','))
      link.remove_suffix(1);
    links.add(std::string(link));
    if (has_descriptor)
      skip_descriptor(srcset);
  }
}

// The algorithm of the HTML standard, section 4.2.5.3.
void find_refresh_link(std::string_view content, link_list& links)
{
  skip(content, space);
  const auto time = content.size();
  skip(content, "0123456789.");
  if (content.size() == time || content.empty())
    return;
  if (space.find(content[0]) == npos && content[0] != ';' && content[0] != ',')
    return;
  skip(content, space);
  if (content.starts_with(';') || content.starts_with(','))
    content.remove_prefix(1);
  skip(content, space);
  std::string_view link = content;
  const auto is_letter = [&link](char c)
  {
    const bool is_it = !link.empty() && (link[0] | 0x20) == c;
    if (is_it)
      link.remove_prefix(1);
    return is_it;
  };
  const auto is_url = is_letter('u') && is_letter('r') && is_letter('l');
  skip(link, space);
  if (is_url && link.starts_with('='))
  {
    link.remove_prefix(1);
    skip(link, space);
  }
  else
    link = content;
  if (!link.empty() && (link[0] == '"' || link[0] == '\''))
  {
    const char quote = link[0];
    link.remove_prefix(1);
    link = link.substr(0, link.find(quote));
  }
  if (!link.empty())
    links.add(std::string(link));
}

} // namespace spider
