// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DELAY_QUEUE_HPP
#define TORO_DELAY_QUEUE_HPP

#include <toro/deadline.hpp>
#include <toro/error.hpp>
#include <toro/fwd.hpp>

#include <toro/detail/config.hpp>
#include <toro/detail/format.hpp>
#include <toro/detail/object/io_object.hpp>
#include <toro/detail/object/queue_request.hpp>
#include <toro/detail/state/delay_queue_state.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/system/error_code.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace toro {

/// Names an item of a delay_queue, for basic_delay_queue::erase().
/**
 * A key can be copied and compared. A default-constructed key names no item.
 * Destroying a key does nothing. Once the queue has been destroyed, its keys
 * name nothing.
 *
 * @par Thread Safety
 * @e Distinct @e objects: Safe. @n
 * @e Shared @e objects: Unsafe.
 */
class TORO_DETAIL_VISIBLE delay_key
{
public:
  /// Constructs a key that names no item.
  delay_key() noexcept = default;

  /// Tells whether two keys name the same item.
  /**
   * @param a A key.
   *
   * @param b Another one.
   *
   * @returns Whether they name the same item, or both name none.
   */
  friend bool operator==(const delay_key& a, const delay_key& b) noexcept
  {
    return a.queue_ == b.queue_ && a.number_ == b.number_;
  }

private:
  template <class, class, class>
  friend class basic_delay_queue;

  delay_key(std::uint64_t queue, deadline::time_point due,
            std::uint64_t number) noexcept
    : queue_(queue),
      due_(due),
      number_(number)
  {
  }

  // Why not the address of the queue's core: a later queue may have the same
  // one, and its items the same numbers.
  std::uint64_t queue_ = 0;
  deadline::time_point due_{};
  std::uint64_t number_ = 0;
};

namespace detail {

template <class Node>
class delay_get_request : public request<delivered<typename Node::value_type>>
{
  static constexpr bool moves_safely =
      std::is_nothrow_move_constructible_v<typename Node::value_type>;

public:
  using value_type = delivered<typename Node::value_type>;

  static constexpr const char* name = "delay_queue::async_get";

  delay_get_request prepare(auto& core) &&
  {
    now_ = core.now();
    return *this;
  }

  bool start(delay_queue_state& state, delay_waiter& w,
             bool may_wait) const noexcept
  {
    state.pass_time(now_);
    return state.start_get(w, may_wait);
  }

  // What is due goes to the gets that wait.
  static bool starts_alone(const delay_queue_state& state) noexcept
  {
    return state.waiters() == 0;
  }

  void take(delay_waiter& w) noexcept
  {
    item_ = std::exchange(w.item, nullptr);
  }

  template <class Core>
  auto complete(boost::intrusive_ptr<Core>& core, outcome how)
  {
    using result_type = std::conditional_t<moves_safely, completion<value_type>,
                                           outgoing_item<Core, Node>>;
    if constexpr (!moves_safely)
    {
      return how == outcome::success ? result_type(std::move(core), item_)
                                     : result_type(failure_code(how));
    }
    else
    {
      if (how != outcome::success)
        return result_type{failure_code(how), value_type()};
      auto n = detail::own_node<Node>(item_);
      result_type result{{}, std::move(*n->value)};
      detail::recycle(*core, std::move(n));
      return result;
    }
  }

private:
  // When the operation was launched.
  deadline::time_point now_ = deadline::time_point::min();

  // Invariant: the operation owns it once the grant is final, unless the move
  // of the item may throw.
  delay_node* item_ = nullptr;
};

} // namespace detail

