// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DEADLINE_HPP
#define TORO_DEADLINE_HPP

#include <toro/detail/config.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <ratio>
#include <type_traits>

namespace toro {

/// The time at which a wait expires.
/**
 * Converts implicitly from a time point of @c std::chrono::steady_clock, which
 * is absolute, and from any @c std::chrono duration, which is relative and
 * resolved when the operation is initiated. A raw number does not convert,
 * because it does not say which of the two it is. If an operation takes a
 * count, as async_acquire() of a semaphore does, a raw number is that count.
 *
 * An operation that can complete immediately succeeds even if its deadline has
 * passed. Otherwise an expired deadline completes it with
 * @c boost::asio::error::timed_out, and it never queues. The code and its
 * message are the system's: on Linux @c what() of an exception reads
 * "Connection timed out", although there is no connection. Compare codes, not
 * messages.
 *
 * Every representation and period is accepted. Arithmetic saturates: a duration
 * that is too long to count never passes. A duration that is not a number has
 * passed already. A duration that is not a whole number of the clock's ticks is
 * rounded up, so that a wait does not expire early.
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
   * @param when The time point. The clock's largest one means never.
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
   * @param after How long the operation may wait. With zero or less it does not
   * wait.
   */
  template <class Rep, class Period>
  constexpr deadline(std::chrono::duration<Rep, Period> after) noexcept
    : ticks_(saturate(after)),
      kind_(kind::relative)
  {
  }

  /// Tells whether the deadline never passes.
  /**
   * @returns True if the operation may wait without a limit.
   */
  [[nodiscard]] constexpr bool is_never() const noexcept
  {
    return ticks_ == duration::max();
  }

  /// Converts the deadline to a time point.
  /**
   * @param now The time at the initiation of the operation.
   *
   * @returns The time point, saturated. The clock's largest one means never.
   */
  [[nodiscard]] constexpr time_point resolve(time_point now) const noexcept
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

  // A unit of time is scale * num / den ticks of the clock.
  template <class Period>
  using scale = std::ratio<duration::period::den, Period::den>;

  // whole + rest / den ticks. From limit on, they are too many to count.
  struct amount
  {
    std::uintmax_t whole;
    std::uintmax_t rest;
  };

  static constexpr std::uintmax_t limit =
      std::uintmax_t{std::numeric_limits<duration::rep>::max()} + 1;

  template <class Rep, class Period>
  static constexpr duration
  saturate(std::chrono::duration<Rep, Period> value) noexcept
  {
    // Why not duration_cast: its products overflow, which is undefined, and it
    // does not accept every period. Both branches round up, so that no wait
    // ends early.
    static_assert(duration::period::num == 1);
    if constexpr (std::integral<Rep> && sizeof(Rep) <= sizeof(std::uintmax_t))
      return count_exactly<Period>(value.count());
    else if constexpr (std::floating_point<Rep>)
      return count_roughly<Period, std::common_type_t<Rep, double>>(value);
    else
      return count_roughly<Period, long double>(value);
  }

  template <class Period, class Integer>
  static constexpr duration count_exactly(Integer count) noexcept
  {
    constexpr std::uintmax_t num = Period::num;
    constexpr std::uintmax_t den = scale<Period>::den;
    constexpr amount unit =
        multiply<den>(scale<Period>::num, {num / den, num % den});
    if constexpr (std::is_signed_v<Integer>)
    {
      if (count < 0)
      {
        // Safety: the least integer has no positive counterpart.
        const auto size = static_cast<std::uintmax_t>(-(count + 1)) + 1;
        const std::uintmax_t whole = multiply<den>(size, unit).whole;
        return whole < limit ? -ticks(whole) : duration::min();
      }
    }
    const amount sum = multiply<den>(static_cast<std::uintmax_t>(count), unit);
    const std::uintmax_t whole = sum.whole + (sum.rest != 0);
    return whole < limit ? ticks(whole) : duration::max();
  }

  // A product may have three words. One with a fraction is computed bit by bit.
  template <std::uintmax_t Den>
  static constexpr amount multiply(std::uintmax_t count, amount unit) noexcept
  {
    if (unit.rest == 0)
      return {count <= limit / unit.whole ? count * unit.whole : limit, 0};
    amount sum{0, 0};
    for (int bit = std::numeric_limits<std::uintmax_t>::digits; bit-- != 0;)
    {
      sum = add<Den>(sum, sum);
      if ((count >> bit) % 2 != 0)
        sum = add<Den>(sum, unit);
    }
    return sum;
  }

  template <std::uintmax_t Den>
  static constexpr amount add(amount a, amount b) noexcept
  {
    if (a.whole >= limit - b.whole)
      return {limit, 0};
    const std::uintmax_t rest = a.rest + b.rest;
    return {a.whole + b.whole + rest / Den, rest % Den};
  }

  // As exact as the representation, in which 0.1 s are 100 ms.
  template <class Period, class Real>
  static constexpr duration
  count_roughly(std::chrono::duration<Real, Period> value) noexcept
  {
    constexpr Real unit =
        static_cast<Real>(Period::num) * static_cast<Real>(scale<Period>::num);
    constexpr Real den = static_cast<Real>(scale<Period>::den);
    constexpr Real bound = static_cast<Real>(limit);
    // Why not without this bound: an infinite product is not a constant
    // expression.
    constexpr Real enough = 2 * bound * den / unit;
    const Real count = value.count();
    const Real real = count > enough    ? bound
                      : count < -enough ? -bound
                                        : count * unit / den;
    if (!(real > -bound))
      return duration::min();
    if (real >= bound)
      return duration::max();
    const auto whole = static_cast<duration::rep>(real);
    return duration(whole + (static_cast<Real>(whole) < real));
  }

  static constexpr duration ticks(std::uintmax_t count) noexcept
  {
    return duration(static_cast<duration::rep>(count));
  }

  duration ticks_ = duration::max();
  kind kind_ = kind::absolute;
};

} // namespace toro

#endif // TORO_DEADLINE_HPP
