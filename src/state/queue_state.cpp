// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/state/queue_state.hpp>

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

queue_waiter& as_queue(waiter& w) noexcept
{
  return static_cast<queue_waiter&>(w);
}

} // namespace

void queue_state::put(item_node& item)
{
  enter(item);
  ++unfinished_;
  stock(item);
  settle();
}

item_node* queue_state::try_get() noexcept
{
  if (stock_.empty())
    return nullptr;
  item_node& item = pick();
  detach_put(item);
  leave(item);
  settle();
  return &item;
}

bool queue_state::start_put(queue_waiter& w, bool may_wait)
{
  w.lane = put_lane;
  if (!open_)
  {
    end(w, outcome::closed);
    return true;
  }
  const bool at_once = can_put();
  if (!at_once && !may_wait)
    return false;
  enter(*w.item);
  w.item->put = &w;
  if (!at_once)
  {
    w.item->stage = item_stage::blocked;
    return park(putters_, w);
  }
  ++unfinished_;
  stock(*w.item);
  grant(w);
  settle();
  return true;
}

bool queue_state::start_get(queue_waiter& w, bool may_wait) noexcept
{
  w.lane = get_lane;
  if (!stock_.empty())
  {
    reserve(pick(), w);
    settle();
    return true;
  }
  if (!open_ && reserved_ == 0)
  {
    end(w, outcome::closed);
    return true;
  }
  return may_wait && park(getters_, w);
}

bool queue_state::start_join(queue_waiter& w, bool may_wait) noexcept
{
  w.lane = join_lane;
  if (unfinished_ == 0)
    return grant(w);
  return may_wait && park_for_broadcast(joiners_, w);
}

bool queue_state::task_done() noexcept
{
  if (unfinished_ == 0)
    return false;
  --unfinished_;
  settle();
  return true;
}

std::size_t queue_state::close() noexcept
{
  if (!open_)
    return 0;
  open_ = false;
  return dismiss_all(putters_, outcome::closed) + dismiss_getters_if_drained();
}

item_node* queue_state::discard() noexcept
{
  if (stock_.empty())
    return nullptr;
  item_node& item = *stock_.begin();
  stock_.erase(stock_.begin());
  detach_put(item);
  leave(item);
  return &item;
}

std::size_t queue_state::abort_all() noexcept
{
  // Order: whoever waits leaves first, so that nothing is granted anew; then
  // gets before puts, since a put whose item is back in stock can withdraw it.
  std::size_t count = dismiss_all(getters_, outcome::aborted);
  count += dismiss_all(putters_, outcome::aborted);
  count += dismiss_all(joiners_, outcome::aborted);
  count += retract_all(
      [](waiter& w)
      {
        return w.lane == get_lane;
      });
  return count + retract_all();
}

// The grant loop. An admitted put is granted before the get that made room for
// it, and a get ends with closed only when no roll-back can bring an item.
void queue_state::settle() noexcept
{
  if (waiters() == 0)
    return;
  for (;;)
  {
    if (!putters_.empty() && has_room())
    {
      admit_blocked_put();
    }
    else if (!getters_.empty() && !stock_.empty())
    {
      waiter& get = getters_.front();
      getters_.pop_front();
      reserve(pick(), as_queue(get));
    }
    else
    {
      break;
    }
  }
  if (!open_)
    dismiss_getters_if_drained();
  if (unfinished_ == 0)
    broadcast(joiners_);
}

wait_queue& queue_state::queue_of(waiter& w) noexcept
{
  switch (w.lane)
  {
  case get_lane:
    return getters_;
  case put_lane:
    return putters_;
  default:
    return joiners_;
  }
}

void queue_state::forget(waiter& w) noexcept
{
  if (w.lane != put_lane)
    return;
  item_node& item = *as_queue(w).item;
  item.put = nullptr;
  leave(item);
}

bool queue_state::give_back(waiter& w) noexcept
{
  item_node* const item = as_queue(w).item;
  if (w.lane == get_lane)
  {
    as_queue(w).item = nullptr;
    --reserved_;
    stock(*item);
    return true;
  }
  if (w.lane == put_lane)
  {
    if (item == nullptr || item->stage != item_stage::stocked)
      return false;
    item->put = nullptr;
    stock_.erase(stock_.iterator_to(*item));
    leave(*item);
    // The task may have been counted as done before its item was got.
    if (unfinished_ > 0)
      --unfinished_;
  }
  return true;
}

void queue_state::take(waiter& w) noexcept
{
  item_node* const item = as_queue(w).item;
  if (w.lane == get_lane)
  {
    --reserved_;
    detach_put(*item);
    leave(*item);
    if (!open_)
      dismiss_getters_if_drained();
  }
  else if (item != nullptr)
  {
    detach_put(*item);
  }
}

std::size_t queue_state::dismiss_getters_if_drained() noexcept
{
  if (!stock_.empty() || reserved_ != 0)
    return 0;
  return dismiss_all(getters_, outcome::closed);
}

void queue_state::enter(item_node& item)
{
  item_node* const successor = order_.find_successor(items_, item);
  items_.insert(successor ? items_.iterator_to(*successor) : items_.end(),
                item);
  give_place(item);
  order_.entered(item, successor);
}

// Takes a number between those of the neighbours, or makes room for one.
void queue_state::give_place(item_node& item) noexcept
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
void queue_state::renumber() noexcept
{
  std::int64_t place = smallest_place / 2;
  for (item_node& item : items_)
  {
    item.place = place;
    place += place_gap;
  }
}

void queue_state::leave(item_node& item) noexcept
{
  order_.leaves(item);
  items_.erase(items_.iterator_to(item));
  item.stage = item_stage::outside;
}

// The ends are where items of a queue that has its order from the puts belong.
void queue_state::stock(item_node& item) noexcept
{
  item.stage = item_stage::stocked;
  if (stock_.empty() || stock_.rbegin()->place < item.place)
    stock_.push_back(item);
  else if (item.place < stock_.begin()->place)
    stock_.push_front(item);
  else
    stock_.insert(item);
}

void queue_state::admit_blocked_put() noexcept
{
  ++unfinished_;
  stock(*as_queue(putters_.front()).item);
  grant_front(putters_);
}

// Takes the next item out of stock for a get. A blocked put enters before, so
// that its item has its part in the order.
item_node& queue_state::pick() noexcept
{
  if (!putters_.empty() && stock_.size() <= max_size_)
    admit_blocked_put();
  item_node& item = *stock_.begin();
  stock_.erase(stock_.begin());
  return item;
}

void queue_state::reserve(item_node& item, queue_waiter& get) noexcept
{
  item.stage = item_stage::reserved;
  get.item = &item;
  ++reserved_;
  grant(get);
}

// Commits the put of an item.
void queue_state::detach_put(item_node& item) noexcept
{
  if (item.put == nullptr)
    return;
  item.put->item = nullptr;
  item.put = nullptr;
}

} // namespace toro::detail
