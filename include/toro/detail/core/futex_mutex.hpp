// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_CORE_FUTEX_MUTEX_HPP
#define TORO_DETAIL_CORE_FUTEX_MUTEX_HPP

#include <toro/detail/core/single_threaded.hpp>

#include <boost/config.hpp>

#include <atomic>
#include <mutex>

namespace toro::detail {

#if defined(__linux__) && !defined(TORO_DETAIL_PORTABLE_MUTEX)

// Implementation notes
//
// A mutex for sections of a few pointer writes: locking and unlocking are one
// atomic operation each, and plain writes while the program has one thread.
// Whoever finds it taken for longer than that sleeps on the word, in the
// kernel. Prior art: the third mutex of Drepper's "Futexes Are Tricky".
class futex_mutex
{
public:
  BOOST_FORCEINLINE void lock() noexcept
  {
    if (is_single_threaded())
      return state_.store(taken, std::memory_order_relaxed);
    word seen = open;
    if (!state_.compare_exchange_strong(seen, taken, std::memory_order_acquire,
                                        std::memory_order_relaxed)) [[unlikely]]
      wait();
  }

  BOOST_FORCEINLINE void unlock() noexcept
  {
    if (is_single_threaded())
      return state_.store(open, std::memory_order_relaxed);
    // Safety: once the word says open, another thread may destroy the mutex.
    // Waking uses the address and not what is there.
    if (state_.exchange(open, std::memory_order_release) == awaited)
        [[unlikely]]
      wake(&state_);
  }

private:
  // What the kernel waits for.
  using word = int;

  static constexpr word open = 0;
  static constexpr word taken = 1;

  // Taken, and somebody may be asleep.
  static constexpr word awaited = 2;

  // Why not std::atomic::wait: that of libstdc++ yields and looks again
  // whenever the word differs, so a thread that never sleeps may starve beside
  // one that locks in a loop. That of libc++ can lose a wake-up on ARM and
  // POWER.
  void wait() noexcept;
  static void wake(const void* address) noexcept;

  std::atomic<word> state_ = open;
};

#else

// That of the system: who waits for it sleeps and is woken, and it may be
// destroyed as soon as another thread has locked and unlocked it.
using futex_mutex = std::mutex;

#endif

} // namespace toro::detail

#endif // TORO_DETAIL_CORE_FUTEX_MUTEX_HPP
