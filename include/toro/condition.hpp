// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_CONDITION_HPP
#define TORO_CONDITION_HPP

#include <toro/deadline.hpp>
#include <toro/fwd.hpp>

#include <toro/detail/config.hpp>
#include <toro/detail/format.hpp>
#include <toro/detail/object/io_object.hpp>
#include <toro/detail/state/condition_state.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/system/error_code.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

namespace toro {

namespace detail {

struct condition_wait_request : plain_request
{
  static constexpr const char* name = "condition::async_wait";

  static bool start(condition_state& state, condition_waiter& w,
                    bool may_wait) noexcept
  {
    return state.start_wait(w, may_wait);
  }
};

// A wait that ends only when a predicate holds.
template <class Predicate>
class condition_predicate_request : public plain_request
{
public:
  static constexpr const char* name = "condition::async_wait";
  static constexpr bool has_predicate = true;

  explicit condition_predicate_request(Predicate predicate)
    : predicate_(std::move(predicate))
  {
  }

  // Calls the predicate; not under the lock.
  bool ask()
  {
    answer_ = static_cast<bool>(predicate_());
    return answer_;
  }

  // Whether the predicate held before the wait could queue.
  bool is_satisfied() const noexcept
  {
    return satisfied_;
  }

  bool start(condition_state& state, condition_waiter& w,
             bool may_wait) noexcept
  {
    w.may_decline = true;
    if (answer_)
    {
      satisfied_ = true;
      return state.start_satisfied(w);
    }
    if (!asked_)
    {
      asked_ = true;
      seen_ = state.notifications();
      return false;
    }
    // A notification that came after the predicate was called may have been
    // about what it looks at: it is as if this wait had been there.
    if (may_wait && seen_ != state.notifications())
      return state.start_notified(w);
    return state.start_wait(w, may_wait);
  }

private:
  [[no_unique_address]] Predicate predicate_;
  std::uint64_t seen_ = 0;
  bool asked_ = false;
  bool answer_ = false;
  bool satisfied_ = false;
};

// What async_wait takes for a predicate: nullary, and no completion token.
template <class Predicate>
concept wait_predicate = std::copy_constructible<std::decay_t<Predicate>> &&
                         std::predicate < std::decay_t<Predicate>
& > &&!wait_token<Predicate>;

} // namespace detail

/// A meeting point: waits until somebody notifies.
/**
 * Operations that wait for a change in the program's own data are told when
 * to look again, one by one or all at once. With a predicate the looking
 * again is done for them, and a wait that was told in vain keeps its place.
 *
 * | A wait is | notify() | a cancellation | its predicate says no |
 * | --------- | -------- | -------------- | --------------------- |
 * | waiting | notifies it | ends it | is not asked |
 * | notified | no effect | ends it, passes it on | waits again, passes it on |
 *
 * A notification without waits is not remembered. One that is passed on goes to
 * the oldest wait that was there when it was made, or is gone; that of
 * notify_all() is not passed on. There is no lock: on a strand nobody runs
 * in between.
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 *
 * @par Fairness
 * Waits are notified in the order in which they began.
 *
 * @par Memory Ordering
 * A handler that was told of success sees what was written before the
 * notification; with a predicate, what was written before its last call.
 *
 * @par Thread Safety
 * @e Distinct @e objects: Safe. @n
 * @e Shared @e objects: Safe with thread_safe, unsafe with strand_bound.
 *
 * @par Destruction and Shutdown
 * Destroying a condition, or assigning to it, ends its waits with
 * @c operation_aborted, posted. That is linear in the waits; cancellation
 * signals of other threads wait for all of it. Destroying the context
 * destroys the handlers un-invoked.
 *
 * @par Example
 * For example:
 * @code
 * toro::condition changed(executor);
 * int stock = 0;
 * asio::post(executor, [&] { stock = 3; changed.notify(); });
 * co_await changed.async_wait([&] { return stock > 0; }, asio::use_awaitable);
 * @endcode
 *
 * @sa event
 */
template <class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class TORO_DETAIL_VISIBLE basic_condition
  : public detail::io_object<detail::condition_state, Executor, Threading>
{
  using base = detail::io_object<detail::condition_state, Executor, Threading>;
  using default_token = detail::default_token<Executor>;

public:
  /// The same primitive on another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_condition<OtherExecutor, Threading>;
  };

  /// Constructs a condition.
  /**
   * @param executor The executor of handlers that have none of their own.
   */
  explicit basic_condition(const Executor& executor)
    : base(executor, &basic_condition::describe)
  {
  }

  /// Constructs a condition on the executor of a context.
  /**
   * @param context The context, for example an @c io_context.
   */
  template <detail::execution_context_like Context>
  explicit basic_condition(Context& context)
    : basic_condition(Executor(context.get_executor()))
  {
  }

  /// Moves a condition together with its waits.
  basic_condition(basic_condition&&) noexcept = default;
  /// Moves a condition with its waits, and ends those of this one.
  /**
   * @returns This condition.
   */
  basic_condition& operator=(basic_condition&&) noexcept = default;

