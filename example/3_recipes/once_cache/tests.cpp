// SPDX-License-Identifier: BSL-1.0

// The tests of the cache: its time-outs, its failures and its races, in virtual
// time.

#include <toro/testing/explore.hpp>
#include <toro/testing/simulation.hpp>
#include <toro/testing/timer.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "once_cache.hpp"

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using cache = recipes::once_cache<int>;
using toro::testing::simulation;

// A server that takes its time, and may fail.
class slow_server
{
public:
  asio::awaitable<int> fetch()
  {
    ++calls;
    toro::testing::timer work(co_await asio::this_coro::executor, delay);
    co_await work.async_wait(asio::use_awaitable);
    if (calls <= failing_calls)
      std::rethrow_exception(failure);
    co_return 42;
  }

  cache::fetch_function function()
  {
    return [this](std::string)
    {
      return fetch();
    };
  }

  const std::exception_ptr failure =
      std::make_exception_ptr(std::runtime_error("the server failed"));
  std::chrono::milliseconds delay = 1s;
  int failing_calls = 0;
  int calls = 0;
};

// How the requests of a test ended.
struct results
{
  int answered = 0;
  int late = 0;
  int cancelled = 0;
  std::vector<std::exception_ptr> failures;
};

asio::awaitable<void> ask(cache& asked, toro::deadline limit, results& ends)
{
  try
  {
    const cache::value_pointer value = co_await asked.get("key", limit);
    ends.answered += *value == 42;
  }
  catch (const boost::system::system_error& e)
  {
    ends.late += e.code() == asio::error::timed_out;
    ends.cancelled += e.code() == asio::error::operation_aborted;
  }
  catch (const std::runtime_error&)
  {
    ends.failures.push_back(std::current_exception());
  }
}

void start(simulation& context, asio::awaitable<void> program)
{
  asio::co_spawn(context, std::move(program),
                 [](std::exception_ptr e)
                 {
                   if (e)
                     std::rethrow_exception(e);
                 });
}

BOOST_AUTO_TEST_SUITE(recipe_once_cache)

BOOST_AUTO_TEST_CASE(a_key_is_fetched_once_in_every_order)
{
  const auto done = toro::testing::explore_all(
      [](simulation& context)
      {
        slow_server server;
        cache asked(context.get_executor(), 10, 1h, server.function());
        results ends;
        for (int i = 0; i != 3; ++i)
          start(context, ask(asked, 5s, ends));
        context.run();
        return server.calls == 1 && ends.answered == 3;
      });
  BOOST_TEST(done.is_complete);
}

BOOST_AUTO_TEST_CASE(a_request_gives_up_and_the_fetch_goes_on)
{
  simulation context;
  slow_server server;
  cache asked(context.get_executor(), 10, 1h, server.function());
  results ends;
  const auto begin = context.now();
  start(context, ask(asked, 300ms, ends));
  context.run_for(300ms);
  BOOST_TEST(ends.late == 1);
  start(context, ask(asked, 5s, ends));
  context.run_to_completion();
  BOOST_TEST(ends.answered == 1);
  BOOST_TEST(server.calls == 1);
  BOOST_TEST((context.now() - begin == 1s));
}

BOOST_AUTO_TEST_CASE(a_deadline_at_the_instant_of_the_answer_ends_either_way)
{
  int answered = 0, late = 0;
  toro::testing::explore(
      [&](simulation& context)
      {
        slow_server server;
        cache asked(context.get_executor(), 10, 1h, server.function());
        results ends;
        start(context, ask(asked, 1s, ends));
        context.run();
        answered += ends.answered;
        late += ends.late;
        return ends.answered + ends.late == 1;
      });
  BOOST_TEST(answered > 0);
  BOOST_TEST(late > 0);
}

BOOST_AUTO_TEST_CASE(a_failure_reaches_all_who_wait_and_the_next_one_asks_again)
{
  toro::testing::explore(
      [](simulation& context)
      {
        slow_server server;
        server.failing_calls = 1;
        cache asked(context.get_executor(), 10, 1h, server.function());
        results ends;
        start(context, ask(asked, 5s, ends));
        start(context, ask(asked, 5s, ends));
        context.run();
        // Both got the exception of the one fetch.
        const bool is_told =
            server.calls == 1 &&
            ends.failures == std::vector{server.failure, server.failure};
        start(context, ask(asked, 5s, ends));
        context.run();
        return is_told && server.calls == 2 && ends.answered == 1;
      });
}

BOOST_AUTO_TEST_CASE(close_ends_the_fetches_and_those_who_wait_at_any_time)
{
  int answered = 0, cancelled = 0;
  for (const auto when : {0ms, 500ms, 1000ms})
    toro::testing::explore(64,
                           [&](simulation& context)
                           {
                             slow_server server;
                             cache asked(context.get_executor(), 10, 1h,
                                         server.function());
                             results ends;
                             toro::testing::timer timer(context, when);
                             timer.async_wait(
                                 [&](boost::system::error_code)
                                 {
                                   asked.close();
                                 });
                             start(context, ask(asked, {}, ends));
                             start(context, ask(asked, {}, ends));
                             context.run();
                             answered += ends.answered;
                             cancelled += ends.cancelled;
                             return ends.answered + ends.cancelled == 2;
                           });
  BOOST_TEST(answered > 0);
  BOOST_TEST(cancelled > 256);
}

BOOST_AUTO_TEST_CASE(who_asks_a_closed_cache_does_not_wait)
{
  simulation context;
  slow_server server;
  cache asked(context.get_executor(), 10, 1h, server.function());
  results ends;
  asked.close();
  start(context, ask(asked, {}, ends));
  context.run_to_completion();
  BOOST_TEST(ends.cancelled == 1);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
