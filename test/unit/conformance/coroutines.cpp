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
#include <type_traits>
#include <utility>
#include <variant>

#include "unit/conformance/awaiting.hpp"
#include "unit/conformance/bench.hpp"

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

class stage : public subject
{
public:
  // Each waits in the way of its name, and notes what came of it.
  virtual asio::awaitable<void> await(call_record& report) = 0;
  virtual asio::awaitable<void> await_deferred(call_record& report) = 0;
  virtual asio::awaitable<void> await_default(call_record& report) = 0;
  virtual asio::awaitable<void> await_either(race& r, call_record& report) = 0;
  virtual asio::awaitable<void> await_both(race& r, call_record& report) = 0;
};

template <class Value>
asio::awaitable<void> note_either(asio::awaitable<Value> mine, race& r,
                                  call_record& report)
{
  auto result = co_await (std::move(mine) ||
                          r.other_event.async_wait(asio::use_awaitable));
  r.done = true;
  r.first = result.index();
  if (r.first == 0)
  {
    if constexpr (std::is_void_v<Value>)
      report.note({});
    else
      report.note({}, std::get<0>(std::move(result)));
  }
}

template <class Value>
asio::awaitable<void> note_both(asio::awaitable<Value> mine, race& r,
                                call_record& report)
{
  try
  {
    if constexpr (std::is_void_v<Value>)
    {
      co_await (std::move(mine) &&
                r.other_event.async_wait(asio::use_awaitable));
      report.note({});
    }
    else
    {
      Value value = co_await (std::move(mine) &&
                              r.other_event.async_wait(asio::use_awaitable));
      report.note({}, std::move(value));
    }
  }
  catch (const asio::multiple_exceptions&)
  {
    // Both were cancelled, the one because of the other.
    note_failure<Value>(report, aborted());
  }
  catch (const boost::system::system_error& failure)
  {
    note_failure<Value>(report, failure.code());
  }
  r.done = true;
}

template <class Operation>
class stage_of : public subject_base<Operation, stage>
{
  using value_type = typename Operation::value_type;

public:
  using subject_base<Operation, stage>::subject_base;

  asio::awaitable<void> await(call_record& report) override
  {
    return note_end<value_type>(begin(), report);
  }

  asio::awaitable<void> await_deferred(call_record& report) override
  {
    return note_end<value_type>(this->it.start(asio::deferred), report);
  }

  asio::awaitable<void> await_default(call_record& report) override
  {
    return note_end<value_type>(this->it.start(), report);
  }

  asio::awaitable<void> await_either(race& r, call_record& report) override
  {
    return note_either(begin(), r, report);
  }

  asio::awaitable<void> await_both(race& r, call_record& report) override
  {
    return note_both(begin(), r, report);
  }

private:
  asio::awaitable<value_type> begin()
  {
    return this->it.start(asio::use_awaitable);
  }
};

} // namespace

TORO_CONFORMANCE_CASE(stage, use_awaitable)
{
  check_coroutine<stage>(kind, &stage::await);
}

TORO_CONFORMANCE_CASE(stage, deferred)
{
  check_coroutine<stage>(kind, &stage::await_deferred);
}

TORO_CONFORMANCE_CASE(stage, default_token)
{
  check_coroutine<stage>(kind, &stage::await_default);
}

// What co_spawn passes on by default is terminal cancellation alone.
TORO_CONFORMANCE_CASE(stage, cancelled_coroutine)
{
  for (bool granted : {false, true})
  {
    bench<stage> b(kind);
    asio::cancellation_signal signal;
    asio::co_spawn(b.io, b.subject->await(b.first),
                   asio::bind_cancellation_slot(signal.slot(), asio::detached));
    b.turn();
    signal.emit(asio::cancellation_type::total);
    b.turn();
    BOOST_TEST(b.subject->waiters() == 1u);
    // Asio dispatches the emission to the executor of the coroutine.
    asio::post(b.io,
               [&]
               {
                 if (granted)
                   b.subject->grant();
                 signal.emit(asio::cancellation_type::terminal);
               });
    b.turn();
    BOOST_TEST(b.first.has(granted ? late_result(kind) : aborted()));
    if (!granted)
      b.subject->grant();
    BOOST_TEST((b.subject->is_whole() || (granted && kind.grant_is_final)));
  }
}

// Both are granted in one turn; the one that comes second keeps what it had.
TORO_CONFORMANCE_CASE(stage, either_of_two_loses_nothing)
{
  for (bool mine_first : {false, true})
  {
    bench<stage> b(kind);
    race r(b.io);
    asio::co_spawn(b.io, b.subject->await_either(r, b.first), asio::detached);
    b.turn();
    BOOST_TEST(b.subject->waiters() == 1u);
    if (mine_first)
      b.subject->grant();
    r.other_event.set();
    if (!mine_first)
      b.subject->grant();
    b.turn();
    BOOST_TEST(r.done);
    BOOST_TEST(r.first == (mine_first ? 0u : 1u));
    BOOST_TEST(b.first.calls == (mine_first ? 1 : 0));
    if (!mine_first)
      BOOST_TEST((b.subject->is_whole() || kind.grant_is_final));
    BOOST_TEST(b.subject->cancel() == 0u);
  }
}

// Both can succeed when they begin.
TORO_CONFORMANCE_CASE(stage, either_of_two_that_are_ready_loses_nothing)
{
  if (kind.never_ready)
    return;
  bench<stage> b(kind);
  race r(b.io);
  b.subject->grant();
  r.other_event.set();
  asio::co_spawn(b.io, b.subject->await_either(r, b.first), asio::detached);
  b.turn();
  BOOST_TEST(r.done);
  BOOST_TEST(r.first < 2u);
  if (r.first == 0)
    BOOST_TEST(b.first.succeeded());
  else
    BOOST_TEST(b.subject->is_whole());
}

// The other operand fails while the grant is on its way.
TORO_CONFORMANCE_CASE(stage, both_or_none)
{
  if (kind.grant_is_final)
    return;
  bench<stage> b(kind);
  race r(b.io);
  asio::co_spawn(b.io, b.subject->await_both(r, b.first), asio::detached);
  b.turn();
  r.other_event.cancel();
  b.subject->grant();
  b.turn();
  BOOST_TEST(r.done);
  BOOST_TEST(b.first.has(aborted()));
  BOOST_TEST(b.subject->is_whole());

  asio::co_spawn(b.io, b.subject->await_both(r, b.second), asio::detached);
  b.turn();
  b.subject->grant();
  r.other_event.set();
  b.turn();
  BOOST_TEST(b.second.succeeded());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
