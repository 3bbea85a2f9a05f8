// SPDX-License-Identifier: BSL-1.0
#include <toro/bounded_semaphore.hpp>
#include <toro/deadline.hpp>
#include <toro/event.hpp>
#include <toro/queue.hpp>
#include <toro/semaphore.hpp>
#include <toro/weighted_queue.hpp>

#include <boost/asio/detached.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <ratio>
#include <type_traits>

#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_deadline)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

using toro::deadline;
using time_point = deadline::time_point;
using duration = deadline::duration;
using seconds_f = std::chrono::duration<double>;

constexpr time_point now(1h);

template <class T, class Limit>
concept waits_until = requires(T& object, Limit limit)
{
  object.async_wait(limit, boost::asio::detached);
};

// A raw number says neither which unit nor from when.
static_assert(!std::is_constructible_v<deadline, int>);
static_assert(!std::is_constructible_v<deadline, double>);
static_assert(!std::is_constructible_v<deadline, std::nullptr_t>);
static_assert(!waits_until<toro::event, int>);
static_assert(!waits_until<toro::event, double>);
static_assert(waits_until<toro::event, std::chrono::seconds>);
static_assert(waits_until<toro::event, seconds_f>);
static_assert(waits_until<toro::event, time_point>);

// Where a number is no deadline but a count or a weight, a real number is
// neither.
struct weigh
{
  std::size_t operator()(int) const;
};

template <class T, class... Args>
concept acquires = requires(T& object, Args... args)
{
  object.async_acquire(args..., boost::asio::detached);
};

template <class T, class... Args>
concept acquires_some = requires(T& object, Args... args)
{
  object.async_acquire_some(args..., boost::asio::detached);
};

template <class T, class... Args>
concept gets_some = requires(T& object, Args... args)
{
  object.async_get_some(args..., boost::asio::detached);
};

template <class T, class... Args>
concept reserves = requires(T& object, Args... args)
{
  object.async_reserve(args..., boost::asio::detached);
};

using loads = toro::weighted_queue<int, weigh>;

static_assert(acquires<toro::semaphore, int>);
static_assert(acquires<toro::bounded_semaphore, int, std::chrono::seconds>);
static_assert(!acquires<toro::semaphore, double>);
static_assert(!acquires<toro::bounded_semaphore, double>);
static_assert(!acquires<toro::semaphore, int, int>);
static_assert(acquires_some<toro::semaphore, int, int>);
static_assert(!acquires_some<toro::semaphore, double, int>);
static_assert(!acquires_some<toro::semaphore, int, double>);
static_assert(gets_some<toro::queue<int>, int>);
static_assert(!gets_some<toro::queue<int>, double>);
static_assert(!gets_some<toro::queue<int>, int, int>);
static_assert(reserves<loads, int>);
static_assert(reserves<loads, int, std::chrono::seconds>);
static_assert(!reserves<loads, double>);
static_assert(!reserves<loads, double, std::chrono::seconds>);
static_assert(!reserves<loads, int, int>);
static_assert(!reserves<toro::queue<int>, int>);

// Only the steady clock counts.
static_assert(!waits_until<toro::event, std::chrono::system_clock::time_point>);

static_assert(deadline().is_never());
static_assert(deadline(1s).resolve(now) == now + 1s);
static_assert(std::is_trivially_copyable_v<deadline>);

} // namespace

BOOST_AUTO_TEST_CASE(absolute_deadline_stays_what_it_is)
{
  BOOST_TEST((deadline(now + 5s).resolve(now) == now + 5s));
  BOOST_TEST((deadline(now - 5s).resolve(now) == now - 5s));
  BOOST_TEST((deadline(time_point::min()).resolve(now) == time_point::min()));
  const std::chrono::time_point<deadline::clock_type, std::chrono::hours>
      coarse(2h);
  BOOST_TEST((deadline(coarse).resolve(now) == now + 1h));
}

BOOST_AUTO_TEST_CASE(relative_deadline_counts_from_the_initiation)
{
  BOOST_TEST((deadline(1500ms).resolve(now) == now + 1500ms));
  BOOST_TEST((deadline(0s).resolve(now) == now));
  BOOST_TEST((deadline(-3h).resolve(now) == now));
  BOOST_TEST((deadline(duration::min()).resolve(now) == now));
}

BOOST_AUTO_TEST_CASE(fractions_of_any_unit_are_understood)
{
  BOOST_TEST((deadline(seconds_f(0.5)).resolve(now) == now + 500ms));
  BOOST_TEST((deadline(std::chrono::duration<float, std::ratio<60>>(1.5f))
                  .resolve(now) == now + 90s));
  using thirds = std::chrono::duration<std::int64_t, std::ratio<1, 3>>;
  BOOST_TEST((deadline(thirds(6)).resolve(now) == now + 2s));
}

BOOST_AUTO_TEST_CASE(what_is_too_late_saturates_and_means_never)
{
  BOOST_TEST(deadline(duration::max()).is_never());
  BOOST_TEST(deadline(time_point::max()).is_never());
  BOOST_TEST(deadline(std::chrono::hours::max()).is_never());
  BOOST_TEST(deadline(seconds_f(1e300)).is_never());
  BOOST_TEST(
      deadline(seconds_f(std::numeric_limits<double>::infinity())).is_never());
  BOOST_TEST(deadline(std::chrono::duration<std::uint64_t>::max()).is_never());
  using coarse_point =
      std::chrono::time_point<deadline::clock_type, std::chrono::hours>;
  BOOST_TEST(deadline(coarse_point::max()).is_never());
  BOOST_TEST(
      (deadline(duration::max() - 1ns).resolve(now) == time_point::max()));
  BOOST_TEST((deadline().resolve(now) == time_point::max()));
}

BOOST_AUTO_TEST_CASE(what_is_too_early_saturates_and_has_passed)
{
  BOOST_TEST((deadline(std::chrono::hours::min()).resolve(now) == now));
  BOOST_TEST((deadline(seconds_f(-1e300)).resolve(now) == now));
  BOOST_TEST((deadline(seconds_f(-std::numeric_limits<double>::infinity()))
                  .resolve(now) == now));
  using coarse_point =
      std::chrono::time_point<deadline::clock_type, std::chrono::hours>;
  BOOST_TEST((deadline(coarse_point::min()).resolve(now) == time_point::min()));
}

BOOST_AUTO_TEST_CASE(no_number_has_passed)
{
  const seconds_f none(std::numeric_limits<double>::quiet_NaN());
  BOOST_TEST(!deadline(none).is_never());
  BOOST_TEST((deadline(none).resolve(now) <= now));
  using point = std::chrono::time_point<deadline::clock_type, seconds_f>;
  BOOST_TEST(!deadline(point(none)).is_never());
  BOOST_TEST((deadline(point(none)).resolve(now) <= now));
}

BOOST_AUTO_TEST_CASE(large_integers_are_exact)
{
  const duration large(std::numeric_limits<duration::rep>::max() / 2 + 1);
  const time_point start{};
  BOOST_TEST((deadline(large).resolve(start) == time_point(large)));
}

BOOST_AUTO_TEST_SUITE_END()
