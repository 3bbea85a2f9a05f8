// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_QUEUE_HPP
#define TORO_QUEUE_HPP

#include <toro/fwd.hpp>

#include <toro/detail/config.hpp>
#include <toro/detail/object/queue_base.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <utility>

namespace toro {

/// Items from those who put to those who get, first in, first out.
/**
 * Producers and consumers that run at different speeds need a place in
 * between, and a bound that makes a fast producer wait. No item is lost
 * here, whatever ends the wait of who would have got it.
 *
 * | State | async_put() | async_get() |
 * | ----- | ----------- | ----------- |
 * | open, empty | stores, or hands to a get that waits | waits |
 * | open, in between | stores | takes |
 * | open, full | waits | takes, and lets the first put in |
 * | closed, items left | @c closed | takes |
 * | closed, empty | @c closed | @c closed |
 *
 * An item counts as one unfinished task from when it enters the queue until
 * task_done(), for those who wait in async_join(). Items are
 * @c std::optional<T> in handlers where @p T is not default-constructible.
 *
 * A thread that waits for a future (@c use_future) does not run the context.
 * Another thread has to, even if an item is present: every completion goes
 * through the executor. If the context is destroyed first, the future throws
 * @c std::future_error, "Broken promise". A thread that must not depend on
 * others calls try_put() and try_get().
 *
 * @tparam T The type of the items: move-constructible with a destructor that
 * does not throw, and maybe neither copyable nor default-constructible.
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 *
 * @par Fairness
 * Gets are served in the order in which they began, and so are puts.
 * try_put() and try_get() do not overtake.
 *
 * @par Memory Ordering
 * Who gets an item sees what was written before it was put. Who joined sees
 * what was written before the last task_done().
 *
 * @par Thread Safety
 * @e Distinct @e objects: Safe. @n
 * @e Shared @e objects: Safe with thread_safe, unsafe with strand_bound.
 *
 * @par Exception Safety
 * An item is not lost if its move throws. On the way in everything is as
 * before. On the way out the item returns to its place, in the state in which
 * the move left it, and the next get receives it; a bounded queue may be over
 * its bound then. The queue moves an item once in each direction. What moves it
 * besides, a completion token or a handler that takes it by value, is not
 * covered.
 *
 * @par Destruction and Shutdown
 * Destroying a queue, or assigning to it, ends its waits with
 * @c operation_aborted, posted, and destroys its items. That is linear in the
 * waits and the items; cancellation signals of other threads wait until all
 * waits have ended. Destroying the context destroys the handlers un-invoked.
 *
 * @par Example
 * For example:
 * @code
 * toro::queue<std::string> lines(executor, 100);
 * co_await lines.async_put("first", asio::use_awaitable);
 * lines.close();
 * std::string line = co_await lines.async_get(asio::use_awaitable);
 * constexpr auto quiet = asio::as_tuple(asio::use_awaitable);
 * auto [ec, none] = co_await lines.async_get(quiet);
 * assert(line == "first" && ec == toro::error::closed);
 * @endcode
 *
 * @sa lifo_queue, priority_queue, joinable_queue
 */
template <class T, class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class TORO_DETAIL_VISIBLE basic_queue
  : public detail::queue_base<T, detail::fifo_order, Executor, Threading>
{
  using base = detail::queue_base<T, detail::fifo_order, Executor, Threading>;

public:
  /// The same primitive on another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_queue<T, OtherExecutor, Threading>;
  };

  using base::base;

  /// Moves a queue together with its waits.
  basic_queue(basic_queue&&) noexcept = default;
  /// Moves a queue with its waits, and ends those of this one.
  /**
   * @returns This queue.
   */
  basic_queue& operator=(basic_queue&&) noexcept = default;

  /// Moves a queue from another type of executor.
  /**
   * @param other The queue to move from.
   */
  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_queue(basic_queue<T, OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }
};

/// The queue on any executor, safe to share between threads.
template <class T>
using queue = basic_queue<T>;

} // namespace toro

#endif // TORO_QUEUE_HPP
