// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_EXECUTOR_POSTING_HPP
#define TORO_DETAIL_EXECUTOR_POSTING_HPP

#include <toro/detail/executor/asio_executor.hpp>
#include <toro/detail/executor/embedded_memory.hpp>

#include <boost/asio/execution/allocator.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/require.hpp>

#include <memory>
#include <type_traits>
#include <utility>

namespace toro::detail {

// How functions are given to executors.

template <class Allocator>
inline constexpr bool is_std_allocator = false;

template <class T>
inline constexpr bool is_std_allocator<std::allocator<T>> = true;

// Whether a function can be posted: executors that may block cannot be told not
// to.
template <class Executor>
inline constexpr bool can_post = boost::asio::can_require<
    Executor, boost::asio::execution::blocking_t::never_t>::value;

// Runs a function with memory of the executor, or of the allocator if it is not
// the default one.
template <class Executor, class Function, class Allocator>
void execute_with(const Executor& executor, Function&& function,
                  const Allocator& allocator)
{
  if constexpr (is_std_allocator<Allocator>)
  {
    executor.execute(std::forward<Function>(function));
  }
  else
  {
    boost::asio::prefer(executor, boost::asio::execution::allocator(allocator))
        .execute(std::forward<Function>(function));
  }
}

// Runs a function later.
//
// Why not asio::post(executor, f): if f has an associated executor, that copies
// the executor with tracked work and dispatches a second time.
template <class Executor, class Function, class Allocator>
void post_on(const Executor& executor, Function&& function,
             const Allocator& allocator)
{
  static_assert(can_post<Executor>, "an executor that may block cannot post");
  // Safety: a copy, since the owner of the executor may be gone before this
  // returns.
  const auto target =
      boost::asio::require(executor, boost::asio::execution::blocking.never);
  // A strand would allocate twice for one function, and the memory is for one.
  if constexpr (is_embedded<Allocator> &&
                !std::is_same_v<Executor, context_executor>)
    target.execute(std::forward<Function>(function));
  else
    detail::execute_with(target, std::forward<Function>(function), allocator);
}

// The same for an executor that is known.
template <class Executor, class Function, class Allocator>
void post_on_known(const Executor& executor, Function&& function,
                   const Allocator& allocator)
{
  detail::visit_executor(
      executor,
      [&](const auto& inner)
      {
        if constexpr (is_known_executor<std::decay_t<decltype(inner)>>)
          detail::post_on(inner, std::forward<Function>(function), allocator);
      });
}

// Runs a function now if this thread runs the executor, else later.
template <class Executor, class Function, class Allocator>
void dispatch_on(const Executor& executor, Function&& function,
                 const Allocator& allocator)
{
  // Safety: a copy, as above.
  const auto target =
      boost::asio::prefer(executor, boost::asio::execution::blocking.possibly);
  detail::execute_with(target, std::forward<Function>(function), allocator);
}

} // namespace toro::detail

#endif // TORO_DETAIL_EXECUTOR_POSTING_HPP
