// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/state/rw_lock_state.hpp>

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
using toro::detail::rw_access;
using toro::detail::rw_lock_state;

// The kind of a wait is the side that it asks for.
constexpr std::size_t reading = 0;
constexpr std::size_t writing = 1;

rw_access access_of(std::size_t kind)
{
  return kind == reading ? rw_access::read : rw_access::write;
}

class rw_lock_subject : public subject<rw_lock_state, toro::detail::waiter>
{
public:
  using subject::subject;

  void deliver(wait& w)
  {
    state.commit(w);
    ++guards[w.kind];
  }

  void look(view& seen) const
  {
    seen.insert(seen.end(),
                {state.readers(), state.write_locked(), state.locked(),
                 state.waiters(), guards[reading], guards[writing], last});
  }

  std::size_t guards[2] = {};
  std::size_t last = 0;
};

class rw_lock_model : public plain_model
{
public:
  explicit rw_lock_model(std::size_t max_readers)
    : limit(max_readers)
  {
  }

  bool fits(std::size_t kind) const
  {
    return kind == writing ? inside[reading] + inside[writing] == 0
                           : inside[writing] == 0 && inside[reading] < limit;
  }

  bool try_enter(std::size_t kind)
  {
    if (!line.empty() || !fits(kind))
      return false;
    ++inside[kind];
    return true;
  }

  void start(std::size_t kind, bool may_wait)
  {
    const std::size_t w = add(kind);
    if (kind == reading && limit == 0)
      end(w, outcome::impossible);
    else if (try_enter(kind))
      grant(w);
    else if (may_wait)
      line.push_back(w);
    else
      end(w, outcome::timed_out);
  }

  void leave(std::size_t kind)
  {
    --inside[kind];
    settle();
  }

  bool release(std::size_t kind)
  {
    if (detached[kind] == 0)
      return false;
    --detached[kind];
    leave(kind);
    return true;
  }

  bool downgrade()
  {
    if (limit == 0)
      return false;
    --inside[writing];
    ++inside[reading];
    settle();
    return true;
  }

  bool abort(std::size_t w, outcome why)
  {
    if (waits(w))
    {
      remove(line, w);
      end(w, why);
      settle();
      return true;
    }
    if (!is_granted(w) || why != outcome::aborted)
      return false;
    take_back(w);
    leave(entries[w].kind);
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
    ++guards[entries[w].kind];
  }

  void abandon(std::size_t w)
  {
    if (is_granted(w))
      abort(w, outcome::aborted);
  }

  void settle()
  {
    while (!line.empty() && fits(entries[line.front()].kind))
    {
      const std::size_t w = line.front();
      line.pop_front();
      ++inside[entries[w].kind];
      grant(w);
    }
  }

  void look(view& seen) const
  {
    const bool locked = inside[writing] != 0 || inside[reading] == limit;
    seen.insert(seen.end(),
                {inside[reading], inside[writing], locked, line.size(),
                 guards[reading], guards[writing], last});
  }

  std::size_t limit;
  std::size_t inside[2] = {};
  std::size_t guards[2] = {};
  std::size_t detached[2] = {};
  std::deque<std::size_t> line;
  std::size_t last = 0;
};

template <std::size_t MaxReaders>
class rw_lock_machine : public machine<rw_lock_subject, rw_lock_model>
{
public:
  static constexpr const char* names[] = {
      "read",         "write",         "read with a passed deadline",
      "try read",     "try write",     "reset read",
      "reset write",  "detach read",   "detach write",
      "release read", "release write", "downgrade",
      "cancel 0",     "cancel 1",      "cancel 2",
      "expire 0",     "expire 1",      "deliver",
      "abandon",      "cancel all"};
  static constexpr std::size_t step_count = std::size(names);

  rw_lock_machine()
    : machine(MaxReaders)
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
      return start(which, true);
    case 2:
      return start(reading, false);
    case 3:
    case 4:
    {
      const std::size_t side = which - 3;
      const bool seen = state.try_acquire(access_of(side));
      const bool expected = model_.try_enter(side);
      subject_.guards[side] += seen;
      model_.guards[side] += expected;
      return report(seen, expected);
    }
    case 5:
    case 6:
      if (!give_up_guard(which - 5))
        return false;
      state.give_back_held(access_of(which - 5));
      model_.leave(which - 5);
      return true;
    case 7:
    case 8:
      if (!give_up_guard(which - 7))
        return false;
      state.detach(access_of(which - 7));
      ++model_.detached[which - 7];
      return true;
    case 9:
    case 10:
      return report(state.release(access_of(which - 9)),
                    model_.release(which - 9));
    case 11:
    {
      if (!give_up_guard(writing))
        return false;
      const bool seen = state.downgrade();
      const bool expected = model_.downgrade();
      ++subject_.guards[seen ? reading : writing];
      ++model_.guards[expected ? reading : writing];
      return report(seen, expected);
    }
    case 12:
    case 13:
    case 14:
      return cancel(which - 12, outcome::aborted);
    case 15:
    case 16:
      return cancel(which - 15, outcome::timed_out);
    case 17:
      return deliver();
    case 18:
      return abandon();
    default:
      return cancel_all();
    }
  }

private:
  bool start(std::size_t kind, bool may_wait)
  {
    auto& w = subject_.add(kind);
    subject_.started(
        w, subject_.state.start_acquire(w, access_of(kind), may_wait));
    model_.start(kind, may_wait);
    return true;
  }

  bool give_up_guard(std::size_t side)
  {
    if (subject_.guards[side] == 0 || model_.guards[side] == 0)
      return false;
    --subject_.guards[side];
    --model_.guards[side];
    return true;
  }
};

} // namespace

BOOST_AUTO_TEST_CASE(rw_lock_state_follows_the_model_in_all_short_sequences)
{
  exhaust(5,
          []
          {
            return rw_lock_machine<2>();
          });
  exhaust(5,
          []
          {
            return rw_lock_machine<1>();
          });
  exhaust(4,
          []
          {
            return rw_lock_machine<0>();
          });
}
