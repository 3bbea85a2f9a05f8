// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_STATE_BASE_HPP
#define TORO_DETAIL_STATE_STATE_BASE_HPP

#include <toro/detail/wait/wait_queue.hpp>
#include <toro/detail/wait/waiter.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

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
// crowd, which is delivered piece by piece. Nobody touches the waits for that;
// each knows the number of the broadcast that it waits for, and by it whether
// that has been. What is granted while there is a crowd joins its end, which
// keeps the order of grant. Waits that cannot share a delivery are granted one
// by one.
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
  // The waits whose outcome was decided since the list was last emptied; of the
  // crowd, those that joined it, and one for each broadcast.
  ready_list& ready() noexcept
  {
    return ready_;
  }

  // The waits that are to be delivered together, in the order of grant.
  const wait_queue& crowd() const noexcept
  {
    return crowd_;
  }

  bool is_in_crowd(const waiter& w) const noexcept
  {
    return w.share == sharing::joined ||
           (w.stage == phase::waiting && w.round != 0 && w.round != round_);
  }

  // How many grants no handler has seen yet. Linear, for dumps.
  std::size_t undelivered() const noexcept
  {
    return granted_.size() + crowd_.size();
  }

  // Whether there is a crowd, or some of one is being delivered.
  bool has_crowd() const noexcept
  {
    return has_crowd_;
  }

  // Puts back the first of the crowd that were not delivered after all. Those
  // that were cancelled meanwhile are submitted on their own.
  void rejoin_crowd(ready_list& list) noexcept
  {
    const auto first = crowd_.begin();
    while (!list.empty())
    {
      waiter& w = list.front();
      list.pop_front();
      if (w.stage != phase::granted)
      {
        ready_.push_back(w);
        continue;
      }
      granted_.erase(granted_.iterator_to(w));
      w.share = sharing::joined;
      crowd_.insert(first, w);
    }
  }

  // Delivering is over, unless there is more of the crowd.
  void close_crowd() noexcept
  {
    has_crowd_ = !crowd_.empty();
  }

  // Whether waits were granted unseen since this was last asked.
  bool take_broadcast() noexcept
  {
    return std::exchange(has_broadcast_, false);
  }

  // Makes the first of the crowd an undelivered grant as others are.
  waiter& pop_crowd() noexcept
  {
    waiter& w = crowd_.front();
    leave_crowd(w);
    return w;
  }

  // Ends a wait early: one that waits leaves its queue; one that was granted
  // gives back what it had, which a deadline cannot ask for. Returns whether
  // the wait ended.
  bool abort(waiter& w, outcome why) noexcept
  {
    if (is_in_crowd(w))
    {
      if (why != outcome::aborted)
        return false;
      const bool ended = retract_from_crowd(w);
      derived().settle();
      return ended;
    }
    if (w.stage == phase::waiting)
    {
      dismiss(w, why);
      derived().settle();
      return true;
    }
    if (w.stage == phase::granted && why == outcome::aborted && retract(w))
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

  // Makes a grant final, right before the handler is called.
  void commit(waiter& w) noexcept
  {
    granted_.erase(granted_.iterator_to(w));
    w.stage = phase::ended;
    derived().take(w);
  }

  // The handler of a wait will never be called, whatever its outcome.
  void abandon(waiter& w) noexcept
  {
    if (is_in_crowd(w))
      leave_crowd(w);
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
    w.stage = phase::granted;
    ready_.push_back(w);
    if (has_crowd_ && w.share == sharing::possible)
      join_crowd(w);
    else
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
    if (all_share_ && queue.size() > 1)
      return broadcast_unseen(queue);
    while (!queue.empty())
      grant_front(queue);
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
      if (selects(w) && retract_from_crowd(w))
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

  // Takes back a grant; its delivery, which is under way, reports the new
  // outcome. Returns false where the grant can no longer be taken back.
  bool retract(waiter& w) noexcept
  {
    if (!derived().give_back(w))
      return false;
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

  void broadcast_unseen(wait_queue& queue) noexcept
  {
    // Stands for all of them.
    ready_.push_back(queue.front());
    crowd_.splice(crowd_.end(), queue);
    has_crowd_ = true;
    has_broadcast_ = true;
    // Safety: a number comes again after four thousand million broadcasts, when
    // the waits of its first time have long been delivered.
    if (++round_ == 0)
      ++round_;
  }

  void join_crowd(waiter& w) noexcept
  {
    w.share = sharing::joined;
    crowd_.push_back(w);
  }

  void leave_crowd(waiter& w) noexcept
  {
    crowd_.erase(crowd_.iterator_to(w));
    w.share = sharing::possible;
    w.stage = phase::granted;
    granted_.push_back(w);
  }

  // Takes back a grant. Either way the wait is to be submitted on its own.
  bool retract_from_crowd(waiter& w) noexcept
  {
    leave_crowd(w);
    ready_.push_back(w);
    return retract(w);
  }

  ready_list ready_;
  wait_queue crowd_;
  std::uint32_t round_ = 1;
  bool has_broadcast_ = false;

  // Invariant: true while there is a crowd.
  bool has_crowd_ = false;

  // Invariant: false where one stands in line for a broadcast that cannot share
  // its delivery.
  bool all_share_ = false;
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_STATE_BASE_HPP
