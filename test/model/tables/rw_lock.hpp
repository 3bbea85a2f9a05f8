// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_TABLES_RW_LOCK_HPP
#define TORO_TEST_MODEL_TABLES_RW_LOCK_HPP

#include <cstddef>

#include "model/tables/wait_table.hpp"

namespace toro_test {

enum class side : unsigned char
{
  reading,
  writing,
  upgrading // from reading to writing
};

struct rw_wait : plain_wait
{
  explicit rw_wait(side s)
    : what(s)
  {
  }

  side what;
};

// Any number of readers up to a limit, or one writer; one line for both. Before
// the line, a reader may wait until it is alone, to write; nobody enters then.
class rw_lock_model : public wait_table<rw_lock_model, rw_wait>
{
public:
  explicit rw_lock_model(std::size_t max_readers)
    : limit(max_readers)
  {
  }

  std::size_t limit;
  std::size_t readers = 0;
  std::size_t writers = 0;
  std::size_t detached_readers = 0;
  std::size_t detached_writers = 0;

  bool locked() const
  {
    return writers != 0 || readers == limit || waiting(upgrades) != 0;
  }

  void start_acquire(side s, patience how_long)
  {
    const std::size_t w = add(rw_wait(s));
    if (inert)
      return;
    if (s == side::reading && limit == 0)
      end(w, ending::impossible);
    else if (try_acquire(s))
      grant(w);
    else
      park(w, how_long);
  }

  void start_upgrade(patience how_long)
  {
    const std::size_t w = add(rw_wait(side::upgrading));
    if (inert)
    {
      // The guard of the reader ends with the handler.
      --readers;
      return;
    }
    if (waiting(upgrades) != 0)
      end(w, ending::impossible);
    else if (try_upgrade())
      grant(w);
    else
      park(w, how_long);
  }

  bool try_upgrade()
  {
    if (readers != 1 || waiting(upgrades) != 0)
      return false;
    --readers;
    ++writers;
    return true;
  }

  bool try_acquire(side s)
  {
    if (waiting() != 0 || !fits(s))
      return false;
    ++inside(s);
    return true;
  }

  // Only what was detached from its guard, and only on its own side. Returns
  // how many waits that granted, or nothing.
  std::size_t release(side s)
  {
    if (detached(s) == 0)
      return nothing;
    --detached(s);
    return count_grants(
        [&]
        {
          reset(s);
        });
  }

  void reset(side s)
  {
    --inside(s);
    settle();
  }

  void detach(side s)
  {
    ++detached(s);
  }

  bool downgrade()
  {
    if (limit == 0)
      return false;
    --writers;
    ++readers;
    settle();
    return true;
  }

  void settle()
  {
    const std::size_t upgrade = first_waiting(upgrades);
    if (upgrade != nothing && readers == 1)
    {
      --readers;
      ++writers;
      grant(upgrade);
    }
    for (;;)
    {
      const std::size_t w = first_waiting(enters);
      if (w == nothing || !fits(waits[w].what))
        return;
      ++inside(waits[w].what);
      grant(w);
    }
  }

  void give_back(std::size_t w)
  {
    readers += upgrades(waits[w]);
    --inside(waits[w].what);
  }

  std::size_t dismiss_all(ending how)
  {
    const std::size_t count = dismiss_if(how, upgrades);
    return count + dismiss_if(how, enters);
  }

  static bool upgrades(const rw_wait& w)
  {
    return w.what == side::upgrading;
  }

private:
  static bool enters(const rw_wait& w)
  {
    return !upgrades(w);
  }

  bool fits(side s) const
  {
    return writers == 0 && waiting(upgrades) == 0 &&
           (s == side::reading ? readers < limit : readers == 0);
  }

  std::size_t& inside(side s)
  {
    return s == side::reading ? readers : writers;
  }

  std::size_t& detached(side s)
  {
    return s == side::reading ? detached_readers : detached_writers;
  }
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_TABLES_RW_LOCK_HPP
