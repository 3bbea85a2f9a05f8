// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/state/condition_state.hpp>

#include <utility>

namespace toro::detail {

namespace {

condition_waiter& as_condition(waiter& w) noexcept
{
  return static_cast<condition_waiter&>(w);
}

} // namespace

std::size_t condition_state::notify(std::size_t n) noexcept
{
  ++notifications_;
  std::size_t count = 0;
  for (; count < n && !waiting_.empty(); ++count)
    offer(as_condition(waiting_.front()), 0, next_position_);
  return count;
}

std::size_t condition_state::notify_all() noexcept
{
  ++notifications_;
  const std::size_t count = waiting_.size();
  positions_.clear();
  broadcast(waiting_);
  return count;
}

bool condition_state::start_wait(condition_waiter& w, bool may_wait) noexcept
{
  if (!may_wait)
    return false;
  w.position = next_position_++;
  positions_.insert(w);
  return park_for_broadcast(waiting_, w);
}

void condition_state::decline(condition_waiter& w) noexcept
{
  granted_.erase(granted_.iterator_to(w));
  w.stage = phase::waiting;
  note_broadcast_of(waiting_, w);
  waiting_.insert(place_behind(w.position), w);
  positions_.insert(w);
  pass_on(w.position, std::exchange(w.below, 0));
}

std::size_t condition_state::abort_all() noexcept
{
  return dismiss_all(waiting_, outcome::aborted) + retract_all();
}

void condition_state::forget(waiter& w) noexcept
{
  positions_.erase(as_condition(w));
}

bool condition_state::give_back(waiter& w) noexcept
{
  pass_on(as_condition(w).above, as_condition(w).below);
  return true;
}

void condition_state::pass_on(std::int64_t above, std::int64_t below) noexcept
{
  if (below == 0)
    return;
  const auto next = place_behind(above);
  if (next != waiting_.end() && as_condition(*next).position < below)
    offer(as_condition(*next), above, below);
}

// Grants a waiting wait by a notification that may pass to others.
void condition_state::offer(condition_waiter& w, std::int64_t above,
                            std::int64_t below) noexcept
{
  waiting_.erase(waiting_.iterator_to(w));
  positions_.erase(w);
  w.above = above;
  w.below = below;
  grant(w);
}

// Where the first wait behind a position stands, or the end.
auto condition_state::place_behind(std::int64_t position) noexcept
    -> wait_queue::iterator
{
  ordered_node* const next = positions_.first_after(position);
  if (next == nullptr)
    return waiting_.end();
  return waiting_.iterator_to(static_cast<condition_waiter&>(*next));
}

} // namespace toro::detail
