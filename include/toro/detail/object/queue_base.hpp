// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OBJECT_QUEUE_BASE_HPP
#define TORO_DETAIL_OBJECT_QUEUE_BASE_HPP

#include <toro/deadline.hpp>
#include <toro/error.hpp>

#include <toro/detail/format.hpp>
#include <toro/detail/object/io_object.hpp>
#include <toro/detail/object/queue_request.hpp>
#include <toro/detail/state/value_queue_state.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/system/error_code.hpp>
#include <boost/throw_exception.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace toro::detail {

/// What queues have in common, whatever their order.
/**
 * @tparam T The type of the items.
 *
 * @tparam Order The order in which they are given out.
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
  using default_token = detail::default_token<Executor>;

public:
  /// The type of the items.
  using value_type = T;

  /// Constructs a queue.
  /**
   * @param executor The executor of handlers that have none of their own.
   *
   * @param max_size The bound. Unit: items. Range: 0, for none, to
   * @c PTRDIFF_MAX.
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
   * @param max_size The bound. Unit: items. Range: 0, for none, to
   * @c PTRDIFF_MAX.
   *
   * @throws std::invalid_argument The bound is out of range.
   */
  template <execution_context_like Context>
  explicit queue_base(Context& context, std::size_t max_size = 0)
    : queue_base(Executor(context.get_executor()), max_size)
  {
  }

  // A size with a fraction is none.
  template <class Where, std::floating_point Number, class... Rest>
  queue_base(Where&&, Number, Rest&&...) = delete;

  /// Put an item if that needs no wait.
  /**
   * The handler of a get that receives it will not be invoked from within this
   * function.
   *
   * @param item The item. Left untouched where it was not taken.
   *
   * @returns False where the queue is full or closed, or puts wait.
   *
   * @throws What an allocation, the item's move or a comparison throws, with
   * nothing changed in the queue. The item is as before as well, unless its
   * move threw, or may throw and a comparison threw.
   *
   * @par Complexity and Thread Safety
   * Constant, plus finding its place in a priority_queue; as the class.
   */
  [[nodiscard]] bool try_put(T&& item)
  {
    if constexpr (moves_under_lock)
      return put_in_one_entry(item);
    else if constexpr (std::is_nothrow_move_constructible_v<T>)
      return put_in_two_entries(item);
    else
      return put_into_kept_room(item);
  }

  /// @copydoc try_put(T&&)
  [[nodiscard]] bool try_put(const T& item) requires std::copy_constructible<T>
  {
    return try_put(T(item));
  }

  /// Get an item if that needs no wait.
  /**
   * The handler of a put that this admits will not be invoked from within this
   * function.
   *
   * @returns The item, or nothing where the queue has none.
   *
   * @throws What the item's move throws. The item is in its place again, or
   * was granted to a get that waits.
   *
   * @par Complexity and Thread Safety
   * Constant, but for a bounded priority_queue; as the class.
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

  /// Counts the items that can be got.
  /**
   * @returns Those stored. Items of puts that wait, and items on their way to
   * a handler, are not among them.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  [[nodiscard]] std::size_t size() const noexcept
  {
    return figures().size;
  }

  /// Gives the bound of the queue.
  /**
   * @returns The bound, or zero where there is none.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  [[nodiscard]] std::size_t max_size() const noexcept
  {
    return figures().max_size;
  }

  /// Tells whether there is nothing to get.
  /**
   * @returns Whether size() is zero.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  [[nodiscard]] bool empty() const noexcept
  {
    return size() == 0;
  }

  /// Tells whether the bound is reached.
  /**
   * @returns False where there is none.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  [[nodiscard]] bool full() const noexcept
  {
    const queue_figures f = figures();
    return f.max_size != 0 && f.size >= f.max_size;
  }

  /// Counts the gets that wait.
  /**
   * @returns The exact number at this moment.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  [[nodiscard]] std::size_t getters() const noexcept
  {
    return figures().getters;
  }

  /// Counts the puts that wait.
  /**
   * @returns The exact number at this moment.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  [[nodiscard]] std::size_t putters() const noexcept
  {
    return figures().putters;
  }

  /// Counts the items that entered and were not reported as done.
  /**
   * @returns The exact number at this moment.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  [[nodiscard]] std::size_t unfinished() const noexcept
  {
    return figures().unfinished;
  }

  /// Tells whether the queue takes new items.
  /**
   * @returns False after close().
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  [[nodiscard]] bool is_open() const noexcept
  {
    return figures().open;
  }

  /// Take no further items.
  /**
   * Puts that wait end with toro::error::closed, and so do gets once nothing
   * is left that they could get. Items that are in can still be got, and joins
   * go on. A second call does nothing. Handlers will not be invoked from
   * within this function.
   *
   * @returns How many waits that ended.
   *
   * @throws What an executor throws that a completion is handed to. The queue
   * is closed all the same; the completions are handed over at the next call.
   *
   * @par Complexity and Thread Safety
   * Linear in the number of waits that end, and other threads that call the
   * queue meanwhile wait for all of it; as the class.
   */
  std::size_t close()
  {
    return this->shared().update(
        [](state_type& state)
        {
          return state.close();
        });
  }

  /// Report that the work on one item is done.
  /**
   * Handlers of joins will not be invoked from within this function. On a
   * strand, or with strand_bound, one turn of the executor calls up to 64 of
   * them: a @c run_one() calls them all, and @c stop() in one of them does not
   * hold back the rest.
   *
   * @param ec Set to toro::error::task_underflow, with nothing changed, where
   * no task is unfinished.
   *
   * @returns How many joins this granted. Zero with an error.
   *
   * @throws What an executor throws that a completion is handed to. The task
   * is counted all the same; the completions are handed over at the next call.
   *
   * @par Complexity and Thread Safety
   * Constant, and linear in the joins that this grants. The lock is held for 64
   * of them at a time, so that other threads do not wait for all; as the class.
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
   * @returns How many joins this granted.
   *
   * @throws boost::system::system_error With toro::error::task_underflow,
   * where the overload above sets it. Else what an executor throws that a
   * completion is handed to; the task is counted then.
   */
  std::size_t task_done()
  {
    boost::system::error_code ec;
    const std::size_t granted = task_done(ec);
    this->throw_if(ec, "task_done");
    return granted;
  }

  /// Start an asynchronous put of an item.
  /**
   * Stores the item at once where there is room and no put waits. The item of
   * a put that fails is destroyed before the handler runs.
   *
   * @param item The item.
   *
   * @param token The completion token that produces the completion handler.
   *
   * @returns What the token makes of the operation.
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
   * slot, by cancel(), or by the end of the queue. The item was not put.
   * @li @c toro::error::closed The queue is closed, or was while the put
   * waited. The item was not put.
   *
   * @par Executor
   * The handler runs on its associated executor, or on get_executor() where it
   * has none. It runs neither inside this function, unless an immediate
   * executor of its own says so, nor inside a function that gets.
   *
   * @par Per-Operation Cancellation
   * Supports @c terminal, @c partial and @c total, all without side effect. It
   * takes effect until the handler runs: then an item that is in the queue
   * already is withdrawn, and the put ends with @c operation_aborted. Where a
   * get has the item, or is granted it, the put has succeeded and the
   * cancellation does nothing.
   *
   * @par Thread Safety
   * As the class. Emitting a cancellation signal follows Asio's rule.
   *
   * @par Complexity
   * Constant, to start and to cancel, plus finding the item's place in a
   * priority_queue. At most one allocation with the handler's associated
   * allocator, and one for the item where no node is left over.
   *
   * @par Exception Safety
   * Strong for what an allocation, a timer, a comparison, the item's move and
   * the handler's move throw. What an executor throws leaves the operation in
   * place, to be handed over at the next call.
   */
  template <completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_put(T item, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          put_request<node_type>(std::move(item)), token))
  {
    return this->template start<CompletionToken>(
        put_request<node_type>(std::move(item)), token);
  }

  /// @copydoc async_put(T, CompletionToken&&)
  /**
   * @param limit The time after which the wait gives up. Clock:
   * @c std::chrono::steady_clock. One that has passed fails at once unless
   * there is room.
   */
  template <completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_put(T item, deadline limit,
                 CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          put_request<node_type>(std::move(item)), limit, token))
  {
    return this->template start<CompletionToken>(
        put_request<node_type>(std::move(item)), limit, token);
  }

  /// Start an asynchronous get of an item.
  /**
   * Takes the next item at once where there is one. Success always carries an
   * item, and an error none: a default-constructed @p T or an empty optional.
   *
   * @param token The completion token that produces the completion handler.
   *
   * @returns What the token makes of the operation.
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
   * slot, by cancel(), or by the end of the queue. No item was taken.
   * @li @c toro::error::closed The queue is closed and empty, and no item on
   * its way to another handler can come back.
   *
   * @par Executor
   * The handler runs on its associated executor, or on get_executor() where it
   * has none. It runs neither inside this function, unless an immediate
   * executor of its own says so, nor inside a function that puts.
   *
   * @par Per-Operation Cancellation
   * Supports @c terminal, @c partial and @c total, all without side effect. It
   * takes effect until the handler runs: then an item that was granted already
   * returns to its place in the order, or to the next get, and this one ends
   * with @c operation_aborted. A bounded queue may be over its bound until it
   * drains.
   *
   * @par Thread Safety
   * As the class. Emitting a cancellation signal follows Asio's rule.
   *
   * @par Complexity
   * Constant, to start. To cancel a granted get, linear in the items on their
   * way between its own and the nearest in stock; in a priority_queue,
   * logarithmic in the size. At most one allocation with the handler's
   * associated allocator.
   *
   * @par Exception Safety
   * Strong for what the allocator, a timer and the handler's move throw. What
   * an executor throws leaves the operation in place, to be handed over at the
   * next call. The item is moved right before the handler is called. If that
   * throws, the item returns to its place or goes to the next get, the handler
   * is destroyed, and the exception leaves through @c run(), or with
   * toro::eager through @c co_await.
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
   * @param limit The time after which the wait gives up. Clock:
   * @c std::chrono::steady_clock. One that has passed fails at once unless
   * there is an item.
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

  /// Start an asynchronous wait until no task is unfinished.
  /**
   * Succeeds at once where unfinished() is zero, so await the producers first.
   *
   * @param token The completion token that produces the completion handler.
   *
   * @returns What the token makes of the operation.
   *
   * @par Completion Signature
   * The handler is called with:
   * @code void(boost::system::error_code) @endcode
   *
   * @par Errors
   * The error code is one of:
   * @li @c boost::asio::error::timed_out The deadline passed.
   * @li @c boost::asio::error::operation_aborted The wait was cancelled by its
   * slot, by cancel(), or by the end of the queue.
   *
   * @par Executor
   * The handler runs on its associated executor, or on get_executor() where it
   * has none. It runs neither inside this function, unless an immediate
   * executor of its own says so, nor inside task_done().
   *
   * @par Per-Operation Cancellation
   * Supports @c terminal, @c partial and @c total, all without side effect. It
   * takes effect until the handler runs: then a join that was granted already
   * ends with @c operation_aborted. There is nothing to give back.
   *
   * @par Thread Safety
   * As the class. Emitting a cancellation signal follows Asio's rule.
   *
   * @par Complexity
   * Constant, to start and to cancel. At most one allocation with the handler's
   * associated allocator.
   *
   * @par Exception Safety
   * Strong for what the allocator, a timer and the handler's move throw. What
   * an executor throws leaves the operation in place, to be handed over at the
   * next call.
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
   * @param limit The time after which the wait gives up. Clock:
   * @c std::chrono::steady_clock. One that has passed fails at once unless no
   * task is unfinished.
   */
  template <completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_join(deadline limit, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(join_request(), limit,
                                                        token))
  {
    return this->template start<CompletionToken>(join_request(), limit, token);
  }

  /// Describes a queue: its size, its tasks, and how many wait.
  /**
   * @param x The queue.
   *
   * @returns For example @c "<queue maxsize=3 size=3 putters[1] tasks=4>".
   */
  [[nodiscard]] friend std::string to_string(const queue_base& x)
  {
    return x.shared().describe();
  }

  /// @cond
