// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_IO_IMPL_CORE_PROMPT_HPP
#define TORO_DETAIL_IO_IMPL_CORE_PROMPT_HPP

#include <toro/detail/io/core.hpp>

namespace toro::detail {

// Operations that end in their initiation and have no memory of their own.

template <class State, class Threading>
template <class Request, class Post>
bool core<State, Threading>::start_promptly(Request& what, Post post)
{
  for (;;)
  {
    {
      entry lock(mutex_);
      if (!records_.empty())
        return start_promptly_locked(what, post, lock);
    }
    stock_record();
  }
}

template <class State, class Threading>
void core<State, Threading>::stock_record()
{
  auto fresh = std::make_unique<prompt_record>(*this);
  const std::lock_guard lock(mutex_);
  fresh.reset(records_.push(*fresh.release()));
}

template <class State, class Threading>
template <class Request, class Post>
inline bool
core<State, Threading>::start_promptly_locked(Request& what, Post& post,
                                              entry<mutex_type>& lock)
{
  // Order: what was refused by an executor, is to be delivered together, or is
  // being submitted further up goes first.
  if (inert_ || retired_ || !state_.ready().empty() || has_batch_locked() ||
      !what.starts_alone(state_) || base::is_submitting())
    return false;
  prompt_record& record = records_.pop();
  bool begun = false;
  BOOST_TRY
  {
    begun = start_locked(record, what);
  }
  BOOST_CATCH(...)
  {
    records_.push(record);
    BOOST_RETHROW
  }
  BOOST_CATCH_END
  if (!begun)
  {
    records_.push(record);
    note_wait_locked(Request::kind, true);
    return false;
  }
  detail::remove(state_.ready(), record);
  const bool is_only = state_.ready().empty() && !state_.crowd_grew();
  use here(*this);
  mutex_type* const locked = lock.release();
  if (!is_only) [[unlikely]]
    return post_after_others(record, what, post, here, locked);
  locked->unlock();
  post(record);
  return true;
}

// What else the start has decided is submitted before.
template <class State, class Threading>
template <class Request, class Post>
bool core<State, Threading>::post_after_others(prompt_record& record,
                                               Request& what, Post& post,
                                               use& here, mutex_type* locked)
{
  aftermath after;
  collect_all_locked(after);
  locked->unlock();
  run(after, here);
  if (here.is_over())
    abandon_promptly(record, what);
  else
    post(record);
  if (after.failure)
    std::rethrow_exception(after.failure);
  return true;
}

template <class State, class Threading>
template <class Request>
std::optional<outcome> core<State, Threading>::try_now(Request& what)
{
  if constexpr (requires { what.try_start(state_); })
  {
    const bool done = update_quietly(
        [&](State& state)
        {
          return !inert_ && !retired_ && what.try_start(state);
        });
    if (done)
      return outcome::success;
  }
  entry lock(mutex_);
  prompt_record record(*this);
  if (inert_ || retired_ || !state_.ready().empty() ||
      !start_locked(record, what))
    return std::nullopt;
  state_.take_out(record);
  if (record.stage == phase::granted)
    state_.commit(record);
  const outcome how = record.how;
  what.take(record);
  // Nothing may be thrown, or the result would be lost.
  if (is_agitated())
    follow_up_quietly(lock.release());
  return how;
}

// Where nothing is begun, the request has what is its own again.
template <class State, class Threading>
template <class Request>
bool core<State, Threading>::start_locked(prompt_record& record, Request& what)
{
  bool begun = false;
  what.bind(record);
  BOOST_TRY
  {
    begun = what.start(state_, record, false);
  }
  BOOST_CATCH(...)
  {
    what.take(record);
    BOOST_RETHROW
  }
  BOOST_CATCH_END
  if (!begun)
    what.take(record);
  return begun;
}

template <class State, class Threading>
template <class Request>
inline outcome core<State, Threading>::conclude_promptly(prompt_record& record,
                                                         Request& what) noexcept
{
  std::unique_ptr<prompt_record> surplus;
  entry lock(mutex_);
  if (record.stage == phase::granted)
    state_.commit(record);
  const outcome how = record.how;
  what.take(record);
  surplus.reset(records_.push(record));
  if (is_agitated())
    follow_up_quietly(lock.release());
  return how;
}

template <class State, class Threading>
template <class Request>
void core<State, Threading>::abandon_promptly(prompt_record& record,
                                              Request& what) noexcept
{
  entry lock(mutex_);
  state_.abandon(record);
  what.take(record);
  const std::unique_ptr<prompt_record> surplus(records_.push(record));
  follow_up_quietly(lock.release());
  what.dispose(*this);
}

} // namespace toro::detail

#endif // TORO_DETAIL_IO_IMPL_CORE_PROMPT_HPP
