// SPDX-License-Identifier: BSL-1.0

#include "document.hpp"

#include <string_view>
#include <utility>

#include "charset.hpp"
#include "css_links.hpp"
#include "html_links.hpp"
#include "link_list.hpp"
#include "sitemap_links.hpp"

namespace spider {

namespace {

// Browsers look for it no further.
constexpr std::size_t place_of_charset = 1024;

// By what comes first in the HTML standard, section 13.2.3.2.
charset charset_of(const http_reply& reply)
{
  const std::string_view body = reply.body;
  if (const auto marked = charset_of_mark(body))
    return *marked;
  if (const auto by_server = charset_of_type(reply.content_type))
    return *by_server;
  const auto declared = charset_declared_in(body);
  if (declared || !is_html(reply))
    return declared.value_or(charset::utf_8);
  const auto label = find_links(body.substr(0, place_of_charset)).charset_label;
  return label.empty() ? charset::utf_8 : charset_named_within(label);
}

document page_document(const std::string& body, charset encoding,
                       std::size_t limit)
{
  html_links found = find_links(body, limit);
  document read;
  read.base = std::move(found.base);
  for (std::string& link : found.links)
    link = with_query_in(encoding, std::move(link));
  read.links = std::move(found.links);
  read.has_more = found.has_more;
  read.anchors = std::move(found.anchors);
  return read;
}

} // namespace

document read_document(http_reply reply, std::size_t limit)
{
  const charset encoding = charset_of(reply);
  const std::string body = to_utf_8(std::move(reply.body), encoding);
  if (is_html(reply))
    return page_document(body, encoding, limit);
  document read;
  link_list links(limit);
  if (media_of(reply) == media::style_sheet)
    find_css_links(body, links);
  else if (media_of(reply) == media::xml)
    read.is_sitemap = find_sitemap_links(body, links);
  read.has_more = links.has_more();
  read.links = links.take();
  return read;
}

} // namespace spider
