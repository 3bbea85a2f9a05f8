// SPDX-License-Identifier: BSL-1.0
// A configuration that changes while a worker runs. The worker waits for the
// next one, and gets the newest.
#include <toro/watch.hpp>

#include <boost/asio.hpp>

#include <iostream>
#include <string>

namespace asio = boost::asio;

struct configuration
{
  std::string name;
  int limit = 1;
};

asio::awaitable<void> work(toro::reader<configuration> reader)
{
  std::cout << "starts with " << reader.get().name << '\n';
  for (;;)
  {
    const auto [closed, next] =
        co_await reader.async_next(asio::as_tuple(asio::use_awaitable));
    if (closed)
      break;
    std::cout << "goes on with " << next.name << ", " << next.limit << '\n';
  }
  std::cout << "no more changes\n";
}

int main()
{
  asio::io_context context;
  toro::watch<configuration> config(context, {"default"});
  asio::co_spawn(context, work(config.read()), asio::detached);
  context.poll(); // Now the worker waits.
  config.set({"first", 2});
  config.set({"second", 3}); // The worker has not run: it skips the first one.
  context.restart();
  context.poll();
  config.update(
      [](configuration& c)
      {
        c.limit = 4;
        return true;
      });
  config.close(); // The worker still gets the last value.
  context.restart();
  context.run();
}
