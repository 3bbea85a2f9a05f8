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

// Looks for a result and tells the call_record of it.
using collector = std::function<void()>;

class case_subject : public subject
{
public:
  virtual collector start_future(call_record& report) = 0;
  virtual collector start_redirected(call_record& report) = 0;
  virtual collector start_promise(call_record& report) = 0;
  virtual void start_yielding(asio::io_context& io, call_record& report) = 0;
};

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
    auto result = std::make_shared<std::future<value_type>>(
        this->it.start(asio::redirect_error(asio::use_future, *ec)));
    return [ec, result, &report]
    {
      if (result->wait_for(0s) != std::future_status::ready)
        return;
      if constexpr (has_value)
        report.note(*ec, result->get());
      else
        report.note(*ec);
    };
  }

  collector start_promise(call_record& report) override
  {
    auto promise = std::make_shared<decltype(this->it.start(
        asio::experimental::use_promise))>(
        this->it.start(asio::experimental::use_promise));
    return [promise, &report]
    {
      std::move (*promise)(
          [promise, &report](error_code ec, auto... value)
          {
            report.note(ec, std::move(value)...);
          });
    };
  }

  void start_yielding(asio::io_context& io, call_record& report) override
  {
    asio::spawn(
        io,
        [this, &report](asio::yield_context yield)
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
            note_failure(report, failure.code());
          }
        },
        asio::detached);
  }

private:
  static void note_failure(call_record& report, error_code ec)
  {
    if constexpr (has_value)
      report.note(ec, value_type());
    else
      report.note(ec);
  }

  static collector collect(std::future<value_type> future, call_record& report)
  {
    auto result = std::make_shared<std::future<value_type>>(std::move(future));
    return [result, &report]
    {
      if (result->wait_for(0s) != std::future_status::ready)
        return;
      try
      {
        if constexpr (has_value)
        {
          report.note({}, result->get());
        }
        else
        {
          result->get();
          report.note({});
        }
      }
      catch (const boost::system::system_error& failure)
      {
        note_failure(report, failure.code());
      }
    };
  }
};

// Starts an operation with a token and checks each of its ends.
template <class Start>
void check_token(const operation_kind<case_subject>& kind, Start start)
{
  for (ending how : all_endings)
  {
    fixture<case_subject> f(kind);
    collector collect;
    bring_to_end(kind, f, how,
                 [&](case_subject& s)
                 {
                   collect = start(f, s);
                 });
    BOOST_TEST(f.first.is_pending());
    f.turn();
    if (collect)
      collect();
    f.turn();
    BOOST_TEST(f.first.has(result_of(kind, how)));
    BOOST_TEST(f.io.stopped());
  }
}

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
                s.start_yielding(f.io, f.first);
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
