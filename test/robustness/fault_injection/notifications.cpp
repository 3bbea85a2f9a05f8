// SPDX-License-Identifier: BSL-1.0
// Events and conditions whose waiters and predicates fail: a notification goes
// to a wait or is passed on.
#include <toro/barrier.hpp>
#include <toro/broadcast.hpp>
#include <toro/condition.hpp>
#include <toro/event.hpp>
#include <toro/latch.hpp>
#include <toro/wait_group.hpp>
#include <toro/watch.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <set>
#include <utility>

#include "robustness/fault_injection/trial.hpp"
#include "support/case_template.hpp"
#include "support/world.hpp"

namespace toro_test {

BOOST_AUTO_TEST_SUITE(failures_of_notifications)

namespace {

const std::set<failing> when_asked = {failing::memory,   failing::execution,
                                      failing::delivery, failing::alarm,
                                      failing::handler,  failing::handler_move,
                                      failing::copy,     failing::predicate};

// A predicate that cannot be moved, and fails to be copied or to answer.
class question
{
public:
  explicit question(const bool& answer) noexcept
    : answer_(&answer)
  {
  }

  question(const question& other)
    : answer_(other.answer_)
  {
    faults.call(failing::copy);
  }

  bool operator()() const
  {
    faults.call(failing::predicate);
    return *answer_;
  }

private:
  const bool* answer_;
};

// A condition, and what an answer is to its predicates.
template <class Threading>
class meeting
{
public:
  explicit meeting(trial& t)
    : cv(t.executor()),
      t_(t)
  {
    t_.watch(cv);
  }

  const call_record& wait()
  {
    return t_.start(
        [this](auto handler)
        {
          cv.async_wait(std::move(handler));
        });
  }

  const call_record& wait_for_answer(toro::deadline limit = {})
  {
    return t_.start(
        [&](auto handler)
        {
          cv.async_wait(question(answer), limit, std::move(handler));
        });
  }

  void notify(std::size_t n)
  {
    t_.act(
        [&]
        {
          cv.notify(n);
        });
  }

  // Has what was refused handed over, and notifies nobody.
  void recover()
  {
    t_.recover(
        [this]
        {
          cv.notify(0);
        });
  }

  // Whoever waits still gets what it waits for.
  void conclude()
  {
    answer = true;
    cv.notify_all();
    t_.poll();
    BOOST_TEST(cv.waiters() == 0u);
  }

