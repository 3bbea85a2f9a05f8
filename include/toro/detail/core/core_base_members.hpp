// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_CORE_CORE_BASE_MEMBERS_HPP
#define TORO_DETAIL_CORE_CORE_BASE_MEMBERS_HPP

#include <toro/detail/core/core_base.hpp>

#include <boost/core/no_exceptions_support.hpp>

#include <optional>
#include <utility>

namespace toro::detail {

// The members of core_base that are templates or longer.

template <class Threading>
void core_base<Threading>::enlist()
{
  if (registry_->add(*this))
    return;
  is_shut_down_ = true;
  timer_.stop();
  object_executor_.drop();
  executors_.drop();
}

template <class Threading>
template <class Executor>
kept_executor<Executor>&
core_base<Threading>::add_executor(const Executor& executor)
{
  auto kept = std::make_unique<kept_executor<Executor>>(executor);
  kept_executor<Executor>& result = *kept;
  const std::lock_guard lock(mutex_);
  // Order: the first known executor stays. Those that follow were converted
  // from it, and may do more.
  if (!object_executor_.is_known())
    object_executor_.set(executor);
  result.is_object_executor = object_executor_.is(executor);
  if (executors_.empty())
    can_batch_ = threading::is_shared ? object_executor_.runs_one_at_a_time()
                                      : object_executor_.is_known();
  executors_.push(std::move(kept));
  return result;
}

template <class Threading>
template <class Function>
void core_base<Threading>::use_context(Function function)
{
  std::optional<use> here;
  {
    const std::lock_guard lock(mutex_);
    if (is_shut_down_)
      return;
    here.emplace(*this);
  }
  function();
}

template <class Threading>
void core_base<Threading>::leave_context() noexcept
{
  context_use::end_all(this,
                       [this]
                       {
                         owners_.subtract(one_use - one_owner);
                       });
  std::unique_lock lock(mutex_);
  while (threading::is_shared && is_in_use())
  {
    lock.unlock();
    detail::yield();
    lock.lock();
  }
  // Order: under the lock, since an operation may be ending in another thread.
  const auto strand = object_executor_.drop();
  lock.unlock();
  timer_.drop();
  executors_.drop();
}

template <class Threading>
void core_base<Threading>::service_timer(deadline::time_point coming)
{
  timer_.service(mutex_, coming,
                 [this](const deadline_timer::step& step)
                 {
                   carry_out(step);
                 });
}

template <class Threading>
void core_base<Threading>::carry_out(const deadline_timer::step& step)
{
  const any_kept_executor& executor = executors_.first();
  if (step.what == deadline_timer::action::ask)
  {
    // A simulation need not order the check among the program's handlers.
    if (time_.runs_all_here())
      on_timer(step.number);
    else
      post_check(executor, step.number);
  }
  else
    timer_.carry_out(step, *this, time_, executor.any(),
                     [this]
                     {
                       // Order: after the timer, which has made the reactor.
                       if (!is_shut_down_)
                         reactor_shutdown_service::make_in(time_.context());
                     });
}

// Posts a check of the timer. Only one is under way at a time.
template <class Threading>
void core_base<Threading>::post_check(const any_kept_executor& executor,
                                      wake_id number)
{
  timer_handler check(*this, number);
  if (executor.is_object_executor)
    object_executor_.post(std::move(check),
                          detail::allocator_of(check_memory_));
  else
    detail::post_on(executor.any(), std::move(check),
                    detail::allocator_of(check_memory_));
}

template <class Threading>
deadline::time_point core_base<Threading>::now()
{
  std::optional<deadline::time_point> result;
  // Safety: the time source is destroyed with the context.
  use_context(
      [&]
      {
        result = time_.now();
      });
  return result ? *result : deadline::clock_type::now();
}

template <class Threading>
void core_base<Threading>::name_ownership(diagnosis::ownership*& ownership,
                                          std::string_view how,
                                          std::string_view name)
{
  const deadline::time_point since = ownership ? never : now();
  const std::lock_guard lock(mutex_);
  if (ownership)
    diagnosis_.rename_ownership(*ownership, name);
  else
    ownership = &diagnosis_.add_ownership(name, how, since);
}

template <class Threading>
void core_base<Threading>::note_wait(const void* wait,
                                     std::string_view name) noexcept
{
  detail::quietly(
      [&]
      {
        const deadline::time_point since = now();
        const std::lock_guard lock(mutex_);
        diagnosis_.add_wait(wait, name, since);
      });
}

} // namespace toro::detail

#endif // TORO_DETAIL_CORE_CORE_BASE_MEMBERS_HPP
