// SPDX-License-Identifier: BSL-1.0

#include "open_files.hpp"

#include <algorithm>

#include <sys/resource.h>

namespace spider {

std::size_t permit_open_files(std::size_t wanted)
{
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return wanted;
  if (limit.rlim_cur < wanted)
  {
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = std::min<rlim_t>(wanted, limit.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
      limit.rlim_cur = before;
  }
  return static_cast<std::size_t>(
      std::min<rlim_t>(limit.rlim_cur, static_cast<std::size_t>(-1)));
}

} // namespace spider
