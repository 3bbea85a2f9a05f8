// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_PROGRESS_HPP
#define TORO_EXAMPLE_WEB_SPIDER_PROGRESS_HPP

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <utility>

#include "crawler.hpp"

namespace spider {

/// Erases the line of the progress on a terminal (ECMA-48).
constexpr const char* clear_line = "\r\x1b[K";

/// Tells how fast a count has grown in the last seconds.
class rate_meter
{
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Start at zero.
  explicit rate_meter(time_point now);

  /// Note the count of now, and return its growth in a second.
  /**
   * It is the mean of the last ten seconds, so that a site that takes seconds
   * for a page has a rate, too.
   */
  double update(time_point now, std::size_t count);

private:
  std::deque<std::pair<time_point, std::size_t>> samples_;
};

/// Write a rate with as many digits as it takes to see it.
std::string rate_text(double a_second);

/// Append the URL that is being fetched to a line of the progress.
/** Its end, if it is too long for the width of the terminal. */
std::string with_url(const std::string& line, const std::string& url,
                     std::size_t width);

/// Keep a line on standard error up to date until this is cancelled.
asio::awaitable<void> show_progress(const crawler& crawl);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_PROGRESS_HPP
