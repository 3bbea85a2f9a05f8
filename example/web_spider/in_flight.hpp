// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_IN_FLIGHT_HPP
#define TORO_EXAMPLE_WEB_SPIDER_IN_FLIGHT_HPP

#include <cstddef>
#include <list>
#include <mutex>
#include <string>

namespace spider {

/// The requests under way, the oldest first.
/**
 * @par Thread Safety
 * Distinct objects: safe. Shared objects: safe.
 */
class in_flight
{
public:
  /// One of them, for as long as it lives.
  class request
  {
  public:
    request(in_flight& all, std::string url);
    request(const request&) = delete;
    request& operator=(const request&) = delete;
    ~request();

  private:
    in_flight& all_;
    std::list<std::string>::iterator place_;
  };

  std::size_t size() const;

  /// The URL of the oldest one; empty if there is none.
  std::string oldest() const;

private:
  mutable std::mutex mutex_; // guards urls_
  std::list<std::string> urls_;
};

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_IN_FLIGHT_HPP
