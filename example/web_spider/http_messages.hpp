// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_HTTP_MESSAGES_HPP
#define TORO_EXAMPLE_WEB_SPIDER_HTTP_MESSAGES_HPP

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <optional>
#include <string>

#include "bounded_body.hpp"
#include "connection.hpp"
#include "http_client.hpp"

namespace spider {

using response_parser = boost::beast::http::response_parser<bounded_body>;

/// How much of an answer is received before it is parsed.
/**
 * A header and a read. It bounds what no limit of the parser does, such as the
 * extensions of a chunk.
 */
constexpr std::size_t bytes_in_a_read = 64 * 1024;
constexpr std::size_t max_header_bytes = 64 * 1024;
constexpr std::size_t max_received_bytes = max_header_bytes + bytes_in_a_read;

/// The text of a request with GET, as it is sent.
std::string text_of(const http_request& request);

/// The text of a request for a tunnel through a proxy.
std::string tunnel_text_of(const http_request& request);

/// Read the header of an answer, past those with 1xx.
/**
 * @param is_tunnel Whether the answer is that of a proxy to a request for a
 * tunnel, which has no body.
 */
asio::awaitable<boost::system::error_code>
read_head(connection& from, boost::beast::flat_buffer& received,
          std::optional<response_parser>& parser, bool is_tunnel = false);

/// Read a body of at most @p limit bytes behind its header.
/** Ends with @c http::error::body_limit if it goes on. */
asio::awaitable<boost::system::error_code>
read_body(connection& from, boost::beast::flat_buffer& received,
          response_parser& parser, std::size_t limit);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_HTTP_MESSAGES_HPP
