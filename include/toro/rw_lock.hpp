// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_RW_LOCK_HPP
#define TORO_RW_LOCK_HPP

#include <toro/deadline.hpp>
#include <toro/error.hpp>
#include <toro/fwd.hpp>

#include <toro/detail/config.hpp>
#include <toro/detail/format.hpp>
#include <toro/detail/object/guard_base.hpp>
#include <toro/detail/object/io_object.hpp>
#include <toro/detail/state/rw_lock_state.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>
#include <boost/throw_exception.hpp>

#include <concepts>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace toro {

namespace detail {

// One side of a rw_lock in the hand of a guard.
template <rw_access Access>
struct rw_ownership
{
  static void give_back(rw_lock_state& state) noexcept
  {
    state.release_held(Access);
  }

  static void detach(rw_lock_state& state) noexcept
  {
    state.detach(Access);
  }

  static const char* describe() noexcept
  {
    return Access == rw_access::read ? "held for reading" : "held for writing";
  }
};

struct rw_guard_access;

} // namespace detail

/// A hold for reading, given back when this ends.
/**
 * Move-only and maybe empty. Harmless once the lock or its context is gone.
 *
 * @tparam Threading The policy of the lock.
 *
 * @par Thread Safety
 * @e Distinct @e objects: Safe. @n
 * @e Shared @e objects: Safe with thread_safe, unsafe with strand_bound.
 *
 * @sa basic_rw_lock
 */
template <class Threading>
class [[nodiscard]] TORO_DETAIL_VISIBLE basic_read_guard
  : public detail::guard_base<detail::core<detail::rw_lock_state, Threading>,
                              detail::rw_ownership<detail::rw_access::read>>
{
  using core_type = detail::core<detail::rw_lock_state, Threading>;
  using ownership_type = detail::rw_ownership<detail::rw_access::read>;
  using base = detail::guard_base<core_type, ownership_type>;

public:
  /// Constructs an empty guard.
  basic_read_guard() noexcept = default;

private:
  friend struct detail::rw_guard_access;

  explicit basic_read_guard(typename core_type::pointer&& core) noexcept
    : base(std::move(core), ownership_type())
  {
  }
};

/// A hold for writing, given back when this ends.
/**
 * Move-only and maybe empty. Harmless once the lock or its context is gone.
 *
 * @tparam Threading The policy of the lock.
 *
 * @par Thread Safety
 * @e Distinct @e objects: Safe. @n
 * @e Shared @e objects: Safe with thread_safe, unsafe with strand_bound.
 *
 * @sa basic_rw_lock
 */
template <class Threading>
class [[nodiscard]] TORO_DETAIL_VISIBLE basic_write_guard
  : public detail::guard_base<detail::core<detail::rw_lock_state, Threading>,
                              detail::rw_ownership<detail::rw_access::write>>
{
  using core_type = detail::core<detail::rw_lock_state, Threading>;
  using ownership_type = detail::rw_ownership<detail::rw_access::write>;
  using base = detail::guard_base<core_type, ownership_type>;

public:
  /// Constructs an empty guard.
  basic_write_guard() noexcept = default;

  /// Become a reader without letting a writer in between.
  /**
   * Readers at the front of the line enter as well; their handlers will not be
   * invoked from within this function. This guard is empty afterwards.
   *
   * @returns A read guard, empty where this guard was.
   *
   * @throws boost::system::system_error With toro::error::impossible, the
   * guard left as it is, where the lock admits no readers.
   *
   * @par Complexity and Thread Safety
   * Linear in the number of waits granted, and other threads that call the
   * lock meanwhile wait for all of it; as the class.
   */
  [[nodiscard]] basic_read_guard<Threading> downgrade() &&;

private:
  friend struct detail::rw_guard_access;

  explicit basic_write_guard(typename core_type::pointer&& core) noexcept
    : base(std::move(core), ownership_type())
  {
  }
};

/// A read guard of a lock that is safe to share between threads.
using read_guard = basic_read_guard<thread_safe>;

/// A write guard of a lock that is safe to share between threads.
using write_guard = basic_write_guard<thread_safe>;

namespace detail {

// The guard of one side.
template <rw_access Access, class Threading>
using rw_guard =
    std::conditional_t<Access == rw_access::read, basic_read_guard<Threading>,
                       basic_write_guard<Threading>>;

// Makes guards of what was acquired.
struct rw_guard_access
{
  template <rw_access Access, class Threading>
  static rw_guard<Access, Threading>
  make(typename core<rw_lock_state, Threading>::pointer&& core)
  {
    return rw_guard<Access, Threading>(std::move(core));
  }

