// SPDX-License-Identifier: BSL-1.0
// Readers read together. A writer is alone, and readers that come later do not
// overtake it.
#include <toro/rw_lock.hpp>

#include <boost/asio.hpp>

#include <iostream>

namespace asio = boost::asio;

asio::awaitable<void> read(toro::rw_lock& door, const int& value)
{
  auto guard = co_await door.async_acquire_read(asio::use_awaitable);
  co_await asio::post(asio::use_awaitable);
  std::cout << door.readers() << " read " << value << '\n';
}

asio::awaitable<void> write(toro::rw_lock& door, int& value)
{
  auto guard = co_await door.async_acquire_write(asio::use_awaitable);
  std::cout << "write\n";
  ++value;
}

int main()
{
  asio::io_context context;
  toro::rw_lock door(context);
  int value = 1;
  for (int i = 0; i != 2; ++i)
    asio::co_spawn(context, read(door, value), asio::detached);
  asio::co_spawn(context, write(door, value), asio::detached);
  asio::co_spawn(context, read(door, value), asio::detached);
  context.run();
}
