// SPDX-License-Identifier: BSL-1.0

#include "http_client.hpp"

#include <toro/version.hpp>

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

http_reply reply_of(response_parser& parser, error_code error)
{
  const bool too_large = error == http::error::body_limit;
  if (error && !too_large)
    return failed_reply("read", error);
  auto& response = parser.get();
  http_reply reply;
  reply.status = response.result_int();
  reply.content_type = response[http::field::content_type];
  reply.location = response[http::field::location];
  reply.body = std::move(response.body());
  reply.too_large = too_large;
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

} // namespace

http_reply failed_reply(const char* step, error_code error)
{
  http_reply reply;
  reply.failed_step = step;
  reply.error = error;
  return reply;
}

http_client::http_client(asio::any_io_executor ex, const request_limits& limits)
  : limits_(limits),
    stream_(std::move(ex))
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
  auto [error, bytes] =
      co_await http::async_write(stream_, request, as_tuple_awaitable);
  std::optional<response_parser> parser;
  do
  {
    parser.emplace();
    parser->header_limit(max_header_bytes);
    parser->body_limit(limits_.body_bytes);
    if (!error)
      std::tie(error, bytes) = co_await http::async_read(
          stream_, received_, *parser, as_tuple_awaitable);
  } while (!error && is_interim(*parser));
  if (error || !parser->get().keep_alive())
    disconnect();
  co_return reply_of(*parser, error);
}

void http_client::disconnect()
{
  connected_to_.clear();
  received_.clear();
  stream_.close();
}

} // namespace spider
