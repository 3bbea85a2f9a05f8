// SPDX-License-Identifier: BSL-1.0
// What a deadline does to an operation, and what it leaves alone.

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <limits>
#include <memory>
#include <utility>

#include "unit/conformance/bench.hpp"

namespace asio = boost::asio;

using namespace std::chrono_literals;

namespace toro_test {

BOOST_AUTO_TEST_SUITE(deadlines)

namespace {

using stage = subject;

template <class Operation>
using stage_of = subject_stage_of<Operation>;

} // namespace

TORO_CONFORMANCE_CASE(stage, wait_ends_at_its_deadline_and_not_before)
{
  bench<stage> b(kind);
  b.subject->start(10s, recording_handler(b.first));
  b.turn();
  b.clock.advance(10s - 1ns);
  b.turn();
  BOOST_TEST(b.first.is_pending());
  BOOST_TEST(b.subject->waiters() == 1u);
  b.clock.advance(1ns);
  b.turn();
  BOOST_TEST(b.first.has(timed_out()));
  BOOST_TEST(b.subject->waiters() == 0u);
  b.subject->grant();
  BOOST_TEST(b.subject->is_whole());
}

TORO_CONFORMANCE_CASE(stage, deadline_that_has_passed_never_queues)
{
  const toro::deadline::duration least = toro::deadline::duration::min();
  bench<stage> outer(kind);
  const auto now = outer.clock.now();
  for (toro::deadline limit :
       {toro::deadline(0s), toro::deadline(-1s), toro::deadline(least),
        toro::deadline(now), toro::deadline(now - 1ns),
        toro::deadline(toro::deadline::time_point::min()),
        toro::deadline(std::chrono::duration<double>(
            std::numeric_limits<double>::quiet_NaN()))})
  {
    bench<stage> b(kind);
    b.subject->start(limit, recording_handler(b.first));
    BOOST_TEST(b.subject->waiters() == 0u);
    BOOST_TEST(b.first.is_pending());
    b.turn();
    BOOST_TEST(b.first.has(timed_out()));
    BOOST_TEST(b.clock.alarms() == 0u);
  }
}

TORO_CONFORMANCE_CASE(stage, deadline_that_never_passes_needs_no_clock)
{
  for (toro::deadline limit :
       {toro::deadline(), toro::deadline(toro::deadline::duration::max()),
        toro::deadline(toro::deadline::time_point::max()),
        toro::deadline(std::chrono::hours::max()),
        toro::deadline(std::chrono::duration<double>(
            std::numeric_limits<double>::infinity()))})
  {
    bench<stage> b(kind);
    b.subject->start(limit, recording_handler(b.first));
    b.clock.advance(24h * 365 * 200);
    b.turn();
    BOOST_TEST(b.first.is_pending());
    BOOST_TEST(b.clock.readings() == 0u);
    BOOST_TEST(b.clock.alarms() == 0u);
    b.subject->grant();
    b.turn();
    BOOST_TEST(b.first.succeeded());
  }
}

TORO_CONFORMANCE_CASE(stage, success_at_once_does_not_ask_the_clock)
{
  if (kind.never_ready)
    return;
  for (toro::deadline limit : {toro::deadline(-1s), toro::deadline(10s)})
  {
    bench<stage> b(kind);
    b.subject->grant();
    b.subject->start(limit, recording_handler(b.first));
    BOOST_TEST(b.clock.readings() == 0u);
    BOOST_TEST(b.clock.alarms() == 0u);
    b.turn();
    BOOST_TEST(b.first.succeeded());
  }
}

TORO_CONFORMANCE_CASE(stage, success_at_once_comes_before_the_deadline)
{
  if (kind.never_ready)
    return;
  bench<stage> b(kind);
  b.subject->grant();
  b.subject->start(-1s, recording_handler(b.first));
  b.turn();
  BOOST_TEST(b.first.succeeded());
}

TORO_CONFORMANCE_CASE(stage, in_time_is_in_time)
{
  bench<stage> b(kind);
  b.subject->start(10s, recording_handler(b.first));
  b.turn();
  b.subject->grant();
  b.clock.advance(1h);
  b.turn();
  BOOST_TEST(b.first.succeeded());
}

// The alarm rings first, so its handler is ahead of the one that grants, and
// the other way round.
TORO_CONFORMANCE_CASE(stage, grant_and_deadline_in_one_turn)
{
  for (bool grant_first : {false, true})
  {
    bench<stage> b(kind);
    b.subject->start(10s, recording_handler(b.first));
    b.turn();
    const auto grant = [&]
    {
      b.subject->grant();
    };
    if (grant_first)
      asio::post(b.io, grant);
    b.clock.advance(10s);
    if (!grant_first)
      asio::post(b.io, grant);
    b.turn();
    BOOST_TEST(b.first.has(grant_first ? error_code() : timed_out()));
    b.first.let_go();
    b.subject->start(recording_handler(b.second));
    b.subject->grant();
    b.turn();
    BOOST_TEST(b.second.succeeded());
  }
}

TORO_CONFORMANCE_CASE(stage, cancellation_comes_before_the_deadline)
{
  bench<stage> b(kind);
  asio::cancellation_signal signal;
  b.subject->start(10s, asio::bind_cancellation_slot(
                            signal.slot(), recording_handler(b.first)));
  b.clock.advance(10s);
  signal.emit(asio::cancellation_type::total);
  b.turn();
  BOOST_TEST(b.first.has(aborted()));
}

TORO_CONFORMANCE_CASE(stage, cancellation_after_the_deadline_finds_nothing)
{
  bench<stage> b(kind);
  asio::cancellation_signal signal;
  bool emitted = false;
  b.first.on_call = [&]
  {
    signal.emit(asio::cancellation_type::total);
    emitted = true;
  };
  b.subject->start(10s, asio::bind_cancellation_slot(
                            signal.slot(), recording_handler(b.first)));
  b.clock.advance(10s);
  b.turn();
  BOOST_TEST(b.first.has(timed_out()));
  BOOST_TEST(emitted);
}

TORO_CONFORMANCE_CASE(stage, those_who_are_not_late_go_on_waiting)
{
  bench<stage> b(kind);
  b.subject->start(10s, recording_handler(b.first));
  b.subject->start(recording_handler(b.second));
  b.subject->start(5s, recording_handler(b.third));
  b.turn();
  b.clock.advance(5s);
  b.turn();
  BOOST_TEST(b.third.has(timed_out()));
  BOOST_TEST(b.first.is_pending());
  b.clock.advance(5s);
  b.turn();
  BOOST_TEST(b.first.has(timed_out()));
  BOOST_TEST(b.subject->waiters() == 1u);
  b.subject->grant();
  b.turn();
  BOOST_TEST(b.second.succeeded());
}

TORO_CONFORMANCE_CASE(stage, deadline_moves_with_the_primitive)
{
  bench<stage> b(kind);
  b.subject->start(10s, recording_handler(b.first));
  b.subject->move();
  b.clock.advance(10s);
  b.turn();
  BOOST_TEST(b.first.has(timed_out()));
}

// run() returns when the last operation has ended, whatever its deadline was.
TORO_CONFORMANCE_CASE(stage, no_timer_outlives_the_last_wait)
{
  for (ending how : all_endings)
  {
    bench<stage> b(kind);
    bring_to_end(kind, b, how,
                 [&](stage& s)
                 {
                   s.start(1h, recording_handler(b.first));
                 });
    b.turn();
    BOOST_TEST(b.first.has(result_of(kind, how)));
    b.turn();
    BOOST_TEST(b.clock.pending() == 0u);
    b.io.restart();
    b.io.poll();
    BOOST_TEST(b.io.stopped());
  }
}

// The real clock, which has to let run() return at once.
TORO_CONFORMANCE_CASE(stage, real_timer_lets_run_return)
{
  call_record late;
  call_record granted;
  call_record cancelled;
  asio::io_context io;
  const auto subject = kind.make(io.get_executor());
  subject->start(0s, recording_handler(late));
  subject->start(24h, recording_handler(granted));
  subject->start(48h, recording_handler(cancelled));
  granted.on_call = [&]
  {
    granted.let_go();
    subject->cancel();
  };
  asio::post(io,
             [&]
             {
               subject->grant();
             });
  io.run();
  BOOST_TEST(late.has(timed_out()));
  BOOST_TEST(granted.succeeded());
  BOOST_TEST(cancelled.calls == 1);
}

TORO_CONFORMANCE_CASE(stage, real_timer_fires)
{
  call_record late;
  asio::io_context io;
  const auto subject = kind.make(io.get_executor());
  subject->start(1ns, recording_handler(late));
  io.run();
  BOOST_TEST(late.has(timed_out()));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