  toro::basic_condition<throwing_executor, Threading> cv;
  bool answer = false;

private:
  trial& t_;
};

} // namespace

TORO_TEST_CASE_TEMPLATE(event_wakes_everyone, Threading, policies)
{
  fail_each_call(timed_calls,
                 [](trial& t)
                 {
                   toro::basic_event<throwing_executor, Threading> ev(
                       t.executor());
                   t.watch(ev);
                   const auto wait = [&](auto handler)
                   {
                     ev.async_wait(1s, std::move(handler));
                   };
                   const auto set = [&]
                   {
                     ev.set();
                   };
                   for (int i = 0; i < 3; ++i)
                     t.start(wait);
                   t.act(set);
                   ev.clear();
                   t.start(wait);
                   t.poll();
                   t.act(set);
                   t.start(wait);
                   t.advance(1s);
                   t.recover(set);
                   t.check_successes();
                   BOOST_TEST(ev.is_set());
                   t.serve(wait);
                 });
}

// An initiation that throws has not counted, unless an executor failed.
TORO_TEST_CASE_TEMPLATE(latch_counts_the_arrivals_that_began, Threading,
                        policies)
{
  fail_each_call(timed_calls,
                 [](trial& t)
                 {
                   toro::basic_latch<throwing_executor, Threading> latch(
                       t.executor(), 9);
                   t.watch(latch);
                   const auto wait = [&](auto handler)
                   {
                     latch.async_wait(1s, std::move(handler));
                   };
                   const auto arrive = [&](auto handler)
                   {
                     latch.async_arrive(1s, std::move(handler));
                   };
                   t.start(arrive);
                   t.start(wait);
                   t.start(arrive);
                   t.act(
                       [&]
                       {
                         latch.count_down(latch.count() - 1);
                       });
                   t.start(arrive);
                   t.poll();
                   t.recover(
                       [&]
                       {
                         latch.count_down(latch.count());
                       });
                   t.check_successes();
                   BOOST_TEST(latch.ready());
                   t.serve(wait);
                 });
}

// An initiation that throws has not arrived, unless an executor failed.
TORO_TEST_CASE_TEMPLATE(barrier_completes_its_phases, Threading, policies)
{
  fail_each_call(timed_calls,
                 [](trial& t)
                 {
                   toro::basic_barrier<throwing_executor, Threading> barrier(
                       t.executor(), 4);
                   t.watch(barrier);
                   const auto arrive = [&](auto handler)
                   {
                     barrier.async_arrive(1s, std::move(handler));
                   };
                   const auto drop = [&]
                   {
                     barrier.drop();
                   };
                   t.start(arrive);
                   t.start(arrive);
                   t.act(drop);
                   t.start(arrive);
                   t.start(arrive);
                   t.poll();
                   t.recover(
                       [&]
                       {
                         while (barrier.arrived() != 0 || barrier.parties() > 1)
                           barrier.drop();
                       });
                   t.check_successes();
                   BOOST_TEST(barrier.phase() >= 1u);
                   t.serve(arrive);
                 });
}

// A value that was set reaches all readers, whatever fails.
TORO_TEST_CASE_TEMPLATE(watch_reaches_all_readers, Threading, policies)
{
  fail_each_call(timed_calls,
                 [](trial& t)
                 {
                   toro::basic_watch<int, throwing_executor, Threading> level(
                       t.executor());
                   t.watch(level);
                   auto one = level.read();
                   auto two = level.read();
                   t.start(
                       [&](auto handler)
                       {
                         one.async_next(1s, std::move(handler));
                       });
                   t.start(
                       [&](auto handler)
                       {
                         two.async_next(
                             [](int value)
                             {
                               return value == the_item;
                             },
                             1s, std::move(handler));
                       });
                   t.poll();
                   t.act(
                       [&]
                       {
                         level.set(the_item);
                       });
                   t.poll();
                   t.recover(
                       [&]
                       {
                         level.set(the_item);
                       });
                   t.check_successes();
                   BOOST_TEST(level.get() == the_item);
                 });
}

// An item reaches all subscriptions, whatever fails.
TORO_TEST_CASE_TEMPLATE(broadcast_reaches_all_subscriptions, Threading,
                        policies)
{
  fail_each_call(
      timed_calls,
      [](trial& t)
      {
        toro::basic_broadcast<int, throwing_executor, Threading> room(
            t.executor(), 2, toro::overflow::wait);
        t.watch(room);
        auto one = room.subscribe();
        auto two = room.subscribe();
        t.start(
            [&](auto handler)
            {
              one.async_get(1s, std::move(handler));
            });
        t.start(
            [&](auto handler)
            {
              two.async_get(1s, std::move(handler));
            });
        t.start(
            [&](auto handler)
            {
              room.async_put(the_item, 1s, std::move(handler));
            });
        t.poll();
        t.recover(
            [&]
            {
              static_cast<void>(room.try_put(the_item));
            });
        t.check_successes();
      });
}

// What is counted leaves, and all waits are woken, whatever fails.
TORO_TEST_CASE_TEMPLATE(wait_group_wakes_everyone, Threading, policies)
{
  fail_each_call(timed_calls,
                 [](trial& t)
                 {
                   toro::basic_wait_group<throwing_executor, Threading> group(
                       t.executor());
                   t.watch(group);
                   const auto wait = [&](auto handler)
                   {
                     group.async_wait(1s, std::move(handler));
                   };
                   const auto close = [&](auto handler)
                   {
                     group.async_close(1s, std::move(handler));
                   };
                   auto guarded = group.enter();
                   group.enter().detach();
                   t.start(wait);
                   t.start(close);
                   t.start(wait);
                   guarded.reset();
                   t.act(
                       [&]
                       {
                         group.leave();
                       });
                   BOOST_TEST(group.count() == 0u);
                   t.start(close);
                   t.poll();
                   t.recover(
                       [&]
                       {
                         group.close();
                       });
                   t.check_successes();
                   BOOST_TEST(!group.is_open());
                   t.serve(wait);
                 });
}

TORO_TEST_CASE_TEMPLATE(notification_reaches_one_wait, Threading, policies)
{
  fail_each_call(usual_calls,
                 [](trial& t)
                 {
                   meeting<Threading> m(t);
                   for (int i = 0; i < 3; ++i)
                     m.wait();
                   m.notify(1);
                   t.emit(0);
                   t.poll();
                   m.recover();
                   BOOST_TEST((t.successes() == 1 ||
                               (t.successes() == 0 &&
                                t.template may_lack_one<Threading>())));
                   m.conclude();
                   t.check_ends();
                 });
}

TORO_TEST_CASE_TEMPLATE(notification_passes_by_those_who_do_not_care, Threading,
                        policies)
{
  fail_each_call(when_asked,
                 [](trial& t)
                 {
                   meeting<Threading> m(t);
                   m.wait_for_answer();
                   m.wait_for_answer(1s);
                   const call_record& last = m.wait();
                   m.notify(1);
                   t.poll();
                   m.recover();
                   BOOST_TEST((last.succeeded() || last.was_dropped()));
                   m.conclude();
                   t.check_successes();
                 });
}

TORO_TEST_CASE_TEMPLATE(predicates_are_asked_until_they_hold, Threading,
                        policies)
{
  fail_each_call(when_asked,
                 [](trial& t)
                 {
                   meeting<Threading> m(t);
                   m.answer = true;
                   m.wait_for_answer();
                   m.answer = false;
                   m.wait_for_answer(1s);
                   m.wait_for_answer();
                   t.poll();
                   m.notify(2);
                   t.poll();
                   m.answer = true;
                   m.notify(2);
                   t.poll();
                   m.recover();
                   m.conclude();
                   t.check_successes();
                 });
}

TORO_TEST_CASE_TEMPLATE(who_waits_for_an_answer_gives_up_in_time, Threading,
                        policies)
{
  fail_each_call(when_asked,
                 [](trial& t)
                 {
                   meeting<Threading> m(t);
                   m.wait_for_answer(2s);
                   m.wait_for_answer(1s);
                   m.notify(1);
                   t.poll();
                   t.advance(1s);
                   // A timer that failed is set again at the next entry.
                   m.recover();
                   t.advance(1s);
                   t.check_end(0, timed_out());
                   t.check_end(1, timed_out());
                   t.check_ends();
                   m.wait();
                   m.conclude();
                   BOOST_TEST(t.newest().succeeded());
                 });
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
