// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_CORE_LIFETIME_HPP
#define TORO_DETAIL_CORE_LIFETIME_HPP

#include <toro/detail/core/core.hpp>

namespace toro::detail {

// How a core ends, and what a dump shows of it.

template <wait_state State, class Threading>
void core<State, Threading>::retire() noexcept
{
  // Order: before the executors go. Until this call another thread may ask one
  // of them whether it runs in that thread.
  registry_->unregister(*this);
  lock_type lock(mutex_);
  retired_ = true;
  state_.cancel_all();
  follow_up_quietly(std::move(lock));
  destroy_contents();
  if constexpr (requires { state_.on_retire(); })
    state_.on_retire();
}

template <wait_state State, class Threading>
void core<State, Threading>::shut_down() noexcept
{
  deferred_actions deferred;
  std::unique_lock lock(mutex_);
  is_shut_down_ = true;
  timer_.stop();
  state_.cancel_all();
  // Order: the batch was granted first.
  deferred.ready.swap(batch_);
  do
    collect_all_locked(deferred);
  while (deferred.has_more());
  lock.unlock();
  drop(deferred.ready);
  base::leave_context();
}

template <wait_state State, class Threading>
void core<State, Threading>::destroy_contents() noexcept
{
  if constexpr (requires { state_.pop_content(); })
  {
    for (;;)
    {
      std::unique_lock lock(mutex_);
      const auto content = state_.pop_content();
      lock.unlock();
      if (!content.get())
        return;
    }
  }
}

template <wait_state State, class Threading>
void core<State, Threading>::inspect(dump_text& out) const
{
  const std::lock_guard lock(mutex_);
  if (retired_)
    return;
  out.begin(describe_(state_), diagnosis_);
  state_.visit_waits(
      [&](const waiter& w, const char* what, std::size_t count)
      {
        const operation_type& op = to_operation(w);
        out.wait(&op, what, count,
                 op.has_deadline
                     ? static_cast<const timed_operation_type&>(op).expiry
                     : never);
      });
  out.undelivered(state_.undelivered());
}

} // namespace toro::detail

#endif // TORO_DETAIL_CORE_LIFETIME_HPP
