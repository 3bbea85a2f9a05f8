// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OBJECT_TOKEN_ADAPTER_HPP
#define TORO_DETAIL_OBJECT_TOKEN_ADAPTER_HPP

#include <type_traits>
#include <utility>

namespace toro::detail {

// What completion token adapters have in common.

template <class Initiation>
concept has_executor_type = requires
{
  typename Initiation::executor_type;
};

template <class Initiation>
struct executor_type_of
{
};

template <has_executor_type Initiation>
struct executor_type_of<Initiation>
{
  using executor_type = typename Initiation::executor_type;
};

// The result type that adapters ask of a token: Boost 1.81 knows that of some
// tokens before it initiates.
template <class Result>
struct return_type_of
{
};

template <class Result>
requires requires
{
  typename Result::return_type;
}
struct return_type_of<Result>
{
  using return_type = typename Result::return_type;
};

// The token inside an adapter that is passed on. An lvalue stays one, since the
// token would be moved from otherwise.
template <class Adapter>
using inner_token = std::conditional_t<
    std::is_lvalue_reference_v<Adapter>,
    decltype(std::declval<Adapter&>().get()),
    std::remove_reference_t<decltype(std::declval<Adapter&>().get())>>;

} // namespace toro::detail

#endif // TORO_DETAIL_OBJECT_TOKEN_ADAPTER_HPP
