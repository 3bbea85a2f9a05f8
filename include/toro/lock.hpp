// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_LOCK_HPP
#define TORO_LOCK_HPP

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

#include <cstddef>
#include <string>
#include <utility>

namespace toro {

namespace detail {

// The only permit of a lock.
struct lock_ownership
{
  static void give_back(semaphore_state& state) noexcept
  {
    state.release_held(1);
  }

  static void detach(semaphore_state& state) noexcept
  {
    state.detach(1);
  }

  static const char* describe() noexcept
  {
    return "held";
  }
};

struct guard_access;

} // namespace detail

/// The hold of a lock, given back when this ends.
/**
 * Move-only and maybe empty. Harmless once the lock or its context is gone.
 *
 * @tparam Threading The policy of the lock.
 *
 * @par Thread Safety
 * @e Distinct @e objects: Safe. @n
 * @e Shared @e objects: Safe with thread_safe, unsafe with strand_bound.
 *
 * @sa basic_lock
 */
template <class Threading>
class [[nodiscard]] TORO_DETAIL_VISIBLE basic_guard
  : public detail::guard_base<detail::core<detail::semaphore_state, Threading>,
                              detail::lock_ownership>
{
  using core_type = detail::core<detail::semaphore_state, Threading>;
  using base = detail::guard_base<core_type, detail::lock_ownership>;

public:
  /// Constructs an empty guard.
  basic_guard() noexcept = default;

private:
  friend struct detail::guard_access;

  explicit basic_guard(typename core_type::pointer&& core) noexcept
    : base(std::move(core), detail::lock_ownership())
  {
  }
};

/// A guard of a lock that is safe to share between threads.
using guard = basic_guard<thread_safe>;

namespace detail {

// Makes guards of what was acquired.
struct guard_access
{
  template <class Threading>
  static basic_guard<Threading>
  make(typename core<semaphore_state, Threading>::pointer&& core)
  {
    return basic_guard<Threading>(std::move(core));
  }
};

template <class Threading>
class lock_request : public request<basic_guard<Threading>>
{
public:
  static constexpr const char* name = "lock::async_acquire";

  static constexpr bool brings_guard = true;

  static void bind(semaphore_waiter& w) noexcept
  {
    w.permits = 1;
  }

  static bool start(semaphore_state& state, semaphore_waiter& w,
                    bool may_wait) noexcept
  {
    return state.start_acquire(w, may_wait);
  }

  static bool try_start(semaphore_state& state) noexcept
  {
    return state.try_acquire(1);
  }

  static completion<basic_guard<Threading>>
  complete(typename core<semaphore_state, Threading>::pointer& core,
           outcome how) noexcept
  {
    if (how != outcome::success)
      return {failure_code(how), {}};
    return {{}, guard_access::make<Threading>(std::move(core))};
  }
};

} // namespace detail

/// Mutual exclusion between operations that wait in between.
/**
 * A section that waits in its middle is not protected by a strand, which
 * lets others run meanwhile. This lock keeps them out without blocking a
 * thread, and hands itself to the next one without letting anybody in
 * between.
 *
 * | State | async_acquire() | try_acquire() | release() |
 * | ----- | --------------- | ------------- | --------- |
 * | unlocked | succeeds | succeeds | @c not_locked |
 * | locked, a guard holds it | waits | empty guard | @c not_locked |
 * | locked, guard detached | waits | empty guard | next wait, or unlocked |
 *
 * Not recursive: there is no owner that could be recognised.
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 *
 * @par Fairness
 * Strictly first come, first served. The lock goes from one hand to the
 * next; try_acquire() does not overtake.
 *
 * @par Memory Ordering
 * Who acquires the lock sees what was written before it was last given back.
 *
 * @par Thread Safety
 * @e Distinct @e objects: Safe. @n
 * @e Shared @e objects: Safe with thread_safe, unsafe with strand_bound.
 *
 * @par Destruction and Shutdown
 * Destroying a lock, or assigning to it, ends its waits with
 * @c operation_aborted, posted. That is linear in the waits; guards and
 * cancellation signals of other threads wait for all of it. Destroying the
 * context destroys the handlers un-invoked. Guards outlive both.
 *
 * @par Example
 * For example:
 * @code
 * toro::lock mutex(executor);
 * {
 *   auto guard = co_await mutex.async_acquire(asio::use_awaitable);
 *   co_await asio::post(executor, asio::use_awaitable);
 * } // The next one may enter.
 * @endcode
 *
 * @sa rw_lock, semaphore
 */
template <class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class TORO_DETAIL_VISIBLE basic_lock
  : public detail::io_object<detail::semaphore_state, Executor, Threading>
{
  using base = detail::io_object<detail::semaphore_state, Executor, Threading>;
  using default_token = detail::default_token<Executor>;

public:
  /// The guard that acquiring gives.
  using guard_type = basic_guard<Threading>;

  /// The same primitive on another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_lock<OtherExecutor, Threading>;
  };

  /// Constructs a lock that is free.
  /**
   * @param executor The executor of handlers that have none of their own.
   */
  explicit basic_lock(const Executor& executor)
    : base(executor, &basic_lock::describe, std::size_t(1), std::size_t(1))
  {
  }

