// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_IO_IMPL_CORE_PROMPT_HPP
#define TORO_DETAIL_IO_IMPL_CORE_PROMPT_HPP

#include <toro/detail/io/core.hpp>

namespace toro::detail {

// Operations that end in their initiation and have no memory of their own.

template <class State, class Threading>
template <class Request>
auto core<State, Threading>::start_promptly(Request& what, aftermath& before)
    -> prompt_record*
{
  for (;;)
  {
    {
      const entry lock(mutex_);
      if (!records_.empty())
        return start_promptly_locked(what, before);
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
template <class Request>
inline auto core<State, Threading>::start_promptly_locked(Request& what,
                                                          aftermath& before)
    -> prompt_record*
{
  // Order: what was refused by an executor, or is in the crowd, goes first.
  if (inert_ || retired_ || !state_.ready().empty() || state_.has_crowd() ||
      !what.starts_alone(state_))
    return nullptr;
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
    return nullptr;
  }
  detail::remove(state_.ready(), record);
  if (!state_.ready().empty())
    collect_all_locked(before);
  return &record;
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
  aftermath after;
  outcome how = outcome::success;
  {
    const std::lock_guard lock(mutex_);
    prompt_record record(*this);
    if (inert_ || retired_ || !state_.ready().empty() ||
        !start_locked(record, what))
      return std::nullopt;
    if (record.stage == phase::granted)
      state_.commit(record);
    how = record.how;
    what.take(record);
    detail::remove(state_.ready(), record);
    if (is_agitated())
      borrow_locked(after);
  }
  // Nothing may be thrown, or the result would be lost.
  if (!after.empty())
    run_quietly(after);
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
  prompt_record* surplus = nullptr;
  aftermath after;
  {
    const std::lock_guard lock(mutex_);
    state_.abandon(record);
    what.take(record);
    surplus = records_.push(record);
    borrow_locked(after);
  }
  delete surplus;
  run_quietly(after);
  what.dispose(*this);
}

} // namespace toro::detail

#endif // TORO_DETAIL_IO_IMPL_CORE_PROMPT_HPP
