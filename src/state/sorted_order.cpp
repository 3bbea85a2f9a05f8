// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/state/sorted_order.hpp>

#include <compare>
#include <cstdint>
#include <iterator>

namespace toro::detail {

namespace {

using item_tree = ranked_tree<ranking_tag>;

ranked_node& as_ranked(item_node& item) noexcept
{
  return static_cast<ranked_node&>(item);
}

// The position of an item in its tree, as a binary fraction: the root at 1/2,
// its children at 1/4 and 3/4, and so on. Exact down to a depth of 127, which
// is that of a red-black tree of 2^64 items.
struct tree_position
{
  static constexpr std::uint64_t half = std::uint64_t(1) << 63;

  std::uint64_t high = half;
  std::uint64_t low = 0;

  // Turns a position in a subtree into the position in the tree of its parent.
  void become_child(bool is_right) noexcept
  {
    low = low / 2 + high % 2 * half;
    high = high / 2 + is_right * half;
  }

  auto operator<=>(const tree_position&) const = default;
};

tree_position position_of(const ranked_node& item) noexcept
{
  using links = item_tree::node_traits;

  tree_position position;
  links::const_node_ptr node = item_tree::value_traits::to_node_ptr(item);
  links::const_node_ptr parent = links::get_parent(node);
  // The root and the header of the tree are each other's parent.
  while (links::get_parent(parent) != node)
  {
    position.become_child(links::get_right(parent) == node);
    node = parent;
    parent = links::get_parent(node);
  }
  return position;
}

bool is_available(const item_node& item) noexcept
{
  return item.stage == item_stage::available;
}

} // namespace

void ranking::leave(item_node& item) noexcept
{
  items_.erase(items_.iterator_to(as_ranked(item)));
}

void ranking::make_available(item_node& item) noexcept
{
  ranked_node& entering = as_ranked(item);
  const auto here = items_.iterator_to(entering);
  const auto next = std::next(here);
  if (next == items_.end())
    available_.push_back(entering);
  else if (is_available(*next))
    available_.insert_before(available_.iterator_to(*next), entering);
  else if (here == items_.begin())
    available_.push_front(entering);
  else if (const auto last = std::prev(here); is_available(*last))
    available_.insert_before(std::next(available_.iterator_to(*last)),
                             entering);
  else
    available_.insert_before(
        available_.upper_bound(
            position_of(entering),
            [](const tree_position& position, const ranked_node& other)
            {
              return position < position_of(other);
            }),
        entering);
}

void ranking::make_unavailable(item_node& item) noexcept
{
  available_.erase(available_.iterator_to(as_ranked(item)));
}

item_node& ranking::first() noexcept
{
  return *available_.begin();
}

item_node& ranking::last() noexcept
{
  return *available_.rbegin();
}

} // namespace toro::detail
