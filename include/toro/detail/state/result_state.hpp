// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_RESULT_STATE_HPP
#define TORO_DETAIL_STATE_RESULT_STATE_HPP

#include <toro/error.hpp>

#include <toro/detail/state/event_state.hpp>

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace toro::detail {

// The rules of a result: an event that is set once, with an error, with an
// exception, or with neither. The functions that set it return how many waits
// they granted. If it is already set, they change and return nothing.
class result_state_base : public event_state
{
public:
  template <class Function>
  void visit_waits(Function function) const
  {
    event_state::visit_waits("async_get", function);
  }

  std::optional<std::size_t> set() noexcept
  {
    if (is_set())
      return std::nullopt;
    return event_state::set();
  }

  std::optional<std::size_t>
  set_error(const boost::system::error_code& ec) noexcept
  {
    if (is_set())
      return std::nullopt;
    error_ = ec;
    return set();
  }

  // Leaves the exception to the caller if it returns nothing.
  std::optional<std::size_t>
  set_exception(std::exception_ptr& exception) noexcept
  {
    if (is_set())
      return std::nullopt;
    exception_ = std::move(exception);
    return set_error(toro::error::failed);
  }

  const boost::system::error_code& error() const noexcept
  {
    return error_;
  }

  const std::exception_ptr& exception() const noexcept
  {
    return exception_;
  }

private:
  // Invariant: neither changes once the result is set.
  boost::system::error_code error_;
  std::exception_ptr exception_;
};

// A value in memory of its own. Why not a T alone: its class may have
// allocation functions that are not for this, or that are deleted.
template <class T>
struct result_node
{
  explicit result_node(T&& v)
    : value(std::move(v))
  {
  }

  const T value;
};

// The same with a value.
template <class T>
class result_state : public result_state_base
{
public:
  using node = result_node<T>;

  // Leaves the value to the caller if it returns nothing.
  std::optional<std::size_t> set_value(std::unique_ptr<node>& value) noexcept
  {
    if (is_set())
      return std::nullopt;
    value_ = std::move(value);
    return set();
  }

  const T& value() const noexcept
  {
    return value_->value;
  }

private:
  // Invariant: does not change once the result is set.
  std::unique_ptr<node> value_;
};

template <>
class result_state<void> : public result_state_base
{
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_RESULT_STATE_HPP
