// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_IO_POLICY_HPP
#define TORO_DETAIL_IO_POLICY_HPP

#include <toro/threading.hpp>

#include <toro/detail/io/brief_mutex.hpp>
#include <toro/detail/io/compat.hpp>
#include <toro/detail/io/yield.hpp>

#include <boost/assert.hpp>
#include <boost/config.hpp>

#include <atomic>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace toro::detail {

// Stands for the mutex where an executor serialises, and tells when it did
// not. The flag is there in every build, so that builds with and without the
// assertion fit together.
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
    BOOST_ASSERT((entered_.store(false, std::memory_order_relaxed), true));
  }

private:
  std::atomic<bool> entered_ = false;
};

// Holds a mutex until its end, unless somebody else is to unlock it. Why not
// std::unique_lock: that checks at each step whether it has a mutex.
template <class Mutex>
class entry
{
public:
  BOOST_FORCEINLINE explicit entry(Mutex& mutex) noexcept
    : mutex_(&mutex)
  {
    mutex_->lock();
  }

  entry(const entry&) = delete;
  entry& operator=(const entry&) = delete;

  BOOST_FORCEINLINE ~entry()
  {
    if (mutex_)
      mutex_->unlock();
  }

  // Leaves it to the caller to unlock.
  Mutex* release() noexcept
  {
    return std::exchange(mutex_, nullptr);
  }

private:
  Mutex* mutex_;
};

class atomic_count
{
public:
  explicit atomic_count(std::size_t value) noexcept
    : value_(value)
  {
  }

  BOOST_FORCEINLINE void increment() noexcept
  {
    if (is_single_threaded())
      set(get() + 1);
    else
      value_.fetch_add(1, std::memory_order_relaxed);
  }

  // Fails where the count is zero.
  bool try_increment() noexcept
  {
    std::size_t seen = get();
    while (seen != 0)
    {
      if (value_.compare_exchange_weak(seen, seen + 1,
                                       std::memory_order_acquire))
        return true;
    }
    return false;
  }

  // Returns whether that was the last one.
  BOOST_FORCEINLINE bool decrement() noexcept
  {
    if (!is_single_threaded())
      return value_.fetch_sub(1, std::memory_order_acq_rel) == 1;
    set(get() - 1);
    return get() == 0;
  }

  bool is_zero() const noexcept
  {
    return value_.load(std::memory_order_acquire) == 0;
  }

private:
  std::size_t get() const noexcept
  {
    return value_.load(std::memory_order_relaxed);
  }

  void set(std::size_t value) noexcept
  {
    value_.store(value, std::memory_order_relaxed);
  }

  std::atomic<std::size_t> value_;
};

class plain_count
{
public:
  explicit plain_count(std::size_t value) noexcept
    : value_(value)
  {
  }

  void increment() noexcept
  {
    ++value_;
  }

  bool try_increment() noexcept
  {
    return value_ != 0 && ++value_ != 0;
  }

  bool decrement() noexcept
  {
    return --value_ == 0;
  }

  bool is_zero() const noexcept
  {
    return value_ == 0;
  }

private:
  std::size_t value_;
};

// Where no other thread is there.
template <class T>
T* exchange_plainly(std::atomic<T*>& slot, T* value) noexcept
{
  T* const old = slot.load(std::memory_order_relaxed);
  slot.store(value, std::memory_order_relaxed);
  return old;
}

// What a threading policy means for the shared block.
template <class Threading>
struct policy;

template <>
struct policy<thread_safe>
{
  using mutex_type = std::conditional_t<has_threads, brief_mutex, null_mutex>;
  using count_type = atomic_count;

  static constexpr bool is_shared = true;

  template <class T>
  static T* exchange(std::atomic<T*>& slot, T* value) noexcept
  {
    if (is_single_threaded())
      return detail::exchange_plainly(slot, value);
    return slot.exchange(value, std::memory_order_acq_rel);
  }

  // Lets the thread that has to go first go on.
  static void relax() noexcept
  {
    yield();
  }
};

template <>
struct policy<strand_bound>
{
  using mutex_type = entry_check;
  using count_type = plain_count;

  static constexpr bool is_shared = false;

  template <class T>
  static T* exchange(std::atomic<T*>& slot, T* value) noexcept
  {
    return detail::exchange_plainly(slot, value);
  }

  static void relax() noexcept
  {
  }
};

} // namespace toro::detail

#endif // TORO_DETAIL_IO_POLICY_HPP
