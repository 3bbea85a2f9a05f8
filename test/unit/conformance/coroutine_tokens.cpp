// SPDX-License-Identifier: BSL-1.0
// Tokens and default tokens that coroutines wait with.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <concepts>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

#include "unit/conformance/awaiting.hpp"
#include "unit/conformance/fixture.hpp"

namespace asio = boost::asio;

namespace toro_test {

BOOST_AUTO_TEST_SUITE(coroutines)

namespace {

class case_subject : public subject
{
public:
  // Each waits in the way of its name, and notes what came of it.
  virtual asio::awaitable<void> await_tuple(call_record& report) = 0;
  virtual asio::awaitable<void> await_redirected(call_record& report) = 0;
  virtual asio::awaitable<void> await_awaiting_default(call_record& report) = 0;
};

template <class Tuple>
asio::awaitable<void> note_tuple(asio::awaitable<Tuple> awaited,
                                 call_record& report)
{
  auto result = co_await std::move(awaited);
  std::apply(
      [&](error_code ec, auto... value)
      {
        report.note(ec, std::move(value)...);
      },
      std::move(result));
}

template <class Value>
asio::awaitable<void> note_redirected(asio::awaitable<Value> awaited,
                                      std::shared_ptr<const error_code> ec,
                                      call_record& report)
{
  if constexpr (std::is_void_v<Value>)
  {
    co_await std::move(awaited);
    report.note(*ec);
  }
  else
  {
    Value value = co_await std::move(awaited);
    report.note(*ec, std::move(value));
  }
}

template <class Operation>
class case_subject_of : public subject_base<Operation, case_subject>
{
  using value_type = typename Operation::value_type;

public:
  using subject_base<Operation, case_subject>::subject_base;

  asio::awaitable<void> await_tuple(call_record& report) override
  {
    return note_tuple(this->it.start(asio::as_tuple(asio::use_awaitable)),
                      report);
  }

  asio::awaitable<void> await_redirected(call_record& report) override
  {
    auto ec = std::make_shared<error_code>();
    auto awaited =
        this->it.start(asio::redirect_error(asio::use_awaitable, *ec));
    return note_redirected(std::move(awaited), std::move(ec), report);
  }

  // On a primitive whose executor makes use_awaitable the default.
  asio::awaitable<void> await_awaiting_default(call_record& report) override
  {
    using executor =
        asio::use_awaitable_t<>::executor_with_default<asio::any_io_executor>;
    using awaiting = subject_of<Operation, executor>;
    static_assert(
        std::same_as<typename awaiting::object_type,
                     asio::use_awaitable_t<>::as_default_on_t<
                         typename subject_of<Operation>::object_type>>);
    static_assert(std::same_as<decltype(std::declval<awaiting&>().start()),
                               asio::awaitable<value_type>>);
    auto other =
        std::make_shared<awaiting>(executor(this->it.object.get_executor()));
    other->grant();
    auto awaited = other->start(-std::chrono::seconds(1));
    return note_end(note_value<value_type>(std::move(awaited), report), report,
                    std::move(other));
  }
};

} // namespace

TORO_CONFORMANCE_CASE(case_subject, as_tuple)
{
  check_coroutine<case_subject>(kind, &case_subject::await_tuple);
}

TORO_CONFORMANCE_CASE(case_subject, redirect_error)
{
  check_coroutine<case_subject>(kind, &case_subject::await_redirected);
}

TORO_CONFORMANCE_CASE(case_subject, as_default_on)
{
  fixture<case_subject> f(kind);
  asio::co_spawn(f.io, f.subject->await_awaiting_default(f.first),
                 asio::detached);
  f.turn();
  BOOST_TEST(f.first.has(kind.never_ready ? timed_out() : error_code()));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
