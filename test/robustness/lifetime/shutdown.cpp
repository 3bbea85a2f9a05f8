// SPDX-License-Identifier: BSL-1.0
// Contexts that go while operations are under way, here and elsewhere.

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "unit/conformance/fixture.hpp"

namespace asio = boost::asio;

using namespace std::chrono_literals;

namespace toro_test {

BOOST_AUTO_TEST_SUITE(shutdown)

namespace {

class case_subject : public subject
{
public:
  using subject::start;

  virtual void start(on<io_executor> handler) = 0;
};

template <class Operation>
class case_subject_of : public subject_base<Operation, case_subject>
{
public:
  using subject_base<Operation, case_subject>::subject_base;
  using subject_base<Operation, case_subject>::start;

  void start(on<io_executor> handler) override
  {
    this->it.start(std::move(handler));
  }
};

// The same primitive on a strand as its very executor type: nothing between
// the library and the strand, whose context may be gone.
class strand_subject
{
public:
  virtual ~strand_subject() = default;

  virtual void start(recording_handler handler) = 0;
  virtual void start(toro::deadline limit, recording_handler handler) = 0;
  virtual std::function<void(recording_handler)> defer() = 0;
  virtual void grant() = 0;
  virtual std::size_t cancel() = 0;
};

template <class Operation>
class strand_subject_of : public strand_subject
{
public:
  explicit strand_subject_of(const asio::any_io_executor& executor)
    : it_(*executor.target<io_strand>())
  {
  }

  void start(recording_handler handler) override
  {
    it_.start(std::move(handler));
  }

  void start(toro::deadline limit, recording_handler handler) override
  {
    it_.start(limit, std::move(handler));
  }

  std::function<void(recording_handler)> defer() override
  {
    return [lazy = it_.start(asio::deferred)](recording_handler handler)
    {
      lazy(std::move(handler));
    };
  }

  void grant() override
  {
    it_.grant();
  }

  std::size_t cancel() override
  {
    return it_.object.cancel();
  }

private:
  subject_of<Operation, io_strand> it_;
};

// Calls a function when it is destroyed without having been run.
class on_destruction
{
public:
  explicit on_destruction(std::function<void()> function)
    : function_(std::move(function))
  {
  }

  on_destruction(on_destruction&& other) noexcept
    : function_(std::exchange(other.function_, nullptr))
  {
  }

  ~on_destruction()
  {
    if (function_)
      function_();
  }

