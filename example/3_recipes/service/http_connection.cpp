// SPDX-License-Identifier: BSL-1.0

#include "http_connection.hpp"

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/system/system_error.hpp>

#include <tuple>
#include <utility>
#include <variant>

namespace recipes {

namespace {

using asio::experimental::awaitable_operators::operator||;
using asio::ip::tcp;

bool is_hang_up(error_code ec)
{
  return ec == http::error::end_of_stream ||
         ec == asio::error::connection_reset || ec == asio::error::broken_pipe;
}

} // namespace

http_connection::http_connection(asio::any_io_executor ex,
                                 const tcp::endpoint& server)
  : server_(server),
    socket_(std::move(ex))
{
}

asio::awaitable<response> http_connection::get(std::string_view target,
                                               std::chrono::milliseconds limit)
{
  response reply;
  const auto first = co_await (exchange(target, reply) || close_after(limit));
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none)
    throw boost::system::system_error(asio::error::operation_aborted);
  const error_code* failure = std::get_if<0>(&first);
  if (failure == nullptr)
    throw boost::system::system_error(asio::error::timed_out);
  if (*failure)
    throw boost::system::system_error(*failure);
  co_return reply;
}

bool http_connection::is_alive()
{
  return is_reusable_ && !has_input(socket_);
}

// A server may close an idle connection at any time, and to ask again is safe
// for a GET. Throws no error of the network, because `||` would then wait until
// the time is over.
asio::awaitable<error_code> http_connection::exchange(std::string_view target,
                                                      response& reply)
{
  const bool may_be_stale = is_reusable_;
  error_code ec = co_await try_exchange(target, reply);
  if (may_be_stale && is_hang_up(ec))
  {
    socket_.close();
    ec = co_await try_exchange(target, reply);
  }
  co_return ec;
}

asio::awaitable<error_code>
http_connection::try_exchange(std::string_view target, response& reply)
{
  error_code ec;
  if (!socket_.is_open())
    ec = co_await connect();
  is_reusable_ = false;
  if (ec)
    co_return ec;
  http::request<http::empty_body> asked(http::verb::get, target, 11);
  asked.set(http::field::host, server_.address().to_string());
  std::size_t bytes = 0;
  std::tie(ec, bytes) = co_await http::async_write(socket_, asked, as_result);
  if (!ec)
    std::tie(ec, bytes) =
        co_await http::async_read(socket_, received_, reply, as_result);
  is_reusable_ = !ec && reply.keep_alive() && received_.size() == 0;
  co_return ec;
}

asio::awaitable<error_code> http_connection::connect()
{
  auto [ec] = co_await socket_.async_connect(server_, as_result);
  if (!ec)
    socket_.non_blocking(true, ec);
  if (!ec)
    socket_.set_option(tcp::no_delay(true), ec);
  co_return ec;
}

// Closes the socket also when both are cancelled: a cancellation between two
// steps of a composed operation is missed by it.
asio::awaitable<void>
http_connection::close_after(std::chrono::milliseconds limit)
{
  asio::steady_timer timer(co_await asio::this_coro::executor, limit);
  co_await timer.async_wait(as_result);
  if (!is_reusable_)
    socket_.close();
}

} // namespace recipes
