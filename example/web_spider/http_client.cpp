// SPDX-License-Identifier: BSL-1.0

#include "http_client.hpp"

#include <toro/version.hpp>

#include <boost/algorithm/string/predicate.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <utility>

#include "site.hpp"

namespace spider {

namespace {

namespace http = boost::beast::http;
using boost::system::error_code;
using response_parser = http::response_parser<http::string_body>;

constexpr auto as_tuple_awaitable = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t max_header_bytes = 64 * 1024;
constexpr std::size_t bytes_in_a_read = 64 * 1024;

// What is received and not parsed: a header and a read. It bounds what no limit
// of the parser does, such as the extensions of a chunk.
constexpr std::size_t max_received_bytes = max_header_bytes + bytes_in_a_read;

// A body that is not needed is skipped if it is as short as this: to connect
// anew would cost more.
constexpr std::uint64_t max_skipped_bytes = 64 * 1024;
constexpr std::chrono::milliseconds time_to_skip{500};

http::request<http::empty_body> request_for(const urls::url& url)
{
  http::request<http::empty_body> request(
      http::verb::get, std::string(url.encoded_target()), 11);
  request.set(http::field::host, std::string(url.encoded_host_and_port()));
  request.set(http::field::user_agent,
              "toro-web-spider/" + std::to_string(TORO_VERSION_MAJOR) + '.' +
                  std::to_string(TORO_VERSION_MINOR));
  request.set(http::field::accept, "text/html, */*;q=0.5");
  return request;
}

http_reply reply_of(const response_parser& parser)
{
  const auto& response = parser.get();
  http_reply reply;
  reply.status = response.result_int();
  reply.content_type = response[http::field::content_type];
  reply.location = response[http::field::location];
  reply.retry_after = response[http::field::retry_after];
  reply.date = response[http::field::date];
  return reply;
}

// A server may close an idle connection at any time. To ask again, on another
// one, is safe for GET.
bool was_stale(const http_reply& reply)
{
  return reply.error && reply.error != boost::beast::error::timeout;
}

bool is_interim(const response_parser& parser)
{
  return parser.get().result_int() / 100 == 1;
}

using tcp_stream = boost::beast::tcp_stream;
using flat_buffer = boost::beast::flat_buffer;

asio::awaitable<error_code> read_head(tcp_stream& stream, flat_buffer& received,
                                      std::optional<response_parser>& parser)
{
  error_code error;
  do
  {
    parser.emplace();
    parser->header_limit(max_header_bytes);
    parser->body_limit(boost::none); // what follows decides about the body
    std::tie(error, std::ignore) = co_await http::async_read_header(
        stream, received, *parser, as_tuple_awaitable);
  } while (!error && is_interim(*parser));
  co_return error;
}

// Returns body_limit if the body is longer; what has been read of it stays.
asio::awaitable<error_code> read_body(tcp_stream& stream, flat_buffer& received,
                                      response_parser& parser,
                                      std::uint64_t limit)
{
  const auto declared = parser.content_length();
  if (declared && *declared > limit)
    co_return http::make_error_code(http::error::body_limit);
  parser.body_limit(limit);
  const auto [error, bytes] =
      co_await http::async_read(stream, received, parser, as_tuple_awaitable);
  co_return error;
}

// Returns whether the next answer follows.
asio::awaitable<bool> skip_body(tcp_stream& stream, flat_buffer& received,
                                response_parser& parser)
{
  if (parser.is_done())
    co_return true;
  if (parser.content_length().value_or(max_skipped_bytes + 1) >
      max_skipped_bytes)
    co_return false;
  stream.expires_after(time_to_skip);
  const auto error =
      co_await read_body(stream, received, parser, max_skipped_bytes);
  co_return !error;
}

} // namespace

bool is_html(const http_reply& reply)
{
  return boost::istarts_with(reply.content_type, "text/html");
}

http_reply failed_reply(const char* step, error_code error)
{
  http_reply reply;
  reply.failed_step = step;
  reply.error = error;
  return reply;
}

http_client::http_client(asio::any_io_executor ex, const request_limits& limits)
  : limits_(limits),
    stream_(std::move(ex)),
    received_(max_received_bytes)
{
  received_.reserve(bytes_in_a_read);
}

asio::awaitable<http_reply> http_client::get(const addresses& where,
                                             const urls::url& url)
{
  const std::string host = host_and_port(url);
  if (connected_to_ == host)
  {
    http_reply reply = co_await exchange(url);
    if (!was_stale(reply))
      co_return reply;
  }
  const error_code error = co_await connect(where, host);
  if (error)
    co_return failed_reply("connect", error);
  co_return co_await exchange(url);
}

asio::awaitable<error_code> http_client::connect(const addresses& where,
                                                 const std::string& host)
{
  disconnect();
  stream_.expires_after(limits_.connect);
  const auto [error, endpoint] =
      co_await stream_.async_connect(where, as_tuple_awaitable);
  if (error)
    co_return error;
  stream_.socket().set_option(asio::ip::tcp::no_delay(true));
  connected_to_ = host;
  co_return error_code{};
}

asio::awaitable<http_reply> http_client::exchange(const urls::url& url)
{
  stream_.expires_after(limits_.read);
  const auto request = request_for(url);
  const auto [unsent, bytes] =
      co_await http::async_write(stream_, request, as_tuple_awaitable);
  if (unsent)
    co_return failed("send", unsent);
  std::optional<response_parser> parser;
  if (const auto error = co_await read_head(stream_, received_, parser))
    co_return failed("read", error);

  http_reply reply = reply_of(*parser);
  bool is_at_end = false; // of the answer
  if (is_html(reply) && reply.status / 100 == 2)
  {
    const auto error =
        co_await read_body(stream_, received_, *parser, limits_.body_bytes);
    reply.too_large = error == http::error::body_limit;
    if (error && !reply.too_large)
      co_return failed("read", error);
    is_at_end = !error;
    reply.body = std::move(parser->get().body());
    reply.bytes = reply.body.size();
  }
  else
  {
    is_at_end = co_await skip_body(stream_, received_, *parser);
    reply.bytes = parser->get().body().size();
  }
  if (!is_at_end || !parser->keep_alive())
    disconnect();
  co_return reply;
}

http_reply http_client::failed(const char* step, error_code error)
{
  disconnect();
  return failed_reply(step, error);
}

void http_client::disconnect()
{
  connected_to_.clear();
  received_.clear();
  stream_.close();
}

} // namespace spider
