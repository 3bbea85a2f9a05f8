// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/state/semaphore_state.hpp>

namespace toro::detail {

namespace {

std::size_t permits_of(waiter& w) noexcept
{
  return static_cast<semaphore_waiter&>(w).permits;
}

} // namespace

bool semaphore_state::start_wait(semaphore_waiter& w, bool may_wait) noexcept
{
  w.permits = 0;
  if (free_ > 0 && acquirers_.empty())
    return grant(w);
  w.queue_index = watch_queue;
  return may_wait && park_for_broadcast(watchers_, w);
}

std::size_t semaphore_state::cancel_all() noexcept
{
  // Order: first the waiting ones, so that none of them is granted.
  std::size_t count = decide_all(acquirers_, outcome::cancelled);
  count += decide_all(watchers_, outcome::cancelled);
  return count + revoke_all();
}

void semaphore_state::grant_waiters() noexcept
{
  std::size_t left = free_;
  while (!acquirers_.empty() && permits_of(acquirers_.front()) <= left)
  {
    left -= permits_of(acquirers_.front());
    grant_front(acquirers_);
  }
  held_ += free_ - left;
  free_ = left;
  if (free_ > 0 && acquirers_.empty())
    broadcast(watchers_);
}

bool semaphore_state::give_back(waiter& w) noexcept
{
  held_ -= permits_of(w);
  free_ += permits_of(w);
  return true;
}

} // namespace toro::detail
