// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_IO_IMPL_CORE_HPP
#define TORO_DETAIL_IO_IMPL_CORE_HPP

#include <toro/detail/io/core.hpp>
#include <toro/detail/io/executor_work.hpp>

namespace toro::detail {

// The first attempt costs no clock and no note of outstanding work, which what
// succeeds at once does not need.
template <class State, class Threading>
template <bool Timed, class OperationPointer>
void core<State, Threading>::launch(OperationPointer op, deadline limit)
{
  aftermath after;
  pointer self;
  std::unique_lock lock(mutex_);
  if (inert_)
  {
    lock.unlock();
    return;
  }
  if (!attempt_locked(*op, false))
  {
    deadline::time_point expiry = never;
    bool passed = false;
    lock.unlock();
    if constexpr (Timed)
    {
      if (!limit.is_never())
      {
        const deadline::time_point now = time_.now();
        expiry = limit.resolve(now);
        passed = expiry <= now;
        if (!passed && expiry != never)
          reach_for_alarm(expiry);
      }
    }
    for (;;)
    {
      op->prepare_to_wait();
      lock.lock();
      if (inert_)
      {
        lock.unlock();
        return;
      }
      if (attempt_locked(*op, !passed))
        break;
      if (passed)
      {
        state_.end(*op, outcome::timed_out);
        break;
      }
      lock.unlock();
    }
    if constexpr (Timed)
    {
      if (op->stage == phase::waiting && expiry != never)
      {
        op->expiry = expiry;
        op->has_deadline = true;
        register_deadline_locked(*op);
      }
    }
  }
  collect_locked(after);
  // Safety: once unlocked, a waiting operation may end in another thread and
  // take the block with it; the operations in the aftermath keep the block.
  if (after.tend)
    self = this;
  auto* const released = op.release();
  const bool ended = released->stage != phase::waiting;
  lock.unlock();
  if constexpr (OperationPointer::element_type::is_immediate)
  {
    if (ended)
    {
      after.ready.remove_if(
          [&](waiter& w)
          {
            return &w == released;
          });
      BOOST_TRY
      {
        run(after);
      }
      BOOST_CATCH(...)
      {
        keep(*released);
        BOOST_RETHROW
      }
      BOOST_CATCH_END
      released->submit_immediately();
      return;
    }
  }
  run(after);
}

template <class State, class Threading>
void core<State, Threading>::shut_down() noexcept
{
  aftermath after;
  std::unique_lock lock(mutex_);
  inert_ = true;
  state_.abort_all();
  collect_locked(after);
  lock.unlock();
  destroy_all(after.ready);
  lock.lock();
  while (tending_ || borrowers_ != 0)
  {
    lock.unlock();
    threading::relax();
    lock.lock();
  }
  lock.unlock();
  alarm_.reset();
  executors_.drop();
}

template <class State, class Threading>
void core<State, Threading>::wake(request number) noexcept
{
  if (!owners_.try_increment())
    return;
  const pointer self(this, false);
  const deadline::time_point now = time_.now();
  aftermath after;
  {
    const std::lock_guard lock(mutex_);
    if (number == check_request)
    {
      check_asked_ = false;
      unset_asked_ = deadlines_.empty();
    }
    else if (number == alarm_number_)
    {
      set_for_ = never;
      expire_locked(now);
    }
    collect_locked(after);
  }
  run_quietly(after);
}

// All that are due leave before anything is granted: what would be granted to
// a wait that is late as well is for those behind it.
template <class State, class Threading>
void core<State, Threading>::expire_locked(deadline::time_point now) noexcept
{
  while (deadline_entry* entry = deadlines_.pop_due(now))
  {
    auto& op = static_cast<timed_operation_type&>(*entry);
    op.timed = false;
    state_.dismiss(op, outcome::timed_out);
  }
  state_.settle();
}

// Requires lock. The timer is set only for an earlier deadline than before.
// When the earliest wait leaves, it may fire in vain; when the last one
// leaves, one check is posted, so that a busy primitive does not set it again
// at every hand-off and an idle one does not keep its context running.
template <class State, class Threading>
bool core<State, Threading>::needs_tending_locked() const noexcept
{
  if (tending_ || inert_)
    return false;
  if (deadlines_.earliest() < set_for_)
    return true;
  return set_for_ != never && deadlines_.empty() &&
         (unset_asked_ || !check_asked_);
}

// Sets the timer for a wait that is about to queue, so that a failure leaves
// nothing queued.
template <class State, class Threading>
bool core<State, Threading>::reach_for_alarm(deadline::time_point when)
{
  {
    const std::lock_guard lock(mutex_);
    if (inert_ || tending_ || set_for_ <= when)
      return false;
    tending_ = true;
    timing_ = true;
  }
  tend(when);
  return true;
}

// Requires that this thread has set tending_, which it gives up in the end.
template <class State, class Threading>
void core<State, Threading>::tend(deadline::time_point wanted)
{
  enum class step
  {
    rest,
    set,
    unset,
    ask
  };
  for (;;)
  {
    step next = step::rest;
    deadline::time_point when;
    request number;
    {
      const std::lock_guard lock(mutex_);
      when = std::min(deadlines_.earliest(), wanted);
      if (inert_)
      {
      }
      else if (when < set_for_)
      {
        next = step::set;
        set_for_ = when;
      }
      else if (set_for_ != never && when == never)
      {
        if (unset_asked_)
        {
          next = step::unset;
          set_for_ = never;
        }
        else if (!check_asked_)
        {
          next = step::ask;
          check_asked_ = true;
        }
      }
      unset_asked_ = false;
      if (next == step::set || next == step::unset)
        ++alarm_number_;
      number = alarm_number_;
      if (next == step::rest)
      {
        tending_ = false;
        return;
      }
    }
    BOOST_TRY
    {
      if (!alarm_)
        alarm_ = time_.make_alarm(executors_.any());
      if (next == step::set)
        alarm_->set(when, wake_up(*this, number));
      else if (next == step::unset)
        alarm_->unset();
      else
        executor_work<boost::asio::any_io_executor>(executors_.any())
            .post(wake_up(*this, check_request), std::allocator<void>());
    }
    BOOST_CATCH(...)
    {
      const std::lock_guard lock(mutex_);
      if (next == step::set)
        set_for_ = never;
      if (next == step::ask)
        check_asked_ = false;
      tending_ = false;
      BOOST_RETHROW
    }
    BOOST_CATCH_END
  }
}

} // namespace toro::detail

#endif // TORO_DETAIL_IO_IMPL_CORE_HPP
