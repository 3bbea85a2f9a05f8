// SPDX-License-Identifier: BSL-1.0
// Where handlers run, and what keeps a context running: R7, R8.

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/test/unit_test.hpp>

#include <latch>
#include <memory>
#include <thread>
#include <type_traits>
#include <utility>

#include "unit/conformance/fixture.hpp"

namespace asio = boost::asio;

namespace toro_test {

BOOST_AUTO_TEST_SUITE(executors)

namespace {

using pool_executor = asio::thread_pool::executor_type;

class case_subject : public subject
{
public:
  using subject::start;

  virtual void start(on<asio::system_executor> handler) = 0;
  virtual void start(on<pool_executor> handler) = 0;

  // With asio::any_completion_handler around the handler.
  virtual void start_erased(recording_handler handler) = 0;
  virtual void start_erased(on<io_executor> handler) = 0;
};

template <class Operation>
class case_subject_of : public subject_base<Operation, case_subject>
{
public:
  using subject_base<Operation, case_subject>::subject_base;
  using subject_base<Operation, case_subject>::start;

  void start(on<asio::system_executor> handler) override
  {
    this->it.start(std::move(handler));
  }

  void start(on<pool_executor> handler) override
  {
    this->it.start(std::move(handler));
  }

  void start_erased(recording_handler handler) override
  {
    this->it.start(erased(std::move(handler)));
  }

  void start_erased(on<io_executor> handler) override
  {
    this->it.start(erased(std::move(handler)));
  }

private:
  using value_type = typename Operation::value_type;

