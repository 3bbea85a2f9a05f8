// SPDX-License-Identifier: BSL-1.0
// Handlers and coroutine frames that own what they wait on.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "unit/conformance/fixture.hpp"

namespace asio = boost::asio;

using namespace std::chrono_literals;

namespace toro_test {

BOOST_AUTO_TEST_SUITE(handlers)

namespace {

class case_subject : public subject
{
public:
  // Waits, and notes what came of it. The value dies with the frame.
  virtual asio::awaitable<void> await(call_record& report) = 0;
  virtual asio::awaitable<void> await_until(toro::deadline limit,
                                            call_record& report) = 0;
};

// By the value and not by the operation, of which there are more.
template <class Value>
asio::awaitable<void> note(asio::awaitable<Value> awaited, call_record& report)
{
  const recording_handler end(report);
  if constexpr (std::is_void_v<Value>)
  {
    co_await std::move(awaited);
    ++report.calls;
  }
  else
  {
    const Value value = co_await std::move(awaited);
    ++report.calls;
    BOOST_TEST(fits(value, error_code()));
  }
}

template <class Operation>
class case_subject_of : public subject_base<Operation, case_subject>
{
public:
  using subject_base<Operation, case_subject>::subject_base;

  asio::awaitable<void> await(call_record& report) override
  {
    return note(this->it.start(asio::use_awaitable), report);
  }

