// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_COMPAT_HPP
#define TORO_DETAIL_COMPAT_HPP

// Everything that depends on the version or the configuration of Boost.Asio.

#include <toro/detail/config.hpp>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detail/handler_tracking.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/version.hpp>
#include <boost/config.hpp>
#include <boost/system/error_code.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

#if BOOST_ASIO_VERSION < 102600
#error "toro needs Boost 1.81 or later"
#endif

#if defined(BOOST_ASIO_USE_TS_EXECUTOR_AS_DEFAULT)
#error "toro does not support BOOST_ASIO_USE_TS_EXECUTOR_AS_DEFAULT"
#endif

#if defined(BOOST_ASIO_DISABLE_DECLTYPE) ||                                    \
    defined(BOOST_ASIO_DISABLE_STD_TUPLE) ||                                   \
    defined(BOOST_ASIO_DISABLE_VARIADIC_TEMPLATES)
#error "toro needs asio::deferred, which Asio does not have here"
#endif

// Whether operations that complete immediately have an executor of their own.
#if BOOST_ASIO_VERSION >= 102700
#define TORO_DETAIL_HAS_IMMEDIATE_EXECUTOR
#endif

#if defined(TORO_DETAIL_HAS_IMMEDIATE_EXECUTOR)
#include <boost/asio/associated_immediate_executor.hpp>
#include <boost/asio/bind_immediate_executor.hpp>
#endif

#if BOOST_ASIO_VERSION < 102900
namespace boost::asio {

template <typename Executor>
class basic_yield_context;

} // namespace boost::asio
#endif

namespace toro::detail {

// Argument-dependent lookup does not find them for an enumeration that is not
// scoped.
#if !defined(BOOST_ASIO_HAS_ENUM_CLASS)
using boost::asio::operator&;
using boost::asio::operator|;
using boost::asio::operator~;
#endif

// Two cancellation types as a constant. Asio's operator makes none with
// BOOST_ASIO_DISABLE_CONSTEXPR.
constexpr boost::asio::cancellation_type_t
either(boost::asio::cancellation_type_t one,
       boost::asio::cancellation_type_t other) noexcept
{
  return static_cast<boost::asio::cancellation_type_t>(
      static_cast<unsigned>(one) | static_cast<unsigned>(other));
}

// The default token of an executor, or deferred if it has none (Boost before
// 1.86).
template <class Executor>
using default_token = std::conditional_t<
    std::is_void_v<boost::asio::default_completion_token_t<Executor>>,
    boost::asio::deferred_t, boost::asio::default_completion_token_t<Executor>>;

// The tokens of an operation. A wait_token is a token and not a predicate.
// Without Asio's concepts any type may be a token.
#if defined(BOOST_ASIO_HAS_CONCEPTS)
template <class T, class Signature>
concept completion_token_for = boost::asio::completion_token_for<T, Signature>;

template <class T>
concept wait_token = completion_token_for<T, void(boost::system::error_code)>;
#else
template <class T, class Signature>
concept completion_token_for = true;

template <class T>
concept wait_token = std::invocable < std::decay_t<T>
&, boost::system::error_code > ;
#endif

// Whether a token rethrows the exception that the handler gets even if that is
// null, which ends the program: that of a stackful coroutine before Asio 1.29
// (Boost 1.84).
template <class CompletionToken>
inline constexpr bool rethrows_null = false;

#if BOOST_ASIO_VERSION < 102900
template <class Executor>
inline constexpr bool
    rethrows_null<boost::asio::basic_yield_context<Executor>> = true;
#endif

// For operations whose handlers get an exception first.
template <class CompletionToken>
constexpr void require_token_for_exception()
{
  static_assert(
      !rethrows_null<std::remove_cvref_t<CompletionToken>>,
      "toro: with Boost before 1.84, a yield_context ends the program "
      "when this operation succeeds: use as_tuple(yield)");
}

// An executor that no handler has: as the default of an associated executor, it
// shows that the handler has none.
class no_executor
{
public:
  template <class Function>
  void execute(Function&&) const
  {
  }

  no_executor require(boost::asio::execution::blocking_t::never_t) const
  {
    return {};
  }

  friend bool operator==(const no_executor&, const no_executor&) noexcept
  {
    return true;
  }
};

template <class Handler>
inline constexpr bool has_own_executor =
    !std::is_same_v<boost::asio::associated_executor_t<Handler, no_executor>,
                    no_executor>;

// Whether a handler has an executor of its own for operations that complete
// immediately, which Boost supports from 1.82 on.
#if defined(TORO_DETAIL_HAS_IMMEDIATE_EXECUTOR)
template <class Handler>
inline constexpr bool has_immediate_executor = !std::is_same_v<
    boost::asio::associated_immediate_executor_t<Handler, no_executor>,
    no_executor>;
#else
template <class Handler>
inline constexpr bool has_immediate_executor = false;
#endif

template <class Handler, class Executor>
auto immediate_executor(const Handler& handler, const Executor& executor)
{
#if defined(TORO_DETAIL_HAS_IMMEDIATE_EXECUTOR)
  return boost::asio::get_associated_immediate_executor(handler, executor);
#else
  return boost::asio::get_associated_executor(handler, executor);
#endif
}

template <class Handler, class Executor>
using immediate_executor_t = decltype(detail::immediate_executor(
    std::declval<const Handler&>(), std::declval<const Executor&>()));

// Whether there are coroutines whose type is asio::awaitable.
#if defined(BOOST_ASIO_HAS_CO_AWAIT)
#define TORO_DETAIL_HAS_CO_AWAIT
#endif

// Whether such coroutines can be started: co_spawn catches exceptions.
#if defined(TORO_DETAIL_HAS_CO_AWAIT) && !defined(BOOST_NO_EXCEPTIONS)
#define TORO_DETAIL_HAS_CO_SPAWN
#endif

struct null_mutex
{
  void lock() noexcept
  {
  }

  void unlock() noexcept
  {
  }
};

#if defined(BOOST_ASIO_HAS_THREADS)
inline constexpr bool has_threads = true;
#else
inline constexpr bool has_threads = false;
#endif

} // namespace toro::detail

// Names an operation in the output of Asio's handler tracking. The macro is
// documented; no other header has it.
#define TORO_DETAIL_HANDLER_LOCATION(operation)                                \
  BOOST_ASIO_HANDLER_LOCATION((__FILE__, __LINE__, operation))

#endif // TORO_DETAIL_COMPAT_HPP
