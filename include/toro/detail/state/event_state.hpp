// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_EVENT_STATE_HPP
#define TORO_DETAIL_STATE_EVENT_STATE_HPP

#include <toro/detail/state/state_base.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace toro::detail {

// The rules of an event: a flag, and the waits until it is set. A grant
// reserves nothing, so there is nothing to give back. An async_result is an
// event that is set once.
class event_state : public state_base<event_state>
{
public:
  using waiter_type = waiter;

  bool is_set() const noexcept
  {
    return set_;
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
    visit_waits("async_wait", function);
  }

  // Returns how many waits it granted.
  std::size_t set() noexcept
  {
    const std::size_t count = waiting_.size();
    set_ = true;
    broadcast(waiting_);
    return count;
  }

  void clear() noexcept
  {
    set_ = false;
  }

  bool start_wait(waiter& w, bool may_wait) noexcept
  {
    if (set_)
      return grant(w);
    return may_wait && park_for_broadcast(waiting_, w);
  }

  std::size_t cancel_all() noexcept
  {
    return decide_all(waiting_, outcome::cancelled) + revoke_all();
  }

protected:
  template <class Function>
  void visit_waits(const char* operation, Function& function) const
  {
    for (const waiter& w : waiting_)
      function(w, operation, 1);
  }

private:
  friend state_base<event_state>;

  wait_queue& queue_of(waiter&) noexcept
  {
    return waiting_;
  }

  bool give_back(waiter&) noexcept
  {
    return true;
  }

  wait_queue waiting_;
  bool set_ = false;
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_EVENT_STATE_HPP
