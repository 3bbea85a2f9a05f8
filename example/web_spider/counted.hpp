// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_COUNTED_HPP
#define TORO_EXAMPLE_WEB_SPIDER_COUNTED_HPP

#include <atomic>
#include <cstddef>

namespace spider {

/// Counts for as long as it lives.
class counted
{
public:
  explicit counted(std::atomic<std::size_t>& count)
    : count_(count)
  {
    ++count_;
  }

  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;

  ~counted()
  {
    --count_;
  }

private:
  std::atomic<std::size_t>& count_;
};

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_COUNTED_HPP
