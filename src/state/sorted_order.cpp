// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/state/sorted_order.hpp>

#include <cstdint>
#include <iterator>

namespace toro::detail {

namespace {

using item_tree = ranked_tree<ranking_tag>;

ranked_node& as_ranked(item_node& item) noexcept
{
  return static_cast<ranked_node&>(item);
}

// Where an item stands in its tree, as a binary fraction: the root at 1/2, its
// children at 1/4 and 3/4, and so on.
// Safety: exact down to a depth of 63, which takes an AVL tree more items than
// fit into the memory.
std::uint64_t place_of(const ranked_node& item) noexcept
{
  using links = item_tree::node_traits;
  constexpr std::uint64_t half = std::uint64_t(1) << 63;

  std::uint64_t place = half;
  links::const_node_ptr node = item_tree::value_traits::to_node_ptr(item);
  links::const_node_ptr parent = links::get_parent(node);
  // The root and the header of the tree are each other's parent.
  while (links::get_parent(parent) != node)
  {
    place = place / 2 + (links::get_right(parent) == node ? half : 0);
    node = parent;
    parent = links::get_parent(node);
  }
  return place;
}

bool is_stocked(const item_node& item) noexcept
{
  return item.stage == item_stage::stocked;
}

} // namespace

void ranking::leave(item_node& item) noexcept
{
  items_.erase(items_.iterator_to(as_ranked(item)));
}

void ranking::stock(item_node& item) noexcept
{
  ranked_node& entering = as_ranked(item);
  const auto here = items_.iterator_to(entering);
  const auto next = std::next(here);
  if (next == items_.end())
    stock_.push_back(entering);
  else if (is_stocked(*next))
    stock_.insert_before(stock_.iterator_to(*next), entering);
  else if (here == items_.begin())
    stock_.push_front(entering);
  else if (const auto last = std::prev(here); is_stocked(*last))
    stock_.insert_before(std::next(stock_.iterator_to(*last)), entering);
  else
    stock_.insert_before(
        stock_.upper_bound(place_of(entering),
                           [](std::uint64_t place, const ranked_node& other)
                           {
                             return place < place_of(other);
                           }),
        entering);
}

void ranking::unstock(item_node& item) noexcept
{
  stock_.erase(stock_.iterator_to(as_ranked(item)));
}

item_node& ranking::first() noexcept
{
  return *stock_.begin();
}

} // namespace toro::detail
