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
  const wait_queue& crowd() const noexcept
  {
    return crowd_;
  }

  // Whether all in the crowd can share a delivery.
  bool crowd_shares() const noexcept
  {
    return crowd_shares_;
  }

  // Where a wait stands in its life.
  phase phase_of(const waiter& w) const noexcept
  {
    return is_in_crowd(w) ? phase::granted : w.stage;
  }

  // How many grants no handler has seen yet. Linear, for dumps.
  std::size_t undelivered() const noexcept
  {
    return granted_.size() + crowd_.size();
  }

  // Whether waits have joined the crowd since note_crowd_seen().
  bool crowd_grew() const noexcept
  {
    return newcomers_ != 0;
  }

  void note_crowd_seen() noexcept
  {
    newcomers_ = 0;
  }

  // Whether there may be something to be done although nothing is ready: ever
  // since the crowd grew, or the layers above said so. One flag for all
  // reasons, since every entry asks.
  bool is_restless() const noexcept
  {
    return restless_;
  }

  void set_restless(bool restless) noexcept
  {
    restless_ = restless;
  }

  // Collects the first of the crowd.
  waiter& pop_crowd() noexcept
  {
    waiter& w = crowd_.front();
    leave_crowd(w);
    return w;
  }

  // Takes out a wait that was just decided and is to be submitted apart from
  // the others.
  void take_out(waiter& w) noexcept
  {
    if (!is_in_crowd(w))
      return remove(ready_, w);
    leave_crowd(w);
    --newcomers_;
  }

  // Ends a wait early: one that waits leaves its queue; one that was granted
  // gives back what it had, which a deadline cannot ask for. Returns whether
  // the wait ended.
  bool abort(waiter& w, outcome why) noexcept
  {
    const phase stage = phase_of(w);
    if (stage == phase::waiting)
    {
      dismiss(w, why);
      derived().settle();
      return true;
    }
    if (stage == phase::granted && why == outcome::aborted && retract(w))
    {
      derived().settle();
      return true;
    }
    return false;
  }

  // Takes a waiting waiter out of its queue. The caller runs the grant loop.
  void dismiss(waiter& w, outcome why) noexcept
  {
    wait_queue& queue = derived().queue_of(w);
    queue.erase(queue.iterator_to(w));
    derived().forget(w);
    end(w, why);
  }

  // Makes a grant that was collected final, right before the handler is called.
  void commit(waiter& w) noexcept
  {
    granted_.erase(granted_.iterator_to(w));
    w.stage = phase::ended;
    derived().take(w);
  }

  // The handler of a wait that was collected will never be called, whatever its
  // outcome.
  void abandon(waiter& w) noexcept
  {
    if (w.stage == phase::granted && !abort(w, outcome::aborted))
      commit(w);
  }

  // Decides the outcome of a wait that stands in no queue.
  void end(waiter& w, outcome how) noexcept
  {
    w.stage = phase::ended;
    w.how = how;
    ready_.push_back(w);
  }

  void settle() noexcept
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
    w.round = round_;
    all_share_ = w.share == sharing::possible && (all_share_ || queue.empty());
  }

  // Offers success to a wait that stands in no queue. Returns true, for start
  // functions.
  bool grant(waiter& w) noexcept
  {
    if (!crowd_.empty() && belongs_behind_crowd(w))
      return join_crowd(w);
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
      splice_into_crowd(queue);
  }

  std::size_t dismiss_all(wait_queue& queue, outcome why) noexcept
  {
    const std::size_t count = queue.size();
    while (!queue.empty())
      dismiss(queue.front(), why);
    return count;
  }

  // Takes back the undelivered grants that the filter selects, oldest first.
  template <class Filter>
  std::size_t retract_all(Filter selects) noexcept
  {
    std::size_t count = 0;
    for (auto i = granted_.begin(); i != granted_.end();)
    {
      waiter& w = *i++;
      if (selects(w) && retract(w))
        ++count;
    }
    for (auto i = crowd_.begin(); i != crowd_.end();)
    {
      waiter& w = *i++;
      if (selects(w) && retract(w))
        ++count;
    }
    return count;
  }

  std::size_t retract_all() noexcept
  {
    return retract_all(
        [](waiter&)
        {
          return true;
        });
  }

  // Takes back a grant. If it was collected, its delivery is under way and
  // reports the new outcome. Returns false where the grant can no longer be
  // taken back.
  bool retract(waiter& w) noexcept
  {
    if (!derived().give_back(w))
      return false;
    if (is_in_crowd(w))
    {
      leave_crowd(w);
      ready_.push_back(w);
    }
    granted_.erase(granted_.iterator_to(w));
    w.stage = phase::ended;
    w.how = outcome::aborted;
    return true;
  }

  // Invariant: in the order of grant.
  grant_list granted_;

private:
  Derived& derived() noexcept
  {
    return static_cast<Derived&>(*this);
  }

  bool is_in_crowd(const waiter& w) const noexcept
  {
    return w.stage == phase::waiting && w.round != 0 && w.round != round_;
  }

  // Whether a grant has an order with those in the crowd. Waits that share a
  // delivery complete on one executor, and those that cannot on others.
  bool belongs_behind_crowd(const waiter& w) const noexcept
  {
    return !crowd_shares_ || w.share == sharing::possible;
  }

  BOOST_NOINLINE void splice_into_crowd(wait_queue& queue) noexcept
  {
    crowd_shares_ = all_share_ && (crowd_.empty() || crowd_shares_);
    newcomers_ += queue.size();
    restless_ = true;
    crowd_.splice(crowd_.end(), queue);
    // Safety: a number comes again after four thousand million broadcasts, when
    // the waits of its first time have long been delivered.
    if (++round_ == 0)
      ++round_;
  }

  // Returns true, as grant() does.
  BOOST_NOINLINE bool join_crowd(waiter& w) noexcept
  {
    // As if it had waited for the last broadcast.
    w.stage = phase::waiting;
    w.round = round_ - 1 != 0 ? round_ - 1 : UINT32_MAX;
    crowd_.push_back(w);
    ++newcomers_;
    restless_ = true;
    return true;
  }

  void leave_crowd(waiter& w) noexcept
  {
    crowd_.erase(crowd_.iterator_to(w));
    w.stage = phase::granted;
    granted_.push_back(w);
  }

  ready_list ready_;
  wait_queue crowd_;

  // Invariant: zero unless restless_.
  std::size_t newcomers_ = 0;

  std::uint32_t round_ = 1;

  bool restless_ = false;

  // Invariant: false where one of the crowd cannot share its delivery.
  bool crowd_shares_ = false;

  // Invariant: false where one stands in line for a broadcast that cannot share
  // its delivery.
  bool all_share_ = false;
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_STATE_BASE_HPP
