// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_STATE_BASE_HPP
#define TORO_DETAIL_STATE_STATE_BASE_HPP

#include <toro/detail/wait/wait_queue.hpp>
#include <toro/detail/wait/waiter.hpp>

#include <boost/config.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>

namespace toro::detail {

// The largest count of permits, readers or items. A negative number that was
// converted to an unsigned one is larger.
inline constexpr std::size_t max_count = PTRDIFF_MAX;

// Implementation notes
//
// What all states have in common: the list of grants that no handler has
// received yet, the list of waits to be submitted, and the rules for a wait
// that is cancelled or expires.
//
// A broadcast grants all waits of a queue in constant time: it splices them
// into one list, the waits of the broadcast, which the core collects in parts.
// It writes to none of them. Each wait has the epoch, the number of the
// broadcast that it waits for; the wait is granted if that broadcast has been
// made. A grant made while this list is not empty goes to its end, so that
// waits are delivered in the order of grant. Rules ask phase_of(), for which a
// wait in this list is granted like any other.
//
// A state adds its rules:
//
//   wait_queue& queue_of(waiter&)  the queue that a waiting waiter is in
//   void forget(waiter&)           a waiting waiter has left its queue without
//                                  a grant
//   bool give_back(waiter&)        revoke: returns what the grant reserved, or
//                                  returns false if that is no longer possible
//   void commit_grant(waiter&)     commit: the grant becomes final. If that
//                                  lets others be granted (a put with a claim),
//                                  it runs the grant loop
//   void grant_waiters()           the grant loop: grants all waits that can be
//                                  granted
//   void expire_at_start(waiter&)  the deadline of a wait that would be parked
//                                  has passed: decides it, after what its start
//                                  changes in any case
//
// Every event but a commit ends with the grant loop. Nothing here throws,
// allocates or calls foreign code, and nothing knows of locks, time or
// executors.
template <class Derived>
class state_base
{
public:
  // The waits that were granted or decided since the list was last emptied,
  // except the waits of the broadcast.
  ready_list& ready() noexcept
  {
    return ready_;
  }

  // The waits of the broadcast: granted, and still to be collected, in the
  // order of grant. A grant in ready() was made before these, unless its wait
  // completes on another executor.
  const wait_queue& broadcast_waits() const noexcept
  {
    return broadcast_waits_;
  }

  // Whether all waits of the broadcast can be delivered in batches.
  bool broadcast_can_batch() const noexcept
  {
    return broadcast_can_batch_;
  }

  // The phase of a wait.
  phase phase_of(const waiter& w) const noexcept
  {
    return is_in_broadcast(w) ? phase::granted : w.stage;
  }

  // How many grants no handler has received yet. Linear, for dumps.
  std::size_t undelivered() const noexcept
  {
    return granted_.size() + broadcast_waits_.size();
  }

  // Whether waits were added to the broadcast since note_broadcast_seen().
  bool broadcast_grew() const noexcept
  {
    return newcomers_ != 0;
  }

  void note_broadcast_seen() noexcept
  {
    newcomers_ = 0;
  }

  // Whether there may be work although ready() is empty. Set when the broadcast
  // grows, and by the layers above. One flag for all reasons, since every entry
  // asks.
  bool has_pending_work() const noexcept
  {
    return pending_work_;
  }

  void set_pending_work(bool pending) noexcept
  {
    pending_work_ = pending;
  }

  // Collects the first wait of the broadcast.
  waiter& pop_broadcast() noexcept
  {
    waiter& w = broadcast_waits_.front();
    leave_broadcast(w);
    return w;
  }

  // Removes a wait that was just granted or decided from the list that it is
  // in, since the caller submits it.
  void take_out(waiter& w) noexcept
  {
    if (!is_in_broadcast(w))
      return remove(ready_, w);
    leave_broadcast(w);
    --newcomers_;
  }

