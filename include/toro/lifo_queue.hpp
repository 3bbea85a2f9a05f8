// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_LIFO_QUEUE_HPP
#define TORO_LIFO_QUEUE_HPP

#include <toro/fwd.hpp>
#include <toro/room.hpp>

#include <toro/detail/config.hpp>
#include <toro/detail/object/queue_base.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <utility>

namespace toro {

/// A last-in, first-out queue: the newest item is taken first.
/**
 * If the latest item is the most useful one, or if a search should go deep
 * before it goes wide, a first-in, first-out queue returns the wrong item.
 * Items of waiting puts take part in the order: a get from a full queue first
 * admits the first waiting put, and then takes the newest of all items in the
 * queue.
 *
 * Its states and operations are those of basic_queue.
 *
 * @tparam T The type of the items, as in basic_queue.
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 *
 * @par Fairness
 * Waits are served in the order in which they started. Old items may stay
 * forever while new ones arrive.
 *
 * @par Memory Ordering
 * As basic_queue.
 *
 * @toro_class_thread_safety
 *
 * @par Exception Safety
 * As basic_queue.
 *
 * @par Destruction and Shutdown
 * As basic_queue.
 *
 * @par Example
 * For example:
 * @code
 * toro::lifo_queue<int> stack(executor);
 * (void)stack.try_put(1);
 * (void)stack.try_put(2);
 * int newest = co_await stack.async_get(asio::use_awaitable);
 * assert(newest == 2);
 * @endcode
 *
 * @sa queue, priority_queue
 */
template <class T, class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class TORO_DETAIL_VISIBLE basic_lifo_queue
  : public detail::queue_base<T, detail::lifo_order, Executor, Threading>
{
  using base = detail::queue_base<T, detail::lifo_order, Executor, Threading>;

public:
  /// The same primitive with another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_lifo_queue<T, OtherExecutor, Threading>;
  };

  using base::base;

  /// Moves a lifo_queue together with its waits.
  basic_lifo_queue(basic_lifo_queue&&) noexcept = default;
  /// Cancels the waits of this lifo_queue, then moves another one in.
  /**
   * @returns This lifo_queue.
   */
  basic_lifo_queue& operator=(basic_lifo_queue&&) noexcept = default;

  /// Moves a lifo_queue from another type of executor.
  /**
   * @param other The lifo_queue to move from.
   */
  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_lifo_queue(basic_lifo_queue<T, OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }
};

/// The lifo_queue on any executor, safe to share between threads.
template <class T>
using lifo_queue = basic_lifo_queue<T>;

} // namespace toro

#endif // TORO_LIFO_QUEUE_HPP
