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

#include "unit/conformance/bench.hpp"

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

class stage : public subject
{
public:
  using subject::start;
};

template <class Operation>
class stage_of : public subject_base<Operation, stage>
{
public:
  using subject_base<Operation, stage>::subject_base;
};

slotted plain(call_record& report)
{
  return {asio::cancellation_slot(), recording_handler(report)};
}

} // namespace

BOOST_AUTO_TEST_SUITE(initiation)

TORO_CONFORMANCE_CASE(stage, nothing_happens_before_the_launch)
{
  bench<stage> b(kind);
  {
    const launcher lazy = b.subject->defer();
    b.turn();
    BOOST_TEST(b.subject->waiters() == 0u);
    lazy(plain(b.first));
    BOOST_TEST(b.subject->waiters() == 1u);
    b.turn();
    BOOST_TEST(b.first.is_pending());
  }
  b.subject->grant();
  b.turn();
  BOOST_TEST(b.first.succeeded());
}

TORO_CONFORMANCE_CASE(stage, unlaunched_operation_takes_nothing)
{
  bench<stage> b(kind);
  b.subject->grant();
  {
    const launcher lazy = b.subject->defer();
    b.turn();
    BOOST_TEST(b.subject->is_whole());
  }
  b.turn();
  BOOST_TEST(b.subject->is_whole());
}

TORO_CONFORMANCE_CASE(stage, deferred_can_be_launched_twice)
{
  bench<stage> b(kind);
  const launcher lazy = b.subject->defer();
  lazy(plain(b.first));
  lazy(plain(b.second));
  BOOST_TEST(b.subject->waiters() == 2u);
  b.subject->grant();
  b.turn();
  BOOST_TEST(b.first.succeeded());
  BOOST_TEST(b.second.is_pending() != kind.grants_all);
  b.first.let_go();
  b.subject->grant();
  b.turn();
  BOOST_TEST(b.second.succeeded());
}

TORO_CONFORMANCE_CASE(stage, deferred_finds_a_primitive_that_moved)
{
  bench<stage> b(kind);
  const launcher lazy = b.subject->defer();
  b.subject->move();
  lazy(plain(b.first));
  BOOST_TEST(b.subject->waiters() == 1u);
  b.subject->grant();
  b.turn();
  BOOST_TEST(b.first.succeeded());
}

TORO_CONFORMANCE_CASE(stage, deferred_outlives_its_primitive)
{
  bench<stage> b(kind);
  const launcher lazy = b.subject->defer();
  b.subject.reset();
  lazy(plain(b.first));
  lazy(plain(b.second));
  BOOST_TEST(b.first.is_pending());
  b.turn();
  BOOST_TEST(b.first.has(aborted()));
  BOOST_TEST(b.second.has(aborted()));
}

TORO_CONFORMANCE_CASE(stage, duration_counts_from_the_launch)
{
  bench<stage> b(kind);
  const launcher lazy = b.subject->defer(10s);
  b.clock.advance(1h);
  lazy(plain(b.first));
  b.clock.advance(10s - 1ns);
  b.turn();
  BOOST_TEST(b.first.is_pending());
  b.clock.advance(1ns);
  b.turn();
  BOOST_TEST(b.first.has(timed_out()));
}

TORO_CONFORMANCE_CASE(stage, time_point_does_not_depend_on_the_launch)
{
  bench<stage> b(kind);
  const launcher lazy = b.subject->defer(b.clock.now() + 10s);
  b.clock.advance(1h);
  lazy(plain(b.first));
  BOOST_TEST(b.first.is_pending());
  b.turn();
  BOOST_TEST(b.first.has(timed_out()));
}

// The handler is a move-only type and takes only arguments of exact types.
TORO_CONFORMANCE_CASE(stage, handler_is_called_once_whatever_the_end)
{
  for (ending how : all_endings)
  {
    bench<stage> b(kind);
    bring_to_end(kind, b, how,
                 [&](stage& s)
                 {
                   s.start(recording_handler(b.first));
                 });
    BOOST_TEST(b.first.is_pending());
    b.turn();
    BOOST_TEST(b.first.has(result_of(kind, how)));
    BOOST_TEST(b.first.as_rvalue);
    b.turn();
    BOOST_TEST(b.first.calls == 1);
  }
}

