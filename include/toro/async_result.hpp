// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_ASYNC_RESULT_HPP
#define TORO_ASYNC_RESULT_HPP

#include <toro/deadline.hpp>
#include <toro/error.hpp>
#include <toro/fwd.hpp>

#include <toro/detail/config.hpp>
#include <toro/detail/format.hpp>
#include <toro/detail/object/io_object.hpp>
#include <toro/detail/object/queue_request.hpp>
#include <toro/detail/state/result_state.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/system/error_code.hpp>
#include <boost/throw_exception.hpp>

#include <concepts>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace toro {

namespace detail {

// What a reader's handler gets.
template <class T>
struct result_value
{
  using type = delivered<T>;
};

template <>
struct result_value<void>
{
  using type = void;
};

template <class T>
class result_request : public request<typename result_value<T>::type>
{
public:
  static constexpr const char* name = "async_result::async_get";

  static bool start(event_state& state, waiter& w, bool may_wait) noexcept
  {
    return state.start_wait(w, may_wait);
  }

  // The value is copied here, for this reader.
  static completion<typename result_value<T>::type> complete(auto& core,
                                                             outcome how)
  {
    const auto& state = core->settled();
    const bool has_failed = how != outcome::success;
    if constexpr (std::is_void_v<T>)
      return {has_failed ? failure_code(how) : state.error()};
    else if (has_failed)
      return {failure_code(how), delivered<T>()};
    else if (state.error())
      return {state.error(), delivered<T>()};
    else
      return {{}, delivered<T>(state.value())};
  }
};

/// What results have in common, with a value or without.
/**
 * @tparam T The type of the value, or @c void.
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 */
template <class T, class Executor, class Threading>
class result_base : public io_object<result_state<T>, Executor, Threading>
{
  using state_type = result_state<T>;
  using base = io_object<state_type, Executor, Threading>;
  using default_token = detail::default_token<Executor>;

public:
  /// The type of the value.
  using value_type = T;

  /// Tells whether there is a value, an error or an exception.
  /**
   * @returns True once set(), set_error() or set_exception() has taken effect;
   * it stays so.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  [[nodiscard]] bool ready() const noexcept
  {
    return this->shared().read(
        [](const state_type& state)
        {
          return state.is_set();
        });
  }

  /// Set an error as the result and wake all readers.
  /**
   * Their handlers will not be invoked from within this function. On a strand,
   * or with strand_bound, one turn of the executor calls up to 64 of them: a
   * @c run_one() calls them all, and @c stop() in one of them does not hold
   * back the rest.
   *
   * @param failure What the readers get. Range: any error.
   *
   * @param ec Set to toro::error::already_set, with nothing changed, where the
   * result is ready.
   *
   * @returns How many readers this woke. Zero with @p ec set.
   *
   * @throws std::invalid_argument The failure is no error. Else what an
   * executor throws that a completion is handed to; the result is set then.
   *
   * @par Complexity and Thread Safety
   * Linear in the number of waits. The lock is held for 64 of them at a time,
   * so that other threads do not wait for all; as the class.
   */
  std::size_t set_error(boost::system::error_code failure,
                        boost::system::error_code& ec)
  {
    if (!failure)
      boost::throw_exception(
          std::invalid_argument("toro: set_error needs an error"));
    return this->update(
        [&](state_type& state)
        {
          return state.set_error(failure);
        },
        error::already_set, ec);
  }

  /// Set an error as the result and wake all readers.
  /**
   * @param failure What the readers get. Range: any error.
   *
   * @returns How many readers this woke.
   *
   * @throws boost::system::system_error With toro::error::already_set, where
   * the overload above sets it. Else what that one throws.
   */
  std::size_t set_error(boost::system::error_code failure)
  {
    boost::system::error_code ec;
    const std::size_t woken = set_error(failure, ec);
    this->throw_if(ec, "set_error");
    return woken;
  }

