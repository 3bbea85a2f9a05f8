// SPDX-License-Identifier: BSL-1.0
#include <toro/async_result.hpp>
#include <toro/barrier.hpp>
#include <toro/bounded_semaphore.hpp>
#include <toro/cancellation_source.hpp>
#include <toro/condition.hpp>
#include <toro/event.hpp>
#include <toro/joinable_queue.hpp>
#include <toro/latch.hpp>
#include <toro/semaphore.hpp>
#include <toro/task_group.hpp>
#include <toro/wait_group.hpp>
#include <toro/watch.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <vector>

#include "support/case_template.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_wake_all)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;

using boost::system::error_code;
using io_executor = asio::io_context::executor_type;

// More than are delivered in one turn, and not a multiple of it.
constexpr int many = 200;

// An executor that runs one function at a time, and a policy: what a broadcast
// needs for deliveries that are shared.
template <class Executor, class Threading>
struct serial
{
  using executor_type = Executor;
  using threading = Threading;

  static Executor make(world& w)
  {
    if constexpr (std::is_same_v<Executor, io_executor>)
      return w.context().get_executor();
    else
      return Executor(asio::make_strand(w.context().get_executor()));
  }
};

using serials = std::tuple<serial<io_executor, toro::strand_bound>,
                           serial<any_executor, toro::strand_bound>,
                           serial<asio::strand<io_executor>, toro::thread_safe>,
                           serial<any_executor, toro::thread_safe>>;

template <class Serial>
using event_of = toro::basic_event<typename Serial::executor_type,
                                   typename Serial::threading>;

// What the handlers of numbered waits were given.
struct outcomes
{
  std::vector<int> order;
  int aborted = 0;

  auto on(int number)
  {
    return [this, number](error_code ec)
    {
      if (ec)
        ++aborted;
      else
        order.push_back(number);
    };
  }

  bool in_order() const
  {
    return std::is_sorted(order.begin(), order.end());
  }
};

template <class Event>
void start_many(Event& event, outcomes& seen)
{
  for (int i = 0; i < many; ++i)
    event.async_wait(seen.on(i));
}

} // namespace

TORO_TEST_CASE_TEMPLATE(all_are_woken_in_their_order, Serial, serials)
{
  world w;
  event_of<Serial> event(Serial::make(w));
  outcomes seen;
  start_many(event, seen);
  event.set();
  BOOST_TEST(event.waiters() == 0u);
  BOOST_TEST(seen.order.empty());
  w.run();
  BOOST_TEST(seen.order.size() == many);
  BOOST_TEST(seen.in_order());
}

TORO_TEST_CASE_TEMPLATE(others_have_their_turn_in_between, Serial, serials)
{
  world w;
  event_of<Serial> event(Serial::make(w));
  outcomes seen;
  start_many(event, seen);
  event.set();
  std::size_t woken_before = 0;
  asio::post(event.get_executor(),
             [&]
             {
               woken_before = seen.order.size();
             });
  w.run();
  BOOST_TEST(woken_before > 0u);
  BOOST_TEST(woken_before < static_cast<std::size_t>(many));
}

TORO_TEST_CASE_TEMPLATE(a_wait_that_begins_meanwhile_comes_last, Serial,
                        serials)
{
  world w;
  event_of<Serial> event(Serial::make(w));
  outcomes seen;
  event.async_wait(
      [&](error_code)
      {
        event.async_wait(seen.on(many));
      });
  start_many(event, seen);
  event.set();
  w.run();
  BOOST_TEST(seen.order.size() == many + 1);
  BOOST_TEST(seen.in_order());
}

// The first one notes that such waits end at once, by which the second one goes
// a shorter way.
TORO_TEST_CASE_TEMPLATE(waits_that_end_at_once_come_last, Serial, serials)
{
  world w;
  event_of<Serial> event(Serial::make(w));
  outcomes seen;
  start_many(event, seen);
  event.set();
  for (int i = 0; i != 3; ++i)
    event.async_wait(seen.on(many + i));
  w.run();
  BOOST_TEST(seen.order.size() == many + 3);
  BOOST_TEST(seen.in_order());
}

// The same when the last turn is under way, the handlers of which are in
// nobody's way but those that a handler before them keeps from their turn.
TORO_TEST_CASE_TEMPLATE(waits_that_end_in_the_last_turn_come_last, Serial,
                        serials)
{
  world w;
  event_of<Serial> event(Serial::make(w));
  outcomes seen;
  event.async_wait(
      [&](error_code)
      {
        for (int i = 0; i != 3; ++i)
          event.async_wait(seen.on(10 + i));
      });
  event.async_wait(
      [](error_code)
      {
        throw 1;
      });
  for (int i = 0; i != 10; ++i)
    event.async_wait(seen.on(i));
  event.set();
  BOOST_CHECK_THROW(w.run(), int);
  w.run();
  BOOST_TEST(seen.order.size() == 13u);
  BOOST_TEST(seen.in_order());
}

