// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_TABLES_LATCH_HPP
#define TORO_TEST_MODEL_TABLES_LATCH_HPP

#include <cstddef>

#include "model/tables/wait_table.hpp"

namespace toro_test {

// A count. When it is zero, all waits are granted, then and later.
class latch_model : public wait_table<latch_model>
{
public:
  std::size_t count;

  explicit latch_model(std::size_t expected)
    : count(expected)
  {
  }

  // Returns how many waits that granted, or nothing if n is more than is left.
  std::size_t count_down(std::size_t n)
  {
    if (n > count)
      return nothing;
    return count_grants(
        [&]
        {
          count -= n;
          if (count == 0)
            grant_if(any);
        });
  }

  void start_wait(patience how_long)
  {
    const std::size_t w = add({});
    if (inert)
      return;
    if (count == 0)
      grant(w);
    else
      park(w, how_long);
  }

  // Counts down, then waits. That is never undone.
  void start_arrive(patience how_long)
  {
    const std::size_t w = add({});
    if (inert)
      return;
    if (count_down(1) == nothing)
      end(w, ending::underflow);
    else if (count == 0)
      grant(w);
    else
      park(w, how_long);
  }
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_TABLES_LATCH_HPP
