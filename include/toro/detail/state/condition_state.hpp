// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_CONDITION_STATE_HPP
#define TORO_DETAIL_STATE_CONDITION_STATE_HPP

#include <toro/detail/state/state_base.hpp>
#include <toro/detail/wait/ordered_set.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>

namespace toro::detail {

// A wait on a condition, with the notification that granted it. Its position
// tells when it began.
class condition_waiter : public waiter, public ordered_node
{
public:
  // The notification may be passed to waits with positions strictly between
  // these two. If the upper bound is zero, it is not passed on.
  std::int64_t above = 0;
  std::int64_t below = 0;

  // Whether the wait may be put back after a notification.
  bool may_decline = false;

protected:
  ~condition_waiter() = default;
};

// Implementation notes
//
// A notification is offered to one wait. If that wait is cancelled, or its
// predicate returns false, the offer passes to the oldest wait that began
// before the notification and has not declined it. If there is none, the
// notification is used up. So a notification visits the waits in the order of
// their positions, and each wait at most once:
//
//   1. A, B and C wait; notify(1) is offered to A.
//   2. A's predicate returns false: A is back at its position, before B. The
//      offer goes to B, since A's position is now the lower bound.
//   3. B is cancelled before its handler has run: the offer goes to C.
//
// The waits are in a list, as those of other primitives are. The first one that
// may decline and all after it are in a tree as well, where a position is found
// without walking along the list.
class condition_state : public state_base<condition_state>
{
public:
  using waiter_type = condition_waiter;

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
      function(w, "async_wait", 1);
  }

  // The number of notifications so far. A predicate that was false before the
  // last of them has to be asked again.
  std::uint64_t notifications() const noexcept
  {
    return notifications_;
  }

  std::size_t notify(std::size_t n) noexcept;
  std::size_t notify_all() noexcept;

  bool start_wait(condition_waiter& w, bool may_wait) noexcept;

  // A wait whose predicate is already true. It gets no notification, so there
  // is none to pass on.
  bool start_satisfied(condition_waiter& w) noexcept
  {
    return grant(w);
  }

  // A wait that begins as notified and may decline.
  bool start_notified(condition_waiter& w) noexcept
  {
    take_position(w);
    return grant(w);
  }

  // Puts a granted wait back at its position and passes its notification on.
  void decline(condition_waiter& w) noexcept;

  std::size_t cancel_all() noexcept;

private:
  friend state_base<condition_state>;

  wait_queue& queue_of(waiter&) noexcept
  {
    return waiting_;
  }

  void forget(waiter& w) noexcept;
  bool give_back(waiter& w) noexcept;
  void take_position(condition_waiter& w) noexcept;
  void offer(condition_waiter& w, std::int64_t above,
             std::int64_t below) noexcept;
  void pass_on(wait_queue::iterator next, std::int64_t above,
               std::int64_t below) noexcept;
  wait_queue::iterator to_iterator(ordered_node* w) noexcept;

  bool is_indexed(const condition_waiter& w) const noexcept
  {
    return w.position >= first_declining_;
  }

  // Invariant: sorted by position.
  wait_queue waiting_;

  // Invariant: the indexed waits of waiting_.
  ordered_set index_;

  // The position of the first wait that may decline.
  std::int64_t first_declining_ = std::numeric_limits<std::int64_t>::max();

  std::int64_t next_position_ = 1;
  std::uint64_t notifications_ = 0;
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_CONDITION_STATE_HPP
