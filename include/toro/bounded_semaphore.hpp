// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_BOUNDED_SEMAPHORE_HPP
#define TORO_BOUNDED_SEMAPHORE_HPP

#include <toro/fwd.hpp>
#include <toro/semaphore.hpp>

#include <toro/detail/config.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <concepts>
#include <cstddef>
#include <string>
#include <utility>

namespace toro {

/// A semaphore with a fixed number of permits.
/**
 * If permits stand for things that exist in a fixed number, releasing one twice
 * is a mistake, which a plain semaphore hides. This one reports it. A request
 * for more permits than there are completes immediately with an error instead
 * of waiting forever.
 *
 * | Action | Here | semaphore |
 * | ---- | ---- | --------- |
 * | release() of more than were detached | @c over_released | adds permits |
 * | acquiring more than there are | @c impossible | waits |
 * | resize() | changes how many there are | none |
 *
 * In all other respects, its states included, it is a semaphore. An initial
 * value of zero is legal; then every acquire is @c impossible.
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 *
 * @par Fairness
 * As basic_semaphore.
 *
 * @par Memory Ordering
 * As basic_semaphore.
 *
 * @toro_class_thread_safety
 *
 * @par Destruction and Shutdown
 * As basic_semaphore.
 *
 * @par Example
 * For example:
 * @code
 * toro::bounded_semaphore slots(executor, 1);
 * slots.try_acquire().detach();
 * slots.release();
 * boost::system::error_code ec;
 * slots.release(ec);
 * assert(ec == toro::error::over_released);
 * @endcode
 *
 * @sa semaphore, lock
 */
template <class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class TORO_DETAIL_VISIBLE basic_bounded_semaphore
  : public detail::semaphore_base<Executor, Threading>
{
  using base = detail::semaphore_base<Executor, Threading>;

public:
  /// The same primitive with another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_bounded_semaphore<OtherExecutor, Threading>;
  };

  /// Constructs a bounded_semaphore.
  /**
   * @param executor The executor for handlers that have no associated executor.
   *
   * @param value The initial number of free permits. Unit: permits. Range: 0 to
   * @c PTRDIFF_MAX.
   *
   * @throws std::invalid_argument The value is out of range.
   */
  explicit basic_bounded_semaphore(const Executor& executor,
                                   std::size_t value = 1)
    : base(executor, &basic_bounded_semaphore::describe, value, value)
  {
  }

  /// Constructs a bounded_semaphore on the executor of a context.
  /**
   * @param context The context, for example an @c io_context.
   *
   * @param value The initial number of free permits. Unit: permits. Range: 0 to
   * @c PTRDIFF_MAX.
   *
   * @throws std::invalid_argument The value is out of range.
   */
  template <detail::execution_context_like Context>
  explicit basic_bounded_semaphore(Context& context, std::size_t value = 1)
    : basic_bounded_semaphore(Executor(context.get_executor()), value)
  {
  }

  // Not an integer, so not a number of permits.
  template <class Where, std::floating_point Number, class... Rest>
  basic_bounded_semaphore(Where&&, Number, Rest&&...) = delete;

  /// Moves a bounded_semaphore together with its waits.
  basic_bounded_semaphore(basic_bounded_semaphore&&) noexcept = default;
  /// Cancels the waits of this bounded_semaphore, then moves another one in.
  /**
   * @returns This bounded_semaphore.
   */
  basic_bounded_semaphore&
  operator=(basic_bounded_semaphore&&) noexcept = default;

  /// Moves a bounded_semaphore from another type of executor.
  /**
   * @param other The bounded_semaphore to move from.
   */
  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_bounded_semaphore(
      basic_bounded_semaphore<OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  /// Change how many permits there are.
  /**
   * If there are to be more, the new ones are free, and waits are granted. If
   * there are to be fewer, free permits go first. What is still missing is a
   * debt: value() is zero until so many permits have been returned. Permits
   * that were acquired stay valid. Waits that ask for more than @p value
   * complete with toro::error::impossible. Handlers will not be invoked from
   * within this function. @toro_batches_of{async_wait()}
   *
   * @param value How many. Unit: permits. Range: 0 to @c PTRDIFF_MAX.
   *
   * @returns The number of waits that this granted.
   *
   * @throws std::invalid_argument The value is out of range; nothing changes
   * then. Also any exception thrown while posting a completion; the number of
   * permits is changed regardless.
   *
   * @toro_linear{waits}
   */
  std::size_t resize(std::size_t value)
  {
    base::checked(value);
    return this->get_core().update(
        [value](detail::semaphore_state& state)
        {
          return state.resize(value);
        });
  }

  /// Describes a bounded_semaphore: its free permits and the waiters.
  /**
   * @param x The bounded_semaphore.
   *
   * @returns For example @c "<bounded_semaphore counter=1>".
   */
  [[nodiscard]] friend std::string to_string(const basic_bounded_semaphore& x)
  {
    return x.get_core().describe();
  }

private:
  static std::string describe(const detail::semaphore_state& state)
  {
    return base::describe_as("bounded_semaphore", state);
  }
};

/// The bounded semaphore on any executor, safe to share between threads.
using bounded_semaphore = basic_bounded_semaphore<>;

} // namespace toro

#endif // TORO_BOUNDED_SEMAPHORE_HPP
