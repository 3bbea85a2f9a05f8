// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_RW_LOCK_STATE_HPP
#define TORO_DETAIL_STATE_RW_LOCK_STATE_HPP

#include <toro/detail/state/state_base.hpp>

#include <cstddef>
#include <optional>

namespace toro::detail {

// The access that an owner of the lock has.
enum class rw_access : unsigned char
{
  read,
  write
};

// Implementation notes
//
// Readers and writers wait in one queue, so that none starves: a reader that
// comes after a waiting writer waits behind it, and adjacent readers at the
// front are granted together. A waiting writer owns nothing, so waiting changes
// nothing that can be observed.
//
// A reader that waits to become the writer (an upgrade) stays a reader. It
// comes before all others, who cannot enter meanwhile. There is at most one:
// two would wait for each other.
class rw_lock_state : public state_base<rw_lock_state>
{
public:
  using waiter_type = waiter;

  explicit rw_lock_state(std::size_t max_readers) noexcept
    : max_readers_(max_readers)
  {
  }

  std::size_t readers() const noexcept
  {
    return readers_;
  }

  bool write_locked() const noexcept
  {
    return writing_;
  }

  bool locked() const noexcept
  {
    return writing_ || !upgrades_.empty() || readers_ == max_readers_;
  }

  std::size_t waiters() const noexcept
  {
    return waiting_.size() + upgrades_.size();
  }

  // Calls a function with each wait, the name of its operation, and how much it
  // asks for.
  template <class Function>
  void visit_waits(Function function) const
  {
    for (const waiter& w : upgrades_)
      function(w, "async_upgrade", 1);
    for (const waiter& w : waiting_)
      function(w,
               static_cast<rw_access>(w.queue_index) == rw_access::read
                   ? "async_acquire_read"
                   : "async_acquire_write",
               1);
  }

  bool try_acquire(rw_access access) noexcept;

  // Releases an ownership that was detached from its guard. Returns how many
  // waits were granted. If no ownership of this kind is detached, changes and
  // returns nothing.
  std::optional<std::size_t> release(rw_access access) noexcept;

  // A guard releases its ownership.
  void release_held(rw_access access) noexcept;

  // A guard gives up its ownership without releasing the lock.
  void detach(rw_access access) noexcept;

  // The ownership of a guard changes from write to read. If the lock admits no
  // readers at all, changes nothing and returns false.
  bool downgrade() noexcept;

  // The ownership of a guard changes from read to write. If there are other
  // readers, or another upgrade waits, changes nothing and returns false.
  bool try_upgrade() noexcept;

  bool start_acquire(waiter& w, rw_access access, bool may_wait) noexcept;
  bool start_upgrade(waiter& w, bool may_wait) noexcept;

  std::size_t cancel_all() noexcept;
  void grant_waiters() noexcept;

private:
  friend state_base<rw_lock_state>;

  // The queue index of an upgrade. That of another wait is its access.
  static constexpr unsigned char upgrade_index = 2;

  wait_queue& queue_of(waiter& w) noexcept
  {
    return w.queue_index == upgrade_index ? upgrades_ : waiting_;
  }

  bool give_back(waiter& w) noexcept;
  bool free_for(rw_access access) const noexcept;
  void enter(rw_access access) noexcept;
  void leave(rw_access access) noexcept;

  // Invariant: the lock is not free for the first one.
  wait_queue waiting_;

  // Invariant: at most one, and then there is another reader.
  wait_queue upgrades_;

  std::size_t max_readers_;

  // Invariant: zero while writing_.
  std::size_t readers_ = 0;

  // Invariant: at most readers_.
  std::size_t detached_readers_ = 0;

  bool writing_ = false;

  // Invariant: false unless writing_.
  bool detached_writer_ = false;
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_RW_LOCK_STATE_HPP
