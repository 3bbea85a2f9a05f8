// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OBJECT_CANCELLATION_ADAPTER_HPP
#define TORO_DETAIL_OBJECT_CANCELLATION_ADAPTER_HPP

#include <toro/detail/compat.hpp>
#include <toro/detail/object/cancellable.hpp>
#include <toro/detail/object/token_adapter.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/system_executor.hpp>

#include <type_traits>
#include <utility>

#if defined(__cpp_lib_jthread)
#include <stop_token>
#endif

namespace toro {

template <class Source, class T>
class cancellation_binder;

namespace detail {

// What a token is bound to. A source has members
//
//   node()          the node that reaches the operation; may be made for it
//   has_executor    whether there is an executor for operations without one
//   is_shut_down()  whether that executor is gone
//   executor()      that executor
//   emits_later     if there is such a member, signals are emitted later than
//                   within the call that cancels
template <class Source>
class cancellation_origin;

// The executor of an origin, as initiate_cancellable() asks for it.
template <class Origin>
struct origin_executor
{
  const Origin& origin;

  decltype(auto) operator()() const
  {
    return origin.executor();
  }
};

template <class Origin>
requires(Origin::emits_later) struct origin_executor<Origin>
{
  static constexpr bool emits_later = true;

  const Origin& origin;

  decltype(auto) operator()() const
  {
    return origin.executor();
  }
};

#if defined(__cpp_lib_jthread)
template <>
class cancellation_origin<std::stop_token>
{
public:
  static constexpr bool has_executor = false;

  explicit cancellation_origin(const std::stop_token& token) noexcept
    : token_(token)
  {
  }

  cancellation_node_pointer node() const
  {
    cancellation_node_pointer result = cancellation_node::make();
    result->follow(token_);
    return result;
  }

  static constexpr bool is_shut_down() noexcept
  {
    return false;
  }

  // Stands for the executor that the operation has.
  static boost::asio::system_executor executor() noexcept
  {
    return {};
  }

private:
  const std::stop_token& token_;
};
#endif

// Starts an operation that a source reaches. Has the executor of the inner
// initiation, if there is one.
template <class Initiation, class Source, bool IsCoroutine>
class cancellable_initiation : public executor_type_of<Initiation>
{
public:
  template <class OtherInitiation, class OtherSource>
  cancellable_initiation(OtherInitiation&& initiation, OtherSource&& source)
    : initiation_(std::forward<OtherInitiation>(initiation)),
      source_(std::forward<OtherSource>(source))
  {
  }

  auto get_executor() const noexcept requires has_executor_type<Initiation>
  {
    return initiation_.get_executor();
  }

  template <class Handler, class... Args>
  void operator()(Handler&& handler, Args&&... args) &&
  {
    using origin_type = cancellation_origin<Source>;
    static_assert(
        has_executor_type<Initiation> || origin_type::has_executor ||
            has_own_executor<std::decay_t<Handler>>,
        "bind_cancellation() with a stop_token requires that the handler or "
        "the operation has an executor, on which the cancellation is emitted");
    const origin_type origin(source_);
    if constexpr (!has_executor_type<Initiation>)
    {
      if (origin.is_shut_down())
      {
        [[maybe_unused]] const std::decay_t<Handler> gone(
            std::forward<Handler>(handler));
        return;
      }
    }
    detail::initiate_cancellable<IsCoroutine>(
        origin.node(), origin_executor<origin_type>{origin},
        std::move(initiation_), std::forward<Handler>(handler),
        std::forward<Args>(args)...);
  }

  template <class Handler, class... Args>
  void operator()(Handler&& handler, Args&&... args) const&
  {
    cancellable_initiation (*this)(std::forward<Handler>(handler),
                                   std::forward<Args>(args)...);
  }

private:
  Initiation initiation_;
  Source source_;
};

// An operation may be bound to several sources.
template <class Initiation, class Source, bool IsCoroutine, class Signature>
inline constexpr bool initiates_coroutine<
    cancellable_initiation<Initiation, Source, IsCoroutine>, Signature> =
    IsCoroutine;

// Implementation notes
//
// An adapter around a cancellation_binder binds something to the handler that
// the binder has made, where it cannot be seen: the executor on which to emit,
// the allocator, a slot that would take the place of that of the binder. Or it
// wraps the initiation and hides its executor (Boost before 1.87). So the
// adapter and the binder change places, which does not change what either of
// them does: bind_executor(e, bind_cancellation(s, t)) is initiated as
// bind_cancellation(s, bind_executor(e, t)).

// Whether a token is an adapter around a binder, and how both change places.
template <class Token>
struct carried_binder
{
  static constexpr bool is_adapter = false;
  static constexpr bool exists = false;
};

template <class Source, class T>
struct carried_binder<cancellation_binder<Source, T>>
{
  static constexpr bool is_adapter = false;
  static constexpr bool exists = true;

