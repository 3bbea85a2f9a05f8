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
      most(n),
      watches(takes_nothing)
  {
  }

  std::size_t permits;

  // How many it takes if they are free when its handler runs.
  std::size_t most;

  // Waits until a permit is free, and takes none.
  bool watches;
};

// Permits are free, or out: reserved for a grant or held by a guard. Those that
// were detached are neither, and release() brings them back. A bounded
// semaphore has as many as its bound says, so what is free is what is left of
// it; nothing may be left after the bound was lowered. A lock is a semaphore
// that is bounded by one.
class semaphore_model : public wait_table<semaphore_model, permit_wait>
{
public:
  semaphore_model(std::size_t value, bool has_bound)
    : is_bounded(has_bound),
      bound(has_bound ? value : PTRDIFF_MAX),
      added(value)
  {
  }

  bool is_bounded;
  bool open = true;
  std::size_t bound;
  std::size_t out = 0;

  // Of a bounded one.
  std::size_t detached = 0;

  // The free permits of an unbounded one.
  std::size_t added;

  std::size_t free() const
  {
    if (!is_bounded)
      return added;
    return bound > out + detached ? bound - out - detached : 0;
  }

  void start_acquire(std::size_t n, patience how_long)
  {
    start(permit_wait(n), how_long);
  }

  void start_acquire_some(std::size_t least, std::size_t most,
                          patience how_long)
  {
    permit_wait some(least);
    some.most = most;
    start(some, how_long);
  }

  void start_watch(patience how_long)
  {
    const std::size_t w = add(permit_wait(0, true));
    if (inert)
      return;
    if (!open)
      end(w, ending::closed);
    else if (free() > 0 && waiting(acquires) == 0)
      grant(w);
    else
      park(w, how_long);
  }

  // Nobody overtakes those who wait.
  bool try_acquire(std::size_t n)
  {
    if (!open || waiting(acquires) != 0 || n > free())
      return false;
    take_out(n);
    return true;
  }

  // Returns how many waits that granted, or nothing if it is too much.
  std::size_t release(std::size_t n)
  {
    if (is_bounded ? n > detached : added + out + n > bound)
      return nothing;
    if (is_bounded)
      detached -= n;
    else
      added += n;
    return count_grants(
        [this]
        {
          settle();
        });
  }

  std::size_t close()
  {
    open = false;
    const std::size_t count = dismiss_if(ending::closed, acquires);
    return count + dismiss_if(ending::closed, watches);
  }

  // Returns how many waits that granted.
  std::size_t resize(std::size_t total)
  {
    bound = total;
    dismiss_if(ending::impossible,
               [&](const permit_wait& w)
               {
                 return w.permits > total;
               });
    return count_grants(
        [this]
        {
          settle();
        });
  }

  // A guard gives back some of its permits.
  void reset(std::size_t n)
  {
    bring_back(n);
    settle();
  }

  // A guard lets go.
  void detach(std::size_t n)
  {
    out -= n;
    if (is_bounded)
      detached += n;
  }

  // In line, the first one before all others, however little they ask for; then
  // all who only wait for a free permit.
  void settle()
  {
    for (;;)
    {
      const std::size_t w = first_waiting(acquires);
      if (w == nothing || waits[w].permits > free())
        break;
      take_out(waits[w].permits);
      grant(w);
    }
    if (free() > 0 && waiting(acquires) == 0)
      grant_if(watches);
  }

  void give_back(std::size_t w)
  {
    bring_back(waits[w].permits);
  }

  void take(std::size_t w)
  {
    while (waits[w].permits < waits[w].most && free() > 0 &&
           waiting(acquires) == 0)
    {
      ++waits[w].permits;
      take_out(1);
    }
  }

  // Acquirers before those who only watch.
  std::size_t dismiss_all(ending how)
  {
    const std::size_t count = dismiss_if(how, acquires);
    return count + dismiss_if(how, watches);
  }

private:
  void start(const permit_wait& what, patience how_long)
  {
    const std::size_t w = add(what);
    if (inert)
      return;
    if (!open)
      end(w, ending::closed);
    else if (what.permits > bound || what.permits > what.most)
      end(w, ending::impossible);
    else if (what.permits == 0 || try_acquire(what.permits))
      grant(w);
    else
      park(w, how_long);
  }

  void take_out(std::size_t n)
  {
    out += n;
    if (!is_bounded)
      added -= n;
  }

  void bring_back(std::size_t n)
  {
    out -= n;
    if (!is_bounded)
      added += n;
  }

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
