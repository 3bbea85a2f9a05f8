// SPDX-License-Identifier: BSL-1.0
// Two workers share a lock, with stackful coroutines.
#include <toro/lock.hpp>

#include <boost/asio.hpp>
#include <boost/asio/spawn.hpp>

#include <chrono>
#include <iostream>

namespace asio = boost::asio;

void work(toro::lock& mutex, const char* name, asio::yield_context yield)
{
  const auto guard = mutex.async_acquire(std::chrono::seconds(5), yield);
  std::cout << name << " begins\n";
  asio::post(yield);
  std::cout << name << " ends\n";
}

int main()
{
  asio::io_context context;
  toro::lock mutex(context);
  for (const char* name : {"first", "second"})
    asio::spawn(
        context,
        [&mutex, name](asio::yield_context yield)
        {
          work(mutex, name, yield);
        },
        asio::detached);
  context.run();
}
