// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_EXECUTOR_OBJECT_EXECUTOR_HPP
#define TORO_DETAIL_EXECUTOR_OBJECT_EXECUTOR_HPP

#include <toro/detail/executor/asio_executor.hpp>

#include <boost/config.hpp>

#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

namespace toro::detail {

// Whether the work of an operation is counted by its object's executor.
enum class object_work : unsigned char
{
  none,  // never: the operation has none, or tracks it itself
  due,   // not yet: it starts when the operation waits
  begun, // yes: until the operation ends or goes to another executor
  ended  // no longer
};

// The executor of an object if it is one of Asio's, the usual case. Operations
// that complete there have no executor and no work of their own. They share the
// executor, and one unit of work while any of them waits.
class object_executor
{
public:
  template <class Executor>
  void set(const Executor& executor)
  {
    detail::with_known_executor(
        executor,
        [this](const auto& known)
        {
          context_.emplace(detail::context_of(known));
          if constexpr (is_strand<std::decay_t<decltype(known)>>)
            strand_.emplace(known);
          return true;
        });
  }

  bool is_known() const noexcept
  {
    return context_.has_value();
  }

  // Whether another executor is known to be the same.
  template <class Executor>
  bool is(const Executor& executor) const noexcept
  {
    return detail::with_known_executor(
        executor,
        [this](const auto& known)
        {
          if constexpr (is_strand<std::decay_t<decltype(known)>>)
            return strand_ == known;
          else
            return context_ == known && !strand_;
        });
  }

  // Whether it is a strand.
  bool runs_one_at_a_time() const noexcept
  {
    return strand_.has_value();
  }

  // Runs a function later. Requires is_known().
  template <class Function, class Allocator>
  void post(Function&& function, const Allocator& allocator) const
  {
    if (strand_)
      detail::post_on(*strand_, std::forward<Function>(function), allocator);
    else
      detail::post_on(*context_, std::forward<Function>(function), allocator);
  }

  // The following three require the lock of the object.

  // An operation waits. Requires is_known(), unless its work is not counted
  // here.
  BOOST_FORCEINLINE void begin(object_work& work) noexcept
  {
    if (work == object_work::none || work == object_work::begun)
      return;
    work = object_work::begun;
    if (operations_++ == 0)
      tell_first();
  }

  // An operation ends, or goes on to another executor.
  BOOST_FORCEINLINE void end(object_work& work) noexcept
  {
    if (work != object_work::begun)
      return;
    work = object_work::ended;
    if (--operations_ == 0)
      tell_last();
  }

  // An operation could not be submitted, here or to another executor.
  void resume(object_work& work) noexcept
  {
    if (work == object_work::ended)
      begin(work);
  }

  // Nothing refers to the context from now on, except the strand that this
  // returns, whose destructor may run foreign code. Requires the lock of the
  // object, or that no other thread can enter.
  std::optional<context_strand> drop() noexcept
  {
    work_.end();
    return std::exchange(strand_, std::nullopt);
  }

private:
  // Out of line, since it is rarely the first or the last.
  BOOST_NOINLINE void tell_first() noexcept
  {
    work_.begin(*context_);
  }

  BOOST_NOINLINE void tell_last() noexcept
  {
    work_.end();
  }

  std::optional<context_executor> context_;
  std::optional<context_strand> strand_;
  context_work work_;
  std::size_t operations_ = 0;
};

} // namespace toro::detail

#endif // TORO_DETAIL_EXECUTOR_OBJECT_EXECUTOR_HPP
