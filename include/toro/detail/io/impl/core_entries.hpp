// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_IO_IMPL_CORE_ENTRIES_HPP
#define TORO_DETAIL_IO_IMPL_CORE_ENTRIES_HPP

#include <toro/detail/io/core.hpp>

namespace toro::detail {

// How operations begin and end.

// The first attempt costs no clock and, where executors are not known, no note
// of outstanding work, which what succeeds at once does not need.
template <class State, class Threading>
template <bool Timed, class OperationPointer>
void core<State, Threading>::launch(OperationPointer op, deadline limit)
{
  using launched_type = typename OperationPointer::element_type;

  launched<launched_type> result;
  {
    const std::lock_guard lock(mutex_);
    if (inert_)
      return;
    const bool waits_at_once =
        !Timed && !launched_type::has_predicate && op->can_track_locked();
    if (attempt_locked(*op, waits_at_once))
    {
      if (op->stage == phase::waiting)
        op->track_locked();
      result.op = op.release();
      finish_locked(result);
    }
  }
  if (!result.op)
  {
    std::unique_lock lock(mutex_, std::defer_lock);
    if (!stand_in_line<Timed>(*op, lock, limit))
      return;
    result.op = op.release();
    finish_locked(result);
  }
  if constexpr (launched_type::is_immediate)
  {
    if (result.ended)
      return run_immediately(*result.op, result.after);
  }
  if (result.after.only() == result.op)
    submit(*result.op, result.after);
  else if (!result.after.empty())
    run(result.after);
}

template <class State, class Threading>
template <class Operation>
void core<State, Threading>::finish_locked(launched<Operation>& result)
{
  result.ended = result.op->stage != phase::waiting;
  note_crowd_locked(Operation::crowd, !result.ended);
  collect_locked(result.after);
  // Safety: once unlocked, a waiting operation may end in another thread and
  // take the block with it; the operations in the aftermath keep the block.
  if (result.after.tend || result.after.crowd)
    result.self = this;
}

template <class State, class Threading>
template <bool Timed, class Operation>
bool core<State, Threading>::stand_in_line(Operation& op,
                                           std::unique_lock<mutex_type>& lock,
                                           deadline limit)
{
  unwinding armed(*this, lock);
  op.prepare_to_wait();
  if constexpr (Operation::has_predicate)
  {
    lock.lock();
    if (inert_)
      return false;
    if (attempt_locked(op, false))
    {
      armed.commit();
      return true;
    }
    lock.unlock();
  }
  deadline::time_point expiry = never;
  bool passed = false;
  if constexpr (Timed)
  {
    if (!limit.is_never())
    {
      const deadline::time_point now = time_.now();
      expiry = limit.resolve(now);
      passed = expiry <= now;
    }
  }
  lock.lock();
  if (!passed && expiry != never && !inert_ && timer_.start_tending(expiry))
  {
    restless_ = true;
    lock.unlock();
    tend(expiry);
    lock.lock();
  }
  if (inert_)
    return false;
  if (!attempt_locked(op, !passed))
    state_.end(op, outcome::timed_out);
  if constexpr (Timed)
  {
    op.expiry = expiry;
    op.has_deadline = expiry != never;
    if (op.stage == phase::waiting)
      register_deadline_locked(op);
  }
  armed.commit();
  return true;
}

template <class State, class Threading>
template <class Operation>
void core<State, Threading>::run_immediately(Operation& op, aftermath& after)
{
  if (after.only() == &op)
    return op.submit_immediately();
  remove(after.ready(), op);
  BOOST_TRY
  {
    run_all(after);
  }
  BOOST_CATCH(...)
  {
    keep(op);
    BOOST_RETHROW
  }
  BOOST_CATCH_END
  op.submit_immediately();
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
inline outcome core<State, Threading>::conclude(operation_type& op) noexcept
{
  aftermath after;
  {
    const std::lock_guard lock(mutex_);
    if (op.stage == phase::granted)
      state_.commit(op);
    op.cut_link();
    diagnosis_.remove_wait(&op);
    if (is_agitated())
      borrow_locked(after);
  }
  // An executor that refuses what follows must not keep the handler from its
  // call.
  if (!after.empty())
    run_quietly(after);
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
  bool follows = false;
  const auto enter = [&]
  {
    const std::lock_guard lock(mutex_);
    if constexpr (std::is_void_v<std::invoke_result_t<Function&, State&>>)
    {
      function(state_);
      follows = is_agitated() && borrow_locked(after);
    }
    else
    {
      auto result = function(state_);
      follows = is_agitated() && borrow_locked(after);
      return result;
    }
  };
  if constexpr (std::is_void_v<std::invoke_result_t<Function&, State&>>)
  {
    enter();
    if (follows)
      (this->*finish)(after);
  }
  else
  {
    auto result = enter();
    if (follows)
      (this->*finish)(after);
    return result;
  }
}

} // namespace toro::detail

#endif // TORO_DETAIL_IO_IMPL_CORE_ENTRIES_HPP
