// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TESTING_TIMER_HPP
#define TORO_TESTING_TIMER_HPP

#include <toro/deadline.hpp>
#include <toro/testing/detail/simulated_time.hpp>
#include <toro/testing/detail/waiting_op.hpp>

#include <toro/detail/compat.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/error_code.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <utility>

namespace toro::testing {

namespace detail {

// The waits of one timer.
class timer_waits final : public waiting_list<>
{
public:
  using waiting_list::waiting_list;

  ~timer_waits()
  {
    cancel_all();
  }

  void on_due(op_type& op) override
  {
    remove(op);
    op.complete({});
  }

  toro::deadline::time_point expiry{};
};

} // namespace detail

/// A timer with the interface of @c steady_timer, on virtual time.
/**
 * Takes the place of @c boost::asio::steady_timer in a program under test, by a
 * template parameter or an alias. There is no function that blocks. The program
 * must not ask @c steady_clock for the time, which is real: expires_after() and
 * simulation::now() are virtual.
 *
 * The handlers of timers that expire at one instant are ready together, so that
 * the schedule of the simulation chooses their order.
 *
 * @par Thread Safety
 * As the simulation.
 *
 * @par Destruction and Shutdown
 * Destroying a timer, or assigning to it, cancels its waits. It may outlive the
 * simulation; an operation that is started then destroys its handler.
 *
 * @par Example
 * For example:
 * @code
 * toro::testing::simulation simulation;
 * toro::testing::timer timer(simulation, std::chrono::hours(1));
 * bool expired = false;
 * timer.async_wait(
 *     [&](boost::system::error_code ec)
 *     {
 *       expired = !ec;
 *     });
 * simulation.run();
 * assert(expired);
 * @endcode
 *
 * @sa simulation
 */
template <class Executor = boost::asio::any_io_executor>
class TORO_DETAIL_VISIBLE basic_timer
{
  using default_token = toro::detail::default_token<Executor>;

public:
  /// The executor of the timer.
  using executor_type = Executor;

  /// The clock.
  using clock_type = deadline::clock_type;

  /// A point in virtual time.
  using time_point = deadline::time_point;

  /// The resolution of virtual time.
  using duration = deadline::duration;

  /// The same timer with another executor.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The type of the timer.
    using other = basic_timer<OtherExecutor>;
  };

  /// Constructs a timer that has expired.
  /**
   * @param executor An executor of a simulation, or a strand over one.
   *
   * @throws std::invalid_argument if it belongs to no simulation.
   */
  explicit basic_timer(const executor_type& executor)
    : executor_(executor),
      waits_(std::make_unique<detail::timer_waits>(detail::engine_of(executor)))
  {
  }

  /// Constructs a timer.
  /**
   * @param executor An executor of a simulation, or a strand over one.
   *
   * @param expiry When it expires: a time point, or a duration from now.
   *
   * @throws std::invalid_argument if it belongs to no simulation.
   */
  basic_timer(const executor_type& executor, deadline expiry)
    : basic_timer(executor)
  {
    expire(expiry);
  }

  /// Constructs a timer that has expired.
  /**
   * @param context A simulation.
   *
   * @throws std::invalid_argument if it is another context.
   */
  template <class Context>
  requires std::convertible_to<Context&, boost::asio::execution_context&>
  explicit basic_timer(Context& context)
    : basic_timer(executor_type(context.get_executor()))
  {
  }

  /// Constructs a timer.
  /**
   * @param context A simulation.
   *
   * @param expiry When it expires: a time point, or a duration from now.
   *
   * @throws std::invalid_argument if it is another context.
   */
  template <class Context>
  requires std::convertible_to<Context&, boost::asio::execution_context&>
  basic_timer(Context& context, deadline expiry)
    : basic_timer(executor_type(context.get_executor()), expiry)
  {
  }

  /// Start a wait until the timer expires.
  /**
   * @param token The completion token that produces the handler.
   *
   * @returns What the token makes of the operation.
   *
   * @par Completion Signature
   * The handler is called with:
   * @code void(boost::system::error_code) @endcode
   *
   * @par Errors
   * The error code is:
   * @li @c boost::asio::error::operation_aborted The wait was cancelled.
   *
   * @par Executor
   * The handler runs on its associated executor, or on get_executor() if it has
   * none. It never runs inside this function.
   *
   * @par Per-Operation Cancellation
   * Supports @c terminal, @c partial and @c total, until the timer expires.
   *
   * @par Thread Safety
   * As the simulation.
   *
   * @par Complexity
   * Logarithmic in the number of what is due later. One allocation with the
   * handler's associated allocator.
   *
   * @par Exception Safety
   * Strong guarantee if the allocator or the handler's move throws.
   *
   * @par Example
   * For example:
   * @code
   * toro::testing::simulation simulation;
   * toro::testing::timer timer(simulation, std::chrono::seconds(5));
   * std::future<void> expired = timer.async_wait(boost::asio::use_future);
   * simulation.run();
   * expired.get();
   * @endcode
   */
  template <class CompletionToken = default_token>
  requires toro::detail::completion_token_for<CompletionToken,
                                              void(boost::system::error_code)>
  auto async_wait(CompletionToken&& token = default_token())
  {
    return boost::asio::async_initiate<CompletionToken,
                                       void(boost::system::error_code)>(
        initiation(*this), token);
  }

  /// Cancel all waits.
  /**
   * @returns How many were cancelled.
   */
  std::size_t cancel()
  {
    return waits_->cancel_all();
  }

  /// Cancel the oldest wait.
  /**
   * @returns How many were cancelled, 0 or 1.
   */
  std::size_t cancel_one()
  {
    if (waits_->empty())
      return 0;
    waits_->complete_front(boost::asio::error::operation_aborted);
    return 1;
  }

  /// Get when the timer expires.
  /**
   * @returns The time point.
   */
  time_point expiry() const noexcept
  {
    return waits_->expiry;
  }

  /// Set when the timer expires, and cancel its waits.
  /**
   * @param expiry The time point.
   *
   * @returns How many waits were cancelled.
   */
  std::size_t expires_at(const time_point& expiry)
  {
    const std::size_t count = cancel();
    waits_->expiry = expiry;
    return count;
  }

  /// Set when the timer expires, and cancel its waits.
  /**
   * @param time How long from now.
   *
   * @returns How many waits were cancelled.
   */
  std::size_t expires_after(const duration& time)
  {
    const std::size_t count = cancel();
    expire(time);
    return count;
  }

  /// Get the executor.
  /**
   * @returns The executor.
   */
  executor_type get_executor() const noexcept
  {
    return executor_;
  }

private:
  class initiation
  {
  public:
    using executor_type = Executor;

    explicit initiation(basic_timer& timer) noexcept
      : timer_(&timer)
    {
    }

    executor_type get_executor() const noexcept
    {
      return timer_->get_executor();
    }

    template <class Handler>
    void operator()(Handler handler) const
    {
      using op_type = detail::waiting_op_of<Handler, Executor>;
      detail::timer_waits& waits = *timer_->waits_;
      if (op_type* const op = op_type::start(waits, "timer: async_wait",
                                             handler, timer_->executor_))
        op->arm(waits.expiry);
    }

  private:
    basic_timer* timer_;
  };

  void expire(deadline expiry)
  {
    waits_->expiry = expiry.resolve(waits_->owner().now());
  }

  executor_type executor_;
  std::unique_ptr<detail::timer_waits> waits_;
};

/// A timer with a polymorphic executor.
using timer = basic_timer<>;

} // namespace toro::testing

#endif // TORO_TESTING_TIMER_HPP
