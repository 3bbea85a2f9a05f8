// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_IO_IMPL_CORE_SUBMISSION_HPP
#define TORO_DETAIL_IO_IMPL_CORE_SUBMISSION_HPP

#include <toro/detail/io/core.hpp>

namespace toro::detail {

// What is left to do once the lock is released.

template <class State, class Threading>
bool core<State, Threading>::collect_all_locked(aftermath& after) noexcept
{
  // Order: before what may have to be tried again.
  state_.set_restless(timer_.is_used());
  ready_list& rest = after.rest;
  append(rest, state_.ready());
  int room = most_at_once;
  for (; room != 0 && !rest.empty(); --room)
  {
    operation_type& op = to_operation(rest.front());
    rest.pop_front();
    note_collected_locked(op);
    if (joins_batch_locked(op))
      batch_.push_back(op);
    else
      after.ready.push_back(op);
  }
  collect_crowd_locked(after, room);
  if (timer_.is_used() && !inert_ && timer_.start_tending())
    after.tend = true;
  return !after.empty();
}

template <class State, class Threading>
template <class Operation>
BOOST_FORCEINLINE void core<State, Threading>::submit(Operation& op,
                                                      bool borrows)
{
  const submission current(op);
  BOOST_TRY
  {
    op.submit(current);
  }
  BOOST_CATCH(...)
  {
    settle_up(borrows);
    if (current.dropped())
      keep(op);
    BOOST_RETHROW
  }
  BOOST_CATCH_END
  settle_up(borrows);
  if (current.dropped())
    drop(op);
}

template <class State, class Threading>
void core<State, Threading>::run(aftermath& after)
{
  if (!after.tend && !after.crowd && !after.has_more() && has_one(after.ready))
  {
    operation_type& op = to_operation(after.ready.front());
    after.ready.clear();
    return submit(op, after.borrows);
  }
  aftermath refused;
  ready_list dropped;
  std::exception_ptr failure;
  do
  {
    if (std::exchange(after.tend, false))
      base::tend_quietly();
    while (!after.ready.empty())
    {
      operation_type& op = to_operation(after.ready.front());
      after.ready.pop_front();
      const submission current(op);
      BOOST_TRY
      {
        op.submit(current);
        if (current.dropped())
        {
          forsake(op, after);
          dropped.push_back(op);
        }
      }
      BOOST_CATCH(...)
      {
        if (!failure)
          failure = std::current_exception();
        if (current.dropped())
          refused.ready.push_back(op);
      }
      BOOST_CATCH_END
    }
    if (std::exchange(after.crowd, false))
    {
      BOOST_TRY
      {
        post_crowd();
      }
      BOOST_CATCH(...)
      {
        if (!failure)
          failure = std::current_exception();
      }
      BOOST_CATCH_END
    }
    if (after.has_more())
    {
      const std::lock_guard lock(mutex_);
      collect_all_locked(after);
    }
  } while (!after.empty());
  settle_up(after.borrows);
  keep(refused);
  destroy_all(dropped);
  if (failure)
    std::rethrow_exception(failure);
}

template <class State, class Threading>
BOOST_NOINLINE void core<State, Threading>::follow_up(mutex_type* locked)
{
  operation_type* const only = pop_only_locked();
  if (!only)
    return follow_up_all(locked);
  if (borrow_locked())
    return submit_borrowing(*only, locked);
  locked->unlock();
  submit(*only);
}

template <class State, class Threading>
BOOST_NOINLINE void core<State, Threading>::submit_borrowing(operation_type& op,
                                                             mutex_type* locked)
{
  // Safety: the operation may end the primitive.
  const pointer self(this);
  locked->unlock();
  submit(op, true);
}

template <class State, class Threading>
BOOST_NOINLINE void core<State, Threading>::follow_up_all(mutex_type* locked)
{
  aftermath after;
  const bool follows = borrow_locked(after);
  // Safety: the first of them may end the primitive.
  const pointer self(after.borrows || after.has_more() ? this : nullptr);
  locked->unlock();
  if (follows)
    run(after);
}

template <class State, class Threading>
BOOST_FORCEINLINE void
core<State, Threading>::follow_up_quietly(mutex_type* locked) noexcept
{
  BOOST_TRY
  {
    follow_up(locked);
  }
  BOOST_CATCH(...)
  {
  }
  BOOST_CATCH_END
}

template <class State, class Threading>
void core<State, Threading>::run_quietly(aftermath& after) noexcept
{
  BOOST_TRY
  {
    run(after);
  }
  BOOST_CATCH(...)
  {
  }
  BOOST_CATCH_END
}

template <class State, class Threading>
std::exception_ptr core<State, Threading>::try_run(aftermath& after) noexcept
{
  BOOST_TRY
  {
    run(after);
  }
  BOOST_CATCH(...)
  {
    return std::current_exception();
  }
  BOOST_CATCH_END
  return nullptr;
}

template <class State, class Threading>
void core<State, Threading>::resubmit(operation_type& op) noexcept
{
  BOOST_TRY
  {
    submit(op);
  }
  BOOST_CATCH(...)
  {
  }
  BOOST_CATCH_END
}

template <class State, class Threading>
void core<State, Threading>::drop(operation_type& op) noexcept
{
  const pointer self(this);
  aftermath after;
  forsake(op, after);
  run_quietly(after);
  op.destroy();
}

template <class State, class Threading>
void core<State, Threading>::keep(operation_type& op) noexcept
{
  {
    const std::lock_guard lock(mutex_);
    if (!inert_)
    {
      home_.resume(op.at_home);
      // Order: it was decided before those that came in the meantime.
      state_.ready().push_front(op);
      return;
    }
    state_.abandon(op);
    op.cut_link();
  }
  op.destroy();
}

template <class State, class Threading>
void core<State, Threading>::keep(aftermath& after) noexcept
{
  // Safety: without an operation the block may be gone.
  if (after.ready.empty())
    return;
  {
    const std::lock_guard lock(mutex_);
    if (!inert_)
    {
      for (waiter& w : after.ready)
        home_.resume(to_operation(w).at_home);
      // Order: these were decided before those that came in the meantime.
      append(after.ready, state_.ready());
      state_.ready().swap(after.ready);
      return;
    }
  }
  forsake_all(after.ready);
}

template <class State, class Threading>
void core<State, Threading>::forsake(operation_type& op,
                                     aftermath& after) noexcept
{
  const std::lock_guard lock(mutex_);
  state_.abandon(op);
  op.cut_link();
  borrow_locked(after);
}

template <class State, class Threading>
void core<State, Threading>::forsake_all(ready_list& list) noexcept
{
  {
    const std::lock_guard lock(mutex_);
    for (waiter& w : list)
    {
      state_.abandon(static_cast<waiter_type&>(w));
      to_operation(w).cut_link();
    }
  }
  destroy_all(list);
}

template <class State, class Threading>
void core<State, Threading>::destroy_all(ready_list& list) noexcept
{
  while (!list.empty())
  {
    operation_type& op = to_operation(list.front());
    list.pop_front();
    op.destroy();
  }
}

} // namespace toro::detail

#endif // TORO_DETAIL_IO_IMPL_CORE_SUBMISSION_HPP
