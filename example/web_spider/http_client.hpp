// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_HTTP_CLIENT_HPP
#define TORO_EXAMPLE_WEB_SPIDER_HTTP_CLIENT_HPP

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/system/error_code.hpp>
#include <boost/url/url.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connection.hpp"
#include "http_reply.hpp"
#include "proxy.hpp"

namespace spider {

namespace asio = boost::asio;
namespace urls = boost::urls;

/// The addresses that a host's name stands for.
using addresses = std::vector<asio::ip::tcp::endpoint>;

/// Names and values of HTTP headers.
using header_list = std::vector<std::pair<std::string, std::string>>;

/// How long the steps of a request may take.
struct request_limits
{
  std::chrono::milliseconds connect; // the handshake of TLS included
  std::chrono::milliseconds read;    // for the whole answer
};

/// Which bodies are read. Of any other one the status decides.
enum class body_use
{
  none,     ///< None at all.
  document, ///< With 2xx: those in which links can be, if they are not too
            ///< long.
  text,     ///< With 2xx: each, and no more of it than the limit.
};

/// A request with GET.
struct http_request
{
  urls::url url{};
  addresses where{};          // of the host, or of the proxy
  const proxy* via = nullptr; // the proxy, if any
  header_list headers{};      // besides those that every request has
  body_use body = body_use::document;
  std::size_t body_limit = 0; // in bytes
};

/// Sends requests, one after the other, and keeps its connection if it can.
class http_client
{
public:
  /// Make a client.
  /** @param tls Null if https is not needed. */
  http_client(asio::any_io_executor ex, const request_limits& limits,
              std::shared_ptr<tls_settings> tls = nullptr);

  /// Send a request and read the answer.
  /**
   * A body that is not to be read decides nothing: the connection is closed in
   * front of it, if it is not short enough to be skipped.
   *
   * The time-outs end it with @c boost::beast::error::timeout.
   */
  asio::awaitable<http_reply> get(const http_request& request);

private:
  asio::awaitable<std::optional<http_reply>> connect(const http_request& what);
  asio::awaitable<std::optional<http_reply>>
  open_tunnel(connection& to_proxy, const http_request& what);
  asio::awaitable<http_reply> send_and_read(const http_request& what);
  void disconnect();

  asio::any_io_executor executor_;
  request_limits limits_;
  std::shared_ptr<tls_settings> tls_;
  std::unique_ptr<connection> connection_;
  boost::beast::flat_buffer received_; // but not yet parsed
  std::string connected_to_;           // the origin, or empty
};

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_HTTP_CLIENT_HPP
