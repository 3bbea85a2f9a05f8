// SPDX-License-Identifier: BSL-1.0

#include "pace.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include <utility>

namespace spider {

pace::pace(asio::any_io_executor ex, std::chrono::milliseconds pause,
           toro::event& end)
  : pause_(pause),
    end_(end),
    turn_(ex)
{
}

void pace::slow_down(std::chrono::milliseconds least)
{
  auto known = pause_.load();
  while (known < least && !pause_.compare_exchange_weak(known, least))
  {
  }
}

// The turn passes on after the pause: a wait that holds the guard is all that
// this takes, and no clock is read.
asio::awaitable<void> pace::turn()
{
  const std::chrono::milliseconds pause = pause_;
  if (pause.count() == 0)
    co_return;
  toro::guard turn = co_await turn_.async_acquire(asio::use_awaitable);
  end_.async_wait(pause,
                  [held = std::move(turn)](boost::system::error_code) {});
}

} // namespace spider
