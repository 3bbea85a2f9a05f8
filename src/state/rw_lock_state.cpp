// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/state/rw_lock_state.hpp>

namespace toro::detail {

namespace {

// The access that a wait asks for which is no upgrade.
rw_access access_of(waiter& w) noexcept
{
  return static_cast<rw_access>(w.queue_index);
}

} // namespace

bool rw_lock_state::try_acquire(rw_access access) noexcept
{
  if (!waiting_.empty() || !free_for(access))
    return false;
  enter(access);
  return true;
}

std::optional<std::size_t> rw_lock_state::release(rw_access access) noexcept
{
  if (access == rw_access::write)
  {
    if (!detached_writer_)
      return std::nullopt;
    detached_writer_ = false;
  }
  else
  {
    if (detached_readers_ == 0)
      return std::nullopt;
    --detached_readers_;
  }
  const std::size_t waiting = waiters();
  release_held(access);
  return waiting - waiters();
}

void rw_lock_state::release_held(rw_access access) noexcept
{
  leave(access);
  grant_waiters();
}

void rw_lock_state::detach(rw_access access) noexcept
{
  if (access == rw_access::write)
    detached_writer_ = true;
  else
    ++detached_readers_;
}

bool rw_lock_state::downgrade() noexcept
{
  if (max_readers_ == 0)
    return false;
  leave(rw_access::write);
  enter(rw_access::read);
  grant_waiters();
  return true;
}

bool rw_lock_state::try_upgrade() noexcept
{
  if (readers_ != 1 || !upgrades_.empty())
    return false;
  leave(rw_access::read);
  enter(rw_access::write);
  return true;
}

bool rw_lock_state::start_upgrade(waiter& w, bool may_wait) noexcept
{
  w.queue_index = upgrade_index;
  if (!upgrades_.empty())
  {
    decide(w, outcome::impossible);
    return true;
  }
  if (try_upgrade())
    return grant(w);
  return may_wait && park(upgrades_, w);
}

bool rw_lock_state::start_acquire(waiter& w, rw_access access,
                                  bool may_wait) noexcept
{
  w.queue_index = static_cast<unsigned char>(access);
  if (access == rw_access::read && max_readers_ == 0)
  {
    decide(w, outcome::impossible);
    return true;
  }
  if (try_acquire(access))
    return grant(w);
  return may_wait && park(waiting_, w);
}

std::size_t rw_lock_state::cancel_all() noexcept
{
  std::size_t count = decide_all(upgrades_, outcome::cancelled);
  count += decide_all(waiting_, outcome::cancelled);
  return count + revoke_all();
}

void rw_lock_state::grant_waiters() noexcept
{
  if (!upgrades_.empty() && readers_ == 1)
  {
    leave(rw_access::read);
    enter(rw_access::write);
    grant_front(upgrades_);
  }
  while (!waiting_.empty() && free_for(access_of(waiting_.front())))
  {
    enter(access_of(waiting_.front()));
    grant_front(waiting_);
  }
}

bool rw_lock_state::give_back(waiter& w) noexcept
{
  if (w.queue_index == upgrade_index)
  {
    // It is a reader again.
    leave(rw_access::write);
    enter(rw_access::read);
  }
  else
  {
    leave(access_of(w));
  }
  return true;
}

bool rw_lock_state::free_for(rw_access access) const noexcept
{
  if (writing_ || !upgrades_.empty())
    return false;
  return access == rw_access::write ? readers_ == 0 : readers_ < max_readers_;
}

void rw_lock_state::enter(rw_access access) noexcept
{
  if (access == rw_access::write)
    writing_ = true;
  else
    ++readers_;
}

void rw_lock_state::leave(rw_access access) noexcept
{
  if (access == rw_access::write)
    writing_ = false;
  else
    --readers_;
}

} // namespace toro::detail
