// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/state/semaphore_state.hpp>

#include <algorithm>

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
  if (!open_)
  {
    decide(w, outcome::closed);
    return true;
  }
  if (free_ > 0 && acquirers_.empty())
    return grant(w);
  w.queue_index = watch_queue;
  return may_wait && park_for_broadcast(watchers_, w);
}

void semaphore_state::take_more(semaphore_waiter& w, std::size_t most) noexcept
{
  if (most <= w.permits || !acquirers_.empty())
    return;
  const std::size_t more = std::min(free_, most - w.permits);
  free_ -= more;
  held_ += more;
  w.permits += more;
}

std::size_t semaphore_state::close() noexcept
{
  open_ = false;
  return decide_all(acquirers_, outcome::closed) +
         decide_all(watchers_, outcome::closed);
}

std::size_t semaphore_state::resize(std::size_t total) noexcept
{
  if (total > bound_)
  {
    free_ += total - bound_;
  }
  else
  {
    // Order: as if all that is missing were held by others, then paid.
    debt_ += bound_ - total;
  }
  bound_ = total;
  pay_debt();
  for (auto i = acquirers_.begin(); i != acquirers_.end();)
  {
    waiter& w = *i++;
    if (!possible(permits_of(w)))
      decide_waiting(w, outcome::impossible);
  }
  const std::size_t waiting = waiters();
  grant_waiters();
  return waiting - waiters();
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
  add_free(permits_of(w));
  return true;
}

void semaphore_state::pay_debt() noexcept
{
  const std::size_t paid = std::min(free_, debt_);
  free_ -= paid;
  debt_ -= paid;
}

} // namespace toro::detail
