// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_STATE_LIBRARY_HPP
#define TORO_TEST_MODEL_STATE_LIBRARY_HPP

#include <toro/detail/state/claim.hpp>
#include <toro/detail/wait/waiter.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "model/actions/machine.hpp"
#include "support/pool.hpp"

namespace toro_test {

inline ending ending_of(toro::detail::outcome how)
{
  using toro::detail::outcome;
  switch (how)
  {
  case outcome::success:
    break;
  case outcome::cancelled:
    return ending::aborted;
  case outcome::timed_out:
    return ending::timed_out;
  case outcome::closed:
    return ending::closed;
  case outcome::impossible:
    return ending::impossible;
  case outcome::underflow:
    return ending::underflow;
  case outcome::not_locked:
    break;
  }
  return ending::success;
}

// What a bare state is to a machine: of a type that the machine knows, or
// abstract.
struct known_state
{
  static constexpr bool is_public = false;

  message told;
};

class abstract_state : public abstract_library
{
public:
  static constexpr bool is_public = false;

  virtual void expire(std::size_t w) = 0;

protected:
  ~abstract_state() = default;
};

// One of several waits of which one may succeed.
struct claimant
{
  toro::detail::claim& of;
  std::size_t number;

  bool take() const noexcept
  {
    return of.take(number);
  }
};

// A bare state as the library's side of a machine. What layers above would do
// with a wait is done here: a delivery is a call of deliver(). What a broadcast
// grants is collected at its delivery.
template <class State, class Waiter, bool Shares = false,
          class Interface = known_state>
class state_library : public Interface
{
public:
  class wait : public Waiter
  {
  public:
    std::size_t number = 0;
  };

  template <class... Args>
  explicit state_library(Args&&... args)
    : state(std::forward<Args>(args)...)
  {
  }

  void cancel(std::size_t w)
  {
    state.decide_early(waits[w], toro::detail::outcome::cancelled);
  }

  void expire(std::size_t w)
  {
    state.decide_early(waits[w], toro::detail::outcome::timed_out);
  }

  std::size_t cancel_all()
  {
    return state.cancel_all();
  }

  void abandon()
  {
    state.revoke_or_commit(take_next());
  }

  // Notes what has been decided since.
  void settle()
  {
    while (!state.ready().empty())
    {
      note_under_way(state.ready().front());
      state.ready().pop_front();
    }
    for (const toro::detail::waiter& w : state.broadcast_waits())
      note_under_way(const_cast<toro::detail::waiter&>(w));
  }

  std::size_t under_way_count() const
  {
    return under_way.size();
  }

  // There is no time here.
  bool alarm_is_set() const
  {
    return false;
  }

  // How often the crowd was in another order than the grants.
  std::size_t mistakes() const
  {
    return mistakes_;
  }

  // Where there is nothing to be counted.
  bool balances()
  {
    return true;
  }

  bool closes()
  {
    return true;
  }

protected:
  wait& add()
  {
    wait& w = waits.add();
    w.number = waits.size() - 1;
    if (Shares)
      w.can_batch = true;
    return w;
  }

  // Where a start function refused to wait, the deadline had passed.
  void started(wait& w, bool done)
  {
    if (!done)
      state.expire_at_start(w);
  }

  wait& take_next()
  {
    wait& w = *under_way.front();
    under_way.erase(under_way.begin());
    if (is_in_broadcast(w) && &state.pop_broadcast() != &w)
      ++mistakes_;
    return w;
  }

  // Returns the wait that was delivered, or null where it was no success.
  wait* deliver_next()
  {
    wait& w = take_next();
    if (w.stage == toro::detail::phase::granted)
      state.commit(w);
    this->told = {w.number, ending_of(w.how), 0};
    return this->told.how == ending::success ? &w : nullptr;
  }

  State state;
  pool<wait> waits;
  row<wait*> under_way;

private:
  bool is_in_broadcast(const toro::detail::waiter& w) const
  {
    using toro::detail::phase;
    return w.stage != phase::granted && state.phase_of(w) == phase::granted;
  }

  void note_under_way(toro::detail::waiter& w)
  {
    auto* const noted = static_cast<wait*>(static_cast<Waiter*>(&w));
    if (std::find(under_way.begin(), under_way.end(), noted) == under_way.end())
      under_way.push_back(noted);
  }

  std::size_t mistakes_ = 0;
};

// How long the sequences of a state are. A small action set bears one action
// more.
inline lengths state_lengths(std::size_t more = 0)
{
  return chosen_lengths({5, 6}, {6 + more, 8});
}

} // namespace toro_test

#endif // TORO_TEST_MODEL_STATE_LIBRARY_HPP
