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

TORO_DETAIL_SEPARATE_CORE(semaphore_state)

// Ownership of a lock: its only permit.
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

/// Ownership of a lock, released when the guard is destroyed.
/**
 * Move-only; may be empty. A guard may outlive the lock and its context; it
 * then has nothing to release.
 *
 * @tparam Threading The policy of the lock.
 *
 * @toro_class_thread_safety
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

// Makes guards from acquired ownerships.
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

/// Mutual exclusion for sections of code that wait in the middle.
/**
 * A strand does not protect a section of code that waits in the middle, because
 * other handlers run meanwhile. This lock keeps other owners out during the
 * wait, without blocking a thread. Releasing it hands it directly to the next
 * waiter.
 *
 * | State | async_acquire() | try_acquire() | release() |
 * | ----- | --------------- | ------------- | --------- |
 * | unlocked | succeeds | succeeds | @c not_locked |
 * | locked, a guard owns it | waits | empty guard | @c not_locked |
 * | locked, guard detached | waits | empty guard | grants, or unlocks |
 *
 * The lock is not recursive, because it does not record which coroutine owns
 * it.
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 *
 * @par Fairness
 * Strictly FIFO with direct hand-off: no barging, no spurious wake-ups.
 * try_acquire() does not overtake waiters.
 *
 * @par Memory Ordering
 * Releasing the lock synchronizes with the next acquisition.
 *
 * @toro_class_thread_safety
 *
 * @toro_destruction_with_guards{a lock}
 *
 * @par Example
 * For example:
 * @code
 * toro::lock mutex(executor);
 * {
 *   auto guard = co_await mutex.async_acquire(asio::use_awaitable);
 *   co_await asio::post(executor, asio::use_awaitable);
 * } // Releases the lock.
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
  /// The type of the guard that owns the lock.
  using guard_type = basic_guard<Threading>;

  /// The same primitive with another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_lock<OtherExecutor, Threading>;
  };

  /// Constructs an unlocked lock.
  /**
   * @param executor The executor for handlers that have no associated executor.
   */
  explicit basic_lock(const Executor& executor)
    : base(executor, &basic_lock::describe, std::size_t(1), std::size_t(1))
  {
  }

  /// Constructs an unlocked lock on the executor of a context.
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
  /// Cancels the waits of this lock, then moves another one in.
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

  /// Try to acquire the lock without waiting.
  /**
   * @returns A guard that owns the lock, or an empty guard if it was locked
   * already.
   *
   * @toro_constant
   */
  [[nodiscard]] guard_type try_acquire() noexcept
  {
    const bool acquired = this->get_core().update_quietly(
        [](detail::semaphore_state& state)
        {
          return state.try_acquire(1);
        });
    if (!acquired)
      return guard_type();
    return detail::guard_access::make<Threading>(this->share_core());
  }

  /// Release a lock whose guard was detached.
  /**
   * The handler of the next wait will not be invoked from within this
   * function.
   *
   * @param ec Set to toro::error::not_locked if the lock is unlocked or a guard
   * owns it; nothing changes then.
   *
   * @returns The number of waits that this granted: one, or zero if no
   * operation waits. Zero on an error.
   *
   * @throws Any exception thrown while posting a completion. The lock is
   * released regardless; the completion is retried on the next call.
   *
   * @toro_constant
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
   * @returns The number of waits that this granted: one, or zero if no
   * operation waits.
   *
   * @throws boost::system::system_error With toro::error::not_locked if the
   * lock is unlocked or a guard owns it; nothing changes then. Also any
   * exception thrown while posting a completion; the lock is released
   * regardless.
   *
   * @toro_constant
   */
  std::size_t release()
  {
    boost::system::error_code ec;
    const std::size_t granted = release(ec);
    this->throw_if(ec, "release");
    return granted;
  }

  /// Tells whether the lock is locked.
  /**
   * @returns True as soon as the lock is granted, even before the handler runs.
   *
   * @toro_constant
   */
  [[nodiscard]] bool locked() const noexcept
  {
    return this->get_core().read(
        [](const detail::semaphore_state& state)
        {
          return state.value() == 0;
        });
  }

  /// Start an asynchronous operation to acquire the lock.
  /**
   * Completes immediately if the lock is unlocked. On success the guard owns
   * the lock; on error it is empty.
   *
   * @param token The completion token that produces the completion handler.
   *
   * @returns The value that the completion token determines.
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
   * slot or by cancel(), or the lock was destroyed or assigned to. The lock was
   * not taken.
   *
   * @toro_executor{release() or a member of a guard}
   *
   * @toro_cancellation
   * If the lock was already granted to the wait, it goes to the next waiter.
   *
   * @toro_thread_safety
   * @toro_async_constant
   * @toro_exception_safety
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
   * @param limit When the wait expires.
   * @toro_expires_unless{the lock is unlocked}
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

  /// Describes a lock: whether it is locked, and the number of waiters.
  /**
   * @param x The lock.
   *
   * @returns For example @c "<lock locked waiters[2]>".
   */
  [[nodiscard]] friend std::string to_string(const basic_lock& x)
  {
    return x.get_core().describe();
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