  /// Set an exception as the result and wake all readers.
  /**
   * Readers get toro::error::failed; exception() and get() give the exception.
   * It is one object for all of them. Their handlers will not be invoked from
   * within this function. On a strand, or with
   * strand_bound, one turn of the executor calls up to 64 of them: a
   * @c run_one() calls them all, and @c stop() in one of them does not hold
   * back the rest.
   *
   * @param failure The exception. Range: not null.
   *
   * @param ec Set to toro::error::already_set, with nothing changed, where the
   * result is ready.
   *
   * @returns How many readers this woke. Zero with @p ec set.
   *
   * @throws std::invalid_argument The exception is null. Else what an executor
   * throws that a completion is handed to; the result is set then.
   *
   * @par Complexity and Thread Safety
   * Linear in the number of waits. The lock is held for 64 of them at a time,
   * so that other threads do not wait for all; as the class.
   */
  std::size_t set_exception(std::exception_ptr failure,
                            boost::system::error_code& ec)
  {
    if (!failure)
      boost::throw_exception(
          std::invalid_argument("toro: set_exception needs an exception"));
    return this->update(
        [&](state_type& state)
        {
          return state.set_exception(failure);
        },
        error::already_set, ec);
  }

  /// Set an exception as the result and wake all readers.
  /**
   * @param failure The exception. Range: not null.
   *
   * @returns How many readers this woke.
   *
   * @throws boost::system::system_error With toro::error::already_set, where
   * the overload above sets it. Else what that one throws.
   */
  std::size_t set_exception(std::exception_ptr failure)
  {
    boost::system::error_code ec;
    const std::size_t woken = set_exception(std::move(failure), ec);
    this->throw_if(ec, "set_exception");
    return woken;
  }

  /// Gives the exception that was set.
  /**
   * @returns The exception that set_exception() was given. Null if the result
   * is not set, or has a value or an error: an error code is no exception, and
   * get() makes one of it.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  [[nodiscard]] std::exception_ptr exception() const noexcept
  {
    return ready() ? this->shared().settled().exception()
                   : std::exception_ptr();
  }

  /// Start an asynchronous wait for the result.
  /**
   * Completes at once where it is ready. The value is copied to the handler
   * right before it is called, outside the lock; a copy or a move that throws
   * leaves through @c run(), with the handler destroyed.
   *
   * @param token The completion token that produces the completion handler.
   *
   * @returns What the token makes of the operation.
   *
   * @par Completion Signature
   * The handler is called with:
   * @code void(boost::system::error_code, T) @endcode
   *
   * @par Errors
   * The error code is one of:
   * @li @c boost::asio::error::timed_out The deadline passed.
   * @li @c boost::asio::error::operation_aborted The wait was cancelled by its
   * slot, by cancel(), or by the end of the result.
   * @li @c toro::error::failed The result was given an exception, which
   * exception() gives.
   * @li Whatever was given to set_error(). With any error the value is a
   * default-constructed @p T or an empty @c std::optional<T>.
   *
   * @par Executor
   * The handler runs on its associated executor, or on get_executor() where it
   * has none. It runs neither inside this function, unless an immediate
   * executor of its own says so, nor inside set().
   *
   * @par Per-Operation Cancellation
   * Supports @c terminal, @c partial and @c total, all without side effect. It
   * takes effect until the handler runs: then a wait that was woken already
   * ends with @c operation_aborted, and the result stays for others.
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
  template <detail::completion_token_for<typename result_request<T>::signature>
                CompletionToken = default_token>
  auto async_get(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(result_request<T>(),
                                                        token))
  {
    return this->template start<CompletionToken>(result_request<T>(), token);
  }

  /// @copydoc async_get(CompletionToken&&)
  /**
   * @param limit The time after which the wait gives up. Clock:
   * @c std::chrono::steady_clock. One that has passed fails at once unless the
   * result is ready.
   */
  template <detail::completion_token_for<typename result_request<T>::signature>
                CompletionToken = default_token>
  auto async_get(deadline limit, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(result_request<T>(),
                                                        limit, token))
  {
    return this->template start<CompletionToken>(result_request<T>(), limit,
                                                 token);
  }

