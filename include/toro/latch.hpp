// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_LATCH_HPP
#define TORO_LATCH_HPP

#include <toro/deadline.hpp>
#include <toro/error.hpp>
#include <toro/fwd.hpp>

#include <toro/detail/config.hpp>
#include <toro/detail/format.hpp>
#include <toro/detail/object/io_object.hpp>
#include <toro/detail/state/latch_state.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/system/error_code.hpp>
#include <boost/throw_exception.hpp>

#include <concepts>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>

namespace toro {

namespace detail {

TORO_DETAIL_SEPARATE_CORE(latch_state)

struct latch_wait_request : plain_request
{
  static constexpr const char* name = "latch::async_wait";

  static bool start(latch_state& state, latch_waiter& w, bool may_wait) noexcept
  {
    return state.start_wait(w, may_wait);
  }
};

struct latch_arrive_request : plain_request
{
  static constexpr const char* name = "latch::async_arrive";

  static constexpr boost::asio::cancellation_type_t cancellation_types =
      detail::either(boost::asio::cancellation_type::terminal,
                     boost::asio::cancellation_type::partial);

  static constexpr unsigned char kind = 2;

  // An initiation that throws must not have counted, so what it counts must
  // not depend on an executor that may find no memory.
  static bool starts_alone(const latch_state&) noexcept
  {
    return false;
  }

  static bool start(latch_state& state, latch_waiter& w, bool may_wait) noexcept
  {
    return state.start_arrive(w, may_wait);
  }
};

} // namespace detail

/// A count that falls to zero once, and that any number of operations wait for.
/**
 * Lets operations wait until a number of other operations are done, or until a
 * number of participants have arrived. The count is set in the constructor and
 * never rises. When it reaches zero, all operations that wait are woken. An
 * operation that starts later does not wait.
 *
 * | Count | async_wait() | async_arrive() | count_down(n) |
 * | ----- | ------------ | -------------- | ------------- |
 * | more than 1 | waits | counts down, waits | counts down |
 * | 1 | waits | counts down, wakes all, succeeds | wakes all if n is 1 |
 * | 0 | succeeds immediately | @c task_underflow | @c task_underflow |
 *
 * count_down() with zero does nothing and is no error, whatever the count.
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 *
 * @par Fairness
 * Waits are woken in the order in which they started. An arrival that wakes
 * others succeeds after them.
 *
 * @par Memory Ordering
 * A handler that is called with success, and a caller of ready() that gets
 * true, see everything that was written before each call of count_down() and
 * async_arrive() that counted down.
 *
 * @toro_class_thread_safety
 *
 * @toro_destruction{a latch}
 *
 * @par Example
 * For example:
 * @code
 * toro::latch started(executor, 2);
 * asio::post(executor, [&] { started.count_down(); });
 * asio::post(executor, [&] { started.count_down(); });
 * co_await started.async_wait(std::chrono::seconds(5), asio::use_awaitable);
 * assert(started.ready());
 * @endcode
 *
 * @sa event, barrier, wait_group, joinable_queue
 */
template <class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class TORO_DETAIL_VISIBLE basic_latch
  : public detail::io_object<detail::latch_state, Executor, Threading>
{
  using base = detail::io_object<detail::latch_state, Executor, Threading>;
  using default_token = detail::default_token<Executor>;

public:
  /// The same primitive with another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_latch<OtherExecutor, Threading>;
  };

  /// Constructs a latch.
  /**
   * @param executor The executor for handlers that have no associated executor.
   *
   * @param expected The initial count. Unit: arrivals. Range: 0 to
   * @c PTRDIFF_MAX. With zero the latch is ready from the start.
   *
   * @throws std::invalid_argument The count is out of range.
   */
  basic_latch(const Executor& executor, std::size_t expected)
    : base(executor, &basic_latch::describe, checked(expected))
  {
  }

  /// Constructs a latch on the executor of a context.
  /**
   * @param context The context, for example an @c io_context.
   *
   * @param expected The initial count. Unit: arrivals. Range: 0 to
   * @c PTRDIFF_MAX. With zero the latch is ready from the start.
   *
   * @throws std::invalid_argument The count is out of range.
   */
  template <detail::execution_context_like Context>
  basic_latch(Context& context, std::size_t expected)
    : basic_latch(Executor(context.get_executor()), expected)
  {
  }

  // Not an integer, so not a count.
  template <class Where, std::floating_point Number, class... Rest>
  basic_latch(Where&&, Number, Rest&&...) = delete;

  /// Moves a latch together with its waits.
  basic_latch(basic_latch&&) noexcept = default;
  /// Cancels the waits of this latch, then moves another one in.
  /**
   * @returns This latch.
   */
  basic_latch& operator=(basic_latch&&) noexcept = default;

