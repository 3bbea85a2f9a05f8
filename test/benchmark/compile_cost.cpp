// SPDX-License-Identifier: BSL-1.0
// What compile_cost.py compiles: what a program includes anyway, and on top of
// it a channel, a lock, a queue, or everything; with COST_USE also coroutines
// that wait.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#if defined(COST_ALL)
#include <toro.hpp>
#elif defined(COST_LOCK)
#include <toro/lock.hpp>
#elif defined(COST_QUEUE)
#include <toro/queue.hpp>
#elif defined(COST_CHANNEL)
#include <boost/asio/experimental/concurrent_channel.hpp>
#endif

#ifdef COST_USE

namespace asio = boost::asio;

asio::awaitable<void> wait(asio::steady_timer& timer)
{
  co_await timer.async_wait(asio::use_awaitable);
}

#if defined(COST_ALL) || defined(COST_LOCK)
using waited_for = toro::lock;

asio::awaitable<void> wait(waited_for& lock)
{
  const auto guard = co_await lock.async_acquire(asio::use_awaitable);
}
#elif defined(COST_QUEUE)
using waited_for = toro::queue<int>;

asio::awaitable<void> wait(waited_for& queue)
{
  co_await queue.async_get(asio::use_awaitable);
}
#elif defined(COST_CHANNEL)
using waited_for =
    asio::experimental::concurrent_channel<void(boost::system::error_code)>;

asio::awaitable<void> wait(waited_for& channel)
{
  co_await channel.async_receive(asio::use_awaitable);
}
#else
using waited_for = asio::steady_timer;
#endif

int main()
{
  asio::io_context context;
  asio::steady_timer timer(context);
  asio::co_spawn(context, wait(timer), asio::detached);
  waited_for other(context);
  asio::co_spawn(context, wait(other), asio::detached);
  context.run();
}

#endif
