// SPDX-License-Identifier: BSL-1.0

#include "sitemap_links.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

#include "html_entities.hpp"

namespace spider {

namespace {

// What follows `end`, or nothing.
std::string_view behind(std::string_view text, std::string_view end)
{
  const auto found = text.find(end);
  return found == std::string_view::npos ? std::string_view{}
                                         : text.substr(found + end.size());
}

// The name of the element whose "<" stands in front, without its namespace.
std::string_view element_name(std::string_view text)
{
  text = text.substr(0, 64); // all that is long enough for a name of ours
  const auto name = text.substr(0, text.find_first_of(" \t\r\n/>"));
  const auto colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

// The text in front of the next tag, without the frame of a CDATA section.
std::string content(std::string_view text)
{
  constexpr std::string_view cdata = "<![CDATA[";
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin != std::string_view::npos && text.substr(begin).starts_with(cdata))
  {
    text.remove_prefix(begin + cdata.size());
    return std::string(text.substr(0, text.find("]]>")));
  }
  return with_entities_decoded(text.substr(0, text.find('<')));
}

} // namespace

bool find_sitemap_links(std::string_view xml, link_list& links)
{
  bool is_in_root = false;
  for (auto rest = behind(xml, "<"); !rest.empty(); rest = behind(rest, "<"))
  {
    if (rest.starts_with("!--"))
      rest = behind(rest, "-->");
    else if (rest.starts_with("![CDATA["))
      rest = behind(rest, "]]>");
    else if (rest[0] == '?' || rest[0] == '!' || rest[0] == '/')
      continue;
    else if (const auto name = element_name(rest); !is_in_root)
    {
      is_in_root = name == "urlset" || name == "sitemapindex";
      if (!is_in_root)
        return false;
    }
    else if (name == "loc")
    {
      rest = behind(rest, ">");
      links.add(content(rest));
    }
  }
  return is_in_root;
}

} // namespace spider
