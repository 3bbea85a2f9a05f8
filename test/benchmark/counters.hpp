// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_TEST_BENCHMARK_COUNTERS_HPP
#define TORO_TEST_BENCHMARK_COUNTERS_HPP

#include <cstdint>

namespace bench {

/// What this program has asked of the heap and of the kernel.
struct counts
{
  std::int64_t allocations = 0;

  /// Bytes asked for; nothing is taken off when they are freed.
  std::int64_t requested = 0;

  /// Bytes in use, with what the heap rounds up and adds.
  std::int64_t heap = 0;

  std::int64_t epoll_waits = 0;
  std::int64_t timer_sets = 0;

  counts& operator+=(const counts& other) noexcept;
  counts& operator-=(const counts& other) noexcept;
};

/// The counts so far, of all threads. Exact while the others stand still.
/**
 * The whole malloc family is counted, because Asio's recycling allocator uses
 * std::aligned_alloc, which a counting operator new does not see.
 */
counts counted() noexcept;

} // namespace bench

#endif // TORO_TEST_BENCHMARK_COUNTERS_HPP
