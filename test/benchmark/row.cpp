// SPDX-License-Identifier: BSL-1.0

#include "row.hpp"

namespace bench {

const char* name_of(contender who) noexcept
{
  switch (who)
  {
  case contender::strand_bound:
    return "toro strand_bound";
  case contender::thread_safe:
    return "toro thread_safe";
  case contender::channel:
    return "channel";
  case contender::concurrent_channel:
    return "concurrent_channel";
  case contender::timer:
    return "steady_timer";
  case contender::fiber:
    return "Boost.Fiber";
  case contender::mutex:
    return "std::mutex";
  case contender::asio:
    break;
  }
  return "Asio itself";
}

std::string row::name() const
{
  return what.workload + '/' + what.variant + '/' + name_of(who);
}

std::optional<double> row::target() const
{
  switch (who)
  {
  case contender::strand_bound:
    return what.at_most.strand_bound;
  case contender::thread_safe:
    return what.at_most.thread_safe;
  default:
    return std::nullopt;
  }
}

} // namespace bench
