// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_RECIPES_HTTP_SERVER_HPP
#define TORO_EXAMPLE_RECIPES_HTTP_SERVER_HPP

#include <toro/event.hpp>
#include <toro/semaphore.hpp>
#include <toro/task_group.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include "client_table.hpp"

namespace recipes {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using request = http::request<http::string_body>;
using response = http::response<http::string_body>;
using boost::system::error_code;
using strand_type = asio::strand<asio::io_context::executor_type>;

/// Makes an awaitable that gives the error beside the rest, and throws none.
inline constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// Answers a request. An exception becomes a status of 500.
/** It has to end soon after it was cancelled. */
using request_handler =
    std::function<asio::awaitable<response>(const request&)>;

struct server_limits
{
  std::size_t connections = 1000; // more of them wait to be accepted
  std::size_t connections_per_client = 100;
  std::chrono::milliseconds patience{0};      // then a client's next get 429
  std::chrono::milliseconds idle{60'000};     // until the next request
  std::chrono::milliseconds transfer{10'000}; // of a request, of an answer
  std::chrono::milliseconds linger{500};      // for a last request or its end
  std::chrono::milliseconds grace{10'000};    // from stop() to the cut
};

struct server_statistics
{
  std::atomic<std::size_t> served = 0;  // requests that the handler answered
  std::atomic<std::size_t> refused = 0; // requests answered with 429
  std::atomic<std::size_t> cut = 0;     // connections that outlasted the grace
};

/// An HTTP server that bounds its connections and stops without losing any.
/**
 * A connection holds a place from before it is accepted until it is closed;
 * those that find none wait in the backlog of the listening socket.
 * stop() lets every request that was sent be answered, also those of
 * connections that were not yet accepted; when the grace is over, it cuts what
 * is left. Members are called on the strand that the server was made with.
 */
class http_server
{
public:
  http_server(strand_type ex, unsigned short port, const server_limits& limits,
              request_handler handler);

  unsigned short port() const;

  /// Serve until stop() was called and the last connection has ended.
  asio::awaitable<void> run();

  void stop();

  const server_statistics& statistics() const noexcept
  {
    return statistics_;
  }

private:
  using client_pointer = std::shared_ptr<toro::semaphore>;

  asio::awaitable<void> accept_connections(toro::task_group& connections);
  asio::awaitable<toro::permit> next_place();
  asio::awaitable<error_code> accept(asio::ip::tcp::socket& socket);
  void attend_to(asio::ip::tcp::socket socket, toro::permit place,
                 toro::task_group& connections);

  asio::awaitable<void> attend(asio::ip::tcp::socket socket,
                               client_pointer client, toro::permit place);
  asio::awaitable<void> cut(beast::tcp_stream& stream);
  asio::awaitable<void> converse(beast::tcp_stream& stream,
                                 toro::semaphore& client);
  asio::awaitable<void> answer_requests(beast::tcp_stream& stream,
                                        bool admitted);
  asio::awaitable<bool> has_next_request(beast::tcp_stream& stream);
  asio::awaitable<bool> exchange(beast::tcp_stream& stream,
                                 beast::flat_buffer& received, bool admitted);
  asio::awaitable<response> answer(const request& asked, bool admitted);
  asio::awaitable<void> part(beast::tcp_stream& stream);

  const server_limits limits_;
  const request_handler handler_;
  server_statistics statistics_;
  strand_type strand_;
  asio::ip::tcp::acceptor acceptor_;
  client_table clients_;
  toro::semaphore places_;
  toro::event stopping_; // take no more connections
  toro::event hurry_;    // full, or stopping: keep none for a next request
  toro::event cut_;      // end what has begun
};

/// Make an answer of plain text.
response text_response(http::status status, std::string text);

/// Whether a read would end at once, with data, the end, or an error.
/** The socket has to be non-blocking. */
bool has_input(asio::ip::tcp::socket& socket);

} // namespace recipes

#endif // TORO_EXAMPLE_RECIPES_HTTP_SERVER_HPP
