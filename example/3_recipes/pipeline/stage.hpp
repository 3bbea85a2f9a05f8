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
 * A worker that puts into the next stage waits while that is full, so that this
 * one fills up in turn, and in the end those wait who put into the first. Any
 * thread may use it. It has to outlive its workers: see close().
 */
template <class Item>
class stage
{
public:
  using work_function = std::function<asio::awaitable<void>(Item)>;

  /// Make a stage and start its workers, each on a strand of its own.
  /** @param name Stands in a toro::dump().
   * @param work Deals with an item. The item is dropped where it throws. */
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
   * where it was cancelled; then the item is dropped. */
  asio::awaitable<boost::system::error_code> put(Item item,
                                                 toro::deadline limit = {})
  {
    const auto [ec] =
        co_await items_.async_put(std::move(item), limit, as_result);
    co_return ec;
  }

  /// Take no more items, and wait until the workers have dealt with the rest.
  /** Those that have not in time are cancelled. No worker is left then. */
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
        // Whoever waits for the item learns of its end by its destructor.
      }
    }
  }

  work_function work_;
  toro::queue<Item> items_;
  toro::task_group workers_;
};

} // namespace recipes

#endif // TORO_EXAMPLE_RECIPES_STAGE_HPP
