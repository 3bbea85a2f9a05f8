// SPDX-License-Identifier: BSL-1.0
// Two workers do three rounds of work in step: neither begins a round before
// both are done with the last one.
#include <toro/barrier.hpp>

#include <boost/asio.hpp>

#include <iostream>

namespace asio = boost::asio;

asio::awaitable<void> work(toro::barrier& step, const char* name)
{
  int times_last = 0;
  for (int round = 1; round != 4; ++round)
  {
    std::cout << name << " works in round " << round << '\n';
    if (co_await step.async_arrive(asio::use_awaitable))
      ++times_last;
  }
  std::cout << name << " was last " << times_last << " times\n";
}

int main()
{
  asio::io_context context;
  toro::barrier step(context, 2);
  asio::co_spawn(context, work(step, "Ann"), asio::detached);
  asio::co_spawn(context, work(step, "Ben"), asio::detached);
  context.run();
}
