// SPDX-License-Identifier: BSL-1.0
#include <toro/error.hpp>

#include <boost/system/errc.hpp>

namespace toro {

const char* error_category_type::name() const noexcept
{
  return "toro";
}

std::string error_category_type::message(int value) const
{
  switch (static_cast<error>(value))
  {
  case error::not_locked:
    return "Nothing to release: not locked, or held by a live guard";
  case error::over_released:
    return "Released more permits than were detached or can be counted";
  case error::already_set:
    return "The async_result is already set";
  case error::not_ready:
    return "The async_result is not set yet";
  case error::task_underflow:
    return "Counted down below zero: more tasks or arrivals than expected";
  case error::closed:
    return "The object was closed";
  case error::impossible:
    return "Asked to acquire more than there can ever be";
  case error::failed:
    return "The async_result was given an exception";
  }
  return "Unknown toro error";
}

boost::system::error_condition
error_category_type::default_error_condition(int value) const noexcept
{
  namespace errc = boost::system::errc;
  switch (static_cast<error>(value))
  {
  case error::not_locked:
    return errc::make_error_condition(errc::operation_not_permitted);
  case error::not_ready:
    return errc::make_error_condition(errc::resource_unavailable_try_again);
  case error::closed:
    return errc::make_error_condition(errc::broken_pipe);
  case error::over_released:
  case error::already_set:
  case error::task_underflow:
  case error::impossible:
    return errc::make_error_condition(errc::invalid_argument);
  case error::failed:
    break;
  }
  return {value, *this};
}

} // namespace toro
