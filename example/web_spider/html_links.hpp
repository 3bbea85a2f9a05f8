// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_HTML_LINKS_HPP
#define TORO_EXAMPLE_WEB_SPIDER_HTML_LINKS_HPP

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "anchor_set.hpp"
#include "link_list.hpp"

namespace spider {

/// The links of one HTML document, as they are written there.
struct html_links
{
  std::optional<std::string> base; ///< From the first <base href>, if any.
  std::vector<std::string> links;  ///< In the order of the document.
  bool has_more = false;           ///< There are more links than the limit.
  anchor_set anchors;              ///< What fragments can name.
  std::string charset_label{};     ///< From the first <meta> with a charset.
};

/// Read a document as a browser does, and collect what it refers to.
/**
 * These count: @c href of @c a, @c area and @c link (but for hints such as
 * @c preconnect), @c src of @c img, @c script, @c iframe, @c frame, @c embed,
 * @c audio, @c video, @c source, @c track and @c input, @c data of @c object,
 * @c poster of @c video, @c srcset and @c imagesrcset, what a @c meta element
 * refreshes to, and what the CSS in @c style attributes and @c style elements
 * refers to. Forms and scripts are not followed.
 *
 * Each @c id is an anchor, and each @c name of an @c a.
 *
 * @param html The document, in UTF-8. Whatever it holds, it is no error.
 *
 * @param limit No more links than that are returned, and no more anchors.
 *
 * @par Complexity
 * Linear in the length of the document, whatever it holds: nesting, elements
 * that are never closed, and attributes without number cost no more than text.
 */
html_links find_links(std::string_view html,
                      std::size_t limit = link_list::no_limit);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_HTML_LINKS_HPP
