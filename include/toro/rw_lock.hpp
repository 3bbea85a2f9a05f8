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
#include <tuple>
#include <type_traits>
#include <utility>

namespace toro {

namespace detail {

TORO_DETAIL_SEPARATE_CORE(rw_lock_state)

// Ownership of one side of a rw_lock.
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

/// Ownership of a lock for reading, released when the guard is destroyed.
/**
 * Move-only; may be empty. A guard may outlive the lock and its context; it
 * then has nothing to release.
 *
 * @tparam Threading The policy of the lock.
 *
 * @toro_class_thread_safety
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

/// Ownership of a lock for writing, released when the guard is destroyed.
/**
 * Move-only; may be empty. A guard may outlive the lock and its context; it
 * then has nothing to release.
 *
 * @tparam Threading The policy of the lock.
 *
 * @toro_class_thread_safety
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
   * The readers at the front of the queue are granted as well; their handlers
   * will not be invoked from within this function. This guard is empty
   * afterwards.
   *
   * @returns A read guard, which is empty if this guard was empty.
   *
   * @throws boost::system::system_error With toro::error::impossible if the
   * lock admits no readers; this guard is unchanged then.
   *
   * @toro_linear{waits granted}
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

// Makes guards from acquired ownerships.
struct rw_guard_access
{
  template <rw_access Access, class Threading>
  static rw_guard<Access, Threading>
  make(typename core<rw_lock_state, Threading>::pointer&& core)
  {
    return rw_guard<Access, Threading>(std::move(core));
  }

  // The ownership has become that of a writer.
  template <class Threading>
  static basic_write_guard<Threading>
  upgrade(basic_read_guard<Threading>&& reading) noexcept
  {
    basic_write_guard<Threading> writing;
    writing.take_over(std::move(reading));
    writing.change_ownership({});
    return writing;
  }

  // Whether a guard owns the lock of this core.
  template <class Threading>
  static bool is_of(const basic_read_guard<Threading>& reading,
                    const core<rw_lock_state, Threading>& core) noexcept
  {
    return reading && &reading.get_core() == &core;
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

// The arguments of the handler of an upgrade.
template <class Threading>
struct upgrade_completion
{
  using travelling_type = upgrade_completion;

  boost::system::error_code ec;
  basic_write_guard<Threading> writing;
  basic_read_guard<Threading> reading;

  std::tuple<basic_write_guard<Threading>, basic_read_guard<Threading>>
  take() noexcept
  {
    return {std::move(writing), std::move(reading)};
  }

  upgrade_completion&& depart() noexcept
  {
    return std::move(*this);
  }

  template <class Handler>
  void operator()(Handler&& handler)
  {
    std::forward<Handler>(handler)(ec, std::move(writing), std::move(reading));
  }
};

template <class Threading>
class upgrade_request : public request<void>
{
public:
  using signature = void(boost::system::error_code,
                         basic_write_guard<Threading>,
                         basic_read_guard<Threading>);

  static constexpr const char* name = "rw_lock::async_upgrade";

  upgrade_request(basic_read_guard<Threading>&& reading,
                  const core<rw_lock_state, Threading>& owner) noexcept
    : reading_(std::move(reading)),
      is_of_lock_(rw_guard_access::is_of(reading_, owner))
  {
  }

  bool start(rw_lock_state& state, waiter& w, bool may_wait) const noexcept
  {
    if (is_of_lock_)
      return state.start_upgrade(w, may_wait);
    state.decide(w, outcome::not_locked);
    return true;
  }

  upgrade_completion<Threading>
  complete(typename core<rw_lock_state, Threading>::pointer& /*core*/,
           outcome how) noexcept
  {
    if (how != outcome::success)
      return {failure_code(how), {}, std::move(reading_)};
    return {{}, rw_guard_access::upgrade(std::move(reading_)), {}};
  }

private:
  basic_read_guard<Threading> reading_;
  bool is_of_lock_;
};

} // namespace detail

