// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_IO_IMPL_CORE_HPP
#define TORO_DETAIL_IO_IMPL_CORE_HPP

#include <toro/detail/io/core.hpp>

namespace toro::detail {

// The first attempt costs no clock and no note of outstanding work, which what
// succeeds at once does not need.
template <class State, class Threading>
template <bool Timed, class OperationPointer>
void core<State, Threading>::launch(OperationPointer op, deadline limit)
{
  aftermath after;
  pointer self;
  unwinding armed(*this);
  std::unique_lock lock(mutex_);
  if (inert_)
    return;
  bool begun = attempt_locked(*op, false);
  if (!begun)
  {
    lock.unlock();
    op->prepare_to_wait();
    lock.lock();
    if (inert_)
      return;
    if (OperationPointer::element_type::has_predicate)
      begun = attempt_locked(*op, false);
  }
  if (!begun)
  {
    deadline::time_point expiry = never;
    bool passed = false;
    if constexpr (Timed)
    {
      if (!limit.is_never())
      {
        lock.unlock();
        const deadline::time_point now = time_.now();
        expiry = limit.resolve(now);
        passed = expiry <= now;
        if (!passed && expiry != never)
          tend_for(expiry);
        lock.lock();
        if (inert_)
          return;
      }
    }
    if (!attempt_locked(*op, !passed))
      state_.end(*op, outcome::timed_out);
    if constexpr (Timed)
    {
      op->expiry = expiry;
      op->has_deadline = expiry != never;
      if (op->stage == phase::waiting)
        register_deadline_locked(*op);
    }
  }
  armed.commit();
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
          [&](const waiter& w)
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
  forsake_all(after.ready);
  lock.lock();
  while (timer_.is_tended() || borrowers_ != 0)
  {
    lock.unlock();
    threading::relax();
    lock.lock();
  }
  lock.unlock();
  timer_.drop();
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
    if (timer_.wake(number))
      expire_locked(now);
    borrow_locked(after);
  }
  run_quietly(after);
}

// All that are due leave before anything is granted: what would be granted to
// a wait that is late as well is for those behind it.
template <class State, class Threading>
void core<State, Threading>::expire_locked(deadline::time_point now) noexcept
{
  while (deadline_entry* entry = timer_.pop_due(now))
  {
    auto& op = static_cast<timed_operation_type&>(*entry);
    op.timed = false;
    state_.dismiss(op, outcome::timed_out);
  }
  state_.settle();
}

// Sets the timer for a wait that is about to queue.
template <class State, class Threading>
void core<State, Threading>::tend_for(deadline::time_point coming)
{
  {
    const std::lock_guard lock(mutex_);
    if (inert_ || !timer_.start_tending(coming))
      return;
  }
  tend(coming);
}

// Unsets the timer, in time, where an initiation failed that had set it.
template <class State, class Threading>
void core<State, Threading>::look_after_timer() noexcept
{
  aftermath after;
  {
    const std::lock_guard lock(mutex_);
    borrow_locked(after);
  }
  run_quietly(after);
}

// Requires that this thread was told to tend.
template <class State, class Threading>
void core<State, Threading>::tend(deadline::time_point coming)
{
  for (;;)
  {
    deadline_timer::step step;
    const any_executor_slot* executor;
    {
      const std::lock_guard lock(mutex_);
      if (inert_)
      {
        timer_.stop_tending();
        return;
      }
      step = timer_.next(coming);
      executor = &executors_.first();
    }
    if (step.what == deadline_timer::action::rest)
      return;
    BOOST_TRY
    {
      if (timer_.carry_out(step, *this, time_, executor->any()))
        boost::asio::use_service<reactor_shutdown_service>(time_.context());
    }
    BOOST_CATCH(...)
    {
      const std::lock_guard lock(mutex_);
      timer_.give_up(step);
      BOOST_RETHROW
    }
    BOOST_CATCH_END
  }
}

} // namespace toro::detail

#endif // TORO_DETAIL_IO_IMPL_CORE_HPP
