// SPDX-License-Identifier: BSL-1.0
#include <toro.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>

#include "support/case_template.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_grant_counts)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;
using boost::system::error_code;

// Calls both forms of a function that counts what it grants, the one with an
// error code first. That one reports zero with an error.
template <class Function>
std::size_t count_without_error(Function function)
{
  error_code ec = toro::error::closed;
  const std::size_t count = function(ec);
  BOOST_TEST(!ec);
  return count;
}

template <class Function>
void counts_nothing_with_an_error(Function function)
{
  error_code ec;
  BOOST_TEST(function(ec) == 0u);
  BOOST_TEST(ec.failed());
}

template <class Threading>
using semaphore_of = toro::basic_semaphore<any_executor, Threading>;
template <class Threading>
using lock_of = toro::basic_lock<any_executor, Threading>;
template <class Threading>
using rw_lock_of = toro::basic_rw_lock<any_executor, Threading>;
template <class Threading>
using event_of = toro::basic_event<any_executor, Threading>;
template <class Threading>
using queue_of = toro::basic_queue<int, any_executor, Threading>;
template <class Threading>
using result_of = toro::basic_async_result<int, any_executor, Threading>;

} // namespace

TORO_TEST_CASE_TEMPLATE(release_counts_acquirers_and_those_it_wakes, Threading,
                        policies)
{
  world w;
  semaphore_of<Threading> sem(w.context(), 0);
  BOOST_TEST(sem.release() == 0u);
  sem.try_acquire().detach();
  sem.async_acquire(2, w.on("two", let_go()));
  sem.async_acquire(w.on("one", let_go()));
  sem.async_wait(w.on("wait"));
  sem.async_wait(w.on("wait"));
  BOOST_TEST(sem.release() == 0u);
  BOOST_TEST(count_without_error(
                 [&](error_code& ec)
                 {
                   return sem.release(ec);
                 }) == 1u);
  BOOST_TEST(sem.release(0) == 0u);
  BOOST_TEST(sem.release(2) == 3u);
  BOOST_TEST(w.poll() == "two one wait wait");
  counts_nothing_with_an_error(
      [&](error_code& ec)
      {
        return sem.release(static_cast<std::size_t>(-1), ec);
      });
}

TORO_TEST_CASE_TEMPLATE(release_of_a_lock_counts_its_next_holder, Threading,
                        policies)
{
  world w;
  lock_of<Threading> lk(w.context());
  counts_nothing_with_an_error(
      [&](error_code& ec)
      {
        return lk.release(ec);
      });
  lk.try_acquire().detach();
  lk.async_acquire(w.on("first", let_go()));
  lk.async_acquire(w.on("second", let_go()));
  BOOST_TEST(lk.release() == 1u);
  BOOST_TEST(w.poll() == "first");
  BOOST_TEST(count_without_error(
                 [&](error_code& ec)
                 {
                   return lk.release(ec);
                 }) == 1u);
  BOOST_TEST(w.poll() == "second");
  BOOST_TEST(lk.release() == 0u);
}

TORO_TEST_CASE_TEMPLATE(release_of_an_rw_lock_counts_whom_it_lets_in, Threading,
                        policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context());
  rw.try_acquire_write().detach();
  for (int i = 0; i != 3; ++i)
    rw.async_acquire_read(w.on("read", let_go()));
  rw.async_acquire_write(w.on("write", let_go()));
  rw.async_acquire_read(w.on("late", let_go()));
  counts_nothing_with_an_error(
      [&](error_code& ec)
      {
        return rw.release_read(ec);
      });
  BOOST_TEST(rw.release_write() == 3u);
  BOOST_TEST(w.poll() == "read read read");
  BOOST_TEST(rw.release_read() == 0u);
  BOOST_TEST(rw.release_read() == 0u);
  BOOST_TEST(count_without_error(
                 [&](error_code& ec)
                 {
                   return rw.release_read(ec);
                 }) == 1u);
  BOOST_TEST(w.poll() == "write");
  BOOST_TEST(count_without_error(
                 [&](error_code& ec)
                 {
                   return rw.release_write(ec);
                 }) == 1u);
  BOOST_TEST(w.poll() == "late");
}

