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

TORO_DETAIL_SEPARATE_CORE(result_state<void>)

// The value that the handler of a reader gets.
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
    const auto& state = core->unguarded();
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

/// The members that results with and without a value share.
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
   * @returns True after set(), set_error() or set_exception(). A result that is
   * ready stays ready.
   *
   * @toro_constant
   */
  [[nodiscard]] bool ready() const noexcept
  {
    return this->get_core().read(
        [](const state_type& state)
        {
          return state.is_set();
        });
  }

  /// Set an error as the result and wake all readers.
  /**
   * Their handlers will not be invoked from within this function. @toro_batches
   *
   * @param failure The error that the readers receive. Range: any error.
   *
   * @param ec Set to toro::error::already_set if the result is ready; nothing
   * changes then.
   *
   * @returns The number of readers that this woke. Zero on an error.
   *
   * @throws std::invalid_argument If @p failure is not an error; nothing
   * changes then. Also any exception thrown while posting a completion; the
   * result is set regardless.
   *
   * @toro_linear_in_batches{waits}
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
   * @param failure The error that the readers receive. Range: any error.
   *
   * @returns The number of readers that this woke.
   *
   * @throws boost::system::system_error With toro::error::already_set if the
   * overload above would set it. Also any exception that the overload above
   * throws.
   *
   * @toro_linear_in_batches{waits}
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
   * Readers receive toro::error::failed. exception() returns the exception, and
   * get() throws it. All readers share one exception object. Their handlers
   * will not be invoked from within this function. @toro_batches
   *
   * @param failure The exception. Range: not null.
   *
   * @param ec Set to toro::error::already_set if the result is ready; nothing
   * changes then.
   *
   * @returns The number of readers that this woke. Zero on an error.
   *
   * @throws std::invalid_argument If @p failure is null; nothing changes then.
   * Also any exception thrown while posting a completion; the result is set
   * regardless.
   *
   * @toro_linear_in_batches{waits}
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
   * @returns The number of readers that this woke.
   *
   * @throws boost::system::system_error With toro::error::already_set if the
   * overload above would set it. Also any exception that the overload above
   * throws.
   *
   * @toro_linear_in_batches{waits}
   */
  std::size_t set_exception(std::exception_ptr failure)
  {
    boost::system::error_code ec;
    const std::size_t woken = set_exception(std::move(failure), ec);
    this->throw_if(ec, "set_exception");
    return woken;
  }

  /// Gives the exception that was set, if any.
  /**
   * @returns The exception that was passed to set_exception(). Null if the
   * result is not ready, or if it has a value or an error. An error that was
   * passed to set_error() is stored as a code; only get() and try_get() turn it
   * into an exception.
   *
   * @toro_constant
   */
  [[nodiscard]] std::exception_ptr exception() const noexcept
  {
    return ready() ? this->get_core().unguarded().exception()
                   : std::exception_ptr();
  }

  /// Start an asynchronous wait for the result.
  /**
   * Completes immediately if the result is ready. Each reader receives its own
   * copy of the value, made right before its handler is called and not under
   * the lock. If a copy or a move throws, the exception leaves through @c run()
   * and the handler is destroyed.
   *
   * @param token The completion token that produces the completion handler.
   *
   * @returns The value that the completion token determines.
   *
   * @par Completion Signature
   * The handler is called with:
   * @code void(boost::system::error_code, T) @endcode
   *
   * @par Errors
   * The error code is one of:
   * @li @c boost::asio::error::timed_out The deadline passed.
   * @li @c boost::asio::error::operation_aborted The wait was cancelled by its
   * slot or by cancel(), or the result was destroyed or assigned to.
   * @li @c toro::error::failed The result was set to an exception, which
   * exception() returns.
   * @li The error that was passed to set_error(). With any error the value is a
   * default-constructed @p T or an empty @c std::optional<T>.
   *
   * @toro_executor{a function that sets the result}
   *
   * @toro_cancellation
   * The result does not change, and other readers still receive it.
   *
   * @toro_thread_safety
   * @toro_async_constant
   * @toro_exception_safety
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
   * @param limit When the wait expires.
   * @toro_expires_unless{the result is ready}
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

  // The error of the result, or not_ready. A result that is ready does not
  // change any more.
  boost::system::error_code status() const
  {
    return this->get_core().read(
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
 * Use it if several coroutines need the same outcome: the first one starts the
 * work, and all of them wait for one result. Unlike a future, a result has any
 * number of readers. Each reader has its own deadline and receives its own
 * copy.
 *
 * | State | async_get() | any way to set it | get() |
 * | ----- | ----------- | ----------------- | ----- |
 * | unset | waits | wakes all, becomes ready | @c not_ready |
 * | ready, a value | succeeds immediately | @c already_set | a copy |
 * | ready, an error | fails immediately | @c already_set | the error |
 * | ready, an exception | @c failed immediately | @c already_set | throws it |
 *
 * @tparam T The type of the value: copy-constructible.
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 *
 * @par Fairness
 * Readers are woken in the order in which they started.
 *
 * @par Memory Ordering
 * A reader that receives the result sees everything that was written before it
 * was set.
 *
 * @toro_class_thread_safety
 *
 * @toro_destruction{a result}
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
  /// The same primitive with another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_async_result<T, OtherExecutor, Threading>;
  };

  /// Constructs a result that is not ready.
  /**
   * @param executor The executor for handlers that have no associated executor.
   */
  explicit basic_async_result(const Executor& executor)
    : base(executor)
  {
  }

  /// Constructs a result that is not ready, on the executor of a context.
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
  /// Cancels the waits of this result, then moves another one in.
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
   * Their handlers will not be invoked from within this function. @toro_batches
   *
   * @param value The value, of which each reader receives a copy.
   *
   * @param ec Set to toro::error::already_set if the result is ready; nothing
   * changes then.
   *
   * @returns The number of readers that this woke. Zero on an error.
   *
   * @throws Any exception from an allocation or the value's move; nothing
   * changes then. Also any exception thrown while posting a completion; the
   * result is set regardless.
   *
   * @toro_linear_in_batches{waits}
   */
  std::size_t set(T value, boost::system::error_code& ec)
  {
    auto kept = std::make_unique<detail::result_node<T>>(std::move(value));
    return this->update(
        [&](detail::result_state<T>& state)
        {
          return state.set_value(kept);
        },
        error::already_set, ec);
  }

  /// @copybrief set(T, boost::system::error_code&)
  /**
   * @param value The value, of which each reader receives a copy.
   *
   * @returns The number of readers that this woke.
   *
   * @throws boost::system::system_error With toro::error::already_set if the
   * overload above would set it. Also any exception that the overload above
   * throws.
   *
   * @toro_linear_in_batches{waits}
   */
  std::size_t set(T value)
  {
    boost::system::error_code ec;
    const std::size_t woken = set(std::move(value), ec);
    this->throw_if(ec, "set");
    return woken;
  }

  /// Get a copy of the value of a result that is ready.
  /**
   * @param ec Set to toro::error::not_ready if the result is not ready, to
   * toro::error::failed if it is an exception, or to the error that was set.
   *
   * @returns The value, or nothing if @p ec is set.
   *
   * @throws Any exception from the copy.
   *
   * @toro_constant
   */
  std::optional<T> get(boost::system::error_code& ec) const
  {
    ec = this->status();
    if (ec)
      return std::nullopt;
    return this->get_core().unguarded().value();
  }

  /// @copybrief get(boost::system::error_code&) const
  /**
   * @returns The value.
   *
   * @throws boost::system::system_error With the error that the overload above
   * would set. If the result is an exception, that exception is thrown instead.
   *
   * @toro_constant
   */
  T get() const
  {
    this->check();
    return this->get_core().unguarded().value();
  }

  /// Get a copy of the value if the result is ready.
  /**
   * @returns The value, or nothing if the result is not ready.
   *
   * @throws boost::system::system_error With the error that was set. If the
   * result is an exception, that exception is thrown instead.
   *
   * @toro_constant
   */
  [[nodiscard]] std::optional<T> try_get() const
  {
    if (!this->ready())
      return std::nullopt;
    return get();
  }

  /// Describes a result: its state and the number of waiters.
  /**
   * @param x The result.
   *
   * @returns For example @c "<async_result unset waiters[2]>".
   */
  [[nodiscard]] friend std::string to_string(const basic_async_result& x)
  {
    return x.get_core().describe();
  }
};

