// SPDX-License-Identifier: BSL-1.0

#include "http_server.hpp"

#include <toro/first_of.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/lexical_cast.hpp>

#include <array>
#include <cstdint>
#include <exception>
#include <string>
#include <tuple>
#include <utility>

namespace recipes {

namespace {

using asio::ip::tcp;

constexpr std::uint32_t max_header_bytes = 16 * 1024;
constexpr std::size_t max_body_bytes = 1024 * 1024;
constexpr std::chrono::milliseconds accept_pause{100};

// Whether the client can be told what is wrong with its request.
bool has_answer(error_code ec)
{
  return ec.category() == make_error_code(http::error::bad_method).category() &&
         ec != http::error::end_of_stream && ec != http::error::partial_message;
}

http::status status_of(error_code ec)
{
  if (ec == http::error::body_limit)
    return http::status::payload_too_large;
  if (ec == http::error::header_limit)
    return http::status::request_header_fields_too_large;
  return http::status::bad_request;
}

// Waits until there is something to read. Returns false if the event is set, or
// the time has passed, before that. A wait for the socket may end because of
// data that have been read since, so the socket is asked again.
asio::awaitable<bool> is_readable(tcp::socket& socket, toro::event& end,
                                  std::chrono::milliseconds limit)
{
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!has_input(socket))
  {
    const auto [first, late, unreadable] = co_await toro::async_first_of(
        end.async_wait(deadline, asio::deferred),
        socket.async_wait(tcp::socket::wait_read, asio::deferred),
        asio::use_awaitable);
    if (first == 0)
      co_return false;
  }
  co_return true;
}

} // namespace

response text_response(http::status status, std::string text)
{
  response made(status, 11);
  made.set(http::field::content_type, "text/plain");
  made.body() = std::move(text);
  return made;
}

bool has_input(tcp::socket& socket)
{
  char byte = 0;
  error_code ec;
  socket.receive(asio::buffer(&byte, 1), tcp::socket::message_peek, ec);
  return ec != asio::error::would_block;
}

http_server::http_server(strand_type ex, unsigned short port,
                         const server_limits& limits, request_handler handler)
  : limits_(limits),
    handler_(std::move(handler)),
    strand_(std::move(ex)),
    acceptor_(strand_, {asio::ip::address_v4::loopback(), port}),
    clients_(strand_, limits.connections_per_client),
    places_(strand_, limits.connections),
    stopping_(strand_),
    hurry_(strand_),
    cut_(strand_)
{
  acceptor_.non_blocking(true);
  places_.set_name("connections");
  stopping_.set_name("stopping");
  hurry_.set_name("hurry");
  cut_.set_name("cut");
}

unsigned short http_server::port() const
{
  return acceptor_.local_endpoint().port();
}

asio::awaitable<void> http_server::run()
{
  const auto serve = [this](toro::task_group& children) -> asio::awaitable<void>
  {
    children.set_name("server");
    children.spawn(accept_connections(children));
    co_await stopping_.async_wait(asio::use_awaitable);
    const auto [late] = co_await children.async_join(limits_.grace, as_result);
    if (late)
      cut_.set();
  };
  co_await toro::with_task_group({}, serve);
}

void http_server::stop()
{
  stopping_.set();
  hurry_.set();
  acceptor_.cancel();
}

asio::awaitable<void>
http_server::accept_connections(toro::task_group& connections)
{
  while (!cut_.is_set())
  {
    auto place = co_await next_place();
    tcp::socket socket(asio::make_strand(strand_.get_inner_executor()));
    const error_code ec = co_await accept(socket);
    if (!ec)
      attend_to(std::move(socket), std::move(place), connections);
    else if (ec == asio::error::would_block)
      break;
    else if (ec != asio::error::operation_aborted)
      // No descriptors are left, perhaps: do not spin until there are.
      co_await cut_.async_wait(accept_pause, as_result);
  }
  acceptor_.close();
}

// While the server is full, no connection may stay open for a next request.
asio::awaitable<toro::permit> http_server::next_place()
{
  auto place = places_.try_acquire();
  if (place)
    co_return place;
  hurry_.set();
  place = co_await places_.async_acquire(asio::use_awaitable);
  if (!stopping_.is_set())
    hurry_.clear();
  co_return place;
}

// Once the server stops, take only the connections that are in the backlog:
// their clients know that they are connected, and may have sent a request.
asio::awaitable<error_code> http_server::accept(tcp::socket& socket)
{
  error_code ec;
  if (stopping_.is_set())
    acceptor_.accept(socket, ec);
  else
    std::tie(ec) = co_await acceptor_.async_accept(socket, as_result);
  co_return ec;
}

