// SPDX-License-Identifier: BSL-1.0
//
// What happens at the instant of a deadline, in every order.
#include <toro/barrier.hpp>
#include <toro/first_of.hpp>
#include <toro/queue.hpp>
#include <toro/rw_lock.hpp>
#include <toro/testing/explore.hpp>
#include <toro/testing/simulation.hpp>
#include <toro/testing/timer.hpp>
#include <toro/watch.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "support/case_template.hpp"
#include "support/primitives.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_every_order)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;
using asio::deferred;
using boost::system::error_code;
using toro::testing::explore_all;
using toro::testing::simulation;

// Calls a function at the instant of the deadlines.
void then(simulation& context, std::function<void()> function)
{
  const auto timer = std::make_shared<toro::testing::timer>(context, 1ms);
  timer->async_wait(
      [timer, call = std::move(function)](error_code)
      {
        call();
      });
}

} // namespace

TORO_TEST_CASE_TEMPLATE(one_operand_of_first_of_takes_effect, Threading,
                        policies)
{
  // Each can be the first.
  std::set<std::size_t> winners;
  explore_all(
      [&](simulation& context)
      {
        queue_of<int, Threading> a(context);
        queue_of<int, Threading> b(context);
        queue_of<int, Threading> full(context, 1);
        bool is_put = full.try_put(0);
        int calls = 0;
        int successes = 0;
        toro::async_first_of(a.async_get(1ms, deferred), b.async_get(deferred),
                             full.async_put(1, deferred),
                             [&](std::size_t index, error_code first, int,
                                 error_code second, int, error_code third)
                             {
                               ++calls;
                               successes = !first + !second + !third;
                               winners.insert(first && index == 0 ? 3 : index);
                             });
        then(context,
             [&]
             {
               is_put &= a.try_put(1);
             });
        then(context,
             [&]
             {
               is_put &= b.try_put(2);
             });
        then(context,
             [&]
             {
               is_put &= full.try_get() == 0;
             });
        context.run();
        const int taken = a.empty() + b.empty() + full.full();
        return is_put && calls == 1 && successes <= 1 && taken == successes;
      });
  BOOST_TEST(winners.size() == 4u);
}

TORO_TEST_CASE_TEMPLATE(arrival_counts_or_is_withdrawn, Threading, policies)
{
  int completed = 0;
  const auto done = explore_all(
      [&](simulation& context)
      {
        barrier_of<Threading> both(context, 2);
        asio::cancellation_signal cancel;
        int ended = 0;
        int arrived = 0;
        int last = 0;
        const auto note = [&](error_code ec, bool is_last)
        {
          ++ended;
          arrived += !ec;
          last += is_last;
        };
        both.async_arrive(1ms, note);
        then(context,
             [&]
             {
               both.async_arrive(
                   asio::bind_cancellation_slot(cancel.slot(), note));
             });
        then(context,
             [&]
             {
               cancel.emit(asio::cancellation_type::terminal);
             });
        context.run();
        completed += both.phase() == 1;
        // The second one waits for another if the first was withdrawn.
        const bool is_right =
            both.phase() == 1
                ? arrived == 2 && last == 1 && both.arrived() == 0
                : arrived == 0 && last == 0 &&
                      both.arrived() == both.waiters() && ended >= 1;
        both.cancel();
        context.run();
        return is_right && ended == 2;
      },
      {.allow_stuck = true});
  BOOST_TEST(completed > 0);
  BOOST_TEST(static_cast<std::size_t>(completed) < done.schedules);
}

TORO_TEST_CASE_TEMPLATE(upgrade_succeeds_or_hands_the_guard_back, Threading,
                        policies)
{
  int upgraded = 0;
  const auto done = explore_all(
      [&](simulation& context)
      {
        rw_lock_of<Threading> rw(context);
        auto other = rw.try_acquire_read();
        auto third = rw.try_acquire_write();
        bool is_right = !third;
        bool writes = false;
        int calls = 0;
        rw.async_upgrade(rw.try_acquire_read(), 1ms,
                         [&](error_code ec, auto write, auto read)
                         {
                           ++calls;
                           writes = !ec;
                           is_right &= static_cast<bool>(write) == !ec &&
                                       static_cast<bool>(read) != !ec;
                         });
        then(context,
             [&]
             {
               other.reset();
             });
        int waited = 0;
        rw.async_acquire_write(
            [&](error_code ec, auto)
            {
              // Behind the upgrade, or the read that is left of it.
              waited += !ec && calls == 1;
            });
        context.run();
        upgraded += writes;
        return is_right && calls == 1 && waited == 1 && rw.try_acquire_write();
      });
  BOOST_TEST(upgraded > 0);
  BOOST_TEST(static_cast<std::size_t>(upgraded) < done.schedules);
}

TORO_TEST_CASE_TEMPLATE(value_of_a_watch_is_seen_or_is_news, Threading,
                        policies)
{
  int seen = 0;
  const auto done = explore_all(
      [&](simulation& context)
      {
        watch_of<int, Threading> level(context, 0);
        auto reader = level.read();
        int value = 0;
        int calls = 0;
        reader.async_next(1ms,
                          [&](error_code ec, int next)
                          {
                            ++calls;
                            value = ec ? 0 : next;
                          });
        for (int i = 1; i != 3; ++i)
          then(context,
               [&, i]
               {
                 level.set(i);
               });
        context.run();
        seen += value != 0;
        return calls == 1 && reader.has_news() == (value != level.get());
      });
  BOOST_TEST(seen > 0);
  BOOST_TEST(static_cast<std::size_t>(seen) < done.schedules);
}

BOOST_AUTO_TEST_SUITE_END()
