// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/state/semaphore_state.hpp>

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
using toro::detail::semaphore_state;
using toro::detail::semaphore_waiter;

// The kind of a wait is how many permits it asks for; none for a watcher.
class semaphore_subject : public subject<semaphore_state, semaphore_waiter>
{
public:
  using subject::subject;

  void deliver(wait& w)
  {
    state.commit(w);
    if (w.kind != 0)
      guards.push_back(w.kind);
  }

  void look(view& seen) const
  {
    seen.insert(seen.end(),
                {state.value(), state.waiters(), guards.size(), last});
  }

  std::deque<std::size_t> guards;
  std::size_t last = 0;
};

class semaphore_model : public plain_model
{
public:
  semaphore_model(std::size_t value, std::size_t limit)
    : free(value),
      bound(limit < toro::detail::max_count ? limit : toro::detail::max_count)
  {
  }

  void start(std::size_t kind, bool may_wait)
  {
    const std::size_t w = add(kind);
    if (kind > bound)
      end(w, outcome::impossible);
    else if (kind == 0 ? free > 0 && acquirers.empty() : try_take(kind))
      grant(w);
    else if (!may_wait)
      end(w, outcome::timed_out);
    else
      (kind == 0 ? watchers : acquirers).push_back(w);
  }

  bool try_take(std::size_t n)
  {
    if (!acquirers.empty() || n > free)
      return false;
    free -= n;
    out += n;
    return true;
  }

  bool release(std::size_t n)
  {
    if (free + out + n > bound)
      return false;
    free += n;
    settle();
    return true;
  }

  void give_back(std::size_t n)
  {
    out -= n;
    free += n;
    settle();
  }

  bool abort(std::size_t w, outcome why)
  {
    if (waits(w))
    {
      remove(entries[w].kind == 0 ? watchers : acquirers, w);
      end(w, why);
      settle();
      return true;
    }
    if (!is_granted(w) || why != outcome::aborted)
      return false;
    take_back(w);
    give_back(entries[w].kind);
    return true;
  }

  std::size_t abort_all()
  {
    std::size_t count = acquirers.size() + watchers.size();
    for (const std::size_t w : acquirers)
      end(w, outcome::aborted);
    for (const std::size_t w : watchers)
      end(w, outcome::aborted);
    acquirers.clear();
    watchers.clear();
    for (const std::size_t w : under_way)
      count += is_granted(w) && abort(w, outcome::aborted);
    return count;
  }

  void deliver(std::size_t w)
  {
    entries[w].at = status::ended;
    if (entries[w].kind != 0)
      guards.push_back(entries[w].kind);
  }

  void abandon(std::size_t w)
  {
    if (is_granted(w))
      abort(w, outcome::aborted);
  }

  void settle()
  {
    while (!acquirers.empty() && entries[acquirers.front()].kind <= free)
    {
      const std::size_t w = acquirers.front();
      acquirers.pop_front();
      free -= entries[w].kind;
      out += entries[w].kind;
      grant(w);
    }
    if (free == 0 || !acquirers.empty())
      return;
    for (const std::size_t w : watchers)
      grant(w);
    watchers.clear();
  }

  void look(view& seen) const
  {
    seen.insert(seen.end(), {free, acquirers.size() + watchers.size(),
                             guards.size(), last});
  }

  std::size_t free;
  // Held by guards or reserved for grants.
  std::size_t out = 0;
  std::size_t bound;
  std::deque<std::size_t> acquirers;
  std::deque<std::size_t> watchers;
  std::deque<std::size_t> guards;
  std::size_t last = 0;
};

template <std::size_t Value, bool Bounded>
class semaphore_machine : public machine<semaphore_subject, semaphore_model>
{
public:
  static constexpr const char* names[] = {
      "acquire 1", "acquire 2", "acquire 1 with a passed deadline",
      "wait",      "try 1",     "release 1",
      "reset",     "detach",    "cancel 0",
      "cancel 1",  "cancel 2",  "expire 0",
      "deliver",   "abandon",   "cancel all"};
  static constexpr std::size_t step_count = std::size(names);

  semaphore_machine()
    : machine(Value, Bounded ? Value : semaphore_state::unlimited)
  {
  }

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
      return start(which + 1, true);
    case 2:
      return start(1, false);
    case 3:
      return start(0, true);
    case 4:
    {
      const bool taken = state.try_acquire(1);
      if (taken)
        subject_.guards.push_back(1);
      const bool expected = model_.try_take(1);
      if (expected)
        model_.guards.push_back(1);
      return report(taken, expected);
    }
    case 5:
      return report(state.release(1), model_.release(1));
    case 6:
    case 7:
    {
      if (subject_.guards.empty() || model_.guards.empty())
        return false;
      const std::size_t n = subject_.guards.front();
      subject_.guards.pop_front();
      model_.guards.pop_front();
      if (which == 6)
      {
        state.give_back_held(n);
        model_.give_back(n);
      }
      else
      {
        state.detach(n);
        model_.out -= n;
      }
      return true;
    }
    case 8:
    case 9:
    case 10:
      return cancel(which - 8, outcome::aborted);
    case 11:
      return cancel(0, outcome::timed_out);
    case 12:
      return deliver();
    case 13:
      return abandon();
    default:
      return cancel_all();
    }
  }

private:
  bool start(std::size_t permits, bool may_wait)
  {
    auto& w = subject_.add(permits);
    w.permits = permits;
    subject_.started(w, permits == 0
                            ? subject_.state.start_wait(w, may_wait)
                            : subject_.state.start_acquire(w, may_wait));
    model_.start(permits, may_wait);
    return true;
  }
};

} // namespace

BOOST_AUTO_TEST_CASE(semaphore_state_follows_the_model_in_all_short_sequences)
{
  exhaust(5,
          []
          {
            return semaphore_machine<0, false>();
          });
  exhaust(5,
          []
          {
            return semaphore_machine<2, false>();
          });
}

BOOST_AUTO_TEST_CASE(bounded_state_follows_the_model_in_all_short_sequences)
{
  exhaust(5,
          []
          {
            return semaphore_machine<1, true>();
          });
  exhaust(5,
          []
          {
            return semaphore_machine<2, true>();
          });
}