  /// Constructs a lock that is free, on a context's executor.
  /**
   * @param context The context, for example an @c io_context.
   */
  template <detail::execution_context_like Context>
  explicit basic_lock(Context& context)
    : basic_lock(Executor(context.get_executor()))
  {
  }

  /// Moves a lock together with its waits.
  basic_lock(basic_lock&&) noexcept = default;
  /// Moves a lock with its waits, and ends those of this one.
  /**
   * @returns This lock.
   */
  basic_lock& operator=(basic_lock&&) noexcept = default;

  /// Moves a lock from another type of executor.
  /**
   * @param other The lock to move from.
   */
  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_lock(basic_lock<OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  /// Take the lock if that needs no wait.
  /**
   * @returns A guard, empty where the lock is held.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  [[nodiscard]] guard_type try_acquire()
  {
    const bool acquired = this->shared().update_quietly(
        [](detail::semaphore_state& state)
        {
          return state.try_acquire(1);
        });
    if (!acquired)
      return guard_type();
    return detail::guard_access::make<Threading>(this->share_core());
  }

  /// Give back a hold whose guard was detached.
  /**
   * The handler of the next wait will not be invoked from within this
   * function.
   *
   * @param ec Set to toro::error::not_locked, with nothing changed, where the
   * lock is free or a live guard holds it.
   *
   * @returns How many waits this granted: one, or zero if none waits or with an
   * error.
   *
   * @throws What an executor throws that a completion is handed to. The lock
   * is given back all the same; the completions are handed over at the next
   * call.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  std::size_t release(boost::system::error_code& ec)
  {
    return this->update(
        [](detail::semaphore_state& state)
        {
          return state.release(1);
        },
        error::not_locked, ec);
  }

  /// @copybrief release(boost::system::error_code&)
  /**
   * The handler of the next wait will not be invoked from within this
   * function.
   *
   * @returns How many waits this granted: one, or zero if none waits.
   *
   * @throws boost::system::system_error With toro::error::not_locked, and
   * nothing changed, where the lock is free or a live guard holds it. Else
   * what an executor throws that a completion is handed to; the lock is given
   * back then.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  std::size_t release()
  {
    boost::system::error_code ec;
    const std::size_t granted = release(ec);
    this->throw_if(ec, "release");
    return granted;
  }

  /// Tells whether the lock is held.
  /**
   * @returns True from the initiation that takes the lock, not from its
   * handler.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  [[nodiscard]] bool locked() const noexcept
  {
    return this->shared().read(
        [](const detail::semaphore_state& state)
        {
          return state.value() == 0;
        });
  }

  /// Start an asynchronous wait for the lock.
  /**
   * Takes it at once where it is free. Success always carries a guard that
   * holds the lock, and an error an empty one.
   *
   * @param token The completion token that produces the completion handler.
   *
   * @returns What the token makes of the operation.
   *
   * @par Completion Signature
   * The handler is called with:
   * @code void(boost::system::error_code, toro::basic_guard<Threading>)
   * @endcode
   *
   * @par Errors
   * The error code is one of:
   * @li @c boost::asio::error::timed_out The deadline passed. The lock was not
   * taken.
   * @li @c boost::asio::error::operation_aborted The wait was cancelled by its
   * slot, by cancel(), or by the end of the lock. The lock was not taken.
   *
   * @par Executor
   * The handler runs on its associated executor, or on get_executor() where it
   * has none. It runs neither inside this function, unless an immediate
   * executor of its own says so, nor inside release() or a guard.
   *
   * @par Per-Operation Cancellation
   * Supports @c terminal, @c partial and @c total, all without side effect. It
   * takes effect until the handler runs: then a lock that was granted already
   * goes to the next wait, and this one ends with @c operation_aborted.
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
  template <detail::completion_token_for<void(boost::system::error_code,
                                              basic_guard<Threading>)>
                CompletionToken = default_token>
  auto async_acquire(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::lock_request<Threading>(), token))
  {
    return this->template start<CompletionToken>(
        detail::lock_request<Threading>(), token);
  }

  /// @copydoc async_acquire(CompletionToken&&)
  /**
   * @param limit The time after which the wait gives up. Clock:
   * @c std::chrono::steady_clock. One that has passed fails at once unless the
   * lock is free.
   */
  template <detail::completion_token_for<void(boost::system::error_code,
                                              basic_guard<Threading>)>
                CompletionToken = default_token>
  auto async_acquire(deadline limit, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::lock_request<Threading>(), limit, token))
  {
    return this->template start<CompletionToken>(
        detail::lock_request<Threading>(), limit, token);
  }

  /// Describes a lock: whether it is held, and how many wait.
  /**
   * @param x The lock.
   *
   * @returns For example @c "<lock locked waiters[2]>".
   */
  [[nodiscard]] friend std::string to_string(const basic_lock& x)
  {
    return x.shared().describe();
  }

private:
  static std::string describe(const detail::semaphore_state& state)
  {
    return detail::description("lock")
        .word(state.value() == 0 ? "locked" : "unlocked")
        .count_if_any("waiters", state.waiters())
        .str();
  }
};

/// The lock on any executor, safe to share between threads.
using lock = basic_lock<>;

} // namespace toro

#endif // TORO_LOCK_HPP
