// SPDX-License-Identifier: BSL-1.0

#include "progress.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <iostream>

namespace spider {

namespace {

constexpr std::chrono::milliseconds interval{200};
constexpr const char* clear_line = "\r\x1b[K"; // ECMA-48: erase to the right

void print_line(const crawler& crawl, std::size_t pages_in_interval)
{
  const auto intervals_a_second = std::chrono::seconds(1) / interval;
  std::cerr << clear_line << crawl.pages().visited() << " pages, "
            << crawl.waiting() << " waiting, " << crawl.in_flight()
            << " in flight, "
            << pages_in_interval * static_cast<std::size_t>(intervals_a_second)
            << " pages/s" << std::flush;
}

} // namespace

asio::awaitable<void> show_progress(const crawler& crawl, toro::event& over)
{
  std::size_t shown = 0;
  for (;;)
  {
    // An event with a deadline makes a clock that can be stopped.
    const auto [still_running] =
        co_await over.async_wait(interval, asio::as_tuple(asio::use_awaitable));
    if (still_running != asio::error::timed_out)
      break;
    const std::size_t visited = crawl.pages().visited();
    print_line(crawl, visited - shown);
    shown = visited;
  }
  std::cerr << clear_line << std::flush;
}

} // namespace spider
