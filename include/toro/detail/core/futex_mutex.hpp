// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_CORE_FUTEX_MUTEX_HPP
#define TORO_DETAIL_CORE_FUTEX_MUTEX_HPP

#include <toro/detail/config.hpp>
#include <toro/detail/core/single_threaded.hpp>

#include <atomic>
#include <mutex>

namespace toro::detail {

#if defined(__linux__) && !defined(TORO_DETAIL_PORTABLE_MUTEX)

// Implementation notes
//
// A mutex for sections of a few pointer writes. Locking and unlocking are one
// atomic operation each, and plain writes while the program has one thread. A
// thread that finds the mutex taken for longer than such a section sleeps on
// the word, in the kernel. Prior art: the third mutex of Drepper's "Futexes Are
// Tricky".
class futex_mutex
{
public:
  TORO_DETAIL_FORCEINLINE void lock() noexcept
  {
    if (is_single_threaded())
      return state_.store(taken, std::memory_order_relaxed);
    word seen = open;
    if (!state_.compare_exchange_strong(seen, taken, std::memory_order_acquire,
                                        std::memory_order_relaxed)) [[unlikely]]
      wait();
  }

  TORO_DETAIL_FORCEINLINE void unlock() noexcept
  {
    if (is_single_threaded())
      return state_.store(open, std::memory_order_relaxed);
    // Safety: once the word says open, another thread may destroy the mutex.
    // The wake-up uses the address only, not the memory there.
    if (state_.exchange(open, std::memory_order_release) == awaited)
        [[unlikely]]
      wake(&state_);
  }

private:
  // The type of word that the kernel can wait on.
  using word = int;

  static constexpr word open = 0;
  static constexpr word taken = 1;

  // Taken, and a thread may be asleep.
  static constexpr word awaited = 2;

  // Why not std::atomic::wait: that of libstdc++ yields and looks again
  // whenever the word differs, so a thread may starve, without ever sleeping,
  // beside one that locks in a loop. That of libc++ can lose a wake-up on ARM
  // and POWER.
  void wait() noexcept;
  static void wake(const void* address) noexcept;

  std::atomic<word> state_ = open;
};

#else

// The system's mutex: a waiting thread sleeps and is woken, and the mutex may
// be destroyed as soon as another thread has locked and unlocked it.
using futex_mutex = std::mutex;

#endif

} // namespace toro::detail

#endif // TORO_DETAIL_CORE_FUTEX_MUTEX_HPP
