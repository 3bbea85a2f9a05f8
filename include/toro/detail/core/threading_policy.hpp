// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_CORE_THREADING_POLICY_HPP
#define TORO_DETAIL_CORE_THREADING_POLICY_HPP

#include <toro/threading.hpp>

#include <toro/detail/compat.hpp>
#include <toro/detail/config.hpp>
#include <toro/detail/core/futex_mutex.hpp>
#include <toro/detail/core/single_threaded.hpp>

#include <boost/assert.hpp>

#include <atomic>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace toro::detail {

// The mutex of objects that an executor serializes: an assertion that it does.
// A program may have translation units with the assertion and others without.
// Either may unlock what the other locked, so unlocking is the same in both.
class entry_check
{
public:
  void lock() noexcept
  {
    BOOST_ASSERT_MSG(
        !entered_.exchange(true, std::memory_order_relaxed),
        "a strand_bound object was entered by two threads at once");
  }

  void unlock() noexcept
  {
    entered_.store(false, std::memory_order_relaxed);
  }

private:
  std::atomic<bool> entered_ = false;
};

// The lock of an entry. A function that gets it by value unlocks it. Why not
// std::unique_lock: that checks at each step whether it has a mutex, and
// throws.
template <class Mutex>
class entry_lock
{
public:
  entry_lock() noexcept = default;

  TORO_DETAIL_FORCEINLINE explicit entry_lock(Mutex& mutex) noexcept
    : mutex_(&mutex)
  {
    mutex_->lock();
  }

  TORO_DETAIL_FORCEINLINE entry_lock(entry_lock&& other) noexcept
    : mutex_(std::exchange(other.mutex_, nullptr))
  {
  }

  // Requires !owns_lock().
  entry_lock& operator=(entry_lock&& other) noexcept
  {
    mutex_ = std::exchange(other.mutex_, nullptr);
    return *this;
  }

  TORO_DETAIL_FORCEINLINE ~entry_lock()
  {
    if (mutex_)
      mutex_->unlock();
  }

  // Requires owns_lock().
  TORO_DETAIL_FORCEINLINE void unlock() noexcept
  {
    std::exchange(mutex_, nullptr)->unlock();
  }

  // Requires !owns_lock().
  void lock(Mutex& mutex) noexcept
  {
    mutex.lock();
    mutex_ = &mutex;
  }

  bool owns_lock() const noexcept
  {
    return mutex_ != nullptr;
  }

private:
  Mutex* mutex_ = nullptr;
};

// A count to which any amount can be added, so that it may have parts.
class atomic_count
{
public:
  using value_type = std::uint64_t;

  explicit atomic_count(value_type value) noexcept
    : value_(value)
  {
  }

  TORO_DETAIL_FORCEINLINE void add(value_type amount) noexcept
  {
    if (is_single_threaded())
      set(get() + amount);
    else
      value_.fetch_add(amount, std::memory_order_relaxed);
  }

  // Fails if the count is zero.
  bool try_add(value_type amount) noexcept
  {
    value_type seen = get();
    while (seen != 0)
    {
      if (value_.compare_exchange_weak(seen, seen + amount,
                                       std::memory_order_acquire))
        return true;
    }
    return false;
  }

  // Returns whether the count is zero now.
  TORO_DETAIL_FORCEINLINE bool subtract(value_type amount) noexcept
  {
    if (!is_single_threaded())
      return value_.fetch_sub(amount, std::memory_order_acq_rel) == amount;
    set(get() - amount);
    return get() == 0;
  }

  value_type read() const noexcept
  {
    return value_.load(std::memory_order_acquire);
  }

private:
  value_type get() const noexcept
  {
    return value_.load(std::memory_order_relaxed);
  }

  void set(value_type value) noexcept
  {
    value_.store(value, std::memory_order_relaxed);
  }

  std::atomic<value_type> value_;
};

class plain_count
{
public:
  using value_type = std::uint64_t;

  explicit plain_count(value_type value) noexcept
    : value_(value)
  {
  }

  void add(value_type amount) noexcept
  {
    value_ += amount;
  }

  bool try_add(value_type amount) noexcept
  {
    if (value_ == 0)
      return false;
    value_ += amount;
    return true;
  }

  bool subtract(value_type amount) noexcept
  {
    value_ -= amount;
    return value_ == 0;
  }

  value_type read() const noexcept
  {
    return value_;
  }

private:
  value_type value_;
};

// The same as exchange(), if there is no other thread.
template <class T>
T* exchange_plainly(std::atomic<T*>& slot, T* value) noexcept
{
  T* const old = slot.load(std::memory_order_relaxed);
  slot.store(value, std::memory_order_relaxed);
  return old;
}

// What a threading policy means for the core.
template <class Threading>
struct threading_policy;

template <>
struct threading_policy<thread_safe>
{
  using mutex_type = std::conditional_t<has_threads, futex_mutex, null_mutex>;
  using count_type = atomic_count;

  static constexpr bool is_shared = true;

  template <class T>
  static T* exchange(std::atomic<T*>& slot, T* value) noexcept
  {
    if (is_single_threaded())
      return detail::exchange_plainly(slot, value);
    return slot.exchange(value, std::memory_order_acq_rel);
  }
};

template <>
struct threading_policy<strand_bound>
{
  using mutex_type = entry_check;
  using count_type = plain_count;

  static constexpr bool is_shared = false;

  template <class T>
  static T* exchange(std::atomic<T*>& slot, T* value) noexcept
  {
    return detail::exchange_plainly(slot, value);
  }
};

} // namespace toro::detail

#endif // TORO_DETAIL_CORE_THREADING_POLICY_HPP
