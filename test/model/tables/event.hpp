// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_TABLES_EVENT_HPP
#define TORO_TEST_MODEL_TABLES_EVENT_HPP

#include <cstddef>

#include "model/tables/wait_table.hpp"

namespace toro_test {

// A flag. Setting it wakes all who wait, also if it is cleared right after.
class event_model : public wait_table<event_model>
{
public:
  bool up = false;

  void start(patience how_long)
  {
    const std::size_t w = add({});
    if (inert)
      return;
    if (up)
      grant(w);
    else
      park(w, how_long);
  }

  // Returns how many waits that woke.
  std::size_t set()
  {
    up = true;
    return count_grants(
        [this]
        {
          grant_if(any);
        });
  }

  void clear()
  {
    up = false;
  }
};

// A result: set once, to a value or to an error, for any number of readers.
class result_model : public event_model
{
public:
  // What is set; an error where it is zero.
  std::size_t value = nothing;

  // Returns how many waits that woke, or nothing if it is set already.
  std::size_t set(std::size_t what)
  {
    if (up)
      return nothing;
    value = what;
    return event_model::set();
  }
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_TABLES_EVENT_HPP
