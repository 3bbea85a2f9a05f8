// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OPERATION_COMPLETION_HPP
#define TORO_DETAIL_OPERATION_COMPLETION_HPP

#include <toro/error.hpp>

#include <toro/detail/operation/handler_claim.hpp>
#include <toro/detail/wait/waiter.hpp>

#include <boost/asio/error.hpp>
#include <boost/config.hpp>
#include <boost/system/error_code.hpp>

#include <type_traits>
#include <utility>

namespace toro::detail {

// How the outcome of an operation becomes the arguments of its handler.

// Out of line, so that success costs nothing.
BOOST_NOINLINE inline boost::system::error_code
failure_code(outcome how) noexcept
{
  switch (how)
  {
  case outcome::success:
    break;
  case outcome::cancelled:
    return boost::asio::error::operation_aborted;
  case outcome::timed_out:
    return boost::asio::error::timed_out;
  case outcome::closed:
    return error::closed;
  case outcome::impossible:
    return error::impossible;
  case outcome::underflow:
    return error::task_underflow;
  case outcome::not_locked:
    return error::not_locked;
  }
  return {};
}

inline boost::system::error_code to_error_code(outcome how) noexcept
{
  if (how == outcome::success)
    return {};
  return failure_code(how);
}

// The base of a handler that takes over the result of a get before its item,
// whose move may throw, has left its position in the queue.
struct moves_items_itself
{
};

// The arguments of a handler: an error code and, if the operation has one, a
// value, which may be a kept_value.
template <class Value, class Kept = Value>
struct completion
{
  // What travels to another executor before the handler is called.
  using travelling_type = completion;

  boost::system::error_code ec;
  Kept value;

  Value&& take() noexcept
  {
    if constexpr (std::is_same_v<Kept, Value>)
      return std::move(value);
    else
      return value.take();
  }

  completion&& depart() noexcept
  {
    return std::move(*this);
  }

  template <class Handler>
  void operator()(Handler&& handler)
  {
    // An operand of an async_first_of keeps the value as it is.
    if constexpr (handler_claim<std::decay_t<Handler>>::exists)
      std::forward<Handler>(handler)(std::move(ec), std::move(value));
    else
      std::forward<Handler>(handler)(std::move(ec), take());
  }
};

template <>
struct completion<void>
{
  using travelling_type = completion;

  boost::system::error_code ec;

  completion&& depart() noexcept
  {
    return std::move(*this);
  }

  template <class Handler>
  void operator()(Handler&& handler)
  {
    std::forward<Handler>(handler)(std::move(ec));
  }
};

} // namespace toro::detail

#endif // TORO_DETAIL_OPERATION_COMPLETION_HPP