TORO_TEST_CASE_TEMPLATE(set_counts_the_waits_it_wakes, Threading, policies)
{
  world w;
  event_of<Threading> e(w.context());
  BOOST_TEST(e.set() == 0u);
  e.clear();
  for (int i = 0; i != 100; ++i)
    e.async_wait(i % 2 == 0 ? toro::deadline() : toro::deadline(1h), w.on("."));
  BOOST_TEST(e.set() == 100u);
  BOOST_TEST(e.set() == 0u);
  e.clear();
  e.async_wait(w.on("next"));
  BOOST_TEST(e.set() == 1u);
  BOOST_TEST(w.poll().size() == 204u);
}

TORO_TEST_CASE_TEMPLATE(setting_a_result_counts_its_readers, Threading,
                        policies)
{
  world w;
  result_of<Threading> value(w.context());
  value.async_get(w.on("get"));
  value.async_get(w.on("get"));
  BOOST_TEST(value.set(1) == 2u);
  counts_nothing_with_an_error(
      [&](error_code& ec)
      {
        return value.set(2, ec);
      });
  counts_nothing_with_an_error(
      [&](error_code& ec)
      {
        return value.set_error(toro::error::closed, ec);
      });
  BOOST_TEST(w.poll() == "get=1 get=1");

  result_of<Threading> failure(w.context());
  failure.async_get(w.on("get"));
  BOOST_TEST(count_without_error(
                 [&](error_code& ec)
                 {
                   return failure.set_error(toro::error::closed, ec);
                 }) == 1u);
  BOOST_TEST(w.poll() == "get:closed");

  toro::basic_async_result<void, any_executor, Threading> done(w.context());
  done.async_get(w.on("get"));
  BOOST_TEST(done.set() == 1u);
  counts_nothing_with_an_error(
      [&](error_code& ec)
      {
        return done.set(ec);
      });
  BOOST_TEST(w.poll() == "get");
}

TORO_TEST_CASE_TEMPLATE(task_done_counts_the_joins_it_ends, Threading, policies)
{
  world w;
  queue_of<Threading> q(w.context(), 2);
  counts_nothing_with_an_error(
      [&](error_code& ec)
      {
        return q.task_done(ec);
      });
  BOOST_TEST(q.try_put(1));
  BOOST_TEST(q.try_put(2));
  q.async_put(3, w.on("put"));
  q.async_join(w.on("join"));
  q.async_join(w.on("join"));
  BOOST_TEST(q.task_done() == 0u);
  BOOST_TEST(q.try_get().value() == 1);
  BOOST_TEST(q.task_done() == 0u);
  BOOST_TEST(count_without_error(
                 [&](error_code& ec)
                 {
                   return q.task_done(ec);
                 }) == 2u);
  BOOST_TEST(w.poll() == "put join join");
}

TORO_TEST_CASE_TEMPLATE(last_to_leave_counts_the_waits_it_ends, Threading,
                        policies)
{
  world w;
  toro::basic_wait_group<any_executor, Threading> g(w.context());
  counts_nothing_with_an_error(
      [&](error_code& ec)
      {
        return g.leave(ec);
      });
  g.enter().detach();
  g.enter().detach();
  g.async_wait(w.on("wait"));
  g.async_close(w.on("close"));
  BOOST_TEST(g.leave() == 0u);
  BOOST_TEST(count_without_error(
                 [&](error_code& ec)
                 {
                   return g.leave(ec);
                 }) == 2u);
  BOOST_TEST(w.poll() == "wait close");
}