  template <class Threading>
  static basic_read_guard<Threading>
  downgrade(basic_write_guard<Threading>&& writing) noexcept
  {
    basic_read_guard<Threading> reading;
    reading.take_over(std::move(writing));
    return reading;
  }
};

template <rw_access Access, class Threading>
class rw_request : public request<rw_guard<Access, Threading>>
{
public:
  static constexpr const char* name = Access == rw_access::read
                                          ? "rw_lock::async_acquire_read"
                                          : "rw_lock::async_acquire_write";

  static constexpr bool brings_guard = true;

  static bool start(rw_lock_state& state, waiter& w, bool may_wait) noexcept
  {
    return state.start_acquire(w, Access, may_wait);
  }

  static bool try_start(rw_lock_state& state) noexcept
  {
    return state.try_acquire(Access);
  }

  static completion<rw_guard<Access, Threading>>
  complete(typename core<rw_lock_state, Threading>::pointer& core,
           outcome how) noexcept
  {
    if (how != outcome::success)
      return {failure_code(how), {}};
    return {{}, rw_guard_access::make<Access, Threading>(std::move(core))};
  }
};

} // namespace detail

template <class Threading>
basic_read_guard<Threading> basic_write_guard<Threading>::downgrade() &&
{
  if (!*this)
    return {};
  const bool done = this->shared().update_quietly(
      [this](detail::rw_lock_state& state)
      {
        if (!state.downgrade())
          return false;
        this->restate_locked(
            detail::rw_ownership<detail::rw_access::read>::describe());
        return true;
      });
  if (!done)
    boost::throw_exception(
        boost::system::system_error(error::impossible, "downgrade"));
  return detail::rw_guard_access::downgrade(std::move(*this));
}

/// One writer, or many readers.
/**
 * Readers do not disturb each other, so a plain lock makes them wait for
 * nothing; a writer must be alone. Both stand in one line here, so that
 * neither starves the other.
 *
 * | State | async_acquire_read() | async_acquire_write() |
 * | ----- | -------------------- | --------------------- |
 * | unlocked, nobody waits | succeeds | succeeds |
 * | readers in, room for more, nobody waits | succeeds | waits |
 * | as many readers in as may be | waits | waits |
 * | a writer in | waits | waits |
 * | somebody waits | waits behind | waits behind |
 *
 * Waiting changes neither readers() nor write_locked(). A read hold cannot
 * become a write hold: a holder that asks for the other waits for itself.
 *
 * Not recursive, not even for reading. If a reader acquires for reading again
 * while a writer waits, the second read waits behind the writer, and the writer
 * waits for the first read: neither ever ends. Pass the guard on instead, or
 * give a deadline.
 *
 * @warning A recursive read can deadlock. If a coroutine holds a read guard and
 * acquires another one while a writer waits, the writer waits for the first
 * guard, and the second acquire waits behind the writer. Acquire once, and
 * pass the guard on.
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 *
 * @par Fairness
 * First come, first served: readers that come after a waiting writer wait
 * behind it, and readers next to each other at the front enter together. A
 * wait that leaves the front lets in whoever it held back.
 *
 * @par Memory Ordering
 * A reader sees what was written before the last write hold was given back;
 * a writer also what readers did before they gave back theirs.
 *
 * @par Thread Safety
 * @e Distinct @e objects: Safe. @n
 * @e Shared @e objects: Safe with thread_safe, unsafe with strand_bound.
 *
 * @par Destruction and Shutdown
 * Destroying an rw_lock, or assigning to it, ends its waits with
 * @c operation_aborted, posted. That is linear in the waits; guards and
 * cancellation signals of other threads wait for all of it. Destroying the
 * context destroys the handlers un-invoked. Guards outlive both.
 *
 * @par Example
 * For example:
 * @code
 * toro::rw_lock table(executor);
 * auto writing = co_await table.async_acquire_write(asio::use_awaitable);
 * auto reading = std::move(writing).downgrade();
 * assert(table.readers() == 1 && !table.write_locked());
 * @endcode
 *
 * @sa lock
 */
