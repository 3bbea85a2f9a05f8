// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/state/watch_state.hpp>

namespace toro::detail {

namespace {

watch_waiter& as_watch(waiter& w) noexcept
{
  return static_cast<watch_waiter&>(w);
}

void leave_reader(waiter& w) noexcept
{
  auto& waits = as_watch(w).reader->waits;
  waits.erase(waits.iterator_to(as_watch(w)));
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

bool watch_state_base::start_next(watch_waiter& w, bool may_wait) noexcept
{
  if (w.reader->is_over)
  {
    decide(w, outcome::cancelled);
    return true;
  }
  if (has_news(*w.reader))
    return start_accepted(w);
  if (!open_)
  {
    decide(w, outcome::closed);
    return true;
  }
  if (!may_wait)
    return false;
  w.reader->waits.push_back(w);
  return park_for_broadcast(waiting_, w);
}

bool watch_state_base::start_accepted(watch_waiter& w) noexcept
{
  if (w.reader->is_over)
  {
    decide(w, outcome::cancelled);
    return true;
  }
  w.reader->waits.push_back(w);
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
