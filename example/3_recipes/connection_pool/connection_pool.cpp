// SPDX-License-Identifier: BSL-1.0

#include "connection_pool.hpp"

#include <toro/bind_name.hpp>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <utility>

namespace recipes {

using asio::experimental::awaitable_operators::operator||;

connection_pool::connection_pool(asio::any_io_executor ex,
                                 const asio::ip::tcp::endpoint& server,
                                 std::size_t size)
  : executor_(std::move(ex)),
    server_(server),
    size_(size),
    places_(executor_, size),
    closed_(executor_)
{
  idle_.reserve(size); // so that to put back cannot fail
  places_.set_name("backend connections");
  closed_.set_name("pool closed");
}

connection_pool::lease::lease(std::shared_ptr<connection_pool> pool,
                              toro::permit place)
  : pool_(std::move(pool)),
    place_(std::move(place))
{
}

// The members give the place back after this: whoever gets it finds the
// connection.
connection_pool::lease::~lease()
{
  if (connection_ && connection_->is_alive())
    pool_->put_back(std::move(connection_));
}

asio::awaitable<connection_pool::lease>
connection_pool::check_out(std::string name, toro::deadline limit)
{
  auto place = co_await places_.async_acquire(
      limit, toro::bind_name(std::move(name), asio::use_awaitable));
  lease mine(shared_from_this(), std::move(place));
  mine.connection_ = take_newest();
  if (!mine.connection_)
    mine.connection_ = std::make_unique<http_connection>(executor_, server_);
  co_return mine;
}

asio::awaitable<void>
connection_pool::check_health(std::string target,
                              std::chrono::milliseconds interval,
                              std::chrono::milliseconds limit)
{
  // The event is the clock: it times out until the pool is closed.
  for (;;)
  {
    const auto [early] = co_await closed_.async_wait(interval, as_result);
    if (!early)
      co_return;
    for (std::size_t i = 0; i != size_ && !closed_.is_set(); ++i)
      co_await (check_one(target, limit) ||
                closed_.async_wait(asio::use_awaitable));
  }
}

void connection_pool::close()
{
  closed_.set();
}

// Never throws, because `||` would then wait until the pool is closed.
// Overtakes nobody: where somebody waits for a connection, none is idle.
asio::awaitable<void>
connection_pool::check_one(const std::string& target,
                           std::chrono::milliseconds limit)
{
  auto place = places_.try_acquire();
  if (!place)
    co_return;
  place.set_name("health check");
  lease mine(shared_from_this(), std::move(place));
  mine.connection_ = take_oldest();
  if (!mine.connection_)
    co_return;
  try
  {
    const auto reply = co_await mine->get(target, limit);
    if (reply.result() == http::status::ok)
      co_return;
  }
  catch (const std::exception&)
  {
    // As bad as another status.
  }
  mine.connection_.reset();
}

// The newest are used and the oldest checked, so that a pool that is too large
// shrinks by what its server closes.
connection_pool::connection_pointer connection_pool::take_newest()
{
  const std::lock_guard lock(mutex_);
  connection_pointer found;
  while (!idle_.empty() && !found)
  {
    if (idle_.back()->is_alive())
      found = std::move(idle_.back());
    idle_.pop_back();
  }
  return found;
}

connection_pool::connection_pointer connection_pool::take_oldest()
{
  const std::lock_guard lock(mutex_);
  if (idle_.empty())
    return nullptr;
  auto found = std::move(idle_.front());
  idle_.erase(idle_.begin());
  return found;
}

void connection_pool::put_back(connection_pointer connection) noexcept
{
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(connection));
}

} // namespace recipes
