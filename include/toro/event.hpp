// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_EVENT_HPP
#define TORO_EVENT_HPP

#include <toro/deadline.hpp>
#include <toro/fwd.hpp>

#include <toro/detail/config.hpp>
#include <toro/detail/format.hpp>
#include <toro/detail/object/io_object.hpp>
#include <toro/detail/state/event_state.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <string>
#include <utility>

namespace toro {

namespace detail {

TORO_DETAIL_SEPARATE_CORE(event_state)

struct event_wait_request : plain_request
{
  static constexpr const char* name = "event::async_wait";

  static bool start(event_state& state, waiter& w, bool may_wait) noexcept
  {
    return state.start_wait(w, may_wait);
  }
};

} // namespace detail

/// A flag that any number of operations wait for.
/**
 * Lets operations wait until something has happened, without polling or a list
 * of callbacks. set() wakes all operations that wait. An operation that starts
 * while the flag is set does not wait.
 *
 * | State | async_wait() | set() | clear() |
 * | ----- | ------------ | ----- | ------- |
 * | clear | waits | wakes all, becomes set | no effect |
 * | set | succeeds immediately | no effect | becomes clear |
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 *
 * @par Fairness
 * Waits are woken in the order in which they started.
 *
 * @par Memory Ordering
 * A handler that is called with success, and a caller of is_set() that gets
 * true, see everything that was written before set().
 *
 * @toro_class_thread_safety
 *
 * @toro_destruction{an event}
 *
 * @par Example
 * For example:
 * @code
 * toro::event ready(executor);
 * asio::post(executor, [&] { ready.set(); });
 * co_await ready.async_wait(std::chrono::seconds(5), asio::use_awaitable);
 * @endcode
 *
 * @sa condition, async_result
 */
template <class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class TORO_DETAIL_VISIBLE basic_event
  : public detail::io_object<detail::event_state, Executor, Threading>
{
  using base = detail::io_object<detail::event_state, Executor, Threading>;
  using default_token = detail::default_token<Executor>;

public:
  /// The same primitive with another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_event<OtherExecutor, Threading>;
  };

  /// Constructs an event that is clear.
  /**
   * @param executor The executor for handlers that have no associated executor.
   */
  explicit basic_event(const Executor& executor)
    : base(executor, &basic_event::describe)
  {
  }

  /// Constructs an event that is clear, on the executor of a context.
  /**
   * @param context The context, for example an @c io_context.
   */
  template <detail::execution_context_like Context>
  explicit basic_event(Context& context)
    : basic_event(Executor(context.get_executor()))
  {
  }

  /// Moves an event together with its waits.
  basic_event(basic_event&&) noexcept = default;
  /// Cancels the waits of this event, then moves another one in.
  /**
   * @returns This event.
   */
  basic_event& operator=(basic_event&&) noexcept = default;

  /// Moves an event from another type of executor.
  /**
   * @param other The event to move from.
   */
  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_event(basic_event<OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  /// Tells whether the flag is set.
  /**
   * @returns The state at this moment.
   *
   * @toro_constant
   */
  [[nodiscard]] bool is_set() const noexcept
  {
    return this->get_core().read(
        [](const detail::event_state& state)
        {
          return state.is_set();
        });
  }

  /// Set the flag and wake all waiters.
  /**
   * All of them are woken, even if clear() is called right after. Their
   * handlers will not be invoked from within this function. @toro_batches
   *
   * @returns The number of waits that this woke.
   *
   * @throws Any exception thrown while posting a completion. The flag is set
   * regardless; the completion is retried on the next call.
   *
   * @toro_linear_in_batches{waits}
   */
  std::size_t set()
  {
    return this->get_core().update(
        [](detail::event_state& state)
        {
          return state.set();
        });
  }

  /// Clear the flag.
  /**
   * Waits that set() has already woken succeed regardless.
   *
   * @toro_constant
   */
  void clear() noexcept
  {
    this->get_core().update_quietly(
        [](detail::event_state& state)
        {
          state.clear();
        });
  }

  /// Start an asynchronous wait until the flag is set.
  /**
   * Completes immediately if the flag is set, even if the deadline has passed.
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
   * slot or by cancel(), or the event was destroyed or assigned to.
   *
   * @toro_executor{set()}
   *
   * @toro_cancellation
   * The flag does not change.
   *
   * @toro_thread_safety
   * @toro_async_constant
   * @toro_exception_safety
   */
  template <detail::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_wait(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::event_wait_request(), token))
  {
    return this->template start<CompletionToken>(detail::event_wait_request(),
                                                 token);
  }

  /// @copydoc async_wait(CompletionToken&&)
  /**
   * @param limit When the wait expires. @toro_expires_unless{the flag is set}
   */
  template <detail::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_wait(deadline limit, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::event_wait_request(), limit, token))
  {
    return this->template start<CompletionToken>(detail::event_wait_request(),
                                                 limit, token);
  }

  /// Describes an event: its flag and the number of waiters.
  /**
   * @param e The event.
   *
   * @returns For example @c "<event clear waiters[2]>".
   */
  [[nodiscard]] friend std::string to_string(const basic_event& e)
  {
    return e.get_core().describe();
  }

private:
  static std::string describe(const detail::event_state& state)
  {
    return detail::description("event")
        .word(state.is_set() ? "set" : "clear")
        .count_if_any("waiters", state.waiters())
        .str();
  }
};

/// The event on any executor, safe to share between threads.
using event = basic_event<>;

} // namespace toro

#endif // TORO_EVENT_HPP