  /// Moves a condition from another type of executor.
  /**
   * @param other The condition to move from.
   */
  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_condition(basic_condition<OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  /// Notify the oldest waits.
  /**
   * Handlers and predicates will not be invoked from within this function.
   *
   * @param n How many. Unit: waits. Range: any; zero does nothing.
   *
   * @returns How many waits the notification was offered to.
   *
   * @throws What an executor throws that a completion is handed to. The waits
   * are notified all the same; the completions are handed over at the next
   * call.
   *
   * @par Complexity and Thread Safety
   * Linear in the result, and other threads that call the condition meanwhile
   * wait for all of it; as the class.
   */
  std::size_t notify(std::size_t n = 1)
  {
    return this->shared().update(
        [n](detail::condition_state& state)
        {
          return state.notify(n);
        });
  }

  /// Notify all waits.
  /**
   * Handlers and predicates will not be invoked from within this function. On
   * a strand, or with strand_bound, one turn of the executor calls up to 64
   * handlers: a @c run_one() calls them all, and @c stop() in one of them does
   * not hold back the rest.
   *
   * @returns How many waits the notification was offered to.
   *
   * @throws What an executor throws that a completion is handed to. The waits
   * are notified all the same; the completions are handed over at the next
   * call.
   *
   * @par Complexity and Thread Safety
   * Linear in the result. The lock is held for 64 waits at a time, so that
   * other threads do not wait for all; as the class.
   */
  std::size_t notify_all()
  {
    return this->shared().update(
        [](detail::condition_state& state)
        {
          return state.notify_all();
        });
  }

  /// Start an asynchronous wait for a notification.
  /**
   * Always waits, since what was notified before is not remembered.
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
   * slot, by cancel(), or by the end of the condition.
   *
   * @par Executor
   * The handler runs on its associated executor, or on get_executor() where it
   * has none. It runs neither inside this function, unless an immediate
   * executor of its own says so, nor inside notify().
   *
   * @par Per-Operation Cancellation
   * Supports @c terminal, @c partial and @c total, all without side effect. It
   * takes effect until the handler runs: then a wait that was notified already
   * ends with @c operation_aborted, and a notification of notify() passes to
   * the oldest other wait that was there when it was made.
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
  template <detail::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_wait(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::condition_wait_request(), token))
  {
    return this->template start<CompletionToken>(
        detail::condition_wait_request(), token);
  }

  /// @copydoc async_wait(CompletionToken&&)
  /**
   * @param limit The time after which the wait gives up. Clock:
   * @c std::chrono::steady_clock. One that has passed fails at once.
   */
  template <detail::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_wait(deadline limit, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::condition_wait_request(), limit, token))
  {
    return this->template start<CompletionToken>(
        detail::condition_wait_request(), limit, token);
  }

  /// Start an asynchronous wait until a predicate holds.
  /**
   * The predicate is called in the initiation and once for each
   * notification, then on the handler's executor or, with strand_bound, on
   * the object's; never under the lock, and never because the deadline
   * passes. True ends the wait; false puts it back into its place, with its
   * deadline, and passes the notification on.
   *
   * @param predicate A nullary function object that returns @c bool. It is
   * copied.
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
   * @li @c boost::asio::error::timed_out The deadline passed without the
   * predicate being true when it was last called.
   * @li @c boost::asio::error::operation_aborted The wait was cancelled by its
   * slot, by cancel(), or by the end of the condition.
   *
   * @par Executor
   * The handler runs on its associated executor, or on get_executor() where it
   * has none. It runs neither inside this function, unless an immediate
   * executor of its own says so, nor inside notify().
   *
   * @par Per-Operation Cancellation
   * Supports @c terminal, @c partial and @c total, all without side effect. It
   * takes effect until the handler runs, and passes on a notification that the
   * wait had, as without a predicate.
   *
   * @par Thread Safety
   * As the class. Emitting a cancellation signal follows Asio's rule.
   *
   * @par Complexity
   * Constant, to start and to cancel, and one call of the predicate for each
   * notification. Linear at most in the waits to go back into place. One
   * allocation with the handler's associated allocator.
   *
   * @par Exception Safety
   * Strong for what the allocator, a timer, the copy of the predicate, its
   * first call and the handler's move throw. A later call that throws does so
   * through @c run(), with the wait back in its place and the notification
   * passed on. What an executor throws leaves the operation in place, to be
   * handed over at the next call.
   */
  template <detail::wait_predicate Predicate,
            detail::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_wait(Predicate&& predicate,
                  CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::condition_predicate_request<std::decay_t<Predicate>>(
              std::forward<Predicate>(predicate)),
          token))
  {
    return this->template start<CompletionToken>(
        detail::condition_predicate_request<std::decay_t<Predicate>>(
            std::forward<Predicate>(predicate)),
        token);
  }

  /// @copydoc async_wait(Predicate&&, CompletionToken&&)
  /**
   * @param limit The time after which the wait gives up. Clock:
   * @c std::chrono::steady_clock. One that has passed fails at once unless the
   * predicate holds.
   */
  template <detail::wait_predicate Predicate,
            detail::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_wait(Predicate&& predicate, deadline limit,
                  CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::condition_predicate_request<std::decay_t<Predicate>>(
              std::forward<Predicate>(predicate)),
          limit, token))
  {
    return this->template start<CompletionToken>(
        detail::condition_predicate_request<std::decay_t<Predicate>>(
            std::forward<Predicate>(predicate)),
        limit, token);
  }

  /// Describes a condition: how many wait.
  /**
   * @param x The condition.
   *
   * @returns For example @c "<condition waiters[2]>".
   */
  [[nodiscard]] friend std::string to_string(const basic_condition& x)
  {
    return x.shared().describe();
  }

private:
  static std::string describe(const detail::condition_state& state)
  {
    return detail::description("condition")
        .count_if_any("waiters", state.waiters())
        .str();
  }
};

/// The condition on any executor, safe to share between threads.
using condition = basic_condition<>;

} // namespace toro

#endif // TORO_CONDITION_HPP
