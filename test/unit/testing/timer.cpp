// SPDX-License-Identifier: BSL-1.0
#include <toro/testing/simulation.hpp>
#include <toro/testing/timer.hpp>

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/spawn.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

#include "support/throwing_executor.hpp"

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using boost::system::error_code;
using toro::testing::simulation;
using toro::testing::timer;

// Notes a letter, and an error as a capital.
auto noting(std::string& notes, char letter)
{
  return [&notes, letter](error_code ec)
  {
    notes += ec == asio::error::operation_aborted
                 ? static_cast<char>(letter - 'a' + 'A')
                 : letter;
  };
}

// A slot that has no memory for the function that it is given.
struct refusing_slot
{
  bool is_connected() const noexcept
  {
    return true;
  }

  template <class Function, class... Args>
  Function& emplace(Args&&...)
  {
    throw std::bad_alloc();
  }

  void clear() noexcept
  {
  }
};

BOOST_AUTO_TEST_SUITE(testing_timer)

BOOST_AUTO_TEST_CASE(timers_expire_in_virtual_time)
{
  simulation context;
  const auto start = context.now();
  timer late(context, 2h);
  timer early(context, 1h);
  timer absolute(context.get_executor(), start + 90min);
  timer past(context);
  std::string notes;
  late.async_wait(noting(notes, 'd'));
  absolute.async_wait(noting(notes, 'c'));
  early.async_wait(noting(notes, 'b'));
  past.async_wait(noting(notes, 'a'));
  BOOST_TEST(notes == "");
  BOOST_TEST(context.run() == 4u);
  BOOST_TEST(notes == "abcd");
  BOOST_TEST((context.now() == start + 2h));
  BOOST_TEST((late.expiry() == start + 2h));
}

BOOST_AUTO_TEST_CASE(cancel_ends_all_waits_and_cancel_one_the_oldest)
{
  simulation context;
  timer waited(context, 1h);
  std::string notes;
  BOOST_TEST(waited.cancel() == 0u);
  BOOST_TEST(waited.cancel_one() == 0u);
  for (const char c : {'a', 'b', 'c'})
    waited.async_wait(noting(notes, c));
  BOOST_TEST(waited.cancel_one() == 1u);
  BOOST_TEST(notes == "");
  context.poll();
  BOOST_TEST(notes == "A");
  BOOST_TEST(waited.cancel() == 2u);
  context.run();
  BOOST_TEST(notes == "ABC");
}

BOOST_AUTO_TEST_CASE(another_expiry_cancels_the_waits)
{
  simulation context;
  const auto start = context.now();
  timer waited(context, 1h);
  std::string notes;
  waited.async_wait(noting(notes, 'a'));
  BOOST_TEST(waited.expires_after(2h) == 1u);
  waited.async_wait(noting(notes, 'b'));
  BOOST_TEST(waited.expires_at(start + 3h) == 1u);
  waited.async_wait(noting(notes, 'c'));
  context.run();
  BOOST_TEST(notes == "ABc");
  BOOST_TEST((context.now() == start + 3h));
  waited.expires_after(timer::duration::max());
  BOOST_TEST((waited.expiry() == timer::time_point::max()));
}

BOOST_AUTO_TEST_CASE(a_timer_that_never_expires_is_stuck)
{
  simulation context;
  timer never(context, toro::deadline());
  never.async_wait([](error_code) {});
  context.run();
  BOOST_TEST(context.stuck());
  std::ostringstream out;
  context.dump(out);
  BOOST_TEST(out.str() == "timer: async_wait for 0.000 s\n");
  never.cancel();
  context.run_to_completion();
}

BOOST_AUTO_TEST_CASE(each_wait_can_be_cancelled)
{
  simulation context;
  timer waited(context, 1h);
  std::string notes;
  asio::cancellation_signal first, second;
  waited.async_wait(
      asio::bind_cancellation_slot(first.slot(), noting(notes, 'a')));
  waited.async_wait(
      asio::bind_cancellation_slot(second.slot(), noting(notes, 'b')));
  second.emit(asio::cancellation_type::total);
  second.emit(asio::cancellation_type::terminal);
  BOOST_TEST(notes == "");
  context.run();
  BOOST_TEST(notes == "Ba");
  first.emit(asio::cancellation_type::all);
  context.run();
  BOOST_TEST(notes == "Ba");
}

BOOST_AUTO_TEST_CASE(a_signal_may_end_before_the_wait)
{
  simulation context;
  timer waited(context, 1h);
  std::string notes;
  {
    asio::cancellation_signal gone;
    waited.async_wait(
        asio::bind_cancellation_slot(gone.slot(), noting(notes, 'a')));
  }
  context.run();
  BOOST_TEST(notes == "a");
}

BOOST_AUTO_TEST_CASE(waits_of_one_instant_end_in_any_order)
{
  std::set<std::string> orders;
  for (std::uint64_t seed = 0; seed != 64; ++seed)
  {
    simulation context(seed);
    timer one(context, 1s), other(context, 1s);
    std::string notes;
    one.async_wait(noting(notes, 'a'));
    other.async_wait(noting(notes, 'b'));
    context.run();
    orders.insert(notes);
  }
  BOOST_TEST((orders == std::set<std::string>{"ab", "ba"}));
}

