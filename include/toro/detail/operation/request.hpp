// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OPERATION_REQUEST_HPP
#define TORO_DETAIL_OPERATION_REQUEST_HPP

#include <toro/detail/operation/wait_op.hpp>

#include <boost/system/error_code.hpp>

namespace toro::detail {

// The completion signature of an operation with a value.
template <class Value>
struct completion_signature
{
  using type = void(boost::system::error_code, Value);
};

template <>
struct completion_signature<void>
{
  using type = void(boost::system::error_code);
};

// What an operation asks of its primitive. A request adds
//
//   bool start(State&, waiter_type&, bool may_wait)
//     tries, or queues where it may; under the lock
//   completion<Value> complete(Core::pointer&, outcome)
//     what the handler gets, made after take() and without the lock
//
// may add, for waits that try before they are any,
//
//   bool try_start(State&)
//     takes what is free, or changes nothing; under the lock
//
// and hides those of the following that are not for it.
template <class Value>
class request
{
public:
  using value_type = Value;
  using signature = typename completion_signature<Value>::type;

  static constexpr bool has_predicate = false;

  // Whether the value is a guard, which takes the name of the operation.
  static constexpr bool brings_guard = false;

  // One bit for the operations of a primitive that wait for the same.
  static constexpr unsigned char kind = 1;

  // Whether a start that ends at once grants nothing that is to be delivered
  // after it.
  static bool starts_alone(const auto& /*state*/) noexcept
  {
    return true;
  }

  // Fills in what the state has to know of the wait.
  void bind(waiter&) noexcept
  {
  }

  // Takes what bind() gave, or a grant brought, from a wait that has ended.
  void take(waiter&) noexcept
  {
  }

  // Destroys what was taken.
  void dispose(auto& /*core*/) noexcept
  {
  }
};

// A request for nothing but to be told.
class plain_request : public request<void>
{
public:
  completion<void> complete(auto& /*core*/, outcome how) noexcept
  {
    return {to_error_code(how)};
  }
};

} // namespace toro::detail

#endif // TORO_DETAIL_OPERATION_REQUEST_HPP
