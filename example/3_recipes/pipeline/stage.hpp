// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_RECIPES_STAGE_HPP
#define TORO_EXAMPLE_RECIPES_STAGE_HPP

#include <toro/deadline.hpp>
#include <toro/queue.hpp>
#include <toro/task_group.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <string>
#include <utility>

namespace recipes {

namespace asio = boost::asio;

/// One step of a pipeline: workers that share a bounded queue of items.
/**
 * A worker that puts into the next stage waits while that stage is full. So
 * this stage fills up, too, and in the end the puts into the first stage wait.
 * Any thread may use a stage. It has to outlive its workers: see close().
 */
template <class Item>
class stage
{
public:
  using work_function = std::function<asio::awaitable<void>(Item)>;

  /// Make a stage and start its workers, each on a strand of its own.
  /** @param name The name in a toro::dump().
   * @param work Deals with an item. If it throws, the item is dropped. */
  stage(asio::any_io_executor ex, const std::string& name,
        std::size_t max_items, std::size_t workers, work_function work)
    : work_(std::move(work)),
      items_(ex, max_items),
      workers_(ex, {.on_failure = toro::failure_policy::keep_going})
  {
    items_.set_name(name);
    workers_.set_name(name + " workers");
    for (std::size_t i = 0; i != workers; ++i)
      workers_.spawn(asio::make_strand(ex), run());
  }

  /// Put an item, if there is room for it in time.
  /** @returns @c timed_out, @c toro::error::closed, or @c operation_aborted
   * if it was cancelled; then the item is dropped. */
  asio::awaitable<boost::system::error_code> put(Item item,
                                                 toro::deadline limit = {})
  {
    const auto [ec] =
        co_await items_.async_put(std::move(item), limit, as_result);
    co_return ec;
  }

  /// Take no more items, and wait until the workers have dealt with the rest.
  /** Workers that have not ended in time are cancelled. Afterwards no worker is
   * left. */
  asio::awaitable<void> close(toro::deadline limit)
  {
    items_.close();
    co_await workers_.async_join(limit, as_result);
    workers_.cancel();
    co_await workers_.async_join(as_result);
  }

private:
  static constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

  asio::awaitable<void> run()
  {
    for (;;)
    {
      auto [closed, item] = co_await items_.async_get(as_result);
      if (closed)
        co_return;
      try
      {
        co_await work_(std::move(item));
      }
      catch (const std::exception&)
      {
        // The destructor of the item tells those that wait for the item.
      }
    }
  }

  work_function work_;
  toro::queue<Item> items_;
  toro::task_group workers_;
};

} // namespace recipes

#endif // TORO_EXAMPLE_RECIPES_STAGE_HPP
