// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_CORE_SUBMISSION_HPP
#define TORO_DETAIL_CORE_SUBMISSION_HPP

#include <toro/detail/core/core.hpp>

namespace toro::detail {

// What a thread does after it has unlocked: it runs its deferred actions, which
// submits operations to executors.

// Marks the time in which a thread submits operations. What it calls may enter
// the object, and then leaves its own operations to this submission.
template <wait_state State, class Threading>
class core<State, Threading>::submitting
{
public:
  explicit submitting(use& here) noexcept
    : use_(here)
  {
    use_.set_submitting(true);
  }

  submitting(const submitting&) = delete;
  submitting& operator=(const submitting&) = delete;

  ~submitting()
  {
    use_.set_submitting(false);
  }

private:
  use& use_;
};

template <wait_state State, class Threading>
bool core<State, Threading>::collect_all_locked(
    deferred_actions& deferred) noexcept
{
  note_instant_locked();
  // Order: before anything that may set it again.
  state_.set_pending_work(timer_.is_used());
  ready_list& rest = deferred.rest;
  detail::append(rest, state_.ready());
  int room = most_at_once;
  for (; room != 0 && !rest.empty(); --room)
  {
    operation_type& op = to_operation(rest.front());
    rest.pop_front();
    note_collected_locked(op);
    if (joins_batch_locked(op))
      batch_.push_back(op);
    else
      deferred.ready.push_back(op);
  }
  collect_broadcast_locked(deferred, room);
  if (timer_.is_used() && !is_shut_down_ && timer_.start_service())
    deferred.service_timer = true;
  return !deferred.empty();
}

template <wait_state State, class Threading>
BOOST_NOINLINE void core<State, Threading>::follow_up(lock_type lock)
{
  unlock_and_submit(lock);
}

template <wait_state State, class Threading>
BOOST_NOINLINE void
core<State, Threading>::follow_up_quietly(lock_type lock) noexcept
{
  detail::quietly(
      [&]
      {
        unlock_and_submit(lock);
      });
}

template <wait_state State, class Threading>
TORO_DETAIL_FORCEINLINE void
core<State, Threading>::unlock_and_submit(lock_type& lock)
{
  if (base::leave_to_outer())
    return lock.unlock();
  // Safety: a submitted operation may end the primitive.
  use here(*this);
  operation_type* const only = pop_only_locked();
  if (!only)
    return follow_up_all(here, std::move(lock));
  lock.unlock();
  std::exception_ptr failure;
  submit_result got;
  {
    const submitting scope(here);
    got = try_submit(*only, failure);
  }
  if (got != submit_result::accepted || failure || here.has_left())
    submit_rest(here, *only, got, failure);
}

template <wait_state State, class Threading>
BOOST_NOINLINE void core<State, Threading>::follow_up_all(use& here,
                                                          lock_type lock)
{
  deferred_actions deferred;
  const bool follows = collect_all_locked(deferred);
  lock.unlock();
  if (follows)
    run_deferred_and_throw(deferred, here);
}

template <wait_state State, class Threading>
BOOST_NOINLINE void
core<State, Threading>::submit_rest(use& here, operation_type& op,
                                    submit_result got,
                                    std::exception_ptr failure)
{
  deferred_actions deferred;
  deferred.failure = std::move(failure);
  note_submitted(op, got, deferred);
  run_deferred_and_throw(deferred, here);
}

template <wait_state State, class Threading>
auto core<State, Threading>::try_submit(operation_type& op,
                                        std::exception_ptr& failure) noexcept
    -> submit_result
{
  const submission current(op);
  BOOST_TRY
  {
    op.submit(current);
  }
  BOOST_CATCH(...)
  {
    if (!failure)
      failure = std::current_exception();
    return current.dropped() ? submit_result::refused : submit_result::accepted;
  }
  BOOST_CATCH_END
  return current.dropped() ? submit_result::dropped : submit_result::accepted;
}

template <wait_state State, class Threading>
void core<State, Threading>::note_submitted(operation_type& op,
                                            submit_result got,
                                            deferred_actions& deferred) noexcept
{
  if (got == submit_result::refused)
    deferred.refused.push_back(op);
  if (got != submit_result::dropped)
    return;
  {
    const std::lock_guard lock(mutex_);
    abandon_locked(op);
    collect_locked(deferred);
  }
  deferred.dropped.push_back(op);
}

template <wait_state State, class Threading>
void core<State, Threading>::run_deferred(deferred_actions& deferred,
                                          use& here) noexcept
{
  const submitting scope(here);
  do
  {
    if (std::exchange(deferred.service_timer, false))
      detail::quietly(
          [this]
          {
            base::service_timer(never);
          });
    while (!deferred.ready.empty())
    {
      operation_type& op = to_operation(deferred.ready.front());
      deferred.ready.pop_front();
      // Order: nothing is submitted after this thread has ended the context.
      note_submitted(op,
                     here.is_over() ? submit_result::dropped
                                    : try_submit(op, deferred.failure),
                     deferred);
    }
    if (std::exchange(deferred.posts_turn, false) && !here.is_over())
      post_turn(deferred.failure);
    // Order: after the others were submitted, since the handlers that this
    // destroys may end the context.
    if (!deferred.has_more())
      destroy(deferred.dropped);
    if (here.take_left() || deferred.has_more())
    {
      const std::lock_guard lock(mutex_);
      collect_all_locked(deferred);
    }
  } while (!deferred.empty());
  keep(deferred.refused);
}

template <wait_state State, class Threading>
void core<State, Threading>::run_deferred_and_throw(deferred_actions& deferred,
                                                    use& here)
{
  run_deferred(deferred, here);
  if (deferred.failure)
    std::rethrow_exception(deferred.failure);
}

template <wait_state State, class Threading>
void core<State, Threading>::drop(operation_type& op) noexcept
{
  ready_list list;
  list.push_back(op);
  drop(list);
}

template <wait_state State, class Threading>
void core<State, Threading>::keep(operation_type& op) noexcept
{
  ready_list list;
  list.push_back(op);
  keep(list);
}

template <wait_state State, class Threading>
void core<State, Threading>::resubmit(operation_type& op) noexcept
{
  keep(op);
  lock_type lock(mutex_);
  follow_up_quietly(std::move(lock));
}

template <wait_state State, class Threading>
void core<State, Threading>::keep(ready_list& list) noexcept
{
  if (list.empty())
    return;
  {
    const std::lock_guard lock(mutex_);
    if (!is_shut_down_)
    {
      for (waiter& w : list)
        object_executor_.resume(to_operation(w).work);
      // Order: these were decided before those that are ready now.
      detail::append(list, state_.ready());
      state_.ready().swap(list);
      return;
    }
  }
  drop(list);
}

template <wait_state State, class Threading>
void core<State, Threading>::drop(ready_list& list) noexcept
{
  lock_type lock(mutex_);
  for (waiter& w : list)
    abandon_locked(w);
  follow_up_quietly(std::move(lock));
  // Safety: the operations keep the core.
  destroy(list);
}

template <wait_state State, class Threading>
void core<State, Threading>::destroy(ready_list& list) noexcept
{
  while (!list.empty())
  {
    operation_type& op = to_operation(list.front());
    list.pop_front();
    op.destroy();
  }
}

} // namespace toro::detail

#endif // TORO_DETAIL_CORE_SUBMISSION_HPP
