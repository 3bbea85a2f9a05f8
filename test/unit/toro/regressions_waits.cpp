// SPDX-License-Identifier: BSL-1.0
//
// What was wrong with Toro, and with its successors, and does not happen here:
// the order of waits, and wake-ups that were lost.
#include <toro/async_result.hpp>
#include <toro/condition.hpp>
#include <toro/event.hpp>
#include <toro/lock.hpp>
#include <toro/queue.hpp>
#include <toro/semaphore.hpp>
#include <toro/testing/explore.hpp>
#include <toro/testing/simulation.hpp>
#include <toro/testing/timer.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>

#include "support/case_template.hpp"
#include "support/primitives.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(toro_regressions_waits)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;

// A lock becomes free, and a timer expires. Both rounds have all orders.
template <class Lock, class Guard>
asio::awaitable<void> race(Lock& lk, const Guard& held,
                           toro::testing::simulation& context, int& wins)
{
  using namespace asio::experimental::awaitable_operators;
  for (int i = 0; i != 2; ++i)
  {
    toro::testing::timer timer(context, 0s);
    const auto winner = co_await (lk.async_acquire(asio::use_awaitable) ||
                                  timer.async_wait(asio::use_awaitable));
    wins += winner.index() == 0;
    BOOST_REQUIRE(lk.locked() == (winner.index() == 0 || held));
  }
}

// Waits that each start by letting the next one in.
template <class Lock>
struct relay
{
  std::size_t& served;

  void operator()(boost::system::error_code ec,
                  typename Lock::guard_type guard) const
  {
    served += !ec;
    guard.reset();
  }
};

} // namespace

TORO_TEST_CASE_TEMPLATE(N_O1_event_wakes_a_hundred_in_order, Threading,
                        policies)
{
  world w;
  event_of<Threading> ev(w.context());
  std::string expected;
  for (int i = 0; i != 100; ++i)
  {
    ev.async_wait(w.on(std::to_string(i)));
    expected += std::to_string(i) + " ";
  }
  ev.set();
  BOOST_TEST(w.poll() + " " == expected);
}

TORO_TEST_CASE_TEMPLATE(N_O2_nobody_overtakes_a_grant_on_its_way, Threading,
                        policies)
{
  world w;
  queue_of<int, Threading> q(w.context());
  q.async_get(w.on("a"));
  q.async_get(w.on("b"));
  BOOST_TEST(q.try_put(1));
  BOOST_TEST(!q.try_get().has_value());
  BOOST_TEST(q.try_put(2));
  BOOST_TEST(w.poll() == "a=1 b=2");

  lock_of<Threading> lk(w.context());
  lk.try_acquire().detach();
  lk.async_acquire(w.on("lock"));
  lk.release();
  BOOST_TEST(!lk.try_acquire());
  BOOST_TEST(w.poll() == "lock");

  semaphore_of<Threading> sem(w.context(), 0);
  sem.async_acquire(w.on("permit", let_go()));
  sem.release();
  BOOST_TEST(!sem.try_acquire());
  BOOST_TEST(w.poll() == "permit");
}

TORO_TEST_CASE_TEMPLATE(N_O3_notifier_that_runs_first_beats_the_deadline,
                        Threading, policies)
{
  world w;
  event_of<Threading> ev(w.context());
  condition_of<Threading> cv(w.context());
  lock_of<Threading> lk(w.context());
  queue_of<int, Threading> q(w.context());
  for (const bool notifier_first : {true, false})
  {
    auto held = lk.try_acquire();
    ev.async_wait(10ms, w.on("ev"));
    cv.async_wait(10ms, w.on("cv"));
    lk.async_acquire(10ms, w.on("lk"));
    q.async_get(10ms, w.on("q"));
    // Due from here on, but none has been looked at.
    w.clock.advance(10ms);
    const auto notify = [&]
    {
      ev.set();
      ev.clear();
      cv.notify();
      held.reset();
      BOOST_TEST(q.try_put(1));
    };
    if (notifier_first)
    {
      notify();
      BOOST_TEST(w.poll() == "ev cv lk q=1");
    }
    else
    {
      asio::post(w.context(), notify);
      BOOST_TEST(w.poll() == "ev:TO cv:TO lk:TO q:TO");
      BOOST_TEST(q.size() == 1u);
    }
  }
}

