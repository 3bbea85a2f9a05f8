// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OPERATION_REQUEST_HPP
#define TORO_DETAIL_OPERATION_REQUEST_HPP

#include <toro/detail/operation/completion.hpp>
#include <toro/detail/wait/waiter.hpp>

#include <boost/asio/cancellation_type.hpp>
#include <boost/system/error_code.hpp>

#include <concepts>

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
//     tries, or parks the waiter if it may wait; under the lock
//   completion<Value> complete(Core::pointer&, outcome)
//     makes the arguments of the handler; after take() and without the lock
//
// It may add, for operations that are tried before there is a waiter,
//
//   bool try_start(State&)
//     takes what is free, or changes nothing; under the lock
//
// and, for operations that get something only when their grant is final,
//
//   void at_commit(State&, waiter_type&)
//     takes it, or adds it to what was granted; under the lock
//
// It hides those of the following members that do not fit.
template <class Value>
class request
{
public:
  using value_type = Value;
  using signature = typename completion_signature<Value>::type;

  static constexpr bool has_predicate = false;

  // Whether the value is a guard, which takes the name of the operation.
  static constexpr bool brings_guard = false;

  // The types of cancellation that end the operation. An operation that changes
  // something even if it ends early does not support total.
  static constexpr boost::asio::cancellation_type_t cancellation_types =
      boost::asio::cancellation_type::all;

  // One bit for all operations of a primitive that wait for the same thing.
  static constexpr unsigned char kind = 1;

  // Whether a start that completes immediately grants no other operation.
  static bool starts_alone(const auto& /*state*/) noexcept
  {
    return true;
  }

  // Stores in the waiter what the state has to know.
  void bind(waiter&) noexcept
  {
  }

  // Takes back from an ended waiter what bind() has stored or a grant has
  // brought. It is called again if the operation is destroyed after its commit,
  // and must not lose then what the first call has taken.
  void take(waiter&) noexcept
  {
  }

  // Destroys what take() has taken.
  void dispose(auto& /*core*/) noexcept
  {
  }
};

// What a wait_op and a core ask of a request.
template <class Request, class State>
concept operation_request = requires(Request& what, State& state,
                                     typename State::waiter_type& w)
{
  typename Request::signature;
  requires std::convertible_to<decltype(Request::name), const char*>;
  requires std::same_as<decltype(what.start(state, w, true)), bool>;
  what.bind(w);
  what.take(w);
};

// A request without a value.
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