/// Success, an error or an exception that any number of operations wait for.
/**
 * A basic_async_result without a value. States, fairness, memory ordering,
 * thread safety, destruction and shutdown are as with a value.
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
  /// The same primitive with another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_async_result<void, OtherExecutor, Threading>;
  };

  /// Constructs a result that is not ready.
  /**
   * @param executor The executor for handlers that have no associated executor.
   */
  explicit basic_async_result(const Executor& executor)
    : base(executor)
  {
  }

  /// Constructs a result that is not ready, on the executor of a context.
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
  /// Cancels the waits of this result, then moves another one in.
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

  /// Set the result to success and wake all readers.
  /**
   * Their handlers will not be invoked from within this function. @toro_batches
   *
   * @param ec Set to toro::error::already_set if the result is ready; nothing
   * changes then.
   *
   * @returns The number of readers that this woke. Zero on an error.
   *
   * @throws Any exception thrown while posting a completion; the result is set
   * regardless.
   *
   * @toro_linear_in_batches{waits}
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
   * @returns The number of readers that this woke.
   *
   * @throws boost::system::system_error With toro::error::already_set if the
   * overload above would set it. Also any exception that the overload above
   * throws.
   *
   * @toro_linear_in_batches{waits}
   */
  std::size_t set()
  {
    boost::system::error_code ec;
    const std::size_t woken = set(ec);
    this->throw_if(ec, "set");
    return woken;
  }

  /// Get the outcome of a result that is ready.
  /**
   * @param ec Set to toro::error::not_ready if the result is not ready, to
   * toro::error::failed if it is an exception, or to the error that was set.
   *
   * @toro_constant
   */
  void get(boost::system::error_code& ec) const noexcept
  {
    ec = this->status();
  }

  /// @copybrief get(boost::system::error_code&) const
  /**
   * @throws boost::system::system_error With the error that the overload above
   * would set. If the result is an exception, that exception is thrown instead.
   *
   * @toro_constant
   */
  void get() const
  {
    this->check();
  }

  /// Tell whether the result is ready and a success.
  /**
   * @returns True on success. False if the result is not ready.
   *
   * @throws boost::system::system_error With the error that was set. If the
   * result is an exception, that exception is thrown instead.
   *
   * @toro_constant
   */
  [[nodiscard]] bool try_get() const
  {
    if (!this->ready())
      return false;
    get();
    return true;
  }

  /// Describes a result: its state and the number of waiters.
  /**
   * @param x The result.
   *
   * @returns For example @c "<async_result unset waiters[2]>".
   */
  [[nodiscard]] friend std::string to_string(const basic_async_result& x)
  {
    return x.get_core().describe();
  }
};

/// The result on any executor, safe to share between threads.
template <class T>
using async_result = basic_async_result<T>;

} // namespace toro

#endif // TORO_ASYNC_RESULT_HPP
