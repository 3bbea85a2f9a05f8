// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_EXECUTOR_ASIO_EXECUTOR_HPP
#define TORO_DETAIL_EXECUTOR_ASIO_EXECUTOR_HPP

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include <cstdint>
#include <type_traits>

namespace toro::detail {

// Implementation notes
//
// The kinds of executors whose behaviour is known. This is the only list of
// them; what is not here is treated like an executor of the user's own.
//
//                            known   can post directly   can tell its thread
//   ----------------------   ------  ------------------  -------------------
//   io_context               yes     yes                 yes
//   strand of io_context     yes     yes                 yes
//   thread_pool              no      yes                 yes
//   any other strand         no      yes                 yes
//   any_io_executor          as the executor inside      as the one inside
//                                    yes
//   thread_executor          no      yes                 yes
//   any other                no      if it has the       no
//                                    object's type
//
//   Known: work on it is counted without an exception and without a call of
//   user code, so also under the lock.
//   Can post directly: posting does nothing else. The executors of other
//   handlers may be adapters whose post does more: that of use_future starts
//   the system's thread pool (Boost 1.81).
//   Can tell its thread: running_in_this_thread() is exact.
//   thread_executor is that of a thread that runs no loop (waiting_thread.hpp).

class thread_executor;

using context_executor = boost::asio::io_context::executor_type;
using context_strand = boost::asio::strand<context_executor>;

template <class Executor>
inline constexpr bool is_any_executor =
    std::is_same_v<Executor, boost::asio::any_io_executor>;

template <class Executor>
inline constexpr bool is_known_executor =
    std::is_same_v<Executor, context_executor> ||
    std::is_same_v<Executor, context_strand>;

template <class Executor>
inline constexpr bool may_be_known_executor =
    is_known_executor<Executor> || is_any_executor<Executor>;

// Whether executors of a type are those of an execution context of Asio's.
template <class Executor>
inline constexpr bool is_context_executor = false;

template <class Allocator, std::uintptr_t Bits>
inline constexpr bool is_context_executor<
    boost::asio::io_context::basic_executor_type<Allocator, Bits>> = true;

template <class Allocator, unsigned int Bits>
inline constexpr bool is_context_executor<
    boost::asio::thread_pool::basic_executor_type<Allocator, Bits>> = true;

template <class Executor>
inline constexpr bool is_strand = false;

template <class Inner>
inline constexpr bool is_strand<boost::asio::strand<Inner>> = true;

template <class Executor>
inline constexpr bool is_thread_executor =
    std::is_same_v<Executor, thread_executor>;

// Whether it is known that an executor of a type can be posted to directly.
template <class Executor>
inline constexpr bool can_post_directly =
    is_context_executor<Executor> || is_strand<Executor> ||
    is_any_executor<Executor> || is_thread_executor<Executor>;

// Calls a function with an executor, or with the known one that is inside.
template <class Executor, class Function>
decltype(auto) visit_executor(const Executor& executor, Function function)
{
  if constexpr (is_any_executor<Executor>)
  {
    if (const auto* io = executor.template target<context_executor>())
      return function(*io);
    if (const auto* strand = executor.template target<context_strand>())
      return function(*strand);
  }
  return function(executor);
}

template <class Executor>
bool is_known(const Executor& executor) noexcept
{
  return detail::visit_executor(
      executor,
      [](const auto& inner)
      {
        return is_known_executor<std::decay_t<decltype(inner)>>;
      });
}

// The executor of the context in which a known one runs functions.
inline context_executor context_of(const context_executor& executor) noexcept
{
  return executor;
}

inline context_executor context_of(const context_strand& strand) noexcept
{
  return strand.get_inner_executor();
}

// Whether this thread runs functions of the executor; false if that cannot be
// determined.
template <class Executor>
bool running_in_this_thread(const Executor& executor) noexcept
{
  if constexpr (is_context_executor<Executor> || is_strand<Executor> ||
                is_thread_executor<Executor>)
  {
    return executor.running_in_this_thread();
  }
  else if constexpr (is_any_executor<Executor>)
  {
    const auto runs = [](const auto* inner)
    {
      return inner && inner->running_in_this_thread();
    };
    using pool_executor = boost::asio::thread_pool::executor_type;
    using any_strand = boost::asio::strand<Executor>;
    return runs(executor.template target<context_executor>()) ||
           runs(executor.template target<context_strand>()) ||
           runs(executor.template target<pool_executor>()) ||
           runs(executor.template target<any_strand>());
  }
  else
  {
    return false;
  }
}

// Whether this thread runs functions of the executor's context, so that it must
// not wait for that; false if that cannot be determined.
template <class Executor>
bool context_runs_in_this_thread(const Executor& executor) noexcept
{
  if constexpr (is_strand<Executor>)
  {
    return executor.running_in_this_thread() ||
           detail::context_runs_in_this_thread(executor.get_inner_executor());
  }
  else if constexpr (is_any_executor<Executor>)
  {
    const auto runs = [](const auto* inner)
    {
      return inner && detail::context_runs_in_this_thread(*inner);
    };
    using pool_executor = boost::asio::thread_pool::executor_type;
    using pool_strand = boost::asio::strand<pool_executor>;
    using any_strand = boost::asio::strand<Executor>;
    return runs(executor.template target<context_executor>()) ||
           runs(executor.template target<context_strand>()) ||
           runs(executor.template target<pool_executor>()) ||
           runs(executor.template target<pool_strand>()) ||
           runs(executor.template target<any_strand>());
  }
  else
  {
    return detail::running_in_this_thread(executor);
  }
}

// Whether two executors of any types are known to be the same.
template <class A, class B>
bool same_executor(const A& a, const B& b) noexcept
{
  if constexpr (std::is_same_v<A, B>)
  {
    return a == b;
  }
  else if constexpr (is_any_executor<A>)
  {
    const B* const inner = a.template target<B>();
    return inner && *inner == b;
  }
  else if constexpr (is_any_executor<B>)
  {
    return detail::same_executor(b, a);
  }
  else
  {
    return false;
  }
}

} // namespace toro::detail

#endif // TORO_DETAIL_EXECUTOR_ASIO_EXECUTOR_HPP
