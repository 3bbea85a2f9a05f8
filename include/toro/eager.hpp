// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_EAGER_HPP
#define TORO_EAGER_HPP

#include <toro/detail/compat.hpp>
#include <toro/detail/config.hpp>
#include <toro/detail/object/initiation.hpp>
#include <toro/detail/operation/completion.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <boost/throw_exception.hpp>

#include <exception>
#include <type_traits>
#include <utility>

#if defined(TORO_DETAIL_HAS_CO_AWAIT)

namespace toro {

/// A completion token that suspends only if the operation must wait.
/**
 * With @c use_awaitable every operation suspends its coroutine and is posted,
 * even if it could complete immediately. With this token, an operation that
 * need not wait returns as a function does:
 *
 * @code
 * auto guard = co_await mutex.async_acquire(toro::eager);
 * auto item = co_await items.async_get(1s, toro::eager);
 * @endcode
 *
 * An operation that has to wait behaves as with @c use_awaitable. In both cases
 * the coroutine receives what it receives with @c use_awaitable: the value, or
 * an exception with the error code. The attempt is made by @c co_await, not
 * before.
 *
 * Its limits:
 * @li A loop whose operations all complete immediately never yields: nothing
 * else on its executor runs until an operation waits. A loop that may be long
 * has to yield explicitly, with
 * <tt>co_await asio::post(asio::use_awaitable)</tt>.
 * @li An attempt that succeeded is final: no later cancellation can revoke it.
 * With @c || or @c &&, a permit or an item from such an attempt would be lost
 * if the other operand failed or completed first. So the return type has
 * neither operator. Wrapping the operation in another coroutine defeats this
 * protection.
 * @li Behind an adapter, such as <tt>as_tuple(toro::eager)</tt>, the operation
 * is not tried first: it waits as with @c use_awaitable.
 *
 * @tparam Executor The executor of the coroutine.
 *
 * @par Thread Safety
 * The attempt calls the primitive from the coroutine, as try_acquire() does.
 *
 * @par Complexity
 * No allocation except the coroutine's frame, which Asio recycles.
 */
template <class Executor = boost::asio::any_io_executor>
struct TORO_DETAIL_VISIBLE eager_t
{
  /// Constructs the token.
  constexpr eager_t() = default;

  /// An executor whose default token is this one.
  template <class InnerExecutor>
  struct executor_with_default : InnerExecutor
  {
    /// The default token.
    using default_completion_token_type = eager_t;

    /// Constructs the executor from the one it adapts.
    /**
     * @param ex The executor.
     */
    template <class OtherExecutor>
    requires(!std::is_same_v<OtherExecutor, executor_with_default> &&
             std::is_convertible_v<const OtherExecutor&, InnerExecutor>)
        executor_with_default(const OtherExecutor& ex)
    noexcept
      : InnerExecutor(ex)
    {
    }
  };

  /// A primitive whose default token is this one.
  template <class T>
  using as_default_on_t = typename T::template rebind_executor<
      executor_with_default<typename T::executor_type>>::other;
};

/// The eager token for coroutines on any executor.
inline constexpr eager_t<> eager;

/// The return type of an operation with the eager token, for @c co_await.
/**
 * @tparam T The type of the value.
 *
 * @tparam Executor The executor of the coroutine.
 */
template <class T, class Executor = boost::asio::any_io_executor>
class [[nodiscard]] TORO_DETAIL_VISIBLE eager_awaitable
  : public boost::asio::awaitable<T, Executor>
{
public:
  /// @cond
  explicit eager_awaitable(boost::asio::awaitable<T, Executor>&& other)
    : boost::asio::awaitable<T, Executor>(std::move(other))
  {
  }

  template <class Other>
  friend void operator||(eager_awaitable, Other&&) = delete;
  template <class Other>
  friend void operator||(Other&&, eager_awaitable) = delete;
  template <class Other>
  friend void operator&&(eager_awaitable, Other&&) = delete;
  template <class Other>
  friend void operator&&(Other&&, eager_awaitable) = delete;
  /// @endcond
};

namespace detail {

// Whether an initiation is one of this library's, which can be tried first.
template <class Initiation, class... Args>
inline constexpr bool is_triable = false;

template <class Core, class Executor, class Request, class... Limit>
inline constexpr bool
    is_triable<initiation<Core, Executor>, Request, Limit...> = true;

// Tries the operation first, and waits if that fails.
template <class T, class Executor, class Signature, class Initiation,
          class Request, class... Limit>
boost::asio::awaitable<T, Executor> try_then_wait(Initiation initiation,
                                                  Request what, Limit... limit)
{
  auto request = initiation.prepare(std::move(what));
  if (const auto how = initiation.try_now(request))
  {
    auto done = std::move(initiation).complete(request, *how);
    if constexpr (requires { done.failure; })
    {
      if (done.failure)
        std::rethrow_exception(std::move(done.failure));
    }
    else if (done.ec)
    {
      boost::throw_exception(boost::system::system_error(done.ec));
    }
    if constexpr (std::is_void_v<T>)
      co_return;
    else
      co_return done.take();
  }
  co_return co_await boost::asio::async_initiate<const boost::asio::deferred_t&,
                                                 Signature>(
      std::move(initiation), boost::asio::deferred_t(), std::move(request),
      std::move(limit)...);
}

} // namespace detail

} // namespace toro

namespace boost::asio {

/// @cond
template <class Executor, class R, class... Args>
class async_result<toro::eager_t<Executor>, R(Args...)>
{
  using waiting = async_result<use_awaitable_t<Executor>, R(Args...)>;
  using value_type = typename waiting::return_type::value_type;

public:
  using return_type = toro::eager_awaitable<value_type, Executor>;

  template <class Initiation, class... InitArgs>
  static return_type initiate(Initiation initiation, toro::eager_t<Executor>,
                              InitArgs... args)
  {
    if constexpr (toro::detail::is_triable<Initiation, InitArgs...>)
      return return_type(
          toro::detail::try_then_wait<value_type, Executor, R(Args...)>(
              std::move(initiation), std::move(args)...));
    else
      return return_type(waiting::initiate(std::move(initiation),
                                           use_awaitable_t<Executor>(),
                                           std::move(args)...));
  }
};
/// @endcond

} // namespace boost::asio

#endif // TORO_DETAIL_HAS_CO_AWAIT

#endif // TORO_EAGER_HPP
