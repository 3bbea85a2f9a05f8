// SPDX-License-Identifier: BSL-1.0
// Three workers start together. A latch keeps each until all have arrived, and
// another one tells when all are done.
#include <toro/latch.hpp>

#include <boost/asio.hpp>

#include <iostream>

namespace asio = boost::asio;

asio::awaitable<void> work(toro::latch& start, toro::latch& done)
{
  std::cout << "arrived\n";
  co_await start.async_arrive(asio::use_awaitable);
  std::cout << "working\n";
  done.count_down();
}

asio::awaitable<void> wait_for(toro::latch& done)
{
  co_await done.async_wait(asio::use_awaitable);
  std::cout << "all done\n";
}

int main()
{
  asio::io_context context;
  toro::latch start(context, 3);
  toro::latch done(context, 3);
  asio::co_spawn(context, wait_for(done), asio::detached);
  for (int i = 0; i != 3; ++i)
    asio::co_spawn(context, work(start, done), asio::detached);
  context.run();
}
