// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_IO_IMPL_CORE_CROWD_HPP
#define TORO_DETAIL_IO_IMPL_CORE_CROWD_HPP

#include <toro/detail/io/core.hpp>

namespace toro::detail {

// How the waits of a broadcast are collected and delivered.
//
// A broadcast leaves its waits in the crowd of the state. Where all of them can
// share a delivery they stay there: the executor is asked for a turn, each turn
// collects and delivers some of them, and asks for the next one. So they do not
// cost a post each, and others have their turn in between. Only where the
// executor runs one function at a time, or what could run in parallel would
// stand in line.
//
// Otherwise the thread that made the broadcast collects them, some at a time,
// and releases the lock in between. They are submitted one by one, in the order
// of grant. Only while turns are still under way do those that can share a
// delivery go behind them, into the batch. Only one thread collects at a time,
// which keeps the order: others leave to it what they add to the crowd. When it
// has collected as many as it found, the next thread that adds to the crowd
// takes its place, so that no call has to go on for as long as other threads
// are busy.

template <class State, class Threading>
BOOST_FORCEINLINE auto core<State, Threading>::collect_first_locked() noexcept
    -> operation_type&
{
  operation_type& op = to_operation(state_.pop_crowd());
  note_collected_locked(op);
  return op;
}

// Those that are delivered in one turn. If a handler throws, those that are
// left go back to the front.
template <class State, class Threading>
class core<State, Threading>::crowd_turn
{
public:
  explicit crowd_turn(core& block) noexcept
    : block_(block)
  {
    const std::lock_guard lock(block_.mutex_);
    for (int n = 0; n != most_at_once; ++n)
    {
      operation_type* const op = block_.pop_batch_locked();
      if (!op)
        break;
      list_.push_back(*op);
    }
  }

  crowd_turn(const crowd_turn&) = delete;
  crowd_turn& operator=(const crowd_turn&) = delete;

  ~crowd_turn()
  {
    entry lock(block_.mutex_);
    append(list_, block_.batch_);
    block_.batch_.swap(list_);
    block_.crowd_posted_ = false;
    block_.follow_up_quietly(lock.release());
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
  core& block_;
  ready_list list_;
};

template <class State, class Threading>
void core<State, Threading>::deliver()
{
  const pointer self(this, false);
  crowd_turn turn(*this);
  while (operation_type* const op = turn.pop())
    op->deliver();
}

template <class State, class Threading>
void core<State, Threading>::abandon() noexcept
{
  const pointer self(this, false);
  drop_crowd();
}

template <class State, class Threading>
void core<State, Threading>::post_crowd(std::exception_ptr& failure) noexcept
{
  pointer self(this);
  const submission current(*this);
  BOOST_TRY
  {
    // Order: made before anything that throws, which then drops it.
    delivery mine(*this);
    home_.post(std::move(mine), std::allocator<void>());
    if (current.dropped())
      return drop_crowd();
  }
  BOOST_CATCH(...)
  {
    if (!failure)
      failure = std::current_exception();
    if (current.dropped())
    {
      const std::lock_guard lock(mutex_);
      crowd_posted_ = false;
      state_.set_restless(true);
      return;
    }
  }
  BOOST_CATCH_END
  self.detach();
}

template <class State, class Threading>
void core<State, Threading>::drop_crowd() noexcept
{
  ready_list dropped;
  entry lock(mutex_);
  crowd_posted_ = false;
  while (operation_type* const op = pop_batch_locked())
    dropped.push_back(*op);
  // Order: what these give back may be granted, and must not join them.
  for (waiter& w : dropped)
  {
    state_.abandon(static_cast<waiter_type&>(w));
    to_operation(w).cut_link();
  }
  follow_up_quietly(lock.release());
  destroy_all(dropped);
}

template <class State, class Threading>
auto core<State, Threading>::pop_batch_locked() noexcept -> operation_type*
{
  if (batch_.empty())
  {
    // What has to be submitted one by one is left to those who collect it.
    if (!state_.crowd_shares() || state_.crowd().empty())
      return nullptr;
    return &collect_first_locked();
  }
  operation_type& op = to_operation(batch_.front());
  batch_.pop_front();
  return &op;
}

template <class State, class Threading>
void core<State, Threading>::collect_crowd_locked(aftermath& after,
                                                  int room) noexcept
{
  if (state_.crowd_grew() && share_of_collector_ == 0)
  {
    collector_ = &after;
    share_of_collector_ = state_.crowd().size();
  }
  state_.note_crowd_seen();
  const bool collects =
      inert_ || (collector_ == &after && !state_.crowd_shares());
  while (collects && room-- != 0 && !state_.crowd().empty())
  {
    operation_type& op = collect_first_locked();
    if (share_of_collector_ != 0)
      --share_of_collector_;
    if (joins_batch_locked(op))
      batch_.push_back(op);
    else
      after.ready.push_back(op);
  }
  after.more_crowd = collects && !state_.crowd().empty();
  if (collector_ == &after && !after.more_crowd)
  {
    collector_ = nullptr;
    share_of_collector_ = 0;
  }
  // Order: what is left of the ready was decided before.
  if (after.rest.empty() && lacks_turn_locked())
  {
    crowd_posted_ = true;
    after.crowd = true;
  }
}

} // namespace toro::detail

#endif // TORO_DETAIL_IO_IMPL_CORE_CROWD_HPP