TORO_CONFORMANCE_CASE(stage, success_at_once_can_be_taken_back)
{
  if (kind.never_ready)
    return;
  bench<stage> b(kind);
  b.subject->grant();
  b.subject->start(recording_handler(b.first));
  BOOST_TEST(b.subject->waiters() == 0u);
  BOOST_TEST(b.subject->cancel() == 1u);
  BOOST_TEST(b.subject->is_whole());
  b.subject->start(recording_handler(b.second));
  b.turn();
  BOOST_TEST(b.first.has(aborted()));
  BOOST_TEST(b.second.succeeded());
}

// Every function that decides how an operation ends, called from a handler on
// the very executor that the operation completes on.
TORO_CONFORMANCE_CASE(stage, handler_never_runs_inside_another_call)
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
    bench<stage> b(kind);
    asio::cancellation_signal signal;
    bool inside = false;
    bool reentered = false;
    b.first.on_call = [&]
    {
      reentered = inside;
    };
    const launcher lazy = b.subject->defer();
    const launcher late = b.subject->defer(-1s);
    const auto start = [&](const launcher& launch)
    {
      launch(asio::bind_cancellation_slot(signal.slot(),
                                          recording_handler(b.first)));
    };
    const bool starts_inside = r == route::start_ready ||
                               r == route::start_orphan ||
                               r == route::start_late;
    if (r == route::start_ready)
      b.subject->grant();
    if (!starts_inside)
      start(lazy);
    asio::post(b.io,
               [&]
               {
                 inside = true;
                 if (r == route::grant || r == route::emit_late ||
                     r == route::destroy_late)
                   b.subject->grant();
                 if (r == route::cancel)
                   b.subject->cancel();
                 if (r == route::emit || r == route::emit_late)
                   signal.emit(asio::cancellation_type::total);
                 if (r == route::destroy || r == route::destroy_late ||
                     r == route::start_orphan)
                   b.subject.reset();
                 if (r == route::assign)
                   b.subject->assign_over(b.io.get_executor());
                 if (r == route::start_ready || r == route::start_orphan)
                   start(lazy);
                 if (r == route::start_late)
                   start(late);
                 inside = false;
               });
    b.turn();
    if (r == route::start_ready && kind.never_ready)
      b.subject->grant();
    b.turn();
    error_code expected = aborted();
    if (r == route::grant || r == route::start_ready)
      expected = {};
    else if (r == route::start_late)
      expected = timed_out();
    else if (r == route::emit_late || r == route::destroy_late)
      expected = late_result(kind);
    BOOST_TEST(b.first.has(expected));
    BOOST_TEST(!reentered);
  }
}

TORO_CONFORMANCE_CASE(stage, throwing_handler_leaves_all_consistent)
{
  for (ending how : {ending::at_once, ending::granted, ending::cancelled,
                     ending::cancelled_late})
  {
    bench<stage> b(kind);
    b.first.on_call = [&]
    {
      // What the handler was given goes the way of its argument.
      b.first.let_go();
      throw failure();
    };
    bring_to_end(kind, b, how,
                 [&](stage& s)
                 {
                   s.start(recording_handler(b.first));
                 });
    BOOST_CHECK_THROW(b.turn(), failure);
    BOOST_TEST(b.first.calls == 1);
    b.subject->start(recording_handler(b.second));
    b.subject->grant();
    b.turn();
    BOOST_TEST(b.second.succeeded());
    BOOST_TEST(b.subject->waiters() == 0u);
  }
}

TORO_CONFORMANCE_CASE(stage, throwing_handler_does_not_hold_up_the_next)
{
  bench<stage> b(kind);
  b.first.on_call = []
  {
    throw failure();
  };
  b.subject->start(recording_handler(b.first));
  b.subject->start(recording_handler(b.second));
  b.subject->cancel();
  BOOST_CHECK_THROW(b.turn(), failure);
  b.turn();
  BOOST_TEST(b.second.has(aborted()));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
