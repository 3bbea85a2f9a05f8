// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OBJECT_QUEUE_BASE_HPP
#define TORO_DETAIL_OBJECT_QUEUE_BASE_HPP

#include <toro/deadline.hpp>
#include <toro/error.hpp>

#include <toro/detail/format.hpp>
#include <toro/detail/object/io_object.hpp>
#include <toro/detail/object/queue_request.hpp>
#include <toro/detail/object/room_request.hpp>
#include <toro/detail/state/value_queue_state.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/system/error_code.hpp>
#include <boost/throw_exception.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace toro::detail {

/// The members that all queues share.
/**
 * @tparam T The type of the items.
 *
 * @tparam Order The order in which they are taken.
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 */
template <class T, class Order, class Executor, class Threading>
class queue_base
  : public io_object<value_queue_state<T, Order>, Executor, Threading>
{
  static_assert(std::is_object_v<T> && !std::is_const_v<T> &&
                    !std::is_array_v<T>,
                "the items of a queue are objects");
  static_assert(std::is_move_constructible_v<T>,
                "the items of a queue must be move-constructible");
  static_assert(std::is_nothrow_destructible_v<T>,
                "the items of a queue must be nothrow destructible");

  using state_type = value_queue_state<T, Order>;
  using base = io_object<state_type, Executor, Threading>;
  using node_type = typename state_type::node;
  using node_pointer = std::unique_ptr<node_type>;
  using reserve_request_type =
      reserve_request<basic_room<T, Order, Threading>, node_type>;
  using default_token = detail::default_token<Executor>;

public:
  /// The type of the items.
  using value_type = T;

  /// The type of the guard that owns room for an item.
  using room_type = basic_room<T, Order, Threading>;

  /// Constructs a queue.
  /**
   * @param executor The executor for handlers that have no associated executor.
   *
   * @param max_size The bound. Unit: items. Range: 0 to @c PTRDIFF_MAX. With 0
   * the queue is unbounded.
   *
   * @throws std::invalid_argument The bound is out of range.
   */
  explicit queue_base(const Executor& executor, std::size_t max_size = 0)
    : queue_base(executor, max_size, Order())
  {
  }

  /// Constructs a queue on the executor of a context.
  /**
   * @param context The context, for example an @c io_context.
   *
   * @param max_size The bound. Unit: items. Range: 0 to @c PTRDIFF_MAX. With 0
   * the queue is unbounded.
   *
   * @throws std::invalid_argument The bound is out of range.
   */
  template <execution_context_like Context>
  explicit queue_base(Context& context, std::size_t max_size = 0)
    : queue_base(Executor(context.get_executor()), max_size)
  {
  }

  // Not an integer, so not a size.
  template <class Where, std::floating_point Number, class... Rest>
  queue_base(Where&&, Number, Rest&&...) = delete;

  /// Try to put an item without waiting.
  /**
   * If a waiting get receives the item, its handler will not be invoked from
   * within this function.
   *
   * @param item The item. Unchanged if the queue does not take it.
   *
   * @returns True if the queue took the item. False if it is full or closed, or
   * if another put waits.
   *
   * @throws Any exception from an allocation, the item's move or a comparison.
   * The queue is unchanged then. The item is unchanged, too, unless its move
   * threw, or a comparison threw and the item's move is not @c noexcept.
   *
   * @par Complexity and Thread Safety
   * Constant, plus the search for the item's position in a priority_queue; as
   * the class.
   */
  [[nodiscard]] bool try_put(T&& item)
  {
    const std::size_t weight = weigh(item);
    if constexpr (moves_under_lock)
      return put_in_one_entry(item, weight);
    else if constexpr (std::is_nothrow_move_constructible_v<T>)
      return put_in_two_entries(item, weight);
    else
      return put_into_kept_room(item, weight);
  }

  /// @copydoc try_put(T&&)
  [[nodiscard]] bool try_put(const T& item) requires std::copy_constructible<T>
  {
    return try_put(T(item));
  }

  /// Try to get an item without waiting.
  /**
   * If this admits a waiting put, its handler will not be invoked from within
   * this function.
   *
   * @returns The item, or nothing if the queue has none.
   *
   * @throws Any exception from the item's move. The item has then returned to
   * its position, or was granted to a waiting get.
   *
   * @par Complexity and Thread Safety
   * Constant, plus the search for an item's position if this admits a waiting
   * put of a priority_queue; as the class.
   */
  [[nodiscard]] std::optional<T> try_get()
  {
    if constexpr (moves_under_lock)
      return get_in_one_entry();
    else if constexpr (std::is_nothrow_move_constructible_v<T>)
      return get_in_two_entries();
    else
      return get_out_of_its_place();
  }

  /// Try to get several items without waiting.
  /**
   * The items are taken 64 at a time, in the order in which try_get() would
   * give them. If this admits waiting puts, their handlers will not be invoked
   * from within this function.
   *
   * @param most How many items to get at most. Unit: items. Range: any.
   *
   * @param out Where the items are written to, by assignment.
   *
   * @returns How many items were written.
   *
   * @throws Any exception from the iterator or the item's assignment. The items
   * that were not written have then returned to their positions, or were
   * granted to waiting gets; those before them have been written. The item
   * whose assignment threw is in the state in which that left it. It keeps its
   * position in a priority_queue, and is not compared any more.
   *
   * @par Complexity and Thread Safety
   * Linear in the number of items, plus the search for the positions of items
   * as with try_get(); as the class.
   */
  template <std::output_iterator<T> OutputIterator>
  std::size_t try_get_some(std::size_t most, OutputIterator out)
  {
    // So many are under way at a time.
    constexpr std::size_t most_at_once = 64;
    outgoing_items<typename base::core_type, node_type> items(
        this->share_core());
    std::size_t count = 0;
    while (count != most &&
           items.set_aside(std::min(most - count, most_at_once)))
    {
      while (T* const item = items.front())
      {
        *out = std::move(*item);
        items.pop();
        ++count;
        ++out;
      }
    }
    return count;
  }

  // Not an integer, so not a number of items.
  template <std::floating_point Number, class OutputIterator>
  std::size_t try_get_some(Number, OutputIterator) = delete;

  /// Try to reserve room for an item without waiting.
  /**
   * @returns Room for one item, or an empty object if the queue is full or
   * closed, or if another put waits.
   *
   * @throws std::bad_alloc The queue is unchanged then.
   *
   * @toro_constant
   */
  [[nodiscard]] room_type try_reserve()
  {
    return reserve_now(1);
  }

  /// Put an item without waiting, in place of another one if the queue is full.
  /**
   * If there is no room, the item that has been in the queue for the longest
   * time leaves it, also in a lifo_queue. In a priority_queue the largest item
   * leaves it, which may be the new one. The new item is ordered behind those
   * of waiting puts, which wait on. If all room is reserved, or its items were
   * granted, there is nothing to displace, and the new item is returned.
   *
   * The task of the item that left counts as done. The put of that item has
   * succeeded. If a waiting get receives the new item, its handler will not be
   * invoked from within this function. @toro_batches_of{joins}
   *
   * @param item The item. Unchanged on an error.
   *
   * @param ec Set to toro::error::closed if the queue is closed.
   *
   * @returns The item that left the queue, or was not put, or nothing.
   *
   * @throws Any exception from an allocation, the item's move or a comparison.
   * The queue is unchanged then. The item is unchanged, too, unless its move
   * threw, or a comparison threw and the item's move is not @c noexcept. But if
   * the move of the item that leaves the queue throws, the new item was put,
   * and the other one returned to its position; a bounded queue then exceeds
   * its bound.
   *
   * @par Complexity and Thread Safety
   * Constant, plus the search for the item's position in a priority_queue; as
   * the class.
   */
  std::optional<T> force_put(T&& item, boost::system::error_code& ec)
  {
    ec = {};
    return force(item, &ec);
  }

  /// @copydoc force_put(T&&, boost::system::error_code&)
  std::optional<T>
  force_put(const T& item,
            boost::system::error_code& ec) requires std::copy_constructible<T>
  {
    return force_put(T(item), ec);
  }

  /// @copybrief force_put(T&&, boost::system::error_code&)
  /**
   * @param item The item. Unchanged if the queue is closed.
   *
   * @returns The item that left the queue, or was not put, or nothing.
   *
   * @throws boost::system::system_error With toro::error::closed if the
   * overload above would set it. Also what that throws.
   */
  std::optional<T> force_put(T&& item)
  {
    return force(item, nullptr);
  }

  /// @copydoc force_put(T&&)
  std::optional<T> force_put(const T& item) requires std::copy_constructible<T>
  {
    return force_put(T(item));
  }

  /// Remove all items that can be taken.
  /**
   * The items are destroyed. Their tasks count as done, and their puts have
   * succeeded. Then puts that wait are admitted. Items that were granted to a
   * get, and room that is reserved, stay. Handlers will not be invoked from
   * within this function. @toro_batches_of{joins}
   *
   * @returns The number of items that were removed.
   *
   * @throws Any exception thrown while posting a completion. The items are
   * removed regardless; the completion is retried on the next call.
   *
   * @toro_linear{items\, and of waits that are granted}
   */
  std::size_t clear()
  {
    dropped_items dropped;
    return this->get_core().update(
        [&](state_type& state)
        {
          return state.clear(dropped.items);
        });
  }

  /// Gives the number of items that can be taken.
  /**
   * @returns The number of stored items. Not included are items of waiting
   * puts, and items that were granted to a get whose handler has not run yet.
   *
   * @toro_constant
   */
  [[nodiscard]] std::size_t size() const noexcept
  {
    return figures().size;
  }

  /// Gives the largest number of items that were stored.
  /**
   * @returns The largest value that size() has had.
   *
   * @toro_constant
   */
  [[nodiscard]] std::size_t peak() const noexcept
  {
    return figures().peak;
  }

  /// Gives the bound of the queue.
  /**
   * @returns The bound, or zero if the queue is unbounded.
   *
   * @toro_constant
   */
  [[nodiscard]] std::size_t max_size() const noexcept
  {
    return figures().max_size;
  }

  /// Tells whether there is no item to take.
  /**
   * @returns Whether size() is zero.
   *
   * @toro_constant
   */
  [[nodiscard]] bool empty() const noexcept
  {
    return size() == 0;
  }

  /// Tells whether the queue is full.
  /**
   * @returns Whether the bound is reached, also by room that is reserved, or
   * that puts of async_first_of() keep. False if the queue is unbounded.
   *
   * @toro_constant
   */
  [[nodiscard]] bool full() const noexcept
  {
    const queue_figures f = figures();
    return f.max_size != 0 && f.load + f.room_kept >= f.max_size;
  }

  /// Gives the number of waiting gets.
  /**
   * @returns The exact number at this moment, of async_get(), async_get_some()
   * and async_next().
   *
   * @toro_constant
   */
  [[nodiscard]] std::size_t getters() const noexcept
  {
    return figures().getters;
  }

  /// Gives the number of waiting puts.
  /**
   * @returns The exact number at this moment. Operations that wait to reserve
   * room are included.
   *
   * @toro_constant
   */
  [[nodiscard]] std::size_t putters() const noexcept
  {
    return figures().putters;
  }

  /// Gives the number of unfinished tasks.
  /**
   * @returns How many items entered the queue without a call of task_done() for
   * them. The exact number at this moment.
   *
   * @toro_constant
   */
  [[nodiscard]] std::size_t unfinished() const noexcept
  {
    return figures().unfinished;
  }

  /// Tells whether the queue takes new items.
  /**
   * @returns False after close().
   *
   * @toro_constant
   */
  [[nodiscard]] bool is_open() const noexcept
  {
    return figures().open;
  }

  /// Close the queue: it takes no further items.
  /**
   * Items that are in the queue can still be taken. Waiting puts complete with
   * toro::error::closed. Gets complete with it once no item is left that they
   * could take. Joins are not affected. A second call does nothing. Handlers
   * will not be invoked from within this function.
   *
   * @returns The number of waits that this completed.
   *
   * @throws Any exception thrown while posting a completion. The queue is
   * closed regardless; the completion is retried on the next call.
   *
   * @toro_linear{waits that this completes}
   */
  std::size_t close()
  {
    return this->get_core().update(
        [](state_type& state)
        {
          return state.close();
        });
  }

  /// Report that the work on one item is done.
  /**
   * Handlers of joins will not be invoked from within this function.
   * @toro_batches
   *
   * @param ec Set to toro::error::task_underflow if no task is unfinished;
   * nothing changes then.
   *
   * @returns The number of joins that this granted. Zero on an error.
   *
   * @throws Any exception thrown while posting a completion. The task is
   * counted regardless; the completion is retried on the next call.
   *
   * @toro_linear_in_batches{joins that this grants}
   */
  std::size_t task_done(boost::system::error_code& ec)
  {
    return this->update(
        [](state_type& state)
        {
          return state.task_done();
        },
        error::task_underflow, ec);
  }

  /// @copybrief task_done(boost::system::error_code&)
  /**
   * @returns The number of joins that this granted.
   *
   * @throws boost::system::system_error With toro::error::task_underflow if the
   * overload above would set it. Also any exception thrown while posting a
   * completion; the task is counted regardless.
   */
  std::size_t task_done()
  {
    boost::system::error_code ec;
    const std::size_t granted = task_done(ec);
    this->throw_if(ec, "task_done");
    return granted;
  }

  /// Start an asynchronous operation to put an item.
  /**
   * Completes immediately if there is room and no other put waits. If the put
   * fails, its item is destroyed before the handler runs.
   *
   * @param item The item.
   *
   * @param token The completion token that produces the completion handler.
   *
   * @returns The value that the completion token determines.
   *
   * @par Completion Signature
   * The handler is called with:
   * @code void(boost::system::error_code) @endcode
   *
   * @par Errors
   * The error code is one of:
   * @li @c boost::asio::error::timed_out The deadline passed. The item was not
   * put.
   * @li @c boost::asio::error::operation_aborted The put was cancelled by its
   * slot or by cancel(), or the queue was destroyed or assigned to. The item
   * was not put.
   * @li @c toro::error::closed The queue was closed before the put started or
   * while it waited. The item was not put.
   *
   * @toro_executor{a function that gets an item}
   *
   * @toro_cancellation
   * If the item is already in the queue, it is withdrawn. But if a get has
   * taken the item, or was granted it, the put succeeds, and a cancellation has
   * no effect.
   *
   * @toro_thread_safety
   * @par Complexity
   * Constant, to start and to cancel, plus the search for the item's position
   * in a priority_queue. At most one allocation with the handler's associated
   * allocator, and one for the item if there is no spare node.
   *
   * @toro_exception_safety{an allocation\, a timer\, a comparison\, the item's
   * move or the handler's move}
   */
  template <completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_put(T item, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          put_request<node_type>(std::move(item)), token))
  {
    const std::size_t weight = weigh(item);
    return this->template start<CompletionToken>(
        put_request<node_type>(std::move(item), weight), token);
  }

  /// @copydoc async_put(T, CompletionToken&&)
  /**
   * @param limit When the wait expires. @toro_expires_unless{there is room}
   */
  template <completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_put(T item, deadline limit,
                 CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          put_request<node_type>(std::move(item)), limit, token))
  {
    const std::size_t weight = weigh(item);
    return this->template start<CompletionToken>(
        put_request<node_type>(std::move(item), weight), limit, token);
  }

  /// Start an asynchronous operation to reserve room for an item.
  /**
   * Waits as a put does, but without an item: that is put into the room later,
   * which does not wait. So an item that is costly to make, or cannot be given
   * back, is made only when there is room for it. Completes immediately if
   * there is room and no put waits. On success the handler receives an object
   * that owns the room; on error the object is empty. Room counts as an item
   * that is on its way: full() includes it, size() and unfinished() do not.
   *
   * @param token The completion token that produces the completion handler.
   *
   * @returns The value that the completion token determines.
   *
   * @par Completion Signature
   * The handler is called with:
   * @code void(boost::system::error_code, room_type) @endcode
   *
   * @par Errors
   * The error code is one of:
   * @li @c boost::asio::error::timed_out The deadline passed. No room was
   * reserved.
   * @li @c boost::asio::error::operation_aborted The wait was cancelled by its
   * slot or by cancel(), or the queue was destroyed or assigned to. No room was
   * reserved.
   * @li @c toro::error::closed The queue was closed before the wait started or
   * while it waited. No room was reserved.
   *
   * @toro_executor{a function that gets an item}
   *
   * @toro_cancellation
   * Room that was already granted is given back, or goes to the next put.
   *
   * @toro_thread_safety
   * @par Complexity
   * Constant, to start and to cancel. At most one allocation with the handler's
   * associated allocator, and one for the item unless the queue has kept the
   * memory of an earlier one.
   *
   * @toro_exception_safety
   */
  template <completion_token_for<void(boost::system::error_code, room_type)>
                CompletionToken = default_token>
  auto async_reserve(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(reserve_request_type(),
                                                        token))
  {
    return this->template start<CompletionToken>(reserve_request_type(), token);
  }

  /// @copydoc async_reserve(CompletionToken&&)
  /**
   * @param limit When the wait expires. @toro_expires_unless{there is room}
   */
  template <completion_token_for<void(boost::system::error_code, room_type)>
                CompletionToken = default_token>
  auto async_reserve(deadline limit, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(reserve_request_type(),
                                                        limit, token))
  {
    return this->template start<CompletionToken>(reserve_request_type(), limit,
                                                 token);
  }

  /// Start an asynchronous operation to get an item.
  /**
   * Completes immediately if there is an item. On success the handler receives
   * the item; on error it receives a default-constructed @p T or an empty
   * optional.
   *
   * @param token The completion token that produces the completion handler.
   *
   * @returns The value that the completion token determines.
   *
   * @par Completion Signature
   * The handler is called with:
   * @code void(boost::system::error_code, T) @endcode
   *
   * @par Errors
   * The error code is one of:
   * @li @c boost::asio::error::timed_out The deadline passed. No item was
   * taken.
   * @li @c boost::asio::error::operation_aborted The get was cancelled by its
   * slot or by cancel(), or the queue was destroyed or assigned to. No item was
   * taken.
   * @li @c toro::error::closed The queue is closed and empty, no granted item
   * can return to it from another get, and no room is reserved.
   *
   * @toro_executor{a function that puts an item}
   *
   * @toro_cancellation
   * If an item was already granted to the get, the item returns to its position
   * in the queue, or goes to the next get. A bounded queue may then exceed its
   * bound for some time.
   *
   * @toro_thread_safety
   * @par Complexity
   * Constant to start. Cancelling a granted get is logarithmic in the number of
   * items that such cancellations have returned and that are still in the
   * queue; in a priority_queue it is logarithmic in the size. At most one
   * allocation with the handler's associated allocator.
   *
   * @toro_exception_safety
   * The item is moved immediately before the handler is called. If that move
   * throws, the item returns to its position or goes to the next get, the
   * handler is destroyed, and the exception leaves through @c run(), or through
   * @c co_await with toro::eager.
   */
  template <completion_token_for<void(boost::system::error_code, delivered<T>)>
                CompletionToken = default_token>
  auto async_get(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          get_request<node_type>(), token))
  {
    return this->template start<CompletionToken>(get_request<node_type>(),
                                                 token);
  }

  /// @copydoc async_get(CompletionToken&&)
  /**
   * @param limit When the wait expires. @toro_expires_unless{there is an item}
   */
  template <completion_token_for<void(boost::system::error_code, delivered<T>)>
                CompletionToken = default_token>
  auto async_get(deadline limit, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          get_request<node_type>(), limit, token))
  {
    return this->template start<CompletionToken>(get_request<node_type>(),
                                                 limit, token);
  }

  /// Start an asynchronous operation to get several items.
  /**
   * Waits as async_get() for one item. When the handler is about to run, and if
   * no get waits, the operation takes more of the items that are there, up to
   * @p most in all. On success the handler receives them in the order in which
   * single gets would have received them. On an error it receives an empty
   * vector.
   *
   * @param most How many items to get at most. Unit: items. Range: any; with
   * zero the operation completes immediately, with success and an empty vector.
   *
   * @param token The completion token that produces the completion handler.
   *
   * @returns The value that the completion token determines.
   *
   * @par Completion Signature
   * The handler is called with:
   * @code void(boost::system::error_code, std::vector<T>) @endcode
   *
   * @par Errors
   * The error code is one of:
   * @li @c boost::asio::error::timed_out The deadline passed. No item was
   * taken.
   * @li @c boost::asio::error::operation_aborted The get was cancelled by its
   * slot or by cancel(), or the queue was destroyed or assigned to. No item was
   * taken.
   * @li @c toro::error::closed The queue is closed and empty, no granted item
   * can return to it from another get, and no room is reserved.
   *
   * @toro_executor{a function that puts an item}
   *
   * @toro_cancellation
   * If an item was already granted to the get, the item returns to its position
   * in the queue, or goes to the next get. A bounded queue may then exceed its
   * bound for some time.
   *
   * @toro_thread_safety
   * @par Complexity
   * Linear in the number of items that it gets; a priority_queue takes
   * logarithmic time for each of them. Cancelling costs as much as with
   * async_get(). At most one allocation with the handler's associated
   * allocator. The memory of the vector comes from @c std::allocator: that for
   * one item at the initiation, that for more when they are taken.
   *
   * @toro_exception_safety
   * If there is no memory for more than one item when the handler is about to
   * run, the handler receives one, and the others return to their positions.
   * The items are moved immediately before the handler is called. If the move
   * of the first one throws, all items return to their positions or go to the
   * next gets, the handler is destroyed, and the exception leaves through
   * @c run(), or through @c co_await with toro::eager. If the move of another
   * one throws, the handler receives those before it, and the others return.
   */
  template <
      completion_token_for<void(boost::system::error_code, std::vector<T>)>
          CompletionToken = default_token>
  auto async_get_some(std::size_t most,
                      CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          get_some_request<node_type>(most), token))
  {
    return this->template start<CompletionToken>(
        get_some_request<node_type>(most), token);
  }

  /// @copydoc async_get_some(std::size_t, CompletionToken&&)
  /**
   * @param limit When the wait expires. @toro_expires_unless{there is an item}
   */
  template <
      completion_token_for<void(boost::system::error_code, std::vector<T>)>
          CompletionToken = default_token>
  auto async_get_some(std::size_t most, deadline limit,
                      CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          get_some_request<node_type>(most), limit, token))
  {
    return this->template start<CompletionToken>(
        get_some_request<node_type>(most), limit, token);
  }

  // Not an integer, so a time that was meant as a deadline.
  template <std::floating_point Number, class... Rest>
  void async_get_some(Number, Rest&&...) = delete;

  /// Start an asynchronous operation to get the next item, if one will come.
  /**
   * As async_get(), but once the queue is closed and empty it completes with
   * success and without an item. So a loop over all items needs no exception
   * and no error code.
   *
   * @param token The completion token that produces the completion handler.
   *
   * @returns The value that the completion token determines.
   *
   * @par Completion Signature
   * The handler is called with:
   * @code void(boost::system::error_code, std::optional<T>) @endcode
   *
   * @par Errors
   * The error code is one of:
   * @li @c boost::asio::error::timed_out The deadline passed. No item was
   * taken.
   * @li @c boost::asio::error::operation_aborted The get was cancelled by its
   * slot or by cancel(), or the queue was destroyed or assigned to. No item was
   * taken.
   *
   * @toro_executor{a function that puts an item}
   *
   * @toro_cancellation
   * If an item was already granted to the get, the item returns to its position
   * in the queue, or goes to the next get. A bounded queue may then exceed its
   * bound for some time.
   *
   * @toro_thread_safety
   * @par Complexity
   * As async_get().
   *
   * @toro_exception_safety
   * As with async_get(), an item whose move throws returns to its position.
   */
  template <
      completion_token_for<void(boost::system::error_code, std::optional<T>)>
          CompletionToken = default_token>
  auto async_next(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          next_request<node_type>(), token))
  {
    return this->template start<CompletionToken>(next_request<node_type>(),
                                                 token);
  }

  /// @copydoc async_next(CompletionToken&&)
  /**
   * @param limit When the wait expires. @toro_expires_unless{there is an item}
   */
  template <
      completion_token_for<void(boost::system::error_code, std::optional<T>)>
          CompletionToken = default_token>
  auto async_next(deadline limit, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          next_request<node_type>(), limit, token))
  {
    return this->template start<CompletionToken>(next_request<node_type>(),
                                                 limit, token);
  }

  /// Start an asynchronous wait until there is an item.
  /**
   * Takes nothing. Completes immediately if there is an item. An item that goes
   * to a waiting get does not end the wait. When the handler runs, another
   * operation may have taken the item.
   *
   * @param token The completion token that produces the completion handler.
   *
   * @returns The value that the completion token determines.
   *
   * @par Completion Signature
   * The handler is called with:
   * @code void(boost::system::error_code) @endcode
   *
   * @par Errors
   * The error code is one of:
   * @li @c boost::asio::error::timed_out The deadline passed.
   * @li @c boost::asio::error::operation_aborted The wait was cancelled by its
   * slot or by cancel(), or the queue was destroyed or assigned to.
   * @li @c toro::error::closed The queue is closed and empty, no granted item
   * can return to it from a get, and no room is reserved.
   *
   * @toro_executor{a function that puts an item}
   *
   * @toro_cancellation
   * The queue does not change.
   *
   * @toro_thread_safety
   * @toro_async_constant
   * @toro_exception_safety
   */
  template <completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_wait(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(item_wait_request(),
                                                        token))
  {
    return this->template start<CompletionToken>(item_wait_request(), token);
  }

  /// @copydoc async_wait(CompletionToken&&)
  /**
   * @param limit When the wait expires. @toro_expires_unless{there is an item}
   */
  template <completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_wait(deadline limit, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(item_wait_request(),
                                                        limit, token))
  {
    return this->template start<CompletionToken>(item_wait_request(), limit,
                                                 token);
  }

  /// Start an asynchronous wait until no task is unfinished.
  /**
   * Completes immediately if unfinished() is zero. So start the join only after
   * the producers have put their items.
   *
   * @param token The completion token that produces the completion handler.
   *
   * @returns The value that the completion token determines.
   *
   * @par Completion Signature
   * The handler is called with:
   * @code void(boost::system::error_code) @endcode
   *
   * @par Errors
   * The error code is one of:
   * @li @c boost::asio::error::timed_out The deadline passed.
   * @li @c boost::asio::error::operation_aborted The wait was cancelled by its
   * slot or by cancel(), or the queue was destroyed or assigned to.
   *
   * @toro_executor{task_done()}
   *
   * @toro_cancellation
   * The number of unfinished tasks does not change.
   *
   * @toro_thread_safety
   * @toro_async_constant
   * @toro_exception_safety
   */
  template <completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_join(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(join_request(), token))
  {
    return this->template start<CompletionToken>(join_request(), token);
  }

  /// @copydoc async_join(CompletionToken&&)
  /**
   * @param limit When the wait expires.
   * @toro_expires_unless{no task is unfinished}
   */
  template <completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_join(deadline limit, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(join_request(), limit,
                                                        token))
  {
    return this->template start<CompletionToken>(join_request(), limit, token);
  }

  /// Describes a queue: its size, its tasks and the number of waiters.
  /**
   * @param x The queue.
   *
   * @returns For example @c "<queue maxsize=3 size=3 putters[1] tasks=4>".
   */
  [[nodiscard]] friend std::string to_string(const queue_base& x)
  {
    return x.get_core().describe();
  }

  /// @cond
