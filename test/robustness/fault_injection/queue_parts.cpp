// SPDX-License-Identifier: BSL-1.0
// Queues whose items are taken several at a time, whose room is reserved first,
// and whose gets end softly, where something fails.
#include <toro/error.hpp>
#include <toro/priority_queue.hpp>
#include <toro/queue.hpp>

#include <boost/test/unit_test.hpp>

#include <tuple>

#include "robustness/fault_injection/item.hpp"
#include "robustness/fault_injection/kinds_of_queues.hpp"
#include "robustness/fault_injection/store.hpp"
#include "robustness/fault_injection/trial.hpp"
#include "support/case_template.hpp"

namespace toro_test {

namespace {

using kinds =
    std::tuple<fifo<item, toro::thread_safe>, fifo<item, toro::strand_bound>,
               sorted<item, toro::thread_safe>,
               sorted<item, toro::strand_bound>,
               fifo<throwing_item, toro::thread_safe>,
               fifo<throwing_item, toro::strand_bound>,
               sorted<throwing_item, toro::thread_safe>,
               sorted<throwing_item, toro::strand_bound>>;

} // namespace

BOOST_FIXTURE_TEST_SUITE(failures_of_queue_parts, no_item_left)

TORO_TEST_CASE_TEMPLATE(items_are_taken_several_at_a_time, Kind, kinds)
{
  fail_each_call(calls<Kind>({failing::alarm}),
                 [](trial& t)
                 {
                   store<Kind> s(t, 3);
                   s.get_some(2);
                   s.get_some(4, 1s);
                   s.get_some(3);
                   s.put();
                   s.try_put();
                   t.emit(0);
                   for (int i = 0; i < 5; ++i)
                     s.put();
                   t.poll();
                   s.get_some(4);
                   t.poll();
                   s.put();
                   s.put();
                   s.put();
                   s.try_get_some(2);
                   t.poll();
                   s.get_some(2);
                   s.get_some(0);
                   s.cancel();
                   t.poll();
                   s.conclude();
                   s.serve();
                 });
}

TORO_TEST_CASE_TEMPLATE(items_are_put_into_rooms, Kind, kinds)
{
  fail_each_call(calls<Kind>({failing::alarm}),
                 [](trial& t)
                 {
                   store<Kind> s(t, 3);
                   s.put();
                   s.reserve();
                   s.reserve(1s);
                   s.reserve();
                   s.put();
                   s.reserve(1s);
                   t.emit(1);
                   t.poll();
                   s.fill_rooms();
                   t.poll();
                   s.get();
                   s.get();
                   t.poll();
                   s.fill_rooms();
                   s.leave_rooms();
                   t.poll();
                   s.try_reserve();
                   t.advance(1s);
                   t.poll();
                   s.fill_rooms();
                   t.poll();
                   s.conclude();
                   s.serve();
                 });
}

TORO_TEST_CASE_TEMPLATE(loops_end_with_the_queue, Kind, kinds)
{
  fail_each_call(calls<Kind>({failing::alarm}),
                 [](trial& t)
                 {
                   store<Kind> s(t, 2);
                   s.wait(1s);
                   s.next();
                   s.next(1s);
                   s.put();
                   s.put();
                   s.put();
                   t.emit(1);
                   t.poll();
                   s.wait();
                   s.reserve();
                   t.poll();
                   s.close();
                   t.poll();
                   s.next();
                   s.next();
                   s.fill_rooms();
                   t.poll();
                   s.leave_rooms();
                   while (s.try_get())
                   {
                   }
                   const call_record& last = s.next();
                   const call_record& late = s.wait();
                   t.poll();
                   s.close();
                   t.poll();
                   s.conclude();
                   BOOST_TEST((last.was_dropped() || last.succeeded()));
                   const auto closed = make_error_code(toro::error::closed);
                   BOOST_TEST((late.was_dropped() || late.has(closed)));
                 });
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
