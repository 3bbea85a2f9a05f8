// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_RETRY_HPP
#define TORO_EXAMPLE_WEB_SPIDER_RETRY_HPP

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "http_reply.hpp"

namespace spider {

/// How often a busy server is asked again, and how long that may take.
struct retry_limits
{
  std::size_t retries;                    // of one page
  std::chrono::milliseconds longest_wait; // before one retry
  std::chrono::milliseconds total;        // the waits for one host
};

/// Read a Retry-After header: a number of seconds, or an HTTP date.
/**
 * @param date The Date header of the same answer. It tells the time of the
 * server's clock; the system's clock is used if it is no date.
 *
 * @returns The time to wait, at most some thirty years, and zero for a date
 * that has passed. Nothing if @p value is neither a number nor a date.
 */
std::optional<std::chrono::seconds> retry_after(std::string_view value,
                                                std::string_view date);

/// The time for which a host has been waited for.
/**
 * Waits at the same time count once, so that the total bounds how much longer
 * the crawl takes, however many pages wait.
 *
 * @par Thread Safety
 * Distinct objects: safe. Shared objects: safe.
 */
class retry_account
{
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  /// Take a wait of @p wait from now on.
  /** @returns Whether it does not exceed @p total; if not, none is taken. */
  bool take(time_point now, duration wait, duration total);

private:
  std::mutex mutex_; // guards the others
  time_point taken_until_{};
  duration taken_{};
};

/// What to do with a reply: to wait and ask again, or to take it as it is.
struct retry_decision
{
  std::optional<std::chrono::milliseconds> wait{};
  std::string reason{}; // why a busy server is not asked again; may be empty
};

/// Decide whether the server is to be asked again.
/**
 * It is, if it answered 429 or 503. The wait is what its Retry-After header
 * asks for, or else half a second, doubled for each try.
 *
 * @param tries The number of requests so far, this one included.
 */
retry_decision decide_retry(const http_reply& reply, std::size_t tries,
                            const retry_limits& limits, retry_account& account,
                            retry_account::time_point now);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_RETRY_HPP
