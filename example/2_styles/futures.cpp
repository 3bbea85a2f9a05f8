// SPDX-License-Identifier: BSL-1.0
// Two workers share a lock, with futures: each is a thread of its own, which
// blocks.
#include <toro/lock.hpp>

#include <boost/asio.hpp>

#include <chrono>
#include <future>
#include <iostream>
#include <thread>

namespace asio = boost::asio;

void work(std::future<toro::guard> acquired, const char* name)
{
  const toro::guard guard = acquired.get();
  std::cout << name << " begins\n";
  std::this_thread::yield();
  std::cout << name << " ends\n";
}

int main()
{
  asio::thread_pool pool(1);
  toro::lock mutex(pool);
  // Asked for here, so that it is known who is the first.
  auto first = mutex.async_acquire(std::chrono::seconds(5), asio::use_future);
  auto second = mutex.async_acquire(std::chrono::seconds(5), asio::use_future);
  std::jthread one(work, std::move(first), "first");
  std::jthread two(work, std::move(second), "second");
}
