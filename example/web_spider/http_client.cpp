// SPDX-License-Identifier: BSL-1.0

#include "http_client.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>

#include <cstdint>
#include <string_view>

#include "http_messages.hpp"
#include "site.hpp"

namespace spider {

namespace {

namespace http = boost::beast::http;
using boost::beast::flat_buffer;
using boost::system::error_code;

// A body that is not needed is skipped if it is as short as this: to connect
// anew would cost more.
constexpr std::size_t max_skipped_bytes = 64 * 1024;
constexpr std::chrono::milliseconds time_to_skip{500};

// A file of gzip data is sent by some servers as what is in it, with an
// encoding, and by others as what it is. A sitemap is told by its name.
void recognize_sitemap(http_reply& reply, const urls::url& url)
{
  if (!std::string_view(url.encoded_path()).ends_with(".xml.gz") ||
      !reply.content_encoding.empty() || media_of(reply) != media::other)
    return;
  reply.content_type = "application/xml";
  reply.content_encoding = "gzip";
}

http_reply reply_of(const response_parser& parser, const urls::url& url)
{
  const auto& response = parser.get();
  http_reply reply;
  reply.status = response.result_int();
  reply.content_type = response[http::field::content_type];
  reply.location = response[http::field::location];
  reply.retry_after = response[http::field::retry_after];
  reply.date = response[http::field::date];
  reply.content_encoding = response[http::field::content_encoding];
  recognize_sitemap(reply, url);
  return reply;
}

// Whether nothing came that was not asked for. Some servers send 408 before
// they close an idle connection, and that would be taken for the next answer.
bool is_silent(connection& idle)
{
  error_code error;
  return idle.tcp().socket().available(error) == 0 && !error;
}

// A server may close an idle connection at any time. To ask again, on another
// one, is safe for GET.
bool was_stale(const http_reply& reply)
{
  return reply.error && reply.error != boost::beast::error::timeout;
}

bool is_longer(const response_parser& parser, std::size_t limit)
{
  return parser.content_length().value_or(0) > limit;
}

bool is_to_be_read(const http_reply& reply, body_use use)
{
  if (reply.status / 100 != 2 || use == body_use::none)
    return false;
  return use == body_use::text || media_of(reply) != media::other;
}

// Returns whether the next answer follows.
asio::awaitable<bool> skip_body(connection& from, flat_buffer& received,
                                response_parser& parser)
{
  if (parser.is_done())
    co_return true;
  if (is_longer(parser, max_skipped_bytes) || !parser.content_length())
    co_return false;
  from.tcp().expires_after(time_to_skip);
  const auto error =
      co_await read_body(from, received, parser, max_skipped_bytes);
  co_return !error;
}

} // namespace

http_client::http_client(asio::any_io_executor ex, const request_limits& limits,
                         std::shared_ptr<tls_settings> tls)
  : executor_(std::move(ex)),
    limits_(limits),
    tls_(std::move(tls)),
    received_(max_received_bytes)
{
  received_.reserve(bytes_in_a_read);
}

asio::awaitable<http_reply> http_client::get(const http_request& request)
{
  const std::string origin = origin_of(request.url);
  if (connected_to_ == origin && is_silent(*connection_))
  {
    http_reply reply = co_await send_and_read(request);
    if (!was_stale(reply))
      co_return reply;
  }
  disconnect();
  if (auto failure = co_await connect(request))
    co_return std::move(*failure);
  connected_to_ = origin;
  http_reply reply = co_await send_and_read(request);
  co_return reply;
}

// Returns the failure, if it fails.
asio::awaitable<std::optional<http_reply>>
http_client::connect(const http_request& request)
{
  boost::beast::tcp_stream stream(executor_);
  stream.expires_after(limits_.connect);
  const auto [error, endpoint] = co_await stream.async_connect(
      request.where, asio::as_tuple(asio::use_awaitable));
  if (error)
    co_return failed_reply(
        request.via ? "connect to the proxy " +
                          std::string(request.via->url.encoded_host_and_port())
                    : "connect",
        error);
  stream.socket().set_option(asio::ip::tcp::no_delay(true));
  connection_ = make_connection(std::move(stream));
  if (!is_https(request.url))
    co_return std::nullopt;
  if (request.via)
    if (auto failure = co_await open_tunnel(*connection_, request))
      co_return failure;
  auto [refused, text, connected] = co_await tls_->handshake(
      std::move(connection_->tcp()), request.url.host_address());
  connection_ = std::move(connected);
  if (refused)
    co_return failed_reply("TLS handshake", refused, std::move(text));
  co_return std::nullopt;
}

// Returns the failure, if it fails.
asio::awaitable<std::optional<http_reply>>
http_client::open_tunnel(connection& to_proxy, const http_request& request)
{
  constexpr const char* step = "connect through the proxy";
  const std::string text = tunnel_text_of(request);
  if (const auto unsent = co_await to_proxy.write(asio::buffer(text)))
    co_return failed_reply(step, unsent);
  std::optional<response_parser> parser;
  if (const auto error = co_await read_head(to_proxy, received_, parser, true))
    co_return failed_reply(step, error);
  const auto& answer = parser->get();
  if (answer.result_int() / 100 != 2)
    co_return failed_reply(step, asio::error::connection_refused,
                           "it answered " + status_text(answer.result_int()));
  received_.clear();
  co_return std::nullopt;
}

asio::awaitable<http_reply>
http_client::send_and_read(const http_request& request)
{
  connection_->tcp().expires_after(limits_.read);
  const std::string text = text_of(request);
  if (const auto unsent = co_await connection_->write(asio::buffer(text)))
  {
    disconnect();
    co_return failed_reply("send", unsent);
  }
  std::optional<response_parser> parser;
  auto error = co_await read_head(*connection_, received_, parser);
  if (error)
  {
    disconnect();
    co_return failed_reply("read", error);
  }
  http_reply reply = reply_of(*parser, request.url);
  bool is_at_end = false; // of the answer
  reply.is_read = is_to_be_read(reply, request.body);
  if (reply.is_read)
  {
    // A page that says that it is too long is not read at all.
    error = http::error::body_limit;
    if (request.body == body_use::text ||
        !is_longer(*parser, request.body_limit))
      error = co_await read_body(*connection_, received_, *parser,
                                 request.body_limit);
    reply.too_large = error == http::error::body_limit;
    if (error && !reply.too_large)
    {
      disconnect();
      co_return failed_reply("read", error);
    }
    is_at_end = !error;
  }
  else
    is_at_end = co_await skip_body(*connection_, received_, *parser);
  auto& body = parser->get().body().text;
  reply.bytes = body.size();
  if (reply.is_read)
  {
    reply.body = std::move(body);
    unpack_body(reply, request.body_limit);
  }
  // If bytes are left, the server sent more than its answer. They do not answer
  // the next request.
  if (!is_at_end || !parser->keep_alive() || received_.size() != 0)
    disconnect();
  co_return reply;
}

void http_client::disconnect()
{
  connected_to_.clear();
  received_.clear();
  connection_.reset();
}

} // namespace spider
