// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_SITEMAP_LINKS_HPP
#define TORO_EXAMPLE_WEB_SPIDER_SITEMAP_LINKS_HPP

#include <string_view>

#include "link_list.hpp"

namespace spider {

/// Collect the URLs of a sitemap, or of an index of sitemaps.
/**
 * That is the content of each @c loc element.
 *
 * @param links The links are appended; none, if the root element of the XML is
 * neither @c urlset nor @c sitemapindex.
 *
 * @returns Whether it is a sitemap.
 *
 * @par Complexity
 * Linear in the length of the document, whatever it holds.
 */
bool find_sitemap_links(std::string_view xml, link_list& links);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_SITEMAP_LINKS_HPP
