// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_IO_IMPL_CORE_SUBMISSION_HPP
#define TORO_DETAIL_IO_IMPL_CORE_SUBMISSION_HPP

#include <toro/detail/io/core.hpp>

namespace toro::detail {

// What is left to do once the lock is released.

template <class State, class Threading>
bool core<State, Threading>::collect_locked(aftermath& after) noexcept
{
  if (state_.ready().empty() && unsubmitted_.empty() && !timer_.is_used())
    return false;
  for (waiter& w : state_.ready())
  {
    if (w.timed)
      timer_.erase(to_timed(w));
    w.timed = false;
    if (w.stage == phase::ended)
      to_operation(w).cut_link();
  }
  append(after.ready, unsubmitted_);
  append(after.ready, state_.ready());
  after.tend = after.tend || (!inert_ && timer_.start_tending());
  return !after.empty();
}

template <class State, class Threading>
bool core<State, Threading>::borrow_locked(aftermath& after) noexcept
{
  if (!collect_locked(after))
    return false;
  if constexpr (threading::is_shared)
  {
    if (!after.borrows && !inert_)
    {
      after.borrows = true;
      ++borrowers_;
    }
  }
  return true;
}

template <class State, class Threading>
void core<State, Threading>::give_back(aftermath& after) noexcept
{
  if (!after.borrows)
    return;
  after.borrows = false;
  const std::lock_guard lock(mutex_);
  --borrowers_;
}

template <class State, class Threading>
void core<State, Threading>::run(aftermath& after)
{
  aftermath refused;
  ready_list dropped;
  std::exception_ptr failure;
  do
  {
    if (std::exchange(after.tend, false))
      tend_quietly();
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
  } while (after.tend);
  give_back(after);
  keep(refused);
  destroy_all(dropped);
  if (failure)
    std::rethrow_exception(failure);
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
void core<State, Threading>::resubmit(operation_type& op) noexcept
{
  aftermath after;
  after.ready.push_back(op);
  run_quietly(after);
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
  aftermath after;
  after.ready.push_back(op);
  keep(after);
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
      // Order: these were decided before those that came in the meantime.
      append(after.ready, unsubmitted_);
      unsubmitted_.swap(after.ready);
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
