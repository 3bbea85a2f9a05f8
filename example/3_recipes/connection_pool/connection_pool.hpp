// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_RECIPES_CONNECTION_POOL_HPP
#define TORO_EXAMPLE_RECIPES_CONNECTION_POOL_HPP

#include <toro/bind_name.hpp>
#include <toro/deadline.hpp>
#include <toro/event.hpp>
#include <toro/semaphore.hpp>
#include <toro/task_group.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace recipes {

namespace asio = boost::asio;

/// A fixed number of connections to one server, for all who need one.
/**
 * A connection is of any type with a function @c is_alive(), which tells
 * whether it can be used again. Any thread may use the pool. Leases keep it
 * alive; make it with make_shared.
 */
template <class Connection>
class connection_pool
  : public std::enable_shared_from_this<connection_pool<Connection>>
{
public:
  using connection_pointer = std::unique_ptr<Connection>;

  /// Makes a connection, which need not be connected yet.
  using make_function = std::function<connection_pointer()>;

  /// Tells whether an idle connection still works. An exception says no.
  using check_function = std::function<asio::awaitable<bool>(Connection&)>;

  connection_pool(asio::any_io_executor ex, std::size_t size,
                  make_function make)
    : size_(size),
      make_(std::move(make)),
      places_(ex, size),
      checks_(std::move(ex))
  {
    idle_.reserve(size); // so that put_back() cannot fail
    places_.set_name("backend connections");
    checks_.set_name("health checks");
  }

  /// A connection that is yours until this ends.
  class lease
  {
  public:
    lease(lease&&) noexcept = default;
    lease& operator=(lease&&) = delete;

    // The members give the place back after this: the next owner of the place
    // finds the connection.
    ~lease()
    {
      if (connection_ && connection_->is_alive())
        pool_->put_back(std::move(connection_));
    }

    Connection& operator*() const noexcept
    {
      return *connection_;
    }

    Connection* operator->() const noexcept
    {
      return connection_.get();
    }

  private:
    friend connection_pool;

    lease(std::shared_ptr<connection_pool> pool, toro::permit place)
      : pool_(std::move(pool)),
        place_(std::move(place))
    {
    }

    std::shared_ptr<connection_pool> pool_;
    toro::permit place_;
    connection_pointer connection_;
  };

  /// Get a connection, in the order of asking.
  /** Throws @c boost::system::system_error: @c timed_out if none became free in
   * time, @c operation_aborted if it was cancelled. A toro::dump() shows
   * @p name while this waits, and while the lease lives. */
  asio::awaitable<lease> check_out(std::string name, toro::deadline limit)
  {
    auto place = co_await places_.async_acquire(
        limit, toro::bind_name(std::move(name), asio::use_awaitable));
    lease mine(this->shared_from_this(), std::move(place));
    mine.connection_ = take_newest();
    if (!mine.connection_)
      mine.connection_ = make_();
    co_return mine;
  }

  /// Check the idle connections at intervals, until close().
  /** Those that fail are dropped. */
  void start_health_checks(check_function check,
                           std::chrono::milliseconds interval)
  {
    checks_.spawn(asio::make_strand(checks_.get_executor()),
                  check_health(std::move(check), interval));
  }

  /// End the health checks.
  void close()
  {
    checks_.cancel();
  }

private:
  asio::awaitable<void> check_health(check_function check,
                                     std::chrono::milliseconds interval)
  {
    toro::event never(checks_.get_executor()); // the clock
    never.set_name("next health check");
    for (;;)
    {
      co_await never.async_wait(interval, asio::as_tuple(asio::use_awaitable));
      for (std::size_t i = 0; i != size_; ++i)
        co_await check_one(check);
    }
  }

  // Overtakes nobody: if a coroutine waits for a connection, none is idle.
  asio::awaitable<void> check_one(check_function& check)
  {
    auto place = places_.try_acquire();
    if (!place)
      co_return;
    place.set_name("health check");
    lease mine(this->shared_from_this(), std::move(place));
    mine.connection_ = take_oldest();
    if (!mine.connection_)
      co_return;
    try
    {
      if (co_await check(*mine))
        co_return;
    }
    catch (const std::exception&)
    {
      // The same as the answer false.
    }
    mine.connection_.reset();
  }

  // The newest are used and the oldest checked, so that a pool that is too
  // large shrinks by what its server closes.
  connection_pointer take_newest()
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

  connection_pointer take_oldest()
  {
    const std::lock_guard lock(mutex_);
    if (idle_.empty())
      return nullptr;
    auto found = std::move(idle_.front());
    idle_.erase(idle_.begin());
    return found;
  }

  void put_back(connection_pointer connection) noexcept
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(connection));
  }

  std::size_t size_;
  make_function make_;
  toro::semaphore places_; // one for each connection that may be in use
  toro::task_group checks_;
  std::mutex mutex_; // for what follows; never held across a co_await
  std::vector<connection_pointer> idle_;
};

} // namespace recipes

#endif // TORO_EXAMPLE_RECIPES_CONNECTION_POOL_HPP
