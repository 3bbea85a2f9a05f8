// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_STATE_BASE_HPP
#define TORO_DETAIL_STATE_STATE_BASE_HPP

#include <toro/detail/wait/wait_queue.hpp>
#include <toro/detail/wait/waiter.hpp>

#include <cstddef>
#include <cstdint>

namespace toro::detail {

// The largest count of anything: permits, readers, items. A negative number
// that was converted to an unsigned one lies above it.
inline constexpr std::size_t max_count = PTRDIFF_MAX;

// Implementation notes
//
// What all states have in common: the list of undelivered grants, the list of
// waits to be submitted, and what happens to a wait that ends early. A state
// adds its rules:
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
  // The waits whose outcome was decided since the list was last emptied.
  ready_list& ready() noexcept
  {
    return ready_;
  }

  // Ends a wait early: one that waits leaves its queue; one that was granted
  // gives back what it had, which a deadline cannot ask for. Returns whether
  // the wait ended.
  bool abort(waiter& w, outcome why) noexcept
  {
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

  // Offers success to a wait that stands in no queue. Returns true, for start
  // functions.
  bool grant(waiter& w) noexcept
  {
    w.stage = phase::granted;
    granted_.push_back(w);
    ready_.push_back(w);
    return true;
  }

  void grant_front(wait_queue& queue) noexcept
  {
    waiter& w = queue.front();
    queue.pop_front();
    grant(w);
  }

  void grant_all(wait_queue& queue) noexcept
  {
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
  wait_queue granted_;

private:
  Derived& derived() noexcept
  {
    return static_cast<Derived&>(*this);
  }

  ready_list ready_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_STATE_BASE_HPP