template <class Threading>
basic_read_guard<Threading> basic_write_guard<Threading>::downgrade() &&
{
  if (!*this)
    return {};
  const bool done = this->get_core().update_quietly(
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
 * Readers can share; a plain lock would serialize them needlessly. A writer
 * needs exclusive access. Readers and writers wait in one queue, so that
 * neither starves the other.
 *
 * | State | async_acquire_read() | async_acquire_write() |
 * | ----- | -------------------- | --------------------- |
 * | unlocked, no waiters | succeeds | succeeds |
 * | readers below the limit, no waiters | succeeds | waits |
 * | readers at the limit | waits | waits |
 * | a writer | waits | waits |
 * | any, with waiters | waits behind them | waits behind them |
 *
 * Waiters do not count for readers() and write_locked(). A reader becomes the
 * writer by async_upgrade(). If a coroutine owns the lock and acquires the
 * other access, it waits for itself.
 *
 * The lock is not recursive, not even for reading.
 *
 * @warning A recursive read can deadlock. If a coroutine owns a read guard and
 * acquires another one while a writer waits, the second acquire waits behind
 * the writer, and the writer waits for the first guard: neither ever completes.
 * Acquire once and pass the guard on, or give a deadline.
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 *
 * @par Fairness
 * Strictly FIFO with direct hand-off: no barging, no spurious wake-ups. Readers
 * that arrive after a waiting writer wait behind it. Adjacent readers at the
 * front of the queue are granted together. If a waiter leaves the front of the
 * queue without the lock, the waiters behind it may be granted. An upgrade
 * comes before all other waits.
 *
 * @par Memory Ordering
 * A reader sees everything that was written before the last write guard was
 * released. A writer also sees everything that readers did before they released
 * theirs.
 *
 * @toro_class_thread_safety
 *
 * @toro_destruction_with_guards{an rw_lock}
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
  /// The type of the guard that owns the lock for reading.
  using read_guard_type = basic_read_guard<Threading>;

  /// The type of the guard that owns the lock for writing.
  using write_guard_type = basic_write_guard<Threading>;

  /// The value of @c max_readers that sets no limit.
  static constexpr std::size_t unlimited = detail::max_count;

  /// The same primitive with another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_rw_lock<OtherExecutor, Threading>;
  };

  /// Constructs an rw_lock.
  /**
   * @param executor The executor for handlers that have no associated executor.
   *
   * @param max_readers The limit of concurrent readers. Unit: readers. Range: 0
   * to @c PTRDIFF_MAX. With 0, acquiring for reading fails with @c impossible.
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
   * @param max_readers The limit of concurrent readers. Unit: readers. Range: 0
   * to @c PTRDIFF_MAX. With 0, acquiring for reading fails with @c impossible.
   *
   * @throws std::invalid_argument The limit is out of range.
   */
  template <detail::execution_context_like Context>
  explicit basic_rw_lock(Context& context, std::size_t max_readers = unlimited)
    : basic_rw_lock(Executor(context.get_executor()), max_readers)
  {
  }

  // Not an integer, so not a number of readers.
  template <class Where, std::floating_point Number, class... Rest>
  basic_rw_lock(Where&&, Number, Rest&&...) = delete;

  /// Moves an rw_lock together with its waits.
  basic_rw_lock(basic_rw_lock&&) noexcept = default;
  /// Cancels the waits of this rw_lock, then moves another one in.
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

  /// Try to acquire the lock for reading without waiting.
  /**
   * @returns A guard that owns the lock. It is empty if a writer owns the lock,
   * if the limit of readers is reached, or if any operation waits.
   *
   * @toro_constant
   */
  [[nodiscard]] read_guard_type try_acquire_read() noexcept
  {
    return try_acquire<access::read>();
  }

  /// Try to acquire the lock for writing without waiting.
  /**
   * @returns A guard that owns the lock. It is empty if any reader or writer
   * owns the lock, or if any operation waits.
   *
   * @toro_constant
   */
  [[nodiscard]] write_guard_type try_acquire_write() noexcept
  {
    return try_acquire<access::write>();
  }

  /// Try to become the writer without waiting.
  /**
   * @param reading A guard that owns this lock for reading. It is empty
   * afterwards if this succeeds, and unchanged otherwise.
   *
   * @param ec Set to toro::error::not_locked if @p reading is empty or owns
   * another lock; nothing changes then.
   *
   * @returns A guard that owns the lock for writing. It is empty if there are
   * other readers, or if another reader waits for its upgrade. It does not
   * matter whether other operations wait: an upgrade comes before them.
   *
   * @toro_constant
   */
  [[nodiscard]] write_guard_type
  try_upgrade(read_guard_type& reading, boost::system::error_code& ec) noexcept
  {
    ec = {};
    if (!detail::rw_guard_access::is_of(reading, this->get_core()))
    {
      ec = error::not_locked;
      return {};
    }
    const bool done = this->get_core().update_quietly(
        [](detail::rw_lock_state& state)
        {
          return state.try_upgrade();
        });
    if (!done)
      return {};
    return detail::rw_guard_access::upgrade(std::move(reading));
  }

  /// @copybrief try_upgrade(read_guard_type&, boost::system::error_code&)
  /**
   * @param reading As above.
   *
   * @returns As above.
   *
   * @throws boost::system::system_error With toro::error::not_locked if the
   * overload above would set it.
   *
   * @toro_constant
   */
  [[nodiscard]] write_guard_type try_upgrade(read_guard_type& reading)
  {
    boost::system::error_code ec;
    write_guard_type writing = try_upgrade(reading, ec);
    this->throw_if(ec, "try_upgrade");
    return writing;
  }

  /// Release a read lock whose guard was detached.
  /**
   * Handlers of waits that this grants will not be invoked from within this
   * function.
   *
   * @param ec Set to toro::error::not_locked if no read lock is detached;
   * nothing changes then.
   *
   * @returns The number of waits that this granted, readers and writers. Zero
   * on an error.
   *
   * @throws Any exception thrown while posting a completion. The lock is
   * released regardless; the completion is retried on the next call.
   *
   * @toro_linear{waits granted}
   */
  std::size_t release_read(boost::system::error_code& ec)
  {
    return release(access::read, ec);
  }

  /// @copybrief release_read(boost::system::error_code&)
  /**
   * @returns The number of waits that this granted, readers and writers.
   *
   * @throws boost::system::system_error With toro::error::not_locked if the
   * overload above would set it. Also any exception thrown while posting a
   * completion; the lock is released regardless.
   *
   * @toro_linear{waits granted}
   */
  std::size_t release_read()
  {
    return release_or_throw(access::read, "release_read");
  }

  /// Release a write lock whose guard was detached.
  /**
   * Handlers of waits that this grants will not be invoked from within this
   * function.
   *
   * @param ec Set to toro::error::not_locked if no write lock is detached;
   * nothing changes then.
   *
   * @returns The number of waits that this granted, readers and writers. Zero
   * on an error.
   *
   * @throws Any exception thrown while posting a completion. The lock is
   * released regardless; the completion is retried on the next call.
   *
   * @toro_linear{waits granted}
   */
  std::size_t release_write(boost::system::error_code& ec)
  {
    return release(access::write, ec);
  }

  /// @copybrief release_write(boost::system::error_code&)
  /**
   * @returns The number of waits that this granted, readers and writers.
   *
   * @throws boost::system::system_error As release_read().
   *
   * @toro_linear{waits granted}
   */
  std::size_t release_write()
  {
    return release_or_throw(access::write, "release_write");
  }

  /// Gives the number of readers that own the lock.
  /**
   * @returns The number of read locks that are owned by a guard, detached, or
   * granted to a handler that has not run yet.
   *
   * @toro_constant
   */
  [[nodiscard]] std::size_t readers() const noexcept
  {
    return this->get_core().read(
        [](const detail::rw_lock_state& state)
        {
          return state.readers();
        });
  }

  /// Tells whether a writer owns the lock.
  /**
   * @returns True as soon as the lock is granted, even before the handler runs.
   *
   * @toro_constant
   */
  [[nodiscard]] bool write_locked() const noexcept
  {
    return this->get_core().read(
        [](const detail::rw_lock_state& state)
        {
          return state.write_locked();
        });
  }

  /// Tells whether the owners of the lock keep further readers out.
  /**
   * @returns Whether a writer owns the lock, or the limit of readers is
   * reached.
   *
   * @toro_constant
   */
  [[nodiscard]] bool locked() const noexcept
  {
    return this->get_core().read(
        [](const detail::rw_lock_state& state)
        {
          return state.locked();
        });
  }

  /// Start an asynchronous operation to acquire the lock for reading.
  /**
   * Completes immediately if the lock is free for a reader and no operation
   * waits. On success the guard owns the lock; on error it is empty.
   *
   * A coroutine that owns the lock for reading must not acquire it again. If a
   * writer waits in between, the second acquire waits for the writer, and the
   * writer waits for the owner, forever.
   *
   * @param token The completion token that produces the completion handler.
   *
   * @returns The value that the completion token determines.
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
   * slot or by cancel(), or the rw_lock was destroyed or assigned to. The lock
   * was not taken.
   * @li @c toro::error::impossible The lock admits no readers at all. The
   * operation completes immediately.
   *
   * @toro_executor{a release function or a member of a guard}
   *
   * @toro_cancellation
   * If the lock was already granted to the wait, it goes to the next waiters.
   *
   * @toro_thread_safety
   * @toro_async_linear
   * @toro_exception_safety
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
   * @param limit When the wait expires.
   * @toro_expires_unless{the lock is free for a reader}
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

  /// Start an asynchronous operation to acquire the lock for writing.
  /**
   * Completes immediately if the lock is free and no operation waits. On
   * success the guard owns the lock; on error it is empty.
   *
   * @param token The completion token that produces the completion handler.
   *
   * @returns The value that the completion token determines.
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
   * slot or by cancel(), or the rw_lock was destroyed or assigned to. The lock
   * was not taken.
   *
   * @toro_executor{a release function or a member of a guard}
   *
   * @toro_cancellation
   * If the lock was already granted to the wait, it goes to the next waiters.
   * If a writer leaves the front of the queue, the readers behind it may be
   * granted.
   *
   * @toro_thread_safety
   * @toro_async_linear
   * @toro_exception_safety
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
   * @param limit When the wait expires. @toro_expires_unless{the lock is free}
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

  /// Start an asynchronous operation that makes a reader the writer.
  /**
   * Waits until the reader is the only one. It stays a reader meanwhile, and no
   * other operation gets the lock. It comes before all waiting writers and
   * readers, so what it has read is still valid when it may write. On success
   * the handler receives a guard that owns the lock for writing, and an empty
   * read guard. On an error the write guard is empty, and the read guard is the
   * one that was passed in.
   *
   * Tokens that throw the error, like @c use_awaitable, release the read guard
   * then; with @c as_tuple it is handed back.
   *
   * @param reading A guard that owns this lock for reading. If this function
   * throws, the guard is released.
   *
   * @param token The completion token that produces the completion handler.
   *
   * @returns The value that the completion token determines.
   *
   * @par Completion Signature
   * The handler is called with:
   * @code void(boost::system::error_code, toro::basic_write_guard<Threading>,
   *      toro::basic_read_guard<Threading>)
   * @endcode
   *
   * @par Errors
   * The error code is one of:
   * @li @c boost::asio::error::timed_out The deadline passed.
   * @li @c boost::asio::error::operation_aborted The wait was cancelled by its
   * slot or by cancel(), or the lock was destroyed or assigned to.
   * @li @c toro::error::impossible Another reader waits for its upgrade: each
   * would wait for the other one's guard. Release this guard.
   * @li @c toro::error::not_locked The guard is empty, or owns another lock.
   *
   * @toro_executor{release_read() or a member of a guard}
   *
   * @toro_cancellation
   * If the lock was already granted for writing, it is held for reading again.
   *
   * @toro_thread_safety
   * @toro_async_constant
   * @toro_exception_safety
   */
  template <detail::completion_token_for<void(boost::system::error_code,
                                              basic_write_guard<Threading>,
                                              basic_read_guard<Threading>)>
                CompletionToken = default_token>
  auto async_upgrade(read_guard_type reading,
                     CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          std::declval<detail::upgrade_request<Threading>>(), token))
  {
    return this->template start<CompletionToken>(
        detail::upgrade_request<Threading>(std::move(reading),
                                           this->get_core()),
        token);
  }

  /// @copydoc async_upgrade(read_guard_type, CompletionToken&&)
  /**
   * @param limit When the wait expires.
   * @toro_expires_unless{it is the only reader}
   */
  template <detail::completion_token_for<void(boost::system::error_code,
                                              basic_write_guard<Threading>,
                                              basic_read_guard<Threading>)>
                CompletionToken = default_token>
  auto async_upgrade(read_guard_type reading, deadline limit,
                     CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          std::declval<detail::upgrade_request<Threading>>(), limit, token))
  {
    return this->template start<CompletionToken>(
        detail::upgrade_request<Threading>(std::move(reading),
                                           this->get_core()),
        limit, token);
  }

  /// Describes an rw_lock: its owners and the number of waiters.
  /**
   * @param x The rw_lock.
   *
   * @returns For example @c "<rw_lock read_locked readers=3 waiters[1]>".
   */
  [[nodiscard]] friend std::string to_string(const basic_rw_lock& x)
  {
    return x.get_core().describe();
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
    const bool acquired = this->get_core().update_quietly(
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
