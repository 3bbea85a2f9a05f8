// SPDX-License-Identifier: BSL-1.0
// A value reaches all readers, whether they ask before or after it is set. A
// read with a deadline of zero does not wait for it.
#include <toro/async_result.hpp>

#include <boost/asio.hpp>

#include <chrono>
#include <iostream>

namespace asio = boost::asio;

asio::awaitable<void> read(toro::async_result<int>& answer)
{
  const int value = co_await answer.async_get(asio::use_awaitable);
  std::cout << "answer " << value << '\n';
}

asio::awaitable<void> hurry(toro::async_result<int>& answer)
{
  const auto [ec, value] = co_await answer.async_get(
      std::chrono::seconds(0), asio::as_tuple(asio::use_awaitable));
  if (ec == asio::error::timed_out)
    std::cout << "too early\n";
}

int main()
{
  asio::io_context context;
  toro::async_result<int> answer(context);
  asio::co_spawn(context, read(answer), asio::detached);
  asio::co_spawn(context, hurry(answer), asio::detached);
  context.poll();
  answer.set(42);
  asio::co_spawn(context, read(answer), asio::detached);
  context.run();
}