protected:
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
  // Whether items may be moved under the lock, since that runs no code of the
  // user's and takes no longer than a few pointer writes.
  static constexpr bool moves_under_lock =
      std::is_trivially_move_constructible_v<T> &&
      std::is_trivially_destructible_v<T> && sizeof(T) <= 64;

  // Puts an item back into the hands of the caller where it was not taken.
  struct return_to
  {
    node_pointer& node;
    T& item;

    ~return_to()
    {
      if (!node)
        return;
      std::destroy_at(std::addressof(item));
      std::construct_at(std::addressof(item), std::move(*node->value));
    }
  };

  bool put_in_one_entry(T& item)
  {
    enum class verdict
    {
      refused,
      taken,
      lacks_node
    };
    // Order: ends without the lock, also where a comparison throws.
    node_pointer node;
    for (;;)
    {
      const verdict v = this->shared().update_quietly(
          [&](state_type& state)
          {
            if (!state.can_put())
              return verdict::refused;
            if (!node)
              node = state.take_spare();
            if (!node)
              return verdict::lacks_node;
            node->value.emplace(std::move(item));
            state.put(*node);
            static_cast<void>(node.release());
            return verdict::taken;
          });
      if (v != verdict::lacks_node)
        return v == verdict::taken;
      node = detail::new_node<node_type>(this->shared());
    }
  }

  bool put_in_two_entries(T& item)
  {
    struct ticket
    {
      bool can_put;
      node_pointer node;
    };
    ticket t = this->shared().update_quietly(
        [](state_type& state)
        {
          return state.can_put() ? ticket{true, state.take_spare()}
                                 : ticket{false, nullptr};
        });
    if (!t.can_put)
      return false;
    if (!t.node)
      t.node = detail::new_node<node_type>(this->shared());
    return_to back{t.node, item};
    t.node->value.emplace(std::move(item));
    // Another thread may have filled the queue in between.
    return this->shared().update_quietly(
        [&](state_type& state)
        {
          if (!state.can_put())
            return false;
          state.put(*t.node);
          static_cast<void>(t.node.release());
          return true;
        });
  }

  // Room that is kept for an item whose move may throw, or end the queue.
  struct kept_room
  {
    typename base::core_pointer core;
    node_pointer node;
    bool is_kept;

    ~kept_room()
    {
      if (is_kept)
        core->update_quietly(
            [](state_type& state)
            {
              state.undo_put();
            });
    }
  };

  // Why not as above: the item could not be moved back.
  bool put_into_kept_room(T& item)
  {
    kept_room room{this->share_core(), nullptr, false};
    room.is_kept = room.core->update_quietly(
        [&](state_type& state)
        {
          if (!state.can_put())
            return false;
          state.begin_put();
          room.node = state.take_spare();
          return true;
        });
    if (!room.is_kept)
      return false;
    if (!room.node)
      room.node = new_node<node_type>(*room.core);
    room.node->value.emplace(std::move(item));
    room.core->update_quietly(
        [&](state_type& state)
        {
          state.finish_put(*room.node);
          static_cast<void>(room.node.release());
          room.is_kept = false;
        });
    return true;
  }

  std::optional<T> get_in_one_entry()
  {
    std::optional<T> item;
    node_pointer surplus = this->shared().update_quietly(
        [&](state_type& state) -> node_pointer
        {
          node_pointer node = detail::own_node<node_type>(state.try_get());
          if (!node)
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
    auto n = detail::own_node<node_type>(this->shared().update_quietly(
        [](state_type& state)
        {
          return state.try_get();
        }));
    if (!n)
      return std::nullopt;
    std::optional<T> item(std::move(n->value));
    detail::recycle(this->shared(), std::move(n));
    return item;
  }

  std::optional<T> get_out_of_its_place()
  {
    item_node* const n = this->shared().update_quietly(
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
        .figure("maxsize", f.max_size)
        .figure_if_any("size", f.size)
        .count_if_any("getters", f.getters)
        .count_if_any("putters", f.putters)
        .count_if_any("joiners", f.joiners)
        .figure_if_any("tasks", f.unfinished)
        .word(f.open ? "" : "closed")
        .str();
  }

  queue_figures figures() const noexcept
  {
    return this->shared().read(
        [](const state_type& state)
        {
          return state.figures();
        });
  }
};

} // namespace toro::detail

#endif // TORO_DETAIL_OBJECT_QUEUE_BASE_HPP
