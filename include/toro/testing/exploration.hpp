// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TESTING_EXPLORATION_HPP
#define TORO_TESTING_EXPLORATION_HPP

#include <toro/testing/schedule.hpp>

#include <toro/detail/config.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

namespace toro::testing {

/// The exception of an exploration that has found a failure.
/**
 * @c what() says how the test failed, and has a line of code that replays it.
 * The exception of the test, if there was one, is nested
 * (@c std::nested_exception).
 *
 * @sa explore, explore_all, for_each_failure
 */
class TORO_DETAIL_VISIBLE exploration_failed : public std::runtime_error
{
public:
  /// Constructs the exception.
  /**
   * @param text What happened.
   *
   * @param replay The code that replays it.
   */
  exploration_failed(const std::string& text, std::string replay)
    : std::runtime_error(text + "\nreplay: " + replay),
      replay_(std::move(replay))
  {
  }

  /// Get the code that makes a simulation in which the test fails again.
  /**
   * @returns A definition of a simulation.
   */
  const std::string& replay() const noexcept
  {
    return replay_;
  }

private:
  std::string replay_;
};

/// The exception of an exploration that has reached its bound.
/**
 * No failure was found. @c what() says how far it got.
 *
 * @sa explore_all
 */
class TORO_DETAIL_VISIBLE exploration_incomplete : public std::runtime_error
{
public:
  using std::runtime_error::runtime_error;
};

/// What explore() tries.
struct TORO_DETAIL_VISIBLE explore_options
{
  /// How many seeds.
  std::uint64_t seeds = 256;

  /// The first of them.
  std::uint64_t first_seed = 0;

  /// Whether a run may end stuck.
  bool allow_stuck = false;
};

/// What explore_all() tries.
struct TORO_DETAIL_VISIBLE explore_all_options
{
  /// For how many handlers of a run all orders are tried. Those that follow run
  /// in the order of submission; if there are any, the exploration is not
  /// complete.
  std::size_t handlers = std::numeric_limits<std::size_t>::max();

  /// How many schedules at most.
  std::uint64_t schedules = 1'000'000;

  /// Whether a run may end stuck.
  bool allow_stuck = false;

  /// Whether explore_all() may end before all orders were tried. Otherwise it
  /// throws exploration_incomplete then.
  bool allow_incomplete = false;
};

/// What explore_all() has tried.
struct TORO_DETAIL_VISIBLE exploration
{
  /// How many schedules.
  std::uint64_t schedules = 0;

  /// Whether these were all that there are.
  bool is_complete = true;
};

namespace detail {

// What became of one run of a test.
struct verdict
{
  bool has_failed = false;

  // Why it failed.
  std::string reason;
  std::exception_ptr error;

  // Whether the reason is the failure that the test was to meet.
  bool is_injected = false;

  void fail(std::string why)
  {
    has_failed = true;
    reason = std::move(why);
  }

  // The current exception is the reason.
  void fail_by_exception();
};

// The outcome of a run that has failed, and of the one that replays it.
[[noreturn]] void throw_failed(std::string text, const verdict& first,
                               const verdict& again, bool is_same,
                               std::string replay);

// How far an exploration got, whose next run would be this one.
std::string incomplete_text(const exploration& done,
                            const explore_all_options& options,
                            const choices& next);

} // namespace detail

} // namespace toro::testing

#endif // TORO_TESTING_EXPLORATION_HPP
