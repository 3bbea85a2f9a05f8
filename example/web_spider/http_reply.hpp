// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_HTTP_REPLY_HPP
#define TORO_EXAMPLE_WEB_SPIDER_HTTP_REPLY_HPP

#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstddef>
#include <string>

namespace spider {

/// What a server answered, or why it did not.
struct http_reply
{
  std::string failed_step{}; // "resolve", "connect", "send", "read", ...
  boost::system::error_code error{}; // of that step; the rest is empty then
  std::string error_text{};          // says more than the error's message
  bool is_disallowed = false;        // by robots.txt; nothing was sent
  unsigned status = 0;
  std::string content_type{};
  std::string location{};
  std::string retry_after{};
  std::string date{};
  bool is_read = false; // the body was wanted; else it is not kept
  std::string body{};
  std::size_t bytes = 0;  // read of the body
  bool too_large = false; // the body goes on beyond the limit
  std::size_t tries = 1;  // the requests that this answer took
  std::string no_retry{}; // why the server was not asked again; may be empty
  std::chrono::steady_clock::duration took{};
};

/// What a body holds, by its media type.
enum class media
{
  page,        ///< HTML or XHTML.
  style_sheet, ///< CSS.
  xml,         ///< XML that may be a sitemap.
  other,
};

media media_of(const http_reply& reply);

/// Whether the media type of a reply is that of a page.
bool is_html(const http_reply& reply);

/// Make the reply that stands for a step that failed.
http_reply failed_reply(std::string step, boost::system::error_code error,
                        std::string text = {});

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_HTTP_REPLY_HPP
