// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/state/queue_state.hpp>

namespace toro::detail {

namespace {

queue_waiter& as_queue(waiter& w) noexcept
{
  return static_cast<queue_waiter&>(w);
}

} // namespace

void queue_state::put(item_node& item)
{
  append(item);
  settle();
}

void queue_state::begin_put() noexcept
{
  ++reserved_;
  --limit_;
}

void queue_state::finish_put(item_node& item)
{
  append(item);
  // Order: the room is kept until the item has taken it.
  undo_put();
}

void queue_state::undo_put() noexcept
{
  --reserved_;
  ++limit_;
  settle();
}

item_node* queue_state::try_get() noexcept
{
  if (stocked_ == 0)
    return nullptr;
  item_node& item = pick();
  detach_put(item);
  leave(item);
  settle();
  return &item;
}

item_node* queue_state::begin_get() noexcept
{
  if (stocked_ == 0)
    return nullptr;
  item_node& item = pick();
  item.stage = item_stage::reserved;
  ++reserved_;
  hold_in_place(item);
  settle();
  return &item;
}

void queue_state::finish_get(item_node& item) noexcept
{
  --reserved_;
  leave(item);
  if (!open_)
    dismiss_getters_if_drained();
}

void queue_state::undo_get(item_node& item) noexcept
{
  --reserved_;
  stock(item);
  settle();
}

void queue_state::commit_in_place(queue_waiter& w) noexcept
{
  if (w.lane != get_lane)
    return commit(w);
  granted_.erase(granted_.iterator_to(w));
  w.stage = phase::ended;
  hold_in_place(*w.item);
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
  if (!at_once)
  {
    enter(*w.item);
    w.item->put = &w;
    w.item->stage = item_stage::blocked;
    return park(putters_, w);
  }
  append(*w.item);
  w.item->put = &w;
  grant(w);
  settle();
  return true;
}

bool queue_state::start_get(queue_waiter& w, bool may_wait) noexcept
{
  w.lane = get_lane;
  if (stocked_ != 0)
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

std::optional<std::size_t> queue_state::task_done() noexcept
{
  if (unfinished_ == 0)
    return std::nullopt;
  --unfinished_;
  const std::size_t joins = joiners_.size();
  settle();
  return joins - joiners_.size();
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
  if (stocked_ == 0)
    return nullptr;
  item_node& item = take_first();
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
void queue_state::grant_all() noexcept
{
  for (;;)
  {
    if (!putters_.empty() && has_room())
    {
      admit_blocked_put();
    }
    else if (!getters_.empty() && stocked_ != 0)
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
    unstock(*item);
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
    detach_put(*item);
    finish_get(*item);
  }
  else if (item != nullptr)
  {
    detach_put(*item);
  }
}

std::size_t queue_state::dismiss_getters_if_drained() noexcept
{
  if (stocked_ != 0 || reserved_ != 0)
    return 0;
  return dismiss_all(getters_, outcome::closed);
}

void queue_state::enter(item_node& item)
{
  if (order_)
    order_->enter(item);
  else
    line_.enter(item);
}

// Takes in the item of a put that does not wait.
void queue_state::append(item_node& item)
{
  if (order_)
  {
    order_->enter(item);
    order_->stock(item);
  }
  else
  {
    line_.append(item);
  }
  item.stage = item_stage::stocked;
  ++stocked_;
  ++unfinished_;
}

void queue_state::leave(item_node& item) noexcept
{
  if (order_)
    order_->leave(item);
  item.stage = item_stage::outside;
}

void queue_state::stock(item_node& item) noexcept
{
  item.stage = item_stage::stocked;
  ++stocked_;
  if (order_)
    order_->stock(item);
  else
    line_.stock(item);
}

void queue_state::unstock(item_node& item) noexcept
{
  --stocked_;
  if (order_)
    order_->unstock(item);
  else
    line_.unstock(item);
}

// Takes the next item out of stock, which is not empty.
item_node& queue_state::take_first() noexcept
{
  item_node& item = order_ ? order_->first() : line_.first();
  unstock(item);
  return item;
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
  if (!putters_.empty() && stocked_ <= limit_)
    admit_blocked_put();
  return take_first();
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

// The item keeps its place while its value is moved away.
void queue_state::hold_in_place(item_node& item) noexcept
{
  detach_put(item);
  if (order_)
    order_->hide(item);
}

} // namespace toro::detail
