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

#include "unit/conformance/fixture.hpp"

namespace asio = boost::asio;

using namespace std::chrono_literals;

namespace toro_test {

BOOST_AUTO_TEST_SUITE(deadlines)

namespace {

using case_subject = subject;

template <class Operation>
using case_subject_of = plain_subject_of<Operation>;

} // namespace

TORO_CONFORMANCE_CASE(case_subject, wait_ends_at_its_deadline_and_not_before)
{
  fixture<case_subject> f(kind);
  f.subject->start(10s, recording_handler(f.first));
  f.turn();
  f.clock.advance(10s - 1ns);
  f.turn();
  BOOST_TEST(f.first.is_pending());
  BOOST_TEST(f.subject->waiters() == 1u);
  f.clock.advance(1ns);
  f.turn();
  BOOST_TEST(f.first.has(timed_out()));
  BOOST_TEST(f.subject->waiters() == 0u);
  f.subject->grant();
  BOOST_TEST(f.subject->is_whole());
}

TORO_CONFORMANCE_CASE(case_subject, deadline_that_has_passed_never_queues)
{
  const toro::deadline::duration least = toro::deadline::duration::min();
  fixture<case_subject> outer(kind);
  const auto now = outer.clock.now();
  for (toro::deadline limit :
       {toro::deadline(0s), toro::deadline(-1s), toro::deadline(least),
        toro::deadline(now), toro::deadline(now - 1ns),
        toro::deadline(toro::deadline::time_point::min()),
        toro::deadline(std::chrono::duration<double>(
            std::numeric_limits<double>::quiet_NaN()))})
  {
    fixture<case_subject> f(kind);
    f.subject->start(limit, recording_handler(f.first));
    BOOST_TEST(f.subject->waiters() == 0u);
    BOOST_TEST(f.first.is_pending());
    f.turn();
    BOOST_TEST(f.first.has(timed_out()));
    BOOST_TEST(f.clock.alarms() == 0u);
  }
}

TORO_CONFORMANCE_CASE(case_subject, deadline_that_never_passes_needs_no_clock)
{
  for (toro::deadline limit :
       {toro::deadline(), toro::deadline(toro::deadline::duration::max()),
        toro::deadline(toro::deadline::time_point::max()),
        toro::deadline(std::chrono::hours::max()),
        toro::deadline(std::chrono::duration<double>(
            std::numeric_limits<double>::infinity()))})
  {
    fixture<case_subject> f(kind);
    f.subject->start(limit, recording_handler(f.first));
    f.clock.advance(24h * 365 * 200);
    f.turn();
    BOOST_TEST(f.first.is_pending());
    BOOST_TEST((kind.reads_clock || f.clock.readings() == 0u));
    BOOST_TEST(f.clock.alarms() == 0u);
    f.subject->grant();
    f.turn();
    BOOST_TEST(f.first.succeeded());
  }
}

TORO_CONFORMANCE_CASE(case_subject, success_at_once_does_not_ask_the_clock)
{
  if (kind.never_ready)
    return;
  for (toro::deadline limit : {toro::deadline(-1s), toro::deadline(10s)})
  {
    fixture<case_subject> f(kind);
    f.subject->grant();
    f.subject->start(limit, recording_handler(f.first));
    BOOST_TEST((kind.reads_clock || f.clock.readings() == 0u));
    BOOST_TEST(f.clock.alarms() == 0u);
    f.turn();
    BOOST_TEST(f.first.succeeded());
  }
}

TORO_CONFORMANCE_CASE(case_subject, success_at_once_comes_before_the_deadline)
{
  if (kind.never_ready)
    return;
  fixture<case_subject> f(kind);
  f.subject->grant();
  f.subject->start(-1s, recording_handler(f.first));
  f.turn();
  BOOST_TEST(f.first.succeeded());
}

TORO_CONFORMANCE_CASE(case_subject, in_time_is_in_time)
{
  fixture<case_subject> f(kind);
  f.subject->start(10s, recording_handler(f.first));
  f.turn();
  f.subject->grant();
  f.clock.advance(1h);
  f.turn();
  BOOST_TEST(f.first.succeeded());
}

// The alarm rings first, so its handler is ahead of the one that grants, and
// the other way round.
TORO_CONFORMANCE_CASE(case_subject, grant_and_deadline_in_one_turn)
{
  for (bool grant_first : {false, true})
  {
    fixture<case_subject> f(kind);
    f.subject->start(10s, recording_handler(f.first));
    f.turn();
    const auto grant = [&]
    {
      f.subject->grant();
    };
    if (grant_first)
      asio::post(f.io, grant);
    f.clock.advance(10s);
    if (!grant_first)
      asio::post(f.io, grant);
    f.turn();
    BOOST_TEST(f.first.has(grant_first ? error_code() : timed_out()));
    if (grant_first && kind.serves_once)
      continue;
    f.first.let_go();
    f.subject->start(recording_handler(f.second));
    f.subject->grant();
    f.turn();
    BOOST_TEST(f.second.succeeded());
  }
}

TORO_CONFORMANCE_CASE(case_subject, cancellation_comes_before_the_deadline)
{
  fixture<case_subject> f(kind);
  asio::cancellation_signal signal;
  f.subject->start(10s, asio::bind_cancellation_slot(
                            signal.slot(), recording_handler(f.first)));
  f.clock.advance(10s);
  signal.emit(asio::cancellation_type::terminal);
  f.turn();
  BOOST_TEST(f.first.has(aborted()));
}

TORO_CONFORMANCE_CASE(case_subject,
                      cancellation_after_the_deadline_finds_nothing)
{
  fixture<case_subject> f(kind);
  asio::cancellation_signal signal;
  bool emitted = false;
  f.first.on_call = [&]
  {
    signal.emit(asio::cancellation_type::terminal);
    emitted = true;
  };
  f.subject->start(10s, asio::bind_cancellation_slot(
                            signal.slot(), recording_handler(f.first)));
  f.clock.advance(10s);
  f.turn();
  BOOST_TEST(f.first.has(timed_out()));
  BOOST_TEST(emitted);
}

TORO_CONFORMANCE_CASE(case_subject, those_who_are_not_late_go_on_waiting)
{
  fixture<case_subject> f(kind);
  f.subject->start(10s, recording_handler(f.first));
  f.subject->start(recording_handler(f.second));
  f.subject->start(5s, recording_handler(f.third));
  f.turn();
  f.clock.advance(5s);
  f.turn();
  BOOST_TEST(f.third.has(timed_out()));
  BOOST_TEST(f.first.is_pending());
  f.clock.advance(5s);
  f.turn();
  BOOST_TEST(f.first.has(timed_out()));
  BOOST_TEST(f.subject->waiters() == 1u);
  f.subject->grant();
  f.turn();
  BOOST_TEST(f.second.succeeded());
}

TORO_CONFORMANCE_CASE(case_subject, deadline_moves_with_the_primitive)
{
  fixture<case_subject> f(kind);
  f.subject->start(10s, recording_handler(f.first));
  f.subject->move();
  f.clock.advance(10s);
  f.turn();
  BOOST_TEST(f.first.has(timed_out()));
}

// run() returns when the last operation has ended, whatever its deadline was.
TORO_CONFORMANCE_CASE(case_subject, no_timer_outlives_the_last_wait)
{
  for (ending how : all_endings)
  {
    fixture<case_subject> f(kind);
    bring_to_end(kind, f, how,
                 [&](case_subject& s)
                 {
                   s.start(1h, recording_handler(f.first));
                 });
    f.turn();
    BOOST_TEST(f.first.has(result_of(kind, how)));
    f.turn();
    BOOST_TEST(f.clock.pending() == 0u);
    f.io.restart();
    f.io.poll();
    BOOST_TEST(f.io.stopped());
  }
}

// The real clock, which has to let run() return at once.
TORO_CONFORMANCE_CASE(case_subject, real_timer_lets_run_return)
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

TORO_CONFORMANCE_CASE(case_subject, real_timer_fires)
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
