// SPDX-License-Identifier: BSL-1.0
#include <toro/eager.hpp>
#include <toro/queue.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/test/unit_test.hpp>

#include <thread>

#include "worker_threads.hpp"

namespace toro_test {

BOOST_AUTO_TEST_SUITE(eager_waits)

namespace {

namespace asio = boost::asio;

using namespace std::chrono_literals;

// Gets with a deadline that often passes, until there is nothing to come.
asio::awaitable<void> get_all(toro::queue<std::size_t>& items, std::size_t& got)
{
  for (;;)
  {
    const auto [ec, item] =
        co_await items.async_get(20us, asio::as_tuple(asio::use_awaitable));
    count_race();
    if (ec == toro::error::closed)
      co_return;
    if (!ec)
      expect(item == got++, "an item was lost");
  }
}

asio::awaitable<void> put_all(toro::queue<std::size_t>& items,
                              std::size_t count)
{
  for (std::size_t i = 0; i < count; ++i)
  {
    co_await items.async_put(i, toro::eager);
    // The next one is to meet a get that waits.
    while (items.size() != 0)
      co_await asio::post(asio::use_awaitable);
  }
  items.close();
}

} // namespace

// What was put at once in one thread reaches a get that is about to expire in
// another.
BOOST_AUTO_TEST_CASE(eager_puts_lose_nothing_to_deadlines)
{
  const std::size_t count = rounds(2000);
  asio::io_context context;
  asio::io_context other;
  toro::queue<std::size_t> items(context);
  std::size_t got = 0;
  asio::co_spawn(context, get_all(items, got), asio::detached);
  asio::co_spawn(other, put_all(items, count), asio::detached);
  std::thread second(
      [&]
      {
        other.run();
      });
  context.run();
  second.join();
  report_failures();
  BOOST_TEST(got == count);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
