// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_RECIPES_HTTP_CONNECTION_HPP
#define TORO_EXAMPLE_RECIPES_HTTP_CONNECTION_HPP

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <chrono>
#include <string_view>

#include "../http_server/http_server.hpp"

namespace recipes {

/// A connection to an HTTP server, which it keeps if it can.
/**
 * For one coroutine at a time, on any strand, but on one. That is why this has
 * a plain socket: a beast::tcp_stream is bound to one strand by its timer.
 */
class http_connection
{
public:
  http_connection(asio::any_io_executor ex,
                  const asio::ip::tcp::endpoint& server);

  /// Send a request, and get the answer. Connects first, if that was not done.
  /** Throws @c boost::system::system_error, @c timed_out after @p limit. After
   * that, and after a cancellation, the connection cannot be used any more. */
  asio::awaitable<response> get(std::string_view target,
                                std::chrono::milliseconds limit);

  /// Whether another request may be tried: the server has not closed it.
  bool is_alive();

private:
  asio::awaitable<response> exchange(std::string_view target);
  asio::awaitable<response> try_exchange(std::string_view target);
  asio::awaitable<void> connect();
  asio::awaitable<void> close_after(std::chrono::milliseconds limit);

  asio::ip::tcp::endpoint server_;
  asio::ip::tcp::socket socket_;
  beast::flat_buffer received_;
  bool is_reusable_ = false; // between two requests
};

} // namespace recipes

#endif // TORO_EXAMPLE_RECIPES_HTTP_CONNECTION_HPP
