// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_IO_IMPL_CORE_LIFETIME_HPP
#define TORO_DETAIL_IO_IMPL_CORE_LIFETIME_HPP

#include <toro/detail/io/core.hpp>

namespace toro::detail {

// Who keeps a block alive, and how it ends.

template <class State, class Threading>
void core<State, Threading>::enlist()
{
  if (registry_->add(*this))
    return;
  inert_ = true;
  home_.drop();
  executors_.drop();
}

template <class State, class Threading>
template <class Executor>
executor_slot<Executor>&
core<State, Threading>::add_executor(const Executor& executor)
{
  auto slot = std::make_unique<executor_slot<Executor>>(executor);
  executor_slot<Executor>& result = *slot;
  const std::lock_guard lock(mutex_);
  // Those that follow were converted from the first one, and may do more.
  if (!home_.is_known())
    home_.set(executor);
  result.is_home = home_.is(executor);
  if (executors_.empty())
    shares_deliveries_ =
        threading::is_shared ? home_.runs_one_at_a_time() : home_.is_known();
  executors_.push(std::move(slot));
  return result;
}

template <class State, class Threading>
template <class Function>
void core<State, Threading>::use_context(Function function)
{
  {
    const std::lock_guard lock(mutex_);
    if (inert_)
      return;
    borrowers_.increment();
  }
  function();
  borrowers_.decrement();
}

template <class State, class Threading>
void core<State, Threading>::retire() noexcept
{
  // Order: before executors go, which another thread may be asking whether the
  // object is here.
  registry_->hide(*this);
  entry lock(mutex_);
  retired_ = true;
  state_.abort_all();
  follow_up_quietly(lock.release());
  destroy_contents();
}

template <class State, class Threading>
void core<State, Threading>::shut_down() noexcept
{
  aftermath after;
  std::unique_lock lock(mutex_);
  inert_ = true;
  state_.abort_all();
  do
    collect_all_locked(after);
  while (!after.rest.empty());
  lock.unlock();
  forsake_all(after.ready);
  lock.lock();
  while (timer_.is_tended() || !borrowers_.is_zero())
  {
    lock.unlock();
    threading::relax();
    lock.lock();
  }
  // Order: under the lock, as an operation may be ending in another thread.
  const auto strand = home_.drop();
  lock.unlock();
  timer_.drop();
  executors_.drop();
}

// Nobody can enter any more; a timer may still look for someone to wake.
template <class State, class Threading>
void core<State, Threading>::dispose() noexcept
{
  timer_.drop();
  home_.drop();
  executors_.drop();
  // Order: the context waits for this. What users left may end the context.
  registry_->remove(*this);
  destroy_contents();
}

template <class State, class Threading>
void core<State, Threading>::destroy_contents() noexcept
{
  if constexpr (requires { state_.pop_content(); })
  {
    for (;;)
    {
      std::unique_lock lock(mutex_);
      const auto content = state_.pop_content();
      lock.unlock();
      if (!content)
        return;
    }
  }
}

} // namespace toro::detail

#endif // TORO_DETAIL_IO_IMPL_CORE_LIFETIME_HPP
