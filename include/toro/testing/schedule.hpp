// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TESTING_SCHEDULE_HPP
#define TORO_TESTING_SCHEDULE_HPP

#include <toro/detail/config.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace toro::testing {

/// A decision of a schedule: which of several ready handlers ran.
struct TORO_DETAIL_VISIBLE choice
{
  /// The position of the handler that ran, in the order of submission. Range: 0
  /// to @c of - 1.
  std::uint32_t taken;

  /// How many handlers were ready. At least 2.
  std::uint32_t of;

  /// Compare two decisions.
  friend bool operator==(const choice&, const choice&) = default;
};

/// A schedule: the decisions of a run, in order.
/**
 * A handler that is alone is no decision. After the last decision, handlers run
 * in the order of submission.
 *
 * @sa simulation, explore_all
 */
using choices = std::vector<choice>;

/// The exception of a replay that differs from the run it replays.
/**
 * The program depends on something besides its schedule, such as addresses,
 * the order of a hash table, a real clock or another thread, or it was changed
 * since.
 */
class TORO_DETAIL_VISIBLE schedule_mismatch : public std::logic_error
{
public:
  using std::logic_error::logic_error;
};

namespace detail {

// Selects the ready handler that runs next: the oldest one, or one by a seed.
// Before that it replays the decisions that it was given.
class schedule
{
public:
  static constexpr std::size_t unlimited =
      std::numeric_limits<std::size_t>::max();

  // The oldest handler first.
  schedule() = default;

  // A handler that the seed selects.
  explicit schedule(std::uint64_t seed) noexcept
    : is_random_(true),
      random_(seed)
  {
  }

  // The oldest handler first, after some decisions. The decisions are recorded
  // for so many handlers.
  explicit schedule(choices replayed, std::size_t handlers = unlimited)
    : recorded_(handlers),
      replayed_(replayed.size()),
      made_(std::move(replayed))
  {
  }

  // Returns the position of the handler that runs next. Throws
  // schedule_mismatch.
  std::size_t choose(std::size_t ready)
  {
    ++handlers_;
    return ready == 1 ? 0 : decide(ready);
  }

  // The decisions, if they are recorded.
  const choices& made() const noexcept
  {
    return made_;
  }

  // Whether there was a decision that is not recorded, because of the number of
  // handlers.
  bool is_bounded() const noexcept
  {
    return bounded_;
  }

  // Whether the run was as long as the one that it replays.
  bool is_replayed() const noexcept
  {
    return decisions_ >= replayed_;
  }

  // A number that differs if the decisions differ.
  std::uint64_t fingerprint() const noexcept
  {
    return fingerprint_;
  }

private:
  std::size_t decide(std::size_t ready);

  bool is_random_ = false;
  bool bounded_ = false;
  std::uint64_t random_ = 0;
  std::uint64_t fingerprint_ = 0;
  std::size_t handlers_ = 0;
  std::size_t recorded_ = 0;
  std::size_t decisions_ = 0;

  // How many elements of made_ were given.
  std::size_t replayed_ = 0;
  choices made_;
};

// Changes the decisions of a run to those of the next one, depth first. Returns
// false if there is none.
bool advance(choices& path) noexcept;

// The part of all runs that comes before this one, depth first. Range: 0 to 1.
double progress(const choices& path) noexcept;

// The decisions as the source text of an initializer.
std::string to_text(const choices& path);

} // namespace detail

} // namespace toro::testing

#endif // TORO_TESTING_SCHEDULE_HPP
