// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_IO_IMPL_CORE_ENTRIES_HPP
#define TORO_DETAIL_IO_IMPL_CORE_ENTRIES_HPP

#include <toro/detail/io/core.hpp>

namespace toro::detail {

// How operations begin and end.

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
template <class Operation>
bool core<State, Threading>::attempt_locked(Operation& op, bool may_wait)
{
  if (!retired_)
    return op.start(state_, may_wait);
  state_.end(op, outcome::aborted);
  return true;
}

template <class State, class Threading>
outcome core<State, Threading>::conclude(operation_type& op,
                                         aftermath& after) noexcept
{
  const std::lock_guard lock(mutex_);
  if (op.stage == phase::granted)
    state_.commit(op);
  op.cut_link();
  borrow_locked(after);
  return op.how;
}

template <class State, class Threading>
template <class Count>
auto core<State, Threading>::decline(operation_type& op, Count seen) -> declined
{
  aftermath after;
  {
    const std::lock_guard lock(mutex_);
    if (op.stage != phase::granted)
      return declined::ended;
    if (state_.notifications() != seen)
      return declined::outdated;
    state_.decline(op);
    register_deadline_locked(op);
    borrow_locked(after);
  }
  run_quietly(after);
  return declined::waits;
}

template <class State, class Threading>
void core<State, Threading>::emit(slot_link<waiter_type>& link) noexcept
{
  aftermath after;
  {
    const std::lock_guard lock(mutex_);
    if (!link.op)
      return;
    operation_type& op = *link.op;
    if (state_.abort(op, outcome::aborted))
      op.cut_link();
    borrow_locked(after);
  }
  run_quietly(after);
}

template <class State, class Threading>
void core<State, Threading>::unlink(slot_link<waiter_type>& link) noexcept
{
  const std::lock_guard lock(mutex_);
  if (link.op)
    link.op->link = nullptr;
  link.op = nullptr;
}

template <class State, class Threading>
template <class Function, class Finish>
auto core<State, Threading>::change(Function function, Finish finish)
{
  aftermath after;
  std::unique_lock lock(mutex_);
  if constexpr (std::is_void_v<std::invoke_result_t<Function&, State&>>)
  {
    function(state_);
    if (!borrow_locked(after))
      return;
    lock.unlock();
    finish(after);
  }
  else
  {
    auto result = function(state_);
    if (!borrow_locked(after))
      return result;
    lock.unlock();
    finish(after);
    return result;
  }
}

} // namespace toro::detail

#endif // TORO_DETAIL_IO_IMPL_CORE_ENTRIES_HPP
