// SPDX-License-Identifier: BSL-1.0
// Every asynchronous operation, in every way to its end, with each call into
// the code of users failing in turn.

#include <boost/asio/any_io_executor.hpp>
#include <boost/test/unit_test.hpp>

#include <memory>
#include <set>
#include <utility>

#include "robustness/fault_injection/trial.hpp"
#include "unit/conformance/fixture.hpp"

namespace toro_test {

BOOST_AUTO_TEST_SUITE(failures_of_operations)

namespace {

class case_subject : public bare_subject
{
public:
  virtual void start(toro::deadline limit, failing_handler handler) = 0;
  virtual void start(toro::deadline limit,
                     failing_handler_elsewhere handler) = 0;
};

template <class Operation>
class case_subject_of final : public subject_base<Operation, case_subject>
{
public:
  using subject_base<Operation, case_subject>::subject_base;

  void start(toro::deadline limit, failing_handler handler) override
  {
    this->it.start(limit, std::move(handler));
  }

  void start(toro::deadline limit, failing_handler_elsewhere handler) override
  {
    this->it.start(limit, std::move(handler));
  }
};

// A primitive with one operation, in a trial.
class operation_fixture
{
  auto starter(toro::deadline limit)
  {
    return [this, limit](auto handler)
    {
      subject_->start(limit, std::move(handler));
    };
  }

public:
  operation_fixture(trial& t, const operation_kind<case_subject>& kind)
    : t_(t),
      serves_once_(kind.serves_once),
      executor_(t.executor()),
      subject_(kind.make(executor_))
  {
    t_.watch_by(
        [this]
        {
          return subject_->text();
        });
  }

  void start(toro::deadline limit = {})
  {
    t_.start(starter(limit));
  }

  void grant()
  {
    t_.act(
        [this]
        {
          subject_->grant();
        });
  }

  void cancel()
  {
    t_.act(
        [this]
        {
          subject_->cancel();
        });
  }

  void move()
  {
    subject_->move();
  }

  void assign_over()
  {
    subject_->assign_over(executor_);
  }

  void destroy()
  {
    subject_->destroy_primitive();
  }

  // Nothing is pending or missing, and the primitive works; one that serves
  // only once may say that it has served.
  void conclude()
  {
    t_.recover(
        [this]
        {
          subject_->cancel();
        });
    t_.check_ends();
    BOOST_TEST(subject_->waiters() == 0u);
    t_.let_go();
    // Takes what puts have left behind, and gives gets something to take.
    for (int i = 0; i < 4; ++i)
      subject_->grant();
    for (int i = 0; i < 8 && !subject_->is_whole(); ++i)
      t_.serve(starter({}));
    BOOST_TEST(subject_->is_whole());
    start();
    subject_->grant();
    t_.poll();
    BOOST_TEST(
        (t_.newest().succeeded() ||
         (serves_once_ && t_.newest().has(toro::error::task_underflow))));
  }

private:
  trial& t_;
  bool serves_once_;
  boost::asio::any_io_executor executor_;
  std::unique_ptr<case_subject> subject_;
};

const std::set<failing> until_the_context_ends = {
    failing::memory, failing::execution, failing::delivery, failing::alarm,
    failing::handler_move};

// An operation that needs the time sets the timer without a deadline, too.
const std::set<failing>& calls_of(const operation_facts& kind)
{
  return kind.reads_clock ? timed_calls : usual_calls;
}

} // namespace

TORO_CONFORMANCE_CASE(case_subject, ends_at_once)
{
  fail_each_call(calls_of(kind),
                 [&](trial& t)
                 {
                   operation_fixture o(t, kind);
                   o.grant();
                   o.start();
                   o.start();
                   o.grant();
                   t.poll();
                   o.conclude();
                 });
}

TORO_CONFORMANCE_CASE(case_subject, is_granted)
{
  fail_each_call(calls_of(kind),
                 [&](trial& t)
                 {
                   operation_fixture o(t, kind);
                   for (int i = 0; i < 3; ++i)
                     o.start();
                   o.grant();
                   t.poll();
                   o.grant();
                   t.let_go();
                   o.start();
                   t.poll();
                   o.conclude();
                 });
}

TORO_CONFORMANCE_CASE(case_subject, is_cancelled)
{
  fail_each_call(usual_calls,
                 [&](trial& t)
                 {
                   operation_fixture o(t, kind);
                   for (int i = 0; i < 4; ++i)
                     o.start();
                   t.emit(1);
                   t.poll();
                   t.emit(0);
                   o.cancel();
                   t.poll();
                   o.conclude();
                   t.check_end(0, aborted());
                   t.check_end(1, aborted());
                 });
}

TORO_CONFORMANCE_CASE(case_subject, is_cancelled_late)
{
  fail_each_call(calls_of(kind),
                 [&](trial& t)
                 {
                   operation_fixture o(t, kind);
                   for (int i = 0; i < 4; ++i)
                     o.start();
                   o.grant();
                   t.emit(0);
                   t.emit(1);
                   t.poll();
                   t.let_go();
                   o.grant();
                   o.cancel();
                   t.poll();
                   o.conclude();
                   t.check_end(0, late_result(kind));
                 });
}

TORO_CONFORMANCE_CASE(case_subject, gives_up_in_time)
{
  fail_each_call(timed_calls,
                 [&](trial& t)
                 {
                   operation_fixture o(t, kind);
                   o.start(2s);
                   o.start(1s);
                   o.start();
                   o.start(-1s);
                   t.advance(1s);
                   o.start(3s);
                   t.advance(1s);
                   // A timer that failed is set again at the next entry.
                   faults.spare_all();
                   o.start();
                   t.advance(2s);
                   for (std::size_t k : {0u, 1u, 3u, 4u})
                     t.check_end(k, timed_out());
                   o.conclude();
                 });
}

TORO_CONFORMANCE_CASE(case_subject, is_granted_in_time)
{
  fail_each_call(timed_calls,
                 [&](trial& t)
                 {
                   operation_fixture o(t, kind);
                   o.start(1s);
                   o.start(2s);
                   o.grant();
                   t.advance(3s);
                   t.let_go();
                   o.start(1s);
                   o.grant();
                   t.poll();
                   o.conclude();
                 });
}

TORO_CONFORMANCE_CASE(case_subject, moves_with_its_primitive)
{
  fail_each_call(timed_calls,
                 [&](trial& t)
                 {
                   operation_fixture o(t, kind);
                   o.start();
                   o.start(1s);
                   o.move();
                   o.grant();
                   t.poll();
                   t.let_go();
                   o.start();
                   o.move();
                   t.advance(1s);
                   o.conclude();
                 });
}

TORO_CONFORMANCE_CASE(case_subject, ends_with_its_primitive)
{
  fail_each_call(timed_calls,
                 [&](trial& t)
                 {
                   operation_fixture o(t, kind);
                   o.start();
                   o.start();
                   o.start(1s);
                   o.grant();
                   o.assign_over();
                   t.poll();
                   o.start();
                   o.start(1s);
                   o.destroy();
                   t.poll();
                   t.end_context();
                 });
}

TORO_CONFORMANCE_CASE(case_subject, ends_with_its_context)
{
  fail_each_call(until_the_context_ends,
                 [&](trial& t)
                 {
                   operation_fixture o(t, kind);
                   o.start();
                   o.start();
                   o.start(1s);
                   o.grant();
                   t.end_context();
                 });
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
