// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_HOST_HPP
#define TORO_EXAMPLE_WEB_SPIDER_HOST_HPP

#include <toro/async_result.hpp>
#include <toro/bounded_semaphore.hpp>
#include <toro/deadline.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <boost/url/url.hpp>

#include <atomic>
#include <cstddef>
#include <mutex>
#include <string>
#include <tuple>

#include "http_client.hpp"
#include "retry.hpp"

namespace spider {

/// A host of the site: its addresses, and how many may talk to it at once.
class host
{
public:
  host(asio::any_io_executor ex, const urls::url& url, std::size_t at_once);

  /// Look up the addresses: once, however many workers ask.
  asio::awaitable<std::tuple<boost::system::error_code, addresses>>
  look_up(toro::deadline deadline);

  /// Whether a look-up is under way; it cannot be cancelled.
  bool is_looking_up() const;

  /// To be held by every request while it is under way.
  toro::bounded_semaphore requests;

  /// The time that retries have waited for the host.
  retry_account retries;

private:
  void start_look_up();

  const std::string name_;
  const std::string port_;
  std::once_flag started_;
  std::atomic<bool> is_looking_up_{false};
  asio::ip::tcp::resolver resolver_;
  toro::async_result<addresses> found_;
};

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_HOST_HPP
