// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_CORE_DEADLINES_HPP
#define TORO_DETAIL_CORE_DEADLINES_HPP

#include <toro/detail/core/core.hpp>

namespace toro::detail {

// How a deadline ends a wait.

template <wait_state State, class Threading>
void core<State, Threading>::register_deadline_locked(
    operation_type& op) noexcept
{
  if (!op.has_deadline)
    return;
  state_.set_pending_work(true);
  timer_.insert(to_timed(op));
  op.deadline_registered = true;
}

template <wait_state State, class Threading>
void core<State, Threading>::on_timer(wake_id number) noexcept
{
  if (!base::try_add_owner())
    return;
  const pointer self(this, false);
  // Order: before the lock, since the clock may be that of a test. A timer runs
  // in the context, but a thread that waits may come when that is gone.
  const deadline::time_point now =
      number == timer_client::of_thread ? base::now() : time_.now();
  lock_type lock(mutex_);
  if (timer_.on_timer(number))
    expire_locked(now);
  follow_up_quietly(std::move(lock));
}

// All waits that are due expire before anything is granted. Otherwise one that
// is due could be granted what the waits behind it should get. A state with
// instants is told the time before: what came in time is granted in time, even
// if the timer is late.
template <wait_state State, class Threading>
void core<State, Threading>::expire_locked(deadline::time_point now) noexcept
{
  while (deadline_entry* entry = timer_.pop_due(now))
  {
    if constexpr (state_with_instants<State>)
    {
      if (entry == &instant_)
      {
        instant_.expiry = never;
        continue;
      }
      state_.pass_time(entry->expiry);
    }
    auto& op = static_cast<timed_operation_type&>(*entry);
    op.deadline_registered = false;
    // A wait that was granted in time stays granted. It may still have to be
    // collected.
    if (is_waiting_locked(op))
      state_.decide_waiting(op, outcome::timed_out);
  }
  if constexpr (state_with_instants<State>)
    state_.pass_time(now);
  state_.grant_waiters();
}

template <wait_state State, class Threading>
void core<State, Threading>::note_instant_locked() noexcept
{
  if constexpr (state_with_instants<State>)
  {
    if (!instant_changed_locked())
      return;
    if (instant_.expiry != never)
      timer_.erase(instant_);
    instant_.expiry = state_.next_instant();
    if (instant_.expiry != never)
      timer_.insert(instant_);
  }
}

} // namespace toro::detail

#endif // TORO_DETAIL_CORE_DEADLINES_HPP
