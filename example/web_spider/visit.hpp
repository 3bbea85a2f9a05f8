// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_VISIT_HPP
#define TORO_EXAMPLE_WEB_SPIDER_VISIT_HPP

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "http_reply.hpp"
#include "rare_text.hpp"

namespace spider {

/// How a request ended.
enum class ending : unsigned char
{
  answered,
  timed_out,  ///< One of its steps took longer than it may.
  failed,     ///< No connection, or it broke.
  disallowed, ///< By robots.txt; nothing was sent.
};

/// How many links of which kind.
struct link_counts
{
  std::size_t on_site = 0;
  std::size_t external = 0; // of those off the site: checked
  std::size_t off_site = 0; // not checked
  std::size_t not_http = 0;
  std::size_t malformed = 0;
  std::size_t with_user = 0; // of those checked: user:password@host
  std::size_t excluded = 0;  // by --include or --exclude
  std::size_t too_deep = 0;  // beyond --depth

  link_counts& operator+=(const link_counts& more);
};

/// What is remembered of the visit to a URL. There are as many as URLs.
struct visit
{
  ending how = ending::failed;
  unsigned short status = 0; // 0: not answered
  bool is_html = false;
  bool is_sitemap = false;
  bool too_large = false;   // a page whose links were not followed
  bool leaves_site = false; // by a redirect
  std::size_t bytes = 0;    // of the body
  std::chrono::steady_clock::duration took{};
  rare_text redirects_to{}; // as the server wrote it, without a user
  rare_text problem{};      // why a link to it is broken; empty if it is not
  rare_text notice{};       // what else the user should know; may be empty
};

/// A visited page, which stays where it is.
struct visited_page
{
  std::string_view url{};
  const visit* result = nullptr;
  bool is_external = false;
};

/// A link that is wrong, as the report needs it.
struct page_row
{
  std::string url{};
  visit result{};
  bool is_external = false;
  bool is_malformed = false;                // it is no URL
  std::vector<std::string_view> found_on{}; // sorted
  std::size_t found_on_more = 0;            // pages beyond those
};

/// Draw the conclusions from a server's reply.
/** The fate of a redirect is not known yet. */
visit visit_of(const http_reply& reply);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_VISIT_HPP
