// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/core/futex_mutex.hpp>

#if defined(__linux__) && !defined(TORO_DETAIL_PORTABLE_MUTEX)

#include <atomic>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace toro::detail {

namespace {

// About as long as another processor holds the mutex for a few pointer writes.
constexpr int pauses = 100;

#if defined(SYS_futex)
constexpr long futex = SYS_futex;
#else
// The name on 32-bit systems with a 64-bit time_t.
constexpr long futex = SYS_futex_time64;
#endif

// Tells the processor that this thread only waits.
void pause() noexcept
{
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

} // namespace

void futex_mutex::wait() noexcept
{
  static_assert(sizeof state_ == sizeof(word));
  for (int i = 0; i != pauses; ++i)
  {
    pause();
    word seen = open;
    if (state_.load(std::memory_order_relaxed) == open &&
        state_.compare_exchange_weak(seen, taken, std::memory_order_acquire,
                                     std::memory_order_relaxed))
      return;
  }
  // The kernel returns early if the word has changed, or spuriously.
  while (state_.exchange(awaited, std::memory_order_acquire) != open)
    ::syscall(futex, &state_, FUTEX_WAIT_PRIVATE, awaited, nullptr);
}

void futex_mutex::wake(const void* address) noexcept
{
  ::syscall(futex, address, FUTEX_WAKE_PRIVATE, 1);
}

} // namespace toro::detail

#endif
