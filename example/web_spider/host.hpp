// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_HOST_HPP
#define TORO_EXAMPLE_WEB_SPIDER_HOST_HPP

#include <toro/async_result.hpp>
#include <toro/bounded_semaphore.hpp>
#include <toro/deadline.hpp>
#include <toro/event.hpp>
#include <toro/wait_group.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <boost/url/url.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>

#include "http_client.hpp"
#include "pace.hpp"
#include "proxy.hpp"
#include "retry.hpp"
#include "robots.hpp"

namespace spider {

/// How a host may be asked.
struct host_limits
{
  std::size_t at_once;             // requests
  std::chrono::milliseconds pause; // between the beginnings of two requests
};

/// What the robots.txt of a host allows.
struct robots_answer
{
  robots_rules rules{};
  std::string failure{}; // why nothing is allowed; empty if something is
};

/// A host: its addresses, who may talk to it, and what it allows.
class host
{
public:
  /// Make the host of a canonical URL.
  /**
   * @param by_way_of The proxy through which it is asked, or null.
   *
   * @param end Ends all pauses, and the waits for a look-up, when it is set.
   *
   * @param look_ups Counts the look-ups under way, which cannot be cancelled.
   */
  host(asio::any_io_executor ex, const urls::url& url,
       const host_limits& limits, const proxy* by_way_of, toro::event& end,
       toro::wait_group& look_ups);

  /// Look up the addresses: once, however many workers ask.
  /**
   * Those of the proxy, if there is one. Ends with operation_aborted if the end
   * of the pauses is set.
   */
  asio::awaitable<std::tuple<boost::system::error_code, addresses>>
  look_up(toro::deadline deadline);

  /// Try to become the one who fetches robots.txt; only the first succeeds.
  bool claim_robots();

  /// The proxy through which it is asked, or null.
  const proxy* const via;

  /// To be held by every request while it is under way.
  toro::bounded_semaphore requests;

  /// To be waited for in front of every request.
  pace turns;

  /// Set by the worker that has claimed robots.txt; the others wait for it.
  toro::async_result<std::shared_ptr<const robots_answer>> robots;

  /// The time that retries have waited for the host.
  retry_account retries;

private:
  void start_look_up();

  const std::string name_;
  const std::string port_;
  std::once_flag started_;
  std::atomic<bool> robots_claimed_{false};
  toro::event& end_;
  toro::wait_group& look_ups_;
  asio::ip::tcp::resolver resolver_;
  toro::async_result<addresses> found_;
};

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_HOST_HPP
