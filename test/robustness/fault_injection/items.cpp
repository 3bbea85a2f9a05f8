// SPDX-License-Identifier: BSL-1.0
// Queues and results whose items, putters and getters fail: each item that was
// put is got once or still there, and each that was not is nowhere.
#include <toro/async_result.hpp>
#include <toro/lifo_queue.hpp>
#include <toro/priority_queue.hpp>
#include <toro/queue.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/test/unit_test.hpp>

#include <functional>
#include <set>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "robustness/fault_injection/item.hpp"
#include "robustness/fault_injection/kinds_of_queues.hpp"
#include "robustness/fault_injection/store.hpp"
#include "robustness/fault_injection/trial.hpp"
#include "support/case_template.hpp"
#include "support/world.hpp"

namespace toro_test {

namespace {

using kinds =
    std::tuple<fifo<item, toro::thread_safe>, fifo<item, toro::strand_bound>,
               lifo<item, toro::thread_safe>, lifo<item, toro::strand_bound>,
               sorted<item, toro::thread_safe>,
               sorted<item, toro::strand_bound>,
               fifo<throwing_item, toro::thread_safe>,
               fifo<throwing_item, toro::strand_bound>,
               lifo<throwing_item, toro::thread_safe>,
               lifo<throwing_item, toro::strand_bound>,
               sorted<throwing_item, toro::thread_safe>,
               sorted<throwing_item, toro::strand_bound>>;

using kinds_of_values =
    std::tuple<fifo<item, toro::thread_safe>, fifo<item, toro::strand_bound>,
               fifo<throwing_item, toro::thread_safe>,
               fifo<throwing_item, toro::strand_bound>>;

// An item that runs no code where it is moved.
struct alignas(64) plain_item
{
  int number;

