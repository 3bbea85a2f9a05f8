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
  {
    condition_waiter& w = as_condition(waiting_.front());
    w.above = 0;
    w.below = next_number_;
    grant_front(waiting_);
  }
  return count;
}

std::size_t condition_state::notify_all() noexcept
{
  ++notifications_;
  const std::size_t count = waiting_.size();
  broadcast(waiting_);
  return count;
}

bool condition_state::start_wait(condition_waiter& w, bool may_wait) noexcept
{
  if (!may_wait)
    return false;
  w.number = next_number_++;
  return park_for_broadcast(waiting_, w);
}

void condition_state::decline(condition_waiter& w) noexcept
{
  granted_.erase(granted_.iterator_to(w));
  w.stage = phase::waiting;
  const auto place = find_place(waiting_,
                                [&](waiter& other)
                                {
                                  return as_condition(other).number < w.number;
                                });
  note_broadcast_of(waiting_, w);
  waiting_.insert(place, w);
  pass_on(w.number, std::exchange(w.below, 0));
}

std::size_t condition_state::abort_all() noexcept
{
  return dismiss_all(waiting_, outcome::aborted) + retract_all();
}

bool condition_state::give_back(waiter& w) noexcept
{
  pass_on(as_condition(w).above, as_condition(w).below);
  return true;
}

void condition_state::pass_on(std::uint64_t above, std::uint64_t below) noexcept
{
  if (below == 0)
    return;
  const auto next = find_place(waiting_,
                               [&](waiter& other)
                               {
                                 return as_condition(other).number <= above;
                               });
  if (next == waiting_.end() || as_condition(*next).number >= below)
    return;
  condition_waiter& w = as_condition(*next);
  waiting_.erase(next);
  w.above = above;
  w.below = below;
  grant(w);
}

} // namespace toro::detail