// Joins are not ended by these, and not counted.
TORO_TEST_CASE_TEMPLATE(task_group_counts_the_spawns_and_children_it_ends,
                        Threading, policies)
{
  using group_type = toro::basic_task_group<any_executor, Threading>;
  world w;
  event_of<Threading> e(w.context());
  const auto nothing = []() -> boost::asio::awaitable<void>
  {
    co_return;
  };
  group_type g(w.context(), {.limit = 2});
  BOOST_TEST(g.cancel(boost::asio::cancellation_type::none) == 0u);
  e.async_wait(g.child());
  e.async_wait(g.child());
  g.async_spawn(nothing, w.on("spawn"));
  g.async_join(w.on("join"));
  BOOST_TEST(g.close() == 1u);
  BOOST_TEST(g.close() == 0u);
  BOOST_TEST(w.poll() == "spawn:closed");
  BOOST_TEST(g.cancel() == 2u);
  BOOST_TEST(w.poll() == "join");
  BOOST_TEST(g.cancel() == 0u);
  group_type other(w.context(), {.limit = 1});
  e.async_wait(other.child());
  other.async_spawn(nothing, w.on("spawn"));
  BOOST_TEST(other.cancel() == 2u);
  BOOST_TEST(w.poll() == "spawn:AB");
}

TORO_TEST_CASE_TEMPLATE(source_counts_the_operations_it_reaches, Threading,
                        policies)
{
  world w;
  event_of<Threading> e(w.context());
  toro::basic_cancellation_source<any_executor, Threading> source(w.context());
  const auto child = source.child();
  e.async_wait(toro::bind_cancellation(source, w.on("1")));
  e.async_wait(toro::bind_cancellation(child, w.on("2")));
  e.async_wait(w.on("other"));
  source.async_wait(w.on("cancelled"));
  BOOST_TEST(source.cancel() == 2u);
  BOOST_TEST(source.cancel(boost::asio::cancellation_type::none) == 0u);
  w.poll();
  BOOST_TEST(source.cancel() == 0u);
  BOOST_TEST(e.set() == 1u);
  BOOST_TEST(w.poll() == "other");
}

TORO_TEST_CASE_TEMPLATE(waits_that_are_over_are_not_counted, Threading,
                        policies)
{
  world w;
  event_of<Threading> e(w.context());
  boost::asio::cancellation_signal stop;
  e.async_wait(1ms, w.on("late"));
  e.async_wait(boost::asio::bind_cancellation_slot(stop.slot(), w.on("off")));
  e.async_wait(w.on("on"));
  stop.emit(boost::asio::cancellation_type::terminal);
  w.clock.advance(1ms);
  BOOST_TEST(w.poll() == "off:AB late:TO");
  BOOST_TEST(e.set() == 1u);
  BOOST_TEST(w.poll() == "on");
}

// What a cancellation passes on later is not counted by whoever gave it back
// first: that call has returned.
TORO_TEST_CASE_TEMPLATE(grant_that_is_passed_on_later_is_counted_once,
                        Threading, policies)
{
  world w;
  lock_of<Threading> lk(w.context());
  lk.try_acquire().detach();
  boost::asio::cancellation_signal stop;
  lk.async_acquire(
      boost::asio::bind_cancellation_slot(stop.slot(), w.on("first")));
  lk.async_acquire(w.on("second"));
  BOOST_TEST(lk.release() == 1u);
  stop.emit(boost::asio::cancellation_type::terminal);
  BOOST_TEST(w.poll() == "first:AB second");
  BOOST_TEST(!lk.locked());
}

// They compile without a warning where the count is of no interest.
BOOST_AUTO_TEST_CASE(counts_may_be_ignored)
{
  world w;
  toro::semaphore sem(w.context());
  toro::event e(w.context());
  toro::async_result<int> ar(w.context());
  toro::queue<int> q(w.context());
  toro::condition c(w.context());
  toro::latch l(w.context(), 4);
  toro::barrier b(w.context(), 4);
  toro::wait_group g(w.context());
  toro::task_group children(w.context());
  toro::cancellation_source source(w.context());
  error_code ec;
  sem.release();
  sem.release(ec);
  sem.release(1, ec);
  e.set();
  l.count_down();
  l.count_down(ec);
  l.count_down(1, ec);
  b.drop();
  b.drop(ec);
  g.leave(ec);
  g.close();
  children.close();
  children.cancel();
  source.cancel();
  ar.set(1);
  ar.set(1, ec);
  ar.set_error(toro::error::closed, ec);
  q.task_done(ec);
  q.close();
  q.cancel();
  c.notify();
  c.notify_all();
  BOOST_TEST(sem.value() == 4u);
}

BOOST_AUTO_TEST_SUITE_END()
