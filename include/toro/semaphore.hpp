// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_SEMAPHORE_HPP
#define TORO_SEMAPHORE_HPP

#include <toro/deadline.hpp>
#include <toro/error.hpp>
#include <toro/fwd.hpp>

#include <toro/detail/config.hpp>
#include <toro/detail/format.hpp>
#include <toro/detail/object/guard_base.hpp>
#include <toro/detail/object/io_object.hpp>
#include <toro/detail/state/semaphore_state.hpp>

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

struct permit_access;

// Permits in the hand of a guard.
struct permit_ownership
{
  std::size_t count = 0;

  void give_back(semaphore_state& state) const noexcept
  {
    state.release_held(count);
  }

  void detach(semaphore_state& state) const noexcept
  {
    state.detach(count);
  }

  std::string describe() const
  {
    return count == 1 ? "held" : std::to_string(count) + " permits held";
  }
};

} // namespace detail

/// Permits of a semaphore, given back when this ends.
/**
 * Move-only and maybe empty. Harmless once the semaphore or its context is
 * gone.
 *
 * @tparam Threading The policy of the semaphore.
 *
 * @par Thread Safety
 * @e Distinct @e objects: Safe. @n
 * @e Shared @e objects: Safe with thread_safe, unsafe with strand_bound.
 *
 * @sa basic_semaphore, basic_bounded_semaphore
 */
template <class Threading>
class [[nodiscard]] TORO_DETAIL_VISIBLE basic_permit
  : public detail::guard_base<detail::core<detail::semaphore_state, Threading>,
                              detail::permit_ownership>
{
  using core_type = detail::core<detail::semaphore_state, Threading>;
  using base = detail::guard_base<core_type, detail::permit_ownership>;

public:
  /// Constructs an empty permit.
  basic_permit() noexcept = default;

  /// Counts the permits held.
  /**
   * @returns Zero for an empty permit.
   */
  [[nodiscard]] std::size_t count() const noexcept
  {
    return this->held().count;
  }

private:
  friend struct detail::permit_access;

  basic_permit(typename core_type::pointer&& core, std::size_t n) noexcept
    : base(std::move(core), detail::permit_ownership{n})
  {
  }
};

/// A permit of a semaphore that is safe to share between threads.
using permit = basic_permit<thread_safe>;

namespace detail {

// Makes permits of what was acquired.
struct permit_access
{
  template <class Threading>
  static basic_permit<Threading>
  make(typename core<semaphore_state, Threading>::pointer&& core, std::size_t n)
  {
    if (n == 0)
      return {};
    return basic_permit<Threading>(std::move(core), n);
  }
};

template <class Threading>
class acquire_request : public request<basic_permit<Threading>>
{
public:
  static constexpr const char* name = "semaphore::async_acquire";

  static constexpr bool brings_guard = true;

  explicit acquire_request(std::size_t n) noexcept
    : permits_(n)
  {
  }

  void bind(semaphore_waiter& w) noexcept
  {
    w.permits = permits_;
  }

  static bool start(semaphore_state& state, semaphore_waiter& w,
                    bool may_wait) noexcept
  {
    return state.start_acquire(w, may_wait);
  }

  bool try_start(semaphore_state& state) const noexcept
  {
    return state.try_acquire(permits_);
  }

  completion<basic_permit<Threading>>
  complete(typename core<semaphore_state, Threading>::pointer& core,
           outcome how) const noexcept
  {
    if (how != outcome::success)
      return {failure_code(how), {}};
    return {{}, permit_access::make<Threading>(std::move(core), permits_)};
  }

private:
  std::size_t permits_;
};

struct semaphore_wait_request : plain_request
{
  static constexpr const char* name = "semaphore::async_wait";

  static bool start(semaphore_state& state, semaphore_waiter& w,
                    bool may_wait) noexcept
  {
    return state.start_wait(w, may_wait);
  }
};

/// What semaphores have in common, bounded or not.
/**
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 */
template <class Executor, class Threading>
class semaphore_base : public io_object<semaphore_state, Executor, Threading>
{
  using base = io_object<semaphore_state, Executor, Threading>;
  using default_token = detail::default_token<Executor>;

public:
  /// The guard that acquiring gives.
  using permit_type = basic_permit<Threading>;

