// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_BARRIER_HPP
#define TORO_BARRIER_HPP

#include <toro/deadline.hpp>
#include <toro/error.hpp>
#include <toro/fwd.hpp>

#include <toro/detail/config.hpp>
#include <toro/detail/format.hpp>
#include <toro/detail/object/io_object.hpp>
#include <toro/detail/state/barrier_state.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/system/error_code.hpp>
#include <boost/throw_exception.hpp>

#include <concepts>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>

namespace toro {

namespace detail {

TORO_DETAIL_SEPARATE_CORE(barrier_state)

class barrier_arrive_request : public request<bool>
{
public:
  static constexpr const char* name = "barrier::async_arrive";

  // The last arrival grants the others, and its grant is not revoked.
  static bool starts_alone(const barrier_state&) noexcept
  {
    return false;
  }

  static bool start(barrier_state& state, barrier_waiter& w,
                    bool may_wait) noexcept
  {
    return state.start_arrive(w, may_wait);
  }

  void take(barrier_waiter& w) noexcept
  {
    is_last_ = w.is_last;
  }

  completion<bool> complete(auto& /*core*/, outcome how) noexcept
  {
    return {to_error_code(how), is_last_};
  }

private:
  // Invariant: false unless the operation succeeds.
  bool is_last_ = false;
};

} // namespace detail

/// A point where parties wait for each other, in one phase after another.
/**
 * Keeps parties that work in phases in step: each arrives at the end of its
 * phase, and none goes on until all have arrived. The last arrival completes
 * the phase. All arrivals then succeed, and exactly one of them is told that it
 * was the last. The next phase begins at the same moment.
 *
 * | Arrivals missing | async_arrive() | drop() |
 * | ---------------- | -------------- | ------ |
 * | 2 or more | waits | one fewer is missing |
 * | 1 | wakes all, gets @c true | wakes all, the latest gets @c true |
 * | no party is left | @c task_underflow | @c task_underflow |
 *
 * An arrival whose wait ends early is withdrawn: the phase still needs it. Once
 * the phase is complete, its arrivals succeed even if they are cancelled, since
 * the other parties go on because of them.
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 *
 * @par Fairness
 * Arrivals are woken in the order in which they started. The one that completes
 * the phase succeeds after them.
 *
 * @par Memory Ordering
 * A handler that is called with success sees everything that was written before
 * each arrival of its phase, and before each call of drop() until then.
 *
 * @toro_class_thread_safety
 *
 * @toro_destruction{a barrier}
 * Arrivals of a complete phase succeed also then.
 *
 * @par Example
 * For example:
 * @code
 * toro::barrier step(executor, 2);
 * step.async_arrive(asio::detached); // by the other party
 * const bool last = co_await step.async_arrive(asio::use_awaitable);
 * assert(last && step.phase() == 1);
 * @endcode
 *
 * @sa latch, condition
 */
template <class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class TORO_DETAIL_VISIBLE basic_barrier
  : public detail::io_object<detail::barrier_state, Executor, Threading>
{
  using base = detail::io_object<detail::barrier_state, Executor, Threading>;
  using default_token = detail::default_token<Executor>;

public:
  /// The same primitive with another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_barrier<OtherExecutor, Threading>;
  };

  /// Constructs a barrier.
  /**
   * @param executor The executor for handlers that have no associated executor.
   *
   * @param parties How many arrivals complete a phase. Unit: arrivals. Range: 1
   * to @c PTRDIFF_MAX.
   *
   * @throws std::invalid_argument The number of parties is out of range.
   */
  basic_barrier(const Executor& executor, std::size_t parties)
    : base(executor, &basic_barrier::describe, checked(parties))
  {
  }

  /// Constructs a barrier on the executor of a context.
  /**
   * @param context The context, for example an @c io_context.
   *
   * @param parties How many arrivals complete a phase. Unit: arrivals. Range: 1
   * to @c PTRDIFF_MAX.
   *
   * @throws std::invalid_argument The number of parties is out of range.
   */
  template <detail::execution_context_like Context>
  basic_barrier(Context& context, std::size_t parties)
    : basic_barrier(Executor(context.get_executor()), parties)
  {
  }

  // Not an integer, so not a count.
  template <class Where, std::floating_point Number, class... Rest>
  basic_barrier(Where&&, Number, Rest&&...) = delete;

  /// Moves a barrier together with its waits.
  basic_barrier(basic_barrier&&) noexcept = default;
  /// Cancels the waits of this barrier, then moves another one in.
  /**
   * @returns This barrier.
   */
  basic_barrier& operator=(basic_barrier&&) noexcept = default;

