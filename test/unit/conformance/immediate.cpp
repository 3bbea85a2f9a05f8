// SPDX-License-Identifier: BSL-1.0
// Operations that end in their initiation, for handlers with an immediate
// executor, which Asio knows from Boost 1.82 on: R6.

#include <boost/asio/version.hpp>

#if BOOST_ASIO_VERSION >= 102700

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/bind_immediate_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <initializer_list>
#include <utility>

#include "unit/conformance/fixture.hpp"

namespace asio = boost::asio;

namespace toro_test {

BOOST_AUTO_TEST_SUITE(immediate)

namespace {

using namespace std::chrono_literals;

template <class Handler, class Executor>
using immediately_on = asio::immediate_executor_binder<Handler, Executor>;

class case_subject : public subject
{
public:
  using subject::start;

  using in_place = immediately_on<recording_handler, asio::system_executor>;
  using bound = asio::executor_binder<recording_handler, asio::any_io_executor>;
  using in_place_bound = immediately_on<bound, asio::system_executor>;
  using elsewhere_bound = immediately_on<bound, asio::any_io_executor>;

  virtual void start(toro::deadline limit, in_place handler) = 0;
  virtual void start(toro::deadline limit, in_place_bound handler) = 0;
  virtual void start(toro::deadline limit, elsewhere_bound handler) = 0;
};

template <class Operation>
class case_subject_of : public subject_base<Operation, case_subject>
{
public:
  using subject_base<Operation, case_subject>::subject_base;
  using subject_base<Operation, case_subject>::start;

  void start(toro::deadline limit, case_subject::in_place handler) override
  {
    this->it.start(limit, std::move(handler));
  }

  void start(toro::deadline limit,
             case_subject::in_place_bound handler) override
  {
    this->it.start(limit, std::move(handler));
  }

  void start(toro::deadline limit,
             case_subject::elsewhere_bound handler) override
  {
    this->it.start(limit, std::move(handler));
  }
};

case_subject::in_place in_place(call_record& report)
{
  return asio::bind_immediate_executor(asio::system_executor(),
                                       recording_handler(report));
}

case_subject::bound bound_to(asio::io_context& context, call_record& report)
{
  return asio::bind_executor(asio::any_io_executor(context.get_executor()),
                             recording_handler(report));
}

case_subject::in_place_bound in_place_to(asio::io_context& context,
                                         call_record& report)
{
  return asio::bind_immediate_executor(asio::system_executor(),
                                       bound_to(context, report));
}

// Has an operation end in its initiation, with success where it can.
template <class Handler>
void end_at_once(const operation_kind<case_subject>& kind, case_subject& s,
                 Handler handler)
{
  if (!kind.never_ready)
    s.grant();
  s.start(kind.never_ready ? toro::deadline(-1s) : toro::deadline(),
          std::move(handler));
}

error_code ending_at_once(const operation_kind<case_subject>& kind)
{
  return kind.never_ready ? timed_out() : error_code();
}

// A handler for one context, with an immediate executor in another.
case_subject::elsewhere_bound by_way_of(asio::io_context& between,
                                        asio::io_context& there,
                                        call_record& report)
{
  return asio::bind_immediate_executor(
      asio::any_io_executor(between.get_executor()), bound_to(there, report));
}

} // namespace

TORO_CONFORMANCE_CASE(case_subject, completes_in_the_initiation)
{
  fixture<case_subject> f(kind);
  f.subject->start(-1s, in_place(f.first));
  BOOST_TEST(f.first.has(timed_out()));
  end_at_once(kind, *f.subject, in_place(f.second));
  BOOST_TEST(f.second.has(ending_at_once(kind)));
  f.turn();
  BOOST_TEST(f.second.calls == 1);
}

TORO_CONFORMANCE_CASE(case_subject, is_not_for_those_who_wait)
{
  for (ending how : {ending::granted, ending::cancelled, ending::cancelled_late,
                     ending::destroyed})
  {
    fixture<case_subject> f(kind);
    bring_to_end(kind, f, how,
                 [&](case_subject& s)
                 {
                   s.start(toro::deadline(), in_place(f.first));
                 });
    BOOST_TEST(f.first.is_pending());
    f.turn();
    BOOST_TEST(f.first.has(result_of(kind, how)));
  }
}

// It says when a handler may run; where is for the handler's own executor.
TORO_CONFORMANCE_CASE(case_subject, leads_to_the_handlers_executor)
{
  call_record report;
  asio::io_context there;
  fixture<case_subject> f(kind);
  end_at_once(kind, *f.subject, in_place_to(there, report));
  f.turn();
  BOOST_TEST(report.is_pending());
  there.poll();
  BOOST_TEST(report.has(ending_at_once(kind)));
  BOOST_TEST(there.stopped());
}

TORO_CONFORMANCE_CASE(case_subject, completes_in_place_on_the_handlers_executor)
{
  fixture<case_subject> f(kind);
  asio::post(f.io,
             [&]
             {
               end_at_once(kind, *f.subject, in_place_to(f.io, f.first));
               BOOST_TEST(f.first.has(ending_at_once(kind)));
             });
  f.turn();
  BOOST_TEST(f.first.calls == 1);
}

TORO_CONFORMANCE_CASE(case_subject,
                      keeps_the_handlers_context_running_on_the_way)
{
  call_record report;
  asio::io_context between;
  asio::io_context there;
  fixture<case_subject> f(kind);
  end_at_once(kind, *f.subject, by_way_of(between, there, report));
  there.poll();
  BOOST_TEST(!there.stopped());
  between.poll();
  BOOST_TEST(report.is_pending());
  there.poll();
  BOOST_TEST(report.has(ending_at_once(kind)));
  BOOST_TEST(there.stopped());
}

TORO_CONFORMANCE_CASE(case_subject, is_dropped_with_the_context_in_between)
{
  call_record report;
  asio::io_context there;
  fixture<case_subject> f(kind);
  {
    asio::io_context between;
    end_at_once(kind, *f.subject, by_way_of(between, there, report));
  }
  BOOST_TEST(report.was_dropped());
  there.poll();
  BOOST_TEST(there.stopped());
  f.turn();
  BOOST_TEST(f.io.stopped());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test

#endif
