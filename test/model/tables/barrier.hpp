// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_TABLES_BARRIER_HPP
#define TORO_TEST_MODEL_TABLES_BARRIER_HPP

#include <cstddef>

#include "model/tables/wait_table.hpp"

namespace toro_test {

struct arrival : plain_wait
{
  bool is_last = false;
};

// Arrivals wait for each other until there are as many as parties. Then all of
// them are granted for good, and the next phase begins.
class barrier_model : public wait_table<barrier_model, arrival>
{
public:
  std::size_t parties;
  std::size_t phase = 0;

  explicit barrier_model(std::size_t expected)
    : parties(expected)
  {
  }

  void start_arrive(patience how_long)
  {
    const std::size_t w = add({});
    if (inert)
      return;
    if (parties == 0)
      end(w, ending::underflow);
    else if (waiting() + 1 != parties)
      park(w, how_long);
    else
    {
      waits[w].is_last = true;
      grant_if(any);
      grant(w);
      ++phase;
    }
  }

  // Returns how many waits that granted, or nothing if there is no party.
  std::size_t drop()
  {
    if (parties == 0)
      return nothing;
    --parties;
    if (waiting() != parties)
      return 0;
    ++phase;
    mark_latest();
    return count_grants(
        [this]
        {
          grant_if(any);
        });
  }

  static bool can_give_back(std::size_t)
  {
    return false;
  }

private:
  void mark_latest()
  {
    for (std::size_t w = waits.size(); w-- != 0;)
    {
      if (waits[w].at != stage::waiting)
        continue;
      waits[w].is_last = true;
      return;
    }
  }
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_TABLES_BARRIER_HPP
