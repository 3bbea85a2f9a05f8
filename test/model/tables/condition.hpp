// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_TABLES_CONDITION_HPP
#define TORO_TEST_MODEL_TABLES_CONDITION_HPP

#include <cstddef>

#include "model/tables/wait_table.hpp"

namespace toro_test {

// What a notification has been through: it may still pass to waits that were
// started before it was made, but to none up to the last that turned it down.
struct notification
{
  std::size_t first = 0;
  std::size_t end = 0;
};

struct condition_wait : plain_wait
{
  explicit condition_wait(bool p)
    : has_predicate(p)
  {
  }

  bool has_predicate;

  // Whether a notification made it leave the line, so that it is asked again.
  bool notified = false;
  notification offer;
};

// Waits until notified, and with a predicate until that holds.
class condition_model : public wait_table<condition_model, condition_wait>
{
public:
  // What the predicates ask for.
  bool holds = false;

  void start(bool with_predicate, patience how_long)
  {
    const std::size_t w = add(condition_wait(with_predicate));
    if (inert)
      return;
    if (with_predicate && holds)
      grant(w);
    else
      park(w, how_long);
  }

  // Offered to the n oldest.
  std::size_t notify(std::size_t n)
  {
    std::size_t count = 0;
    for (; count != n && waiting() != 0; ++count)
      offer(first_waiting(), {0, waits.size()});
    return count;
  }

  // A notification of everybody is not passed on.
  std::size_t notify_all()
  {
    const std::size_t count = waiting();
    while (waiting() != 0)
      offer(first_waiting(), {});
    return count;
  }

  void give_back(std::size_t w)
  {
    pass_on(waits[w].offer);
  }

  // Whether the next handler will find that its predicate does not hold.
  bool next_declines() const
  {
    const condition_wait& w = waits[under_way.front()];
    return w.at == stage::granted && w.has_predicate && w.notified && !holds;
  }

  // It goes back to its place, and the notification to those behind.
  void decline()
  {
    const std::size_t w = under_way.front();
    under_way.erase(under_way.begin());
    stand_in_line(w);
    pass_on({w + 1, waits[w].offer.end});
  }

private:
  void offer(std::size_t w, notification what)
  {
    waits[w].offer = what;
    waits[w].notified = true;
    grant(w);
  }

  void pass_on(notification what)
  {
    for (std::size_t w = what.first; w < what.end; ++w)
    {
      if (waits[w].at != stage::waiting)
        continue;
      offer(w, what);
      return;
    }
  }
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_TABLES_CONDITION_HPP
