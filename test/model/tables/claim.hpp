// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_TABLES_CLAIM_HPP
#define TORO_TEST_MODEL_TABLES_CLAIM_HPP

#include <array>
#include <cstddef>

#include "model/tables/semaphore.hpp"

namespace toro_test {

// Two semaphores, and selections of one permit of either. A selection is a wait
// in each of them that has the same number there, since every wait is part of
// one. What it was granted first it does not keep: it keeps what is delivered
// first.
class claim_model
{
public:
  static constexpr std::size_t sides = 2;

  explicit claim_model(std::size_t value)
    : side{semaphore_model(value, false), semaphore_model(value, false)}
  {
  }

  std::array<semaphore_model, sides> side;

  // Which side each selection has, or nothing.
  row<std::size_t> winner;

  void select()
  {
    for (semaphore_model& s : side)
      s.start_acquire(1, endless);
    winner.push_back(nothing);
  }

  // The next handler of a side is called. Returns whose it is. A grant is kept
  // by the first of a selection, and goes back if the other was the first.
  std::size_t deliver(std::size_t which)
  {
    semaphore_model& s = side[which];
    const std::size_t w = s.under_way.front();
    const bool granted = s.waits[w].at == stage::granted;
    if (granted && winner[w] == nothing)
      winner[w] = which;
    if (granted && winner[w] != which)
    {
      s.cancel(w);
      return s.deliver();
    }
    return s.deliver();
  }
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_TABLES_CLAIM_HPP
