// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_IO_IMPL_CORE_TIMER_HPP
#define TORO_DETAIL_IO_IMPL_CORE_TIMER_HPP

#include <toro/detail/io/core.hpp>

namespace toro::detail {

// How deadlines end waits.

template <class State, class Threading>
void core<State, Threading>::register_deadline_locked(
    operation_type& op) noexcept
{
  if (!op.has_deadline)
    return;
  restless_ = true;
  timer_.insert(to_timed(op));
  op.timed = true;
}

template <class State, class Threading>
void core<State, Threading>::wake(request number) noexcept
{
  if (!owners_.try_increment())
    return;
  const pointer self(this, false);
  const deadline::time_point now = time_.now();
  entry lock(mutex_);
  if (timer_.wake(number))
    expire_locked(now);
  follow_up_quietly(lock.release());
}

// All that are due leave before anything is granted: what would be granted to
// a wait that is late as well is for those behind it.
template <class State, class Threading>
void core<State, Threading>::expire_locked(deadline::time_point now) noexcept
{
  while (deadline_entry* entry = timer_.pop_due(now))
  {
    auto& op = static_cast<timed_operation_type&>(*entry);
    op.timed = false;
    state_.dismiss(op, outcome::timed_out);
  }
  state_.settle();
}

// Requires that this thread was told to tend.
template <class State, class Threading>
void core<State, Threading>::tend(deadline::time_point coming)
{
  for (;;)
  {
    deadline_timer::step step;
    const any_executor_slot* executor;
    {
      const std::lock_guard lock(mutex_);
      if (inert_)
      {
        timer_.stop_tending();
        return;
      }
      step = timer_.next(coming);
      executor = &executors_.first();
    }
    if (step.what == deadline_timer::action::rest)
      return;
    BOOST_TRY
    {
      if (step.what == deadline_timer::action::ask)
        post_check(*executor, step.number);
      else if (timer_.carry_out(step, *this, time_, executor->any()))
        boost::asio::use_service<reactor_shutdown_service>(time_.context());
    }
    BOOST_CATCH(...)
    {
      const std::lock_guard lock(mutex_);
      timer_.give_up(step);
      BOOST_RETHROW
    }
    BOOST_CATCH_END
  }
}

// Has the timer looked after in the executor's next turn. Only one check is
// under way at a time.
template <class State, class Threading>
void core<State, Threading>::post_check(const any_executor_slot& executor,
                                        request number)
{
  wake_up check(*this, number);
  if (executor.is_home)
    home_.post(std::move(check), allocator_of(check_memory_));
  else
    post_on(executor.any(), std::move(check), allocator_of(check_memory_));
}

template <class State, class Threading>
void core<State, Threading>::tend_quietly() noexcept
{
  BOOST_TRY
  {
    tend(never);
  }
  BOOST_CATCH(...)
  {
  }
  BOOST_CATCH_END
}

} // namespace toro::detail

#endif // TORO_DETAIL_IO_IMPL_CORE_TIMER_HPP
