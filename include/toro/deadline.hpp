// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DEADLINE_HPP
#define TORO_DEADLINE_HPP

#include <toro/detail/config.hpp>

#include <chrono>
#include <concepts>
#include <limits>
#include <ratio>

namespace toro {

/// The time after which a wait gives up.
/**
 * Made implicitly from a point of @c std::chrono::steady_clock, which is
 * absolute, or from any @c std::chrono duration, which is relative and
 * resolved when the operation is initiated. A raw number does not compile,
 * since it does not say which of the two it is.
 *
 * A wait that can succeed at once succeeds whatever its deadline. Otherwise a
 * deadline that has passed completes with @c boost::asio::error::timed_out,
 * and the wait never queues.
 *
 * Arithmetic saturates: a duration too long to count never passes. A duration
 * that is not a number counts as passed.
 */
class TORO_DETAIL_VISIBLE deadline
{
public:
  /// The clock that deadlines are measured with.
  using clock_type = std::chrono::steady_clock;

  /// A point in time of that clock.
  using time_point = clock_type::time_point;

  /// The resolution of that clock.
  using duration = clock_type::duration;

  /// Constructs a deadline that never passes.
  constexpr deadline() noexcept = default;

  /// Constructs an absolute deadline.
  /**
   * @param when The point in time. The clock's largest one means never.
   */
  template <class Duration>
  constexpr deadline(
      std::chrono::time_point<clock_type, Duration> when) noexcept
    : ticks_(saturate(when.time_since_epoch())),
      kind_(kind::absolute)
  {
  }

  /// Constructs a deadline relative to the initiation of the operation.
  /**
   * @param after How long the operation may wait. Zero and below: not at all.
   */
  template <class Rep, class Period>
  constexpr deadline(std::chrono::duration<Rep, Period> after) noexcept
    : ticks_(saturate(after)),
      kind_(kind::relative)
  {
  }

  /// Tells whether the deadline never passes.
  /**
   * @returns Whether the clock need not be asked.
   */
  constexpr bool is_never() const noexcept
  {
    return ticks_ == duration::max();
  }

  /// Turns the deadline into a point in time.
  /**
   * @param now What the clock shows at the initiation.
   *
   * @returns The point in time, saturated; the clock's largest one for never.
   */
  constexpr time_point resolve(time_point now) const noexcept
  {
    if (kind_ == kind::absolute || is_never())
      return time_point(ticks_);
    if (ticks_ <= duration::zero())
      return now;
    const duration start = now.time_since_epoch();
    if (start > duration::max() - ticks_)
      return time_point::max();
    return time_point(start + ticks_);
  }

private:
  enum class kind : unsigned char
  {
    absolute,
    relative
  };

  template <class Rep, class Period>
  static constexpr duration
  saturate(std::chrono::duration<Rep, Period> value) noexcept
  {
    // Why not duration_cast: it overflows, which for a floating point
    // representation is undefined behaviour.
    using seconds = std::chrono::duration<long double>;
    const seconds wide = value;
    if (!(wide == wide))
      return duration::min();
    if (wide >= seconds(duration::max()))
      return duration::max();
    if (wide <= seconds(duration::min()))
      return duration::min();
    if constexpr (std::integral<Rep>)
      return std::chrono::duration_cast<duration>(value);
    else
      return std::chrono::duration_cast<duration>(wide);
  }

  duration ticks_ = duration::max();
  kind kind_ = kind::absolute;
};

} // namespace toro

#endif // TORO_DEADLINE_HPP
