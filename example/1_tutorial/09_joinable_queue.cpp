// SPDX-License-Identifier: BSL-1.0
// Joining a queue means waiting until the work on all its items is done. It is
// not enough that the items were taken out.
#include <toro/joinable_queue.hpp>

#include <boost/asio.hpp>

#include <iostream>

namespace asio = boost::asio;

asio::awaitable<void> work(toro::joinable_queue<int>& tasks)
{
  while (tasks.unfinished() != 0)
  {
    const int task = co_await tasks.async_get(asio::use_awaitable);
    co_await asio::post(asio::use_awaitable);
    std::cout << "done " << task << '\n';
    tasks.task_done();
  }
}

asio::awaitable<void> wait_for_all(toro::joinable_queue<int>& tasks)
{
  co_await tasks.async_join(asio::use_awaitable);
  std::cout << "all\n";
}

int main()
{
  asio::io_context context;
  toro::joinable_queue<int> tasks(context);
  for (int i = 1; i != 4; ++i)
    (void)tasks.try_put(i);
  asio::co_spawn(context, wait_for_all(tasks), asio::detached);
  asio::co_spawn(context, work(tasks), asio::detached);
  context.run();
}
