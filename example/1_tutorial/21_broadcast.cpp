// SPDX-License-Identifier: BSL-1.0
// A chat room. Every client gets every message, at its own speed. A client that
// is too slow loses the oldest ones, and is told how many.
#include <toro/broadcast.hpp>
#include <toro/event.hpp>

#include <boost/asio.hpp>

#include <iostream>
#include <string>
#include <utility>

namespace asio = boost::asio;

asio::awaitable<void> listen(std::string name,
                             toro::subscription<std::string> messages,
                             toro::event& awake)
{
  co_await awake.async_wait(asio::use_awaitable);
  for (;;)
  {
    if (const auto missed = messages.lost())
      std::cout << name << " has missed " << missed << '\n';
    const auto [closed, message] =
        co_await messages.async_get(asio::as_tuple(asio::use_awaitable));
    if (closed)
      break;
    std::cout << name << " reads " << message << '\n';
  }
  std::cout << name << " leaves\n";
}

int main()
{
  asio::io_context context;
  toro::broadcast<std::string> room(context, 2); // Two wait for each client.
  toro::event now(context);
  toro::event later(context);
  now.set();
  asio::co_spawn(context, listen("Ann", room.subscribe(), now), asio::detached);
  asio::co_spawn(context, listen("Ben", room.subscribe(), later),
                 asio::detached);
  for (const char* message : {"hello", "who is there?", "good night"})
  {
    room.put(message);
    context.restart();
    context.poll(); // Ann reads it. Ben is asleep.
  }
  later.set();
  room.close(); // What is there can still be read.
  context.restart();
  context.run();
}
