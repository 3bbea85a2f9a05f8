// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_QUEUE_HPP
#define TORO_QUEUE_HPP

#include <toro/fwd.hpp>
#include <toro/room.hpp>

#include <toro/detail/config.hpp>
#include <toro/detail/object/queue_base.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <utility>

namespace toro {

/// A first-in, first-out queue between producers and consumers.
/**
 * A queue lets producers and consumers run at different speeds, and its bound
 * makes a fast producer wait. If a get fails, the item that it was granted is
 * not lost.
 *
 * | State | async_put() | async_get() |
 * | ----- | ----------- | ----------- |
 * | open, empty | stores, or grants it to a waiting get | waits |
 * | open, neither empty nor full | stores | takes |
 * | open, full | waits | takes, and admits the first waiting put |
 * | closed, items left | @c closed | takes |
 * | closed, empty | @c closed | @c closed |
 *
 * Each item that enters the queue is an unfinished task. Each call of
 * task_done() finishes one. async_join() waits until no task is unfinished. If
 * @p T is not default-constructible, handlers receive items as
 * @c std::optional<T>.
 *
 * A producer that makes an item only if there is room for it reserves the room
 * first, by async_reserve(). One that does not wait calls try_put() or, if new
 * items are worth more than old ones, force_put().
 *
 * The memory of an item is freed when the item has left, except for that of 129
 * items, which is kept for later ones. So it goes back after a burst.
 *
 * If a thread waits for a future (@c use_future), another thread has to run the
 * context, even if an item is present, because every completion goes through
 * the executor. If the context is destroyed first, the future throws
 * @c std::future_error, "Broken promise". A thread that must not depend on
 * other threads calls try_put() and try_get().
 *
 * @tparam T The type of the items. It must be move-constructible with a
 * destructor that does not throw, and need not be copyable or
 * default-constructible.
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 *
 * @par Fairness
 * Gets are served in the order in which they started, and so are puts.
 * try_put() and try_get() do not overtake waiters.
 *
 * @par Memory Ordering
 * Putting an item synchronizes with the get that receives it. A join that
 * succeeds sees everything that was written before the last task_done().
 *
 * @toro_class_thread_safety
 *
 * @par Exception Safety
 * An item is not lost if a move by the queue throws. The queue moves an item
 * once into the queue and once out of it. If the move into the queue throws,
 * the queue is unchanged. If the move out of the queue throws, the item returns
 * to its position, in the state in which the move left it, and the next get
 * receives it; a bounded queue may then exceed its bound. If a completion token
 * moves the item, or a handler takes it by value, and that move throws, the
 * item is lost.
 *
 * @par Destruction and Shutdown
 * Destroying a queue, or assigning to it, completes its waits with
 * @c operation_aborted and destroys its items; the handlers are posted. This is
 * linear in the number of waits and items. Cancellation signals of other
 * threads wait until all waits have been cancelled. Destroying the context
 * destroys the handlers without invoking them.
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
  /// The same primitive with another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_queue<T, OtherExecutor, Threading>;
  };

  using base::base;

  /// Moves a queue together with its waits.
  basic_queue(basic_queue&&) noexcept = default;
  /// Cancels the waits of this queue, then moves another one in.
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
