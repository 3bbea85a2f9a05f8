// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_EXECUTOR_OBJECT_EXECUTOR_HPP
#define TORO_DETAIL_EXECUTOR_OBJECT_EXECUTOR_HPP

#include <toro/detail/config.hpp>
#include <toro/detail/executor/asio_executor.hpp>
#include <toro/detail/executor/executor_work.hpp>
#include <toro/detail/executor/posting.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/config.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace toro::detail {

// Keeps an executor of any type until the context is shut down. A strand that
// outlived its context would be used after its memory was freed.
class any_kept_executor
{
public:
  virtual ~any_kept_executor() = default;
  virtual boost::asio::any_io_executor any() const = 0;
  virtual void drop() noexcept = 0;

  // Whether this thread runs functions of the executor; false if that cannot be
  // determined.
  virtual bool running_in_this_thread() const noexcept = 0;

  std::unique_ptr<any_kept_executor> next;

  // Whether this is the executor that the core knows (object_executor). An
  // operation that completes here needs neither a copy of it nor work of its
  // own.
  // Invariant: does not change once operations know this.
  bool is_object_executor = false;
};

template <class Executor>
class kept_executor final : public any_kept_executor
{
public:
  explicit kept_executor(const Executor& executor)
    : executor_(executor)
  {
  }

  const Executor& get() const noexcept
  {
    return *executor_;
  }

  boost::asio::any_io_executor any() const override
  {
    return boost::asio::any_io_executor(*executor_);
  }

  bool running_in_this_thread() const noexcept override
  {
    return detail::running_in_this_thread(*executor_);
  }

  void drop() noexcept override
  {
    executor_.reset();
  }

private:
  std::optional<Executor> executor_;
};

// The executors of a primitive: the first, and one more for each conversion to
// another executor type. An operation that was prepared before a conversion
// still refers to the old one.
class kept_executors
{
public:
  void push(std::unique_ptr<any_kept_executor> kept) noexcept
  {
    std::unique_ptr<any_kept_executor>& place = first_ ? first_->next : first_;
    kept->next = std::move(place);
    place = std::move(kept);
  }

  bool empty() const noexcept
  {
    return !first_;
  }

  // The oldest one. It stays as long as the list.
  const any_kept_executor& first() const noexcept
  {
    return *first_;
  }

  void drop() noexcept
  {
    for (any_kept_executor* kept = first_.get(); kept; kept = kept->next.get())
      kept->drop();
  }

private:
  std::unique_ptr<any_kept_executor> first_;
};

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
    detail::visit_executor(
        executor,
        [this](const auto& inner)
        {
          using inner_type = std::decay_t<decltype(inner)>;
          if constexpr (is_known_executor<inner_type>)
            context_.emplace(detail::context_of(inner));
          if constexpr (std::is_same_v<inner_type, context_strand>)
            strand_.emplace(inner);
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
    return detail::visit_executor(
        executor,
        [this](const auto& inner)
        {
          using inner_type = std::decay_t<decltype(inner)>;
          if constexpr (std::is_same_v<inner_type, context_strand>)
            return strand_ == inner;
          else if constexpr (std::is_same_v<inner_type, context_executor>)
            return context_ == inner && !strand_;
          else
            return false;
        });
  }

  // Whether it is a strand.
  bool runs_one_at_a_time() const noexcept
  {
    return strand_.has_value();
  }

  // Runs a function later. Requires is_known().
  template <class Function, class Allocator>
  void post(Function&& function, const Allocator& allocator) const;

  // The following three require the lock of the object.

  // An operation waits. Requires is_known(), unless its work is not counted
  // here.
  TORO_DETAIL_FORCEINLINE void begin(object_work& work) noexcept
  {
    if (work == object_work::none || work == object_work::begun)
      return;
    work = object_work::begun;
    if (operations_++ == 0)
      tell_first();
  }

  // An operation ends, or goes on to another executor.
  TORO_DETAIL_FORCEINLINE void end(object_work& work) noexcept
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

template <class Function, class Allocator>
TORO_DETAIL_SEPARATE void
object_executor::post(Function&& function, const Allocator& allocator) const
{
  if (strand_)
    detail::post_on(*strand_, std::forward<Function>(function), allocator);
  else
    detail::post_on(*context_, std::forward<Function>(function), allocator);
}

} // namespace toro::detail

#endif // TORO_DETAIL_EXECUTOR_OBJECT_EXECUTOR_HPP
