// SPDX-License-Identifier: BSL-1.0
// Two coroutines wait for each other, and a dump shows which they are.
#include <toro/bind_name.hpp>
#include <toro/diagnostics.hpp>
#include <toro/lock.hpp>

#include <boost/asio.hpp>

#include <iostream>

namespace asio = boost::asio;

asio::awaitable<void> transfer(toro::lock& from, toro::lock& to,
                               const char* name)
{
  auto token = toro::bind_name(name, asio::use_awaitable);
  auto first = co_await from.async_acquire(token);
  co_await asio::post(asio::use_awaitable);
  auto second = co_await to.async_acquire(token);
}

int main()
{
  asio::io_context context;
  toro::enable_diagnostics(context);
  toro::lock checking(context);
  toro::lock savings(context);
  checking.set_name("checking");
  savings.set_name("savings");
  asio::co_spawn(context, transfer(checking, savings, "deposit"),
                 asio::detached);
  asio::co_spawn(context, transfer(savings, checking, "withdrawal"),
                 asio::detached);
  context.poll(); // Now neither can go on.
  toro::dump(context, std::cout);
}
