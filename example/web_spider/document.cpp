// SPDX-License-Identifier: BSL-1.0

#include "document.hpp"

#include <utility>

#include "css_links.hpp"
#include "html_links.hpp"
#include "link_list.hpp"
#include "sitemap_links.hpp"

namespace spider {

namespace {

document page_document(const http_reply& reply, std::size_t limit)
{
  html_links found = find_links(reply.body, limit);
  document read;
  read.base = std::move(found.base);
  read.links = std::move(found.links);
  read.has_more = found.has_more;
  read.anchors = std::move(found.anchors);
  return read;
}

} // namespace

document read_document(const http_reply& reply, std::size_t limit)
{
  if (is_html(reply))
    return page_document(reply, limit);
  document read;
  link_list links(limit);
  if (media_of(reply) == media::style_sheet)
    find_css_links(reply.body, links);
  else if (media_of(reply) == media::xml)
    read.is_sitemap = find_sitemap_links(reply.body, links);
  read.has_more = links.has_more();
  read.links = links.take();
  return read;
}

} // namespace spider
