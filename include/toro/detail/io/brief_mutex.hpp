// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_IO_BRIEF_MUTEX_HPP
#define TORO_DETAIL_IO_BRIEF_MUTEX_HPP

#include <toro/detail/io/compat.hpp>

#include <boost/config.hpp>

#include <atomic>

namespace toro::detail {

// Implementation notes
//
// A mutex for sections of a few pointer writes: locking and unlocking are one
// atomic operation each, and plain writes while the program has one thread.
// Whoever finds it taken sleeps on the word. Prior art: the third mutex of
// Drepper's "Futexes Are Tricky".
class brief_mutex
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
    // Waking uses the address and not what is there, as it has to in a
    // std::latch, which may be destroyed as early.
    if (state_.exchange(open, std::memory_order_release) == awaited)
        [[unlikely]]
      state_.notify_one();
  }

private:
  // What the system can wait for without a detour.
  using word = int;

  static constexpr word open = 0;
  static constexpr word taken = 1;

  // Taken, and somebody may be asleep.
  static constexpr word awaited = 2;

  BOOST_NOINLINE void wait() noexcept
  {
    while (state_.exchange(awaited, std::memory_order_acquire) != open)
      state_.wait(awaited, std::memory_order_relaxed);
  }

  std::atomic<word> state_ = open;
};

} // namespace toro::detail

#endif // TORO_DETAIL_IO_BRIEF_MUTEX_HPP
