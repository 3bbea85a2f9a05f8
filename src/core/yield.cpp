// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/core/yield.hpp>

#include <thread>

namespace toro::detail {

void yield() noexcept
{
  std::this_thread::yield();
}

} // namespace toro::detail
