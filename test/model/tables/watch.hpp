// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_TABLES_WATCH_HPP
#define TORO_TEST_MODEL_TABLES_WATCH_HPP

#include <cstddef>

#include "model/tables/wait_table.hpp"

namespace toro_test {

struct watch_wait : plain_wait
{
  explicit watch_wait(std::size_t r)
    : reader(r)
  {
  }

  std::size_t reader;

  // The version that it got.
  std::size_t got = 0;
};

// A value with a version, and readers that know which version they have seen.
// Two readers are there at any time; one that ends is replaced.
class watch_model : public wait_table<watch_model, watch_wait>
{
public:
  std::size_t version = 0;
  bool open = true;

  // Of all readers that ever were.
  row<std::size_t> seen = row<std::size_t>(2, 0);

  // The two.
  std::size_t readers[2] = {0, 1};

  bool has_news(std::size_t k) const
  {
    return seen[readers[k]] != version;
  }

  // Returns how many waits that granted, or nothing if it is closed.
  std::size_t set()
  {
    if (!open)
      return nothing;
    ++version;
    return count_grants(
        [this]
        {
          grant_if(any);
        });
  }

  std::size_t close()
  {
    open = false;
    return dismiss_if(ending::closed, any);
  }

  std::size_t get(std::size_t k)
  {
    seen[readers[k]] = version;
    return version;
  }

  void start_next(std::size_t k, patience how_long)
  {
    const std::size_t w = add(watch_wait(readers[k]));
    if (inert)
      return;
    if (has_news(k))
      grant(w);
    else if (!open)
      end(w, ending::closed);
    else
      park(w, how_long);
  }

  // Its waits end, in the order in which they started.
  void end_reader(std::size_t k)
  {
    for (std::size_t w = 0; w != waits.size(); ++w)
    {
      if (waits[w].reader != readers[k])
        continue;
      if (waits[w].at == stage::waiting)
        end(w, ending::aborted);
      else
        retract(w);
    }
    readers[k] = seen.size();
    seen.push_back(version);
  }

  // The newest value there is.
  void take(std::size_t w)
  {
    waits[w].got = version;
    seen[waits[w].reader] = version;
  }
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_TABLES_WATCH_HPP