  asio::awaitable<void> await_until(toro::deadline limit,
                                    call_record& report) override
  {
    return note(this->it.start(limit, asio::use_awaitable), report);
  }
};

// A frame that owns two primitives and waits on one of them.
asio::awaitable<void> own_two(const operation_kind<case_subject>& kind,
                              bool granted, bool timed, call_record& report)
{
  const auto executor = co_await asio::this_coro::executor;
  const std::unique_ptr<case_subject> first = kind.make(executor);
  const std::unique_ptr<case_subject> second = kind.make(executor);
  asio::co_spawn(executor, first->await(report), asio::detached);
  if (granted)
    second->grant();
  if (timed)
    co_await second->await_until(1h, report);
  else
    co_await second->await(report);
  // Nobody grants this: the context goes first.
  co_await first->await(report);
}

} // namespace

// A cycle that only the end of the context breaks.
TORO_CONFORMANCE_CASE(case_subject,
                      handler_that_owns_its_primitive_goes_with_the_context)
{
  enum class way
  {
    waiting,
    timed,
    granted,
    on_strand,
    granted_on_strand
  };
  for (way w : {way::waiting, way::timed, way::granted, way::on_strand,
                way::granted_on_strand})
  {
    call_record report;
    std::weak_ptr<case_subject> seen;
    {
      asio::io_context io;
      std::shared_ptr<case_subject> s = kind.make(io.get_executor());
      seen = s;
      recording_handler handler(report, s);
      if (w == way::timed)
        s->start(1h, std::move(handler));
      else if (w == way::on_strand || w == way::granted_on_strand)
        s->start(
            asio::bind_executor(asio::make_strand(io), std::move(handler)));
      else
        s->start(std::move(handler));
      if (w == way::granted || w == way::granted_on_strand)
        s->grant();
      s.reset();
      BOOST_TEST(!seen.expired());
    }
    BOOST_TEST(report.was_dropped());
    BOOST_TEST(seen.expired());
  }
}

// Two primitives whose handlers own each other's.
TORO_CONFORMANCE_CASE(case_subject, handlers_that_own_each_others_primitive)
{
  for (bool granted : {false, true})
  {
    call_record one;
    call_record two;
    {
      asio::io_context io;
      std::shared_ptr<case_subject> first = kind.make(io.get_executor());
      std::shared_ptr<case_subject> second = kind.make(io.get_executor());
      first->start(recording_handler(one, second));
      second->start(recording_handler(two, first));
      if (granted)
        first->grant();
    }
    BOOST_TEST(one.was_dropped());
    BOOST_TEST(two.was_dropped());
  }
}

// The primitive dies with the handler that was called.
TORO_CONFORMANCE_CASE(case_subject, called_handler_takes_its_primitive_along)
{
  call_record report;
  asio::io_context io;
  std::shared_ptr<case_subject> s = kind.make(io.get_executor());
  const std::weak_ptr<case_subject> seen = s;
  s->start(recording_handler(report, s));
  s->grant();
  s.reset();
  io.run();
  BOOST_TEST(report.succeeded());
  BOOST_TEST(seen.expired());
}

TORO_CONFORMANCE_CASE(case_subject, primitive_destroyed_in_its_own_handler)
{
  for (ending how : {ending::at_once, ending::granted, ending::cancelled,
                     ending::cancelled_late})
  {
    fixture<case_subject> f(kind);
    f.first.on_call = [&]
    {
      f.subject.reset();
      f.first.let_go();
    };
    bring_to_end(kind, f, how,
                 [&](case_subject& s)
                 {
                   s.start(recording_handler(f.first));
                   s.start(1h, recording_handler(f.second));
                   s.start(recording_handler(f.third));
                 });
    f.turn();
    BOOST_TEST(f.first.has(result_of(kind, how)));
    BOOST_TEST(f.second.calls == 1);
    BOOST_TEST(f.third.calls == 1);
    BOOST_TEST(f.io.stopped());
  }
}

// Destroying a handler enters its own primitive and another one, destroys both
// and makes a third, all while the context goes.
TORO_CONFORMANCE_CASE(case_subject,
                      handler_whose_end_makes_and_destroys_primitives)
{
  for (bool granted : {false, true})
  {
    call_record outer;
    call_record other;
    call_record inner;
    int made = 0;
    std::unique_ptr<case_subject> s;
    std::unique_ptr<case_subject> t;
    {
      asio::io_context io;
      s = kind.make(io.get_executor());
      t = kind.make(io.get_executor());
      t->start(recording_handler(other));
      std::shared_ptr<void> luggage(&made,
                                    [&](void*)
                                    {
                                      ++made;
                                      const auto u =
                                          kind.make(io.get_executor());
                                      u->start(recording_handler(inner));
                                      u->grant();
                                      t->cancel();
                                      s.reset();
                                      t.reset();
                                    });
      s->start(recording_handler(outer, std::move(luggage)));
      if (granted)
        s->grant();
    }
    BOOST_TEST(made == 1);
    BOOST_TEST(outer.was_dropped());
    BOOST_TEST(other.was_dropped());
    BOOST_TEST(inner.was_dropped());
  }
}

TORO_CONFORMANCE_CASE(case_subject, frame_that_owns_two_goes_with_the_context)
{
  for (bool granted : {false, true})
  {
    for (bool timed : {false, true})
    {
      for (bool strand : {false, true})
      {
        call_record report;
        {
          asio::io_context io;
          asio::any_io_executor executor = io.get_executor();
          if (strand)
            executor = asio::make_strand(io);
          asio::co_spawn(executor, own_two(kind, granted, timed, report),
                         asio::detached);
          io.poll();
          BOOST_TEST(!io.stopped());
        }
        BOOST_TEST(report.dropped > 0);
      }
    }
  }
}

// The frame has been granted what it waits for, and is never resumed.
TORO_CONFORMANCE_CASE(case_subject, frame_with_a_grant_goes_with_the_context)
{
  call_record report;
  call_record other;
  std::unique_ptr<case_subject> s;
  {
    asio::io_context io;
    s = kind.make(io.get_executor());
    asio::co_spawn(io, s->await(report), asio::detached);
    io.poll();
    s->start(recording_handler(other));
    BOOST_TEST(s->waiters() == 2u);
    s->grant();
  }
  BOOST_TEST(report.calls == 0);
  BOOST_TEST(report.dropped == 1);
  BOOST_TEST(other.was_dropped());
}

// An awaitable that nobody started holds the state, not the primitive.
TORO_CONFORMANCE_CASE(case_subject, frame_that_was_never_started)
{
  for (bool context_first : {false, true})
  {
    call_record report;
    std::optional<asio::io_context> io(std::in_place);
    auto s = kind.make(io->get_executor());
    {
      const asio::awaitable<void> never = s->await(report);
      if (context_first)
        io.reset();
      s.reset();
    }
    BOOST_TEST(report.is_pending());
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
