// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_CONNECTION_HPP
#define TORO_EXAMPLE_WEB_SPIDER_CONNECTION_HPP

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <tuple>

namespace spider {

namespace asio = boost::asio;

/// A connection to a server, with TLS or without.
/** The operations end with the time-out that is set at tcp(). */
class connection
{
public:
  using read_result = std::tuple<boost::system::error_code, std::size_t>;

  virtual ~connection() = default;

  /// The TCP stream below.
  virtual boost::beast::tcp_stream& tcp() = 0;

  /// Read at least one octet. @c asio::error::eof is the end of the stream.
  virtual asio::awaitable<read_result> read_some(asio::mutable_buffer into) = 0;

  /// Write all.
  virtual asio::awaitable<boost::system::error_code>
  write(asio::const_buffer all) = 0;
};

/// Make a connection without TLS of a connected stream.
std::unique_ptr<connection> make_connection(boost::beast::tcp_stream stream);

/// How the certificates of servers are checked.
struct tls_options
{
  bool is_insecure = false; // accept whatever a server shows
  std::string ca_file{};    // empty: what the system trusts
};

/// What TLS connections share.
class tls_settings
{
public:
  virtual ~tls_settings() = default;

  /// Begin TLS on a connected stream, with the server of the name @p host.
  /**
   * @returns The error, with a text if there is more to say than its message;
   * or else a connection.
   */
  virtual asio::awaitable<std::tuple<boost::system::error_code, std::string,
                                     std::unique_ptr<connection>>>
  handshake(boost::beast::tcp_stream stream, const std::string& host) = 0;
};

/// Whether this program was built with TLS.
bool has_tls();

/// Make what TLS connections share; null without TLS.
/** @throws std::runtime_error if the file of @p options cannot be read. */
std::shared_ptr<tls_settings> make_tls_settings(const tls_options& options);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_CONNECTION_HPP
