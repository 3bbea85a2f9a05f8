// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_RECIPES_CONNECTION_POOL_HPP
#define TORO_EXAMPLE_RECIPES_CONNECTION_POOL_HPP

#include <toro/deadline.hpp>
#include <toro/event.hpp>
#include <toro/semaphore.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "../service/http_connection.hpp"

namespace recipes {

/// So many connections to one server, shared by all who need one.
/** Any thread may use it. Leases keep it alive; make it with make_shared. */
class connection_pool : public std::enable_shared_from_this<connection_pool>
{
public:
  connection_pool(asio::any_io_executor ex,
                  const asio::ip::tcp::endpoint& server, std::size_t size);

  /// A connection that is yours until this ends.
  class lease
  {
  public:
    lease(lease&&) noexcept = default;
    lease& operator=(lease&&) = delete;
    ~lease();

    http_connection& operator*() const noexcept
    {
      return *connection_;
    }

    http_connection* operator->() const noexcept
    {
      return connection_.get();
    }

  private:
    friend connection_pool;
    lease(std::shared_ptr<connection_pool> pool, toro::permit place);

    std::shared_ptr<connection_pool> pool_;
    toro::permit place_;
    std::unique_ptr<http_connection> connection_;
  };

  /// Get a connection, in the order of asking.
  /** Throws @c boost::system::system_error: @c timed_out where none became free
   * in time, @c operation_aborted where it was cancelled. A toro::dump() shows
   * @p name while this waits, and while the lease lives. */
  asio::awaitable<lease> check_out(std::string name, toro::deadline limit);

  /// Ask the idle connections for @p target at intervals, until close().
  /** Those that do not answer in time with a status of 200 are dropped. Run it
   * on a strand. */
  asio::awaitable<void> check_health(std::string target,
                                     std::chrono::milliseconds interval,
                                     std::chrono::milliseconds limit);

  void close();

private:
  using connection_pointer = std::unique_ptr<http_connection>;

  asio::awaitable<void> check_one(const std::string& target,
                                  std::chrono::milliseconds limit);
  connection_pointer take_newest();
  connection_pointer take_oldest();
  void put_back(connection_pointer connection) noexcept;

  asio::any_io_executor executor_;
  asio::ip::tcp::endpoint server_;
  std::size_t size_;
  toro::semaphore places_; // one for each connection that may be in use
  toro::event closed_;
  std::mutex mutex_; // for what follows; never held across a co_await
  std::vector<connection_pointer> idle_;
};

} // namespace recipes

#endif // TORO_EXAMPLE_RECIPES_CONNECTION_POOL_HPP