protected:
  room_type reserve_now(std::size_t weight)
  {
    kept_room room{this->share_core(), nullptr, false, weight};
    if (!room.keep())
      return room_type();
    if (!room.node.get())
      room.node = detail::new_node<node_type>(*room.core);
    room.is_kept = false;
    return room_access::make<room_type>(std::move(room.core),
                                        std::move(room.node), weight);
  }

  queue_figures figures() const noexcept
  {
    return this->get_core().read(
        [](const state_type& state)
        {
          return state.figures();
        });
  }

  queue_base(const Executor& executor, std::size_t max_size, Order order)
    : base(executor, &queue_base::describe, std::move(order), checked(max_size))
  {
  }

  queue_base(queue_base&&) noexcept = default;
  queue_base& operator=(queue_base&&) noexcept = default;

  template <class OtherExecutor>
  explicit queue_base(queue_base<T, Order, OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  ~queue_base() = default;

  /// @endcond

private:
  // What an item takes of the bound.
  std::size_t weigh([[maybe_unused]] const T& item) const
  {
    if constexpr (is_weighted<Order>)
      return detail::weigh(this->get_core().unguarded().order(), item);
    else
      return 1;
  }

  // Whether items may be moved under the lock: the move runs no user code and
  // takes no longer than a few pointer writes.
  static constexpr bool moves_under_lock =
      std::is_trivially_move_constructible_v<T> &&
      std::is_trivially_destructible_v<T> && sizeof(T) <= 64;

  // Returns an item to the caller if the queue did not take it.
  struct return_to
  {
    node_pointer& node;
    T& item;

    ~return_to()
    {
      if (node)
        detail::move_back(*node->value, item);
    }
  };

  bool put_in_one_entry(T& item, std::size_t weight)
  {
    enum class verdict
    {
      refused,
      taken,
      lacks_node
    };
    // Order: destroyed without the lock, also if a comparison throws.
    node_pointer node;
    for (;;)
    {
      const verdict v = this->get_core().update_quietly(
          [&](state_type& state)
          {
            if (!state.can_put(weight))
              return verdict::refused;
            if (!node.get())
              node = state.take_spare();
            if (!node.get())
              return verdict::lacks_node;
            node->value.emplace(std::move(item));
            detail::set_weight(*node, weight);
            state.put(*node);
            static_cast<void>(node.release());
            return verdict::taken;
          });
      if (v != verdict::lacks_node)
        return v == verdict::taken;
      node = detail::new_node<node_type>(this->get_core());
    }
  }

  bool put_in_two_entries(T& item, std::size_t weight)
  {
    struct ticket
    {
      bool can_put;
      node_pointer node;
    };
    ticket t = this->get_core().update_quietly(
        [=](state_type& state)
        {
          return state.can_put(weight) ? ticket{true, state.take_spare()}
                                       : ticket{false, nullptr};
        });
    if (!t.can_put)
      return false;
    if (!t.node.get())
      t.node = detail::new_node<node_type>(this->get_core());
    return_to back{t.node, item};
    t.node->value.emplace(std::move(item));
    detail::set_weight(*t.node, weight);
    // Another thread may have filled the queue in between.
    return this->get_core().update_quietly(
        [&](state_type& state)
        {
          if (!state.can_put(weight))
            return false;
          state.put(*t.node);
          static_cast<void>(t.node.release());
          return true;
        });
  }

  // Room that is kept for an item whose move may throw or destroy the queue.
  struct kept_room
  {
    typename base::core_pointer core;
    node_pointer node;
    bool is_kept;
    std::size_t weight;

    ~kept_room()
    {
      if (is_kept)
        core->update_quietly(
            [this](state_type& state)
            {
              state.undo_put(weight);
            });
    }

    // Keeps room, and takes a node if there is one. Returns whether a put would
    // not have to wait.
    bool keep()
    {
      return is_kept = core->update_quietly(
                 [&](state_type& state)
                 {
                   if (!state.can_put(weight))
                     return false;
                   state.begin_put(weight);
                   node = state.take_spare();
                   return true;
                 });
    }
  };

  // Why not as above: the item could not be moved back.
  bool put_into_kept_room(T& item, std::size_t weight)
  {
    kept_room room{this->share_core(), nullptr, false, weight};
    if (!room.keep())
      return false;
    if (!room.node.get())
      room.node = detail::new_node<node_type>(*room.core);
    room.node->value.emplace(std::move(item));
    detail::set_weight(*room.node, weight);
    room.core->update_quietly(
        [&](state_type& state)
        {
          state.finish_put(*room.node, weight);
          static_cast<void>(room.node.release());
          room.is_kept = false;
        });
    return true;
  }

  // Why not throw afterwards: a result that is moved may be lost.
  std::optional<T> force(T& item, boost::system::error_code* ec)
  {
    if constexpr (std::is_nothrow_move_constructible_v<T>)
      return force_in_one_entry(item, ec);
    else
      return force_in_steps(item, ec);
  }

  static void refuse_force_put(boost::system::error_code* ec)
  {
    if (!ec)
      base::throw_if(error::closed, "force_put");
    *ec = error::closed;
  }

  std::optional<T> force_in_one_entry(T& item, boost::system::error_code* ec)
  {
    const typename base::core_pointer core = this->share_core();
    node_pointer node = detail::find_node<node_type>(*core);
    return_to back{node, item};
    node->value.emplace(std::move(item));
    node_pointer displaced;
    const bool is_open = core->update_quietly(
        [&](state_type& state)
        {
          if (!state.is_open())
            return false;
          item_node* const gone = state.force_put(*node);
          static_cast<void>(node.release());
          if (!gone)
            return true;
          state.finish_drop(*gone);
          displaced = detail::own_node<node_type>(gone);
          return true;
        });
    if (!is_open)
      refuse_force_put(ec);
    if (!displaced.get())
      return std::nullopt;
    std::optional<T> result(std::move(displaced->value));
    detail::recycle(*core, std::move(displaced));
    return result;
  }

  // An item on its way in without room, whose move may throw.
  struct forced_item
  {
    typename base::core_pointer core;
    node_pointer node;
    bool is_on_its_way;

    ~forced_item()
    {
      if (is_on_its_way)
        core->update_quietly(
            [](state_type& state)
            {
              state.undo_force_put();
            });
    }
  };

  // An item that was displaced, whose move may throw. Then it returns to its
  // position.
  struct displaced_item
  {
    typename base::core_pointer core;
    item_node* item;
    int exceptions = std::uncaught_exceptions();

    ~displaced_item()
    {
      const bool has_moved = std::uncaught_exceptions() == exceptions;
      core->update_quietly(
          [&](state_type& state)
          {
            has_moved ? state.finish_drop(*item) : state.undo_get(*item);
          });
      if (has_moved)
        detail::recycle(*core, detail::own_node<node_type>(item));
    }
  };

  std::optional<T> force_in_steps(T& item, boost::system::error_code* ec)
  {
    forced_item forced{this->share_core(), nullptr, false};
    forced.is_on_its_way = forced.core->update_quietly(
        [&](state_type& state)
        {
          if (!state.is_open())
            return false;
          state.begin_force_put();
          forced.node = state.take_spare();
          return true;
        });
    if (!forced.is_on_its_way)
    {
      refuse_force_put(ec);
      return std::nullopt;
    }
    if (!forced.node.get())
      forced.node = detail::new_node<node_type>(*forced.core);
    forced.node->value.emplace(std::move(item));
    item_node* const gone = forced.core->update_quietly(
        [&](state_type& state)
        {
          item_node* const displaced = state.finish_force_put(*forced.node);
          static_cast<void>(forced.node.release());
          forced.is_on_its_way = false;
          return displaced;
        });
    if (!gone)
      return std::nullopt;
    displaced_item displaced{forced.core, gone};
    return std::optional<T>(std::move(*static_cast<node_type*>(gone)->value));
  }

  // Destroyed without the lock.
  struct dropped_items
  {
    item_list items;

    ~dropped_items()
    {
      while (!items.empty())
      {
        const node_pointer node = detail::own_node<node_type>(&items.front());
        items.pop_front();
      }
    }
  };

  std::optional<T> get_in_one_entry()
  {
    std::optional<T> item;
    node_pointer surplus = this->get_core().update_quietly(
        [&](state_type& state) -> node_pointer
        {
          node_pointer node = detail::own_node<node_type>(state.try_get());
          if (!node.get())
            return nullptr;
          item.emplace(std::move(*node->value));
          node->value.reset();
          state.keep_spare(node);
          return node;
        });
    return item;
  }

  std::optional<T> get_in_two_entries()
  {
    auto n = detail::own_node<node_type>(this->get_core().update_quietly(
        [](state_type& state)
        {
          return state.try_get();
        }));
    if (!n.get())
      return std::nullopt;
    std::optional<T> item(std::move(n->value));
    detail::recycle(this->get_core(), std::move(n));
    return item;
  }

  std::optional<T> get_out_of_its_place()
  {
    item_node* const n = this->get_core().update_quietly(
        [](state_type& state)
        {
          return state.begin_get();
        });
    if (!n)
      return std::nullopt;
    outgoing_item<typename base::core_type, node_type> item(this->share_core(),
                                                            n);
    return std::optional<T>(item.take());
  }

  static std::size_t checked(std::size_t max_size)
  {
    if (max_size > max_count)
      boost::throw_exception(
          std::invalid_argument("toro: a queue's size is too large"));
    return max_size;
  }

  static std::string describe(const state_type& state)
  {
    const queue_figures f = state.figures();
    return description(Order::name)
        .figure(is_weighted<Order> ? "maxweight" : "maxsize", f.max_size)
        .figure_if_any("weight", is_weighted<Order> ? f.load : 0)
        .figure_if_any("size", f.size)
        .figure_if_any("reserved", f.room_kept)
        .count_if_any("getters", f.getters)
        .count_if_any("putters", f.putters)
        .count_if_any("joiners", f.joiners)
        .count_if_any("watchers", f.watchers)
        .figure_if_any("tasks", f.unfinished)
        .word(f.open ? "" : "closed")
        .str();
  }
};

} // namespace toro::detail

#endif // TORO_DETAIL_OBJECT_QUEUE_BASE_HPP
