// SPDX-License-Identifier: BSL-1.0
#include <toro/lock.hpp>
#include <toro/testing/explore.hpp>
#include <toro/testing/timer.hpp>

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using boost::system::error_code;
using toro::testing::choices;
using toro::testing::exploration_failed;
using toro::testing::exploration_incomplete;
using toro::testing::explore;
using toro::testing::explore_all;
using toro::testing::simulation;

bool contains(const std::exception& e, const std::string& text)
{
  const std::string what = e.what();
  BOOST_TEST_INFO(what);
  return what.find(text) != std::string::npos;
}

// Posts some letters, and returns the order in which they ran.
std::string order_of(simulation& context, const std::string& letters)
{
  std::string order;
  for (const char c : letters)
    asio::post(context,
               [&order, c]
               {
                 order += c;
               });
  context.run();
  return order;
}

BOOST_AUTO_TEST_SUITE(explorations)

BOOST_AUTO_TEST_CASE(each_seed_is_tried_once)
{
  int runs = 0;
  const auto test = [&](simulation& context)
  {
    ++runs;
    order_of(context, "abc");
  };
  BOOST_TEST(explore(test) == 256u);
  BOOST_TEST(runs == 256);
  BOOST_TEST(explore(10, test) == 10u);
  BOOST_TEST(explore(test, {.seeds = 5, .first_seed = 100}) == 5u);
  BOOST_TEST(runs == 271);
}

BOOST_AUTO_TEST_CASE(a_failure_names_the_seed_that_replays_it)
{
  const auto test = [](simulation& context)
  {
    return order_of(context, "abcd") != "dcba";
  };
  std::optional<exploration_failed> found;
  try
  {
    explore(test);
  }
  catch (const exploration_failed& e)
  {
    found = e;
  }
  BOOST_REQUIRE(found.has_value());
  const std::string replay = found->replay();
  BOOST_TEST_MESSAGE(found->what());
  const std::string before = "toro::testing::simulation simulation(";
  BOOST_REQUIRE(replay.starts_with(before));
  BOOST_TEST(replay.ends_with(");"));
  BOOST_TEST(contains(*found, "the test returned false"));
  BOOST_TEST(contains(*found, replay));
  simulation again(std::stoull(replay.substr(before.size())));
  BOOST_TEST(!test(again));
}

BOOST_AUTO_TEST_CASE(the_exception_of_the_test_is_nested)
{
  const auto test = [](simulation& context)
  {
    asio::post(context,
               []
               {
                 throw std::out_of_range("bad index");
               });
    context.run();
  };
  try
  {
    explore(test);
    BOOST_ERROR("no failure");
  }
  catch (const exploration_failed& e)
  {
    BOOST_TEST(contains(e, "seed 0 fails"));
    BOOST_TEST(contains(e, "bad index"));
    BOOST_CHECK_THROW(std::rethrow_if_nested(e), std::out_of_range);
  }
}

BOOST_AUTO_TEST_CASE(an_exception_of_any_type_is_a_failure)
{
  BOOST_CHECK_THROW(explore(
                        [](simulation&)
                        {
                          throw 7;
                        }),
                    exploration_failed);
}

BOOST_AUTO_TEST_CASE(a_run_that_ends_stuck_is_a_failure)
{
  const auto test = [](simulation& context)
  {
    toro::lock lock(context);
    lock.set_name("the lock");
    const auto held = lock.try_acquire();
    lock.async_acquire([](error_code, toro::guard) {});
    context.run();
  };
  BOOST_CHECK_EXCEPTION(explore(test), exploration_failed,
                        [](const exploration_failed& e)
                        {
                          return contains(e, "stuck") &&
                                 contains(e, "\"the lock\"") &&
                                 contains(e, "async_acquire for");
                        });
  BOOST_CHECK_THROW(explore_all(test), exploration_failed);
  BOOST_TEST(explore(test, {.seeds = 3, .allow_stuck = true}) == 3u);
  BOOST_TEST(explore_all(test, {.allow_stuck = true}).schedules == 1u);
}

BOOST_AUTO_TEST_CASE(a_test_may_be_stuck_in_between)
{
  const auto test = [](simulation& context)
  {
    toro::lock lock(context);
    auto held = lock.try_acquire();
    lock.async_acquire([](error_code, toro::guard) {});
    context.run();
    held.reset();
    context.run();
  };
  explore(3, test);
}

BOOST_AUTO_TEST_CASE(a_run_that_an_exception_ends_is_not_stuck)
{
  const auto test = [](simulation& context)
  {
    toro::lock lock(context);
    auto held = lock.try_acquire();
    lock.async_acquire(
        [](error_code, toro::guard)
        {
          throw std::domain_error("handler");
        });
    context.run();
    held.reset();
    BOOST_CHECK_THROW(context.run(), std::domain_error);
  };
  BOOST_CHECK_NO_THROW(explore(3, test));
}

BOOST_AUTO_TEST_CASE(a_test_that_does_not_run_the_simulation_is_reported)
{
  BOOST_CHECK_THROW(explore(
                        [](simulation& context)
                        {
                          asio::post(context, [] {});
                        }),
                    exploration_failed);
}

BOOST_AUTO_TEST_CASE(a_test_that_leaves_operations_behind_is_no_failure)
{
  explore(3,
          [](simulation& context)
          {
            asio::post(context,
                       [&]
                       {
                         asio::post(context, [] {});
                       });
            context.limit_handlers(1);
            try
            {
              context.run();
            }
            catch (const std::runtime_error&)
            {
            }
          });
}

