// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_TEST_BENCHMARK_ROW_HPP
#define TORO_TEST_BENCHMARK_ROW_HPP

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "trial.hpp"

namespace bench {

/// Who does the work.
enum class contender
{
  strand_bound,
  thread_safe,
  channel,
  concurrent_channel,
  timer,
  fiber,
  mutex,
  asio
};

/// The name of a contender in tables.
const char* name_of(contender who) noexcept;

/// What a row tells of an operation.
enum class unit
{
  posts,        ///< its time, in bare posts
  nanoseconds,  ///< its time
  posts_beyond, ///< by how many posts it takes longer than the row's base
  times_base,   ///< how many times as long as the row's base it takes
  bytes         ///< what it leaves on the heap
};

/// What is to be reached, where that was decided.
struct targets
{
  std::optional<double> strand_bound = std::nullopt;
  std::optional<double> thread_safe = std::nullopt;

  /// How many allocations an operation may make beyond those of the row's base.
  /// Without this it may make none, whatever the base does.
  std::optional<double> allocations = std::nullopt;
};

/// A kind of work that several contenders do.
struct work
{
  std::string workload;
  std::string variant;
  targets at_most = {};
  unit told_in = unit::posts;

  /// A trial takes this number of operations or a multiple of it.
  std::size_t batch = 1;

  /// Whether a simulated processor does the same; clocks and threads do not.
  bool countable = true;
};

using procedure = std::function<void(trial&)>;

/// A line of the table.
struct row
{
  work what;
  contender who;
  procedure run;

  /// What the figure is taken against, where the unit says so.
  procedure base = nullptr;

  /// What names the row on the command line.
  std::string name() const;

  std::optional<double> target() const;
};

using rows = std::vector<row>;

} // namespace bench

#endif // TORO_TEST_BENCHMARK_ROW_HPP
