// SPDX-License-Identifier: BSL-1.0

#include "http_messages.hpp"

#include <boost/asio/error.hpp>
#include <boost/beast/core/buffer_traits.hpp>
#include <boost/beast/core/read_size.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/write.hpp>

#include <sstream>

#include "site.hpp"

namespace spider {

namespace {

namespace http = boost::beast::http;
using boost::beast::flat_buffer;
using boost::system::error_code;
using request_message = http::request<http::empty_body>;

std::string serialized(const request_message& message)
{
  std::ostringstream text;
  text << message;
  return text.str();
}

void authorize_at_proxy(request_message& message, const proxy& via)
{
  if (!via.credentials.empty())
    message.set(http::field::proxy_authorization,
                "Basic " + base64(via.credentials));
}

// Parse what has been received until the header, or all, is there.
asio::awaitable<error_code> parse(connection& from, flat_buffer& received,
                                  response_parser& parser, bool is_all)
{
  parser.eager(is_all);
  while (is_all ? !parser.is_done() : !parser.is_header_done())
  {
    error_code error = http::error::need_more;
    if (received.size() != 0)
      received.consume(parser.put(received.data(), error));
    if (error && error != http::error::need_more)
      co_return error;
    if (!error)
      continue;
    const auto size = boost::beast::read_size(received, bytes_in_a_read);
    if (size == 0)
      co_return http::make_error_code(http::error::buffer_overflow);
    const auto [unread, count] =
        co_await from.read_some(received.prepare(size));
    received.commit(count);
    if (!unread)
      continue;
    if (unread != asio::error::eof)
      co_return unread;
    if (!parser.got_some())
      co_return http::make_error_code(http::error::end_of_stream);
    error = {};
    parser.put_eof(error);
    if (error)
      co_return error;
  }
  co_return error_code{};
}

// Whether another answer follows one with that status.
bool is_followed(unsigned status)
{
  return status / 100 == 1 &&
         status != static_cast<unsigned>(http::status::switching_protocols);
}

} // namespace

std::string text_of(const http_request& request)
{
  const urls::url& url = request.url;
  const bool is_forwarded = request.via && !is_https(url);
  request_message message(http::verb::get,
                          is_forwarded ? std::string(url.buffer())
                                       : std::string(url.encoded_target()),
                          11);
  message.set(http::field::host, std::string(url.encoded_host_and_port()));
  message.set(http::field::accept, "text/html, */*;q=0.5");
  for (const auto& [name, value] : request.headers)
    message.set(name, value);
  if (is_forwarded)
    authorize_at_proxy(message, *request.via);
  return serialized(message);
}

std::string tunnel_text_of(const http_request& request)
{
  const std::string server =
      std::string(request.url.encoded_host()) + ':' + port_of(request.url);
  request_message message(http::verb::connect, server, 11);
  message.set(http::field::host, server);
  authorize_at_proxy(message, *request.via);
  return serialized(message);
}

asio::awaitable<error_code> read_head(connection& from, flat_buffer& received,
                                      std::optional<response_parser>& parser,
                                      bool is_tunnel)
{
  error_code error;
  do
  {
    parser.emplace();
    parser->header_limit(max_header_bytes);
    parser->body_limit(boost::none); // what follows decides about the body
    parser->skip(is_tunnel);
    error = co_await parse(from, received, *parser, false);
  } while (!error && is_followed(parser->get().result_int()));
  // Beast accepts any three digits, and nobody asked for another protocol.
  if (!error && parser->get().result_int() < 200)
    error = http::error::bad_status;
  co_return error;
}

asio::awaitable<error_code> read_body(connection& from, flat_buffer& received,
                                      response_parser& parser,
                                      std::size_t limit)
{
  parser.get().body().limit = limit;
  const auto error = co_await parse(from, received, parser, true);
  co_return error;
}

} // namespace spider
