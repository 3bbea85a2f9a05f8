// SPDX-License-Identifier: BSL-1.0
#include "model/differential/subject.hpp"

#include <toro/error.hpp>

#include <boost/asio/error.hpp>

#include <stdexcept>

namespace toro_test {

std::string word_of(const boost::system::error_code& ec)
{
  if (!ec)
    return "ok";
  if (ec == boost::asio::error::timed_out)
    return "TO";
  if (ec == boost::asio::error::operation_aborted)
    return "aborted";
  if (ec == toro::error::closed)
    return "closed";
  if (ec == toro::error::not_locked)
    return "not_locked";
  if (ec == toro::error::over_released)
    return "over_released";
  if (ec == toro::error::already_set)
    return "already_set";
  if (ec == toro::error::not_ready)
    return "not_ready";
  if (ec == toro::error::task_underflow)
    return "task_underflow";
  if (ec == toro::error::impossible)
    return "impossible";
  return ec.message();
}

void refuse(const step& s)
{
  throw std::invalid_argument("no such call: " + s.verb);
}

} // namespace toro_test
