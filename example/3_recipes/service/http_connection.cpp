// SPDX-License-Identifier: BSL-1.0

#include "http_connection.hpp"

#include <toro/first_of.hpp>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <utility>

namespace recipes {

namespace {

using asio::ip::tcp;
using boost::system::system_error;

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
  const auto ex = co_await asio::this_coro::executor;
  auto [first, failure, reply, unused] = co_await toro::async_first_of(
      asio::co_spawn(ex, exchange(target), asio::deferred),
      asio::co_spawn(ex, close_after(limit), asio::deferred),
      asio::use_awaitable);
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none)
    throw system_error(asio::error::operation_aborted);
  if (first == 1)
    throw system_error(asio::error::timed_out);
  if (failure)
    std::rethrow_exception(failure);
  co_return std::move(reply);
}

bool http_connection::is_alive()
{
  return is_reusable_ && !has_input(socket_);
}

// A server may close an idle connection at any time, and to ask again is safe
// for a GET.
asio::awaitable<response> http_connection::exchange(std::string_view target)
{
  try
  {
    if (is_reusable_)
    {
      auto reply = co_await try_exchange(target);
      co_return reply;
    }
  }
  catch (const system_error& error)
  {
    if (!is_hang_up(error.code()))
      throw;
  }
  co_await connect();
  auto reply = co_await try_exchange(target);
  co_return reply;
}

asio::awaitable<response> http_connection::try_exchange(std::string_view target)
{
  is_reusable_ = false;
  http::request<http::empty_body> asked(http::verb::get, target, 11);
  asked.set(http::field::host, server_.address().to_string());
  co_await http::async_write(socket_, asked, asio::use_awaitable);
  response reply;
  co_await http::async_read(socket_, received_, reply, asio::use_awaitable);
  is_reusable_ = reply.keep_alive() && received_.size() == 0;
  co_return reply;
}

asio::awaitable<void> http_connection::connect()
{
  socket_.close();
  received_.clear();
  co_await socket_.async_connect(server_, asio::use_awaitable);
  socket_.non_blocking(true);
  socket_.set_option(tcp::no_delay(true));
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
