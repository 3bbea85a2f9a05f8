// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_IO_REQUEST_HPP
#define TORO_DETAIL_IO_REQUEST_HPP

#include <toro/detail/io/wait_op.hpp>

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
//   completion<Value> complete(Core::pointer&, waiter_type&, error_code)
//     what the handler gets, made after the commit and without the lock
//
// and hides those of the following that are not for it.
template <class Value>
class request
{
public:
  using value_type = Value;
  using signature = typename completion_signature<Value>::type;

  static constexpr bool has_predicate = false;

  // Fills in what the state has to know of the wait.
  void bind(waiter&) noexcept
  {
  }

  // Destroys what the wait still owns.
  void dispose(auto& /*core*/, waiter&) noexcept
  {
  }
};

// A request for nothing but to be told.
class plain_request : public request<void>
{
public:
  completion<void> complete(auto& /*core*/, waiter&,
                            boost::system::error_code ec) noexcept
  {
    return {ec};
  }
};

} // namespace toro::detail

#endif // TORO_DETAIL_IO_REQUEST_HPP
