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
 * Operations that go on once something has happened need neither poll for it
 * nor keep a list of callbacks. Whoever makes it happen sets the flag and wakes
 * them all, and whoever comes later does not wait.
 *
 * | State | async_wait() | set() | clear() |
 * | ----- | ------------ | ----- | ------- |
 * | clear | waits | wakes all, becomes set | no effect |
 * | set | succeeds at once | no effect | becomes clear |
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 *
 * @par Fairness
 * Waits are woken in the order in which they began.
 *
 * @par Memory Ordering
 * A handler that was told of success, and whoever saw is_set(), sees what was
 * written before set().
 *
 * @par Thread Safety
 * @e Distinct @e objects: Safe. @n
 * @e Shared @e objects: Safe with thread_safe, unsafe with strand_bound.
 *
 * @par Destruction and Shutdown
 * Destroying an event, or assigning to it, ends its waits with
 * @c operation_aborted, posted. That is linear in the waits; cancellation
 * signals of other threads wait for all of it. Destroying the context
 * destroys the handlers un-invoked.
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
  /// The same primitive on another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_event<OtherExecutor, Threading>;
  };

  /// Constructs an event that is clear.
  /**
   * @param executor The executor of handlers that have none of their own.
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
  /// Moves an event together with its waits, and ends those of this one.
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
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  [[nodiscard]] bool is_set() const noexcept
  {
    return this->shared().read(
        [](const detail::event_state& state)
        {
          return state.is_set();
        });
  }

  /// Set the flag and wake all who wait.
  /**
   * All of them are woken, even if clear() follows right after. Their handlers
   * will not be invoked from within this function. On a strand, or with
   * strand_bound, one turn of the executor calls up to 64 of them: a
   * @c run_one() calls them all, and @c stop() in one of them does not hold
   * back the rest.
   *
   * @returns How many waits this woke.
   *
   * @throws What an executor throws that a completion is handed to. The flag is
   * set all the same; the completions are handed over at the next call.
   *
   * @par Complexity and Thread Safety
   * Linear in the number of waits. The lock is held for 64 of them at a time,
   * so that other threads do not wait for all; as the class.
   */
  std::size_t set()
  {
    return this->shared().update(
        [](detail::event_state& state)
        {
          return state.set();
        });
  }

  /// Clear the flag.
  /**
   * Waits that set() has reached already succeed all the same.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  void clear() noexcept
  {
    this->shared().update_quietly(
        [](detail::event_state& state)
        {
          state.clear();
        });
  }

  /// Start an asynchronous wait until the flag is set.
  /**
   * Succeeds at once where it is set, whatever the deadline.
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
   * slot, by cancel(), or by the end of the event.
   *
   * @par Executor
   * The handler runs on its associated executor, or on get_executor() where it
   * has none. It runs neither inside this function, unless an immediate
   * executor of its own says so, nor inside set().
   *
   * @par Per-Operation Cancellation
   * Supports @c terminal, @c partial and @c total, all without side effect. It
   * takes effect until the handler runs: then a wait that was woken already
   * ends with @c operation_aborted, and the flag stays as it is.
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
   * an executor throws leaves the wait in place, to be handed over at the next
   * call.
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
   * @param limit The time after which the wait gives up. Clock:
   * @c std::chrono::steady_clock. One that has passed fails at once unless the
   * flag is set.
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

  /// Describes an event: its flag, and how many wait.
  /**
   * @param e The event.
   *
   * @returns For example @c "<event clear waiters[2]>".
   */
  [[nodiscard]] friend std::string to_string(const basic_event& e)
  {
    return e.shared().describe();
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
