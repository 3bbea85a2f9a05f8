// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_PRIORITY_QUEUE_HPP
#define TORO_PRIORITY_QUEUE_HPP

#include <toro/fwd.hpp>
#include <toro/room.hpp>

#include <toro/detail/config.hpp>
#include <toro/detail/object/queue_base.hpp>
#include <toro/detail/state/sorted_order.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <utility>

namespace toro {

/// A queue from which the smallest item is taken first.
/**
 * Work should be done in the order of its urgency, and equally urgent work in
 * the order in which it arrived. So equal items are taken first in, first out,
 * including those of waiting puts.
 *
 * Its states and operations are those of basic_queue. Items are compared in
 * try_put(), force_put(), @c put() of reserved room, and in the initiation of
 * async_put() only, under the internal lock. If a comparison throws, the
 * exception leaves through that call and everything is as before, except that
 * the first three have moved an item whose move may throw. A comparison must
 * not call the queue.
 *
 * @tparam T The type of the items, as in basic_queue.
 *
 * @tparam Compare The strict weak ordering. An item that it orders before
 * another one is taken first.
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 *
 * @par Fairness
 * Waits are served in the order in which they started. Large items may stay
 * forever while smaller ones arrive.
 *
 * @par Memory Ordering
 * As basic_queue.
 *
 * @toro_class_thread_safety
 *
 * @par Exception Safety
 * As basic_queue. If moving an item out of the queue throws, its value may have
 * changed, so it is not compared again and keeps its position. An item that is
 * put later comes after it, unless an item before it is greater than the new
 * one.
 *
 * @par Destruction and Shutdown
 * As basic_queue.
 *
 * @par Example
 * For example:
 * @code
 * toro::priority_queue<int> tasks(executor);
 * (void)tasks.try_put(2);
 * (void)tasks.try_put(1);
 * int smallest = co_await tasks.async_get(asio::use_awaitable);
 * assert(smallest == 1);
 * @endcode
 *
 * @sa queue, lifo_queue
 */
template <class T, class Compare = std::less<T>,
          class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class TORO_DETAIL_VISIBLE basic_priority_queue
  : public detail::queue_base<T, detail::sorted_order<T, Compare>, Executor,
                              Threading>
{
  using base = detail::queue_base<T, detail::sorted_order<T, Compare>, Executor,
                                  Threading>;

public:
  /// The same primitive with another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_priority_queue<T, Compare, OtherExecutor, Threading>;
  };

  /// Constructs a priority_queue.
  /**
   * @param executor The executor for handlers that have no associated executor.
   *
   * @param max_size The bound. Unit: items. Range: 0 to @c PTRDIFF_MAX. With 0
   * the queue is unbounded.
   *
   * @param compare The order of the items.
   *
   * @throws std::invalid_argument The bound is out of range.
   */
  explicit basic_priority_queue(const Executor& executor,
                                std::size_t max_size = 0,
                                Compare compare = Compare())
    : base(executor, max_size,
           detail::sorted_order<T, Compare>(std::move(compare)))
  {
  }

  /// Constructs a priority_queue on the executor of a context.
  /**
   * @param context The context, for example an @c io_context.
   *
   * @param max_size The bound. Unit: items. Range: 0 to @c PTRDIFF_MAX. With 0
   * the queue is unbounded.
   *
   * @param compare The order of the items.
   *
   * @throws std::invalid_argument The bound is out of range.
   */
  template <detail::execution_context_like Context>
  explicit basic_priority_queue(Context& context, std::size_t max_size = 0,
                                Compare compare = Compare())
    : basic_priority_queue(Executor(context.get_executor()), max_size,
                           std::move(compare))
  {
  }

  // Not an integer, so not a size.
  template <class Where, std::floating_point Number, class... Rest>
  basic_priority_queue(Where&&, Number, Rest&&...) = delete;

  /// Moves a priority_queue together with its waits.
  basic_priority_queue(basic_priority_queue&&) noexcept = default;
  /// Cancels the waits of this priority_queue, then moves another one in.
  /**
   * @returns This priority_queue.
   */
  basic_priority_queue& operator=(basic_priority_queue&&) noexcept = default;

  /// Moves a priority_queue from another type of executor.
  /**
   * @param other The priority_queue to move from.
   */
  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_priority_queue(
      basic_priority_queue<T, Compare, OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }
};

/// The priority_queue on any executor, safe to share between threads.
template <class T, class Compare = std::less<T>>
using priority_queue = basic_priority_queue<T, Compare>;

} // namespace toro

#endif // TORO_PRIORITY_QUEUE_HPP