TORO_TEST_CASE_TEMPLATE(N_O4_nested_get_completes_after_earlier_waiters,
                        Threading, policies)
{
  world w;
  result_of<int, Threading> ar(w.context());
  ar.async_get(w.on("1",
                    [&](int)
                    {
                      ar.async_get(w.on("nested"));
                    }));
  ar.async_get(w.on("2"));
  ar.set(7);
  BOOST_TEST(w.poll() == "1=7 2=7 nested=7");
}

TORO_TEST_CASE_TEMPLATE(N_W1_cancelled_grant_goes_to_the_next_waiter, Threading,
                        policies)
{
  world w;
  lock_of<Threading> lk(w.context());
  auto held = lk.try_acquire();
  asio::cancellation_signal cancel;
  lk.async_acquire(asio::bind_cancellation_slot(cancel.slot(), w.on("1")));
  lk.async_acquire(w.on("2", let_go()));
  held.reset();
  cancel.emit(asio::cancellation_type::all);
  BOOST_TEST(lk.locked());
  BOOST_TEST(w.poll() == "1:AB 2");
  lk.release();

  semaphore_of<Threading> sem(w.context(), 0);
  asio::cancellation_signal again;
  sem.async_acquire(asio::bind_cancellation_slot(again.slot(), w.on("3")));
  sem.release();
  BOOST_TEST(sem.value() == 0u);
  again.emit(asio::cancellation_type::all);
  BOOST_TEST(sem.value() == 1u);
  BOOST_TEST(w.poll() == "3:AB");
}

TORO_TEST_CASE_TEMPLATE(N_W1_discarded_grant_harms_nobody, Threading, policies)
{
  world w;
  lock_of<Threading> lk(w.context());
  auto held = lk.try_acquire();
  lk.async_acquire(w.on("never"));
  held.reset();
  w.allow_drops();
  w.end_context();
  BOOST_TEST(w.drops() == 1u);
}

TORO_TEST_CASE_TEMPLATE(N_W2_notification_of_a_cancelled_wait_moves_on,
                        Threading, policies)
{
  world w;
  condition_of<Threading> cv(w.context());
  for (const bool notify_first : {true, false})
  {
    asio::cancellation_signal cancel;
    cv.async_wait(asio::bind_cancellation_slot(cancel.slot(), w.on("1")));
    cv.async_wait(w.on("2"));
    if (notify_first)
      BOOST_TEST(cv.notify(1) == 1u);
    cancel.emit(asio::cancellation_type::all);
    if (!notify_first)
      BOOST_TEST(cv.notify(1) == 1u);
    BOOST_TEST(w.poll() == "1:AB 2");
  }
}

TORO_TEST_CASE_TEMPLATE(N_W3_lock_that_races_with_a_timer_never_leaks,
                        Threading, policies)
{
  int wins = 0;
  const auto done = toro::testing::explore_all(
      [&](toro::testing::simulation& context)
      {
        lock_of<Threading> lk(context);
        auto held = lk.try_acquire();
        asio::co_spawn(context, race(lk, held, context, wins),
                       [](std::exception_ptr e)
                       {
                         if (e)
                           std::rethrow_exception(e);
                       });
        asio::post(context,
                   [&]
                   {
                     held.reset();
                   });
        context.run();
        return !lk.locked() && lk.try_acquire();
      });
  BOOST_TEST(wins > 0);
  BOOST_TEST(static_cast<std::uint64_t>(wins) < 2 * done.schedules);
}

TORO_TEST_CASE_TEMPLATE(N_W4_a_million_handlers_that_release_need_no_stack,
                        Threading, policies)
{
  constexpr std::size_t count = 1'000'000;
  world w;
  lock_of<Threading> lk(w.context());
  auto held = lk.try_acquire();
  std::size_t served = 0;
  for (std::size_t i = 0; i != count; ++i)
    lk.async_acquire(relay<lock_of<Threading>>{served});
  BOOST_TEST(lk.waiters() == count);
  held.reset();
  w.poll();
  BOOST_TEST(served == count);
  BOOST_TEST(!lk.locked());
}

BOOST_AUTO_TEST_SUITE_END()
