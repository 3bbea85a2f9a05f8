// SPDX-License-Identifier: BSL-1.0
#include <toro/condition.hpp>
#include <toro/delay_queue.hpp>
#include <toro/event.hpp>
#include <toro/lock.hpp>
#include <toro/queue.hpp>
#include <toro/testing/simulation.hpp>
#include <toro/testing/timer.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using boost::system::error_code;
using toro::testing::choices;
using toro::testing::simulation;

static_assert(asio::execution::executor<simulation::executor_type>);
static_assert(
    std::is_convertible_v<simulation::executor_type, asio::any_io_executor>);

// The order in which posted functions ran.
std::vector<int> order_of(simulation& context, int count)
{
  std::vector<int> order;
  for (int i = 0; i != count; ++i)
    asio::post(context,
               [&order, i]
               {
                 order.push_back(i);
               });
  context.run();
  return order;
}

std::string dump_of(simulation& context)
{
  std::ostringstream out;
  context.dump(out);
  return out.str();
}

// A service whose end submits a function.
class last_words : public asio::execution_context::service
{
public:
  using key_type = last_words;

  inline static asio::execution_context::id id;

  explicit last_words(asio::execution_context& context,
                      std::shared_ptr<int> token)
    : service(context),
      token_(std::move(token))
  {
  }

  ~last_words() override
  {
    asio::post(static_cast<simulation&>(context()), [kept = token_] {});
  }

private:
  void shutdown() override
  {
  }

  std::shared_ptr<int> token_;
};

BOOST_AUTO_TEST_SUITE(simulations)

BOOST_AUTO_TEST_CASE(handlers_run_in_the_order_of_submission)
{
  simulation context;
  const std::vector<int> expected{0, 1, 2, 3};
  BOOST_TEST(order_of(context, 4) == expected,
             boost::test_tools::per_element());
  BOOST_TEST(context.handlers() == 4u);
}

BOOST_AUTO_TEST_CASE(a_day_passes_without_sleeping)
{
  simulation context;
  const auto start = context.now();
  toro::event never(context);
  error_code result;
  never.async_wait(24h,
                   [&](error_code ec)
                   {
                     result = ec;
                   });
  BOOST_TEST(context.run() == 2u);
  BOOST_TEST(result == asio::error::timed_out);
  BOOST_TEST((context.now() - start == 24h));
  BOOST_TEST(!context.stuck());
}

BOOST_AUTO_TEST_CASE(deadlines_pass_in_their_order)
{
  simulation context;
  toro::event first(context), second(context);
  std::string order;
  second.async_wait(2s,
                    [&](error_code)
                    {
                      order += 'b';
                    });
  first.async_wait(1s,
                   [&](error_code)
                   {
                     order += 'a';
                   });
  first.async_wait(3s,
                   [&](error_code)
                   {
                     order += 'c';
                   });
  context.run();
  BOOST_TEST(order == "abc");
}

BOOST_AUTO_TEST_CASE(time_does_not_pass_while_handlers_are_ready)
{
  simulation context;
  toro::event done(context);
  error_code result = asio::error::timed_out;
  done.async_wait(1ns,
                  [&](error_code ec)
                  {
                    result = ec;
                  });
  int left = 1000;
  std::function<void()> again = [&]
  {
    if (--left != 0)
      asio::post(context, again);
    else
      done.set();
  };
  asio::post(context, again);
  context.run();
  BOOST_TEST(!result);
}

BOOST_AUTO_TEST_CASE(run_for_ends_at_its_end_with_what_is_due_then)
{
  simulation context;
  const auto start = context.now();
  toro::event done(context);
  int expired = 0;
  for (const auto after : {1s, 2s, 3s})
    done.async_wait(after,
                    [&](error_code)
                    {
                      ++expired;
                    });
  context.run_for(2s);
  BOOST_TEST(expired == 2);
  BOOST_TEST((context.now() - start == 2s));
  context.run_for(500ms);
  BOOST_TEST(expired == 2);
  BOOST_TEST((context.now() - start == 2500ms));
  context.run_for(start + 4s);
  BOOST_TEST(expired == 3);
  BOOST_TEST((context.now() - start == 4s));
}

