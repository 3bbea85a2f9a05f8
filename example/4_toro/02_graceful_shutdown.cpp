// SPDX-License-Identifier: BSL-1.0
// A poller holds the lock while it has a request under way. So a coroutine that
// gets the lock may end the program: no request is cut off.
#include <toro/event.hpp>
#include <toro/lock.hpp>

#include <boost/asio.hpp>

#include <iostream>

namespace asio = boost::asio;

asio::awaitable<void> poll(toro::lock& busy, toro::event& under_way)
{
  for (int request = 1;; ++request)
  {
    const auto guard = co_await busy.async_acquire(asio::use_awaitable);
    std::cout << "request " << request << '\n';
    if (request == 2)
      under_way.set();
    co_await asio::post(asio::use_awaitable); // Where a real one would wait.
    std::cout << "answer " << request << '\n';
  }
}

asio::awaitable<void> shut_down(toro::lock& busy, toro::event& under_way,
                                asio::io_context& context)
{
  co_await under_way.async_wait(asio::use_awaitable);
  std::cout << "shut down\n";
  const auto guard = co_await busy.async_acquire(asio::use_awaitable);
  context.stop();
  std::cout << "stopped\n";
}

int main()
{
  asio::io_context context;
  toro::lock busy(context);
  toro::event under_way(context);
  asio::co_spawn(context, poll(busy, under_way), asio::detached);
  asio::co_spawn(context, shut_down(busy, under_way, context), asio::detached);
  context.run();
}