BOOST_AUTO_TEST_CASE(tokens_work_as_with_other_timers)
{
  simulation context;
  timer waited(context.make_strand(), 1h);
  auto future = waited.async_wait(asio::use_future);
  bool resumed = false, spawned = false, deferred = false;
  asio::co_spawn(
      context,
      [&]() -> asio::awaitable<void>
      {
        co_await waited.async_wait(asio::use_awaitable);
        resumed = true;
      },
      asio::detached);
  asio::spawn(
      context,
      [&](asio::yield_context yield)
      {
        waited.async_wait(yield);
        spawned = true;
      },
      asio::detached);
  waited.async_wait()(
      [&](error_code ec)
      {
        deferred = !ec;
      });
  context.run_to_completion();
  future.get();
  BOOST_TEST(resumed);
  BOOST_TEST(spawned);
  BOOST_TEST(deferred);
}

BOOST_AUTO_TEST_CASE(the_loser_of_a_race_is_cancelled)
{
  simulation context;
  const auto start = context.now();
  timer fast(context, 1s), slow(context, 1h);
  std::size_t winner = 99;
  asio::co_spawn(
      context,
      [&]() -> asio::awaitable<void>
      {
        using namespace asio::experimental::awaitable_operators;
        const auto result = co_await (slow.async_wait(asio::use_awaitable) ||
                                      fast.async_wait(asio::use_awaitable));
        winner = result.index();
      },
      asio::detached);
  context.run_to_completion();
  BOOST_TEST(winner == 1u);
  BOOST_TEST((context.now() == start + 1s));
}

BOOST_AUTO_TEST_CASE(the_handlers_executor_runs_it)
{
  simulation context;
  const auto strand = context.make_strand();
  timer waited(context, 1s);
  bool is_there = false;
  waited.async_wait(asio::bind_executor(strand,
                                        [&](error_code)
                                        {
                                          is_there =
                                              strand.running_in_this_thread();
                                        }));
  context.run();
  BOOST_TEST(is_there);
}

// As with Asio's timers, the handler is destroyed.
BOOST_AUTO_TEST_CASE(an_executor_that_throws_ends_the_wait)
{
  simulation context;
  toro_test::planned_throws throws{1};
  timer waited(context, 1s);
  std::string notes;
  const auto token = std::make_shared<int>();
  waited.async_wait(
      asio::bind_executor(toro_test::basic_throwing_executor(context, throws),
                          [&notes, token](error_code)
                          {
                            notes += 'a';
                          }));
  waited.async_wait(noting(notes, 'b'));
  BOOST_CHECK_THROW(context.run(), std::domain_error);
  BOOST_TEST(token.use_count() == 1);
  context.run_to_completion();
  BOOST_TEST(notes == "b");
}

BOOST_AUTO_TEST_CASE(the_handlers_allocator_is_used)
{
  simulation context;
  timer waited(context, 1s);
  context.fail_call(1);
  BOOST_CHECK_THROW(waited.async_wait(asio::bind_allocator(
                        context.get_allocator(), [](error_code) {})),
                    toro::testing::injected_failure);
  BOOST_TEST(waited.cancel() == 0u);
}

BOOST_AUTO_TEST_CASE(a_slot_without_memory_leaves_no_wait)
{
  simulation context;
  timer waited(context, 1s);
  BOOST_CHECK_THROW(waited.async_wait(asio::bind_cancellation_slot(
                        refusing_slot(), [](error_code) {})),
                    std::bad_alloc);
  BOOST_TEST(waited.cancel() == 0u);
  BOOST_TEST(context.run() == 0u);
}

BOOST_AUTO_TEST_CASE(waits_move_with_their_timer)
{
  simulation context;
  std::string notes;
  timer first(context, 1s);
  first.async_wait(noting(notes, 'a'));
  timer second(std::move(first));
  timer third(context, 1h);
  third.async_wait(noting(notes, 'b'));
  third = std::move(second);
  context.run();
  BOOST_TEST(notes == "Ba");
}

BOOST_AUTO_TEST_CASE(the_end_of_a_timer_cancels_its_waits)
{
  simulation context;
  std::string notes;
  {
    timer gone(context, 1s);
    gone.async_wait(noting(notes, 'a'));
  }
  BOOST_TEST(notes == "");
  context.run();
  BOOST_TEST(notes == "A");
}

BOOST_AUTO_TEST_CASE(waits_end_with_the_simulation)
{
  const auto token = std::make_shared<int>();
  auto context = std::make_unique<simulation>();
  timer outside(*context, 1s);
  outside.async_wait([token](error_code) {});
  const auto owned = std::make_shared<timer>(*context, 1s);
  owned->async_wait([owned, token](error_code) {});
  owned->async_wait([owned, token](error_code) {});
  context.reset();
  BOOST_TEST(token.use_count() == 1);
  BOOST_TEST(owned.use_count() == 1);
  BOOST_TEST(outside.cancel() == 0u);
  outside.expires_after(1s);
  outside.async_wait([token](error_code) {});
  BOOST_TEST(token.use_count() == 1);
  BOOST_TEST(outside.cancel() == 0u);
}

BOOST_AUTO_TEST_CASE(another_context_is_refused)
{
  asio::io_context other;
  BOOST_CHECK_THROW(timer(other, 1s), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