  /// Moves a latch from another type of executor.
  /**
   * @param other The latch to move from.
   */
  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_latch(basic_latch<OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  /// Gives the count.
  /**
   * @returns How many arrivals are still expected.
   *
   * @toro_constant
   */
  [[nodiscard]] std::size_t count() const noexcept
  {
    return this->get_core().read(
        [](const detail::latch_state& state)
        {
          return state.count();
        });
  }

  /// Tells whether the count has reached zero.
  /**
   * @returns Whether count() is zero. Once it is, it stays so.
   *
   * @toro_constant
   */
  [[nodiscard]] bool ready() const noexcept
  {
    return count() == 0;
  }

  /// Count down without waiting.
  /**
   * If the count reaches zero, all operations that wait are woken. Their
   * handlers will not be invoked from within this function. @toro_batches
   *
   * @param n By how much. Unit: arrivals. Range: any; zero does nothing.
   *
   * @param ec Set to toro::error::task_underflow if @p n is more than count();
   * nothing changes then.
   *
   * @returns The number of waits that this woke. Zero on an error.
   *
   * @throws Any exception thrown while posting a completion. The count falls
   * regardless; the completion is retried on the next call.
   *
   * @toro_linear_in_batches{waits}
   */
  std::size_t count_down(std::size_t n, boost::system::error_code& ec)
  {
    return this->update(
        [n](detail::latch_state& state)
        {
          return state.count_down(n);
        },
        error::task_underflow, ec);
  }

  /// @copybrief count_down(std::size_t, boost::system::error_code&)
  /**
   * @param ec As above, for a count of one.
   *
   * @returns The number of waits that this woke. Zero on an error.
   *
   * @toro_linear_in_batches{waits}
   */
  std::size_t count_down(boost::system::error_code& ec)
  {
    return count_down(1, ec);
  }

  /// @copybrief count_down(std::size_t, boost::system::error_code&)
  /**
   * @param n By how much. Unit: arrivals. Range: any; zero does nothing.
   *
   * @returns The number of waits that this woke.
   *
   * @throws boost::system::system_error With toro::error::task_underflow if the
   * overload above would set it. Also any exception thrown while posting a
   * completion; the count falls regardless.
   *
   * @toro_linear_in_batches{waits}
   */
  std::size_t count_down(std::size_t n = 1)
  {
    boost::system::error_code ec;
    const std::size_t granted = count_down(n, ec);
    this->throw_if(ec, "count_down");
    return granted;
  }

  /// Start an asynchronous wait until the count is zero.
  /**
   * Completes immediately if the latch is ready, even if the deadline has
   * passed. Does not count down.
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
   * slot or by cancel(), or the latch was destroyed or assigned to.
   *
   * @toro_executor{count_down() or async_arrive()}
   *
   * @toro_cancellation
   * The count does not change.
   *
   * @toro_thread_safety
   * @toro_async_constant
   * @toro_exception_safety
   */
  template <detail::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_wait(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::latch_wait_request(), token))
  {
    return this->template start<CompletionToken>(detail::latch_wait_request(),
                                                 token);
  }

  /// @copydoc async_wait(CompletionToken&&)
  /**
   * @param limit When the wait expires. @toro_expires_unless{the latch is
   * ready}
   */
  template <detail::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_wait(deadline limit, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::latch_wait_request(), limit, token))
  {
    return this->template start<CompletionToken>(detail::latch_wait_request(),
                                                 limit, token);
  }

  /// Start an asynchronous arrival: count down, then wait for zero.
  /**
   * Counts down by one when the operation starts, in one step with its wait. An
   * arrival cannot be withdrawn: the count stays as it is if the deadline
   * passes, also if that has passed at the start, and if the wait is cancelled.
   *
   * The arrival that brings the count to zero wakes all operations that wait,
   * and completes immediately.
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
   * @li @c boost::asio::error::timed_out The deadline passed. The arrival was
   * counted.
   * @li @c boost::asio::error::operation_aborted The wait was cancelled by its
   * slot or by cancel(), or the latch was destroyed or assigned to. The arrival
   * was counted.
   * @li @c toro::error::task_underflow The count was zero at the start. Nothing
   * changed. The operation completes immediately.
   *
   * @toro_executor{count_down() or async_arrive()}
   *
   * @toro_cancellation_of_wait_only
   * The count does not change.
   *
   * @toro_thread_safety
   * @toro_async_linear_in_batches{that it wakes}
   * @toro_exception_safety
   */
  template <detail::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_arrive(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::latch_arrive_request(), token))
  {
    return this->template start<CompletionToken>(detail::latch_arrive_request(),
                                                 token);
  }

  /// @copydoc async_arrive(CompletionToken&&)
  /**
   * @param limit When the wait expires. @toro_expires_unless{the arrival brings
   * the count to zero}
   */
  template <detail::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_arrive(deadline limit, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::latch_arrive_request(), limit, token))
  {
    return this->template start<CompletionToken>(detail::latch_arrive_request(),
                                                 limit, token);
  }

  /// Describes a latch: its count and the number of waiters.
  /**
   * @param x The latch.
   *
   * @returns For example @c "<latch count=2 waiters[1]>".
   */
  [[nodiscard]] friend std::string to_string(const basic_latch& x)
  {
    return x.get_core().describe();
  }

private:
  static std::size_t checked(std::size_t expected)
  {
    if (expected > detail::max_count)
      boost::throw_exception(
          std::invalid_argument("toro: a latch's count is too large"));
    return expected;
  }

  static std::string describe(const detail::latch_state& state)
  {
    return detail::description("latch")
        .figure("count", state.count())
        .count_if_any("waiters", state.waiters())
        .str();
  }
};

/// The latch on any executor, safe to share between threads.
using latch = basic_latch<>;

} // namespace toro

#endif // TORO_LATCH_HPP