  /// Moves a barrier from another type of executor.
  /**
   * @param other The barrier to move from.
   */
  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_barrier(basic_barrier<OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  /// Gives the number of parties.
  /**
   * @returns How many arrivals complete a phase. Zero if all parties were
   * dropped.
   *
   * @toro_constant
   */
  [[nodiscard]] std::size_t parties() const noexcept
  {
    return this->get_core().read(
        [](const detail::barrier_state& state)
        {
          return state.parties();
        });
  }

  /// Gives the number of arrivals in the present phase.
  /**
   * @returns How many have arrived and wait for the others, as waiters() does.
   *
   * @toro_constant
   */
  [[nodiscard]] std::size_t arrived() const noexcept
  {
    return this->waiters();
  }

  /// Gives the number of the present phase.
  /**
   * @returns How many phases are complete.
   *
   * @toro_constant
   */
  [[nodiscard]] std::size_t phase() const noexcept
  {
    return this->get_core().read(
        [](const detail::barrier_state& state)
        {
          return state.phase();
        });
  }

  /// Expect one party fewer, in the present phase and from now on.
  /**
   * For a party that does not arrive any more. If all others have arrived, this
   * completes the phase: all arrivals are woken, and the latest of them gets
   * @c true. If this was the only party, the phase is complete as well, without
   * an arrival. The handlers will not be invoked from within this function.
   * @toro_batches
   *
   * @param ec Set to toro::error::task_underflow if parties() is zero; nothing
   * changes then.
   *
   * @returns The number of arrivals that this woke. Zero on an error.
   *
   * @throws Any exception thrown while posting a completion. The party is
   * dropped regardless; the completion is retried on the next call.
   *
   * @toro_linear_in_batches{arrivals}
   */
  std::size_t drop(boost::system::error_code& ec)
  {
    return this->update(
        [](detail::barrier_state& state)
        {
          return state.drop();
        },
        error::task_underflow, ec);
  }

  /// @copybrief drop(boost::system::error_code&)
  /**
   * @returns The number of arrivals that this woke.
   *
   * @throws boost::system::system_error With toro::error::task_underflow if the
   * overload above would set it. Also any exception thrown while posting a
   * completion; the party is dropped regardless.
   *
   * @toro_linear_in_batches{arrivals}
   */
  std::size_t drop()
  {
    boost::system::error_code ec;
    const std::size_t granted = drop(ec);
    this->throw_if(ec, "drop");
    return granted;
  }

  /// Start an asynchronous arrival: wait until all parties have arrived.
  /**
   * The arrival counts when the operation starts. If it is the one that the
   * phase still needs, it completes the phase: it wakes all others, and
   * completes immediately, even if its deadline has passed.
   *
   * The handler gets @c true in exactly one arrival of each phase: in the one
   * that completes it or, if drop() completes it, in the latest.
   *
   * @param token The completion token that produces the completion handler.
   *
   * @returns The value that the completion token determines.
   *
   * @par Completion Signature
   * The handler is called with:
   * @code void(boost::system::error_code, bool last) @endcode
   * On an error @c last is false.
   *
   * @par Errors
   * The error code is one of:
   * @li @c boost::asio::error::timed_out The deadline passed before the phase
   * was complete. The arrival was withdrawn.
   * @li @c boost::asio::error::operation_aborted The arrival was cancelled by
   * its slot or by cancel(), or the barrier was destroyed or assigned to,
   * before the phase was complete. The arrival was withdrawn.
   * @li @c toro::error::task_underflow All parties were dropped before the
   * start. The operation completes immediately.
   *
   * @toro_executor{drop() or async_arrive()}
   *
   * @toro_cancellation_until{the phase is complete}
   *
   * @toro_thread_safety
   * @toro_async_linear_in_batches{that it wakes}
   * @toro_exception_safety
   */
  template <detail::completion_token_for<void(boost::system::error_code, bool)>
                CompletionToken = default_token>
  auto async_arrive(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::barrier_arrive_request(), token))
  {
    return this->template start<CompletionToken>(
        detail::barrier_arrive_request(), token);
  }

  /// @copydoc async_arrive(CompletionToken&&)
  /**
   * @param limit When the wait expires. @toro_expires_unless{the arrival
   * completes the phase}
   */
  template <detail::completion_token_for<void(boost::system::error_code, bool)>
                CompletionToken = default_token>
  auto async_arrive(deadline limit, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::barrier_arrive_request(), limit, token))
  {
    return this->template start<CompletionToken>(
        detail::barrier_arrive_request(), limit, token);
  }

  /// Describes a barrier: its parties, its phase, and the number of waiters.
  /**
   * @param x The barrier.
   *
   * @returns For example @c "<barrier parties=3 phase=0 waiters[1]>".
   */
  [[nodiscard]] friend std::string to_string(const basic_barrier& x)
  {
    return x.get_core().describe();
  }

private:
  static std::size_t checked(std::size_t parties)
  {
    if (parties == 0)
      boost::throw_exception(
          std::invalid_argument("toro: a barrier needs a party"));
    if (parties > detail::max_count)
      boost::throw_exception(
          std::invalid_argument("toro: a barrier's parties are too many"));
    return parties;
  }

  static std::string describe(const detail::barrier_state& state)
  {
    return detail::description("barrier")
        .figure("parties", state.parties())
        .figure("phase", state.phase())
        .count_if_any("waiters", state.waiters())
        .str();
  }
};

/// The barrier on any executor, safe to share between threads.
using barrier = basic_barrier<>;

} // namespace toro

#endif // TORO_BARRIER_HPP