  static cancellation_binder<Source, T>
  lift(cancellation_binder<Source, T>&& binder)
  {
    return std::move(binder);
  }
};

// Applies an adapter to the token inside the binder.
template <class T, class Function>
auto lift_out_of(T&& inner, Function adapt)
{
  auto binder = carried_binder<T>::lift(std::move(inner));
  auto token = adapt(std::move(binder.get()));
  return cancellation_binder<std::decay_t<decltype(binder.source())>,
                             decltype(token)>(binder.source(),
                                              std::move(token));
}

template <class T>
struct carried_binder_inside
{
  static constexpr bool is_adapter = carried_binder<T>::exists;
  static constexpr bool exists = is_adapter;
};

template <class T, class Executor>
struct carried_binder<boost::asio::executor_binder<T, Executor>>
  : carried_binder_inside<T>
{
  static auto lift(boost::asio::executor_binder<T, Executor>&& adapter)
  {
    return detail::lift_out_of(std::move(adapter.get()),
                               [&](auto&& token)
                               {
                                 return boost::asio::bind_executor(
                                     adapter.get_executor(), std::move(token));
                               });
  }
};

template <class T, class Allocator>
struct carried_binder<boost::asio::allocator_binder<T, Allocator>>
  : carried_binder_inside<T>
{
  static auto lift(boost::asio::allocator_binder<T, Allocator>&& adapter)
  {
    return detail::lift_out_of(std::move(adapter.get()),
                               [&](auto&& token)
                               {
                                 return boost::asio::bind_allocator(
                                     adapter.get_allocator(), std::move(token));
                               });
  }
};

template <class T, class Slot>
struct carried_binder<boost::asio::cancellation_slot_binder<T, Slot>>
  : carried_binder_inside<T>
{
  static auto lift(boost::asio::cancellation_slot_binder<T, Slot>&& adapter)
  {
    return detail::lift_out_of(std::move(adapter.get()),
                               [&](auto&& token)
                               {
                                 return boost::asio::bind_cancellation_slot(
                                     adapter.get_cancellation_slot(),
                                     std::move(token));
                               });
  }
};

template <class T>
struct carried_binder<boost::asio::as_tuple_t<T>> : carried_binder_inside<T>
{
  static auto lift(boost::asio::as_tuple_t<T>&& adapter)
  {
    return detail::lift_out_of(std::move(adapter.token_),
                               [](auto&& token)
                               {
                                 return boost::asio::as_tuple(std::move(token));
                               });
  }
};

template <class T>
struct carried_binder<boost::asio::redirect_error_t<T>>
  : carried_binder_inside<T>
{
  static auto lift(boost::asio::redirect_error_t<T>&& adapter)
  {
    return detail::lift_out_of(std::move(adapter.token_),
                               [&](auto&& token)
                               {
                                 return boost::asio::redirect_error(
                                     std::move(token), adapter.ec_);
                               });
  }
};

#if defined(TORO_DETAIL_HAS_IMMEDIATE_EXECUTOR)
template <class T, class Executor>
struct carried_binder<boost::asio::immediate_executor_binder<T, Executor>>
  : carried_binder_inside<T>
{
  static auto
  lift(boost::asio::immediate_executor_binder<T, Executor>&& adapter)
  {
    return detail::lift_out_of(std::move(adapter.get()),
                               [&](auto&& token)
                               {
                                 return boost::asio::bind_immediate_executor(
                                     adapter.get_immediate_executor(),
                                     std::move(token));
                               });
  }
};
#endif

template <class Token>
concept binder_adapter = carried_binder<Token>::is_adapter;

template <class Token>
using lifted_binder =
    decltype(carried_binder<Token>::lift(std::declval<Token>()));

// How an adapter around a binder initiates.
template <class Token, class... Signatures>
class lifted_result
  : public return_type_of<
        boost::asio::async_result<lifted_binder<Token>, Signatures...>>
{
  using token_type = lifted_binder<Token>;

public:
  template <class Initiation, class Adapter, class... Args>
  static auto initiate(Initiation&& initiation, Adapter&& adapter,
                       Args&&... args)
      -> decltype(boost::asio::async_initiate<token_type, Signatures...>(
          std::forward<Initiation>(initiation), std::declval<token_type&>(),
          std::forward<Args>(args)...))
  {
    token_type token =
        carried_binder<Token>::lift(Token(std::forward<Adapter>(adapter)));
    return boost::asio::async_initiate<token_type, Signatures...>(
        std::forward<Initiation>(initiation), token,
        std::forward<Args>(args)...);
  }
};

} // namespace detail

} // namespace toro

