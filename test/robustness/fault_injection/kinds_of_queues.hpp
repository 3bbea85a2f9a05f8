// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_ROBUSTNESS_FAULT_INJECTION_KINDS_OF_QUEUES_HPP
#define TORO_TEST_ROBUSTNESS_FAULT_INJECTION_KINDS_OF_QUEUES_HPP

#include <toro/lifo_queue.hpp>
#include <toro/priority_queue.hpp>
#include <toro/queue.hpp>

#include <boost/test/unit_test.hpp>

#include <functional>
#include <set>
#include <type_traits>

#include "robustness/fault_injection/item.hpp"
#include "robustness/fault_injection/trial.hpp"

namespace toro_test {

// The queues under test, with items whose moves may fail or not.
template <class Item, class Threading>
struct fifo
{
  using type = toro::basic_queue<Item, throwing_executor, Threading>;
  using item = Item;
  using threading = Threading;
  static constexpr bool compares = false;
};

template <class Item, class Threading>
struct lifo
{
  using type = toro::basic_lifo_queue<Item, throwing_executor, Threading>;
  using item = Item;
  using threading = Threading;
  static constexpr bool compares = false;
};

template <class Item, class Threading>
struct sorted
{
  using type = toro::basic_priority_queue<Item, std::less<Item>,
                                          throwing_executor, Threading>;
  using item = Item;
  using threading = Threading;
  static constexpr bool compares = true;
};

template <class Item>
constexpr bool moves_fail = !std::is_nothrow_move_constructible_v<Item>;

// What is called in a scenario of puts and gets, with what is special to it.
template <class Kind>
std::set<failing> calls(std::set<failing> special = {})
{
  special.insert(usual_calls.begin(), usual_calls.end());
  if (Kind::compares)
    special.insert(failing::comparison);
  if (moves_fail<typename Kind::item>)
    special.insert(failing::move);
  return special;
}

struct no_item_left
{
  ~no_item_left()
  {
    BOOST_TEST(item::live() == 0);
    BOOST_TEST(throwing_item::live() == 0);
  }
};

} // namespace toro_test

#endif // TORO_TEST_ROBUSTNESS_FAULT_INJECTION_KINDS_OF_QUEUES_HPP