  /// Take permits if that needs no wait.
  /**
   * @param n How many. Unit: permits. Range: any.
   *
   * @returns A permit, empty where that many are not free, somebody waits to
   * acquire, or @p n is zero.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  [[nodiscard]] permit_type try_acquire(std::size_t n = 1)
  {
    const bool acquired = this->shared().update_quietly(
        [&](semaphore_state& state)
        {
          return n != 0 && state.try_acquire(n);
        });
    if (!acquired)
      return permit_type();
    return permit_access::make<Threading>(this->share_core(), n);
  }

  /// Give back, or add, permits that no guard holds.
  /**
   * Of a bounded semaphore, the permits that were detached from their guards;
   * of an unbounded one, any number. Handlers of waits that this grants will
   * not be invoked from within this function.
   *
   * @param n How many. Unit: permits. Range: any; zero does nothing.
   *
   * @param ec Set to toro::error::over_released, with nothing changed, where a
   * bounded semaphore has fewer detached, or the count would exceed
   * @c PTRDIFF_MAX.
   *
   * @returns How many waits this granted: acquirers, and those in async_wait()
   * that it woke. Zero with an error.
   *
   * @throws What an executor throws that a completion is handed to. The
   * permits are given back all the same; the completions are handed over at
   * the next call.
   *
   * @par Complexity and Thread Safety
   * Linear in the number of waits granted, and other threads that call the
   * semaphore meanwhile wait for all of it; as the class.
   */
  std::size_t release(std::size_t n, boost::system::error_code& ec)
  {
    return this->update(
        [n](semaphore_state& state)
        {
          return state.release(n);
        },
        error::over_released, ec);
  }

  /// @copybrief release(std::size_t, boost::system::error_code&)
  /**
   * @param ec As above, for one permit.
   *
   * @returns How many waits this granted. Zero with an error.
   */
  std::size_t release(boost::system::error_code& ec)
  {
    return release(1, ec);
  }

  /// @copybrief release(std::size_t, boost::system::error_code&)
  /**
   * @param n How many. Unit: permits. Range: any; zero does nothing.
   *
   * @returns How many waits this granted.
   *
   * @throws boost::system::system_error With toro::error::over_released, where
   * the overload above sets it. Else what an executor throws that a completion
   * is handed to; the permits are given back then.
   */
  std::size_t release(std::size_t n = 1)
  {
    boost::system::error_code ec;
    const std::size_t granted = release(n, ec);
    this->throw_if(ec, "release");
    return granted;
  }

  /// Counts the free permits.
  /**
   * @returns Those that are neither held nor granted to a handler that has not
   * run.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  [[nodiscard]] std::size_t value() const noexcept
  {
    return this->shared().read(
        [](const semaphore_state& state)
        {
          return state.value();
        });
  }

  /// Tells whether no permit is free.
  /**
   * @returns Whether value() is zero.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  [[nodiscard]] bool locked() const noexcept
  {
    return value() == 0;
  }

  /// Start an asynchronous wait for permits.
  /**
   * Takes one permit, or @p n in one step, as soon as they are free and
   * everybody before has been served. Success always carries a permit that
   * holds them, empty where none was asked for, and an error an empty one.
   *
   * A bare number is a count, never a deadline:
   * <tt>async_acquire(5, token)</tt> takes five permits, however long that
   * takes. A deadline is a @c std::chrono duration or a point in time:
   * <tt>async_acquire(std::chrono::seconds(5), token)</tt> takes one permit or
   * gives up after five seconds.
   *
   * @param token The completion token that produces the completion handler.
   *
   * @returns What the token makes of the operation.
   *
   * @par Completion Signature
   * The handler is called with:
   * @code void(boost::system::error_code, toro::basic_permit<Threading>)
   * @endcode
   *
   * @par Errors
   * The error code is one of:
   * @li @c boost::asio::error::timed_out The deadline passed. No permit was
   * taken.
   * @li @c boost::asio::error::operation_aborted The wait was cancelled by its
   * slot, by cancel(), or by the end of the semaphore. No permit was taken.
   * @li @c toro::error::impossible More permits than a bounded semaphore has,
   * or than @c PTRDIFF_MAX. Reported at once.
   *
   * @par Executor
   * The handler runs on its associated executor, or on get_executor() where it
   * has none. It runs neither inside this function, unless an immediate
   * executor of its own says so, nor inside release() or a guard.
   *
   * @par Per-Operation Cancellation
   * Supports @c terminal, @c partial and @c total, all without side effect. It
   * takes effect until the handler runs: then permits that were granted
   * already go to the next waits, and this one ends with @c operation_aborted.
   * A large request that leaves the front lets smaller ones through.
   *
   * @par Thread Safety
   * As the class. Emitting a cancellation signal follows Asio's rule.
   *
   * @par Complexity
   * Constant to start, and to cancel linear in the number of waits that this
   * lets through. At most one allocation, with the handler's allocator.
   *
   * @par Exception Safety
   * Strong for what the allocator, a timer and the handler's move throw. What
   * an executor throws leaves the operation in place, to be handed over at the
   * next call.
   */
  template <detail::completion_token_for<void(boost::system::error_code,
                                              basic_permit<Threading>)>
                CompletionToken = default_token>
  auto async_acquire(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          acquire_request<Threading>(1), token))
  {
    return this->template start<CompletionToken>(acquire_request<Threading>(1),
                                                 token);
  }

