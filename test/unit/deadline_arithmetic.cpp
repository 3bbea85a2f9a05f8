// SPDX-License-Identifier: BSL-1.0
// Each representation and period of a duration, at its extremes and where it
// starts to be too long, against integers of any size.

#include <toro/deadline.hpp>

#include <boost/multiprecision/cpp_int.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <ratio>
#include <type_traits>
#include <vector>

namespace {

using namespace std::chrono_literals;

using boost::multiprecision::cpp_int;
using boost::multiprecision::cpp_rational;
using toro::deadline;
using time_point = deadline::time_point;
using duration = deadline::duration;

constexpr std::intmax_t largest = std::numeric_limits<std::intmax_t>::max();

// What an absolute deadline counts, from the epoch on.
template <class Duration>
constexpr std::intmax_t count(Duration since_epoch)
{
  using point = std::chrono::time_point<deadline::clock_type, Duration>;
  const deadline limit{point(since_epoch)};
  return limit.resolve(time_point()).time_since_epoch().count();
}

// Nothing here is undefined, as it would not compile then.
using oscillator = std::chrono::duration<std::int64_t, std::ratio<1, 1193182>>;
using drift = std::chrono::duration<int, std::ratio<100, 1000000007>>;
using ages = std::chrono::duration<int, std::tera>;
static_assert(count(oscillator(86'400LL * 1'193'182)) == duration(24h).count());
static_assert(count(drift(1)) == 100);
static_assert(deadline(ages(1)).is_never());
using seconds_f = std::chrono::duration<double>;
static_assert(deadline(seconds_f::max()).is_never());
static_assert(count(seconds_f::min()) == duration::min().count());
static_assert(
    deadline(seconds_f(std::numeric_limits<double>::infinity())).is_never());
static_assert(count(ages(-1)) == duration::min().count());
static_assert(std::is_nothrow_constructible_v<deadline, const ages&>);

// A period as numbers, so that the checks are compiled once a representation.
template <class Rep>
struct unit
{
  std::intmax_t num;
  std::intmax_t den;
  deadline (*absolute)(Rep);
  deadline (*relative)(Rep);

  cpp_rational ticks() const
  {
    using tick = duration::period;
    return cpp_rational(cpp_int(num) * tick::den, cpp_int(den) * tick::num);
  }

  std::intmax_t count(Rep n) const
  {
    return absolute(n).resolve(time_point()).time_since_epoch().count();
  }
};

template <class Rep, class Period>
unit<Rep> make_unit()
{
  using length = std::chrono::duration<Rep, Period>;
  using point = std::chrono::time_point<deadline::clock_type, length>;
  return {Period::num, Period::den,
          [](Rep n)
          {
            return deadline(point(length(n)));
          },
          [](Rep n)
          {
            return deadline(length(n));
          }};
}

cpp_int rounded_up(const cpp_rational& value)
{
  const cpp_int num = numerator(value);
  const cpp_int den = denominator(value);
  const cpp_int towards_zero = num / den;
  return num > towards_zero * den ? cpp_int(towards_zero + 1) : towards_zero;
}

std::intmax_t saturated(const cpp_int& ticks)
{
  if (ticks > duration::max().count())
    return duration::max().count();
  if (ticks < duration::min().count())
    return duration::min().count();
  return ticks.convert_to<std::intmax_t>();
}

// Small ones, the extremes, all powers of two and the last that can be counted,
// each with its neighbours.
template <class Rep>
std::vector<Rep> integers(const unit<Rep>& what)
{
  using limits = std::numeric_limits<Rep>;
  const cpp_int last = rounded_up(cpp_rational(largest) / what.ticks());
  std::vector<cpp_int> centers{0,
                               7,
                               1000,
                               86'400,
                               last,
                               cpp_int(-last),
                               1'000'000'007,
                               cpp_int(limits::min()),
                               cpp_int(limits::max())};
  for (int bit = 2; bit < 64; ++bit)
  {
    centers.push_back(cpp_int(1) << bit);
    centers.push_back(-(cpp_int(1) << bit));
  }
  std::vector<Rep> all;
  for (const cpp_int& center : centers)
  {
    for (cpp_int n = center - 2; n <= center + 2; ++n)
    {
      if (n >= cpp_int(limits::min()) && n <= cpp_int(limits::max()))
        all.push_back(n.convert_to<Rep>());
    }
  }
  return all;
}

// Reports the first that is wrong.
template <class Rep>
void check_integers(const unit<Rep>& what)
{
  const time_point now(1h);
  int wrong = 0;
  for (const Rep n : integers(what))
  {
    const std::intmax_t expected =
        saturated(rounded_up(what.ticks() * cpp_int(n)));
    const bool is_never = expected == duration::max().count();
    const deadline relative = what.relative(n);
    const cpp_int then =
        cpp_int(duration(1h).count()) + (expected > 0 ? expected : 0);
    const bool is_right =
        what.count(n) == expected && relative.is_never() == is_never &&
        relative.resolve(now).time_since_epoch().count() == saturated(then);
    if (!is_right && ++wrong == 1)
      BOOST_ERROR(cpp_int(n)
                  << " units of " << what.num << '/' << what.den << " s are "
                  << what.count(n) << " ticks and not " << expected);
  }
  BOOST_TEST(wrong == 0);
}

template <class Rep>
void check_reals(const unit<Rep>& what)
{
  using limits = std::numeric_limits<Rep>;
  // A few roundings of what it is counted in, a double at least.
  const cpp_rational slack(1, cpp_int(1) << 50);
  std::vector<Rep> all{0, Rep(0.1), Rep(0.3), Rep(1.1), 1, Rep(1e-9), 1000};
  for (int e = -70; e < 70; ++e)
    all.push_back(std::ldexp(Rep(1.25), e));
  for (int e = limits::min_exponent; e < limits::max_exponent; e += 997)
    all.push_back(std::ldexp(Rep(1.25), e));
  all.push_back(limits::max());
  int wrong = 0;
  for (const Rep positive : all)
  {
    for (const Rep n : {positive, -positive})
    {
      const cpp_rational exact = what.ticks() * cpp_rational(n);
      const cpp_rational error = abs(exact) * slack;
      const std::intmax_t ticks = what.count(n);
      const bool is_right = ticks >= saturated(rounded_up(exact - error)) &&
                            ticks <= saturated(rounded_up(exact + error)) &&
                            (n <= 0 || ticks > 0);
      if (!is_right && ++wrong == 1)
        BOOST_ERROR(n << " units of " << what.num << '/' << what.den
                      << " s are " << ticks << " ticks");
    }
  }
  BOOST_TEST(wrong == 0);

  const Rep infinity = limits::infinity();
  BOOST_TEST(what.relative(infinity).is_never());
  BOOST_TEST(what.count(-infinity) == duration::min().count());
  const time_point now(1h);
  const deadline none = what.relative(limits::quiet_NaN());
  BOOST_TEST(!none.is_never());
  BOOST_TEST((none.resolve(now) == now));
}

template <class... Types>
struct list
{
};

using periods =
    list<std::nano, std::micro, std::milli, std::centi, std::ratio<1>,
         std::ratio<60>, std::ratio<3600>, std::ratio<86400>,
         std::ratio<604800>, std::ratio<2629746>, std::ratio<31556952>,
         std::kilo, std::mega, std::giga, std::tera, std::peta, std::exa,
         std::pico, std::femto, std::atto, std::ratio<1, 3>, std::ratio<2, 3>,
         std::ratio<10, 4>, std::ratio<1, 60>, std::ratio<1001, 30000>,
         std::ratio<1, 90000>, std::ratio<1, 1193182>,
         std::ratio<100, 1000000007>, std::ratio<1000000007, 100>,
         std::ratio<largest>, std::ratio<1, largest>,
         std::ratio<largest, largest - 1>, std::ratio<largest - 1, largest>,
         std::ratio<largest, 1000000007>>;

template <class Rep, class... Periods>
void check_all(list<Periods...>)
{
  if constexpr (std::is_integral_v<Rep>)
    (check_integers(make_unit<Rep, Periods>()), ...);
  else
    (check_reals(make_unit<Rep, Periods>()), ...);
}

// As good as an integer to chrono, and nothing that the library knows.
struct counter
{
  constexpr counter(int n) noexcept
    : value(n)
  {
  }

  constexpr operator long double() const noexcept
  {
    return value;
  }

  int value;
};

} // namespace

namespace std {

template <>
struct common_type<long double, counter>
{
  using type = long double;
};

template <>
struct common_type<counter, long double>
{
  using type = long double;
};

} // namespace std

BOOST_AUTO_TEST_SUITE(unit_deadline_arithmetic)

BOOST_AUTO_TEST_CASE(integers_of_each_width_are_exact_in_each_period)
{
  check_all<bool>(periods());
  check_all<char>(periods());
  check_all<signed char>(periods());
  check_all<unsigned char>(periods());
  check_all<char8_t>(periods());
  check_all<wchar_t>(periods());
  check_all<short>(periods());
  check_all<unsigned short>(periods());
  check_all<int>(periods());
  check_all<unsigned int>(periods());
}

BOOST_AUTO_TEST_CASE(the_widest_integers_are_exact_in_each_period)
{
  check_all<long>(periods());
  check_all<unsigned long>(periods());
  check_all<long long>(periods());
  check_all<unsigned long long>(periods());
}

BOOST_AUTO_TEST_CASE(real_numbers_are_as_exact_as_they_can_be)
{
  check_all<float>(periods());
  check_all<double>(periods());
  check_all<long double>(periods());
}

BOOST_AUTO_TEST_CASE(decimal_fractions_are_what_they_look_like)
{
  using millis = std::chrono::duration<double, std::milli>;
  BOOST_TEST(count(seconds_f(0.1)) == duration(100ms).count());
  BOOST_TEST(count(seconds_f(0.3)) == duration(300ms).count());
  BOOST_TEST(count(seconds_f(1.1)) == duration(1100ms).count());
  BOOST_TEST(count(millis(0.7)) == duration(700us).count());
}

BOOST_AUTO_TEST_CASE(no_wait_is_shorter_than_asked)
{
  using third = std::chrono::duration<int, std::ratio<1, 3>>;
  using picos = std::chrono::duration<int, std::pico>;
  BOOST_TEST(count(third(1)) == 333'333'334);
  BOOST_TEST(count(third(-1)) == -333'333'333);
  BOOST_TEST(count(picos(1)) == 1);
  BOOST_TEST(count(picos(-1)) == 0);
  BOOST_TEST(count(std::chrono::duration<double, std::pico>(0.5)) == 1);
}

BOOST_AUTO_TEST_CASE(other_representations_are_taken_as_real_numbers)
{
  using count_of = std::chrono::duration<counter, std::milli>;
  BOOST_TEST(count(count_of(1500)) == duration(1500ms).count());
  BOOST_TEST(deadline(std::chrono::duration<counter, std::exa>(1)).is_never());
#ifdef __SIZEOF_INT128__
  __extension__ using wide = __int128;
  using wide_seconds = std::chrono::duration<wide>;
  BOOST_TEST(count(wide_seconds(86'400)) == duration(24h).count());
  BOOST_TEST(deadline(wide_seconds(wide(1) << 100)).is_never());
  BOOST_TEST(count(wide_seconds(-(wide(1) << 100))) == duration::min().count());
#endif
}

BOOST_AUTO_TEST_SUITE_END()
