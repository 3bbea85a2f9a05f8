// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/state/watch_state.hpp>

namespace toro::detail {

namespace {

void leave_reader(waiter& w) noexcept
{
  static_cast<watch_waiter&>(w).watch_position_hook::unlink();
}

} // namespace

std::size_t watch_state_base::publish() noexcept
{
  version_.store(version() + 1, std::memory_order_release);
  const std::size_t count = waiting_.size();
  broadcast(waiting_);
  return count;
}

std::size_t watch_state_base::close() noexcept
{
  open_ = false;
  return decide_all(waiting_, outcome::closed);
}

std::size_t watch_state_base::end_reader(watch_position& reader) noexcept
{
  reader.is_over = true;
  std::size_t count = 0;
  for (; !reader.waits.empty(); ++count)
    decide_early(reader.waits.front(), outcome::cancelled);
  return count;
}

bool watch_state_base::start_next(watch_waiter& w, watch_position& reader,
                                  bool may_wait) noexcept
{
  if (reader.is_over)
  {
    decide(w, outcome::cancelled);
    return true;
  }
  if (has_news(reader))
    return start_accepted(w, reader);
  if (!open_)
  {
    decide(w, outcome::closed);
    return true;
  }
  if (!may_wait)
    return false;
  reader.waits.push_back(w);
  return park_for_broadcast(waiting_, w);
}

bool watch_state_base::start_accepted(watch_waiter& w,
                                      watch_position& reader) noexcept
{
  if (reader.is_over)
  {
    decide(w, outcome::cancelled);
    return true;
  }
  reader.waits.push_back(w);
  return grant(w);
}

void watch_state_base::decline(watch_waiter& w) noexcept
{
  granted_.erase(granted_.iterator_to(w));
  park_for_broadcast(waiting_, w);
  if (!open_)
    decide_waiting(w, outcome::closed);
}

std::size_t watch_state_base::cancel_all() noexcept
{
  return decide_all(waiting_, outcome::cancelled) + revoke_all();
}

void watch_state_base::forget(waiter& w) noexcept
{
  leave_reader(w);
}

bool watch_state_base::give_back(waiter& w) noexcept
{
  leave_reader(w);
  return true;
}

void watch_state_base::commit_grant(waiter& w) noexcept
{
  leave_reader(w);
}

} // namespace toro::detail
