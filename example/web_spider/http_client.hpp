// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_HTTP_CLIENT_HPP
#define TORO_EXAMPLE_WEB_SPIDER_HTTP_CLIENT_HPP

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/system/error_code.hpp>
#include <boost/url/url.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace spider {

namespace asio = boost::asio;
namespace urls = boost::urls;

/// The addresses that a host's name stands for.
using addresses = std::vector<asio::ip::tcp::endpoint>;

/// How long the steps of a request may take, and how much an answer may hold.
struct request_limits
{
  std::chrono::milliseconds connect;
  std::chrono::milliseconds read; // for the whole answer
  std::size_t body_bytes;         // of an HTML page
};

/// What a server answered, or why it did not.
struct http_reply
{
  const char* failed_step = "";      // "resolve", "connect", "send" or "read"
  boost::system::error_code error{}; // of that step; the rest is empty then
  unsigned status = 0;
  std::string content_type{};
  std::string location{};
  std::string retry_after{};
  std::string date{};
  std::string body{};     // of an HTML page with 2xx; else it is not kept
  std::size_t bytes = 0;  // read of the body
  bool too_large = false; // the page goes on beyond the limit
  std::size_t tries = 1;  // the requests that this answer took
  std::string no_retry{}; // why the server was not asked again; may be empty
  std::chrono::steady_clock::duration took{};
};

/// Whether the media type of a reply is that of a page.
bool is_html(const http_reply& reply);

/// Make the reply that stands for a step that failed.
http_reply failed_reply(const char* step, boost::system::error_code error);

/// Sends requests, one after the other, and keeps its connection if it can.
class http_client
{
public:
  http_client(asio::any_io_executor ex, const request_limits& limits);

  /// Get @p url from the host at @p where.
  /**
   * Only the body of an HTML page with 2xx is read, up to the limit. Any other
   * body decides nothing: the connection is closed in front of it, if it is not
   * short enough to be skipped.
   *
   * The time-outs end it with @c boost::beast::error::timeout.
   */
  asio::awaitable<http_reply> get(const addresses& where, const urls::url& url);

private:
  asio::awaitable<boost::system::error_code> connect(const addresses& where,
                                                     const std::string& host);
  asio::awaitable<http_reply> exchange(const urls::url& url);
  http_reply failed(const char* step, boost::system::error_code error);
  void disconnect();

  request_limits limits_;
  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer received_; // but not yet parsed
  std::string connected_to_;           // "name:port", or empty
};

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_HTTP_CLIENT_HPP
