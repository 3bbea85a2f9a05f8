// SPDX-License-Identifier: BSL-1.0
// A producer is at most three items ahead of a consumer. When the work on all
// items is done, the queue is closed, and the consumer ends.
#include <toro/joinable_queue.hpp>

#include <boost/asio.hpp>

#include <iostream>

namespace asio = boost::asio;

asio::awaitable<void> produce(toro::joinable_queue<int>& items)
{
  for (int item = 0; item != 5; ++item)
  {
    co_await items.async_put(item, asio::use_awaitable);
    std::cout << "sent " << item << '\n';
  }
  co_await items.async_join(asio::use_awaitable);
  std::cout << "all done\n";
  items.close();
}

asio::awaitable<void> consume(toro::joinable_queue<int>& items)
{
  for (;;)
  {
    const auto [closed, item] =
        co_await items.async_get(asio::as_tuple(asio::use_awaitable));
    if (closed)
      break;
    std::cout << "got " << item << '\n';
    items.task_done();
  }
  std::cout << "closed\n";
}

int main()
{
  asio::io_context context;
  toro::joinable_queue<int> items(context, 3);
  asio::co_spawn(context, produce(items), asio::detached);
  context.poll(); // It has to wait with the fourth.
  asio::co_spawn(context, consume(items), asio::detached);
  context.run();
}