  // Cancels or expires a wait. A waiting one leaves its queue. A granted one is
  // revoked, but only by a cancellation. Returns whether the wait was decided.
  bool decide_early(waiter& w, outcome why) noexcept
  {
    const phase stage = phase_of(w);
    if (stage == phase::waiting)
    {
      decide_waiting(w, why);
      derived().grant_waiters();
      return true;
    }
    if (stage == phase::granted && why == outcome::cancelled && revoke(w))
    {
      derived().grant_waiters();
      return true;
    }
    return false;
  }

  // Removes a waiting waiter from its queue. The caller runs the grant loop.
  void decide_waiting(waiter& w, outcome why) noexcept
  {
    wait_queue& queue = derived().queue_of(w);
    queue.erase(queue.iterator_to(w));
    derived().forget(w);
    decide(w, why);
  }

  // Makes a collected grant final, right before the handler is called.
  void commit(waiter& w) noexcept
  {
    granted_.erase(granted_.iterator_to(w));
    w.stage = phase::decided;
    derived().commit_grant(w);
  }

  // The handler of a collected wait will never be called: revokes the grant, or
  // makes it final if that is no longer possible.
  void revoke_or_commit(waiter& w) noexcept
  {
    if (w.stage == phase::granted && !decide_early(w, outcome::cancelled))
      commit(w);
  }

  // Decides the outcome of a wait that is in no queue.
  void decide(waiter& w, outcome how) noexcept
  {
    w.stage = phase::decided;
    w.how = how;
    ready_.push_back(w);
  }

  // The deadline of a wait that cannot complete immediately has passed.
  void expire_at_start(waiter& w) noexcept
  {
    decide(w, outcome::timed_out);
  }

  void grant_waiters() noexcept
  {
  }

  void forget(waiter&) noexcept
  {
  }

  void commit_grant(waiter&) noexcept
  {
  }

protected:
  ~state_base() = default;

  // Adds a wait to a queue. Returns true, for start functions.
  bool park(wait_queue& queue, waiter& w) noexcept
  {
    w.stage = phase::waiting;
    queue.push_back(w);
    return true;
  }

  // Adds a wait to a queue that is granted by broadcasts. Returns true, for
  // start functions.
  bool park_for_broadcast(wait_queue& queue, waiter& w) noexcept
  {
    note_broadcast_of(queue, w);
    return park(queue, w);
  }

  // The wait is about to enter a queue that is granted by broadcasts.
  void note_broadcast_of(const wait_queue& queue, waiter& w) noexcept
  {
    w.epoch = epoch_;
    queue_can_batch_ = w.can_batch && (queue_can_batch_ || queue.empty());
  }

  // Grants a wait that is in no queue. Returns true, for start functions.
  bool grant(waiter& w) noexcept
  {
    if (!broadcast_waits_.empty() && belongs_behind_broadcast(w))
      return join_broadcast(w);
    w.stage = phase::granted;
    ready_.push_back(w);
    granted_.push_back(w);
    return true;
  }

  void grant_front(wait_queue& queue) noexcept
  {
    waiter& w = queue.front();
    queue.pop_front();
    grant(w);
  }

  // Grants all waits of a queue that is granted by broadcasts.
  void broadcast(wait_queue& queue) noexcept
  {
    if (queue.size() == 1)
      grant_front(queue);
    else if (!queue.empty())
      splice_into_broadcast(queue);
  }

  std::size_t decide_all(wait_queue& queue, outcome why) noexcept
  {
    const std::size_t count = queue.size();
    while (!queue.empty())
      decide_waiting(queue.front(), why);
    return count;
  }

  // Revokes the grants that the filter selects, oldest first.
  template <class Filter>
  std::size_t revoke_all(Filter selects) noexcept
  {
    std::size_t count = 0;
    for (auto i = granted_.begin(); i != granted_.end();)
    {
      waiter& w = *i++;
      if (selects(w) && revoke(w))
        ++count;
    }
    for (auto i = broadcast_waits_.begin(); i != broadcast_waits_.end();)
    {
      waiter& w = *i++;
      if (selects(w) && revoke(w))
        ++count;
    }
    return count;
  }

  std::size_t revoke_all() noexcept
  {
    return revoke_all(
        [](waiter&)
        {
          return true;
        });
  }