template <class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class TORO_DETAIL_VISIBLE basic_rw_lock
  : public detail::io_object<detail::rw_lock_state, Executor, Threading>
{
  using base = detail::io_object<detail::rw_lock_state, Executor, Threading>;
  using default_token = detail::default_token<Executor>;
  using access = detail::rw_access;

public:
  /// The guard that acquiring for reading gives.
  using read_guard_type = basic_read_guard<Threading>;

  /// The guard that acquiring for writing gives.
  using write_guard_type = basic_write_guard<Threading>;

  /// The number of readers that is no limit.
  static constexpr std::size_t unlimited = detail::max_count;

  /// The same primitive on another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_rw_lock<OtherExecutor, Threading>;
  };

  /// Constructs an rw_lock.
  /**
   * @param executor The executor of handlers that have none of their own.
   *
   * @param max_readers How many may read at once. Unit: readers. Range: 0,
   * where reading is @c impossible, to @c PTRDIFF_MAX.
   *
   * @throws std::invalid_argument The limit is out of range.
   */
  explicit basic_rw_lock(const Executor& executor,
                         std::size_t max_readers = unlimited)
    : base(executor, &basic_rw_lock::describe, checked(max_readers))
  {
  }

  /// Constructs an rw_lock on the executor of a context.
  /**
   * @param context The context, for example an @c io_context.
   *
   * @param max_readers How many may read at once. Unit: readers. Range: 0,
   * where reading is @c impossible, to @c PTRDIFF_MAX.
   *
   * @throws std::invalid_argument The limit is out of range.
   */
  template <detail::execution_context_like Context>
  explicit basic_rw_lock(Context& context, std::size_t max_readers = unlimited)
    : basic_rw_lock(Executor(context.get_executor()), max_readers)
  {
  }

  // A size with a fraction is none.
  template <class Where, std::floating_point Number, class... Rest>
  basic_rw_lock(Where&&, Number, Rest&&...) = delete;

  /// Moves an rw_lock together with its waits.
  basic_rw_lock(basic_rw_lock&&) noexcept = default;
  /// Moves an rw_lock with its waits, and ends those of this one.
  /**
   * @returns This rw_lock.
   */
  basic_rw_lock& operator=(basic_rw_lock&&) noexcept = default;

  /// Moves an rw_lock from another type of executor.
  /**
   * @param other The rw_lock to move from.
   */
  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_rw_lock(basic_rw_lock<OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  /// Take the lock for reading if that needs no wait.
  /**
   * @returns A guard, empty where a writer or the last reader is in, or
   * anybody waits.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  [[nodiscard]] read_guard_type try_acquire_read()
  {
    return try_acquire<access::read>();
  }

  /// Take the lock for writing if that needs no wait.
  /**
   * @returns A guard, empty where anybody is in or waits.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  [[nodiscard]] write_guard_type try_acquire_write()
  {
    return try_acquire<access::write>();
  }

  /// Give back a read hold whose guard was detached.
  /**
   * Handlers of waits that this grants will not be invoked from within this
   * function.
   *
   * @param ec Set to toro::error::not_locked, with nothing changed, where no
   * read hold is detached.
   *
   * @returns How many waits this let in, readers and writers. Zero with an
   * error.
   *
   * @throws What an executor throws that a completion is handed to. The hold
   * is given back all the same; the completions are handed over at the next
   * call.
   *
   * @par Complexity and Thread Safety
   * Linear in the number of waits granted, and other threads that call the
   * lock meanwhile wait for all of it; as the class.
   */
  std::size_t release_read(boost::system::error_code& ec)
  {
    return release(access::read, ec);
  }

  /// @copybrief release_read(boost::system::error_code&)
  /**
   * @returns How many waits this let in, readers and writers.
   *
   * @throws boost::system::system_error With toro::error::not_locked, where
   * the overload above sets it. Else what an executor throws that a completion
   * is handed to; the hold is given back then.
   */
  std::size_t release_read()
  {
    return release_or_throw(access::read, "release_read");
  }

  /// Give back a write hold whose guard was detached.
  /**
   * Handlers of waits that this grants will not be invoked from within this
   * function.
   *
   * @param ec Set to toro::error::not_locked, with nothing changed, where no
   * write hold is detached.
   *
   * @returns How many waits this let in, readers and writers. Zero with an
   * error.
   *
   * @throws What an executor throws that a completion is handed to. The hold
   * is given back all the same; the completions are handed over at the next
   * call.
   *
   * @par Complexity and Thread Safety
   * Linear in the number of waits granted, and other threads that call the
   * lock meanwhile wait for all of it; as the class.
   */
  std::size_t release_write(boost::system::error_code& ec)
  {
    return release(access::write, ec);
  }

  /// @copybrief release_write(boost::system::error_code&)
  /**
   * @returns How many waits this let in, readers and writers.
   *
   * @throws boost::system::system_error As release_read().
   */
  std::size_t release_write()
  {
    return release_or_throw(access::write, "release_write");
  }

  /// Counts the readers that are in.
  /**
   * @returns Those with a guard, detached, or granted to a handler that has
   * not run.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  [[nodiscard]] std::size_t readers() const noexcept
  {
    return this->shared().read(
        [](const detail::rw_lock_state& state)
        {
          return state.readers();
        });
  }

  /// Tells whether a writer is in.
  /**
   * @returns True from the initiation that takes the lock, not from its
   * handler.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  [[nodiscard]] bool write_locked() const noexcept
  {
    return this->shared().read(
        [](const detail::rw_lock_state& state)
        {
          return state.write_locked();
        });
  }

  /// Tells whether a reader would have to wait for those that are in.
  /**
   * @returns Whether a writer is in, or as many readers as may be.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  [[nodiscard]] bool locked() const noexcept
  {
    return this->shared().read(
        [](const detail::rw_lock_state& state)
        {
          return state.locked();
        });
  }

  /// Start an asynchronous wait for the lock to read.
  /**
   * Takes it at once where there is room and nobody waits. Success always
   * carries a guard that holds the lock, and an error an empty one.
   *
   * A holder must not wait for a second hold: if a writer waits in between,
   * each waits for the other for ever.
   *
   * @param token The completion token that produces the completion handler.
   *
   * @returns What the token makes of the operation.
   *
   * @par Completion Signature
   * The handler is called with:
   * @code void(boost::system::error_code, toro::basic_read_guard<Threading>)
   * @endcode
   *
   * @par Errors
   * The error code is one of:
   * @li @c boost::asio::error::timed_out The deadline passed. The lock was not
   * taken.
   * @li @c boost::asio::error::operation_aborted The wait was cancelled by its
   * slot, by cancel(), or by the end of the rw_lock. The lock was not taken.
   * @li @c toro::error::impossible The lock admits no readers at all. Reported
   * at once.
   *
   * @par Executor
   * The handler runs on its associated executor, or on get_executor() where it
   * has none. It runs neither inside this function, unless an immediate
   * executor of its own says so, nor inside a release function or a guard.
   *
   * @par Per-Operation Cancellation
   * Supports @c terminal, @c partial and @c total, all without side effect. It
   * takes effect until the handler runs: then a lock that was granted already
   * goes to the next waits, and this one ends with @c operation_aborted.
   *
   * @par Thread Safety
   * As the class. Emitting a cancellation signal follows Asio's rule.
   *
   * @par Complexity
   * Constant to start, and to cancel linear in the number of waits that this
   * lets in. At most one allocation with the handler's associated allocator.
   *
   * @par Exception Safety
   * Strong for what the allocator, a timer and the handler's move throw. What
   * an executor throws leaves the operation in place, to be handed over at the
   * next call.
   */
  template <detail::completion_token_for<void(boost::system::error_code,
                                              basic_read_guard<Threading>)>
                CompletionToken = default_token>
  auto async_acquire_read(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::rw_request<detail::rw_access::read, Threading>(), token))
  {
    return this->template start<CompletionToken>(
        detail::rw_request<detail::rw_access::read, Threading>(), token);
  }

  /// @copydoc async_acquire_read(CompletionToken&&)
  /**
   * @param limit The time after which the wait gives up. Clock:
   * @c std::chrono::steady_clock. One that has passed fails at once unless the
   * lock is free for a reader.
   */
  template <detail::completion_token_for<void(boost::system::error_code,
                                              basic_read_guard<Threading>)>
                CompletionToken = default_token>
  auto async_acquire_read(deadline limit,
                          CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::rw_request<detail::rw_access::read, Threading>(), limit,
          token))
  {
    return this->template start<CompletionToken>(
        detail::rw_request<detail::rw_access::read, Threading>(), limit, token);
  }

  /// Start an asynchronous wait for the lock to write.
  /**
   * Takes it at once where nobody is in or waits. Success always carries a
   * guard that holds the lock, and an error an empty one.
   *
   * @param token The completion token that produces the completion handler.
   *
   * @returns What the token makes of the operation.
   *
   * @par Completion Signature
   * The handler is called with:
   * @code void(boost::system::error_code, toro::basic_write_guard<Threading>)
   * @endcode
   *
   * @par Errors
   * The error code is one of:
   * @li @c boost::asio::error::timed_out The deadline passed. The lock was not
   * taken.
   * @li @c boost::asio::error::operation_aborted The wait was cancelled by its
   * slot, by cancel(), or by the end of the rw_lock. The lock was not taken.
   *
   * @par Executor
   * The handler runs on its associated executor, or on get_executor() where it
   * has none. It runs neither inside this function, unless an immediate
   * executor of its own says so, nor inside a release function or a guard.
   *
   * @par Per-Operation Cancellation
   * Supports @c terminal, @c partial and @c total, all without side effect. It
   * takes effect until the handler runs: then a lock that was granted already
   * goes to the next waits, and this one ends with @c operation_aborted. A
   * writer that leaves the front lets in the readers behind it.
   *
   * @par Thread Safety
   * As the class. Emitting a cancellation signal follows Asio's rule.
   *
   * @par Complexity
   * Constant to start, and to cancel linear in the number of waits that this
   * lets in. At most one allocation with the handler's associated allocator.
   *
   * @par Exception Safety
   * Strong for what the allocator, a timer and the handler's move throw. What
   * an executor throws leaves the operation in place, to be handed over at the
   * next call.
   */
  template <detail::completion_token_for<void(boost::system::error_code,
                                              basic_write_guard<Threading>)>
                CompletionToken = default_token>
  auto async_acquire_write(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::rw_request<detail::rw_access::write, Threading>(), token))
  {
    return this->template start<CompletionToken>(
        detail::rw_request<detail::rw_access::write, Threading>(), token);
  }

  /// @copydoc async_acquire_write(CompletionToken&&)
  /**
   * @param limit The time after which the wait gives up. Clock:
   * @c std::chrono::steady_clock. One that has passed fails at once unless the
   * lock is free.
   */
  template <detail::completion_token_for<void(boost::system::error_code,
                                              basic_write_guard<Threading>)>
                CompletionToken = default_token>
  auto async_acquire_write(deadline limit,
                           CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::rw_request<detail::rw_access::write, Threading>(), limit,
          token))
  {
    return this->template start<CompletionToken>(
        detail::rw_request<detail::rw_access::write, Threading>(), limit,
        token);
  }

  /// Describes an rw_lock: who is in, and how many wait.
  /**
   * @param x The rw_lock.
   *
   * @returns For example @c "<rw_lock read_locked readers=3 waiters[1]>".
   */
  [[nodiscard]] friend std::string to_string(const basic_rw_lock& x)
  {
    return x.shared().describe();
  }

