// SPDX-License-Identifier: BSL-1.0
// Operations as the operands of coroutines, and of || and &&, where nothing may
// be lost.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <tuple>
#include <utility>
#include <variant>

#include "support/case_template.hpp"
#include "unit/conformance/awaiting.hpp"
#include "unit/conformance/fixture.hpp"

namespace asio = boost::asio;

namespace toro_test {

BOOST_AUTO_TEST_SUITE(coroutines)

namespace {

using asio::experimental::awaitable_operators::operator&&;
using asio::experimental::awaitable_operators::operator||;

// Two operations that end at about the same time, each with its handler's
// report; first is the index of the one that a group saw first.
struct race
{
  explicit race(asio::io_context& io)
    : other_event(io)
  {
  }

  toro::event other_event;
  std::size_t first = 2;
  bool done = false;
};

class case_subject : public subject
{
public:
  // Each waits in the way of its name, and notes what came of it.
  virtual asio::awaitable<void> await(call_record& report) = 0;
  virtual asio::awaitable<void> await_deferred(call_record& report) = 0;
  virtual asio::awaitable<void> await_default(call_record& report) = 0;

  // A failure is passed on.
  virtual asio::awaitable<void> await_value(call_record& report) = 0;
};

// Groups are made of coroutines that note the value, and not of each type of
// value, of which there are many.
asio::awaitable<void> await_either(asio::awaitable<void> mine, race& r)
{
  const auto result = co_await (std::move(mine) ||
                                r.other_event.async_wait(asio::use_awaitable));
  r.done = true;
  r.first = result.index();
}

asio::awaitable<void> await_both(asio::awaitable<void> mine, race& r,
                                 call_record& report)
{
  try
  {
    co_await (std::move(mine) && r.other_event.async_wait(asio::use_awaitable));
  }
  catch (const asio::multiple_exceptions&)
  {
    // Both were cancelled, the one because of the other.
    report.note(aborted());
  }
  catch (const boost::system::system_error& failure)
  {
    report.note(failure.code());
  }
  r.done = true;
}

template <class Value>
asio::awaitable<void> note_either(asio::awaitable<Value> mine, race& r,
                                  call_record& report)
{
  auto result = co_await (std::move(mine) ||
                          r.other_event.async_wait(asio::use_awaitable));
  report.note({}, std::get<0>(std::move(result)));
}

template <class Value>
asio::awaitable<void> note_both(asio::awaitable<Value> mine, race& r,
                                call_record& report)
{
  Value value = co_await (std::move(mine) &&
                          r.other_event.async_wait(asio::use_awaitable));
  report.note({}, std::move(value));
}

// One for each type of value.
using one_for_each_value = std::tuple<
    barrier_arrive<toro::thread_safe>, lock_acquire<toro::thread_safe>,
    semaphore_acquire_some<toro::thread_safe>,
    rw_lock_acquire_read<toro::thread_safe>,
    rw_lock_acquire_write<toro::thread_safe>, queue_reserve<toro::thread_safe>,
    queue_get<toro::thread_safe>, queue_get_some<toro::thread_safe>,
    queue_next<toro::thread_safe>>;

template <class Operation>
class case_subject_of : public subject_base<Operation, case_subject>
{
public:
  using subject_base<Operation, case_subject>::subject_base;

  asio::awaitable<void> await(call_record& report) override
  {
    return note_end(await_value(report), report);
  }

  asio::awaitable<void> await_deferred(call_record& report) override
  {
    return note_end(note(this->it.start(asio::deferred), report), report);
  }

  asio::awaitable<void> await_default(call_record& report) override
  {
    return note_end(note(this->it.start(), report), report);
  }

