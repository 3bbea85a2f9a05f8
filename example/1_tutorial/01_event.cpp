// SPDX-License-Identifier: BSL-1.0
// A coroutine waits for an event, five seconds at most, and says how it ended.
#include <toro/event.hpp>

#include <boost/asio.hpp>

#include <chrono>
#include <iostream>

namespace asio = boost::asio;

asio::awaitable<void> wait_for(toro::event& ready)
{
  const auto [ec] = co_await ready.async_wait(
      std::chrono::seconds(5), asio::as_tuple(asio::use_awaitable));
  std::cout << (ec ? ec.message() : "ready") << '\n';
}

int main()
{
  asio::io_context context;
  toro::event ready(context);
  asio::co_spawn(context, wait_for(ready), asio::detached);
  context.poll(); // Now the coroutine waits.
  ready.set();
  context.run();
}
