// SPDX-License-Identifier: BSL-1.0
// A shop serves whatever comes first: an order, a return, or the end of the
// day. An item that did not come first stays in its queue.
#include <toro/event.hpp>
#include <toro/first_of.hpp>
#include <toro/queue.hpp>

#include <boost/asio.hpp>

#include <iostream>
#include <string>

namespace asio = boost::asio;
using asio::deferred;

asio::awaitable<void> serve(toro::event& closing,
                            toro::queue<std::string>& orders,
                            toro::queue<std::string>& returns)
{
  for (;;)
  {
    const auto [index, ec, ec1, order, ec2, returned] =
        co_await toro::async_first_of(
            closing.async_wait(deferred), orders.async_get(deferred),
            returns.async_get(deferred), asio::use_awaitable);
    if (index == 0)
      break;
    std::cout << (index == 1 ? "order " + order : "return " + returned) << "\n";
  }
  std::cout << "closed, " << orders.size() << " order left\n";
}

asio::awaitable<void> shop(toro::event& closing,
                           toro::queue<std::string>& orders,
                           toro::queue<std::string>& returns)
{
  co_await returns.async_put("milk", asio::use_awaitable);
  co_await orders.async_put("tea", asio::use_awaitable);
  co_await asio::post(asio::use_awaitable);
  closing.set();
  co_await orders.async_put("sugar", asio::use_awaitable);
}

int main()
{
  asio::io_context context;
  toro::event closing(context);
  toro::queue<std::string> orders(context), returns(context);
  asio::co_spawn(context, serve(closing, orders, returns), asio::detached);
  asio::co_spawn(context, shop(closing, orders, returns), asio::detached);
  context.run();
}
