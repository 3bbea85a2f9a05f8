// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/state/barrier_state.hpp>

namespace toro::detail {

std::optional<std::size_t> barrier_state::drop() noexcept
{
  if (parties_ == 0)
    return std::nullopt;
  --parties_;
  const std::size_t arrived = waiters();
  if (arrived < parties_)
    return 0;
  if (!waiting_.empty())
    static_cast<barrier_waiter&>(waiting_.back()).is_last = true;
  complete_phase();
  return arrived;
}

bool barrier_state::start_arrive(barrier_waiter& w, bool may_wait) noexcept
{
  if (parties_ == 0)
  {
    decide(w, outcome::underflow);
    return true;
  }
  if (waiters() + 1 < parties_)
    return may_wait && park_for_broadcast(waiting_, w);
  w.is_last = true;
  complete_phase();
  return grant(w);
}

} // namespace toro::detail
