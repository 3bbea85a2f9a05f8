// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/state/item_line.hpp>

#include <iterator>

namespace toro::detail {

// Looks in both directions at once. What lies between the item and its
// neighbours in stock are items on their way to handlers: none where gets are
// rolled back one after the other, from either end.
auto item_line::find_successor(item_node& item) noexcept -> stock_list::iterator
{
  // Safety: there is something in stock on both sides.
  auto before = items_.iterator_to(item);
  auto after = before;
  for (;;)
  {
    if ((--before)->stage == item_stage::stocked)
      return std::next(stock_.iterator_to(as_line(*before)));
    if ((++after)->stage == item_stage::stocked)
      return stock_.iterator_to(as_line(*after));
  }
}

} // namespace toro::detail