  /// @cond
protected:
  explicit result_base(const Executor& executor)
    : base(executor, &result_base::describe)
  {
  }

  result_base(result_base&&) noexcept = default;
  result_base& operator=(result_base&&) noexcept = default;

  template <class OtherExecutor>
  explicit result_base(result_base<T, OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  ~result_base() = default;

  // The error of the result, or not_ready. Once it is ready the result does
  // not change any more.
  boost::system::error_code status() const
  {
    return this->shared().read(
        [](const state_type& state)
        {
          return state.is_set() ? state.error()
                                : make_error_code(error::not_ready);
        });
  }

  // Throws unless the result is ready and a success.
  void check() const
  {
    const boost::system::error_code ec = status();
    if (!ec)
      return;
    if (const std::exception_ptr failure = exception())
      std::rethrow_exception(failure);
    this->throw_if(ec, "get");
  }

  /// @endcond

private:
  static std::string describe(const state_type& state)
  {
    return description("async_result")
        .word(!state.is_set() ? "unset"
              : state.error() ? "error"
                              : "set")
        .count_if_any("waiters", state.waiters())
        .str();
  }
};

} // namespace detail

/// A value, an error or an exception that any number of operations wait for.
/**
 * When several operations need the outcome of one, the first starts it and
 * all wait for the same result. Unlike a future it has any number of
 * readers, each with its own deadline, and each gets a copy.
 *
 * | State | async_get() | any way to set it | get() |
 * | ----- | ----------- | ----------------- | ----- |
 * | unset | waits | wakes all, becomes ready | @c not_ready |
 * | ready, with a value | succeeds at once | @c already_set | a copy |
 * | ready, with an error | fails at once | @c already_set | the error |
 * | with an exception | @c failed at once | @c already_set | throws it |
 *
 * @tparam T The type of the value: copy-constructible.
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 *
 * @par Fairness
 * Readers are woken in the order in which they began.
 *
 * @par Memory Ordering
 * Whoever got the result sees what was written before it was set.
 *
 * @par Thread Safety
 * @e Distinct @e objects: Safe. @n
 * @e Shared @e objects: Safe with thread_safe, unsafe with strand_bound.
 *
 * @par Destruction and Shutdown
 * Destroying a result, or assigning to it, ends its waits with
 * @c operation_aborted, posted. That is linear in the waits; cancellation
 * signals of other threads wait for all of it. Destroying the context
 * destroys the handlers un-invoked.
 *
 * @par Example
 * For example:
 * @code
 * toro::async_result<int> answer(executor);
 * asio::post(executor, [&] { answer.set(42); });
 * int value = co_await answer.async_get(asio::use_awaitable);
 * assert(value == 42);
 * @endcode
 *
 * @sa event
 */
template <class T, class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class TORO_DETAIL_VISIBLE basic_async_result
  : public detail::result_base<T, Executor, Threading>
{
  static_assert(std::is_object_v<T> && !std::is_const_v<T> &&
                    !std::is_array_v<T>,
                "the value of an async_result is an object");
  static_assert(
      std::copy_constructible<T>,
      "the value of an async_result is copied to each of its readers");

  using base = detail::result_base<T, Executor, Threading>;

public:
  /// The same primitive on another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_async_result<T, OtherExecutor, Threading>;
  };

  /// Constructs a result that is not set.
  /**
   * @param executor The executor of handlers that have none of their own.
   */
  explicit basic_async_result(const Executor& executor)
    : base(executor)
  {
  }

