// SPDX-License-Identifier: BSL-1.0
// Two workers share a lock, with coroutines.
#include <toro/lock.hpp>

#include <boost/asio.hpp>

#include <chrono>
#include <iostream>

namespace asio = boost::asio;

asio::awaitable<void> work(toro::lock& mutex, const char* name)
{
  const auto guard = co_await mutex.async_acquire(std::chrono::seconds(5),
                                                  asio::use_awaitable);
  std::cout << name << " begins\n";
  co_await asio::post(asio::use_awaitable);
  std::cout << name << " ends\n";
}

int main()
{
  asio::io_context context;
  toro::lock mutex(context);
  for (const char* name : {"first", "second"})
    asio::co_spawn(context, work(mutex, name), asio::detached);
  context.run();
}
