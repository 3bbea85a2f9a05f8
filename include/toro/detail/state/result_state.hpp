// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_RESULT_STATE_HPP
#define TORO_DETAIL_STATE_RESULT_STATE_HPP

#include <toro/detail/state/event_state.hpp>

#include <boost/system/error_code.hpp>

#include <memory>
#include <utility>

namespace toro::detail {

// The rules of a result: an event that is set once, with an error or without.
class settled_state : public event_state
{
public:
  template <class Function>
  void visit_waits(Function function) const
  {
    event_state::visit_waits("async_get", function);
  }

  bool set() noexcept
  {
    if (is_set())
      return false;
    event_state::set();
    return true;
  }

  bool set_error(const boost::system::error_code& ec) noexcept
  {
    if (is_set())
      return false;
    error_ = ec;
    return set();
  }

  const boost::system::error_code& error() const noexcept
  {
    return error_;
  }

private:
  // Invariant: does not change once the result is set.
  boost::system::error_code error_;
};

// The same with a value.
template <class T>
class result_state : public settled_state
{
public:
  // Takes the value only where it returns true.
  bool set_value(std::unique_ptr<const T>& value) noexcept
  {
    if (is_set())
      return false;
    value_ = std::move(value);
    return set();
  }

  const T& value() const noexcept
  {
    return *value_;
  }

private:
  // Invariant: does not change once the result is set.
  std::unique_ptr<const T> value_;
};

template <>
class result_state<void> : public settled_state
{
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_RESULT_STATE_HPP
