// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_SEMAPHORE_STATE_HPP
#define TORO_DETAIL_STATE_SEMAPHORE_STATE_HPP

#include <toro/detail/state/state_base.hpp>

#include <cstddef>
#include <optional>

namespace toro::detail {

// A wait for permits.
class semaphore_waiter : public waiter
{
public:
  // How many permits the wait asks for; zero for a wait that takes none.
  std::size_t permits = 0;

protected:
  ~semaphore_waiter() = default;
};

// Implementation notes
//
// A permit is free, held or detached. Held permits belong to a guard, or are
// reserved by a grant. Detached permits are those that release() returns. A
// bounded semaphore has a fixed total. An unbounded one does not count detached
// permits, and release() makes new ones; free and held permits together stay
// countable, so that a guard can always return what it holds. A lock is a
// bounded semaphore of one permit.
class semaphore_state : public state_base<semaphore_state>
{
public:
  using waiter_type = semaphore_waiter;

  // For unbounded semaphores.
  static constexpr std::size_t unlimited = static_cast<std::size_t>(-1);

  semaphore_state(std::size_t value, std::size_t bound) noexcept
    : free_(value),
      bound_(bound)
  {
  }

  std::size_t value() const noexcept
  {
    return free_;
  }

  std::size_t waiters() const noexcept
  {
    return acquirers_.size() + watchers_.size();
  }

  // Calls a function with each wait, the name of its operation, and how much it
  // asks for.
  template <class Function>
  void visit_waits(Function function) const
  {
    for (const waiter& w : acquirers_)
      function(w, "async_acquire",
               static_cast<const semaphore_waiter&>(w).permits);
    for (const waiter& w : watchers_)
      function(w, "async_wait", 1);
  }

  // Whether a request for this many can ever be granted.
  bool possible(std::size_t n) const noexcept
  {
    return n <= max_count && n <= bound_;
  }

  bool try_acquire(std::size_t n) noexcept
  {
    if (n > free_ || !acquirers_.empty())
      return false;
    free_ -= n;
    held_ += n;
    return true;
  }

  // Returns detached permits, or adds permits if there is no bound. Returns how
  // many waits were granted. If n is too large, changes and returns nothing.
  std::optional<std::size_t> release(std::size_t n) noexcept
  {
    const std::size_t total = bound_ == unlimited ? max_count : bound_;
    if (n > total - free_ - held_)
      return std::nullopt;
    free_ += n;
    const std::size_t waiting = waiters();
    if (waiting != 0)
      grant_waiters();
    return waiting - waiters();
  }

  // A guard returns what it holds.
  void release_held(std::size_t n) noexcept
  {
    held_ -= n;
    free_ += n;
    if (waiters() != 0)
      grant_waiters();
  }

  // A guard gives up its permits without returning them.
  void detach(std::size_t n) noexcept
  {
    held_ -= n;
  }

  bool start_acquire(semaphore_waiter& w, bool may_wait) noexcept
  {
    // A request for zero permits neither waits for others nor delays them.
    if (w.permits == 0 || try_acquire(w.permits))
      return grant(w);
    return start_to_wait(w, may_wait);
  }

  // A wait until a permit is free and no acquirer waits. It takes none.
  bool start_wait(semaphore_waiter& w, bool may_wait) noexcept;

  std::size_t cancel_all() noexcept;
  void grant_waiters() noexcept;

private:
  friend state_base<semaphore_state>;

  enum queue_index : unsigned char
  {
    acquire_queue,
    watch_queue
  };

  wait_queue& queue_of(waiter& w) noexcept
  {
    return w.queue_index == acquire_queue ? acquirers_ : watchers_;
  }

  bool start_to_wait(semaphore_waiter& w, bool may_wait) noexcept
  {
    if (!possible(w.permits))
    {
      decide(w, outcome::impossible);
      return true;
    }
    w.queue_index = acquire_queue;
    return may_wait && park(acquirers_, w);
  }

  bool give_back(waiter& w) noexcept;

  // Invariant: the first one asks for more permits than are free.
  wait_queue acquirers_;

  // Invariant: empty while permits are free and no acquirer waits.
  wait_queue watchers_;

  // Invariant: free_ + held_ is at most max_count, and at most the bound.
  // Order: not side by side. Otherwise g++ 12 changes both in one vector
  // register, and the next read of one of them has to wait for that.
  std::size_t free_;
  std::size_t bound_;
  std::size_t held_ = 0;
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_SEMAPHORE_STATE_HPP
