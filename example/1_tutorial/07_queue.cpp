// SPDX-License-Identifier: BSL-1.0
// A queue with a bound makes the producer wait. close() ends the consumer when
// nothing is left.
#include <toro/queue.hpp>

#include <boost/asio.hpp>

#include <iostream>
#include <string>

namespace asio = boost::asio;

asio::awaitable<void> produce(toro::queue<std::string>& orders)
{
  for (const char* order : {"tea", "milk", "sugar"})
  {
    co_await orders.async_put(order, asio::use_awaitable);
    std::cout << "put " << order << '\n';
  }
  orders.close();
}

asio::awaitable<void> consume(toro::queue<std::string>& orders)
{
  for (;;)
  {
    auto [closed, order] =
        co_await orders.async_get(asio::as_tuple(asio::use_awaitable));
    if (closed)
      break;
    std::cout << "got " << order << '\n';
  }
  std::cout << "closed\n";
}

int main()
{
  asio::io_context context;
  toro::queue<std::string> orders(context, 1);
  asio::co_spawn(context, produce(orders), asio::detached);
  context.poll(); // One is in the queue, the next one waits.
  std::cout << orders.size() << " in, " << orders.putters() << " waiting\n";
  asio::co_spawn(context, consume(orders), asio::detached);
  context.run();
}
