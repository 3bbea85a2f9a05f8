// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_WEIGHTED_QUEUE_HPP
#define TORO_WEIGHTED_QUEUE_HPP

#include <toro/deadline.hpp>
#include <toro/fwd.hpp>
#include <toro/room.hpp>

#include <toro/detail/config.hpp>
#include <toro/detail/object/queue_base.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/system/error_code.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace toro {

/// A first-in, first-out queue with a bound on the sum of its items' weights.
/**
 * Items may differ in size, so that a bound on their number does not bound the
 * memory that they take. Here a function weighs each item, in bytes for
 * example, and the bound is one of the sum. An item that is heavier than the
 * bound is admitted if the queue is empty and no room is reserved.
 *
 * Its states and operations are those of basic_queue, with these differences:
 * size(), peak() and unfinished() count items, weight() and max_weight() tell
 * weights. full() tells whether the bound is reached by the weight of the items
 * and of reserved room. A heavy put at the front holds back lighter ones behind
 * it. Room is reserved for a weight. There is no force_put().
 *
 * @tparam T The type of the items, as in basic_queue.
 *
 * @tparam Weigh A function object that is called with a <tt>const T&</tt> and
 * returns the weight, an integer; @c std::invalid_argument is thrown if that is
 * negative. It is called once for each put, in
 * the function that puts or starts the put, before anything changes and without
 * the lock; several threads may call it at a time. If it throws, nothing has
 * changed.
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 *
 * @par Fairness
 * As basic_queue. A get that makes room for a put completes before it.
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
 * auto bytes = [](const std::string& text) { return text.size(); };
 * toro::weighted_queue<std::string, decltype(bytes)> parts(executor, 10);
 * co_await parts.async_put("12345678", asio::use_awaitable);
 * assert(!parts.try_put("123") && parts.try_put("12"));
 * assert(parts.weight() == 10 && parts.full());
 * @endcode
 *
 * @sa queue
 */
