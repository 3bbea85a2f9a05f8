// SPDX-License-Identifier: BSL-1.0

#include "embedded_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <utility>

#include "embedded_site.hpp"

namespace spider {

namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

http::response<http::string_body> response_of(const site_answer& answer)
{
  http::response<http::string_body> response;
  response.result(answer.status);
  response.set(http::field::content_type, answer.type);
  if (!answer.location.empty())
    response.set(http::field::location, answer.location);
  response.body() = answer.body;
  response.keep_alive(answer.how != behaviour::close);
  if (answer.how == behaviour::chunked)
    response.chunked(true);
  else
    response.prepare_payload();
  return response;
}

asio::awaitable<void> pause(std::chrono::milliseconds time)
{
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  co_await timer.async_wait(asio::use_awaitable);
}

// Wait until the client gives up.
asio::awaitable<void> hang(tcp::socket& socket)
{
  char byte = 0;
  co_await socket.async_read_some(asio::buffer(&byte, 1),
                                  asio::as_tuple(asio::use_awaitable));
}

asio::awaitable<void> send_half(tcp::socket& socket, const site_answer& answer)
{
  const std::string text =
      "HTTP/1.1 200 OK\r\nContent-Type: " + answer.type +
      "\r\nContent-Length: " + std::to_string(2 * answer.body.size()) +
      "\r\n\r\n" + answer.body;
  co_await asio::async_write(socket, asio::buffer(text), asio::use_awaitable);
}

// Ends with an exception when the client goes.
asio::awaitable<void> send_without_end(tcp::socket& socket,
                                       const site_answer& answer)
{
  http::response<http::empty_body> head;
  head.set(http::field::content_type, answer.type);
  head.chunked(true);
  http::response_serializer<http::empty_body> serializer(head);
  co_await http::async_write_header(socket, serializer, asio::use_awaitable);
  const std::string text(64 * 1024, '.');
  for (;;)
    co_await asio::async_write(socket, http::make_chunk(asio::buffer(text)),
                               asio::use_awaitable);
}

asio::awaitable<void> send_banner(tcp::socket& socket)
{
  const std::string text = "SSH-2.0-OpenSSH_9.2\r\n";
  co_await asio::async_write(socket, asio::buffer(text), asio::use_awaitable);
}

// Returns whether the connection stays open.
asio::awaitable<bool> send(tcp::socket& socket, const site_answer& answer)
{
  if (answer.delay.count() != 0)
    co_await pause(answer.delay);
  switch (answer.how)
  {
  case behaviour::hang:
    co_await hang(socket);
    co_return false;
  case behaviour::drop:
    co_return false;
  case behaviour::banner:
    co_await send_banner(socket);
    co_return false;
  case behaviour::cut_short:
    co_await send_half(socket, answer);
    co_return false;
  case behaviour::endless:
    co_await send_without_end(socket, answer);
    co_return false;
  default:
    const auto response = response_of(answer);
    co_await http::async_write(socket, response, asio::use_awaitable);
    co_return response.keep_alive();
  }
}

asio::awaitable<void> serve(tcp::socket socket)
{
  beast::flat_buffer buffer;
  socket.set_option(tcp::no_delay(true));
  for (bool open = true; open;)
  {
    http::request<http::empty_body> request;
    co_await http::async_read(socket, buffer, request, asio::use_awaitable);
    const std::string target(request.target());
    const site_answer answer = embedded_answer(target);
    open = co_await send(socket, answer);
  }
}

asio::awaitable<void> listen(tcp::acceptor& acceptor)
{
  for (;;)
  {
    tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    co_spawn(acceptor.get_executor(), serve(std::move(socket)), asio::detached);
  }
}

} // namespace

embedded_server::embedded_server()
  : acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
    url_("http://127.0.0.1:" +
         std::to_string(acceptor_.local_endpoint().port()) + '/')
{
  co_spawn(context_, listen(acceptor_), asio::detached);
  thread_ = std::thread(
      [this]
      {
        context_.run();
      });
}

embedded_server::~embedded_server()
{
  context_.stop();
  thread_.join();
}

} // namespace spider
