// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_TEST_BENCHMARK_TRIAL_HPP
#define TORO_TEST_BENCHMARK_TRIAL_HPP

#include <chrono>
#include <cstddef>

#include "counters.hpp"

#include <time.h>

namespace bench {

/// One run of a workload: how much to do, and what that took.
/**
 * A workload either begins laps and asks again() after each operation, or marks
 * what is to be measured with start() and stop(), once or several times. The
 * time is that of the thread's processor, so that others who use the machine
 * matter less.
 */
class trial
{
public:
  explicit trial(std::size_t operations) noexcept
    : operations_(operations)
  {
  }

  std::size_t operations() const noexcept
  {
    return operations_;
  }

  /// Measure by the clock on the wall, for work on several threads.
  void measure_wall_time() noexcept
  {
    clock_ = CLOCK_MONOTONIC;
  }

  /// Begin with operations that are not measured, @p warm_up of them.
  void begin(std::size_t warm_up) noexcept
  {
    left_ = warm_up;
    phase_ = phase::warming_up;
  }

  /// Count an operation as done; tells whether to start another.
  bool again() noexcept
  {
    return --left_ != 0 || turn();
  }

  void start() noexcept;
  void stop() noexcept;

  /// What an operation takes, found by other means than start() and stop().
  void set_time_per_operation(std::chrono::nanoseconds each) noexcept
  {
    elapsed_ = each * operations_;
  }

  double nanoseconds_per_operation() const noexcept;

  const counts& used() const noexcept
  {
    return used_;
  }

private:
  enum class phase
  {
    warming_up,
    measured,
    over
  };

  bool turn() noexcept;
  std::chrono::nanoseconds now() const noexcept;

  std::size_t operations_;
  std::size_t left_ = 1;
  phase phase_ = phase::over;
  counts counts_at_start_;
  clockid_t clock_ = CLOCK_THREAD_CPUTIME_ID;
  std::chrono::nanoseconds started_{};
  counts used_;
  std::chrono::nanoseconds elapsed_{};
};

/// Ends the program where a workload did not do its work.
void require(bool done);

} // namespace bench

#endif // TORO_TEST_BENCHMARK_TRIAL_HPP
