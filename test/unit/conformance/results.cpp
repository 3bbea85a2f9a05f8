// SPDX-License-Identifier: BSL-1.0
// Completion tokens that give a result back: futures, promises, and the
// coroutines of asio::spawn.

#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/promise.hpp>
#include <boost/asio/experimental/use_promise.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <future>
#include <iterator>
#include <memory>
#include <type_traits>
#include <utility>

#include "unit/conformance/fixture.hpp"

namespace asio = boost::asio;

using namespace std::chrono_literals;

namespace toro_test {

BOOST_AUTO_TEST_SUITE(results)

namespace {

class case_subject : public subject
{
public:
  virtual collector start_future(call_record& report) = 0;
  virtual collector start_redirected(call_record& report) = 0;
  virtual collector start_promise(call_record& report) = 0;
  virtual void wait(asio::yield_context yield, call_record& report) = 0;
};

// By the value and not by the operation, of which there are more. The error
// code is what the operation sets, if it has no exception for it.
template <class Value>
collector collect(
    std::future<Value> future, call_record& report,
    std::shared_ptr<const error_code> ec = std::make_shared<const error_code>())
{
  auto result = std::make_shared<std::future<Value>>(std::move(future));
  return [result, ec, &report]
  {
    if (result->wait_for(0s) != std::future_status::ready)
      return;
    try
    {
      if constexpr (std::is_void_v<Value>)
      {
        result->get();
        report.note(*ec);
      }
      else
      {
        report.note(*ec, result->get());
      }
    }
    catch (const boost::system::system_error& failure)
    {
      note_failure<Value>(report, failure.code());
    }
  };
}

template <class Promise>
collector collect_promise(Promise given, call_record& report)
{
  auto promise = std::make_shared<Promise>(std::move(given));
  return [promise, &report]
  {
    std::move (*promise)(
        [promise, &report](error_code ec, auto... value)
        {
          report.note(ec, std::move(value)...);
        });
  };
}

template <class Operation>
class case_subject_of : public subject_base<Operation, case_subject>
{
  using value_type = typename Operation::value_type;
  static constexpr bool has_value = !std::is_void_v<value_type>;

public:
  using subject_base<Operation, case_subject>::subject_base;

  collector start_future(call_record& report) override
  {
    return collect(this->it.start(asio::use_future), report);
  }

  collector start_redirected(call_record& report) override
  {
    auto ec = std::make_shared<error_code>();
    auto future = this->it.start(asio::redirect_error(asio::use_future, *ec));
    return collect(std::move(future), report, std::move(ec));
  }

  collector start_promise(call_record& report) override
  {
    return collect_promise(this->it.start(asio::experimental::use_promise),
                           report);
  }

  void wait(asio::yield_context yield, call_record& report) override
  {
    try
    {
      if constexpr (has_value)
      {
        report.note({}, this->it.start(yield));
      }
      else
      {
        this->it.start(yield);
        report.note({});
      }
    }
    catch (const boost::system::system_error& failure)
    {
      note_failure<value_type>(report, failure.code());
    }
  }
};

// How many threads this process has, where the system tells.
std::ptrdiff_t count_threads()
{
  std::error_code ec;
  const std::filesystem::directory_iterator threads("/proc/self/task", ec);
  return ec ? 0 : std::distance(begin(threads), end(threads));
}

} // namespace

// The future is ready in the very turn that ends the operation, and no thread
// of anyone's has been started for it.
TORO_CONFORMANCE_CASE(case_subject, use_future)
{
  const std::ptrdiff_t threads = count_threads();
  check_token(kind,
              [](auto& f, case_subject& s)
              {
                return s.start_future(f.first);
              });
  check_token(kind,
              [](auto& f, case_subject& s)
              {
                return s.start_redirected(f.first);
              });
  BOOST_TEST(count_threads() == threads);
}

TORO_CONFORMANCE_CASE(case_subject, use_promise)
{
  check_token(kind,
              [](auto& f, case_subject& s)
              {
                return s.start_promise(f.first);
              });
}

// The destructor of a promise has the operation cancelled.
TORO_CONFORMANCE_CASE(case_subject, promise_that_is_given_up)
{
  fixture<case_subject> f(kind);
  {
    const collector collect = f.subject->start_promise(f.first);
    BOOST_TEST(f.subject->waiters() == 1u);
  }
  f.turn();
  BOOST_TEST(f.subject->waiters() == 0u);
  BOOST_TEST(f.first.is_pending());
  BOOST_TEST(f.io.stopped());
  f.subject->grant();
  BOOST_TEST(f.subject->is_whole());
}

TORO_CONFORMANCE_CASE(case_subject, yield_context)
{
  check_token(kind,
              [](auto& f, case_subject& s) -> collector
              {
                asio::spawn(
                    f.io,
                    [&f, &s](asio::yield_context yield)
                    {
                      s.wait(yield, f.first);
                    },
                    asio::detached);
                // The operation begins with the coroutine, and where it can
                // succeed it does.
                f.first.on_call = {};
                f.io.restart();
                f.io.run_one();
                return {};
              });
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
