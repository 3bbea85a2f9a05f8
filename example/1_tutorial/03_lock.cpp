// SPDX-License-Identifier: BSL-1.0
// One coroutine at a time is in a section, although it waits inside.
#include <toro/lock.hpp>

#include <boost/asio.hpp>

#include <iostream>

namespace asio = boost::asio;

asio::awaitable<void> say(toro::lock& mutex, const char* first,
                          const char* second)
{
  auto guard = co_await mutex.async_acquire(asio::use_awaitable);
  std::cout << first << ' ';
  co_await asio::post(asio::use_awaitable); // Others could get in.
  std::cout << second << '\n';
}

int main()
{
  asio::io_context context;
  toro::lock mutex(context);
  asio::co_spawn(context, say(mutex, "good", "morning"), asio::detached);
  asio::co_spawn(context, say(mutex, "good", "night"), asio::detached);
  context.run();
}
