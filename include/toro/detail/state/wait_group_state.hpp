// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_WAIT_GROUP_STATE_HPP
#define TORO_DETAIL_STATE_WAIT_GROUP_STATE_HPP

#include <toro/detail/state/state_base.hpp>

#include <cstddef>
#include <optional>

namespace toro::detail {

// A wait until nothing is inside a wait_group.
class wait_group_waiter : public waiter
{
public:
  // Whether the wait closes the group as well.
  bool closes = false;

protected:
  ~wait_group_waiter() = default;
};

// The rules of a wait_group: how much is inside, and the waits until nothing
// is. What is inside is held by a guard or detached; only the latter can leave
// without its guard. A grant reserves nothing. A group that a wait has closed
// stays closed, however the wait ends.
class wait_group_state : public state_base<wait_group_state>
{
public:
  using waiter_type = wait_group_waiter;

  std::size_t count() const noexcept
  {
    return held_ + detached_;
  }

  bool is_open() const noexcept
  {
    return open_;
  }

  std::size_t waiters() const noexcept
  {
    return waiting_.size();
  }

  // Calls a function with each wait, the name of its operation, and how much it
  // asks for.
  template <class Function>
  void visit_waits(Function function) const
  {
    for (const waiter& w : waiting_)
      function(w,
               static_cast<const wait_group_waiter&>(w).closes ? "async_close"
                                                               : "async_wait",
               1);
  }

  // Counts one, which a guard holds. If the group is closed, changes nothing
  // and returns false.
  bool enter() noexcept
  {
    if (open_)
      ++held_;
    return open_;
  }

  // A guard counts down.
  void leave_held() noexcept
  {
    --held_;
    grant_waiters();
  }

  // A guard gives up what it holds without counting down.
  void detach() noexcept
  {
    --held_;
    ++detached_;
  }

  // Counts down for a guard that was detached. Returns how many waits were
  // granted. If there is none, changes and returns nothing.
  std::optional<std::size_t> leave() noexcept
  {
    if (detached_ == 0)
      return std::nullopt;
    const std::size_t waiting = waiters();
    --detached_;
    grant_waiters();
    return waiting - waiters();
  }

  // Returns how much is inside.
  std::size_t close() noexcept
  {
    open_ = false;
    return count();
  }

  bool start_wait(wait_group_waiter& w, bool may_wait) noexcept
  {
    if (count() == 0)
      return grant(w);
    return may_wait && park_for_broadcast(waiting_, w);
  }

  // Closes the group together with what ends its start: when it is granted,
  // when it is parked, or in expire_at_start().
  bool start_close(wait_group_waiter& w, bool may_wait) noexcept
  {
    w.closes = true;
    if (!start_wait(w, may_wait))
      return false;
    open_ = false;
    return true;
  }

  void expire_at_start(wait_group_waiter& w) noexcept
  {
    if (w.closes)
      open_ = false;
    decide(w, outcome::timed_out);
  }

  std::size_t cancel_all() noexcept
  {
    return decide_all(waiting_, outcome::cancelled) + revoke_all();
  }

  void grant_waiters() noexcept
  {
    if (!waiting_.empty() && count() == 0)
      broadcast(waiting_);
  }

private:
  friend state_base<wait_group_state>;

  wait_queue& queue_of(waiter&) noexcept
  {
    return waiting_;
  }

  bool give_back(waiter&) noexcept
  {
    return true;
  }

  // Invariant: empty if nothing is inside.
  wait_queue waiting_;
  std::size_t held_ = 0;
  std::size_t detached_ = 0;
  bool open_ = true;
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_WAIT_GROUP_STATE_HPP
