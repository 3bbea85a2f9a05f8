// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_DOCUMENT_HPP
#define TORO_EXAMPLE_WEB_SPIDER_DOCUMENT_HPP

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "anchor_set.hpp"
#include "http_reply.hpp"

namespace spider {

/// What a page, a style sheet or a sitemap refers to.
struct document
{
  std::optional<std::string> base{}; // of a page
  std::vector<std::string> links{};
  bool has_more = false; // there are more than the limit
  bool is_sitemap = false;
  std::optional<anchor_set> anchors{}; // of a page
};

/// Read the body of a reply, by its media type.
/** @param limit No more links than that, and no more anchors. */
document read_document(http_reply reply, std::size_t limit);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_DOCUMENT_HPP
