// SPDX-License-Identifier: BSL-1.0
// A graceful end. Each session enters the group; at the end the group is
// closed, and the program waits until the last session has left.
#include <toro/wait_group.hpp>

#include <boost/asio.hpp>

#include <chrono>
#include <iostream>

namespace asio = boost::asio;

asio::awaitable<void> serve(toro::work, int client)
{
  co_await asio::post(asio::use_awaitable);
  std::cout << "client " << client << " is served\n";
} // The work ends with the coroutine.

asio::awaitable<void> run(toro::wait_group& sessions)
{
  const auto executor = co_await asio::this_coro::executor;
  for (int client : {1, 2})
    asio::co_spawn(executor, serve(sessions.enter(), client), asio::detached);
  std::cout << "closing, " << sessions.close() << " are inside\n";
  if (!sessions.try_enter())
    std::cout << "nobody enters\n";
  co_await sessions.async_close(std::chrono::seconds(5), asio::use_awaitable);
  std::cout << "all have left\n";
}

int main()
{
  asio::io_context context;
  toro::wait_group sessions(context);
  asio::co_spawn(context, run(sessions), asio::detached);
  context.run();
}
