// SPDX-License-Identifier: BSL-1.0
#include "../../example/3_recipes/once_cache/once_cache.hpp"

#include <toro/event.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <exception>
#include <stdexcept>
#include <string>

#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_once_cache)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;
using cache = recipes::once_cache<int>;

boost::asio::awaitable<void> ask(cache& of, std::exception_ptr& thrown)
{
  try
  {
    static_cast<void>(co_await of.get("key", {}));
  }
  catch (...)
  {
    thrown = std::current_exception();
  }
}

} // namespace

BOOST_AUTO_TEST_CASE(all_who_wait_get_the_exception_of_the_fetch)
{
  world w;
  const auto failure = std::make_exception_ptr(std::out_of_range("no key"));
  toro::event asked(w.context());
  int fetches = 0;
  cache pages(w.context().get_executor(), 10, 1h,
              [&](std::string) -> boost::asio::awaitable<int>
              {
                ++fetches;
                co_await asked.async_wait(boost::asio::use_awaitable);
                std::rethrow_exception(failure);
                co_return 0;
              });
  std::exception_ptr first;
  std::exception_ptr second;
  w.spawn("first", ask(pages, first));
  w.spawn("second", ask(pages, second));
  BOOST_TEST(w.poll() == "");
  asked.set();
  BOOST_TEST(w.poll() == "first second");
  BOOST_TEST((first == failure));
  BOOST_TEST((second == failure));
  BOOST_TEST(fetches == 1);

  // A failure is not kept.
  w.spawn("third", ask(pages, first));
  BOOST_TEST(w.poll() == "third");
  BOOST_TEST(fetches == 2);
}

BOOST_AUTO_TEST_SUITE_END()
