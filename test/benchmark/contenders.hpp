// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_TEST_BENCHMARK_CONTENDERS_HPP
#define TORO_TEST_BENCHMARK_CONTENDERS_HPP

#include <toro/threading.hpp>

#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/steady_timer.hpp>

#include <concepts>

#include "fixture.hpp"
#include "row.hpp"

namespace bench {

/// A policy of the library as a contender.
template <class Threading>
inline constexpr contender toro_with =
    std::same_as<Threading, toro::strand_bound> ? contender::strand_bound
                                                : contender::thread_safe;

template <class Executor, class Signature>
using local_channel = asio::experimental::basic_channel<
    Executor, asio::experimental::channel_traits<>, Signature>;

template <class Executor, class Signature>
using shared_channel = asio::experimental::basic_concurrent_channel<
    Executor, asio::experimental::channel_traits<>, Signature>;

/// A channel as a contender.
template <class Channel>
inline constexpr contender channel_as = contender::concurrent_channel;

template <class Executor, class Signature>
inline constexpr contender channel_as<local_channel<Executor, Signature>> =
    contender::channel;

/// Asio's timer on an executor type.
template <class Executor>
using timer_on =
    asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>,
                               Executor>;

/// A timer that waits until somebody cancels it.
template <class Executor>
timer_on<Executor> endless_timer(const Executor& executor)
{
  return timer_on<Executor>(executor,
                            std::chrono::steady_clock::time_point::max());
}

} // namespace bench

#endif // TORO_TEST_BENCHMARK_CONTENDERS_HPP