TORO_TEST_CASE_TEMPLATE(a_handler_that_throws_keeps_nobody_from_waking, Serial,
                        serials)
{
  world w;
  event_of<Serial> event(Serial::make(w));
  outcomes seen;
  event.async_wait(
      [](error_code)
      {
        throw 1;
      });
  start_many(event, seen);
  event.set();
  BOOST_CHECK_THROW(w.run(), int);
  BOOST_TEST(seen.order.empty());
  w.run();
  BOOST_TEST(seen.order.size() == many);
  BOOST_TEST(seen.in_order());
}

TORO_TEST_CASE_TEMPLATE(order_holds_when_a_handler_throws, Serial, serials)
{
  world w;
  event_of<Serial> event(Serial::make(w));
  outcomes seen;
  event.async_wait(
      [&](error_code)
      {
        event.async_wait(seen.on(many));
      });
  event.async_wait(
      [](error_code)
      {
        throw 1;
      });
  start_many(event, seen);
  event.set();
  BOOST_CHECK_THROW(w.run(), int);
  w.run();
  BOOST_TEST(seen.order.size() == many + 1);
  BOOST_TEST(seen.in_order());
}

TORO_TEST_CASE_TEMPLATE(each_can_still_be_cancelled, Serial, serials)
{
  world w;
  event_of<Serial> event(Serial::make(w));
  outcomes seen;
  asio::cancellation_signal first;
  asio::cancellation_signal last;
  event.async_wait(asio::bind_cancellation_slot(
      first.slot(),
      [&](error_code ec)
      {
        BOOST_TEST(ec == asio::error::operation_aborted);
      }));
  start_many(event, seen);
  event.async_wait(asio::bind_cancellation_slot(last.slot(), seen.on(many)));
  event.set();
  first.emit(asio::cancellation_type::terminal);
  asio::post(event.get_executor(),
             [&]
             {
               last.emit(asio::cancellation_type::total);
             });
  w.run();
  BOOST_TEST(seen.order.size() == many);
  BOOST_TEST(seen.aborted == 1);
}

TORO_TEST_CASE_TEMPLATE(cancel_ends_all_and_counts_them, Serial, serials)
{
  world w;
  event_of<Serial> event(Serial::make(w));
  outcomes seen;
  start_many(event, seen);
  event.set();
  BOOST_TEST(event.cancel() == static_cast<std::size_t>(many));
  BOOST_TEST(event.cancel() == 0u);
  w.run();
  BOOST_TEST(seen.aborted == many);
  BOOST_TEST(event.is_set());
}

TORO_TEST_CASE_TEMPLATE(the_primitive_may_end_in_the_middle, Serial, serials)
{
  world w;
  std::optional<event_of<Serial>> event(Serial::make(w));
  outcomes seen;
  start_many(*event, seen);
  event->set();
  asio::post(event->get_executor(),
             [&]
             {
               event.reset();
             });
  w.run();
  BOOST_TEST(seen.order.size() + static_cast<std::size_t>(seen.aborted) ==
             static_cast<std::size_t>(many));
  BOOST_TEST(seen.aborted > 0);
  BOOST_TEST(seen.in_order());
}

TORO_TEST_CASE_TEMPLATE(the_context_may_end_in_the_middle, Serial, serials)
{
  world w;
  const auto token = std::make_shared<int>();
  event_of<Serial> event(Serial::make(w));
  for (int i = 0; i < many; ++i)
    event.async_wait([token](error_code) {});
  event.set();
  w.poll_one();
  BOOST_TEST(token.use_count() > 1);
  w.end_context();
  BOOST_TEST(token.use_count() == 1);
}

TORO_TEST_CASE_TEMPLATE(deadlines_go_with_the_waits, Serial, serials)
{
  world w;
  event_of<Serial> event(Serial::make(w));
  outcomes seen;
  for (int i = 0; i < many; ++i)
    event.async_wait(1s, seen.on(i));
  event.set();
  event.clear();
  event.async_wait(2s, seen.on(many));
  w.advance(1s);
  BOOST_TEST(seen.order.size() == many);
  w.advance(1s);
  BOOST_TEST(seen.aborted == 1);
}

