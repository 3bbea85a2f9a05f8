// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_LINK_LISTS_HPP
#define TORO_EXAMPLE_WEB_SPIDER_LINK_LISTS_HPP

#include <string_view>

#include "link_list.hpp"

namespace spider {

/// Collect the URLs of a @c srcset, which are candidates for one image.
/**
 * @param links The links are appended.
 */
void find_srcset_links(std::string_view srcset, link_list& links);

/// Collect the URL of the @c content of a @c meta element, if it names one.
/**
 * @param content Such as "5; url=/elsewhere".
 *
 * @param links The link is appended.
 */
void find_refresh_link(std::string_view content, link_list& links);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_LINK_LISTS_HPP
