// SPDX-License-Identifier: BSL-1.0
// Requests that failed are tried again later. If a request was answered
// meanwhile, its retry is erased. A second queue has lines to be written, and
// one get takes several of them.
#include <toro/delay_queue.hpp>
#include <toro/queue.hpp>

#include <boost/asio.hpp>

#include <chrono>
#include <iostream>
#include <string>
#include <vector>

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<void> retry(toro::delay_queue<std::string>& retries,
                            toro::delay_key answered)
{
  std::string request = co_await retries.async_get(asio::use_awaitable);
  std::cout << "retry " << request << '\n';
  retries.erase(answered); // Its answer has come meanwhile.
  retries.close();         // Gets still wait for what is not due yet.
  for (;;)
  {
    const auto [ec, next] =
        co_await retries.async_get(1min, asio::as_tuple(asio::use_awaitable));
    if (ec)
      break;
    std::cout << "retry " << next << '\n';
  }
  std::cout << "no more retries\n";
}

asio::awaitable<void> write(toro::queue<std::string>& lines)
{
  const std::vector<std::string> batch =
      co_await lines.async_get_some(64, asio::use_awaitable);
  std::cout << batch.size() << " at a time:";
  for (const std::string& line : batch)
    std::cout << ' ' << line;
  std::cout << '\n';
}

int main()
{
  asio::io_context context;
  toro::delay_queue<std::string> retries(context);
  retries.put("orders", 1ms);
  const toro::delay_key payments = retries.put("payments", 1h);
  retries.put("accounts", 2ms);
  std::cout << retries.size() << " retries are planned\n";
  asio::co_spawn(context, retry(retries, payments), asio::detached);
  context.run();

  toro::queue<std::string> lines(context);
  for (const char* line : {"bills", "letters"})
    static_cast<void>(lines.try_put(line));
  asio::co_spawn(context, write(lines), asio::detached);
  context.restart();
  context.run();
}
