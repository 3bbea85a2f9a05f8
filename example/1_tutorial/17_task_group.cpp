// SPDX-License-Identifier: BSL-1.0
// Downloads, two at a time. The first failure cancels those that are under way,
// and the join reports it once all of them have ended.
#include <toro/task_group.hpp>

#include <boost/asio.hpp>

#include <chrono>
#include <exception>
#include <iostream>
#include <stdexcept>

namespace asio = boost::asio;

asio::awaitable<void> download(int file)
{
  asio::steady_timer timer(co_await asio::this_coro::executor);
  timer.expires_after(std::chrono::milliseconds(file == 4 ? 60'000 : 1));
  co_await timer.async_wait(asio::use_awaitable);
  if (file == 3)
    throw std::runtime_error("file 3 is not there");
  std::cout << "file " << file << '\n';
}

asio::awaitable<void> run()
{
  toro::task_group group(co_await asio::this_coro::executor, {.limit = 2});
  for (int file = 1; file <= 4; ++file)
    co_await group.async_spawn(download(file), asio::use_awaitable);
  std::cout << "all are started\n";
  try
  {
    co_await group.async_join(asio::use_awaitable);
  }
  catch (const std::exception& e)
  {
    std::cout << e.what() << '\n';
  }
  std::cout << to_string(group) << '\n';
}

int main()
{
  asio::io_context context;
  asio::co_spawn(context, run(), asio::detached);
  context.run();
}