  template <class Handler>
  static auto erased(Handler handler)
  {
    if constexpr (std::is_void_v<value_type>)
      return asio::any_completion_handler<void(error_code)>(std::move(handler));
    else
      return asio::any_completion_handler<void(error_code, value_type)>(
          std::move(handler));
  }
};

} // namespace

TORO_CONFORMANCE_CASE(case_subject, handler_runs_on_its_strand)
{
  for (ending how : all_endings)
  {
    fixture<case_subject> f(kind);
    const io_strand strand = asio::make_strand(f.io);
    bool on_strand = false;
    f.first.on_call = [&]
    {
      on_strand = strand.running_in_this_thread();
    };
    bring_to_end(kind, f, how,
                 [&](case_subject& s)
                 {
                   s.start(
                       asio::bind_executor(strand, recording_handler(f.first)));
                 });
    BOOST_TEST(f.first.is_pending());
    f.turn();
    BOOST_TEST(f.first.has(result_of(kind, how)));
    BOOST_TEST(on_strand);
    BOOST_TEST(f.io.stopped());
  }
}

// The handler's context gets to the handler only when it is run, and both
// contexts know of the operation until then.
template <class Wrap>
void run_in_two_contexts(const operation_kind<case_subject>& kind, Wrap wrap)
{
  for (ending how : all_endings)
  {
    call_record report;
    asio::io_context there;
    fixture<case_subject> f(kind);
    bring_to_end(kind, f, how,
                 [&](case_subject& s)
                 {
                   wrap(s, there, report);
                 });
    for (int turn = 0; turn != 3; ++turn)
      f.turn();
    BOOST_TEST(report.is_pending());
    there.poll();
    BOOST_TEST(report.has(result_of(kind, how)));
    f.turn();
    BOOST_TEST(f.io.stopped());
    BOOST_TEST(there.stopped());
  }
}

template <class Wrap>
void keep_two_contexts_running(const operation_kind<case_subject>& kind,
                               Wrap wrap)
{
  call_record report;
  asio::io_context there;
  fixture<case_subject> f(kind);
  wrap(*f.subject, there, report);
  f.turn();
  there.poll();
  BOOST_TEST(!f.io.stopped());
  BOOST_TEST(!there.stopped());
  f.subject->cancel();
  f.turn();
  there.restart();
  there.poll();
  f.turn();
  BOOST_TEST(report.has(aborted()));
  BOOST_TEST(f.io.stopped());
  BOOST_TEST(there.stopped());
}

void start_on_any(case_subject& s, asio::io_context& there, call_record& report)
{
  s.start(asio::bind_executor(asio::any_io_executor(there.get_executor()),
                              recording_handler(report)));
}

void start_on_any_strand(case_subject& s, asio::io_context& there,
                         call_record& report)
{
  s.start(asio::bind_executor(asio::any_io_executor(asio::make_strand(there)),
                              recording_handler(report)));
}

void start_on_strand(case_subject& s, asio::io_context& there,
                     call_record& report)
{
  s.start(
      asio::bind_executor(asio::make_strand(there), recording_handler(report)));
}

void start_erased(case_subject& s, asio::io_context& there, call_record& report)
{
  s.start_erased(
      asio::bind_executor(there.get_executor(), recording_handler(report)));
}

TORO_CONFORMANCE_CASE(case_subject, handler_of_another_context_runs_there)
{
  run_in_two_contexts(kind, start_on_any);
  run_in_two_contexts(kind, start_on_any_strand);
  run_in_two_contexts(kind, start_on_strand);
  run_in_two_contexts(kind, start_erased);
}

TORO_CONFORMANCE_CASE(case_subject, waiting_keeps_both_contexts_running)
{
  keep_two_contexts_running(kind, start_on_any);
  keep_two_contexts_running(kind, start_on_any_strand);
  keep_two_contexts_running(kind, start_on_strand);
  keep_two_contexts_running(kind, start_erased);
}

// Until its handler has run, also of an operation that ended at once.
template <class Wrap>
void keep_handlers_context_running(const operation_kind<case_subject>& kind,
                                   Wrap wrap)
{
  call_record report;
  asio::io_context there;
  fixture<case_subject> f(kind);
  bring_to_end(kind, f, ending::at_once,
               [&](case_subject& s)
               {
                 wrap(s, there, report);
               });
  there.poll();
  BOOST_TEST((there.stopped() == (report.calls == 1)));
  f.turn();
  there.restart();
  there.poll();
  BOOST_TEST(report.has(result_of(kind, ending::at_once)));
}

TORO_CONFORMANCE_CASE(case_subject,
                      completion_under_way_keeps_its_context_running)
{
  keep_handlers_context_running(kind, start_on_any);
  keep_handlers_context_running(kind, start_on_any_strand);
  keep_handlers_context_running(kind, start_on_strand);
  keep_handlers_context_running(kind, start_erased);
}

TORO_CONFORMANCE_CASE(case_subject, waiting_keeps_the_context_running)
{
  fixture<case_subject> f(kind);
  f.turn();
  BOOST_TEST(f.io.stopped());
  f.subject->start(recording_handler(f.first));
  f.turn();
  BOOST_TEST(!f.io.stopped());
  f.subject->grant();
  f.turn();
  BOOST_TEST(f.first.succeeded());
  BOOST_TEST(f.io.stopped());
}

// Asio's ranged parallel_group binds such an executor to its operations.
TORO_CONFORMANCE_CASE(case_subject,
                      system_executor_does_not_take_the_handler_away)
{
  for (ending how : all_endings)
  {
    fixture<case_subject> f(kind);
    bring_to_end(kind, f, how,
                 [&](case_subject& s)
                 {
                   s.start(asio::bind_executor(asio::system_executor(),
                                               recording_handler(f.first)));
                 });
    BOOST_TEST(f.first.is_pending());
    f.turn();
    BOOST_TEST(f.first.has(result_of(kind, how)));
    BOOST_TEST((f.first.thread == std::this_thread::get_id()));
  }
}

template <class Executor>
void run_in_a_pool(const operation_kind<case_subject>& kind)
{
  for (ending how : all_endings)
  {
    call_record report;
    std::latch decided(1);
    asio::thread_pool pool(1);
    // Else a grant may be delivered before it is taken back.
    asio::post(pool,
               [&]
               {
                 decided.wait();
               });
    fixture<case_subject> f(kind);
    bring_to_end(kind, f, how,
                 [&](case_subject& s)
                 {
                   s.start(asio::bind_executor(Executor(pool.get_executor()),
                                               recording_handler(report)));
                 });
    decided.count_down();
    f.turn();
    pool.join();
    BOOST_TEST(report.has(result_of(kind, how)));
    BOOST_TEST((report.thread != std::this_thread::get_id()));
  }
}

TORO_CONFORMANCE_CASE(case_subject, handler_of_a_thread_pool_runs_there)
{
  run_in_a_pool<pool_executor>(kind);
  run_in_a_pool<asio::any_io_executor>(kind);
}

TORO_CONFORMANCE_CASE(case_subject,
                      erased_handler_runs_on_the_executor_of_the_primitive)
{
  for (ending how : all_endings)
  {
    fixture<case_subject> f(kind);
    bring_to_end(kind, f, how,
                 [&](case_subject& s)
                 {
                   s.start_erased(recording_handler(f.first));
                 });
    BOOST_TEST(f.first.is_pending());
    f.turn();
    BOOST_TEST(f.first.has(result_of(kind, how)));
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
