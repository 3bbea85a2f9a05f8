// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_CSS_LINKS_HPP
#define TORO_EXAMPLE_WEB_SPIDER_CSS_LINKS_HPP

#include <string_view>

#include "link_list.hpp"

namespace spider {

/// Collect what a style sheet, or the value of a style attribute, refers to.
/**
 * These count: @c url(...) and the string of @c \@import. Links to a part of
 * the document itself, such as @c url(#shadow), and @c \@namespace do not.
 *
 * @param links The links are appended, in the order of the text.
 *
 * @par Complexity
 * Linear in the length of the text, whatever it holds.
 */
void find_css_links(std::string_view css, link_list& links);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_CSS_LINKS_HPP