void http_server::attend_to(tcp::socket socket, toro::permit place,
                            toro::task_group& connections)
{
  error_code gone;
  const auto peer = socket.remote_endpoint(gone);
  if (!gone)
    socket.non_blocking(true, gone);
  if (gone)
    return;
  place.set_name(boost::lexical_cast<std::string>(peer));
  const auto ex = socket.get_executor();
  connections.spawn(ex, attend(std::move(socket), clients_.find(peer.address()),
                               std::move(place)));
}

// The place is a parameter, so that it is given back after the socket is
// closed. What the conversation throws ends with the connection.
asio::awaitable<void> http_server::attend(tcp::socket socket,
                                          client_pointer client,
                                          [[maybe_unused]] toro::permit place)
try
{
  const auto ex = socket.get_executor();
  beast::tcp_stream stream(std::move(socket));
  co_await toro::async_first_of(
      asio::co_spawn(ex, converse(stream, *client), asio::deferred),
      asio::co_spawn(ex, cut(stream), asio::deferred), asio::use_awaitable);
}
catch (const std::exception&)
{
  // Out of memory: this is no failure of the server.
}

// Closes the socket, because a cancellation between two steps of a composed
// operation is missed by it.
asio::awaitable<void> http_server::cut(beast::tcp_stream& stream)
{
  co_await cut_.async_wait(asio::use_awaitable);
  ++statistics_.cut;
  stream.close();
}

asio::awaitable<void> http_server::converse(beast::tcp_stream& stream,
                                            toro::semaphore& client)
{
  const auto [refused, admission] =
      co_await client.async_acquire(limits_.patience, as_result);
  co_await answer_requests(stream, !refused);
  co_await part(stream);
}

asio::awaitable<void> http_server::answer_requests(beast::tcp_stream& stream,
                                                   bool admitted)
{
  beast::flat_buffer received;
  bool open = co_await is_readable(stream.socket(), cut_, limits_.transfer);
  while (open)
  {
    open = co_await exchange(stream, received, admitted);
    // What a client sends ahead is read together with the request before it.
    if (open && received.size() == 0)
      open = co_await has_next_request(stream);
  }
}

// If the idle time has passed, or the server is in a hurry, the client still
// has a moment for a request that was on its way.
asio::awaitable<bool> http_server::has_next_request(beast::tcp_stream& stream)
{
  tcp::socket& socket = stream.socket();
  bool readable = co_await is_readable(socket, hurry_, limits_.idle);
  if (!readable)
    readable = co_await is_readable(socket, cut_, limits_.linger);
  co_return readable;
}

// Whether the connection stays open.
asio::awaitable<bool> http_server::exchange(beast::tcp_stream& stream,
                                            beast::flat_buffer& received,
                                            bool admitted)
{
  http::request_parser<http::string_body> parser;
  parser.header_limit(max_header_bytes);
  parser.body_limit(max_body_bytes);
  stream.expires_after(limits_.transfer);
  const auto [unread, read] =
      co_await http::async_read(stream, received, parser, as_result);
  if (unread && !has_answer(unread))
    co_return false;

  response reply;
  if (unread)
    reply = text_response(status_of(unread), unread.message() + '\n');
  else
    reply = co_await answer(parser.get(), admitted);
  const bool may_stay = received.size() != 0 || !hurry_.is_set();
  reply.keep_alive(!unread && admitted && parser.keep_alive() && may_stay);
  reply.prepare_payload();
  if (parser.get().method() == http::verb::head)
    reply.body().clear(); // its size has been told

  stream.expires_after(limits_.transfer);
  const auto [unwritten, written] =
      co_await http::async_write(stream, reply, as_result);
  co_return !unwritten && reply.keep_alive();
}

asio::awaitable<response> http_server::answer(const request& asked,
                                              bool admitted)
{
  if (!admitted)
  {
    ++statistics_.refused;
    auto reply = text_response(http::status::too_many_requests,
                               "too many connections from your address\n");
    reply.set(http::field::retry_after, "1");
    co_return reply;
  }
  try
  {
    auto reply = co_await handler_(asked);
    ++statistics_.served;
    co_return reply;
  }
  catch (const std::exception&)
  {
    // What went wrong is for the server's own log.
  }
  co_return text_response(http::status::internal_server_error, "failed\n");
}

// Ends the stream, and reads on until the client ends it, too. Closing a socket
// with unread data would reset the connection, and the answer might be lost.
asio::awaitable<void> http_server::part(beast::tcp_stream& stream)
{
  error_code ec;
  stream.socket().shutdown(tcp::socket::shutdown_send, ec);
  stream.expires_after(limits_.linger);
  std::array<char, 4096> rubbish;
  for (std::size_t bytes = 0; !ec;)
    std::tie(ec, bytes) =
        co_await stream.async_read_some(asio::buffer(rubbish), as_result);
}

} // namespace recipes
