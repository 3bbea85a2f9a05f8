// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_CORE_BATCH_HPP
#define TORO_DETAIL_CORE_BATCH_HPP

#include <toro/detail/core/core.hpp>

namespace toro::detail {

// How the waits of a broadcast are collected and delivered.
//
// A broadcast grants its waits and leaves them in the state
// (broadcast_waits()), still to be collected. There are two ways to deliver
// them.
//
// In turns, if all of them can share a delivery. They stay in the state, and a
// turn is posted. Each turn collects and delivers some of them and posts the
// next turn. So they do not cost a post each, and other functions of the
// executor run in between. Waits share a delivery only on an executor that runs
// one function at a time: on another one they could run in parallel, and a turn
// would run them in sequence.
//
// One by one otherwise. The thread that made the broadcast collects them, some
// at a time, unlocks, and submits each, in the order of grant. While earlier
// turns are under way, waits that can share a delivery join the batch behind
// them. Only one thread collects at a time, which keeps the order: other
// threads leave to it the waits that they grant. When it has collected as many
// as it found, the next thread that adds waits takes over; until one does, it
// collects as many as it finds then. So no call lasts for as long as other
// threads are busy.

template <wait_state State, class Threading>
TORO_DETAIL_FORCEINLINE auto
core<State, Threading>::collect_first_locked() noexcept -> operation_type&
{
  operation_type& op = to_operation(state_.pop_broadcast());
  note_collected_locked(op);
  return op;
}

// The operations that are delivered in one turn. If a handler throws, the rest
// returns to the front of the batch.
template <wait_state State, class Threading>
class core<State, Threading>::batch_turn
{
public:
  explicit batch_turn(core& owner) noexcept
    : owner_(owner)
  {
    const std::lock_guard lock(owner_.mutex_);
    for (int n = 0; n != most_at_once; ++n)
    {
      operation_type* const op = owner_.pop_batch_locked();
      if (!op)
        break;
      list_.push_back(*op);
    }
  }

  batch_turn(const batch_turn&) = delete;
  batch_turn& operator=(const batch_turn&) = delete;

  ~batch_turn()
  {
    lock_type lock(owner_.mutex_);
    append(list_, owner_.batch_);
    owner_.batch_.swap(list_);
    owner_.turn_posted_ = false;
    owner_.follow_up_quietly(std::move(lock));
  }

  operation_type* pop() noexcept
  {
    if (list_.empty())
      return nullptr;
    operation_type& op = to_operation(list_.front());
    list_.pop_front();
    return &op;
  }

private:
  core& owner_;
  ready_list list_;
};

template <wait_state State, class Threading>
void core<State, Threading>::deliver()
{
  const pointer self(this, false);
  batch_turn turn(*this);
  while (operation_type* const op = turn.pop())
    op->deliver();
}

template <wait_state State, class Threading>
void core<State, Threading>::on_drop() noexcept
{
  const pointer self(this, false);
  drop_turn();
}

template <wait_state State, class Threading>
void core<State, Threading>::post_turn(std::exception_ptr& failure) noexcept
{
  pointer self(this);
  const submission current(*this);
  BOOST_TRY
  {
    // Order: made before anything that throws, so that an exception drops it.
    delivery mine(*this);
    object_executor_.post(std::move(mine), std::allocator<void>());
    if (current.dropped())
      return drop_turn();
  }
  BOOST_CATCH(...)
  {
    if (!failure)
      failure = std::current_exception();
    if (current.dropped())
    {
      const std::lock_guard lock(mutex_);
      turn_posted_ = false;
      state_.set_pending_work(true);
      return;
    }
  }
  BOOST_CATCH_END
  self.detach();
}

template <wait_state State, class Threading>
void core<State, Threading>::drop_turn() noexcept
{
  // Order: all are collected before any grant is returned. That may go to
  // another wait, which must not join them.
  ready_list dropped;
  {
    const std::lock_guard lock(mutex_);
    turn_posted_ = false;
    while (operation_type* const op = pop_batch_locked())
      dropped.push_back(*op);
  }
  drop(dropped);
}

template <wait_state State, class Threading>
auto core<State, Threading>::pop_batch_locked() noexcept -> operation_type*
{
  if (batch_.empty())
  {
    // Waits that have to be submitted one by one are left to the thread that
    // collects them.
    if (!state_.broadcast_can_batch() || state_.broadcast_waits().empty())
      return nullptr;
    return &collect_first_locked();
  }
  operation_type& op = to_operation(batch_.front());
  batch_.pop_front();
  return &op;
}

template <wait_state State, class Threading>
void core<State, Threading>::collect_broadcast_locked(
    deferred_actions& deferred, int room) noexcept
{
  if (state_.broadcast_grew() && collector_quota_ == 0)
  {
    collector_ = &deferred;
    collector_quota_ = state_.broadcast_waits().size();
  }
  state_.note_broadcast_seen();
  const bool collects = is_shut_down_ || (collector_ == &deferred &&
                                          !state_.broadcast_can_batch());
  // Nobody has taken over.
  if (collects && collector_quota_ == 0)
    collector_quota_ = state_.broadcast_waits().size();
  // Order: no further than the quota. Another thread may take over before those
  // that are collected were submitted, and they are not of its broadcasts.
  while (collects && room-- != 0 && collector_quota_ != 0 &&
         !state_.broadcast_waits().empty())
  {
    operation_type& op = collect_first_locked();
    --collector_quota_;
    if (joins_batch_locked(op))
      batch_.push_back(op);
    else
      deferred.ready.push_back(op);
  }
  deferred.more_of_broadcast = collects && !state_.broadcast_waits().empty();
  if (collector_ == &deferred && !deferred.more_of_broadcast)
  {
    collector_ = nullptr;
    collector_quota_ = 0;
  }
  // Order: the rest was decided before the batch.
  if (deferred.rest.empty() && lacks_turn_locked())
  {
    turn_posted_ = true;
    deferred.posts_turn = true;
  }
}

} // namespace toro::detail

#endif // TORO_DETAIL_CORE_BATCH_HPP
