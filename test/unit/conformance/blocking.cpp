// SPDX-License-Identifier: BSL-1.0
// Each operation in a thread that runs no loop. Nobody runs the context.

#include <toro/blocking.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

#include "unit/conformance/fixture.hpp"

namespace asio = boost::asio;

using namespace std::chrono_literals;

namespace toro_test {

BOOST_AUTO_TEST_SUITE(blocking)

namespace {

class case_subject : public subject
{
public:
  // Returns when the operation has ended.
  virtual void block(toro::deadline limit, call_record& report) = 0;
};

template <class Operation>
inline constexpr bool is_strand_bound = false;

template <template <class> class Operation>
inline constexpr bool is_strand_bound<Operation<toro::strand_bound>> = true;

template <class Operation>
class case_subject_of : public subject_base<Operation, case_subject>
{
public:
  using subject_base<Operation, case_subject>::subject_base;

  void block([[maybe_unused]] toro::deadline limit,
             [[maybe_unused]] call_record& report) override
  {
    if constexpr (!is_strand_bound<Operation>)
    {
      error_code ec;
      if constexpr (std::is_void_v<typename Operation::value_type>)
      {
        this->it.start(limit, toro::blocking(ec));
        report.note(ec);
      }
      else
      {
        auto value = this->it.start(limit, toro::blocking(ec));
        report.note(ec, std::move(value));
      }
    }
  }
};

// What another thread does to a subject that this one waits for.
enum class action
{
  grant,
  cancel,
  destroy_primitive,
  end_context
};

} // namespace

TORO_CONFORMANCE_CASE(case_subject, thread_waits_though_nobody_runs_the_context)
{
  if (!kind.thread_safe)
    return;
  for (action what : {action::grant, action::cancel, action::destroy_primitive,
                      action::end_context})
  {
    // Order: what guards refer to outlives them.
    std::optional<asio::io_context> io(std::in_place);
    call_record report;
    const auto subject = kind.make(io->get_executor());
    std::thread other(
        [&]
        {
          while (subject->waiters() == 0)
            std::this_thread::yield();
          if (what == action::grant)
            subject->grant();
          if (what == action::cancel)
            subject->cancel();
          if (what == action::destroy_primitive)
            subject->destroy_primitive();
          if (what == action::end_context)
            io.reset();
        });
    subject->block(1h, report);
    other.join();
    if (what == action::grant)
      BOOST_TEST(report.succeeded());
    else
      BOOST_TEST(report.has(aborted()));
  }
}

TORO_CONFORMANCE_CASE(case_subject, thread_gives_up_at_its_deadline)
{
  if (!kind.thread_safe)
    return;
  asio::io_context never_run;
  call_record report;
  const auto subject = kind.make(never_run.get_executor());
  subject->block(1ms, report);
  BOOST_TEST(report.has(asio::error::timed_out));
  BOOST_TEST(subject->waiters() == 0u);
}

TORO_CONFORMANCE_CASE(case_subject, thread_gets_what_is_there)
{
  if (!kind.thread_safe || kind.never_ready)
    return;
  asio::io_context never_run;
  call_record report;
  const auto subject = kind.make(never_run.get_executor());
  subject->grant();
  subject->block(-1s, report);
  BOOST_TEST(report.succeeded());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