BOOST_AUTO_TEST_CASE(delayed_items_come_in_virtual_time)
{
  simulation context;
  const auto start = context.now();
  toro::delay_queue<int> queue(context);
  const toro::delay_key key = queue.put(1, 24h);
  queue.put(2, 48h);
  BOOST_TEST(context.run() == 0u);
  BOOST_TEST((context.now() == start));
  std::vector<int> got;
  queue.async_get(
      [&](error_code ec, int item)
      {
        got.push_back(ec ? 0 : item);
      });
  queue.async_get(36h,
                  [&](error_code ec, int item)
                  {
                    got.push_back(ec ? 0 : item);
                  });
  queue.async_get(48h,
                  [&](error_code ec, int item)
                  {
                    got.push_back(ec ? 0 : item);
                  });
  context.run();
  BOOST_TEST((got == std::vector<int>{1, 0, 2}));
  BOOST_TEST((context.now() - start == 48h));
  BOOST_TEST(!context.stuck());
  BOOST_TEST(!queue.erase(key));
}

BOOST_AUTO_TEST_CASE(held_time_moves_by_hand_only)
{
  simulation context;
  context.hold_time();
  toro::event done(context);
  bool expired = false;
  done.async_wait(1s,
                  [&](error_code)
                  {
                    expired = true;
                  });
  context.run();
  BOOST_TEST(!expired);
  BOOST_TEST(!context.stuck());
  context.advance(1s);
  BOOST_TEST(!expired);
  context.poll();
  BOOST_TEST(expired);
  done.async_wait(1s,
                  [&](error_code)
                  {
                    expired = false;
                  });
  context.hold_time(false);
  context.run();
  BOOST_TEST(!expired);
}

BOOST_AUTO_TEST_CASE(time_that_never_comes_is_not_reached)
{
  simulation context;
  const auto start = context.now();
  context.advance(toro::deadline());
  context.run_for(toro::deadline());
  context.advance(start - 1s);
  BOOST_TEST((context.now() == start));
}

