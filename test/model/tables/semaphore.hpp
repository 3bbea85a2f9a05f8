// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_TABLES_SEMAPHORE_HPP
#define TORO_TEST_MODEL_TABLES_SEMAPHORE_HPP

#include <cstddef>
#include <cstdint>

#include "model/tables/wait_table.hpp"

namespace toro_test {

struct permit_wait : plain_wait
{
  explicit permit_wait(std::size_t n, bool takes_nothing = false)
    : permits(n),
      watches(takes_nothing)
  {
  }

  std::size_t permits;

  // Waits until a permit is free, and takes none.
  bool watches;
};

// Permits are free, or out: reserved for a grant or held by a guard. Those that
// were detached are neither, and release() brings them back. A lock is a
// semaphore that is bounded by one.
class semaphore_model : public wait_table<semaphore_model, permit_wait>
{
public:
  semaphore_model(std::size_t value, bool bounded)
    : free(value),
      bound(bounded ? value : PTRDIFF_MAX)
  {
  }

  std::size_t free;
  std::size_t out = 0;
  std::size_t bound;

  void start_acquire(std::size_t n, patience how_long)
  {
    const std::size_t w = add(permit_wait(n));
    if (inert)
      return;
    if (n > bound)
      end(w, ending::impossible);
    else if (n == 0 || try_acquire(n))
      grant(w);
    else
      park(w, how_long);
  }

  void start_watch(patience how_long)
  {
    const std::size_t w = add(permit_wait(0, true));
    if (inert)
      return;
    if (free > 0 && waiting(acquires) == 0)
      grant(w);
    else
      park(w, how_long);
  }

  // Nobody overtakes those who wait.
  bool try_acquire(std::size_t n)
  {
    if (waiting(acquires) != 0 || n > free)
      return false;
    free -= n;
    out += n;
    return true;
  }

  // Returns how many waits that granted, or nothing if it is too much.
  std::size_t release(std::size_t n)
  {
    if (free + out + n > bound)
      return nothing;
    free += n;
    return count_grants(
        [this]
        {
          settle();
        });
  }

  // A guard ends, or lets go.
  void reset(std::size_t n)
  {
    out -= n;
    free += n;
    settle();
  }

  void detach(std::size_t n)
  {
    out -= n;
  }

  // In line, the first one before all others, however little they ask for; then
  // all who only wait for a free permit.
  void settle()
  {
    for (;;)
    {
      const std::size_t w = first_waiting(acquires);
      if (w == nothing || waits[w].permits > free)
        break;
      free -= waits[w].permits;
      out += waits[w].permits;
      grant(w);
    }
    if (free > 0 && waiting(acquires) == 0)
      grant_if(watches);
  }

  void give_back(std::size_t w)
  {
    out -= waits[w].permits;
    free += waits[w].permits;
  }

  // Acquirers before those who only watch.
  std::size_t dismiss_all(ending how)
  {
    const std::size_t count = dismiss_if(how, acquires);
    return count + dismiss_if(how, watches);
  }

private:
  static bool acquires(const permit_wait& w)
  {
    return !w.watches;
  }

  static bool watches(const permit_wait& w)
  {
    return w.watches;
  }
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_TABLES_SEMAPHORE_HPP
