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
  // How many permits the wait asks for, or was granted; zero for a wait that
  // takes none.
  std::size_t permits = 0;

protected:
  ~semaphore_waiter() = default;
};

// Implementation notes
//
// A permit is free, held or detached. Held permits belong to a guard, or are
// reserved by a grant. Detached permits are those that release() returns. A
// bounded semaphore has a total. If resize() makes it smaller than what is held
// and detached, the difference is a debt: permits that are returned pay it, and
// are gone. An unbounded semaphore does not count detached permits, and
// release() makes new ones; free and held permits together stay countable, so
// that a guard can always return what it holds. A lock is a bounded semaphore
// of one permit.
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
      function(w,
               w.queue_index == acquire_queue ? "async_acquire"
                                              : "async_acquire_some",
               static_cast<const semaphore_waiter&>(w).permits);
    for (const waiter& w : watchers_)
      function(w, "async_wait", 1);
  }

  bool is_open() const noexcept
  {
    return open_;
  }

  // Whether a request for this many can ever be granted.
  bool possible(std::size_t n) const noexcept
  {
    return n <= max_count && n <= bound_;
  }

  bool try_acquire(std::size_t n) noexcept
  {
    if (n > free_ || !open_ || !acquirers_.empty())
      return false;
    free_ -= n;
    held_ += n;
    return true;
  }

  // Returns detached permits, or adds permits if there is no bound. Returns how
  // many waits were granted. If n is too large, changes and returns nothing.
  std::optional<std::size_t> release(std::size_t n) noexcept
  {
    const std::size_t total = bound_ == unlimited ? max_count : bound_ + debt_;
    if (n > total - free_ - held_)
      return std::nullopt;
    add_free(n);
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
    // Both in one condition, since guards are released often.
    if ((waiters() | debt_) != 0)
    {
      pay_debt();
      grant_waiters();
    }
  }

  // A guard gives up its permits without returning them.
  void detach(std::size_t n) noexcept
  {
    held_ -= n;
  }

  // Ends all waits, and lets no operation begin. Returns how many ended.
  std::size_t close() noexcept;

  // Changes the total of a bounded semaphore. Returns how many waits were
  // granted; those that can never be granted now end.
  std::size_t resize(std::size_t total) noexcept;

  bool start_acquire(semaphore_waiter& w, bool may_wait) noexcept
  {
    return start_in(acquire_queue, w, may_wait);
  }

  // Acquires permits, and more of them by take_more().
  bool start_acquire_some(semaphore_waiter& w, bool may_wait) noexcept
  {
    return start_in(some_queue, w, may_wait);
  }

  // A wait whose grant was just committed gets what is free, up to a limit, if
  // no acquirer waits.
  void take_more(semaphore_waiter& w, std::size_t most) noexcept;

  // A wait until a permit is free and no acquirer waits. It takes none.
  bool start_wait(semaphore_waiter& w, bool may_wait) noexcept;

  std::size_t cancel_all() noexcept;
  void grant_waiters() noexcept;

private:
  friend state_base<semaphore_state>;

  enum queue_index : unsigned char
  {
    acquire_queue,
    some_queue, // the same queue
    watch_queue
  };

  wait_queue& queue_of(waiter& w) noexcept
  {
    return w.queue_index == watch_queue ? watchers_ : acquirers_;
  }

  bool start_in(queue_index queue, semaphore_waiter& w, bool may_wait) noexcept
  {
    // A request for zero permits neither waits for others nor delays them.
    if (open_ && (w.permits == 0 || try_acquire(w.permits)))
      return grant(w);
    return start_to_wait(queue, w, may_wait);
  }

  bool start_to_wait(queue_index queue, semaphore_waiter& w,
                     bool may_wait) noexcept
  {
    if (!open_ || !possible(w.permits))
    {
      decide(w, open_ ? outcome::impossible : outcome::closed);
      return true;
    }
    w.queue_index = queue;
    return may_wait && park(acquirers_, w);
  }

  // Permits come back: the debt is paid first.
  void add_free(std::size_t n) noexcept
  {
    free_ += n;
    if (debt_ != 0) [[unlikely]]
      pay_debt();
  }

  bool give_back(waiter& w) noexcept;
  void pay_debt() noexcept;

  // Invariant: the first one asks for more permits than are free.
  wait_queue acquirers_;

  // Invariant: empty while permits are free and no acquirer waits.
  wait_queue watchers_;

  // Invariant: free_ + held_ is at most max_count, and at most bound_ + debt_.
  // Order: not side by side. Otherwise g++ 12 changes both in one vector
  // register, and the next read of one of them has to wait for that.
  std::size_t free_;
  std::size_t bound_;
  std::size_t held_ = 0;

  // How much more is held and detached than the bound allows.
  // Invariant: zero while permits are free.
  std::size_t debt_ = 0;

  // Invariant: nobody waits unless it is open.
  bool open_ = true;
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_SEMAPHORE_STATE_HPP
