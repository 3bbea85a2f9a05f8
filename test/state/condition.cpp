// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/state/condition_state.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <iterator>
#include <vector>

#include "state/machine.hpp"

#ifdef BOOST_ASIO_DETAIL_CONFIG_HPP
#error "the rules know nothing of Asio"
#endif

namespace {

using namespace toro_test;
using toro::detail::condition_state;
using toro::detail::condition_waiter;

class condition_subject : public subject<condition_state, condition_waiter>
{
public:
  void deliver(wait& w)
  {
    state.commit(w);
  }

  void look(view& seen) const
  {
    seen.insert(seen.end(), {state.waiters(), last});
  }

  std::size_t last = 0;
};

// What one notification has seen: the waits that were started before it was
// made, but not those up to the last one that turned it down.
struct notification
{
  std::size_t first = 0;
  std::size_t end = 0;
};

class condition_model : public plain_model
{
public:
  void start(bool may_wait)
  {
    const std::size_t w = add(0);
    offers.emplace_back();
    if (may_wait)
      line.push_back(w);
    else
      end(w, outcome::timed_out);
  }

  // An unlimited notification is not passed on.
  std::size_t notify(std::size_t n, bool passes)
  {
    std::size_t count = 0;
    for (; count != n && !line.empty(); ++count)
      offer(line.front(), {0, passes ? entries.size() : 0});
    return count;
  }

  void offer(std::size_t w, notification what)
  {
    remove(line, w);
    offers[w] = what;
    grant(w);
  }

  void pass_on(notification what)
  {
    for (const std::size_t w : line)
    {
      if (w < what.first || w >= what.end)
        continue;
      offer(w, what);
      return;
    }
  }

  void decline(std::size_t w)
  {
    entries[w].at = status::waiting;
    line.push_back(w);
    std::sort(line.begin(), line.end());
    pass_on({w + 1, offers[w].end});
  }

  bool abort(std::size_t w, outcome why)
  {
    if (waits(w))
    {
      remove(line, w);
      end(w, why);
      return true;
    }
    if (!is_granted(w) || why != outcome::aborted)
      return false;
    take_back(w);
    pass_on(offers[w]);
    return true;
  }

  std::size_t abort_all()
  {
    std::size_t count = line.size();
    for (const std::size_t w : line)
      end(w, outcome::aborted);
    line.clear();
    for (const std::size_t w : under_way)
      count += is_granted(w) && abort(w, outcome::aborted);
    return count;
  }

  void deliver(std::size_t w)
  {
    entries[w].at = status::ended;
  }

  void abandon(std::size_t w)
  {
    if (is_granted(w))
      abort(w, outcome::aborted);
  }

  void look(view& seen) const
  {
    seen.insert(seen.end(), {line.size(), last});
  }

  // Sorted by number.
  std::deque<std::size_t> line;
  std::vector<notification> offers;
  std::size_t last = 0;
};

class condition_machine : public machine<condition_subject, condition_model>
{
public:
  static constexpr const char* names[] = {
      "wait",      "wait with a passed deadline",
      "notify 1",  "notify 2",
      "notify 0",  "notify all",
      "decline",   "cancel 0",
      "cancel 1",  "cancel 2",
      "expire 0",  "expire 1",
      "deliver",   "abandon",
      "cancel all"};
  static constexpr std::size_t step_count = std::size(names);

  static const char* name(std::size_t step)
  {
    return names[step];
  }

  void collect()
  {
    subject_.collect();
  }

  bool step(std::size_t which)
  {
    auto& state = subject_.state;
    switch (which)
    {
    case 0:
    case 1:
    {
      auto& w = subject_.add();
      subject_.started(w, state.start_wait(w, which == 0));
      model_.start(which == 0);
      return true;
    }
    case 2:
    case 3:
      return report(state.notify(which - 1), model_.notify(which - 1, true));
    case 4:
      return report(state.notify(0), 0);
    case 5:
      return report(state.notify_all(),
                    model_.notify(model_.line.size(), false));
    case 6:
      return decline();
    case 7:
    case 8:
    case 9:
      return cancel(which - 7, outcome::aborted);
    case 10:
    case 11:
      return cancel(which - 10, outcome::timed_out);
    case 12:
      return deliver();
    case 13:
      return abandon();
    default:
      return cancel_all();
    }
  }

private:
  // The next delivery finds that its predicate does not hold.
  bool decline()
  {
    if (subject_.under_way.empty() ||
        subject_.under_way.front()->stage != phase::granted)
      return false;
    auto* const w = subject_.take_next();
    w->delivered = false;
    subject_.state.decline(*w);
    model_.under_way.pop_front();
    model_.decline(w->number);
    return true;
  }
};

} // namespace

BOOST_AUTO_TEST_CASE(condition_state_follows_the_model_in_all_short_sequences)
{
  exhaust(5,
          []
          {
            return condition_machine();
          });
}
