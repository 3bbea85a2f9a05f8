// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_TABLES_WAIT_GROUP_HPP
#define TORO_TEST_MODEL_TABLES_WAIT_GROUP_HPP

#include <cstddef>

#include "model/tables/wait_table.hpp"

namespace toro_test {

// How much is inside, with a guard or without. When nothing is, all waits are
// granted, then and as long as nothing enters.
class wait_group_model : public wait_table<wait_group_model>
{
public:
  std::size_t guarded = 0;
  std::size_t detached = 0;
  bool open = true;

  std::size_t count() const
  {
    return guarded + detached;
  }

  bool enter()
  {
    guarded += open;
    return open;
  }

  // A guard ends, or lets go.
  void reset()
  {
    --guarded;
    wake();
  }

  void detach()
  {
    --guarded;
    ++detached;
  }

  // Returns how many waits that granted, or nothing if no guard has let go.
  std::size_t leave()
  {
    if (detached == 0)
      return nothing;
    return count_grants(
        [this]
        {
          --detached;
          wake();
        });
  }

  std::size_t close()
  {
    open = false;
    return count();
  }

  void start_wait(patience how_long)
  {
    const std::size_t w = add({});
    if (inert)
      return;
    if (count() == 0)
      grant(w);
    else
      park(w, how_long);
  }

  // Closes, then waits. The former is never undone.
  void start_close(patience how_long)
  {
    if (!inert)
      close();
    start_wait(how_long);
  }

private:
  void wake()
  {
    if (count() == 0)
      grant_if(any);
  }
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_TABLES_WAIT_GROUP_HPP