TORO_TEST_CASE_TEMPLATE(clear_after_set_takes_nothing_back, Serial, serials)
{
  world w;
  event_of<Serial> event(Serial::make(w));
  outcomes seen;
  start_many(event, seen);
  event.set();
  event.clear();
  event.async_wait(seen.on(many));
  w.poll();
  BOOST_TEST(seen.order.size() == many);
  BOOST_TEST(event.waiters() == 1u);
  event.set();
  w.run();
  BOOST_TEST(seen.order.size() == many + 1);
}

TORO_TEST_CASE_TEMPLATE(waits_on_other_executors_are_woken_too, Serial, serials)
{
  world w;
  event_of<Serial> event(Serial::make(w));
  const auto elsewhere = asio::make_strand(w.context());
  outcomes here;
  outcomes there;
  for (int i = 0; i < many; ++i)
  {
    event.async_wait(here.on(i));
    event.async_wait(asio::bind_executor(elsewhere, there.on(i)));
  }
  event.set();
  w.run();
  BOOST_TEST(here.order.size() == many);
  BOOST_TEST(there.order.size() == many);
  BOOST_TEST(here.in_order());
  BOOST_TEST(there.in_order());
}

TORO_TEST_CASE_TEMPLATE(predicates_that_do_not_hold_wait_on, Serial, serials)
{
  world w;
  toro::basic_condition<typename Serial::executor_type,
                        typename Serial::threading>
      condition(Serial::make(w));
  outcomes seen;
  int allowed = 0;
  for (int i = 0; i < many; ++i)
    condition.async_wait(
        [&allowed, i]
        {
          return i < allowed;
        },
        seen.on(i));
  BOOST_TEST(condition.notify_all() == static_cast<std::size_t>(many));
  w.poll();
  BOOST_TEST(condition.waiters() == static_cast<std::size_t>(many));
  allowed = many / 2;
  condition.notify_all();
  w.poll();
  BOOST_TEST(condition.waiters() == static_cast<std::size_t>(many / 2));
  allowed = many;
  condition.notify_all();
  w.run();
  BOOST_TEST(seen.order.size() == many);
  BOOST_TEST(seen.in_order());
}

TORO_TEST_CASE_TEMPLATE(a_notification_after_a_broadcast_comes_after_it, Serial,
                        serials)
{
  world w;
  toro::basic_condition<typename Serial::executor_type,
                        typename Serial::threading>
      condition(Serial::make(w));
  outcomes seen;
  start_many(condition, seen);
  condition.notify_all();
  condition.async_wait(seen.on(many));
  BOOST_TEST(condition.notify() == 1u);
  w.run();
  BOOST_TEST(seen.order.size() == many + 1);
  BOOST_TEST(seen.in_order());
}

TORO_TEST_CASE_TEMPLATE(permits_granted_meanwhile_are_given_back, Serial,
                        serials)
{
  world w;
  toro::basic_semaphore<typename Serial::executor_type,
                        typename Serial::threading>
      permits(Serial::make(w), 0);
  outcomes seen;
  for (int i = 0; i < many; ++i)
    permits.async_wait(seen.on(i));
  permits.release(2);
  int acquired = 0;
  permits.async_acquire(
      [&](error_code ec, auto permit)
      {
        acquired += ec ? 0 : 1;
        BOOST_TEST(static_cast<bool>(permit) == !ec);
      });
  BOOST_TEST(permits.value() == 1u);
  BOOST_TEST(permits.cancel() == static_cast<std::size_t>(many) + 1);
  BOOST_TEST(permits.value() == 2u);
  w.run();
  BOOST_TEST(acquired == 0);
  BOOST_TEST(seen.aborted == many);
}

// The strand's handlers go before the primitive hears of the end, and what they
// give back is granted once more.
BOOST_AUTO_TEST_CASE(dropped_crowd_gives_back_to_those_who_wait)
{
  std::optional<toro::semaphore> permits;
  world w;
  const toro::event first(w.context());
  w.allow_drops();
  permits.emplace(any_executor(asio::make_strand(w.context())), 0);
  permits->async_wait(w.on("wait"));
  permits->async_wait(w.on("wait"));
  permits->release();
  for (const std::size_t n : {1u, 0u, 1u})
    permits->async_acquire(n, w.on("acquire"));
  w.end_context();
  BOOST_TEST(w.drops() == 5u);
}

BOOST_AUTO_TEST_CASE(nested_strand_is_an_executor_like_others)
{
  world w;
  const auto nested = asio::make_strand(asio::make_strand(w.context()));
  toro::basic_event<std::decay_t<decltype(nested)>> event(nested);
  outcomes seen;
  start_many(event, seen);
  event.set();
  w.run();
  BOOST_TEST(seen.order.size() == many);
}

