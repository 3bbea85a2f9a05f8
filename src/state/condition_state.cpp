// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/state/condition_state.hpp>

#include <iterator>
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
  index_.clear();
  broadcast(waiting_);
  return count;
}

bool condition_state::start_wait(condition_waiter& w, bool may_wait) noexcept
{
  if (!may_wait)
    return false;
  take_position(w);
  if (is_indexed(w))
    index_.insert(w);
  return park_for_broadcast(waiting_, w);
}

void condition_state::decline(condition_waiter& w) noexcept
{
  granted_.erase(granted_.iterator_to(w));
  w.stage = phase::waiting;
  note_broadcast_of(waiting_, w);
  const auto position = waiting_.insert(to_iterator(index_.insert(w)), w);
  pass_on(std::next(position), w.position, std::exchange(w.below, 0));
}

std::size_t condition_state::cancel_all() noexcept
{
  return decide_all(waiting_, outcome::cancelled) + revoke_all();
}

void condition_state::forget(waiter& w) noexcept
{
  if (is_indexed(as_condition(w)))
    index_.erase(as_condition(w));
}

bool condition_state::give_back(waiter& w) noexcept
{
  const std::int64_t above = as_condition(w).above;
  pass_on(above == 0 ? waiting_.begin()
                     : to_iterator(index_.first_after(above)),
          above, as_condition(w).below);
  return true;
}

void condition_state::take_position(condition_waiter& w) noexcept
{
  w.position = next_position_++;
  if (w.may_decline && first_declining_ > w.position)
    first_declining_ = w.position;
}

// Grants a wait by a notification that may be passed on to others.
void condition_state::offer(condition_waiter& w, std::int64_t above,
                            std::int64_t below) noexcept
{
  waiting_.erase(waiting_.iterator_to(w));
  forget(w);
  w.above = above;
  w.below = below;
  grant(w);
}

void condition_state::pass_on(wait_queue::iterator next, std::int64_t above,
                              std::int64_t below) noexcept
{
  if (next != waiting_.end() && as_condition(*next).position < below)
    offer(as_condition(*next), above, below);
}

wait_queue::iterator condition_state::to_iterator(ordered_node* w) noexcept
{
  if (w == nullptr)
    return waiting_.end();
  return waiting_.iterator_to(static_cast<condition_waiter&>(*w));
}

} // namespace toro::detail