  friend bool operator<(const plain_item& a, const plain_item& b)
  {
    faults.call(failing::comparison);
    return a.number < b.number;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(failures_of_items, no_item_left)

TORO_TEST_CASE_TEMPLATE(items_go_from_puts_to_gets, Kind, kinds)
{
  fail_each_call(calls<Kind>({failing::copy}),
                 [](trial& t)
                 {
                   store<Kind> s(t, 2);
                   s.get();
                   s.get();
                   s.put();
                   s.try_put_copy();
                   t.poll();
                   for (int i = 0; i < 4; ++i)
                     s.put();
                   s.try_get();
                   t.poll();
                   s.put_two_copies();
                   s.get();
                   s.try_put();
                   t.poll();
                   s.conclude();
                   s.serve();
                 });
}

TORO_TEST_CASE_TEMPLATE(items_of_those_who_are_cancelled_return, Kind, kinds)
{
  fail_each_call(calls<Kind>({failing::alarm}),
                 [](trial& t)
                 {
                   store<Kind> s(t, 1);
                   s.get();
                   s.get(1s);
                   s.put();
                   s.try_put();
                   t.emit(0);
                   t.poll();
                   s.put();
                   s.put(1s);
                   s.put();
                   t.emit(3);
                   s.get();
                   t.emit(6);
                   t.advance(1s);
                   s.get();
                   s.cancel();
                   t.poll();
                   s.conclude();
                   s.serve();
                 });
}

TORO_TEST_CASE_TEMPLATE(closed_queue_gives_all_it_has, Kind, kinds)
{
  fail_each_call(calls<Kind>(),
                 [](trial& t)
                 {
                   store<Kind> s(t, 2);
                   s.put();
                   s.put();
                   const call_record& blocked = s.put();
                   s.get();
                   s.put();
                   s.close();
                   BOOST_TEST(!s.shelf.is_open());
                   BOOST_TEST(!s.shelf.try_put(typename Kind::item(-1)));
                   s.get();
                   t.poll();
                   const call_record& late = s.put();
                   while (s.try_get())
                   {
                   }
                   const call_record& last = s.get();
                   t.poll();
                   s.close();
                   s.conclude();
                   const auto closed = make_error_code(toro::error::closed);
                   BOOST_TEST((late.was_dropped() || late.has(closed)));
                   BOOST_TEST((last.was_dropped() || last.ec));
                   BOOST_TEST(!blocked.is_pending());
                 });
}

TORO_TEST_CASE_TEMPLATE(joins_wait_for_what_was_put, Kind, kinds)
{
  fail_each_call(calls<Kind>(),
                 [](trial& t)
                 {
                   store<Kind> s(t, 0);
                   const call_record& idle = s.join();
                   t.poll();
                   s.try_put();
                   s.put();
                   t.poll();
                   s.join();
                   s.join();
                   s.try_get();
                   t.poll();
                   while (s.shelf.unfinished() != 0)
                     s.task_done();
                   t.poll();
                   s.join();
                   // No join may have been waiting for that.
                   t.recover(
                       [&]
                       {
                         s.try_get();
                       });
                   t.check_successes();
                   BOOST_TEST(!idle.is_pending());
                   s.conclude();
                   s.serve();
                 });
}

TORO_TEST_CASE_TEMPLATE(plain_item_is_put_or_nothing_changes, Threading,
                        policies)
{
  world w;
  toro::basic_priority_queue<plain_item, std::less<plain_item>,
                             boost::asio::any_io_executor, Threading>
      q(w.context(), 2);
  const auto fails = [&](failing what)
  {
    const std::string before = to_string(q);
    faults.plan(what, 1);
    BOOST_CHECK_THROW(static_cast<void>(q.try_put(plain_item{0})), injected);
    faults.spare_all();
    BOOST_TEST(to_string(q) == before);
  };
  const auto finds_no_memory = [&](const auto& function)
  {
    const std::string before = to_string(q);
    faults.plan(failing::memory, 1);
    BOOST_CHECK_THROW(function(), injected);
    faults.spare_all();
    BOOST_TEST(to_string(q) == before);
  };
  fails(failing::memory);
  finds_no_memory(
      [&]
      {
        static_cast<void>(q.try_reserve());
      });
  finds_no_memory(
      [&]
      {
        q.force_put(plain_item{0});
      });
  BOOST_TEST(q.try_put(plain_item{1}));
  fails(failing::memory);
  fails(failing::comparison);
  auto room = q.try_reserve();
  faults.plan(failing::memory, 1);
  std::move(room).put(plain_item{2});
  BOOST_TEST(!faults.has_struck());
  faults.spare_all();
  // What is not even tried does not fail.
  faults.plan(failing::memory, 1);
  BOOST_TEST(!q.try_put(plain_item{0}));
  BOOST_TEST(q.try_get()->number == 1);
  BOOST_TEST(q.try_get()->number == 2);
  BOOST_TEST(!q.try_get());
  // Nor does what finds a node that was used before.
  BOOST_TEST(q.try_put(plain_item{3}));
  BOOST_TEST(!faults.has_struck());
  faults.spare_all();
  BOOST_TEST(q.try_get()->number == 3);
}

// A kind of queue stands for its items and its policy.
TORO_TEST_CASE_TEMPLATE(result_is_copied_to_each_reader, Kind, kinds_of_values)
{
  using Threading = typename Kind::threading;
  using item = typename Kind::item;
  std::set<failing> with_copies = timed_calls;
  with_copies.insert(failing::copy);
  if (moves_fail<item>)
    with_copies.insert(failing::move);
  fail_each_call(
      with_copies,
      [](trial& t)
      {
        toro::basic_async_result<item, throwing_executor, Threading> result(
            t.executor());
        t.watch(result);
        const auto read = [&](auto handler)
        {
          result.async_get(1s, std::move(handler));
        };
        for (int i = 0; i < 3; ++i)
          t.start(read);
        t.emit(1);
        // Memory may fail, and then nothing was set.
        while (!result.ready())
        {
          t.act(
              [&]
              {
                result.set(item(1));
              });
        }
        t.start(read);
        t.poll();
        t.try_to(
            [&]
            {
              BOOST_TEST(result.get().number() == 1);
            });
        t.try_to(
            [&]
            {
              BOOST_TEST(result.try_get()->number() == 1);
            });
        // An entry that hands over what was refused.
        t.recover(
            [&]
            {
              result.cancel();
            });
        t.check_ends();
        BOOST_TEST(result.waiters() == 0u);
        t.serve(read);
        BOOST_TEST(t.newest().template kept<item>()->number() == 1);
      });
}

TORO_TEST_CASE_TEMPLATE(error_goes_to_each_reader, Threading, policies)
{
  fail_each_call(
      usual_calls,
      [](trial& t)
      {
        toro::basic_async_result<void, throwing_executor, Threading> result(
            t.executor());
        t.watch(result);
        const auto read = [&](auto handler)
        {
          result.async_get(std::move(handler));
        };
        for (int i = 0; i < 3; ++i)
          t.start(read);
        t.act(
            [&]
            {
              result.set_error(timed_out());
            });
        t.start(read);
        t.poll();
        BOOST_TEST(result.ready());
        t.recover(
            [&]
            {
              t.start(read);
            });
        t.check_ends();
        BOOST_TEST(t.newest().has(timed_out()));
      });
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
