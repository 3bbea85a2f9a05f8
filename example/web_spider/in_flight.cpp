// SPDX-License-Identifier: BSL-1.0

#include "in_flight.hpp"

#include <utility>

namespace spider {

in_flight::request::request(in_flight& all, std::string url)
  : all_(all)
{
  std::list<std::string> one;
  one.push_back(std::move(url));
  place_ = one.begin();
  const std::scoped_lock guard(all_.mutex_);
  all_.urls_.splice(all_.urls_.end(), one);
}

in_flight::request::~request()
{
  std::list<std::string> one;
  const std::scoped_lock guard(all_.mutex_);
  one.splice(one.end(), all_.urls_, place_);
}

std::size_t in_flight::size() const
{
  const std::scoped_lock guard(mutex_);
  return urls_.size();
}

std::string in_flight::oldest() const
{
  const std::scoped_lock guard(mutex_);
  return urls_.empty() ? std::string() : urls_.front();
}

} // namespace spider
