// SPDX-License-Identifier: BSL-1.0
// One source cancels the timers of all sessions. Each session has a child of
// the source, so that a single session can be cancelled as well.
#include <toro/cancellation_source.hpp>

#include <boost/asio.hpp>

#include <chrono>
#include <iostream>

namespace asio = boost::asio;

asio::awaitable<void> serve(toro::cancellation_source stop, int client)
{
  asio::steady_timer timer(co_await asio::this_coro::executor,
                           std::chrono::hours(1));
  auto [ec] = co_await timer.async_wait(
      toro::bind_cancellation(stop, asio::as_tuple(asio::use_awaitable)));
  std::cout << "client " << client << ": " << ec.message() << "\n";
}

asio::awaitable<void> run(toro::cancellation_source shutdown)
{
  const auto executor = co_await asio::this_coro::executor;
  toro::cancellation_source first = shutdown.child();
  asio::co_spawn(executor, serve(first, 1), asio::detached);
  asio::co_spawn(executor, serve(shutdown.child(), 2), asio::detached);
  co_await asio::post(asio::use_awaitable); // Both wait now.
  std::cout << "cancelled " << first.cancel() << "\n";
  std::cout << "cancelled " << shutdown.cancel() << "\n";
  std::cout << "a late child is cancelled: " << shutdown.child().cancelled()
            << "\n";
}

int main()
{
  asio::io_context context;
  asio::co_spawn(context, run(toro::cancellation_source(context)),
                 asio::detached);
  context.run();
}