  // Revokes a grant. If the wait was collected, its delivery is under way and
  // reports the new outcome. Returns false if the grant can no longer be
  // revoked.
  bool revoke(waiter& w) noexcept
  {
    if (!derived().give_back(w))
      return false;
    if (is_in_broadcast(w))
    {
      leave_broadcast(w);
      ready_.push_back(w);
    }
    granted_.erase(granted_.iterator_to(w));
    w.stage = phase::decided;
    w.how = outcome::cancelled;
    return true;
  }

  // Invariant: in the order of grant.
  grant_list granted_;

private:
  Derived& derived() noexcept
  {
    return static_cast<Derived&>(*this);
  }

  bool is_in_broadcast(const waiter& w) const noexcept
  {
    return w.stage == phase::waiting && w.epoch != 0 && w.epoch != epoch_;
  }

  // Whether a grant must be delivered after those of the broadcast. If these
  // can be delivered in batches, all of them complete on the object's executor,
  // and a wait that cannot be batched completes on another.
  bool belongs_behind_broadcast(const waiter& w) const noexcept
  {
    return !broadcast_can_batch_ || w.can_batch;
  }

  BOOST_NOINLINE void splice_into_broadcast(wait_queue& queue) noexcept
  {
    broadcast_can_batch_ =
        queue_can_batch_ && (broadcast_waits_.empty() || broadcast_can_batch_);
    newcomers_ += queue.size();
    pending_work_ = true;
    broadcast_waits_.splice(broadcast_waits_.end(), queue);
    // Safety: an epoch comes again after 2^32 broadcasts, when the waits of the
    // first one have long been delivered.
    if (++epoch_ == 0)
      ++epoch_;
  }

  // Returns true, as grant() does.
  BOOST_NOINLINE bool join_broadcast(waiter& w) noexcept
  {
    // As if the wait had waited for the last broadcast.
    w.stage = phase::waiting;
    w.epoch = epoch_ - 1 != 0 ? epoch_ - 1 : UINT32_MAX;
    broadcast_waits_.push_back(w);
    ++newcomers_;
    pending_work_ = true;
    return true;
  }

  void leave_broadcast(waiter& w) noexcept
  {
    broadcast_waits_.erase(broadcast_waits_.iterator_to(w));
    w.stage = phase::granted;
    granted_.push_back(w);
  }

  ready_list ready_;
  wait_queue broadcast_waits_;

  // Invariant: zero unless pending_work_.
  std::size_t newcomers_ = 0;

  std::uint32_t epoch_ = 1;

  bool pending_work_ = false;

  // Invariant: false if a wait of the broadcast cannot be batched.
  bool broadcast_can_batch_ = false;

  // Invariant: false if a wait that is in a queue for a broadcast cannot be
  // batched.
  bool queue_can_batch_ = false;
};

// What a core asks of a state: the rules of one primitive. state_base has the
// rest of what it calls, and lists the rules that a state may add.
template <class State>
concept wait_state = requires(State& state, const State& seen,
                              typename State::waiter_type& w,
                              void (&visit)(const waiter&, const char*,
                                            std::size_t))
{
  requires std::derived_from<typename State::waiter_type, waiter>;

  // Decides all waiting waits, and revokes all grants. Returns how many.
  requires std::same_as<decltype(state.cancel_all()), std::size_t>;

  // How many wait.
  requires std::same_as<decltype(seen.waiters()), std::size_t>;

  // Calls a function with each waiting waiter, the name of its operation, and
  // how much it asks for.
  seen.visit_waits(visit);

  requires std::same_as<decltype(state.ready()), ready_list&>;
  requires std::same_as<decltype(seen.phase_of(w)), phase>;
};

// A state with waits that call a predicate after each notification.
template <class State>
concept state_with_notifications = requires(const State& seen)
{
  seen.notifications();
};

// A state that asks to be told the time at an instant of its own: by
// pass_time(), once next_instant() has come.
template <class State>
concept state_with_instants = requires(State& state, const State& seen)
{
  state.pass_time(seen.next_instant());
  seen.first_instant();
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_STATE_BASE_HPP