  /// Constructs a result that is not set, on a context's executor.
  /**
   * @param context The context, for example an @c io_context.
   */
  template <detail::execution_context_like Context>
  explicit basic_async_result(Context& context)
    : basic_async_result(Executor(context.get_executor()))
  {
  }

  /// Moves a result together with its waits.
  basic_async_result(basic_async_result&&) noexcept = default;
  /// Moves a result with its waits, and ends those of this one.
  /**
   * @returns This result.
   */
  basic_async_result& operator=(basic_async_result&&) noexcept = default;

  /// Moves a result from another type of executor.
  /**
   * @param other The result to move from.
   */
  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_async_result(basic_async_result<T, OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  /// Set the value and wake all readers.
  /**
   * Their handlers will not be invoked from within this function. On a strand,
   * or with strand_bound, one turn of the executor calls up to 64 of them: a
   * @c run_one() calls them all, and @c stop() in one of them does not hold
   * back the rest.
   *
   * @param value What the readers get a copy of.
   *
   * @param ec Set to toro::error::already_set, with nothing changed, where the
   * result is ready.
   *
   * @returns How many readers this woke. Zero with an error.
   *
   * @throws What an allocation or the value's move throws, with nothing
   * changed. What an executor throws that a completion is handed to; the result
   * is set then.
   *
   * @par Complexity and Thread Safety
   * Linear in the number of waits. The lock is held for 64 of them at a time,
   * so that other threads do not wait for all; as the class.
   */
  std::size_t set(T value, boost::system::error_code& ec)
  {
    auto kept = std::make_unique<const T>(std::move(value));
    return this->update(
        [&](detail::result_state<T>& state)
        {
          return state.set_value(kept);
        },
        error::already_set, ec);
  }

  /// @copybrief set(T, boost::system::error_code&)
  /**
   * @param value What the readers get a copy of.
   *
   * @returns How many readers this woke.
   *
   * @throws boost::system::system_error With toro::error::already_set, where
   * the overload above sets it. Else what that one throws.
   */
  std::size_t set(T value)
  {
    boost::system::error_code ec;
    const std::size_t woken = set(std::move(value), ec);
    this->throw_if(ec, "set");
    return woken;
  }

  /// Get a copy of the value, which must be there.
  /**
   * @param ec Set to toro::error::not_ready where the result is not set, to
   * the error that was set, or to toro::error::failed for an exception.
   *
   * @returns The value, or nothing where @p ec is set.
   *
   * @throws What the copy throws.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  std::optional<T> get(boost::system::error_code& ec) const
  {
    ec = this->status();
    if (ec)
      return std::nullopt;
    return this->shared().settled().value();
  }

  /// @copybrief get(boost::system::error_code&) const
  /**
   * @returns The value.
   *
   * @throws boost::system::system_error With what the overload above sets. If
   * an exception was set, that one is thrown instead.
   */
  T get() const
  {
    this->check();
    return this->shared().settled().value();
  }

  /// Get a copy of the value if it is there.
  /**
   * @returns The value, or nothing where the result is not set.
   *
   * @throws boost::system::system_error With the error that was set. If an
   * exception was set, that one is thrown instead.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  [[nodiscard]] std::optional<T> try_get() const
  {
    if (!this->ready())
      return std::nullopt;
    return get();
  }

  /// Describes a result: what it is, and how many wait.
  /**
   * @param x The result.
   *
   * @returns For example @c "<async_result unset waiters[2]>".
   */
  [[nodiscard]] friend std::string to_string(const basic_async_result& x)
  {
    return x.shared().describe();
  }
};

/// Success, an error or an exception that any number of operations wait for.
/**
 * As basic_async_result with a value, without the value: states, fairness,
 * memory ordering, thread safety, and what happens in the end are the same.
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 *
 * @par Example
 * For example:
 * @code
 * toro::async_result<void> started(executor);
 * started.set_error(asio::error::connection_refused);
 * auto [ec] = co_await started.async_get(asio::as_tuple(asio::use_awaitable));
 * assert(ec == asio::error::connection_refused);
 * @endcode
 *
 * @sa event
 */
template <class Executor, class Threading>
class TORO_DETAIL_VISIBLE basic_async_result<void, Executor, Threading>
  : public detail::result_base<void, Executor, Threading>
{
  using base = detail::result_base<void, Executor, Threading>;

public:
  /// The same primitive on another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_async_result<void, OtherExecutor, Threading>;
  };

