// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_BARRIER_STATE_HPP
#define TORO_DETAIL_STATE_BARRIER_STATE_HPP

#include <toro/detail/state/state_base.hpp>

#include <cstddef>
#include <optional>

namespace toro::detail {

// An arrival at a barrier.
class barrier_waiter : public waiter
{
public:
  // Whether the arrival is the one that is told that it was the last of its
  // phase.
  bool is_last = false;

protected:
  ~barrier_waiter() = default;
};

// The rules of a barrier: parties, and the arrivals of the present phase. All
// arrivals wait until there are as many as parties. The phase is complete then,
// and their grants are final: the other parties rely on them.
class barrier_state : public state_base<barrier_state>
{
public:
  using waiter_type = barrier_waiter;

  explicit barrier_state(std::size_t parties) noexcept
    : parties_(parties)
  {
  }

  std::size_t parties() const noexcept
  {
    return parties_;
  }

  // How many phases are complete.
  std::size_t phase() const noexcept
  {
    return phase_;
  }

  // The arrivals of the present phase.
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
      function(w, "async_arrive", 1);
  }

  // One party fewer. Returns how many waits were granted. If there is no party,
  // changes and returns nothing.
  std::optional<std::size_t> drop() noexcept;

  bool start_arrive(barrier_waiter& w, bool may_wait) noexcept;

  // Grants are final, so the waits are all that can be cancelled.
  std::size_t cancel_all() noexcept
  {
    return decide_all(waiting_, outcome::cancelled);
  }

private:
  friend state_base<barrier_state>;

  wait_queue& queue_of(waiter&) noexcept
  {
    return waiting_;
  }

  bool give_back(waiter&) noexcept
  {
    return false;
  }

  void complete_phase() noexcept
  {
    ++phase_;
    broadcast(waiting_);
  }

  // Invariant: shorter than parties_, or both are zero.
  wait_queue waiting_;
  std::size_t parties_;
  std::size_t phase_ = 0;
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_BARRIER_STATE_HPP
