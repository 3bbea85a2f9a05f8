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
  std::string content_encoding{};
  bool is_read = false;     // the body was wanted; else it is not kept
  std::string body{};       // unpacked
  std::size_t bytes = 0;    // read of the body, as it was sent
  bool too_large = false;   // the body goes on beyond the limit
  std::string unreadable{}; // why the body cannot be read; may be empty
  std::size_t tries = 1;    // the requests that this answer took
  std::string no_retry{};   // why the server was not asked again; may be empty
  std::string notice{}; // what the user should know of the host; may be empty
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

/// Unpack the body, if it is packed by gzip.
/**
 * Notes in the reply if that is impossible, or if the body goes on beyond the
 * limit.
 *
 * @param limit The most bytes that are unpacked.
 */
void unpack_body(http_reply& reply, std::size_t limit);

/// Whether the media type of a reply is that of a page.
bool is_html(const http_reply& reply);

/// A status with its reason, such as "404 Not Found".
std::string status_text(unsigned status);

/// Make the reply that stands for a step that failed.
http_reply failed_reply(std::string step, boost::system::error_code error,
                        std::string text = {});

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_HTTP_REPLY_HPP
