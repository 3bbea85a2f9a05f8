// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/state/event_state.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <deque>
#include <iterator>

#include "state/machine.hpp"

#ifdef BOOST_ASIO_DETAIL_CONFIG_HPP
#error "the rules know nothing of Asio"
#endif

namespace {

using namespace toro_test;
using toro::detail::event_state;

class event_subject : public subject<event_state, toro::detail::waiter>
{
public:
  void deliver(wait& w)
  {
    state.commit(w);
  }

  void look(view& seen) const
  {
    seen.insert(seen.end(), {state.is_set(), state.waiters(), last});
  }

  std::size_t last = 0;
};

class event_model : public plain_model
{
public:
  void start(bool may_wait)
  {
    const std::size_t w = add(0);
    if (up)
      grant(w);
    else if (may_wait)
      line.push_back(w);
    else
      end(w, outcome::timed_out);
  }

  void set()
  {
    up = true;
    for (const std::size_t w : line)
      grant(w);
    line.clear();
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
    return true;
  }

  std::size_t abort_all()
  {
    std::size_t count = 0;
    for (const std::size_t w : std::deque<std::size_t>(line))
      count += abort(w, outcome::aborted);
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
      take_back(w);
  }

  void look(view& seen) const
  {
    seen.insert(seen.end(), {up, line.size(), last});
  }

  bool up = false;
  std::deque<std::size_t> line;
  std::size_t last = 0;
};

class event_machine : public machine<event_subject, event_model>
{
public:
  static constexpr const char* names[] = {
      "wait",     "wait with a passed deadline",
      "set",      "clear",
      "cancel 0", "cancel 1",
      "cancel 2", "expire 0",
      "expire 1", "deliver",
      "abandon",  "cancel all"};
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
    switch (which)
    {
    case 0:
    case 1:
    {
      auto& w = subject_.add();
      subject_.started(w, subject_.state.start_wait(w, which == 0));
      model_.start(which == 0);
      return true;
    }
    case 2:
      subject_.state.set();
      model_.set();
      return true;
    case 3:
      subject_.state.clear();
      model_.up = false;
      return true;
    case 4:
    case 5:
    case 6:
      return cancel(which - 4, outcome::aborted);
    case 7:
    case 8:
      return cancel(which - 7, outcome::timed_out);
    case 9:
      return deliver();
    case 10:
      return abandon();
    default:
      return cancel_all();
    }
  }
};

} // namespace

BOOST_AUTO_TEST_CASE(event_state_follows_the_model_in_all_short_sequences)
{
  exhaust(5,
          []
          {
            return event_machine();
          });
}
