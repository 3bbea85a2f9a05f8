// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_EMBEDDED_SERVER_HPP
#define TORO_EXAMPLE_WEB_SPIDER_EMBEDDED_SERVER_HPP

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <string>
#include <thread>

namespace spider {

namespace asio = boost::asio;

/// Serves the embedded site on a free port of the loopback interface.
/**
 * Has a context and a thread of its own, as a server somewhere else would.
 * The destructor ends it, whatever its connections are at.
 */
class embedded_server
{
public:
  /** @throws boost::system::system_error if it cannot listen. */
  embedded_server();
  ~embedded_server();

  embedded_server(const embedded_server&) = delete;
  embedded_server& operator=(const embedded_server&) = delete;

  /// The URL of the first page.
  const std::string& url() const noexcept
  {
    return url_;
  }

private:
  asio::io_context context_{1};
  asio::ip::tcp::acceptor acceptor_;
  std::string url_;
  std::thread thread_;
};

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_EMBEDDED_SERVER_HPP
