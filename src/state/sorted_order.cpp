// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/state/sorted_order.hpp>

#include <cstdint>
#include <iterator>
#include <limits>
#include <numeric>

namespace toro::detail {

namespace {

// The numbers of places. The gap leaves room for about thirty items at one
// place, and for two thousand million puts in a row.
constexpr std::int64_t place_gap = std::int64_t(1) << 32;
constexpr std::int64_t smallest_place =
    std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t largest_place = std::numeric_limits<std::int64_t>::max();

ranked_node& as_ranked(item_node& item) noexcept
{
  return static_cast<ranked_node&>(item);
}

} // namespace

void ranking::stock(item_node& item) noexcept
{
  stock_.insert(as_ranked(item));
}

void ranking::unstock(item_node& item) noexcept
{
  stock_.erase(stock_.iterator_to(as_ranked(item)));
}

item_node& ranking::first() noexcept
{
  return *stock_.begin();
}

void ranking::insert(item_node* successor, item_node& item) noexcept
{
  items_.insert(successor ? items_.iterator_to(*successor) : items_.end(),
                item);
  give_place(item);
}

void ranking::erase(item_node& item) noexcept
{
  items_.erase(items_.iterator_to(item));
}

// Takes a number between those of the neighbours, or makes room for one.
void ranking::give_place(item_node& item) noexcept
{
  const auto here = items_.iterator_to(item);
  const auto next = std::next(here);
  const bool is_first = here == items_.begin();
  const bool is_last = next == items_.end();
  const std::int64_t low = is_first ? smallest_place : std::prev(here)->place;
  const std::int64_t high = is_last ? largest_place : next->place;
  if (is_first && is_last)
    item.place = 0;
  else if (is_last && low <= largest_place - place_gap)
    item.place = low + place_gap;
  else if (is_first && high >= smallest_place + place_gap)
    item.place = high - place_gap;
  else if (!is_first && !is_last && std::midpoint(low, high) != low)
    item.place = std::midpoint(low, high);
  else
    renumber();
}

// Numbers all items anew, evenly. Their order stays, and so does the stock's.
void ranking::renumber() noexcept
{
  std::int64_t place = smallest_place / 2;
  for (item_node& item : items_)
  {
    item.place = place;
    place += place_gap;
  }
}

} // namespace toro::detail
