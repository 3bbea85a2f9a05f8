// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_PACE_HPP
#define TORO_EXAMPLE_WEB_SPIDER_PACE_HPP

#include <toro/event.hpp>
#include <toro/lock.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <chrono>

namespace spider {

namespace asio = boost::asio;

/// Keeps a pause between the beginnings of requests, in the order of arrival.
class pace
{
public:
  /// Make a pace.
  /** @param end Ends the pause that is kept when it is set. */
  pace(asio::any_io_executor ex, std::chrono::milliseconds pause,
       toro::event& end);

  /// Keep a pause of @p least at least from now on. From any thread.
  void slow_down(std::chrono::milliseconds least);

  /// Wait until a request may begin.
  asio::awaitable<void> turn();

private:
  std::atomic<std::chrono::milliseconds> pause_;
  toro::event& end_;
  toro::lock turn_;
};

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_PACE_HPP
