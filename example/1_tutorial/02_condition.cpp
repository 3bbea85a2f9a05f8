// SPDX-License-Identifier: BSL-1.0
// A coroutine waits until the program's own data are as it needs them.
#include <toro/condition.hpp>

#include <boost/asio.hpp>

#include <iostream>

namespace asio = boost::asio;

asio::awaitable<void> wait_for(toro::condition& changed, const int& level)
{
  auto is_high = [&level]
  {
    return level >= 3;
  };
  co_await changed.async_wait(is_high, asio::use_awaitable);
  std::cout << "level " << level << '\n';
}

int main()
{
  asio::io_context context;
  toro::condition changed(context);
  int level = 0;
  asio::co_spawn(context, wait_for(changed, level), asio::detached);
  while (context.poll() != 0) // While something can run.
  {
    ++level;
    changed.notify_all();
  }
}
