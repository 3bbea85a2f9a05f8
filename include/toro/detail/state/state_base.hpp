// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_STATE_BASE_HPP
#define TORO_DETAIL_STATE_STATE_BASE_HPP

#include <toro/detail/wait/wait_queue.hpp>
#include <toro/detail/wait/waiter.hpp>

#include <boost/config.hpp>

#include <cstddef>
#include <cstdint>

namespace toro::detail {

// The largest count of anything: permits, readers, items. A negative number
// that was converted to an unsigned one lies above it.
inline constexpr std::size_t max_count = PTRDIFF_MAX;

// Implementation notes
//
// What all states have in common: the list of undelivered grants, the list of
// waits to be submitted, and what happens to a wait that ends early.
//
// A broadcast grants all waits of a queue in constant time: they become the
// crowd, which is collected piece by piece. The broadcast touches none of these
// waits. Each has the number of the broadcast that it waits for, which shows
// whether that broadcast has been made. A grant that is made while there is a
// crowd joins the end of the crowd, so that the order of grant is kept. Every
// rule asks phase_of(), for which a wait in the crowd is granted like any
// other.
//
// A state adds its rules:
//
//   wait_queue& queue_of(waiter&)  the queue a waiting waiter stands in
//   void forget(waiter&)           a waiting waiter has left without a grant
//   bool give_back(waiter&)        return what the grant had reserved; false
//                                  where that is no longer possible
//   void take(waiter&)             the reservation becomes the handler's, which
//                                  frees nothing for others
//   void settle()                  the grant loop: grant all that can be
//
// Every event but a commit ends in the grant loop. Nothing here throws,
// allocates or calls foreign code, and nothing knows of locks, time or
// executors.
template <class Derived>
class state_base
{
public:
  // The waits whose outcome was decided since the list was last emptied,
  // without those in the crowd.
  ready_list& ready() noexcept
  {
    return ready_;
  }

  // The waits that were granted together and are still to be collected, in the
  // order of grant. All that is ready was decided before, errors aside.
  const wait_queue& broadcast_waits() const noexcept
  {
    return broadcast_waits_;
  }

  // Whether all in the crowd can share a delivery.
  bool broadcast_can_batch() const noexcept
  {
    return broadcast_can_batch_;
  }

  // Where a wait stands in its life.
  phase phase_of(const waiter& w) const noexcept
  {
    return is_in_broadcast(w) ? phase::granted : w.stage;
  }

  // How many grants no handler has seen yet. Linear, for dumps.
  std::size_t undelivered() const noexcept
  {
    return granted_.size() + broadcast_waits_.size();
  }

  // Whether waits have joined the crowd since note_broadcast_seen().
  bool broadcast_grew() const noexcept
  {
    return newcomers_ != 0;
  }

  void note_broadcast_seen() noexcept
  {
    newcomers_ = 0;
  }

  // Whether there may be something to be done although nothing is ready: ever
  // since the crowd grew, or the layers above said so. One flag for all
  // reasons, since every entry asks.
  bool has_pending_work() const noexcept
  {
    return pending_work_;
  }

  void set_pending_work(bool pending) noexcept
  {
    pending_work_ = pending;
  }

  // Collects the first of the crowd.
  waiter& pop_broadcast() noexcept
  {
    waiter& w = broadcast_waits_.front();
    leave_broadcast(w);
    return w;
  }

  // Takes out a wait that was just decided and is to be submitted apart from
  // the others.
  void take_out(waiter& w) noexcept
  {
    if (!is_in_broadcast(w))
      return remove(ready_, w);
    leave_broadcast(w);
    --newcomers_;
  }

  // Ends a wait early: one that waits leaves its queue; one that was granted
  // gives back what it had, which a deadline cannot ask for. Returns whether
  // the wait ended.
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

  // Takes a waiting waiter out of its queue. The caller runs the grant loop.
  void decide_waiting(waiter& w, outcome why) noexcept
  {
    wait_queue& queue = derived().queue_of(w);
    queue.erase(queue.iterator_to(w));
    derived().forget(w);
    decide(w, why);
  }

  // Makes a grant that was collected final, right before the handler is called.
  void commit(waiter& w) noexcept
  {
    granted_.erase(granted_.iterator_to(w));
    w.stage = phase::decided;
    derived().take(w);
  }

  // The handler of a wait that was collected will never be called, whatever its
  // outcome.
  void revoke_or_commit(waiter& w) noexcept
  {
    if (w.stage == phase::granted && !decide_early(w, outcome::cancelled))
      commit(w);
  }

  // Decides the outcome of a wait that stands in no queue.
  void decide(waiter& w, outcome how) noexcept
  {
    w.stage = phase::decided;
    w.how = how;
    ready_.push_back(w);
  }

  void grant_waiters() noexcept
  {
  }

  void forget(waiter&) noexcept
  {
  }

  void take(waiter&) noexcept
  {
  }

protected:
  ~state_base() = default;

  // Lets a wait stand in line. Returns true, for start functions.
  bool park(wait_queue& queue, waiter& w) noexcept
  {
    w.stage = phase::waiting;
    queue.push_back(w);
    return true;
  }

  // Lets a wait stand in line for a broadcast. Returns true, for start
  // functions.
  bool park_for_broadcast(wait_queue& queue, waiter& w) noexcept
  {
    note_broadcast_of(queue, w);
    return park(queue, w);
  }

  // The wait is about to enter a queue in which it waits for a broadcast.
  void note_broadcast_of(const wait_queue& queue, waiter& w) noexcept
  {
    w.epoch = epoch_;
    queue_can_batch_ =
        w.share == sharing::possible && (queue_can_batch_ || queue.empty());
  }

  // Offers success to a wait that stands in no queue. Returns true, for start
  // functions.
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

  // Grants all waits of a queue in which they stand for a broadcast.
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

  // Takes back the undelivered grants that the filter selects, oldest first.
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

  // Takes back a grant. If it was collected, its delivery is under way and
  // reports the new outcome. Returns false where the grant can no longer be
  // taken back.
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

  // Whether a grant has an order with those in the crowd. Waits that share a
  // delivery complete on one executor, and those that cannot on others.
  bool belongs_behind_broadcast(const waiter& w) const noexcept
  {
    return !broadcast_can_batch_ || w.share == sharing::possible;
  }

  BOOST_NOINLINE void splice_into_broadcast(wait_queue& queue) noexcept
  {
    broadcast_can_batch_ =
        queue_can_batch_ && (broadcast_waits_.empty() || broadcast_can_batch_);
    newcomers_ += queue.size();
    pending_work_ = true;
    broadcast_waits_.splice(broadcast_waits_.end(), queue);
    // Safety: a number comes again after four thousand million broadcasts, when
    // the waits of its first time have long been delivered.
    if (++epoch_ == 0)
      ++epoch_;
  }

  // Returns true, as grant() does.
  BOOST_NOINLINE bool join_broadcast(waiter& w) noexcept
  {
    // As if it had waited for the last broadcast.
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

  // Invariant: false where one of the crowd cannot share its delivery.
  bool broadcast_can_batch_ = false;

  // Invariant: false where one stands in line for a broadcast that cannot share
  // its delivery.
  bool queue_can_batch_ = false;
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_STATE_BASE_HPP