  /// @copydoc async_acquire(CompletionToken&&)
  /**
   * @param limit The time after which the wait gives up. Clock:
   * @c std::chrono::steady_clock. One that has passed fails at once unless the
   * permits are free.
   */
  template <detail::completion_token_for<void(boost::system::error_code,
                                              basic_permit<Threading>)>
                CompletionToken = default_token>
  auto async_acquire(deadline limit, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          acquire_request<Threading>(1), limit, token))
  {
    return this->template start<CompletionToken>(acquire_request<Threading>(1),
                                                 limit, token);
  }

  /// @copydoc async_acquire(CompletionToken&&)
  /**
   * @param n How many. Unit: permits. Range: any; zero succeeds at once. A bare
   * number is always a count, and never a deadline.
   */
  template <detail::completion_token_for<void(boost::system::error_code,
                                              basic_permit<Threading>)>
                CompletionToken = default_token>
  auto async_acquire(std::size_t n, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          acquire_request<Threading>(n), token))
  {
    return this->template start<CompletionToken>(acquire_request<Threading>(n),
                                                 token);
  }

  /// @copydoc async_acquire(std::size_t, CompletionToken&&)
  /**
   * @param limit The time after which the wait gives up. Clock:
   * @c std::chrono::steady_clock. One that has passed fails at once unless the
   * permits are free.
   */
  template <detail::completion_token_for<void(boost::system::error_code,
                                              basic_permit<Threading>)>
                CompletionToken = default_token>
  auto async_acquire(std::size_t n, deadline limit,
                     CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          acquire_request<Threading>(n), limit, token))
  {
    return this->template start<CompletionToken>(acquire_request<Threading>(n),
                                                 limit, token);
  }

  // A number with a fraction is a time that was meant for a deadline.
  template <std::floating_point Number, class... Rest>
  void async_acquire(Number, Rest&&...) = delete;

  /// Start an asynchronous wait until a permit is free.
  /**
   * Takes nothing: others may have taken the permit when the handler runs.
   * Succeeds when value() is above zero and nobody waits to acquire.
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
   * slot, by cancel(), or by the end of the semaphore.
   *
   * @par Executor
   * The handler runs on its associated executor, or on get_executor() where it
   * has none. It runs neither inside this function, unless an immediate
   * executor of its own says so, nor inside release() or a guard.
   *
   * @par Per-Operation Cancellation
   * Supports @c terminal, @c partial and @c total, all without side effect. It
   * takes effect until the handler runs: then a wait that was granted already
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
  template <detail::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_wait(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          semaphore_wait_request(), token))
  {
    return this->template start<CompletionToken>(semaphore_wait_request(),
                                                 token);
  }

  /// @copydoc async_wait(CompletionToken&&)
  /**
   * @param limit The time after which the wait gives up. Clock:
   * @c std::chrono::steady_clock. One that has passed fails at once unless a
   * permit is free.
   */
  template <detail::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_wait(deadline limit, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          semaphore_wait_request(), limit, token))
  {
    return this->template start<CompletionToken>(semaphore_wait_request(),
                                                 limit, token);
  }

  /// @cond
protected:
  using describer = typename base::core_type::describer;

  semaphore_base(const Executor& executor, describer describe,
                 std::size_t value, std::size_t bound)
    : base(executor, describe, checked(value), bound)
  {
  }

  semaphore_base(semaphore_base&&) noexcept = default;
  semaphore_base& operator=(semaphore_base&&) noexcept = default;

  template <class OtherExecutor>
  explicit semaphore_base(semaphore_base<OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  ~semaphore_base() = default;

  static std::string describe_as(const char* name, const semaphore_state& state)
  {
    return description(name)
        .figure("counter", state.value())
        .count_if_any("waiters", state.waiters())
        .str();
  }

  /// @endcond

private:
  static std::size_t checked(std::size_t value)
  {
    if (value > max_count)
      boost::throw_exception(
          std::invalid_argument("toro: a semaphore's value is too large"));
    return value;
  }
};

} // namespace detail