/// A queue that gives each item once it is due.
/**
 * Retries, expiries and scheduled work have to happen at their times, and many
 * of them are called off before. A delay_queue keeps them in one place, in the
 * order in which they are due, with one timer for all.
 *
 * | State | put() | async_get() |
 * | ----- | ----- | ----------- |
 * | open, nothing due | stores | waits |
 * | open, an item is due | stores | takes the earliest |
 * | closed, items left | @c closed | waits until the next one is due |
 * | closed, empty | @c closed | @c closed |
 *
 * The queue has no bound. The timer runs only while a get waits, and until the
 * earliest item is due; so a queue without gets keeps no context running. If
 * @p T is not default-constructible, handlers receive items as
 * @c std::optional<T>.
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
 * Gets are served in the order in which they started. Items are given in the
 * order in which they are due; those that are due at the same time, in the
 * order in which they were put. try_get() does not overtake gets. If an item is
 * due no later than the deadline of the get that is to have it, the get
 * succeeds, even if the timer is late.
 *
 * @par Memory Ordering
 * Putting an item synchronizes with the get that receives it.
 *
 * @toro_class_thread_safety
 *
 * @par Exception Safety
 * As that of a basic_queue: an item is not lost if a move by the queue throws.
 * The queue keeps the memory of one item that it has given; that of all others
 * is freed.
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
 * toro::delay_queue<std::string> retries(executor);
 * retries.put("second", std::chrono::milliseconds(20));
 * retries.put("first", std::chrono::milliseconds(10));
 * toro::delay_key third = retries.put("third", std::chrono::milliseconds(30));
 * assert(co_await retries.async_get(asio::use_awaitable) == "first");
 * assert(co_await retries.async_get(asio::use_awaitable) == "second");
 * assert(retries.erase(third) && retries.empty());
 * @endcode
 *
 * @sa basic_queue, basic_priority_queue
 */