  asio::awaitable<void> await_value(call_record& report) override
  {
    return note(this->it.start(asio::use_awaitable), report);
  }

private:
  template <class Awaited>
  static asio::awaitable<void> note(Awaited awaited, call_record& report)
  {
    return note_value<typename Operation::value_type>(std::move(awaited),
                                                      report);
  }
};

} // namespace

TORO_CONFORMANCE_CASE(case_subject, use_awaitable)
{
  check_coroutine<case_subject>(kind, &case_subject::await);
}

TORO_CONFORMANCE_CASE(case_subject, deferred)
{
  check_coroutine<case_subject>(kind, &case_subject::await_deferred);
}

TORO_CONFORMANCE_CASE(case_subject, default_token)
{
  check_coroutine<case_subject>(kind, &case_subject::await_default);
}

// What co_spawn passes on by default is terminal cancellation alone.
TORO_CONFORMANCE_CASE(case_subject, cancelled_coroutine)
{
  for (bool granted : {false, true})
  {
    fixture<case_subject> f(kind);
    asio::cancellation_signal signal;
    asio::co_spawn(f.io, f.subject->await(f.first),
                   asio::bind_cancellation_slot(signal.slot(), asio::detached));
    f.turn();
    signal.emit(asio::cancellation_type::total);
    f.turn();
    BOOST_TEST(f.subject->waiters() == 1u);
    // Asio dispatches the emission to the executor of the coroutine.
    asio::post(f.io,
               [&]
               {
                 if (granted)
                   f.subject->grant();
                 signal.emit(asio::cancellation_type::terminal);
               });
    f.turn();
    BOOST_TEST(f.first.has(granted ? late_result(kind) : aborted()));
    if (!granted)
      f.subject->grant();
    BOOST_TEST((f.subject->is_whole() || (granted && kind.grant_is_final)));
  }
}

// Both are granted in one turn; the one that comes second keeps what it had.
TORO_CONFORMANCE_CASE(case_subject, either_of_two_loses_nothing)
{
  for (bool mine_first : {false, true})
  {
    fixture<case_subject> f(kind);
    race r(f.io);
    asio::co_spawn(f.io, await_either(f.subject->await_value(f.first), r),
                   asio::detached);
    f.turn();
    BOOST_TEST(f.subject->waiters() == 1u);
    if (mine_first)
      f.subject->grant();
    r.other_event.set();
    if (!mine_first)
      f.subject->grant();
    f.turn();
    BOOST_TEST(r.done);
    BOOST_TEST(r.first == (mine_first ? 0u : 1u));
    BOOST_TEST(f.first.calls == (mine_first || kind.grant_is_final ? 1 : 0));
    if (!mine_first)
      BOOST_TEST((f.subject->is_whole() || kind.grant_is_final));
    BOOST_TEST(f.subject->cancel() == 0u);
  }
}

// Both can succeed when they begin.
TORO_CONFORMANCE_CASE(case_subject, either_of_two_that_are_ready_loses_nothing)
{
  if (kind.never_ready)
    return;
  fixture<case_subject> f(kind);
  race r(f.io);
  f.subject->grant();
  r.other_event.set();
  asio::co_spawn(f.io, await_either(f.subject->await_value(f.first), r),
                 asio::detached);
  f.turn();
  BOOST_TEST(r.done);
  BOOST_TEST(r.first < 2u);
  if (r.first == 0)
    BOOST_TEST(f.first.succeeded());
  else
    BOOST_TEST(f.subject->is_whole());
}

// The other operand fails while the grant is on its way.
TORO_CONFORMANCE_CASE(case_subject, both_or_none)
{
  if (kind.grant_is_final)
    return;
  fixture<case_subject> f(kind);
  race r(f.io);
  asio::co_spawn(f.io, await_both(f.subject->await_value(f.first), r, f.first),
                 asio::detached);
  f.turn();
  r.other_event.cancel();
  f.subject->grant();
  f.turn();
  BOOST_TEST(r.done);
  BOOST_TEST(f.first.has(aborted()));
  BOOST_TEST(f.subject->is_whole());
  if (kind.serves_once)
    return;

  asio::co_spawn(f.io,
                 await_both(f.subject->await_value(f.second), r, f.second),
                 asio::detached);
  f.turn();
  f.subject->grant();
  r.other_event.set();
  f.turn();
  BOOST_TEST(f.second.succeeded());
}

TORO_TEST_CASE_TEMPLATE(either_and_both_give_the_value, Operation,
                        one_for_each_value)
{
  call_record either;
  call_record both;
  asio::io_context io;
  subject_of<Operation> s(io.get_executor());
  subject_of<Operation> t(io.get_executor());
  race r(io);
  asio::co_spawn(io, note_either(s.start(asio::use_awaitable), r, either),
                 asio::detached);
  asio::co_spawn(io, note_both(t.start(asio::use_awaitable), r, both),
                 asio::detached);
  io.poll();
  s.grant();
  t.grant();
  io.restart();
  io.poll();
  BOOST_TEST(either.succeeded());
  BOOST_TEST(both.is_pending());
  r.other_event.set();
  io.restart();
  io.poll();
  BOOST_TEST(both.succeeded());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
