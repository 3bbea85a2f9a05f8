// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_FETCHER_HPP
#define TORO_EXAMPLE_WEB_SPIDER_FETCHER_HPP

#include <toro/event.hpp>
#include <toro/wait_group.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <boost/url/url.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "host_table.hpp"
#include "http_client.hpp"
#include "in_flight.hpp"
#include "options.hpp"
#include "site.hpp"

namespace spider {

/// Fetches URLs for all workers, as politely as the options say.
/**
 * In this order: the host is looked up, its robots.txt is asked for permission,
 * and each request waits for a permit and for its turn. A busy server is asked
 * again.
 *
 * @par Thread Safety
 * Distinct objects: safe. Shared objects: safe.
 */
class fetcher
{
public:
  /// Make a fetcher.
  /**
   * @param stop Ends the waits before retries when it is set. No request begins
   * after that.
   *
   * @param cut Ends the pauses between requests when it is set.
   */
  fetcher(asio::any_io_executor ex, const crawl_options& options,
          const site& where, toro::event& stop, toro::event& cut);

  /// Fetch a canonical URL.
  asio::awaitable<http_reply> fetch(const urls::url& url, body_use body,
                                    http_client& client);

  /// The requests under way.
  const in_flight& requests() const;

  /// The number of pages that wait to be asked for again.
  std::size_t retrying() const;

  /// Whether a look-up is under way; it cannot be cancelled.
  bool is_looking_up() const;

private:
  host& host_of(const urls::url& url);
  header_list headers_for(const urls::url& url) const;
  asio::awaitable<http_reply>
  fetch_allowed(host& server, const http_request& request, http_client& client);
  asio::awaitable<http_reply> request(host& server, const http_request& what,
                                      http_client& client);
  asio::awaitable<std::shared_ptr<const robots_answer>>
  robots_of(host& server, const http_request& request, http_client& client,
            std::string& notice);
  std::string heed_delay(host& server, std::chrono::milliseconds asked) const;
  asio::awaitable<std::shared_ptr<const robots_answer>>
  fetch_robots(host& server, http_request request, http_client& client);
  asio::awaitable<boost::system::error_code>
  wait_for_retry(std::chrono::milliseconds time);

  const crawl_options& options_;
  const site& site_;
  toro::event& stop_;
  host_table hosts_;
  in_flight in_flight_;
  toro::wait_group retrying_;
};

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_FETCHER_HPP