namespace boost::asio {

/// @cond
template <class Source, class T, class... Signatures>
class async_result<toro::cancellation_binder<Source, T>, Signatures...>
  : public toro::detail::return_type_of<async_result<T, Signatures...>>
{
  template <class Initiation>
  using cancellable = toro::detail::cancellable_initiation<
      std::decay_t<Initiation>, Source,
      toro::detail::initiates_coroutine<std::decay_t<Initiation>,
                                        Signatures...>>;

  template <class Binder>
  using token = toro::detail::inner_token<Binder>;

public:
  template <class Initiation, class Binder, class... Args>
  static auto initiate(Initiation&& initiation, Binder&& binder, Args&&... args)
      -> decltype(async_initiate<token<Binder>, Signatures...>(
          std::declval<cancellable<Initiation>>(), binder.get(),
          std::forward<Args>(args)...))
  {
    cancellable<Initiation> bound(std::forward<Initiation>(initiation),
                                  std::forward<Binder>(binder).source());
    return async_initiate<token<Binder>, Signatures...>(
        std::move(bound), binder.get(), std::forward<Args>(args)...);
  }
};

template <class T, class Executor, class Signature>
requires toro::detail::binder_adapter<executor_binder<T, Executor>>
class async_result<executor_binder<T, Executor>, Signature>
  : public toro::detail::lifted_result<executor_binder<T, Executor>, Signature>
{
};

template <class T, class Allocator, class Signature>
requires toro::detail::binder_adapter<allocator_binder<T, Allocator>>
class async_result<allocator_binder<T, Allocator>, Signature>
  : public toro::detail::lifted_result<allocator_binder<T, Allocator>,
                                       Signature>
{
};

template <class T, class Slot, class Signature>
requires toro::detail::binder_adapter<cancellation_slot_binder<T, Slot>>
class async_result<cancellation_slot_binder<T, Slot>, Signature>
  : public toro::detail::lifted_result<cancellation_slot_binder<T, Slot>,
                                       Signature>
{
};

template <class T, class Signature>
requires toro::detail::binder_adapter<redirect_error_t<T>>
struct async_result<redirect_error_t<T>, Signature>
  : toro::detail::lifted_result<redirect_error_t<T>, Signature>
{
};

template <class T, class... Signatures>
requires toro::detail::binder_adapter<as_tuple_t<T>>
struct async_result<as_tuple_t<T>, Signatures...>
  : toro::detail::lifted_result<as_tuple_t<T>, Signatures...>
{
};

// Newer versions of Asio have a specialization for one signature as well.
template <class T, class Signature>
requires toro::detail::binder_adapter<as_tuple_t<T>>
struct async_result<as_tuple_t<T>, Signature>
  : toro::detail::lifted_result<as_tuple_t<T>, Signature>
{
};

#if defined(TORO_DETAIL_HAS_IMMEDIATE_EXECUTOR)
template <class T, class Executor, class Signature>
requires toro::detail::binder_adapter<immediate_executor_binder<T, Executor>>
class async_result<immediate_executor_binder<T, Executor>, Signature>
  : public toro::detail::lifted_result<immediate_executor_binder<T, Executor>,
                                       Signature>
{
};
#endif
/// @endcond

} // namespace boost::asio

#endif // TORO_DETAIL_OBJECT_CANCELLATION_ADAPTER_HPP
