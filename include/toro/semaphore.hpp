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

TORO_DETAIL_SEPARATE_CORE(semaphore_state)

struct permit_access;

// Permits that a guard owns.
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

/// Permits of a semaphore, released when this object is destroyed.
/**
 * Move-only; may be empty. A permit may outlive the semaphore and its context;
 * it then has nothing to release.
 *
 * @tparam Threading The policy of the semaphore.
 *
 * @toro_class_thread_safety
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

  /// Gives the number of permits that this object owns.
  /**
   * @returns Zero for an empty permit.
   *
   * @toro_constant
   */
  [[nodiscard]] std::size_t count() const noexcept
  {
    return this->held().count;
  }

  /// Move some of the permits into another object.
  /**
   * @param n How many. Unit: permits. Range: 0 to count().
   *
   * @returns An object that owns @p n permits. It has the name of this one only
   * if it gets all of them. This object keeps the others; it is empty if none
   * are left.
   *
   * @throws std::invalid_argument @p n is greater than count(). Nothing changes
   * then.
   *
   * @toro_constant
   */
  [[nodiscard]] basic_permit split(std::size_t n);

  /// Take over the permits of another object.
  /**
   * @param other An object with permits of the same semaphore. It is empty
   * afterwards. If this object is empty, it takes over the permits of any
   * semaphore, with their name. If @p other is this object or is empty, nothing
   * happens.
   *
   * @throws std::invalid_argument The permits belong to different semaphores.
   * Nothing changes then.
   *
   * @toro_constant
   */
  void merge(basic_permit&& other);

  /// Release some of the permits.
  /**
   * Handlers of waits that this grants will not be invoked from within this
   * function.
   *
   * @param n How many. Unit: permits. Range: 0 to count(). This object is empty
   * if none are left.
   *
   * @throws std::invalid_argument @p n is greater than count(). Nothing changes
   * then.
   *
   * @toro_linear{waits granted}
   */
  void give_back(std::size_t n);

private:
  friend struct detail::permit_access;

  basic_permit(typename core_type::pointer&& core, std::size_t n) noexcept
    : base(std::move(core), detail::permit_ownership{n})
  {
  }

  void check_count(std::size_t n) const
  {
    if (n > count())
      boost::throw_exception(
          std::invalid_argument("toro: the permit owns fewer permits"));
  }
};

/// A permit of a semaphore that is safe to share between threads.
using permit = basic_permit<thread_safe>;

namespace detail {

// Makes permits from acquired ownerships.
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

} // namespace detail

template <class Threading>
basic_permit<Threading> basic_permit<Threading>::split(std::size_t n)
{
  check_count(n);
  if (n == count())
    return std::move(*this);
  if (n == 0)
    return basic_permit();
  basic_permit part(this->get_core().share(), n);
  this->change_ownership({count() - n});
  return part;
}

template <class Threading>
void basic_permit<Threading>::merge(basic_permit&& other)
{
  if (this == &other || !other)
    return;
  if (!*this)
  {
    *this = std::move(other);
    return;
  }
  if (&this->get_core() != &other.get_core())
    boost::throw_exception(
        std::invalid_argument("toro: permits of different semaphores"));
  const std::size_t more = other.count();
  other.change_ownership({0});
  other.reset();
  this->change_ownership({count() + more});
}

template <class Threading>
void basic_permit<Threading>::give_back(std::size_t n)
{
  // What is destroyed here releases its permits.
  static_cast<void>(split(n));
}

namespace detail {

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

template <class Threading>
class acquire_some_request : public request<basic_permit<Threading>>
{
public:
  static constexpr const char* name = "semaphore::async_acquire_some";

  static constexpr bool brings_guard = true;

  acquire_some_request(std::size_t at_least, std::size_t at_most) noexcept
    : permits_(at_least <= at_most ? at_least : never_possible),
      most_(at_most)
  {
  }

  void bind(semaphore_waiter& w) noexcept
  {
    w.permits = permits_;
  }

  static bool start(semaphore_state& state, semaphore_waiter& w,
                    bool may_wait) noexcept
  {
    return state.start_acquire_some(w, may_wait);
  }

