// SPDX-License-Identifier: BSL-1.0
// How operations begin and how their handlers are called: R1 to R6, R9, R10.

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/version.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <concepts>
#include <functional>
#include <future>
#include <memory>
#include <type_traits>
#include <utility>

#include "unit/conformance/fixture.hpp"

#if BOOST_ASIO_VERSION >= 102700
#include <boost/asio/bind_immediate_executor.hpp>
#include <boost/asio/system_executor.hpp>
#endif

namespace asio = boost::asio;

using namespace std::chrono_literals;

namespace toro_test {

namespace {

template <class Value>
struct signature_with
{
  using type = void(error_code, Value);
};

template <>
struct signature_with<void>
{
  using type = void(error_code);
};

template <class Subject, class... Tail>
concept can_start = requires(Subject& s, Tail... tail)
{
  s.start(std::move(tail)...);
};

struct no_token
{
};

// What each token turns an operation into; it compiles or it does not.
template <class Operation, class... Limit>
constexpr bool has_the_types()
{
  using value = typename Operation::value_type;
  using subject = subject_of<Operation>;
  using signature = typename signature_with<value>::type;

  static_assert(can_start<subject, Limit..., recording_handler>);
  static_assert(
      std::same_as<decltype(std::declval<subject&>().start(
                       std::declval<Limit>()..., asio::use_awaitable)),
                   asio::awaitable<value>>);
  static_assert(std::same_as<decltype(std::declval<subject&>().start(
                                 std::declval<Limit>()..., asio::use_future)),
                             std::future<value>>);
  static_assert(std::is_void_v<decltype(std::declval<subject&>().start(
                    std::declval<Limit>()..., asio::detached))>);
  static_assert(
      std::is_void_v<decltype(std::declval<subject&>().start(
          std::declval<Limit>()..., std::declval<recording_handler>()))>);

  using lazy = decltype(std::declval<subject&>().start(std::declval<Limit>()...,
                                                       asio::deferred));
  static_assert(asio::is_async_operation<lazy>::value);
  static_assert(std::same_as<typename asio::completion_signature_of<lazy>::type,
                             signature>);
  static_assert(std::copy_constructible<lazy>);

  // The token of an executor that names none.
  static_assert(std::same_as<decltype(std::declval<subject&>().start(
                                 std::declval<Limit>()...)),
                             lazy>);

  // What is no token takes no part in overload resolution.
  static_assert(!can_start<subject, Limit..., no_token>);
  static_assert(!can_start<subject, Limit..., const char*>);

  // A raw number is no deadline.
  static_assert(!can_start<subject, double, recording_handler>);
  return true;
}

template <class... Operation>
constexpr bool all_have_the_types(std::tuple<Operation...>*)
{
  return (has_the_types<Operation>() && ...) &&
         (has_the_types<Operation, std::chrono::milliseconds>() && ...);
}

static_assert(all_have_the_types(static_cast<all_operations*>(nullptr)));

struct failure
{
};

class case_subject : public subject
{
public:
  using subject::start;
};

template <class Operation>
class case_subject_of : public subject_base<Operation, case_subject>
{
public:
  using subject_base<Operation, case_subject>::subject_base;
};

slotted plain(call_record& report)
{
  return {asio::cancellation_slot(), recording_handler(report)};
}

} // namespace

BOOST_AUTO_TEST_SUITE(initiation)

TORO_CONFORMANCE_CASE(case_subject, nothing_happens_before_the_launch)
{
  fixture<case_subject> f(kind);
  {
    const launcher lazy = f.subject->defer();
    f.turn();
    BOOST_TEST(f.subject->waiters() == 0u);
    lazy(plain(f.first));
    BOOST_TEST(f.subject->waiters() == 1u);
    f.turn();
    BOOST_TEST(f.first.is_pending());
  }
  f.subject->grant();
  f.turn();
  BOOST_TEST(f.first.succeeded());
}

TORO_CONFORMANCE_CASE(case_subject, unlaunched_operation_takes_nothing)
{
  fixture<case_subject> f(kind);
  f.subject->grant();
  {
    const launcher lazy = f.subject->defer();
    f.turn();
    BOOST_TEST(f.subject->is_whole());
  }
  f.turn();
  BOOST_TEST(f.subject->is_whole());
}

TORO_CONFORMANCE_CASE(case_subject, deferred_can_be_launched_twice)
{
  fixture<case_subject> f(kind);
  const launcher lazy = f.subject->defer();
  lazy(plain(f.first));
  lazy(plain(f.second));
  BOOST_TEST(f.subject->waiters() == 2u);
  f.subject->grant();
  f.turn();
  BOOST_TEST(f.first.succeeded());
  BOOST_TEST(f.second.is_pending() != kind.grants_all);
  f.first.let_go();
  f.subject->grant();
  f.turn();
  BOOST_TEST(f.second.succeeded());
}

TORO_CONFORMANCE_CASE(case_subject, deferred_finds_a_primitive_that_moved)
{
  fixture<case_subject> f(kind);
  const launcher lazy = f.subject->defer();
  f.subject->move();
  lazy(plain(f.first));
  BOOST_TEST(f.subject->waiters() == 1u);
  f.subject->grant();
  f.turn();
  BOOST_TEST(f.first.succeeded());
}

TORO_CONFORMANCE_CASE(case_subject, deferred_outlives_its_primitive)
{
  fixture<case_subject> f(kind);
  const launcher lazy = f.subject->defer();
  f.subject.reset();
  lazy(plain(f.first));
  lazy(plain(f.second));
  BOOST_TEST(f.first.is_pending());
  f.turn();
  BOOST_TEST(f.first.has(aborted()));
  BOOST_TEST(f.second.has(aborted()));
}

TORO_CONFORMANCE_CASE(case_subject, duration_counts_from_the_launch)
{
  fixture<case_subject> f(kind);
  const launcher lazy = f.subject->defer(10s);
  f.clock.advance(1h);
  lazy(plain(f.first));
  f.clock.advance(10s - 1ns);
  f.turn();
  BOOST_TEST(f.first.is_pending());
  f.clock.advance(1ns);
  f.turn();
  BOOST_TEST(f.first.has(timed_out()));
}

TORO_CONFORMANCE_CASE(case_subject, time_point_does_not_depend_on_the_launch)
{
  fixture<case_subject> f(kind);
  const launcher lazy = f.subject->defer(f.clock.now() + 10s);
  f.clock.advance(1h);
  lazy(plain(f.first));
  BOOST_TEST(f.first.is_pending());
  f.turn();
  BOOST_TEST(f.first.has(timed_out()));
}

// The handler is a move-only type and takes only arguments of exact types.
TORO_CONFORMANCE_CASE(case_subject, handler_is_called_once_whatever_the_end)
{
  for (ending how : all_endings)
  {
    fixture<case_subject> f(kind);
    bring_to_end(kind, f, how,
                 [&](case_subject& s)
                 {
                   s.start(recording_handler(f.first));
                 });
    BOOST_TEST(f.first.is_pending());
    f.turn();
    BOOST_TEST(f.first.has(result_of(kind, how)));
    BOOST_TEST(f.first.as_rvalue);
    f.turn();
    BOOST_TEST(f.first.calls == 1);
  }
}

TORO_CONFORMANCE_CASE(case_subject, success_at_once_can_be_taken_back)
{
  if (kind.never_ready || kind.start_is_final)
    return;
  fixture<case_subject> f(kind);
  f.subject->grant();
  f.subject->start(recording_handler(f.first));
  BOOST_TEST(f.subject->waiters() == 0u);
  BOOST_TEST(f.subject->cancel() == 1u);
  BOOST_TEST(f.subject->is_whole());
  if (!kind.serves_once)
    f.subject->start(recording_handler(f.second));
  f.turn();
  BOOST_TEST(f.first.has(aborted()));
  BOOST_TEST(f.second.succeeded() != kind.serves_once);
}

// Every function that decides how an operation ends, called from a handler on
// the very executor that the operation completes on.
TORO_CONFORMANCE_CASE(case_subject, handler_never_runs_inside_another_call)
{
  enum class route
  {
    start_ready,
    grant,
    cancel,
    emit,
    emit_late,
    destroy,
    destroy_late,
    assign,
    start_orphan,
    start_late
  };
  for (route r : {route::start_ready, route::grant, route::cancel, route::emit,
                  route::emit_late, route::destroy, route::destroy_late,
                  route::assign, route::start_orphan, route::start_late})
  {
    fixture<case_subject> f(kind);
    asio::cancellation_signal signal;
    bool inside = false;
    bool reentered = false;
    f.first.on_call = [&]
    {
      reentered = inside;
    };
    const launcher lazy = f.subject->defer();
    const launcher late = f.subject->defer(-1s);
    const auto start = [&](const launcher& launch)
    {
      launch(asio::bind_cancellation_slot(signal.slot(),
                                          recording_handler(f.first)));
    };
    const bool starts_inside = r == route::start_ready ||
                               r == route::start_orphan ||
                               r == route::start_late;
    if (r == route::start_ready)
      f.subject->grant();
    if (!starts_inside)
      start(lazy);
    asio::post(f.io,
               [&]
               {
                 inside = true;
                 if (r == route::grant || r == route::emit_late ||
                     r == route::destroy_late)
                   f.subject->grant();
                 if (r == route::cancel)
                   f.subject->cancel();
                 if (r == route::emit || r == route::emit_late)
                   signal.emit(asio::cancellation_type::terminal);
                 if (r == route::destroy || r == route::destroy_late ||
                     r == route::start_orphan)
                   f.subject.reset();
                 if (r == route::assign)
                   f.subject->assign_over(f.io.get_executor());
                 if (r == route::start_ready || r == route::start_orphan)
                   start(lazy);
                 if (r == route::start_late)
                   start(late);
                 inside = false;
               });
    f.turn();
    if (r == route::start_ready && kind.never_ready)
      f.subject->grant();
    f.turn();
    error_code expected = aborted();
    if (r == route::grant || r == route::start_ready)
      expected = {};
    else if (r == route::start_late)
      expected = timed_out();
    else if (r == route::emit_late || r == route::destroy_late)
      expected = late_result(kind);
    BOOST_TEST(f.first.has(expected));
    BOOST_TEST(!reentered);
  }
}

TORO_CONFORMANCE_CASE(case_subject, throwing_handler_leaves_all_consistent)
{
  for (ending how : {ending::at_once, ending::granted, ending::cancelled,
                     ending::cancelled_late})
  {
    fixture<case_subject> f(kind);
    f.first.on_call = [&]
    {
      // What the handler was given goes the way of its argument.
      f.first.let_go();
      throw failure();
    };
    bring_to_end(kind, f, how,
                 [&](case_subject& s)
                 {
                   s.start(recording_handler(f.first));
                 });
    BOOST_CHECK_THROW(f.turn(), failure);
    BOOST_TEST(f.first.calls == 1);
    if (how != ending::cancelled && kind.serves_once)
      continue;
    f.subject->start(recording_handler(f.second));
    f.subject->grant();
    f.turn();
    BOOST_TEST(f.second.succeeded());
    BOOST_TEST(f.subject->waiters() == 0u);
  }
}

TORO_CONFORMANCE_CASE(case_subject, throwing_handler_does_not_hold_up_the_next)
{
  fixture<case_subject> f(kind);
  f.first.on_call = []
  {
    throw failure();
  };
  f.subject->start(recording_handler(f.first));
  f.subject->start(recording_handler(f.second));
  f.subject->cancel();
  BOOST_CHECK_THROW(f.turn(), failure);
  f.turn();
  BOOST_TEST(f.second.has(aborted()));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