/// A counter of permits to be taken and given back.
/**
 * A program that may do only so many things at a time counts them here, and
 * whoever would be too much waits for its turn. Permits are handed to those
 * who wait, several in one step where they ask for several, and find their
 * way back with their guards.
 *
 * | State | async_acquire(n) | try_acquire(n) | async_wait() |
 * | ----- | ---------------- | -------------- | ------------ |
 * | n are free, no acquirer waits | takes n | takes n | succeeds |
 * | fewer are free | waits | empty permit | succeeds where any is |
 * | an acquirer waits | waits behind it | empty permit | waits |
 *
 * Anybody may add permits with release().
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 *
 * @par Fairness
 * Strictly first come, first served: a large request at the front holds back
 * smaller ones behind it, and try_acquire() does not overtake. Those in
 * async_wait() come after all who acquire, and succeed together.
 *
 * @par Memory Ordering
 * Who takes a permit sees what was written before it was given back.
 *
 * @par Thread Safety
 * @e Distinct @e objects: Safe. @n
 * @e Shared @e objects: Safe with thread_safe, unsafe with strand_bound.
 *
 * @par Destruction and Shutdown
 * Destroying a semaphore, or assigning to it, ends its waits with
 * @c operation_aborted, posted. That is linear in the waits; guards and
 * cancellation signals of other threads wait for all of it. Destroying the
 * context destroys the handlers un-invoked. Guards outlive both.
 *
 * @par Example
 * For example:
 * @code
 * toro::semaphore slots(executor, 10);
 * auto permit = co_await slots.async_acquire(2, asio::use_awaitable);
 * assert(slots.value() == 8 && permit.count() == 2);
 * @endcode
 *
 * @sa bounded_semaphore, lock
 */
template <class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class TORO_DETAIL_VISIBLE basic_semaphore
  : public detail::semaphore_base<Executor, Threading>
{
  using base = detail::semaphore_base<Executor, Threading>;

public:
  /// The same primitive on another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_semaphore<OtherExecutor, Threading>;
  };

  /// Constructs a semaphore.
  /**
   * @param executor The executor of handlers that have none of their own.
   *
   * @param value How many permits are free at first. Unit: permits. Range: 0 to
   * @c PTRDIFF_MAX.
   *
   * @throws std::invalid_argument The value is out of range.
   */
  explicit basic_semaphore(const Executor& executor, std::size_t value = 1)
    : base(executor, &basic_semaphore::describe, value,
           detail::semaphore_state::unlimited)
  {
  }

  /// Constructs a semaphore on the executor of a context.
  /**
   * @param context The context, for example an @c io_context.
   *
   * @param value How many permits are free at first. Unit: permits. Range: 0 to
   * @c PTRDIFF_MAX.
   *
   * @throws std::invalid_argument The value is out of range.
   */
  template <detail::execution_context_like Context>
  explicit basic_semaphore(Context& context, std::size_t value = 1)
    : basic_semaphore(Executor(context.get_executor()), value)
  {
  }

  // A size with a fraction is none.
  template <class Where, std::floating_point Number, class... Rest>
  basic_semaphore(Where&&, Number, Rest&&...) = delete;

  /// Moves a semaphore together with its waits.
  basic_semaphore(basic_semaphore&&) noexcept = default;
  /// Moves a semaphore with its waits, and ends those of this one.
  /**
   * @returns This semaphore.
   */
  basic_semaphore& operator=(basic_semaphore&&) noexcept = default;

  /// Moves a semaphore from another type of executor.
  /**
   * @param other The semaphore to move from.
   */
  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_semaphore(basic_semaphore<OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  /// Describes a semaphore: its free permits, and how many wait.
  /**
   * @param x The semaphore.
   *
   * @returns For example @c "<semaphore counter=0 waiters[2]>".
   */
  [[nodiscard]] friend std::string to_string(const basic_semaphore& x)
  {
    return x.shared().describe();
  }

private:
  static std::string describe(const detail::semaphore_state& state)
  {
    return base::describe_as("semaphore", state);
  }
};

/// The semaphore on any executor, safe to share between threads.
using semaphore = basic_semaphore<>;

} // namespace toro

#endif // TORO_SEMAPHORE_HPP
