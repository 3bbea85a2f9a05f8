// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_EXECUTOR_EXECUTOR_SLOT_HPP
#define TORO_DETAIL_EXECUTOR_EXECUTOR_SLOT_HPP

#include <toro/detail/executor/asio_executor.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace toro::detail {

// Keeps an executor of any type until the context is shut down. A strand that
// outlived its context would be used after its memory was freed.
class any_executor_slot
{
public:
  virtual ~any_executor_slot() = default;
  virtual boost::asio::any_io_executor any() const = 0;
  virtual void drop() noexcept = 0;

  // Whether this thread runs functions of the executor; false if that cannot be
  // determined.
  virtual bool running_in_this_thread() const noexcept = 0;

  std::unique_ptr<any_executor_slot> next;

  // Whether this is the executor that the core knows (object_executor). An
  // operation that completes here needs neither a copy of it nor work of its
  // own.
  // Invariant: does not change once operations know the slot.
  bool is_object_executor = false;
};

template <class Executor>
class executor_slot final : public any_executor_slot
{
public:
  explicit executor_slot(const Executor& executor)
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
    return running_in_this_thread(*executor_);
  }

  void drop() noexcept override
  {
    executor_.reset();
  }

private:
  template <class T>
  static bool running_in_this_thread(const T& executor) noexcept
  {
    using any = boost::asio::any_io_executor;
    using io = boost::asio::io_context::executor_type;
    if constexpr (std::is_same_v<T, io> || is_strand<T>)
      return executor.running_in_this_thread();
    else if constexpr (std::is_same_v<T, any>)
      return inner_running_in_this_thread<io>(executor) ||
             inner_running_in_this_thread<boost::asio::strand<io>>(executor) ||
             inner_running_in_this_thread<boost::asio::strand<any>>(executor);
    else
      return false;
  }

  template <class Inner, class T>
  static bool inner_running_in_this_thread(const T& executor) noexcept
  {
    const Inner* const inner = executor.template target<Inner>();
    return inner && inner->running_in_this_thread();
  }

  std::optional<Executor> executor_;
};

// The executors of a primitive: the first, and one more for each conversion to
// another executor type. An operation that was prepared before a conversion
// still refers to the old one.
class executor_slots
{
public:
  void push(std::unique_ptr<any_executor_slot> slot) noexcept
  {
    std::unique_ptr<any_executor_slot>& place = first_ ? first_->next : first_;
    slot->next = std::move(place);
    place = std::move(slot);
  }

  bool empty() const noexcept
  {
    return !first_;
  }

  // The oldest one. It stays as long as the list.
  const any_executor_slot& first() const noexcept
  {
    return *first_;
  }

  void drop() noexcept
  {
    for (any_executor_slot* slot = first_.get(); slot; slot = slot->next.get())
      slot->drop();
  }

private:
  std::unique_ptr<any_executor_slot> first_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_EXECUTOR_EXECUTOR_SLOT_HPP
