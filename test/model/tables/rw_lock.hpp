// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_TABLES_RW_LOCK_HPP
#define TORO_TEST_MODEL_TABLES_RW_LOCK_HPP

#include <cstddef>

#include "model/tables/wait_table.hpp"

namespace toro_test {

enum class side : unsigned char
{
  reading,
  writing
};

struct rw_wait : plain_wait
{
  explicit rw_wait(side s)
    : what(s)
  {
  }

  side what;
};

// Any number of readers up to a limit, or one writer; one line for both.
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
    return writers != 0 || readers == limit;
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
    for (;;)
    {
      const std::size_t w = first_waiting();
      if (w == nothing || !fits(waits[w].what))
        return;
      ++inside(waits[w].what);
      grant(w);
    }
  }

  void give_back(std::size_t w)
  {
    --inside(waits[w].what);
  }

private:
  bool fits(side s) const
  {
    return writers == 0 &&
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
