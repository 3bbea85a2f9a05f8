// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_LATCH_STATE_HPP
#define TORO_DETAIL_STATE_LATCH_STATE_HPP

#include <toro/detail/state/state_base.hpp>

#include <cstddef>
#include <optional>

namespace toro::detail {

// A wait for a latch.
class latch_waiter : public waiter
{
public:
  // Whether the wait is an arrival, which counts down as well.
  bool arrives = false;

protected:
  ~latch_waiter() = default;
};

// The rules of a latch: a count, and the waits until it is zero, which it then
// stays. A grant reserves nothing. What an arrival has counted down stays
// counted down, however the arrival ends.
class latch_state : public state_base<latch_state>
{
public:
  using waiter_type = latch_waiter;

  explicit latch_state(std::size_t count) noexcept
    : count_(count)
  {
  }

  std::size_t count() const noexcept
  {
    return count_;
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
               static_cast<const latch_waiter&>(w).arrives ? "async_arrive"
                                                           : "async_wait",
               1);
  }

  // Returns how many waits were granted. If n is too large, changes and returns
  // nothing.
  std::optional<std::size_t> count_down(std::size_t n) noexcept
  {
    if (n > count_)
      return std::nullopt;
    const std::size_t waiting = waiters();
    count_ -= n;
    grant_waiters();
    return waiting - waiters();
  }

  bool start_wait(latch_waiter& w, bool may_wait) noexcept
  {
    if (count_ == 0)
      return grant(w);
    return may_wait && park_for_broadcast(waiting_, w);
  }

  // An arrival counts down together with what ends its start: when it is
  // granted, when it is parked, or in expire_at_start().
  bool start_arrive(latch_waiter& w, bool may_wait) noexcept;

  void expire_at_start(latch_waiter& w) noexcept
  {
    if (w.arrives)
      --count_;
    decide(w, outcome::timed_out);
  }

  std::size_t cancel_all() noexcept
  {
    return decide_all(waiting_, outcome::cancelled) + revoke_all();
  }

  void grant_waiters() noexcept
  {
    if (count_ == 0)
      broadcast(waiting_);
  }

private:
  friend state_base<latch_state>;

  wait_queue& queue_of(waiter&) noexcept
  {
    return waiting_;
  }

  bool give_back(waiter&) noexcept
  {
    return true;
  }

  // Invariant: empty if count_ is zero.
  wait_queue waiting_;
  std::size_t count_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_LATCH_STATE_HPP
