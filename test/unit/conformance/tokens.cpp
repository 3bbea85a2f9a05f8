// SPDX-License-Identifier: BSL-1.0
// Completion tokens and adapters that call a handler.

#include <boost/asio/append.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/consign.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/prepend.hpp>
#include <boost/asio/version.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <tuple>
#include <utility>

#include "unit/conformance/fixture.hpp"

#if BOOST_ASIO_VERSION >= 103200
#include <boost/asio/cancel_after.hpp>
#endif

namespace asio = boost::asio;

using namespace std::chrono_literals;

namespace toro_test {

BOOST_AUTO_TEST_SUITE(tokens)

namespace {

class case_subject : public subject
{
public:
  virtual void start_lambda(call_record& report) = 0;
  virtual void start_detached() = 0;
  virtual void start_tuple(call_record& report) = 0;
  virtual void start_appended(call_record& report) = 0;
  virtual void start_prepended(call_record& report) = 0;
  virtual void start_consigned(call_record& report,
                               std::shared_ptr<int> luggage) = 0;
#if BOOST_ASIO_VERSION >= 103200
  virtual void start_cancelled_after(std::chrono::nanoseconds time,
                                     call_record& report) = 0;
#endif
};

// Handlers, one type of each for all operations.

auto noting(call_record& report)
{
  return [&report](error_code ec, auto... value)
  {
    report.note(ec, std::move(value)...);
  };
}

auto noting_tuple(call_record& report)
{
  return [&report](auto result)
  {
    std::apply(noting(report), std::move(result));
  };
}

auto noting_behind_extra(call_record& report)
{
  return [&report](int extra, error_code ec, auto... value)
  {
    BOOST_TEST(extra == 1);
    report.note(ec, std::move(value)...);
  };
}

class noting_before_extra
{
public:
  explicit noting_before_extra(call_record& report)
    : report_(&report)
  {
  }

  void operator()(error_code ec, int extra) const
  {
    BOOST_TEST(extra == 1);
    report_->note(ec);
  }

  template <class Value>
  void operator()(error_code ec, Value value, int extra) const
  {
    BOOST_TEST(extra == 1);
    report_->note(ec, std::move(value));
  }

private:
  call_record* report_;
};

template <class Operation>
class case_subject_of : public subject_base<Operation, case_subject>
{
public:
  using subject_base<Operation, case_subject>::subject_base;

  void start_lambda(call_record& report) override
  {
    this->it.start(noting(report));
  }

  void start_detached() override
  {
    this->it.start(asio::detached);
  }

  void start_tuple(call_record& report) override
  {
    this->it.start(asio::as_tuple(noting_tuple(report)));
  }

  void start_appended(call_record& report) override
  {
    this->it.start(asio::append(noting_before_extra(report), 1));
  }

  void start_prepended(call_record& report) override
  {
    this->it.start(asio::prepend(noting_behind_extra(report), 1));
  }

  void start_consigned(call_record& report,
                       std::shared_ptr<int> luggage) override
  {
    this->it.start(
        asio::consign(recording_handler(report), std::move(luggage)));
  }

#if BOOST_ASIO_VERSION >= 103200
  void start_cancelled_after(std::chrono::nanoseconds time,
                             call_record& report) override
  {
    this->it.start(asio::cancel_after(time, recording_handler(report)));
  }
#endif
};

} // namespace

TORO_CONFORMANCE_CASE(case_subject, lambda)
{
  check_token(kind,
              [](auto& f, case_subject& s) -> collector
              {
                s.start_lambda(f.first);
                return {};
              });
}

TORO_CONFORMANCE_CASE(case_subject, detached)
{
  for (ending how : all_endings)
  {
    fixture<case_subject> f(kind);
    bring_to_end(kind, f, how,
                 [](case_subject& s)
                 {
                   s.start_detached();
                 });
    f.turn();
    BOOST_TEST(f.io.stopped());
    if (!f.subject)
      continue;
    BOOST_TEST(f.subject->waiters() == 0u);
    if (how != ending::cancelled && kind.serves_once)
      continue;
    // Nobody holds on to what the operation may have got.
    f.subject->start(recording_handler(f.first));
    f.subject->grant();
    f.turn();
    BOOST_TEST(f.first.succeeded());
  }
}

TORO_CONFORMANCE_CASE(case_subject, as_tuple)
{
  check_token(kind,
              [](auto& f, case_subject& s) -> collector
              {
                s.start_tuple(f.first);
                return {};
              });
}

TORO_CONFORMANCE_CASE(case_subject, append_and_prepend)
{
  check_token(kind,
              [](auto& f, case_subject& s) -> collector
              {
                s.start_appended(f.first);
                return {};
              });
  check_token(kind,
              [](auto& f, case_subject& s) -> collector
              {
                s.start_prepended(f.first);
                return {};
              });
}

TORO_CONFORMANCE_CASE(case_subject, consign)
{
  check_token(kind,
              [](auto& f, case_subject& s) -> collector
              {
                auto luggage = std::make_shared<int>(1);
                f.first.on_call = [seen = std::weak_ptr<int>(luggage)]
                {
                  BOOST_TEST(!seen.expired());
                };
                s.start_consigned(f.first, luggage);
                BOOST_TEST(luggage.use_count() == 2);
                return [seen = std::weak_ptr<int>(luggage)]
                {
                  BOOST_TEST(seen.expired());
                };
              });
}

#if BOOST_ASIO_VERSION >= 103200

TORO_CONFORMANCE_CASE(case_subject, cancel_after)
{
  call_record late;
  call_record granted;
  asio::io_context io;
  const auto subject = kind.make(io.get_executor());
  subject->start_cancelled_after(1ns, late);
  io.run();
  BOOST_TEST(late.has(aborted()));
  subject->start_cancelled_after(24h, granted);
  subject->grant();
  io.restart();
  io.run();
  BOOST_TEST(granted.succeeded());
}

#endif

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
