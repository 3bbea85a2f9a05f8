// SPDX-License-Identifier: BSL-1.0

// generated_site COUNT [PORT]: serves a site of COUNT pages, which are a tree
// with ten links a page, for figures of the spider. Prints its URL, and ends at
// SIGTERM.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <charconv>
#include <cstdint>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

std::string link_to(std::uint64_t number)
{
  return "<li><a href=\"/page/" + std::to_string(number) + "#top-of-page\">" +
         "Page " + std::to_string(number) + "</a>\n";
}

std::string answer(const std::string& status, const std::string& body)
{
  return "HTTP/1.1 " + status + "\r\nContent-Type: text/html\r\n" +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// Two children in the tree, and eight links to anywhere.
std::string page(std::uint64_t number, std::uint64_t count)
{
  std::string body = "<!DOCTYPE html><title>A page</title><h1 id=top-of-page>"
                     "A page</h1><ul>\n";
  for (const auto child : {2 * number + 1, 2 * number + 2})
    if (child < count)
      body += link_to(child);
  std::uint64_t random = number;
  for (int i = 0; i != 8; ++i)
  {
    random = random * 6364136223846793005u + 1442695040888963407u;
    body += link_to((random >> 20) % count);
  }
  return answer("200 OK", body);
}

std::string answer_to(std::string_view target, std::uint64_t count)
{
  constexpr std::string_view prefix = "/page/";
  std::uint64_t number = 0;
  if (target == "/")
    return page(0, count);
  if (!target.starts_with(prefix))
    return answer("404 Not Found", "");
  target.remove_prefix(prefix.size());
  const char* end = target.data() + target.size();
  if (std::from_chars(target.data(), end, number).ptr != end || number >= count)
    return answer("404 Not Found", "");
  return page(number, count);
}

asio::awaitable<void> serve(tcp::socket socket, std::uint64_t count)
{
  socket.set_option(tcp::no_delay(true));
  std::string received;
  for (;;)
  {
    const auto [end, size] = co_await asio::async_read_until(
        socket, asio::dynamic_buffer(received), "\r\n\r\n",
        asio::as_tuple(asio::use_awaitable));
    if (end)
      co_return;
    const auto begin = received.find(' ') + 1;
    const auto target =
        received.substr(begin, received.find(' ', begin) - begin);
    received.erase(0, size);
    const std::string text = answer_to(target, count);
    const auto [unsent, sent] = co_await asio::async_write(
        socket, asio::buffer(text), asio::as_tuple(asio::use_awaitable));
    if (unsent)
      co_return;
  }
}

asio::awaitable<void> listen(tcp::acceptor& acceptor, std::uint64_t count)
{
  for (;;)
  {
    auto socket = co_await acceptor.async_accept(asio::use_awaitable);
    co_spawn(acceptor.get_executor(), serve(std::move(socket), count),
             asio::detached);
  }
}

} // namespace

int main(int argc, char** argv)
try
{
  const std::uint64_t count = argc > 1 ? std::stoull(argv[1]) : 1000;
  const int port = argc > 2 ? std::stoi(argv[2]) : 0;
  asio::io_context context(1);
  tcp::acceptor acceptor(context,
                         tcp::endpoint(asio::ip::address_v4::loopback(),
                                       static_cast<unsigned short>(port)));
  std::cout << "http://127.0.0.1:" << acceptor.local_endpoint().port() << '/'
            << std::endl;
  co_spawn(context, listen(acceptor, count), asio::detached);
  context.run();
}
catch (const std::exception& error)
{
  std::cerr << error.what() << '\n';
  return 1;
}
