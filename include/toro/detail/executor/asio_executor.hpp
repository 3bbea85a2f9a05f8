// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_EXECUTOR_ASIO_EXECUTOR_HPP
#define TORO_DETAIL_EXECUTOR_ASIO_EXECUTOR_HPP

#include <toro/detail/executor/embedded_memory.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution/allocator.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/require.hpp>
#include <boost/asio/strand.hpp>

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace toro::detail {

template <class T>
struct is_std_allocator : std::false_type
{
};

template <class T>
struct is_std_allocator<std::allocator<T>> : std::true_type
{
};

using context_executor = boost::asio::io_context::executor_type;
using context_strand = boost::asio::strand<context_executor>;

template <class T>
inline constexpr bool is_strand = false;

template <class Inner>
inline constexpr bool is_strand<boost::asio::strand<Inner>> = true;

template <class Executor>
inline constexpr bool is_any_executor =
    std::is_same_v<Executor, boost::asio::any_io_executor>;

// Whether an executor is one of Asio's own that are known to count work without
// throwing, and to call no user code.
template <class Executor>
inline constexpr bool is_known_executor =
    std::is_same_v<Executor, context_executor> ||
    std::is_same_v<Executor, context_strand>;

template <class Executor>
inline constexpr bool may_be_known_executor =
    is_known_executor<Executor> || is_any_executor<Executor>;

// Calls a function, which returns a bool, with the executor if it is known, or
// with the known executor inside. Returns false if there is none.
template <class Executor, class Function>
bool with_known_executor(const Executor& executor, Function function)
{
  if constexpr (is_known_executor<Executor>)
  {
    return function(executor);
  }
  else if constexpr (is_any_executor<Executor>)
  {
    if (const auto* io = executor.template target<context_executor>())
      return function(*io);
    if (const auto* strand = executor.template target<context_strand>())
      return function(*strand);
    return false;
  }
  else
  {
    return false;
  }
}

template <class Executor>
bool is_known(const Executor& executor) noexcept
{
  return detail::with_known_executor(executor,
                                     [](const auto&)
                                     {
                                       return true;
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

// Runs a function with memory of the executor, or of the allocator if it is not
// the default one.
template <class Executor, class Function, class Allocator>
void execute_with(const Executor& executor, Function&& function,
                  const Allocator& allocator)
{
  if constexpr (is_std_allocator<Allocator>::value)
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
  static_assert(
      boost::asio::can_require_v<Executor,
                                 boost::asio::execution::blocking_t::never_t>,
      "an executor that may block cannot post");
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

// Outstanding work of an io_context, or none.
class context_work
{
public:
  void begin(const context_executor& executor) noexcept
  {
    work_.emplace(boost::asio::prefer(
        executor, boost::asio::execution::outstanding_work.tracked));
  }

  void end() noexcept
  {
    work_.reset();
  }

  explicit operator bool() const noexcept
  {
    return work_.has_value();
  }

private:
  std::optional<std::decay_t<decltype(boost::asio::prefer(
      std::declval<const context_executor&>(),
      boost::asio::execution::outstanding_work.tracked))>>
      work_;
};

// The executor on which an operation completes, if that is not the object's or
// the object's is not known. While the operation waits, the executor tracks it
// as outstanding work. An operation that completes immediately needs no work:
// the posted function counts as such.
template <class Executor, bool MayBeKnown = may_be_known_executor<Executor>>
class executor_work
{
public:
  explicit executor_work(const Executor& executor)
    : executor_(executor)
  {
  }

  // Whether tracking work throws nothing and calls no user code.
  static constexpr bool is_known() noexcept
  {
    return false;
  }

  // Tracks the operation as outstanding work. Idempotent.
  void track()
  {
    if (!tracked_)
      tracked_.emplace(holder{boost::asio::prefer(executor_, tracked)});
  }

  // Runs a function later.
  template <class Function, class Allocator>
  void post(Function&& function, const Allocator& allocator) const
  {
    detail::post_on(executor_, std::forward<Function>(function), allocator);
  }

  // Runs a function now if this thread runs the executor, else later. Requires
  // track().
  template <class Function, class Allocator>
  void dispatch(Function&& function, const Allocator& allocator) const
  {
    detail::dispatch_on(executor_, std::forward<Function>(function), allocator);
  }

private:
  static constexpr auto tracked =
      boost::asio::execution::outstanding_work_t::tracked;

  // The type with tracked work may be the same as the type without.
  struct holder
  {
    std::decay_t<decltype(boost::asio::prefer(std::declval<const Executor&>(),
                                              tracked))>
        executor;
  };

  Executor executor_;
  std::optional<holder> tracked_;
};

// The same for executors that may be known. Work on a known one is tracked by
// its context, and a known one inside another is called directly.
template <class Executor>
class executor_work<Executor, true>
{
public:
  explicit executor_work(const Executor& executor)
    : executor_(executor)
  {
  }

  bool is_known() const noexcept
  {
    return detail::is_known(executor_);
  }

  void track()
  {
    if (work_)
      return;
    const bool known =
        detail::with_known_executor(executor_,
                                    [this](const auto& inner)
                                    {
                                      work_.begin(detail::context_of(inner));
                                      return true;
                                    });
    if constexpr (is_any_executor<Executor>)
    {
      if (!known)
        executor_ = boost::asio::prefer(executor_, work::tracked);
    }
  }

  template <class Function, class Allocator>
  void post(Function&& function, const Allocator& allocator) const
  {
    const bool known = detail::with_known_executor(
        executor_,
        [&](const auto& inner)
        {
          detail::post_on(inner, std::forward<Function>(function), allocator);
          return true;
        });
    if constexpr (is_any_executor<Executor>)
    {
      if (!known)
        detail::post_on(untracked(), std::forward<Function>(function),
                        allocator);
    }
  }

  template <class Function, class Allocator>
  void dispatch(Function&& function, const Allocator& allocator) const
  {
    const bool known = detail::with_known_executor(
        executor_,
        [&](const auto& inner)
        {
          detail::dispatch_on(inner, std::forward<Function>(function),
                              allocator);
          return true;
        });
    if constexpr (is_any_executor<Executor>)
    {
      if (!known)
        detail::dispatch_on(untracked(), std::forward<Function>(function),
                            allocator);
    }
  }

private:
  using work = boost::asio::execution::outstanding_work_t;

  Executor untracked() const
  {
    return boost::asio::prefer(executor_, work::untracked);
  }

  // If it is not known, it holds its tracked work itself.
  Executor executor_;
  context_work work_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_EXECUTOR_ASIO_EXECUTOR_HPP
