// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_CORE_FAST_PATH_HPP
#define TORO_DETAIL_CORE_FAST_PATH_HPP

#include <toro/detail/core/core.hpp>

namespace toro::detail {

// Operations that complete immediately and have no memory of their own. The
// state sees each of them as a fast_waiter.

template <wait_state State, class Threading>
template <class Request>
bool core<State, Threading>::start_fast(Request& what, fast_post post)
{
  for (;;)
  {
    {
      lock_type lock(mutex_);
      if (!fast_waiters_.empty())
        return start_fast_locked(what, post, std::move(lock));
    }
    add_fast_waiter();
  }
}

template <wait_state State, class Threading>
void core<State, Threading>::add_fast_waiter()
{
  auto fresh = std::make_unique<fast_waiter>(*this);
  const std::lock_guard lock(mutex_);
  fresh.reset(fast_waiters_.push(*fresh.release()));
}

template <wait_state State, class Threading>
template <class Request>
TORO_DETAIL_FORCEINLINE bool
core<State, Threading>::start_fast_locked(Request& what, fast_post post,
                                          lock_type lock)
{
  // Order: earlier operations go first: those that an executor has refused,
  // that share a delivery, or that this thread is submitting further up the
  // stack.
  if (is_shut_down_ || retired_ || !state_.ready().empty() ||
      has_batch_locked() || !what.starts_alone(state_) || base::is_submitting())
    return false;
  fast_waiter& w = fast_waiters_.pop();
  bool begun = false;
  BOOST_TRY
  {
    begun = start_locked(w, what);
  }
  BOOST_CATCH(...)
  {
    fast_waiters_.push(w);
    BOOST_RETHROW
  }
  BOOST_CATCH_END
  if (!begun)
  {
    fast_waiters_.push(w);
    note_wait_locked(Request::kind, true);
    return false;
  }
  detail::remove(state_.ready(), w);
  BOOST_ASSERT_MSG(!state_.broadcast_grew(),
                   "a start that grants a broadcast must not start alone");
  const bool is_only = state_.ready().empty();
  use here(*this);
  if (!is_only) [[unlikely]]
    return post_after_others(w, what, post, here, std::move(lock));
  lock.unlock();
  post.function(post.argument, w);
  return true;
}

// What else the start has decided is submitted first.
template <wait_state State, class Threading>
template <class Request>
bool core<State, Threading>::post_after_others(fast_waiter& w, Request& what,
                                               fast_post post, use& here,
                                               lock_type lock)
{
  deferred_actions deferred;
  collect_all_locked(deferred);
  lock.unlock();
  run_deferred(deferred, here);
  if (here.is_over())
    abandon_fast(w, what);
  else
    post.function(post.argument, w);
  if (deferred.failure)
    std::rethrow_exception(deferred.failure);
  return true;
}

template <wait_state State, class Threading>
template <class Request>
std::optional<outcome> core<State, Threading>::try_now(Request& what)
{
  if constexpr (requires { what.try_start(state_); })
  {
    const bool done = update_quietly(
        [&](State& state)
        {
          return !is_shut_down_ && !retired_ && what.try_start(state);
        });
    if (done)
      return outcome::success;
  }
  lock_type lock(mutex_);
  fast_waiter w(*this);
  if (is_shut_down_ || retired_ || !state_.ready().empty() ||
      !start_locked(w, what))
    return std::nullopt;
  state_.take_out(w);
  if (w.stage == phase::granted)
    commit_locked(w, what);
  const outcome how = w.how;
  what.take(w);
  // Nothing may be thrown here: the result would be lost.
  if (has_pending_work())
    follow_up_quietly(std::move(lock));
  return how;
}

// If this does not start the operation, the request has its own again.
template <wait_state State, class Threading>
template <class Request>
bool core<State, Threading>::start_locked(fast_waiter& w, Request& what)
{
  bool begun = false;
  what.bind(w);
  BOOST_TRY
  {
    begun = what.start(state_, w, false);
  }
  BOOST_CATCH(...)
  {
    what.take(w);
    BOOST_RETHROW
  }
  BOOST_CATCH_END
  if (!begun)
    what.take(w);
  return begun;
}

template <wait_state State, class Threading>
template <class Request>
inline outcome core<State, Threading>::commit_fast(fast_waiter& w,
                                                   Request& what) noexcept
{
  std::unique_ptr<fast_waiter> surplus;
  lock_type lock(mutex_);
  if (w.stage == phase::granted)
    commit_locked(w, what);
  const outcome how = w.how;
  what.take(w);
  surplus.reset(fast_waiters_.push(w));
  if (has_pending_work())
    follow_up_quietly(std::move(lock));
  return how;
}

template <wait_state State, class Threading>
template <class Request>
void core<State, Threading>::abandon_fast(fast_waiter& w,
                                          Request& what) noexcept
{
  lock_type lock(mutex_);
  state_.revoke_or_commit(w);
  what.take(w);
  const std::unique_ptr<fast_waiter> surplus(fast_waiters_.push(w));
  follow_up_quietly(std::move(lock));
  what.dispose(*this);
}

} // namespace toro::detail

#endif // TORO_DETAIL_CORE_FAST_PATH_HPP
