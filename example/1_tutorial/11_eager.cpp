// SPDX-License-Identifier: BSL-1.0
// An operation that need not wait returns without a turn of the loop.
#include <toro/eager.hpp>
#include <toro/queue.hpp>

#include <boost/asio.hpp>

#include <iostream>

namespace asio = boost::asio;

asio::awaitable<void> eat(toro::queue<int>& items)
{
  for (int n = 0; n < 4; ++n)
  {
    const int item = co_await items.async_get(toro::eager);
    std::cout << "got " << item << '\n';
  }
}

int main()
{
  asio::io_context context;
  toro::queue<int> items(context);
  (void)items.try_put(1);
  (void)items.try_put(2);
  (void)items.try_put(3);
  asio::co_spawn(context, eat(items), asio::detached);
  asio::post(context,
             [&]
             {
               std::cout << "now it waits\n";
               (void)items.try_put(4);
             });
  context.run();
}