BOOST_AUTO_TEST_CASE(a_seed_that_does_not_replay_is_reported)
{
  int runs = 0;
  const auto test = [&](simulation& context)
  {
    order_of(context, ++runs == 1 ? "abc" : "abcd");
    return false;
  };
  BOOST_CHECK_EXCEPTION(explore(test), exploration_failed,
                        [](const exploration_failed& e)
                        {
                          return contains(e, "The replay differs");
                        });
}

BOOST_AUTO_TEST_CASE(all_orders_are_tried_once)
{
  std::multiset<std::string> orders;
  const auto done = explore_all(
      [&](simulation& context)
      {
        orders.insert(order_of(context, "abcd"));
      });
  BOOST_TEST(done.schedules == 24u);
  BOOST_TEST(done.is_complete);
  BOOST_TEST(orders.size() == 24u);
  for (const std::string& order : orders)
    BOOST_TEST(orders.count(order) == 1u);
}

BOOST_AUTO_TEST_CASE(handlers_that_make_others_ready_have_their_orders_as_well)
{
  // Two chains of three: the binomial of 6 over 3.
  const auto done = explore_all(
      [](simulation& context)
      {
        std::function<void(int)> chain = [&](int left)
        {
          if (left != 0)
            asio::post(context,
                       [&chain, left]
                       {
                         chain(left - 1);
                       });
        };
        chain(3);
        chain(3);
        context.run();
      });
  BOOST_TEST(done.schedules == 20u);
}

BOOST_AUTO_TEST_CASE(strands_of_the_simulation_have_fewer_orders)
{
  const auto done = explore_all(
      [](simulation& context)
      {
        const auto one = context.make_strand();
        const auto other = context.make_strand();
        for (int i = 0; i != 3; ++i)
        {
          asio::post(one, [] {});
          asio::post(other, [] {});
        }
        context.run();
      });
  BOOST_TEST(done.schedules == 20u);
}

BOOST_AUTO_TEST_CASE(the_failing_schedule_is_named_and_replayed)
{
  const auto test = [](simulation& context)
  {
    return order_of(context, "abc") != "cba";
  };
  BOOST_CHECK_EXCEPTION(
      explore_all(test), exploration_failed,
      [](const exploration_failed& e)
      {
        return e.replay() == "toro::testing::simulation simulation("
                             "toro::testing::choices{{2, 3}, {1, 2}});" &&
               contains(e, "schedule 6 fails");
      });
  toro::testing::simulation simulation(toro::testing::choices{{2, 3}, {1, 2}});
  BOOST_TEST(!test(simulation));
}

BOOST_AUTO_TEST_CASE(a_bound_of_schedules_tells_how_far_it_got)
{
  const auto test = [](simulation& context)
  {
    order_of(context, "abcd");
  };
  BOOST_CHECK_EXCEPTION(explore_all(test, {.schedules = 12}),
                        exploration_incomplete,
                        [](const exploration_incomplete& e)
                        {
                          return contains(e, "12 schedules do not fail") &&
                                 contains(e, "were 50 % of");
                        });
  const auto done =
      explore_all(test, {.schedules = 12, .allow_incomplete = true});
  BOOST_TEST(done.schedules == 12u);
  BOOST_TEST(!done.is_complete);
  BOOST_TEST(explore_all(test, {.schedules = 24}).is_complete);
}

BOOST_AUTO_TEST_CASE(a_bound_of_handlers_leaves_the_rest_in_order)
{
  std::set<std::string> orders;
  const auto test = [&](simulation& context)
  {
    orders.insert(order_of(context, "abcd"));
  };
  BOOST_CHECK_EXCEPTION(explore_all(test, {.handlers = 2}),
                        exploration_incomplete,
                        [](const exploration_incomplete& e)
                        {
                          return contains(e, "the first 2 handlers");
                        });
  BOOST_TEST(orders.size() == 12u);
  BOOST_TEST(orders.contains("bacd"));
  BOOST_TEST(!orders.contains("abdc"));
  BOOST_TEST(explore_all(test, {.handlers = 3}).is_complete);
}

BOOST_AUTO_TEST_CASE(runs_that_differ_are_reported)
{
  int runs = 0;
  const auto test = [&](simulation& context)
  {
    order_of(context, ++runs == 3 ? "ab" : "abc");
  };
  BOOST_CHECK_EXCEPTION(explore_all(test), exploration_failed,
                        [](const exploration_failed& e)
                        {
                          return contains(e, "the replay differs");
                        });
  runs = 0;
  const auto shorter = [&](simulation& context)
  {
    order_of(context, ++runs == 3 ? "a" : "abc");
  };
  BOOST_CHECK_EXCEPTION(explore_all(shorter), exploration_failed,
                        [](const exploration_failed& e)
                        {
                          return contains(e, "the replay differs");
                        });
}

BOOST_AUTO_TEST_CASE(a_loop_of_ready_handlers_is_a_failure)
{
  const auto test = [](simulation& context)
  {
    context.limit_handlers(1000);
    std::function<void()> again = [&]
    {
      asio::post(context, again);
    };
    asio::post(context, again);
    context.run();
  };
  BOOST_CHECK_EXCEPTION(explore(test), exploration_failed,
                        [](const exploration_failed& e)
                        {
                          return contains(e, "loop");
                        });
}

BOOST_AUTO_TEST_CASE(timers_of_one_instant_are_explored)
{
  std::set<std::string> orders;
  const auto done = explore_all(
      [&](simulation& context)
      {
        toro::testing::timer one(context, 1s), other(context, 1s);
        std::string order;
        one.async_wait(
            [&](error_code)
            {
              order += 'a';
            });
        other.async_wait(
            [&](error_code)
            {
              order += 'b';
            });
        context.run();
        orders.insert(order);
      });
  BOOST_TEST(done.schedules == 2u);
  BOOST_TEST(orders.size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