template <class T, class Weigh, class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class TORO_DETAIL_VISIBLE basic_weighted_queue
  : public detail::queue_base<T, detail::weighted_order<Weigh>, Executor,
                              Threading>
{
  static_assert(std::is_invocable_v<const Weigh&, const T&>,
                "an item is weighed by a const function object");
  static_assert(
      std::is_integral_v<std::invoke_result_t<const Weigh&, const T&>>,
      "a weight is an integer");

  using order_type = detail::weighted_order<Weigh>;
  using base = detail::queue_base<T, order_type, Executor, Threading>;
  using reserve_request_type = detail::reserve_request<
      basic_room<T, order_type, Threading>,
      typename detail::value_queue_state<T, order_type>::node>;
  using default_token = detail::default_token<Executor>;

public:
  /// The type of the guard that owns room for an item.
  using typename base::room_type;

  /// The same primitive with another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_weighted_queue<T, Weigh, OtherExecutor, Threading>;
  };

  /// Constructs a weighted_queue.
  /**
   * @param executor The executor for handlers that have no associated executor.
   *
   * @param max_weight The bound. Unit: that of the weights. Range: 0 to
   * @c PTRDIFF_MAX. With 0 the queue is unbounded.
   *
   * @param weigh The function that weighs items.
   *
   * @throws std::invalid_argument The bound is out of range.
   */
  explicit basic_weighted_queue(const Executor& executor,
                                std::size_t max_weight = 0,
                                Weigh weigh = Weigh())
    : base(executor, max_weight, order_type(std::move(weigh)))
  {
  }

  /// Constructs a weighted_queue on the executor of a context.
  /**
   * @param context The context, for example an @c io_context.
   *
   * @param max_weight The bound. Unit: that of the weights. Range: 0 to
   * @c PTRDIFF_MAX. With 0 the queue is unbounded.
   *
   * @param weigh The function that weighs items.
   *
   * @throws std::invalid_argument The bound is out of range.
   */
  template <detail::execution_context_like Context>
  explicit basic_weighted_queue(Context& context, std::size_t max_weight = 0,
                                Weigh weigh = Weigh())
    : basic_weighted_queue(Executor(context.get_executor()), max_weight,
                           std::move(weigh))
  {
  }

  // Not an integer, so not a weight.
  template <class Where, std::floating_point Number, class... Rest>
  basic_weighted_queue(Where&&, Number, Rest&&...) = delete;

  /// Moves a weighted_queue together with its waits.
  basic_weighted_queue(basic_weighted_queue&&) noexcept = default;
  /// Cancels the waits of this weighted_queue, then moves another one in.
  /**
   * @returns This weighted_queue.
   */
  basic_weighted_queue& operator=(basic_weighted_queue&&) noexcept = default;

  /// Moves a weighted_queue from another type of executor.
  /**
   * @param other The weighted_queue to move from.
   */
  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_weighted_queue(
      basic_weighted_queue<T, Weigh, OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  /// Gives the weight of the items that can be taken.
  /**
   * @returns The sum of the weights of the stored items. Reserved room is not
   * included.
   *
   * @toro_constant
   */
  [[nodiscard]] std::size_t weight() const noexcept
  {
    return this->figures().load;
  }

  /// Gives the bound of the weighted_queue.
  /**
   * @returns The bound, or zero if the queue is unbounded.
   *
   * @toro_constant
   */
  [[nodiscard]] std::size_t max_weight() const noexcept
  {
    return this->figures().max_size;
  }

  // The bound is not one of the number of items.
  std::size_t max_size() const = delete;

  // Several items might have to leave.
  template <class... Args>
  void force_put(Args&&...) = delete;

  /// Try to reserve room for an item without waiting.
  /**
   * @param weight The largest weight of the item. Unit: that of the weights.
   * Any value; if it is greater than the bound, the queue must be empty.
   *
   * @returns Room for one item, or an empty object if there is not enough room,
   * if the queue is closed, or if another put waits.
   *
   * @throws std::bad_alloc The queue is unchanged then.
   *
   * @toro_constant
   */
  [[nodiscard]] room_type try_reserve(std::size_t weight)
  {
    return this->reserve_now(weight);
  }

  // Not an integer, so not a weight.
  template <std::floating_point Number>
  room_type try_reserve(Number) = delete;

  /// Start an asynchronous operation to reserve room for an item.
  /**
   * As basic_queue::async_reserve(), for a weight. If the item that is put into
   * the room is lighter, the rest is given back. If it is heavier, @c put()
   * throws @c std::invalid_argument, and the room is kept.
   *
   * A bare number is a weight, never a deadline, which is a @c std::chrono
   * duration or time point and stands behind the weight.
   *
   * @param weight The largest weight of the item. Unit: that of the weights.
   * Any value; if it is greater than the bound, the queue must be empty.
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
  template <
      detail::completion_token_for<void(boost::system::error_code, room_type)>
          CompletionToken = default_token>
  auto async_reserve(std::size_t weight,
                     CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          reserve_request_type(weight), token))
  {
    return this->template start<CompletionToken>(reserve_request_type(weight),
                                                 token);
  }

  /// @copydoc async_reserve(std::size_t, CompletionToken&&)
  /**
   * @param limit When the wait expires. @toro_expires_unless{there is room}
   */
  template <
      detail::completion_token_for<void(boost::system::error_code, room_type)>
          CompletionToken = default_token>
  auto async_reserve(std::size_t weight, deadline limit,
                     CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          reserve_request_type(weight), limit, token))
  {
    return this->template start<CompletionToken>(reserve_request_type(weight),
                                                 limit, token);
  }

  // Not an integer, so a time that was meant as a deadline.
  template <std::floating_point Number, class... Rest>
  void async_reserve(Number, Rest&&...) = delete;
};

/// The weighted_queue on any executor, safe to share between threads.
template <class T, class Weigh>
using weighted_queue = basic_weighted_queue<T, Weigh>;

} // namespace toro

#endif // TORO_WEIGHTED_QUEUE_HPP