template <class T, class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class TORO_DETAIL_VISIBLE basic_delay_queue
  : public detail::io_object<detail::value_delay_queue_state<T>, Executor,
                             Threading>
{
  static_assert(std::is_object_v<T> && !std::is_const_v<T> &&
                    !std::is_array_v<T>,
                "the items of a queue are objects");
  static_assert(std::is_move_constructible_v<T>,
                "the items of a queue must be move-constructible");
  static_assert(std::is_nothrow_destructible_v<T>,
                "the items of a queue must be nothrow destructible");

  using state_type = detail::value_delay_queue_state<T>;
  using base = detail::io_object<state_type, Executor, Threading>;
  using node_type = typename state_type::node;
  using node_pointer = std::unique_ptr<node_type>;
  using default_token = detail::default_token<Executor>;

public:
  /// The type of the items.
  using value_type = T;

  /// Names an item, for erase().
  using key_type = delay_key;

  /// The same primitive with another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_delay_queue<T, OtherExecutor, Threading>;
  };

  /// Constructs a queue.
  /**
   * @param executor The executor for handlers that have no associated executor.
   */
  explicit basic_delay_queue(const Executor& executor)
    : base(executor, &basic_delay_queue::describe)
  {
  }

  /// Constructs a queue on the executor of a context.
  /**
   * @param context The context, for example an @c io_context.
   */
  template <detail::execution_context_like Context>
  explicit basic_delay_queue(Context& context)
    : basic_delay_queue(Executor(context.get_executor()))
  {
  }

  /// Moves a queue together with its waits.
  basic_delay_queue(basic_delay_queue&&) noexcept = default;
  /// Cancels the waits of this queue, then moves another one in.
  /**
   * @returns This queue.
   */
  basic_delay_queue& operator=(basic_delay_queue&&) noexcept = default;

  /// Moves a queue from another type of executor.
  /**
   * @param other The queue to move from.
   */
  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_delay_queue(basic_delay_queue<T, OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  /// Put an item that is due at a time.
  /**
   * If the item is due already and a get waits, that get receives it. Its
   * handler will not be invoked from within this function.
   *
   * @param item The item. Unchanged on an error.
   *
   * @param due When the item is due. Clock: @c std::chrono::steady_clock. A
   * time in the past means now. An item that is never due stays until it is
   * erased.
   *
   * @param ec Set to toro::error::closed if the queue is closed; nothing
   * changes then.
   *
   * @returns A key for erase(). On an error it names no item.
   *
   * @throws Any exception from an allocation, a timer or the item's move. The
   * queue is unchanged then, and so is the item, unless its move threw.
   *
   * @par Complexity and Thread Safety
   * Logarithmic in the number of items; as the class.
   */
  delay_key put(T&& item, deadline due, boost::system::error_code& ec)
  {
    const typename base::core_pointer core = this->share_core();
    const deadline::time_point now = core->now();
    const deadline::time_point when = due.resolve(now);
    node_pointer node = detail::find_node<node_type>(*core);
    coming_item coming{core, core->update_at(when,
                                             [](state_type& state)
                                             {
                                               return state.begin_put();
                                             })};
    if (!coming.is_kept)
    {
      ec = error::closed;
      return delay_key();
    }
    node->value.emplace(std::move(item));
    node->due = when;
    const std::uint64_t number = core->update_quietly(
        [&](state_type& state)
        {
          state.pass_time(now);
          coming.is_kept = false;
          return state.finish_put(*node.release());
        });
    ec = boost::system::error_code();
    return delay_key(core->unguarded().id(), when, number);
  }

  /// @copydoc put(T&&, deadline, boost::system::error_code&)
  delay_key
  put(const T& item, deadline due,
      boost::system::error_code& ec) requires std::copy_constructible<T>
  {
    return put(T(item), due, ec);
  }

  /// Put an item that is due at a time.
  /**
   * As the overload with an error code.
   *
   * @param item The item. Unchanged on an error.
   *
   * @param due When the item is due. Clock: @c std::chrono::steady_clock. A
   * time in the past means now. An item that is never due stays until it is
   * erased.
   *
   * @returns A key for erase().
   *
   * @throws boost::system::system_error With toro::error::closed if the queue
   * is closed.
   * @throws Any exception from an allocation, a timer or the item's move. The
   * queue is unchanged then, and so is the item, unless its move threw.
   *
   * @par Complexity and Thread Safety
   * Logarithmic in the number of items; as the class.
   */
  delay_key put(T&& item, deadline due)
  {
    boost::system::error_code ec;
    const delay_key key = put(std::move(item), due, ec);
    this->throw_if(ec, "put");
    return key;
  }

  /// @copydoc put(T&&, deadline)
  delay_key put(const T& item, deadline due) requires std::copy_constructible<T>
  {
    return put(T(item), due);
  }

  /// Remove an item before it is given to a get.
  /**
   * If the queue is closed and this was the last item, the waiting gets
   * complete with toro::error::closed; their handlers will not be invoked from
   * within this function.
   *
   * @param key The key that put() returned.
   *
   * @returns True if the item was removed; it is destroyed. False if it is not
   * in this queue: it was taken or erased before, or granted to a get. If such
   * a get is cancelled, the item returns and can be erased again.
   *
   * @par Complexity and Thread Safety
   * Logarithmic in the number of items; as the class.
   */
  bool erase(const delay_key& key) noexcept
  {
    if (key.queue_ != this->get_core().unguarded().id())
      return false;
    // Safety: the item may own this queue.
    const typename base::core_pointer core = this->share_core();
    node_pointer n = detail::own_node<node_type>(core->update_quietly(
        [&](state_type& state)
        {
          return state.erase(key.due_, key.number_);
        }));
    if (!n.get())
      return false;
    detail::recycle(*core, std::move(n));
    return true;
  }

  /// Try to get an item that is due, without waiting.
  /**
   * @returns The earliest item, or nothing if none is due, or if gets wait.
   *
   * @throws Any exception from the item's move. The item has then returned to
   * its position, or was granted to a waiting get.
   *
   * @par Complexity and Thread Safety
   * Logarithmic in the number of items; as the class.
   */
  [[nodiscard]] std::optional<T> try_get()
  {
    const typename base::core_pointer core = this->share_core();
    const deadline::time_point now = core->now();
    detail::delay_node* const n = core->update_quietly(
        [&](state_type& state)
        {
          state.pass_time(now);
          return state.begin_get();
        });
    if (!n)
      return std::nullopt;
    detail::outgoing_item<typename base::core_type, node_type> item(
        this->share_core(), n);
    if constexpr (std::is_default_constructible_v<T>)
      return std::optional<T>(item.take());
    else
      return item.take();
  }

  /// Gives the number of items.
  /**
   * @returns The number of stored items, due or not. Items that were granted to
   * a get whose handler has not run yet are not included.
   *
   * @toro_constant
   */
  [[nodiscard]] std::size_t size() const noexcept
  {
    return this->get_core().read(
        [](const state_type& state)
        {
          return state.size();
        });
  }

  /// Tells whether there is no item.
  /**
   * @returns Whether size() is zero.
   *
   * @toro_constant
   */
  [[nodiscard]] bool empty() const noexcept
  {
    return size() == 0;
  }

  /// Gives the number of waiting gets.
  /**
   * @returns The exact number at this moment.
   *
   * @toro_constant
   */
  [[nodiscard]] std::size_t getters() const noexcept
  {
    return this->waiters();
  }

  /// Tells whether the queue takes new items.
  /**
   * @returns False after close().
   *
   * @toro_constant
   */
  [[nodiscard]] bool is_open() const noexcept
  {
    return this->get_core().read(
        [](const state_type& state)
        {
          return state.is_open();
        });
  }

  /// Close the queue: it takes no further items.
  /**
   * Items that are in the queue can still be taken once they are due; gets wait
   * for them. Gets complete with toro::error::closed once no item is left. A
   * second call does nothing. Handlers will not be invoked from within this
   * function.
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

  /// Start an asynchronous operation to get an item once it is due.
  /**
   * Completes immediately if an item is due and no other get waits. On success
   * the handler receives the item; on error it receives a default-constructed
   * @p T or an empty optional.
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
   * @li @c toro::error::closed The queue is closed and empty, and no granted
   * item can return to it from another get.
   *
   * @toro_executor{put()}
   *
   * @toro_cancellation
   * If an item was already granted to the get, the item returns to its position
   * in the queue, or goes to the next get.
   *
   * @toro_thread_safety
   * @par Complexity
   * Logarithmic in the number of items, to start and to cancel. At most one
   * allocation with the handler's associated allocator.
   *
   * @toro_exception_safety
   * The item is moved immediately before the handler is called. If that move
   * throws, the item returns to its position or goes to the next get, the
   * handler is destroyed, and the exception leaves through @c run(), or through
   * @c co_await with toro::eager.
   */
  template <detail::completion_token_for<void(boost::system::error_code,
                                              detail::delivered<T>)>
                CompletionToken = default_token>
  auto async_get(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::delay_get_request<node_type>(), token))
  {
    return this->template start<CompletionToken>(
        detail::delay_get_request<node_type>(), token);
  }

  /// @copydoc async_get(CompletionToken&&)
  /**
   * @param limit When the wait expires. @toro_expires_unless{an item is due}
   * An item that is due no later than that is given.
   */
  template <detail::completion_token_for<void(boost::system::error_code,
                                              detail::delivered<T>)>
                CompletionToken = default_token>
  auto async_get(deadline limit, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::delay_get_request<node_type>(), limit, token))
  {
    return this->template start<CompletionToken>(
        detail::delay_get_request<node_type>(), limit, token);
  }

  /// Describes a queue: its size and the number of waiting gets.
  /**
   * @param x The queue.
   *
   * @returns For example @c "<delay_queue size=3 getters[1]>".
   */
  [[nodiscard]] friend std::string to_string(const basic_delay_queue& x)
  {
    return x.get_core().describe();
  }

private:
  // An item that is being put.
  struct coming_item
  {
    const typename base::core_pointer& core;
    bool is_kept;

    ~coming_item()
    {
      if (is_kept)
        core->update_quietly(
            [](state_type& state)
            {
              state.undo_put();
            });
    }
  };

  static std::string describe(const state_type& state)
  {
    return detail::description("delay_queue")
        .figure("size", state.size())
        .count_if_any("getters", state.waiters())
        .word(state.is_open() ? "" : "closed")
        .str();
  }
};

/// The delay_queue on any executor, safe to share between threads.
template <class T>
using delay_queue = basic_delay_queue<T>;

} // namespace toro

#endif // TORO_DELAY_QUEUE_HPP