  void operator()()
  {
    function_ = nullptr;
  }

private:
  std::function<void()> function_;
};

} // namespace

TORO_CONFORMANCE_CASE(case_subject, deliveries_on_strands_of_the_context)
{
  for (bool outlives : {false, true})
  {
    call_record typed;
    call_record erased;
    call_record cancelled;
    std::unique_ptr<case_subject> a;
    std::unique_ptr<case_subject> b;
    std::unique_ptr<case_subject> c;
    {
      asio::io_context io;
      a = kind.make(io.get_executor());
      b = kind.make(asio::make_strand(io));
      c = kind.make(io.get_executor());
      a->start(
          asio::bind_executor(asio::make_strand(io), recording_handler(typed)));
      b->start(asio::bind_executor(asio::any_io_executor(asio::make_strand(io)),
                                   recording_handler(erased)));
      c->start(asio::bind_executor(asio::make_strand(io),
                                   recording_handler(cancelled)));
      a->grant();
      b->grant();
      c->cancel();
      if (!outlives)
      {
        a.reset();
        b.reset();
        c.reset();
      }
    }
    BOOST_TEST(typed.was_dropped());
    BOOST_TEST(erased.was_dropped());
    BOOST_TEST(cancelled.was_dropped());
  }
}

// The delivery is in the other context, uncommitted where the primitive is
// locked; otherwise it has not left.
TORO_CONFORMANCE_CASE(case_subject,
                      delivery_elsewhere_after_the_shutdown_is_aborted)
{
  call_record report;
  asio::io_context there;
  std::optional<asio::io_context> io(std::in_place);
  auto s = kind.make(io->get_executor());
  s->start(
      asio::bind_executor(asio::make_strand(there), recording_handler(report)));
  s->grant();
  io.reset();
  there.poll();
  if (kind.thread_safe)
    BOOST_TEST(report.has(late_result(kind)));
  else
    BOOST_TEST(report.was_dropped());
  s.reset();
  BOOST_TEST(there.stopped());
}

TORO_CONFORMANCE_CASE(case_subject, delivery_that_went_the_long_way)
{
  call_record report;
  asio::io_context there;
  std::optional<asio::io_context> io(std::in_place);
  auto s = kind.make(io->get_executor());
  s->start(
      asio::bind_executor(there.get_executor(), recording_handler(report)));
  s->grant();
  io->poll();
  BOOST_TEST(report.is_pending());
  io.reset();
  there.poll();
  // Unlocked, it was committed before it left.
  BOOST_TEST(report.has(kind.thread_safe ? late_result(kind) : error_code()));
  report.let_go();
  s.reset();
  BOOST_TEST(there.stopped());
}

TORO_CONFORMANCE_CASE(case_subject, cancelled_delivery_elsewhere)
{
  call_record report;
  asio::io_context there;
  std::optional<asio::io_context> io(std::in_place);
  auto s = kind.make(io->get_executor());
  s->start(asio::bind_executor(asio::any_io_executor(there.get_executor()),
                               recording_handler(report)));
  s->cancel();
  s.reset();
  io.reset();
  there.poll();
  if (kind.thread_safe)
    BOOST_TEST(report.has(aborted()));
  else
    BOOST_TEST(report.was_dropped());
  BOOST_TEST(there.stopped());
}

// The handler's context goes first, which drops the delivery: what it was to
// bring goes to the next.
TORO_CONFORMANCE_CASE(case_subject, dropped_delivery_gives_back)
{
  call_record lost;
  call_record next;
  asio::io_context io;
  auto there = std::make_unique<asio::io_context>();
  const auto s = kind.make(io.get_executor());
  s->start(
      asio::bind_executor(asio::make_strand(*there), recording_handler(lost)));
  s->start(recording_handler(next));
  s->grant();
  if (!kind.thread_safe)
  {
    // Committed before it leaves, so it has to stay here.
    s->cancel();
    io.poll();
  }
  there.reset();
  io.restart();
  io.poll();
  BOOST_TEST(lost.was_dropped());
  if (kind.thread_safe)
    BOOST_TEST(next.succeeded() == (kind.grants_all || !kind.grant_is_final));
  else
    BOOST_TEST(next.calls == 1);
  s->cancel();
  io.restart();
  io.poll();
  BOOST_TEST(next.calls == 1);
}

TORO_CONFORMANCE_CASE(case_subject, launch_on_an_inert_primitive)
{
  call_record launched;
  call_record started;
  asio::io_context there;
  launcher lazy;
  std::unique_ptr<case_subject> s;
  {
    asio::io_context io;
    s = kind.make(asio::make_strand(io));
    lazy = s->defer();
  }
  lazy({asio::cancellation_slot(), recording_handler(launched)});
  s->start(asio::bind_executor(asio::make_strand(there),
                               recording_handler(started)));
  BOOST_TEST(launched.was_dropped());
  BOOST_TEST(started.was_dropped());
  there.poll();
  BOOST_TEST(there.stopped());
}

TORO_CONFORMANCE_CASE(strand_subject, strand_of_a_dead_context_is_not_touched)
{
  for (bool granted : {false, true})
  {
    call_record waiting;
    call_record timed;
    call_record inert;
    call_record late;
    call_record unlaunched;
    std::unique_ptr<strand_subject> s;
    std::function<void(recording_handler)> lazy;
    {
      asio::io_context io;
      s = kind.make(asio::make_strand(io));
      lazy = s->defer();
      s->start(recording_handler(waiting));
      s->start(1h, recording_handler(timed));
      if (granted)
        s->grant();
    }
    BOOST_TEST(waiting.was_dropped());
    BOOST_TEST(timed.was_dropped());
    s->start(recording_handler(inert));
    s->start(1h, recording_handler(late));
    lazy(recording_handler(unlaunched));
    BOOST_TEST(inert.was_dropped());
    BOOST_TEST(late.was_dropped());
    BOOST_TEST(unlaunched.was_dropped());
    BOOST_TEST(s->cancel() == 0u);
    s->grant();
    lazy = nullptr;
  }
}

TORO_CONFORMANCE_CASE(strand_subject, strand_with_queued_deliveries)
{
  for (bool outlives : {false, true})
  {
    call_record granted;
    call_record cancelled;
    std::unique_ptr<strand_subject> a;
    std::unique_ptr<strand_subject> b;
    {
      asio::io_context io;
      const io_strand strand = asio::make_strand(io);
      a = kind.make(strand);
      b = kind.make(strand);
      // The strand is busy with something that is never run.
      asio::post(strand, [] {});
      a->start(recording_handler(granted));
      b->start(recording_handler(cancelled));
      a->grant();
      b->cancel();
      if (!outlives)
      {
        a.reset();
        b.reset();
      }
    }
    BOOST_TEST(granted.was_dropped());
    BOOST_TEST(cancelled.was_dropped());
  }
}

// With a real timer, and with one that a test moves.
TORO_CONFORMANCE_CASE(case_subject, armed_timer_goes_with_everything)
{
  for (bool manual : {false, true})
  {
    for (bool due : {false, true})
    {
      for (bool primitive_first : {false, true})
      {
        manual_clock clock;
        call_record report;
        std::optional<asio::io_context> io(std::in_place);
        if (manual)
          clock.install(*io);
        auto s = kind.make(io->get_executor());
        s->start(1h, recording_handler(report));
        io->poll();
        if (manual)
          BOOST_TEST(clock.pending() == 1u);
        if (due)
          clock.advance(1h);
        if (primitive_first)
          s.reset();
        io.reset();
        BOOST_TEST(report.was_dropped());
        s.reset();
        BOOST_TEST(clock.alarms() == 0u);
      }
    }
  }
}

// What the destructor of a handler makes in the context that goes: a primitive,
// and perhaps the first timer of this context.
struct late_primitive
{
  bool first_in_context;
  bool timed;
  bool outlives;
};

void make_late(const operation_kind<case_subject>& kind, late_primitive how)
{
  call_record waiting;
  call_record ready;
  std::unique_ptr<case_subject> survivor;
  int made = 0;
  {
    asio::io_context io;
    std::unique_ptr<case_subject> earlier;
    if (!how.first_in_context)
      earlier = kind.make(io.get_executor());
    asio::post(io, on_destruction(
                       [&]
                       {
                         ++made;
                         auto s = kind.make(io.get_executor());
                         if (how.timed)
                           s->start(1h, recording_handler(waiting));
                         else
                           s->start(recording_handler(waiting));
                         s->grant();
                         s->start(recording_handler(ready));
                         if (how.outlives)
                           survivor = std::move(s);
                       }));
  }
  BOOST_TEST(made == 1);
  BOOST_TEST(waiting.calls == 0);
  survivor.reset();
  BOOST_TEST(waiting.was_dropped());
  BOOST_TEST(ready.was_dropped());
}

TORO_CONFORMANCE_CASE(case_subject, primitive_made_while_the_context_goes)
{
  for (bool first_in_context : {false, true})
  {
    for (bool timed : {false, true})
    {
      for (bool outlives : {false, true})
        make_late(kind, {first_in_context, timed, outlives});
    }
  }
}

TORO_CONFORMANCE_CASE(case_subject, stopping_destroys_nothing)
{
  fixture<case_subject> f(kind);
  f.subject->start(recording_handler(f.first));
  f.subject->grant();
  f.io.stop();
  BOOST_TEST(f.io.poll() == 0u);
  BOOST_TEST(f.first.is_pending());
  f.turn();
  BOOST_TEST(f.first.succeeded());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
