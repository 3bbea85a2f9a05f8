// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_VISIT_HPP
#define TORO_EXAMPLE_WEB_SPIDER_VISIT_HPP

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "http_client.hpp"

namespace spider {

/// How a request ended.
enum class ending
{
  answered,
  timed_out, ///< One of its steps took longer than it may.
  failed,    ///< No connection, or it broke.
};

/// How many links of which kind.
struct link_counts
{
  std::size_t on_site = 0;
  std::size_t off_site = 0;
  std::size_t not_http = 0;
  std::size_t malformed = 0;
  std::size_t with_user = 0; // of those on the site: user:password@host
};

/// What is remembered of the visit to a URL.
struct visit
{
  ending how = ending::failed;
  unsigned status = 0; // 0: not answered
  bool is_html = false;
  bool too_large = false;   // a page whose links were not followed
  bool leaves_site = false; // by a redirect
  std::size_t bytes = 0;    // of the body
  link_counts links{};      // on the page
  std::chrono::steady_clock::duration took{};
  std::string redirects_to{}; // as the server wrote it
  std::string problem{};      // why a link to it is broken; empty if it is not
  std::string notice{};       // what else the user should know; may be empty
};

/// A visited page, as the report needs it.
struct page_row
{
  std::string url{};
  visit result{};
  std::vector<std::string> found_on{}; // sorted
};

/// Draw the conclusions from a server's reply.
/** The links and the fate of a redirect are not known yet. */
visit visit_of(const http_reply& reply);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_VISIT_HPP