private:
  static std::string describe(const detail::rw_lock_state& state)
  {
    return detail::description("rw_lock")
        .word(state.write_locked()   ? "write_locked"
              : state.readers() != 0 ? "read_locked"
                                     : "unlocked")
        .figure_if_any("readers", state.readers())
        .count_if_any("waiters", state.waiters())
        .str();
  }

  static std::size_t checked(std::size_t max_readers)
  {
    if (max_readers > detail::max_count)
      boost::throw_exception(
          std::invalid_argument("toro: an rw_lock's limit is too large"));
    return max_readers;
  }

  template <detail::rw_access Access>
  auto try_acquire()
  {
    const bool acquired = this->shared().update_quietly(
        [](detail::rw_lock_state& state)
        {
          return state.try_acquire(Access);
        });
    if (!acquired)
      return detail::rw_guard<Access, Threading>();
    return detail::rw_guard_access::make<Access, Threading>(this->share_core());
  }

  std::size_t release(access side, boost::system::error_code& ec)
  {
    return this->update(
        [side](detail::rw_lock_state& state)
        {
          return state.release(side);
        },
        error::not_locked, ec);
  }

  std::size_t release_or_throw(access side, const char* what)
  {
    boost::system::error_code ec;
    const std::size_t granted = release(side, ec);
    this->throw_if(ec, what);
    return granted;
  }
};

/// The rw_lock on any executor, safe to share between threads.
using rw_lock = basic_rw_lock<>;

} // namespace toro

#endif // TORO_RW_LOCK_HPP
