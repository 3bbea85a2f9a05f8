// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_CORE_ENTRIES_HPP
#define TORO_DETAIL_CORE_ENTRIES_HPP

#include <toro/detail/core/core.hpp>

namespace toro::detail {

// How operations start, complete and are cancelled. Most of these functions are
// entries, with the steps that core.hpp describes.

// Services the timer if an initiation ends early, by an exception or by the end
// of the context.
template <wait_state State, class Threading>
class core<State, Threading>::unwinding
{
public:
  unwinding(core& owner, lock_type& lock) noexcept
    : owner_(&owner),
      lock_(lock)
  {
  }

  unwinding(const unwinding&) = delete;
  unwinding& operator=(const unwinding&) = delete;

  ~unwinding()
  {
    if (!owner_)
      return;
    if (!lock_.owns_lock())
      lock_.lock(owner_->mutex_);
    owner_->follow_up_quietly(std::move(lock_));
  }

  void commit() noexcept
  {
    owner_ = nullptr;
  }

private:
  core* owner_;
  lock_type& lock_;
};

template <wait_state State, class Threading>
template <class Request>
void core<State, Threading>::ask(Request& what)
{
  {
    const std::lock_guard lock(mutex_);
    if (is_shut_down_ || retired_)
      return;
    what.begin(state_);
  }
  what.ask();
}

// An operation is tried twice. The first attempt reads no clock and, unless the
// executors are known, tells none of outstanding work: an operation that
// completes immediately needs neither. The second one is in stand_in_line().
template <wait_state State, class Threading>
void core<State, Threading>::launch(operation_pointer<State> op, deadline limit,
                                    launch_traits<State> traits)
{
  lock_type lock(mutex_);
  if (is_shut_down_)
    return;
  const bool waits_at_once = op->may_wait_at_once &&
                             !state_with_instants<State> &&
                             !base::diagnostics_enabled();
  if (!attempt_locked(*op, waits_at_once))
  {
    lock.unlock();
    lock = stand_in_line(*op, limit);
    if (!lock.owns_lock())
      return;
  }
  else if (is_waiting_locked(*op))
  {
    op->prepare_to_wait();
    object_executor_.begin(op->work);
  }
  finish(*op.release(), std::move(lock), traits);
}

template <wait_state State, class Threading>
void core<State, Threading>::finish(operation_type& op, lock_type lock,
                                    launch_traits<State> traits)
{
  const bool waits = is_waiting_locked(op);
  note_wait_locked(traits.kind, waits);
  if (!waits && traits.note_immediate)
    traits.note_immediate(op);
  if (!has_pending_work())
    return lock.unlock();
  if (!waits && traits.submit_immediately)
    return finish_immediately(op, std::move(lock), traits);
  follow_up(std::move(lock));
}

template <wait_state State, class Threading>
auto core<State, Threading>::stand_in_line(operation_type& op, deadline limit)
    -> lock_type
{
  lock_type lock;
  unwinding armed(*this, lock);
  if (base::diagnostics_enabled())
    base::note_wait(&op, op.name());
  op.prepare_to_wait();
  deadline::time_point expiry = never;
  bool passed = false;
  if (!limit.is_never())
  {
    const deadline::time_point now = base::now();
    expiry = limit.resolve(now);
    passed = expiry <= now;
    if (!passed && expiry != never)
      op.watch_deadline(expiry);
  }
  lock.lock(mutex_);
  const deadline::time_point coming = passed ? never : coming_locked(expiry);
  if (coming != never && !is_shut_down_ && timer_.start_service(coming))
  {
    state_.set_pending_work(true);
    const use here(*this);
    lock.unlock();
    base::service_timer(coming);
    lock.lock(mutex_);
  }
  if (is_shut_down_)
    return lock_type();
  if constexpr (state_with_instants<State>)
  {
    if (passed)
      state_.pass_time(expiry);
  }
  if (!attempt_locked(op, !passed))
    state_.expire_at_start(op);
  const bool waits = is_waiting_locked(op);
  if (waits)
    object_executor_.begin(op.work);
  if (expiry != never)
  {
    to_timed(op).expiry = expiry;
    op.has_deadline = true;
    if (waits)
      register_deadline_locked(op);
  }
  armed.commit();
  return lock;
}

template <wait_state State, class Threading>
void core<State, Threading>::finish_immediately(operation_type& op,
                                                lock_type lock,
                                                launch_traits<State> traits)
{
  if (base::leave_to_outer())
    return lock.unlock();
  use here(*this);
  deferred_actions deferred;
  state_.take_out(op);
  if (op.stage == phase::decided)
    op.cut_link();
  const bool follows = collect_locked(deferred);
  lock.unlock();
  if (follows)
    run_deferred(deferred, here);
  if (here.is_over())
    return drop(op);
  if (deferred.failure)
  {
    keep(op);
    std::rethrow_exception(deferred.failure);
  }
  traits.submit_immediately(op);
}

template <wait_state State, class Threading>
bool core<State, Threading>::attempt_locked(operation_type& op, bool may_wait)
{
  if (!retired_)
    return op.start(state_, may_wait);
  state_.decide(op, outcome::cancelled);
  return true;
}

template <wait_state State, class Threading>
template <class Claim, class Request>
inline outcome core<State, Threading>::commit(operation_type& op,
                                              Claim its_claim,
                                              Request& what) noexcept
{
  lock_type lock(mutex_);
  if (op.stage == phase::granted)
  {
    detail::commit_by_claim(state_, op, its_claim);
    if (op.how == outcome::success)
      take_at_commit(op, what);
  }
  leave_locked(op);
  // An executor that refuses what follows must not prevent the handler's call.
  if (has_pending_work())
    follow_up_quietly(std::move(lock));
  return op.how;
}

template <wait_state State, class Threading>
template <class Count>
park_result core<State, Threading>::park_again(operation_type& op, Count seen)
{
  lock_type lock(mutex_);
  if (op.stage != phase::granted)
    return park_result::ended;
  if (state_.notifications() != seen)
    return park_result::outdated;
  state_.decline(op);
  object_executor_.begin(op.work);
  register_deadline_locked(op);
  follow_up_quietly(std::move(lock));
  return park_result::waits;
}

template <wait_state State, class Threading>
template <class Function>
void core<State, Threading>::emit(slot_link<State>& link,
                                  Function function) noexcept
{
  lock_type lock(mutex_);
  if (!link.op)
    return;
  operation_type& op = *link.op;
  function(state_, op);
  if (op.stage == phase::decided)
    op.cut_link();
  follow_up_quietly(std::move(lock));
}

template <wait_state State, class Threading>
void core<State, Threading>::unlink(slot_link<State>& link) noexcept
{
  const std::lock_guard lock(mutex_);
  if (link.op)
    link.op->link = nullptr;
  link.op = nullptr;
}

template <wait_state State, class Threading>
template <class Function>
auto core<State, Threading>::update_at(deadline::time_point instant,
                                       Function function)
{
  {
    lock_type lock(mutex_);
    unwinding armed(*this, lock);
    if (state_.waiters() != 0 && instant != never && !is_shut_down_ &&
        timer_.start_service(instant))
    {
      state_.set_pending_work(true);
      const use here(*this);
      lock.unlock();
      base::service_timer(instant);
    }
    armed.commit();
  }
  return update_quietly(std::move(function));
}

template <wait_state State, class Threading>
template <bool Quietly, class Function>
TORO_DETAIL_FORCEINLINE auto core<State, Threading>::change(Function& function)
{
  lock_type lock(mutex_);
  const auto end = [&]
  {
    if (!has_pending_work())
      return;
    if constexpr (Quietly)
      follow_up_quietly(std::move(lock));
    else
      follow_up(std::move(lock));
  };
  if constexpr (std::is_void_v<std::invoke_result_t<Function&, State&>>)
  {
    function(state_);
    end();
  }
  else
  {
    auto result = function(state_);
    end();
    return result;
  }
}

} // namespace toro::detail

#endif // TORO_DETAIL_CORE_ENTRIES_HPP
