// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_SPIDER_RAW_SERVER_HPP
#define TORO_TEST_SPIDER_RAW_SERVER_HPP

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace spider_test {

namespace asio = boost::asio;
using asio::ip::tcp;

// What the server sends for a request, octet by octet, and what it does then.
struct raw_answer
{
  enum ending
  {
    close,
    hang,
    send_on, // dots, without end
  };

  std::string octets{};
  ending then = close;
};

// An HTTP server that sends what a test tells it to, right or wrong. It has a
// thread of its own. Each connection serves one request.
class raw_server
{
public:
  // Called with the target of a request, and with how many of that target there
  // were, this one included. Runs in the server's thread.
  using script = std::function<raw_answer(const std::string&, int)>;

  explicit raw_server(script answers, asio::ip::address address =
                                          asio::ip::address_v4::loopback())
    : answers_(std::move(answers)),
      acceptor_(context_, tcp::endpoint(address, 0))
  {
    co_spawn(context_, listen(), asio::detached);
    thread_ = std::thread(
        [this]
        {
          context_.run();
        });
  }

  raw_server(const raw_server&) = delete;
  raw_server& operator=(const raw_server&) = delete;

  ~raw_server()
  {
    context_.stop();
    thread_.join();
  }

  // "host:port"
  std::string authority() const
  {
    const auto endpoint = acceptor_.local_endpoint();
    const std::string host = endpoint.address().to_string();
    return (endpoint.address().is_v6() ? '[' + host + ']' : host) + ':' +
           std::to_string(endpoint.port());
  }

  int requests_for(const std::string& target) const
  {
    const std::scoped_lock guard(mutex_);
    const auto found = requests_.find(target);
    return found == requests_.end() ? 0 : found->second;
  }

  // The head of the last request for a target; empty if there was none.
  std::string request_for(const std::string& target) const
  {
    const std::scoped_lock guard(mutex_);
    const auto found = heads_.find(target);
    return found == heads_.end() ? "" : found->second;
  }

private:
  asio::awaitable<void> listen()
  {
    for (;;)
    {
      auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
      co_spawn(context_, serve(std::move(socket)), asio::detached);
    }
  }

  // Ends with an exception when the client goes.
  asio::awaitable<void> serve(tcp::socket socket)
  {
    std::string request;
    co_await asio::async_read_until(socket, asio::dynamic_buffer(request),
                                    "\r\n\r\n", asio::use_awaitable);
    const auto begin = request.find(' ') + 1;
    const auto target = request.substr(begin, request.find(' ', begin) - begin);
    const raw_answer answer = answers_(target, count(target, request));
    co_await asio::async_write(socket, asio::buffer(answer.octets),
                               asio::use_awaitable);
    const std::string dots(64 * 1024, '.');
    while (answer.then == raw_answer::send_on)
      co_await asio::async_write(socket, asio::buffer(dots),
                                 asio::use_awaitable);
    char octet = 0;
    if (answer.then == raw_answer::hang)
      co_await socket.async_read_some(asio::buffer(&octet, 1),
                                      asio::use_awaitable);
  }

  int count(const std::string& target, const std::string& head)
  {
    const std::scoped_lock guard(mutex_);
    heads_[target] = head;
    return ++requests_[target];
  }

  script answers_;
  asio::io_context context_{1};
  tcp::acceptor acceptor_;
  mutable std::mutex mutex_; // guards requests_ and heads_
  std::map<std::string, int> requests_;
  std::map<std::string, std::string> heads_;
  std::thread thread_;
};

// An answer with a body of known length.
inline std::string answer_of(const std::string& status,
                             const std::string& headers,
                             const std::string& body)
{
  return "HTTP/1.1 " + status + "\r\nConnection: close\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

inline raw_answer html(const std::string& body)
{
  return {answer_of("200 OK", "Content-Type: text/html\r\n", body)};
}

inline raw_answer busy(const std::string& status, const std::string& wait)
{
  return {answer_of(status, "Retry-After: " + wait + "\r\n", "later")};
}

} // namespace spider_test

#endif // TORO_TEST_SPIDER_RAW_SERVER_HPP
