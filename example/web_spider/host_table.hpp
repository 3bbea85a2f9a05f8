// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_HOST_TABLE_HPP
#define TORO_EXAMPLE_WEB_SPIDER_HOST_TABLE_HPP

#include <toro/event.hpp>
#include <toro/wait_group.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/url/url.hpp>

#include <map>
#include <mutex>
#include <string>

#include "host.hpp"

namespace spider {

/// The hosts that have been asked so far, by their origin.
/**
 * With the semaphore and the pace of each, it is a limit by key.
 *
 * @par Thread Safety
 * Distinct objects: safe. Shared objects: safe.
 */
class host_table
{
public:
  /** @param end Ends all pauses when it is set. */
  host_table(asio::any_io_executor ex, const proxies& by_way_of,
             toro::event& end);

  /// The host of a canonical URL, which lives as long as the table.
  /** @param limits Those of the host, if it has not been asked before. */
  host& find(const urls::url& url, const host_limits& limits);

  /// Whether a look-up is under way; it cannot be cancelled.
  bool is_looking_up() const;

private:
  const asio::any_io_executor executor_;
  const proxies& proxies_;
  toro::event& end_;
  toro::wait_group look_ups_;
  std::mutex mutex_; // guards the map, not the hosts
  std::map<std::string, host> hosts_;
};

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_HOST_TABLE_HPP