  void at_commit(semaphore_state& state, semaphore_waiter& w) const noexcept
  {
    state.take_more(w, most_);
  }

  void take(semaphore_waiter& w) noexcept
  {
    permits_ = w.permits;
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
  static constexpr std::size_t never_possible = static_cast<std::size_t>(-1);

  std::size_t permits_;
  std::size_t most_;
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

/// The members that bounded and unbounded semaphores share.
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
  /// The type of the guard that owns permits.
  using permit_type = basic_permit<Threading>;

  /// Try to acquire permits without waiting.
  /**
   * @param n How many. Unit: permits. Range: any.
   *
   * @returns An object that owns @p n permits. It is empty if fewer are free,
   * if another operation waits to acquire, or if @p n is zero.
   *
   * @toro_constant
   */
  [[nodiscard]] permit_type try_acquire(std::size_t n = 1) noexcept
  {
    const bool acquired = this->get_core().update_quietly(
        [&](semaphore_state& state)
        {
          return n != 0 && state.try_acquire(n);
        });
    if (!acquired)
      return permit_type();
    return permit_access::make<Threading>(this->share_core(), n);
  }

  /// Release permits that no guard owns, or add new ones.
  /**
   * A bounded semaphore takes back only permits that were detached from their
   * guards. An unbounded one also accepts new permits. Handlers of waits that
   * this grants will not be invoked from within this function.
   * @toro_batches_of{async_wait()}
   *
   * @param n How many. Unit: permits. Range: any; zero does nothing.
   *
   * @param ec Set to toro::error::over_released if a bounded semaphore has
   * fewer detached permits, or if the count would exceed @c PTRDIFF_MAX;
   * nothing changes then.
   *
   * @returns The number of waits that this granted, those of async_wait()
   * included. Zero on an error.
   *
   * @throws Any exception thrown while posting a completion. The permits are
   * released regardless; the completion is retried on the next call.
   *
   * @toro_linear{waits granted}
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
   * @returns The number of waits that this granted. Zero on an error.
   *
   * @toro_linear{waits granted}
   */
  std::size_t release(boost::system::error_code& ec)
  {
    return release(1, ec);
  }

  /// @copybrief release(std::size_t, boost::system::error_code&)
  /**
   * @param n How many. Unit: permits. Range: any; zero does nothing.
   *
   * @returns The number of waits that this granted.
   *
   * @throws boost::system::system_error With toro::error::over_released if the
   * overload above would set it. Also any exception thrown while posting a
   * completion; the permits are released regardless.
   *
   * @toro_linear{waits granted}
   */
  std::size_t release(std::size_t n = 1)
  {
    boost::system::error_code ec;
    const std::size_t granted = release(n, ec);
    this->throw_if(ec, "release");
    return granted;
  }

  /// Close the semaphore: no operation acquires permits any more.
  /**
   * All waits complete with toro::error::closed, and so do operations that
   * start later. try_acquire() returns empty permits. What was granted already
   * stays valid, and permits can still be released. A second call does nothing.
   * Handlers will not be invoked from within this function.
   *
   * @returns The number of waits that this completed.
   *
   * @throws Any exception thrown while posting a completion. The semaphore is
   * closed regardless; the completion is retried on the next call.
   *
   * @toro_linear{waits that this completes}
   */
  std::size_t close()
  {
    return this->get_core().update(
        [](semaphore_state& state)
        {
          return state.close();
        });
  }

  /// Tells whether operations can acquire permits.
  /**
   * @returns False after close().
   *
   * @toro_constant
   */
  [[nodiscard]] bool is_open() const noexcept
  {
    return this->get_core().read(
        [](const semaphore_state& state)
        {
          return state.is_open();
        });
  }

  /// Gives the number of free permits.
  /**
   * @returns The number of permits that are not acquired. A permit counts as
   * acquired as soon as it is granted, even before the handler runs.
   *
   * @toro_constant
   */
  [[nodiscard]] std::size_t value() const noexcept
  {
    return this->get_core().read(
        [](const semaphore_state& state)
        {
          return state.value();
        });
  }

  /// Tells whether no permit is free.
  /**
   * @returns Whether value() is zero.
   *
   * @toro_constant
   */
  [[nodiscard]] bool locked() const noexcept
  {
    return value() == 0;
  }

  /// Start an asynchronous operation to acquire permits.
  /**
   * Acquires one permit, or @p n permits in one step, once they are free and
   * all earlier acquirers have been served. On success the handler receives an
   * object that owns them. The object is empty on an error, or if zero permits
   * were requested.
   *
   * A bare number is a count, never a deadline:
   * <tt>async_acquire(5, token)</tt> acquires five permits and waits without a
   * limit. A deadline is a @c std::chrono duration or time point:
   * <tt>async_acquire(std::chrono::seconds(5), token)</tt> acquires one permit
   * or expires after five seconds.
   *
   * @param token The completion token that produces the completion handler.
   *
   * @returns The value that the completion token determines.
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
   * slot or by cancel(), or the semaphore was destroyed or assigned to. No
   * permit was taken.
   * @li @c toro::error::closed The semaphore was closed. No permit was taken.
   * @li @c toro::error::impossible More permits were requested than a bounded
   * semaphore has, or than @c PTRDIFF_MAX. The operation completes immediately,
   * or when resize() leaves fewer.
   *
   * @toro_executor{release() or a member of a permit}
   *
   * @toro_cancellation
   * Permits that were already granted to the wait go to the next waiters. If a
   * large request leaves the front of the queue, smaller ones behind it may be
   * granted.
   *
   * @toro_thread_safety
   * @toro_async_linear
   * @toro_exception_safety
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
   * @param limit When the wait expires.
   * @toro_expires_unless{the permits are free}
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
   * @param n How many. Unit: permits. Range: any; zero succeeds immediately. A
   * bare number is always a count, never a deadline.
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
   * @param limit When the wait expires.
   * @toro_expires_unless{the permits are free}
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

  // Not an integer, so a time that was meant as a deadline.
  template <std::floating_point Number, class... Rest>
  void async_acquire(Number, Rest&&...) = delete;

  /// Start an asynchronous operation to acquire as many permits as are free.
  /**
   * Waits as async_acquire() for @p at_least permits. When the handler is about
   * to run, and if no operation waits to acquire, it takes more of those that
   * are free, up to @p at_most in all. On success the handler receives an
   * object that owns the permits; its count() says how many they are. On an
   * error the object is empty.
   *
   * @param at_least How many permits to wait for. Unit: permits. Range: any; if
   * it is zero, the operation waits for no permit, and takes none if operations
   * wait to acquire.
   *
   * @param at_most How many to take in all. Unit: permits. Range: from @p
   * at_least; if it is smaller, the operation is impossible.
   *
   * @param token The completion token that produces the completion handler.
   *
   * @returns The value that the completion token determines.
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
   * slot or by cancel(), or the semaphore was destroyed or assigned to. No
   * permit was taken.
   * @li @c toro::error::closed The semaphore was closed. No permit was taken.
   * @li @c toro::error::impossible At least so many permits can never be
   * acquired: they are more than a bounded semaphore has, more than
   * @c PTRDIFF_MAX, or more than @p at_most.
   *
   * @toro_executor{release() or a member of a permit}
   *
   * @toro_cancellation
   * Permits that were already granted to the wait go to the next waiters.
   *
   * @toro_thread_safety
   * @toro_async_constant
   * @toro_exception_safety
   */
  template <detail::completion_token_for<void(boost::system::error_code,
                                              basic_permit<Threading>)>
                CompletionToken = default_token>
  auto async_acquire_some(std::size_t at_least, std::size_t at_most,
                          CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          acquire_some_request<Threading>(at_least, at_most), token))
  {
    return this->template start<CompletionToken>(
        acquire_some_request<Threading>(at_least, at_most), token);
  }

