// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_ROBUSTNESS_LIFETIME_EVERY_ORDER_HPP
#define TORO_TEST_ROBUSTNESS_LIFETIME_EVERY_ORDER_HPP

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace toro_test {

// Makes, for each order of the actors, those that take part in an operation,
// and destroys them in that order. Handlers run in between or not. Gives the
// number of orders. The first order has to be sorted.
template <class Actor, std::size_t N, class Make>
int destroy_in_every_order(std::array<Actor, N> order, bool runs_in_between,
                           Make make)
{
  int number = 0;
  do
  {
    auto cast = make(number);
    for (Actor who : order)
    {
      cast.destroy(who);
      if (runs_in_between)
        cast.turn();
    }
    BOOST_TEST_INFO("order " << number);
    BOOST_TEST(cast.all_are_done());
    ++number;
  } while (std::next_permutation(order.begin(), order.end()));
  return number;
}

} // namespace toro_test

#endif // TORO_TEST_ROBUSTNESS_LIFETIME_EVERY_ORDER_HPP