TORO_TEST_CASE_TEMPLATE(results_and_joins_are_broadcasts, Serial, serials)
{
  using executor = typename Serial::executor_type;
  using threading = typename Serial::threading;
  world w;
  toro::basic_async_result<int, executor, threading> result(Serial::make(w));
  toro::basic_queue<int, executor, threading> tasks(Serial::make(w));
  outcomes joined;
  int sum = 0;
  BOOST_TEST(tasks.try_put(1));
  for (int i = 0; i < many; ++i)
  {
    result.async_get(
        [&](error_code, int value)
        {
          sum += value;
        });
    tasks.async_join(joined.on(i));
  }
  result.set(2);
  tasks.task_done();
  w.run();
  BOOST_TEST(sum == 2 * many);
  BOOST_TEST(joined.order.size() == many);
}

// The waits that the guide to threads lists ("Up to 64 handlers in one turn").
BOOST_AUTO_TEST_CASE(one_turn_wakes_64_of_all_that_wait)
{
  using bound = toro::strand_bound;
  world w;
  const io_executor executor = w.context().get_executor();
  int woken = 0;
  const auto handler = [&](auto&&...)
  {
    ++woken;
  };
  const auto woken_in_a_turn = [&]
  {
    woken = 0;
    w.context().restart();
    w.context().run_one();
    const int in_a_turn = woken;
    w.run();
    BOOST_TEST(woken == many);
    return in_a_turn;
  };

  toro::basic_event<io_executor, bound> event(executor);
  for (int i = 0; i < many; ++i)
    event.async_wait(handler);
  event.set();
  BOOST_TEST(woken_in_a_turn() == 64);

  toro::basic_async_result<int, io_executor, bound> result(executor);
  for (int i = 0; i < many; ++i)
    result.async_get(handler);
  result.set(1);
  BOOST_TEST(woken_in_a_turn() == 64);

  toro::basic_latch<io_executor, bound> latch(executor, 1);
  for (int i = 0; i < many; ++i)
    latch.async_wait(handler);
  latch.count_down();
  BOOST_TEST(woken_in_a_turn() == 64);

  toro::basic_barrier<io_executor, bound> barrier(executor, many + 1);
  for (int i = 0; i < many; ++i)
    barrier.async_arrive(handler);
  barrier.drop();
  BOOST_TEST(woken_in_a_turn() == 64);

  toro::basic_wait_group<io_executor, bound> work(executor);
  auto last = work.enter();
  for (int i = 0; i < many; ++i)
    work.async_wait(handler);
  last.reset();
  BOOST_TEST(woken_in_a_turn() == 64);

  toro::basic_watch<int, io_executor, bound> level(executor, 0);
  auto reader = level.read();
  for (int i = 0; i < many; ++i)
    reader.async_next(handler);
  level.set(1);
  BOOST_TEST(woken_in_a_turn() == 64);

  toro::basic_condition<io_executor, bound> condition(executor);
  for (int i = 0; i < many; ++i)
    condition.async_wait(handler);
  condition.notify_all();
  BOOST_TEST(woken_in_a_turn() == 64);

  toro::basic_queue<int, io_executor, bound> queue(executor);
  BOOST_TEST(queue.try_put(1));
  for (int i = 0; i < many; ++i)
    queue.async_join(handler);
  queue.task_done();
  BOOST_TEST(woken_in_a_turn() == 64);

  BOOST_TEST(queue.clear() == 1u);
  BOOST_TEST(queue.try_put(1));
  for (int i = 0; i < many; ++i)
    queue.async_join(handler);
  queue.clear();
  BOOST_TEST(woken_in_a_turn() == 64);

  toro::basic_task_group<io_executor, bound> group(executor);
  asio::post(executor, group.child());
  for (int i = 0; i < many; ++i)
    group.async_join(handler);
  w.context().restart();
  w.context().run_one();
  BOOST_TEST(woken_in_a_turn() == 64);

  toro::basic_semaphore<io_executor, bound> semaphore(executor, 0);
  for (int i = 0; i < many; ++i)
    semaphore.async_wait(handler);
  semaphore.release();
  BOOST_TEST(woken_in_a_turn() == 64);

  toro::basic_bounded_semaphore<io_executor, bound> places(executor, 0);
  for (int i = 0; i < many; ++i)
    places.async_wait(handler);
  places.resize(1);
  BOOST_TEST(woken_in_a_turn() == 64);

  toro::basic_cancellation_source<io_executor, bound> source(executor);
  for (int i = 0; i < many; ++i)
    source.async_wait(handler);
  source.cancel();
  BOOST_TEST(woken_in_a_turn() == 64);
}

BOOST_AUTO_TEST_SUITE_END()
