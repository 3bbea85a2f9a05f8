// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_FIRST_OF_HPP
#define TORO_FIRST_OF_HPP

#include <toro/detail/object/first_of_op.hpp>

#include <boost/asio/async_result.hpp>

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace toro {

namespace detail {

template <class... Results>
struct first_of_signature;

template <class... Results>
struct first_of_signature<std::tuple<Results...>>
{
  using type = void(std::size_t, Results...);
};

template <class... Ops>
using first_of_signature_t =
    typename first_of_signature<decltype(std::tuple_cat(
        std::declval<typename operand_of<Ops>::results_type>()...))>::type;

struct first_of_initiation
{
  template <class Handler, class... Ops>
  void operator()(Handler&& handler, Ops... operands) const
  {
    using op_type = first_of_op<std::decay_t<Handler>, operand_of<Ops>...>;
    std::decay_t<Handler> own(std::forward<Handler>(handler));
    op_type::start(std::move(own), operands...);
  }
};

// Splits the arguments of async_first_of() into the operands and the token,
// which is the last one.
template <class... Args, std::size_t... I>
auto start_first_of(std::index_sequence<I...>, std::tuple<Args...> args)
{
  using arguments = std::tuple<Args...>;
  static_assert(
      (async_operation<std::decay_t<std::tuple_element_t<I, arguments>>> &&
       ...),
      "the operands of async_first_of are deferred operations, such as "
      "q.async_get(asio::deferred); the completion token is the last argument");
  using token_type = std::tuple_element_t<sizeof...(I), arguments>;
  using signature =
      first_of_signature_t<std::decay_t<std::tuple_element_t<I, arguments>>...>;
  auto&& token = std::get<sizeof...(I)>(args);
  return boost::asio::async_initiate<token_type, signature>(
      first_of_initiation(), token, std::get<I>(std::move(args))...);
}

} // namespace detail

template <class... OperationsAndToken>
auto async_first_of(OperationsAndToken&&... operations_and_token)
{
  static_assert(sizeof...(OperationsAndToken) > 1,
                "async_first_of needs at least one operation, and a completion "
                "token behind it");
  return detail::start_first_of(
      std::make_index_sequence<sizeof...(OperationsAndToken) - 1>(),
      std::tuple<OperationsAndToken&&...>(
          std::forward<OperationsAndToken>(operations_and_token)...));
}

} // namespace toro

#endif // TORO_FIRST_OF_HPP