  /// @copydoc async_acquire_some(std::size_t, std::size_t, CompletionToken&&)
  /**
   * @param limit When the wait expires.
   * @toro_expires_unless{the permits are free}
   */
  template <detail::completion_token_for<void(boost::system::error_code,
                                              basic_permit<Threading>)>
                CompletionToken = default_token>
  auto async_acquire_some(std::size_t at_least, std::size_t at_most,
                          deadline limit,
                          CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          acquire_some_request<Threading>(at_least, at_most), limit, token))
  {
    return this->template start<CompletionToken>(
        acquire_some_request<Threading>(at_least, at_most), limit, token);
  }

  // Not integers, so times that were meant as deadlines.
  template <std::floating_point Number, class Other, class... Rest>
  void async_acquire_some(Number, Other, Rest&&...) = delete;
  template <std::integral Number, std::floating_point Other, class... Rest>
  void async_acquire_some(Number, Other, Rest&&...) = delete;

  /// Start an asynchronous wait until a permit is free.
  /**
   * Succeeds once value() is greater than zero and no operation waits to
   * acquire. Acquires nothing, so another operation may have acquired the
   * permit when the handler runs.
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
   * slot or by cancel(), or the semaphore was destroyed or assigned to.
   * @li @c toro::error::closed The semaphore was closed.
   *
   * @toro_executor{release() or a member of a permit}
   *
   * @toro_cancellation
   * The wait acquires nothing, so there is nothing to return.
   *
   * @toro_thread_safety
   * @toro_async_constant
   * @toro_exception_safety
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
   * @param limit When the wait expires. @toro_expires_unless{a permit is free}
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

  static std::size_t checked(std::size_t value)
  {
    if (value > max_count)
      boost::throw_exception(
          std::invalid_argument("toro: a semaphore's value is too large"));
    return value;
  }

  static std::string describe_as(const char* name, const semaphore_state& state)
  {
    return description(name)
        .word(state.is_open() ? "" : "closed")
        .figure("counter", state.value())
        .count_if_any("waiters", state.waiters())
        .str();
  }

  /// @endcond
};

} // namespace detail

/// A counter of permits that operations acquire and release.
/**
 * Limits how many things a program does at once: operations beyond the limit
 * wait for their turn. Released permits are handed directly to waiters. If an
 * operation requests several permits, it gets them in one step.
 *
 * | State | async_acquire(n) | try_acquire(n) | async_wait() |
 * | ----- | ---------------- | -------------- | ------------ |
 * | n are free, no acquirer waits | takes n | takes n | succeeds |
 * | fewer are free | waits | empty permit | succeeds if any is free |
 * | an acquirer waits | waits behind it | empty permit | waits |
 *
 * release() can also add permits that no operation has acquired. After
 * close(), the operations that wait and those that start later complete with an
 * error.
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 *
 * @par Fairness
 * Strictly FIFO with direct hand-off: no barging, no spurious wake-ups. A large
 * request at the front holds back smaller ones behind it, and try_acquire()
 * does not overtake waiters. The waits of async_wait() succeed after all
 * acquirers have been served, and all at once.
 *
 * @par Memory Ordering
 * Releasing a permit synchronizes with its next acquisition.
 *
 * @toro_class_thread_safety
 *
 * @toro_destruction_with_guards{a semaphore}
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
  /// The same primitive with another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_semaphore<OtherExecutor, Threading>;
  };

  /// Constructs a semaphore.
  /**
   * @param executor The executor for handlers that have no associated executor.
   *
   * @param value The initial number of free permits. Unit: permits. Range: 0 to
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
   * @param value The initial number of free permits. Unit: permits. Range: 0 to
   * @c PTRDIFF_MAX.
   *
   * @throws std::invalid_argument The value is out of range.
   */
  template <detail::execution_context_like Context>
  explicit basic_semaphore(Context& context, std::size_t value = 1)
    : basic_semaphore(Executor(context.get_executor()), value)
  {
  }

  // Not an integer, so not a number of permits.
  template <class Where, std::floating_point Number, class... Rest>
  basic_semaphore(Where&&, Number, Rest&&...) = delete;

  /// Moves a semaphore together with its waits.
  basic_semaphore(basic_semaphore&&) noexcept = default;
  /// Cancels the waits of this semaphore, then moves another one in.
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

  /// Describes a semaphore: its free permits and the number of waiters.
  /**
   * @param x The semaphore.
   *
   * @returns For example @c "<semaphore counter=0 waiters[2]>".
   */
  [[nodiscard]] friend std::string to_string(const basic_semaphore& x)
  {
    return x.get_core().describe();
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
