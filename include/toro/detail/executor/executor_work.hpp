// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_EXECUTOR_EXECUTOR_WORK_HPP
#define TORO_DETAIL_EXECUTOR_EXECUTOR_WORK_HPP

#include <toro/detail/config.hpp>
#include <toro/detail/executor/asio_executor.hpp>
#include <toro/detail/executor/posting.hpp>

#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/prefer.hpp>

#include <optional>
#include <type_traits>
#include <utility>

namespace toro::detail {

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

// An executor of one operation. While the operation waits, the executor tracks
// it as outstanding work. An operation that completes immediately needs no
// work: the posted function counts as such.
template <class Executor>
class executor_work
{
public:
  explicit executor_work(const Executor& executor)
    : executor_(executor)
  {
  }

  // Whether tracking work throws nothing and calls no user code.
  bool is_known() const noexcept
  {
    return detail::is_known(executor_);
  }

  // Tracks the operation as outstanding work. Idempotent.
  void track();

  // Runs a function later.
  template <class Function, class Allocator>
  void post(Function&& function, const Allocator& allocator) const;

  // Runs a function now if this thread runs the executor, else later. Requires
  // track().
  template <class Function, class Allocator>
  void dispatch(Function&& function, const Allocator& allocator) const;

private:
  using outstanding = boost::asio::execution::outstanding_work_t;

  template <class Inner>
  static decltype(auto) untracked(const Inner& executor)
  {
    if constexpr (is_any_executor<Inner>)
      return boost::asio::prefer(executor, outstanding::untracked);
    else
      return (executor);
  }

  // Work on a known executor is tracked by its context. An any_io_executor with
  // another executor inside tracks it itself.
  template <class Inner>
  void track_by(const Inner& executor)
  {
    if constexpr (is_known_executor<Inner>)
      work_.begin(detail::context_of(executor));
    else
      executor_ = boost::asio::prefer(executor_, outstanding::tracked);
  }

  // The type with tracked work may be the same as the type without.
  struct holder
  {
    std::decay_t<decltype(boost::asio::prefer(std::declval<const Executor&>(),
                                              outstanding::tracked))>
        executor;
  };

  // Tracks its work itself if it is an any_io_executor with an executor inside
  // that is not known. That takes no more memory.
  Executor executor_;
  std::conditional_t<may_be_known_executor<Executor>, context_work,
                     std::optional<holder>>
      work_;
};

template <class Executor>
TORO_DETAIL_SEPARATE void executor_work<Executor>::track()
{
  if (work_)
    return;
  if constexpr (may_be_known_executor<Executor>)
    detail::visit_executor(executor_,
                           [this](const auto& inner)
                           {
                             this->track_by(inner);
                           });
  else
    work_.emplace(holder{boost::asio::prefer(executor_, outstanding::tracked)});
}

template <class Executor>
template <class Function, class Allocator>
TORO_DETAIL_SEPARATE void
executor_work<Executor>::post(Function&& function,
                              const Allocator& allocator) const
{
  detail::visit_executor(executor_,
                         [&](const auto& inner)
                         {
                           detail::post_on(untracked(inner),
                                           std::forward<Function>(function),
                                           allocator);
                         });
}

template <class Executor>
template <class Function, class Allocator>
TORO_DETAIL_SEPARATE void
executor_work<Executor>::dispatch(Function&& function,
                                  const Allocator& allocator) const
{
  detail::visit_executor(executor_,
                         [&](const auto& inner)
                         {
                           detail::dispatch_on(untracked(inner),
                                               std::forward<Function>(function),
                                               allocator);
                         });
}

} // namespace toro::detail

#endif // TORO_DETAIL_EXECUTOR_EXECUTOR_WORK_HPP
