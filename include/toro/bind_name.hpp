// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_BIND_NAME_HPP
#define TORO_BIND_NAME_HPP

#include <toro/detail/associated_name.hpp>
#include <toro/detail/config.hpp>
#include <toro/detail/object/token_adapter.hpp>

#include <boost/asio/associator.hpp>
#include <boost/asio/async_result.hpp>

#include <concepts>
#include <string_view>
#include <type_traits>
#include <utility>

namespace toro {

/// A completion token or handler with a name, as bind_name() returns it.
/**
 * @tparam Name The type of the name.
 *
 * @tparam T The type of the token or handler.
 *
 * @par Thread Safety
 * @e Distinct @e objects: Safe. @n
 * @e Shared @e objects: Unsafe.
 */
template <class Name, class T>
class TORO_DETAIL_VISIBLE name_binder
{
public:
  /// The type of the token or handler inside.
  using target_type = T;

  /// Constructs a token or handler with a name.
  /**
   * @param name The name.
   *
   * @param target The token or handler.
   */
  template <class OtherName, class OtherT>
  name_binder(OtherName&& name, OtherT&& target)
    : name_(std::forward<OtherName>(name)),
      target_(std::forward<OtherT>(target))
  {
  }

  /// Gives the name.
  /**
   * @returns A reference.
   */
  const Name& name() const& noexcept
  {
    return name_;
  }

  /// @copydoc name()
  Name&& name() && noexcept
  {
    return std::move(name_);
  }

  /// Gives the token or handler inside.
  /**
   * @returns A reference.
   */
  T& get() noexcept
  {
    return target_;
  }

  /// @copydoc get()
  const T& get() const noexcept
  {
    return target_;
  }

  /// Calls the handler inside.
  /**
   * @param args Its arguments.
   *
   * @returns The result of the handler.
   */
  template <class... Args>
  requires std::invocable<T&, Args...>
  decltype(auto) operator()(Args&&... args) &
  {
    return target_(std::forward<Args>(args)...);
  }

  /// @copydoc operator()()
  template <class... Args>
  requires std::invocable<const T&, Args...>
  decltype(auto) operator()(Args&&... args) const&
  {
    return target_(std::forward<Args>(args)...);
  }

  /// @copydoc operator()()
  template <class... Args>
  requires std::invocable<T, Args...>
  decltype(auto) operator()(Args&&... args) &&
  {
    return std::move(target_)(std::forward<Args>(args)...);
  }

private:
  Name name_;
  T target_;
};

/// Give an operation a name for dump().
/**
 * dump() shows the wait with this name, and also the guard that the operation
 * returns:
 *
 * @code
 * auto guard = co_await mutex.async_acquire(
 *     toro::bind_name("session 7", asio::use_awaitable));
 * @endcode
 *
 * The name has no effect on operations of other libraries. With toro::eager
 * inside, the operation is not tried first: it waits as with @c use_awaitable.
 *
 * @param name The name: a @c std::string, which is kept, or a pointer or view
 * whose text must stay valid until the handler is called.
 *
 * @param token The completion token or handler that receives the name.
 *
 * @returns The token with the name.
 *
 * @par Complexity and Thread Safety
 * The cost of moving both; safe.
 *
 * @sa enable_diagnostics, dump
 */
template <class Name, class CompletionToken>
requires std::convertible_to<
    std::add_lvalue_reference_t<const std::decay_t<Name>>, std::string_view>
[[nodiscard]] name_binder<std::decay_t<Name>, std::decay_t<CompletionToken>>
bind_name(Name&& name, CompletionToken&& token)
{
  return {std::forward<Name>(name), std::forward<CompletionToken>(token)};
}

/// @cond
template <class Name, class T, class Default>
struct associated_name<name_binder<Name, T>, Default>
{
  using type = std::string_view;

  static type get(const name_binder<Name, T>& binder) noexcept
  {
    return type(binder.name());
  }

  static type get(const name_binder<Name, T>& binder, const Default&) noexcept
  {
    return get(binder);
  }
};
/// @endcond

namespace detail {

// Gives the name to the handler of an initiation. Has the executor of the inner
// initiation, if there is one.
template <class Initiation, class Name>
class naming_initiation : public executor_type_of<Initiation>
{
public:
  naming_initiation(Initiation initiation, Name name)
    : initiation_(std::move(initiation)),
      name_(std::move(name))
  {
  }

  auto get_executor() const noexcept requires has_executor_type<Initiation>
  {
    return initiation_.get_executor();
  }

  template <class Handler, class... Args>
  void operator()(Handler&& handler, Args&&... args) &&
  {
    std::move(initiation_)(
        name_binder<Name, std::decay_t<Handler>>(
            std::move(name_), std::forward<Handler>(handler)),
        std::forward<Args>(args)...);
  }

  template <class Handler, class... Args>
  void operator()(Handler&& handler, Args&&... args) const&
  {
    naming_initiation (*this)(std::forward<Handler>(handler),
                              std::forward<Args>(args)...);
  }

private:
  Initiation initiation_;
  Name name_;
};

template <class Result, class Name>
struct handler_type_of
{
};

template <class Result, class Name>
requires requires
{
  typename Result::completion_handler_type;
}
struct handler_type_of<Result, Name>
{
  using completion_handler_type =
      name_binder<Name, typename Result::completion_handler_type>;
};

} // namespace detail

} // namespace toro

namespace boost::asio {

/// @cond
template <class Name, class T, class... Signatures>
class async_result<toro::name_binder<Name, T>, Signatures...>
  : public toro::detail::return_type_of<async_result<T, Signatures...>>,
    public toro::detail::handler_type_of<async_result<T, Signatures...>, Name>
{
  template <class Initiation>
  using naming =
      toro::detail::naming_initiation<std::decay_t<Initiation>, Name>;

  template <class Binder>
  using token = toro::detail::inner_token<Binder>;

public:
  explicit async_result(toro::name_binder<Name, T>& binder)
    : target_(binder.get())
  {
  }

  decltype(auto) get()
  {
    return target_.get();
  }

  template <class Initiation, class Binder, class... Args>
  static auto initiate(Initiation&& initiation, Binder&& binder, Args&&... args)
      -> decltype(async_initiate<token<Binder>, Signatures...>(
          std::declval<naming<Initiation>>(), binder.get(),
          std::forward<Args>(args)...))
  {
    naming<Initiation> named(std::forward<Initiation>(initiation),
                             std::forward<Binder>(binder).name());
    return async_initiate<token<Binder>, Signatures...>(
        std::move(named), binder.get(), std::forward<Args>(args)...);
  }

private:
  async_result<T, Signatures...> target_;
};

template <template <class, class> class Associator, class Name, class T,
          class Default>
struct associator<Associator, toro::name_binder<Name, T>, Default>
  : Associator<T, Default>
{
  static typename Associator<T, Default>::type
  get(const toro::name_binder<Name, T>& binder) noexcept
  {
    return Associator<T, Default>::get(binder.get());
  }

  static auto get(const toro::name_binder<Name, T>& binder,
                  const Default& fallback) noexcept
      -> decltype(Associator<T, Default>::get(binder.get(), fallback))
  {
    return Associator<T, Default>::get(binder.get(), fallback);
  }
};
/// @endcond

} // namespace boost::asio

#endif // TORO_BIND_NAME_HPP