BOOST_AUTO_TEST_CASE(a_seed_selects_the_same_order_with_every_compiler)
{
  simulation context(7);
  const std::vector<int> expected{2, 0, 5, 3, 1, 4};
  BOOST_TEST(order_of(context, 6) == expected,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(seeds_select_all_orders_about_equally_often)
{
  std::map<std::vector<int>, int> orders;
  for (std::uint64_t seed = 0; seed != 6000; ++seed)
  {
    simulation context(seed);
    ++orders[order_of(context, 3)];
  }
  BOOST_TEST(orders.size() == 6u);
  for (const auto& [order, count] : orders)
  {
    BOOST_TEST(count > 850);
    BOOST_TEST(count < 1150);
  }
}

BOOST_AUTO_TEST_CASE(deadlines_of_one_instant_pass_in_any_order)
{
  std::set<std::string> orders;
  for (std::uint64_t seed = 0; seed != 64; ++seed)
  {
    simulation context(seed);
    toro::event a(context), b(context), c(context);
    std::string order;
    a.async_wait(1s,
                 [&](error_code)
                 {
                   order += 'a';
                 });
    b.async_wait(1s,
                 [&](error_code)
                 {
                   order += 'b';
                 });
    c.async_wait(2s,
                 [&](error_code)
                 {
                   order += 'c';
                 });
    context.run();
    orders.insert(order);
  }
  BOOST_TEST((orders == std::set<std::string>{"abc", "bac"}));
}

BOOST_AUTO_TEST_CASE(a_release_races_with_the_deadline_of_its_instant)
{
  std::set<bool> results;
  for (std::uint64_t seed = 0; seed != 64; ++seed)
  {
    simulation context(seed);
    toro::lock lock(context);
    toro::event other(context);
    auto held = lock.try_acquire();
    lock.async_acquire(1s,
                       [&](error_code ec, toro::guard)
                       {
                         results.insert(!ec);
                       });
    other.async_wait(1s,
                     [&](error_code)
                     {
                       held.reset();
                     });
    context.run();
  }
  BOOST_TEST(results.size() == 2u);
}

BOOST_AUTO_TEST_CASE(choices_are_replayed)
{
  simulation context(choices{{2, 3}, {1, 2}});
  const std::vector<int> expected{2, 1, 0};
  BOOST_TEST(order_of(context, 3) == expected,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(choices_of_another_program_are_reported)
{
  simulation context(choices{{2, 4}});
  BOOST_CHECK_THROW(order_of(context, 3), toro::testing::schedule_mismatch);
}

BOOST_AUTO_TEST_CASE(an_exception_of_a_handler_leaves_through_run)
{
  simulation context;
  bool ran = false;
  asio::post(context,
             []
             {
               throw std::runtime_error("handler");
             });
  asio::post(context,
             [&]
             {
               ran = true;
             });
  BOOST_CHECK_THROW(context.run(), std::runtime_error);
  BOOST_TEST(context.run() == 1u);
  BOOST_TEST(ran);
}

BOOST_AUTO_TEST_CASE(dispatch_runs_inside_of_handlers_only)
{
  simulation context;
  std::string order;
  asio::dispatch(context,
                 [&]
                 {
                   order += 'b';
                   asio::dispatch(context,
                                  [&]
                                  {
                                    order += 'c';
                                  });
                   order += 'd';
                 });
  order += 'a';
  context.run();
  BOOST_TEST(order == "abcd");
}

BOOST_AUTO_TEST_CASE(a_strand_runs_its_functions_in_order)
{
  for (std::uint64_t seed = 0; seed != 32; ++seed)
  {
    simulation context(seed);
    const auto strand = context.make_strand();
    std::string order;
    for (const char c : {'a', 'b', 'c', 'd'})
      asio::post(strand,
                 [&order, c]
                 {
                   order += c;
                 });
    context.run();
    BOOST_TEST(order == "abcd");
  }
}

BOOST_AUTO_TEST_CASE(executors_are_assigned_with_all_that_they_are)
{
  simulation context;
  const auto strand = context.make_strand();
  auto executor = context.get_executor();
  BOOST_TEST((executor != strand));
  executor = strand;
  BOOST_TEST((executor == strand));
  BOOST_TEST(
      (executor == asio::require(strand, asio::execution::blocking.possibly)));
  BOOST_TEST(
      (executor != asio::require(strand, asio::execution::blocking.never)));

  const auto tracked = asio::execution::outstanding_work.tracked;
  const auto untracked = asio::execution::outstanding_work.untracked;
  BOOST_TEST(
      (asio::query(executor, asio::execution::outstanding_work) == untracked));
  {
    executor = asio::prefer(executor, tracked);
    BOOST_TEST(
        (asio::query(executor, asio::execution::outstanding_work) == tracked));
    context.run();
    BOOST_TEST(context.stuck());
  }
  executor = strand;
  context.run();
  BOOST_TEST(!context.stuck());
}

BOOST_AUTO_TEST_CASE(other_handlers_run_between_those_of_a_strand)
{
  std::set<std::string> orders;
  for (std::uint64_t seed = 0; seed != 64; ++seed)
  {
    simulation context(seed);
    const auto strand = context.make_strand();
    std::string order;
    asio::post(strand,
               [&]
               {
                 order += 'a';
               });
    asio::post(strand,
               [&]
               {
                 order += 'b';
               });
    asio::post(context,
               [&]
               {
                 order += 'x';
               });
    context.run();
    orders.insert(order);
  }
  BOOST_TEST((orders == std::set<std::string>{"xab", "axb", "abx"}));
}

BOOST_AUTO_TEST_CASE(a_function_of_a_strand_never_runs_inside_another)
{
  simulation context;
  const auto strand = context.make_strand();
  const auto other = context.make_strand();
  std::string order;
  asio::post(strand,
             [&]
             {
               BOOST_TEST(strand.running_in_this_thread());
               BOOST_TEST(!other.running_in_this_thread());
               asio::post(strand,
                          [&]
                          {
                            order += 'b';
                          });
               asio::dispatch(other,
                              [&]
                              {
                                order += 'c';
                              });
               context.poll();
               order += 'a';
             });
  context.run();
  BOOST_TEST(order == "cab");
  BOOST_TEST(!strand.running_in_this_thread());
}

BOOST_AUTO_TEST_CASE(a_strand_may_be_gone_before_its_functions_run)
{
  simulation context;
  int ran = 0;
  {
    const auto strand = context.make_strand();
    asio::post(strand,
               [&]
               {
                 ++ran;
               });
    asio::post(strand,
               [&]
               {
                 ++ran;
               });
  }
  context.run();
  BOOST_TEST(ran == 2);
}

BOOST_AUTO_TEST_CASE(asios_strands_run_over_it)
{
  simulation context;
  const auto strand = asio::make_strand(context);
  const asio::strand<asio::any_io_executor> any_strand(
      asio::any_io_executor(context.get_executor()));
  int ran = 0;
  asio::post(strand,
             [&]
             {
               BOOST_TEST(strand.running_in_this_thread());
               ++ran;
             });
  asio::post(any_strand,
             [&]
             {
               ++ran;
             });
  context.run();
  BOOST_TEST(ran == 2);
}

asio::awaitable<void> use(toro::lock& lock, int& sum)
{
  auto guard = co_await lock.async_acquire(asio::use_awaitable);
  const int before = sum;
  toro::event pause(co_await asio::this_coro::executor);
  error_code ec;
  co_await pause.async_wait(1s, asio::redirect_error(asio::use_awaitable, ec));
  sum = before + 1;
}

BOOST_AUTO_TEST_CASE(coroutines_run_on_it_and_on_its_strands)
{
  simulation context;
  toro::lock lock(context);
  int sum = 0;
  for (int i = 0; i != 3; ++i)
  {
    asio::co_spawn(context, use(lock, sum), asio::detached);
    asio::co_spawn(context.make_strand(), use(lock, sum), asio::detached);
    asio::co_spawn(asio::any_io_executor(context.get_executor()),
                   use(lock, sum), asio::detached);
  }
  context.run_to_completion();
  BOOST_TEST(sum == 9);
}

BOOST_AUTO_TEST_CASE(stackful_coroutines_run_on_it)
{
  simulation context;
  toro::event done(context);
  bool expired = false;
  asio::spawn(
      context,
      [&](asio::yield_context yield)
      {
        error_code ec;
        done.async_wait(1h, yield[ec]);
        expired = ec == asio::error::timed_out;
      },
      asio::detached);
  context.run_to_completion();
  BOOST_TEST(expired);
}

BOOST_AUTO_TEST_CASE(operations_that_wait_for_nothing_are_stuck)
{
  simulation context;
  toro::lock first(context), second(context);
  first.set_name("first");
  auto held = first.try_acquire();
  BOOST_TEST(!context.stuck());
  first.async_acquire([](error_code, toro::guard) {});
  context.run_for(5s);
  BOOST_TEST(context.stuck());
  BOOST_TEST(dump_of(context) == "<lock locked waiters[1]> \"first\"\n"
                                 "  async_acquire for 5.000 s, no deadline\n"
                                 "<lock unlocked>\n");
  BOOST_CHECK_EXCEPTION(context.run_to_completion(), toro::testing::stuck_error,
                        [](const std::exception& e)
                        {
                          return std::string(e.what()).find(
                                     "async_acquire for 5.000 s") !=
                                 std::string::npos;
                        });
  held.reset();
  BOOST_TEST(!context.stuck());
  context.run_to_completion();
}

BOOST_AUTO_TEST_CASE(objects_without_a_lock_are_shown_as_well)
{
  simulation context;
  toro::basic_event<simulation::executor_type, toro::strand_bound> event(
      context);
  event.async_wait([](error_code) {});
  context.run();
  BOOST_TEST(context.stuck());
  BOOST_TEST(dump_of(context) == "<event clear waiters[1]>\n"
                                 "  async_wait for 0.000 s, no deadline\n");
}

BOOST_AUTO_TEST_CASE(a_deadline_that_is_met_leaves_nothing_behind)
{
  simulation context;
  const auto start = context.now();
  toro::event done(context);
  bool met = false;
  done.async_wait(1h,
                  [&](error_code ec)
                  {
                    met = !ec;
                  });
  asio::post(context,
             [&]
             {
               done.set();
             });
  // The post, the wait; the check of the timer is no handler.
  BOOST_TEST(context.run() == 2u);
  BOOST_TEST(met);
  BOOST_TEST((context.now() == start));
}

BOOST_AUTO_TEST_CASE(work_of_another_thread_is_reported)
{
  simulation context;
  bool ran = false;
  std::thread(
      [&]
      {
        asio::post(context,
                   [&]
                   {
                     ran = true;
                   });
      })
      .join();
  BOOST_CHECK_THROW(context.run(), std::logic_error);
  BOOST_CHECK_THROW(context.poll(), std::logic_error);
  BOOST_TEST(!ran);
}

BOOST_AUTO_TEST_CASE(a_real_timer_is_reported)
{
  simulation context;
  asio::steady_timer timer(context, 0s);
  timer.async_wait([](error_code) {});
  BOOST_CHECK_THROW(
      for (;;) {
        context.run();
        std::this_thread::yield();
      },
      std::logic_error);
}

BOOST_AUTO_TEST_CASE(a_real_timer_that_is_not_used_does_no_harm)
{
  simulation context;
  asio::steady_timer unused(context);
  const std::vector<int> expected{0, 1};
  BOOST_TEST(order_of(context, 2) == expected,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_loop_of_ready_handlers_is_reported)
{
  simulation context;
  context.limit_handlers(100);
  std::function<void()> again = [&]
  {
    asio::post(context, again);
  };
  asio::post(context, again);
  BOOST_CHECK_THROW(context.run(), std::runtime_error);
  BOOST_TEST(context.handlers() == 100u);
}

BOOST_AUTO_TEST_CASE(the_limit_is_one_of_an_instant)
{
  simulation context;
  context.limit_handlers(2);
  toro::event never(context);
  int left = 10;
  std::function<void(error_code)> again = [&](error_code)
  {
    if (--left != 0)
      never.async_wait(1s, again);
  };
  never.async_wait(1s, again);
  context.run_to_completion();
  BOOST_TEST(left == 0);
}

BOOST_AUTO_TEST_CASE(time_that_moves_by_nothing_is_the_same_instant)
{
  simulation context;
  context.limit_handlers(100);
  int left = 1000;
  std::function<void()> again = [&]
  {
    context.advance(0s);
    if (--left != 0)
      asio::post(context, again);
  };
  asio::post(context, again);
  BOOST_CHECK_THROW(context.run(), std::runtime_error);
  BOOST_TEST(left == 900);
}

BOOST_AUTO_TEST_CASE(what_is_submitted_at_the_end_is_destroyed)
{
  const auto token = std::make_shared<int>();
  std::optional<toro::testing::timer> outliving;
  {
    simulation context;
    outliving.emplace(context);
    asio::make_service<last_words>(context, token);
  }
  BOOST_TEST(token.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(handlers_that_have_not_run_are_destroyed)
{
  const auto token = std::make_shared<int>();
  {
    auto context = std::make_unique<simulation>();
    toro::event event(*context);
    event.async_wait([token](error_code) {});
    event.async_wait(1s, [token](error_code) {});
    asio::post(*context, [token] {});
    const auto strand = context->make_strand();
    asio::post(strand, [token] {});
    asio::post(strand, [token] {});
    std::thread(
        [&]
        {
          asio::post(*context, [token] {});
        })
        .join();
    context.reset();
  }
  BOOST_TEST(token.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_handler_that_owns_its_object_is_destroyed_with_it)
{
  const auto token = std::make_shared<int>();
  {
    simulation context;
    auto event = std::make_shared<toro::event>(context);
    event->async_wait(1h, [event, token](error_code) {});
    asio::co_spawn(
        context,
        []([[maybe_unused]] auto kept) -> asio::awaitable<void>
        {
          toro::event own(co_await asio::this_coro::executor);
          co_await own.async_wait(asio::use_awaitable);
        }(token),
        asio::detached);
    context.run_for(1s);
  }
  BOOST_TEST(token.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(the_nth_call_of_the_executor_fails)
{
  simulation context;
  context.fail_call(2);
  asio::post(context, [] {});
  BOOST_CHECK_THROW(asio::post(context, [] {}),
                    toro::testing::injected_failure);
  BOOST_TEST(context.has_failed());
  asio::post(context, [] {});
  BOOST_TEST(context.run() == 2u);
}

BOOST_AUTO_TEST_CASE(the_nth_call_of_the_allocator_fails)
{
  simulation context;
  toro::event event(context);
  context.fail_call(1);
  const auto wait = [&]
  {
    event.async_wait(
        asio::bind_allocator(context.get_allocator(), [](error_code) {}));
  };
  BOOST_CHECK_THROW(wait(), toro::testing::injected_failure);
  BOOST_TEST(event.waiters() == 0u);
  wait();
  BOOST_TEST(event.waiters() == 1u);
}

BOOST_AUTO_TEST_CASE(a_seed_has_one_history_with_every_compiler)
{
  const auto history = [](std::uint64_t seed)
  {
    simulation context(seed);
    toro::queue<int> queue(context, 2);
    toro::lock lock(context);
    std::vector<int> events;
    for (int i = 0; i != 4; ++i)
    {
      queue.async_put(i, std::chrono::milliseconds(i),
                      [&, i](error_code ec)
                      {
                        events.push_back(ec ? -i : i);
                      });
      lock.async_acquire(std::chrono::milliseconds(2),
                         [&, i](error_code ec, toro::guard guard)
                         {
                           events.push_back(ec ? 10 - i : 10 + i);
                           asio::post(context, [g = std::move(guard)] {});
                         });
      queue.async_get(std::chrono::milliseconds(i),
                      [&](error_code ec, std::optional<int> item)
                      {
                        events.push_back(ec ? 99 : 20 + *item);
                      });
    }
    context.run();
    return events;
  };
  const std::vector<int> expected[] = {
      {2, 22, 23, 20, 1, 3, 21, 10, 0, 11, 12, 13},
      {2, 22, 21, 3, 10, 20, 23, 0, 11, 1, 12, 13}};
  for (const std::uint64_t seed : {1u, 2u})
  {
    for (int i = 0; i != 5000; ++i)
      BOOST_REQUIRE((history(seed) == expected[seed - 1]));
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
