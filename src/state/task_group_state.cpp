// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/state/task_group_state.hpp>

#include <utility>

namespace toro::detail {

bool task_group_state::fail(std::exception_ptr& failure, bool aborted) noexcept
{
  if (failure_ || (aborted && cancelled_))
    return false;
  failure_ = std::move(failure);
  if (failure_cancels_)
    stop();
  return failure_cancels_;
}

std::size_t task_group_state::stop() noexcept
{
  cancelled_ = true;
  // Order: first the waiting ones, so that none of them is granted.
  const std::size_t count = decide_all(spawns_, outcome::cancelled) +
                            revoke_all(
                                [](const waiter& w)
                                {
                                  return w.queue_index == spawn_queue;
                                });
  grant_waiters();
  return count;
}

bool task_group_state::pass_on(task_group_waiter& w) noexcept
{
  const phase stage = phase_of(w);
  if (stage != phase::waiting && stage != phase::granted)
    return false;
  w.passed_on = true;
  stop();
  return true;
}

bool task_group_state::start_spawn(task_group_waiter& w, bool may_wait) noexcept
{
  w.queue_index = spawn_queue;
  switch (enter())
  {
  case admission::admitted:
    return grant(w);
  case admission::closed:
    decide(w, outcome::closed);
    return true;
  case admission::full:
    break;
  }
  return may_wait && park(spawns_, w);
}

bool task_group_state::start_join(task_group_waiter& w, bool may_wait) noexcept
{
  w.queue_index = join_queue;
  if (size_ == 0)
    return grant(w);
  return may_wait && park_for_broadcast(joins_, w);
}

bool task_group_state::start_whole_join(task_group_waiter& w,
                                        bool may_wait) noexcept
{
  w.queue_index = whole_join_queue;
  if (is_over())
    return grant(w);
  return may_wait && park(whole_joins_, w);
}

std::size_t task_group_state::cancel_all() noexcept
{
  open_ = false;
  cancelled_ = true;
  // Order: as above.
  return decide_all(spawns_, outcome::cancelled) +
         decide_all(joins_, outcome::cancelled) +
         decide_all(whole_joins_, outcome::cancelled) + revoke_all();
}

void task_group_state::grant_waiters() noexcept
{
  while (size_ < limit_ && !spawns_.empty())
  {
    ++size_;
    grant_front(spawns_);
  }
  if (size_ == 0)
    broadcast(joins_);
  while (is_over() && !whole_joins_.empty())
    grant_front(whole_joins_);
}

wait_queue& task_group_state::queue_of(waiter& w) noexcept
{
  switch (w.queue_index)
  {
  case spawn_queue:
    return spawns_;
  case join_queue:
    return joins_;
  default:
    return whole_joins_;
  }
}

} // namespace toro::detail
