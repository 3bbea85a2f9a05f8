// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_TEST_BENCHMARK_MEASURE_HPP
#define TORO_TEST_BENCHMARK_MEASURE_HPP

#include <cstddef>
#include <optional>

#include "row.hpp"

namespace bench {

/// How thoroughly to measure.
struct effort
{
  std::size_t samples = 9;

  /// Operations of a trial; without it, as many as take a few milliseconds.
  std::optional<std::size_t> operations;
};

/// What a row comes to; where it says per, per operation.
struct figures
{
  // In the unit of the row.
  double median = 0;
  double least = 0;
  double most = 0;

  double nanoseconds = 0;
  double allocations_per = 0;
  double base_allocations_per = 0;
  double requested_bytes_per = 0;
  double heap_bytes_per = 0;
  double epoll_waits_per = 0;
  double timer_sets_per = 0;

  std::size_t operations = 0;
  std::optional<double> instructions_per;

  /// Whether the row's target is reached, where it has one.
  std::optional<bool> reached;
};

struct result
{
  row what;
  figures is;
};

/// Measure a row: each sample stands between two measurements of a bare post.
figures measure(const row& what, effort how);

/// The least multiple of the row's batch that is no less than @p wanted.
std::size_t whole_batches(const row& what, std::size_t wanted);

} // namespace bench

#endif // TORO_TEST_BENCHMARK_MEASURE_HPP
