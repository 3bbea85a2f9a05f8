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

TORO_DETAIL_SEPARATE_CORE(condition_state)

struct condition_wait_request : plain_request
{
  static constexpr const char* name = "condition::async_wait";

  static bool start(condition_state& state, condition_waiter& w,
                    bool may_wait) noexcept
  {
    return state.start_wait(w, may_wait);
  }
};

// A wait that completes with success only if a predicate holds.
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

  // The predicate is about to be called for the first time.
  void begin(const condition_state& state) noexcept
  {
    seen_ = state.notifications();
  }

  // Calls the predicate. Not under the lock.
  bool ask()
  {
    answer_ = static_cast<bool>(predicate_());
    return answer_;
  }

  // Whether the predicate held before the wait could be parked.
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
    // A notification that came after the predicate was called may concern a
    // change that the predicate did not see. So the wait is granted as if it
    // had been parked then.
    if (may_wait && seen_ != state.notifications())
      return state.start_notified(w);
    return state.start_wait(w, may_wait);
  }

private:
  [[no_unique_address]] Predicate predicate_;
  std::uint64_t seen_ = 0;
  bool answer_ = false;
  bool satisfied_ = false;
};

// What async_wait accepts as a predicate: nullary, and no completion token.
template <class Predicate>
concept wait_predicate = std::copy_constructible<std::decay_t<Predicate>> &&
                         std::predicate < std::decay_t<Predicate>
& > &&!wait_token<Predicate>;

} // namespace detail

/// A condition that operations wait for until they are notified.
/**
 * Lets operations wait for a change of the program's own data. A notification
 * tells the oldest waiters, or all of them, to check the data again. A wait
 * with a predicate does that by itself: if the predicate is still false, the
 * operation continues to wait at its position.
 *
 * | A wait is | notify() | a cancellation | its predicate is false |
 * | --------- | -------- | -------------- | --------------------- |
 * | waiting | notifies it | cancels it | is not called |
 * | notified | no effect | cancels it, passes on | waits again, passes on |
 *
 * If no operation waits, a notification has no effect and is not remembered. A
 * notification that is passed on goes to the oldest wait that was already
 * waiting at the call of notify(). If there is none left, the notification is
 * dropped. A notification by notify_all() is not passed on.
 *
 * The condition has no lock that protects the data. Let one strand run all code
 * that uses them: there no other code runs between two statements.
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 *
 * @par Fairness
 * Waits are notified in the order in which they started.
 *
 * @par Memory Ordering
 * A handler that is called with success sees everything that was written before
 * the notification or, if there is a predicate, before its last call.
 *
 * @toro_class_thread_safety
 *
 * @toro_destruction{a condition}
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
  /// The same primitive with another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_condition<OtherExecutor, Threading>;
  };

  /// Constructs a condition.
  /**
   * @param executor The executor for handlers that have no associated executor.
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
  /// Cancels the waits of this condition, then moves another one in.
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
   * @returns The number of waits that were notified, even if their predicates
   * then return false.
   *
   * @throws Any exception thrown while posting a completion. The waits are
   * notified regardless; the completion is retried on the next call.
   *
   * @toro_linear{waits notified}
   */
  std::size_t notify(std::size_t n = 1)
  {
    return this->get_core().update(
        [n](detail::condition_state& state)
        {
          return state.notify(n);
        });
  }

  /// Notify all waits.
  /**
   * Handlers and predicates will not be invoked from within this function.
   * @toro_batches
   *
   * @returns The number of waits that were notified, even if their predicates
   * then return false.
   *
   * @throws Any exception thrown while posting a completion. The waits are
   * notified regardless; the completion is retried on the next call.
   *
   * @toro_linear_in_batches{waits notified}
   */
  std::size_t notify_all()
  {
    return this->get_core().update(
        [](detail::condition_state& state)
        {
          return state.notify_all();
        });
  }

  /// Start an asynchronous wait for a notification.
  /**
   * Always waits, because earlier notifications are not remembered.
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
   * slot or by cancel(), or the condition was destroyed or assigned to.
   *
   * @toro_executor{notify() or notify_all()}
   *
   * @toro_cancellation
   * If notify() has already notified the wait, the notification passes to the
   * oldest other wait that was already waiting at the call of notify().
   *
   * @toro_thread_safety
   * @toro_async_constant
   * @toro_exception_safety
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
   * @param limit When the wait expires. Clock: @c std::chrono::steady_clock. If
   * the deadline has passed, the operation completes immediately with
   * @c timed_out.
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

  /// Start an asynchronous wait until a predicate is true.
  /**
   * The predicate is called in the initiation, and then once for each
   * notification. These later calls run on the handler's executor or, with
   * strand_bound, on the object's. If the predicate returns true, the wait
   * succeeds. If it returns false, the operation continues to wait at its
   * position with its deadline, and the notification is passed on. The
   * predicate is never called under the lock of the object, and never because
   * the deadline passes.
   *
   * @param predicate A nullary function object that returns @c bool. It is
   * copied.
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
   * @li @c boost::asio::error::timed_out The deadline passed, and the predicate
   * was false when it was last called.
   * @li @c boost::asio::error::operation_aborted The wait was cancelled by its
   * slot or by cancel(), or the condition was destroyed or assigned to.
   *
   * @toro_executor{notify() or notify_all()}
   *
   * @toro_cancellation
   * If notify() has already notified the wait, the notification is passed on,
   * as without a predicate.
   *
   * @toro_thread_safety
   * @par Complexity
   * Constant, to start and to cancel, plus one call of the predicate for each
   * notification. Returning to the position is logarithmic in the number of
   * waits. One allocation with the handler's associated allocator.
   *
   * @toro_exception_safety{the allocator\, a timer\, the predicate's copy\, its
   * first call or the handler's move}
   * If a later call of the predicate throws, the exception leaves through
   * @c run(), the operation continues to wait at its position, and the
   * notification is passed on.
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
   * @param limit When the wait expires.
   * @toro_expires_unless{the predicate is true}
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

  /// Describes a condition: the number of waiters.
  /**
   * @param x The condition.
   *
   * @returns For example @c "<condition waiters[2]>".
   */
  [[nodiscard]] friend std::string to_string(const basic_condition& x)
  {
    return x.get_core().describe();
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