  /// Constructs a result that is not set.
  /**
   * @param executor The executor of handlers that have none of their own.
   */
  explicit basic_async_result(const Executor& executor)
    : base(executor)
  {
  }

  /// Constructs a result that is not set, on a context's executor.
  /**
   * @param context The context, for example an @c io_context.
   */
  template <detail::execution_context_like Context>
  explicit basic_async_result(Context& context)
    : basic_async_result(Executor(context.get_executor()))
  {
  }

  /// Moves a result together with its waits.
  basic_async_result(basic_async_result&&) noexcept = default;
  /// Moves a result with its waits, and ends those of this one.
  /**
   * @returns This result.
   */
  basic_async_result& operator=(basic_async_result&&) noexcept = default;

  /// Moves a result from another type of executor.
  /**
   * @param other The result to move from.
   */
  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_async_result(basic_async_result<void, OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  /// Set success and wake all readers.
  /**
   * Their handlers will not be invoked from within this function. On a strand,
   * or with strand_bound, one turn of the executor calls up to 64 of them: a
   * @c run_one() calls them all, and @c stop() in one of them does not hold
   * back the rest.
   *
   * @param ec Set to toro::error::already_set, with nothing changed, where the
   * result is ready.
   *
   * @returns How many readers this woke. Zero with an error.
   *
   * @throws What an executor throws that a completion is handed to; the result
   * is set then.
   *
   * @par Complexity and Thread Safety
   * Linear in the number of waits. The lock is held for 64 of them at a time,
   * so that other threads do not wait for all; as the class.
   */
  std::size_t set(boost::system::error_code& ec)
  {
    return this->update(
        [](detail::result_state<void>& state)
        {
          return state.set();
        },
        error::already_set, ec);
  }

  /// @copybrief set(boost::system::error_code&)
  /**
   * @returns How many readers this woke.
   *
   * @throws boost::system::system_error With toro::error::already_set, where
   * the overload above sets it. Else what that one throws.
   */
  std::size_t set()
  {
    boost::system::error_code ec;
    const std::size_t woken = set(ec);
    this->throw_if(ec, "set");
    return woken;
  }

  /// Ask how it ended, which must be known.
  /**
   * @param ec Set to toro::error::not_ready where the result is not set, to
   * the error that was set, or to toro::error::failed for an exception.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  void get(boost::system::error_code& ec) const
  {
    ec = this->status();
  }

  /// @copybrief get(boost::system::error_code&) const
  /**
   * @throws boost::system::system_error With what the overload above sets. If
   * an exception was set, that one is thrown instead.
   */
  void get() const
  {
    this->check();
  }

  /// Ask whether it ended with success.
  /**
   * @returns False where the result is not set.
   *
   * @throws boost::system::system_error With the error that was set. If an
   * exception was set, that one is thrown instead.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  [[nodiscard]] bool try_get() const
  {
    if (!this->ready())
      return false;
    get();
    return true;
  }

  /// Describes a result: what it is, and how many wait.
  /**
   * @param x The result.
   *
   * @returns For example @c "<async_result unset waiters[2]>".
   */
  [[nodiscard]] friend std::string to_string(const basic_async_result& x)
  {
    return x.shared().describe();
  }
};

/// The result on any executor, safe to share between threads.
template <class T>
using async_result = basic_async_result<T>;

} // namespace toro

#endif // TORO_ASYNC_RESULT_HPP
