// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_IO_IMPL_CORE_CROWD_HPP
#define TORO_DETAIL_IO_IMPL_CORE_CROWD_HPP

#include <toro/detail/io/core.hpp>

namespace toro::detail {

// How the waits of a broadcast are delivered: some in each turn of the
// executor, so that it does not cost a post for each of them, and others have
// their turn as well. Only where the executor runs one function at a time, or
// what could run in parallel would stand in line.

// Those that are delivered in one turn. What is left when a handler throws goes
// back to where it was.
template <class State, class Threading>
class core<State, Threading>::crowd_turn
{
public:
  explicit crowd_turn(core& block) noexcept
    : block_(block)
  {
    const std::lock_guard lock(block_.mutex_);
    for (int n = 0; n < most && !block_.state_.crowd().empty(); ++n)
      list_.push_back(block_.state_.pop_crowd());
  }

  crowd_turn(const crowd_turn&) = delete;
  crowd_turn& operator=(const crowd_turn&) = delete;

  ~crowd_turn()
  {
    entry lock(block_.mutex_);
    block_.state_.rejoin_crowd(list_);
    block_.state_.close_crowd();
    block_.crowd_posted_ = false;
    block_.follow_up_quietly(lock.release());
  }

  operation_type* pop() noexcept
  {
    if (list_.empty())
      return nullptr;
    operation_type& op = to_operation(list_.front());
    list_.pop_front();
    return &op;
  }

private:
  static constexpr int most = 64;

  core& block_;
  ready_list list_;
};

template <class State, class Threading>
void core<State, Threading>::deliver()
{
  const pointer self(this, false);
  crowd_turn turn(*this);
  while (operation_type* const op = turn.pop())
    op->deliver();
}

template <class State, class Threading>
void core<State, Threading>::abandon() noexcept
{
  const pointer self(this, false);
  drop_crowd();
}

template <class State, class Threading>
void core<State, Threading>::post_crowd(std::exception_ptr& failure) noexcept
{
  pointer self(this);
  const submission current(*this);
  BOOST_TRY
  {
    // Order: made before anything that throws, which then drops it.
    delivery mine(*this);
    home_.post(std::move(mine), std::allocator<void>());
    if (current.dropped())
      return drop_crowd();
  }
  BOOST_CATCH(...)
  {
    if (!failure)
      failure = std::current_exception();
    if (current.dropped())
    {
      const std::lock_guard lock(mutex_);
      crowd_posted_ = false;
      restless_ = true;
      return;
    }
  }
  BOOST_CATCH_END
  self.detach();
}

template <class State, class Threading>
void core<State, Threading>::drop_crowd() noexcept
{
  ready_list dropped;
  entry lock(mutex_);
  crowd_posted_ = false;
  while (!state_.crowd().empty())
    dropped.push_back(state_.pop_crowd());
  state_.close_crowd();
  // Order: what these give back may be granted, and must not join them.
  for (waiter& w : dropped)
  {
    state_.abandon(static_cast<waiter_type&>(w));
    to_operation(w).cut_link();
  }
  follow_up_quietly(lock.release());
  destroy_all(dropped);
}

template <class State, class Threading>
void core<State, Threading>::collect_crowd_locked(aftermath& after) noexcept
{
  if (state_.take_broadcast() && timer_.is_used())
  {
    timer_.erase_if(
        [this](deadline_entry& entry)
        {
          auto& op = static_cast<timed_operation_type&>(entry);
          op.timed = !state_.is_in_crowd(op);
          return !op.timed;
        });
  }
  if (crowd_posted_ || inert_)
    return;
  crowd_posted_ = true;
  after.crowd = true;
}

} // namespace toro::detail

#endif // TORO_DETAIL_IO_IMPL_CORE_CROWD_HPP
