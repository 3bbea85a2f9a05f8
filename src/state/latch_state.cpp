// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/state/latch_state.hpp>

namespace toro::detail {

bool latch_state::start_arrive(latch_waiter& w, bool may_wait) noexcept
{
  w.arrives = true;
  if (count_ == 0)
  {
    decide(w, outcome::underflow);
    return true;
  }
  if (count_ == 1)
  {
    count_ = 0;
    grant_waiters();
    return grant(w);
  }
  if (!may_wait)
    return false;
  --count_;
  return park_for_broadcast(waiting_, w);
}

} // namespace toro::detail
