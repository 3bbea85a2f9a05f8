// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/state/queue_state.hpp>

#include <algorithm>

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
  grant_waiters();
}

void queue_state::begin_put(std::size_t weight) noexcept
{
  keep_room(weight);
}

void queue_state::finish_put(item_node& item, std::size_t weight)
{
  append(item);
  // Order: the room is kept until the item is in the queue.
  undo_put(weight);
}

void queue_state::undo_put(std::size_t weight) noexcept
{
  free_room(weight);
  grant_waiters();
}

void queue_state::detach_room() noexcept
{
  --reserved_;
  if (!open_)
    close_getters_if_drained();
}

item_node* queue_state::force_put(item_node& item)
{
  const bool fits = has_room();
  append(item);
  if (fits)
  {
    grant_waiters();
    return nullptr;
  }
  item_node& displaced = order_ ? order_->last() : line_.oldest();
  make_unavailable(displaced);
  displaced.stage = item_stage::reserved;
  ++reserved_;
  keep_position(displaced);
  return &displaced;
}

item_node* queue_state::finish_force_put(item_node& item)
{
  item_node* const displaced = force_put(item);
  // Order: no get is closed before the item is in the queue. Then it is
  // available or reserved, or the displaced one is.
  --reserved_;
  return displaced;
}

void queue_state::undo_force_put() noexcept
{
  --reserved_;
  grant_waiters();
}

void queue_state::finish_drop(item_node& item) noexcept
{
  finish_get(item);
  finish_tasks(1);
  grant_waiters();
}

std::size_t queue_state::clear(item_list& dropped) noexcept
{
  const std::size_t count = available_count_;
  while (item_node* const item = discard())
    dropped.push_back(*item);
  finish_tasks(count);
  grant_waiters();
  return count;
}

item_node* queue_state::try_get() noexcept
{
  if (available_count_ == 0)
    return nullptr;
  item_node& item = pop_available();
  detach_put(item);
  leave(item);
  grant_waiters_after_get();
  return &item;
}

item_node* queue_state::begin_get() noexcept
{
  if (available_count_ == 0)
    return nullptr;
  item_node& item = pop_available();
  item.stage = item_stage::reserved;
  ++reserved_;
  keep_position(item);
  grant_waiters_after_get();
  return &item;
}

void queue_state::finish_get(item_node& item) noexcept
{
  --reserved_;
  leave(item);
  if (!open_)
    close_getters_if_drained();
}

void queue_state::undo_get(item_node& item) noexcept
{
  --reserved_;
  make_available(item);
  grant_waiters();
}

std::size_t queue_state::set_aside(item_list& taken, std::size_t most) noexcept
{
  std::size_t count = 0;
  for (; count != most; ++count)
  {
    // Puts of a weighted queue are admitted behind the item that made room.
    if (available_count_ == 0 && weighted_)
      grant_waiters();
    if (available_count_ == 0)
      break;
    item_node& item = pop_available();
    detach_put(item);
    item.stage = item_stage::reserved;
    taken.push_back(item);
    ++reserved_;
  }
  if (count != 0)
    grant_waiters();
  return count;
}

void queue_state::finish_some(item_list& taken) noexcept
{
  for (item_node& item : taken)
  {
    --reserved_;
    leave(item);
  }
  if (!open_)
    close_getters_if_drained();
}

void queue_state::undo_some(item_list& taken) noexcept
{
  if (taken.empty())
    return;
  // Order: the last one first. Then each of them is the first item of the
  // queue, which takes constant time.
  while (!taken.empty())
  {
    item_node& item = taken.back();
    taken.pop_back();
    --reserved_;
    make_available(item);
  }
  grant_waiters();
}

void queue_state::commit_keeping_position(queue_waiter& w) noexcept
{
  if (w.queue_index != get_queue)
    return commit(w);
  granted_.erase(granted_.iterator_to(w));
  w.stage = phase::decided;
  keep_position(*w.item);
}

bool queue_state::start_put(queue_waiter& w, bool may_wait)
{
  w.queue_index = put_queue;
  if (!open_)
  {
    decide(w, outcome::closed);
    return true;
  }
  const bool at_once = can_put(weighted_ ? weight_of(*w.item) : 1);
  if (!at_once && !may_wait)
    return false;
  if (!at_once)
  {
    enter(*w.item);
    w.item->put = &w;
    w.item->stage = item_stage::blocked;
    return park(putters_, w);
  }
  if (w.has_claim)
  {
    enter(*w.item);
    w.item->put = &w;
    promise(*w.item);
    return grant(w);
  }
  append(*w.item);
  w.item->put = &w;
  grant(w);
  grant_waiters();
  return true;
}

bool queue_state::start_reserve(queue_waiter& w, bool may_wait) noexcept
{
  w.queue_index = room_queue;
  if (!open_)
  {
    decide(w, outcome::closed);
    return true;
  }
  if (can_put(w.weight))
  {
    keep_room(w.weight);
    return grant(w);
  }
  return may_wait && park(putters_, w);
}

bool queue_state::start_get(queue_waiter& w, bool may_wait) noexcept
{
  w.queue_index = get_queue;
  if (available_count_ != 0)
  {
    reserve(pop_available(), w);
    grant_waiters_after_get();
    return true;
  }
  if (!open_ && reserved_ == 0)
  {
    decide(w, outcome::closed);
    return true;
  }
  return may_wait && park(getters_, w);
}

bool queue_state::start_get_none(queue_waiter& w) noexcept
{
  // As a wait for an item that is there: a grant that reserves nothing.
  w.queue_index = watch_queue;
  return grant(w);
}

bool queue_state::start_wait(queue_waiter& w, bool may_wait) noexcept
{
  w.queue_index = watch_queue;
  if (available_count_ != 0)
    return grant(w);
  if (!open_ && reserved_ == 0)
  {
    decide(w, outcome::closed);
    return true;
  }
  return may_wait && park(watchers_, w);
}

bool queue_state::start_join(queue_waiter& w, bool may_wait) noexcept
{
  w.queue_index = join_queue;
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
  grant_waiters();
  return joins - joiners_.size();
}

std::size_t queue_state::close() noexcept
{
  if (!open_)
    return 0;
  open_ = false;
  return decide_all(putters_, outcome::closed) + close_getters_if_drained();
}

item_node* queue_state::discard() noexcept
{
  if (available_count_ == 0)
    return nullptr;
  item_node& item = take_first();
  detach_put(item);
  leave(item);
  return &item;
}

std::size_t queue_state::cancel_all() noexcept
{
  // Order: first the waiting ones, so that none of them is granted; then
  // granted gets before granted puts, since a put can be revoked if its item is
  // available again.
  std::size_t count = decide_all(getters_, outcome::cancelled);
  count += decide_all(putters_, outcome::cancelled);
  count += decide_all(joiners_, outcome::cancelled);
  count += decide_all(watchers_, outcome::cancelled);
  count += revoke_all(
      [](waiter& w)
      {
        return w.queue_index == get_queue;
      });
  count += revoke_all();
  note_peak();
  return count;
}

// The grant loop. An admitted put is granted before the get that made room for
// it. A get is decided as closed only if no item can become available any more.
void queue_state::grant_all() noexcept
{
  for (;;)
  {
    if (!putters_.empty() && has_room_for_front())
    {
      admit_blocked_put();
    }
    else if (!getters_.empty() && available_count_ != 0)
    {
      waiter& get = getters_.front();
      getters_.pop_front();
      reserve(pop_available(), as_queue(get));
    }
    else
    {
      break;
    }
  }
  // Why not a broadcast: a state has only one queue for broadcasts.
  while (!watchers_.empty() && available_count_ != 0)
    grant_front(watchers_);
  if (!open_)
    close_getters_if_drained();
  if (unfinished_ == 0)
    broadcast(joiners_);
}

wait_queue& queue_state::queue_of(waiter& w) noexcept
{
  switch (w.queue_index)
  {
  case get_queue:
    return getters_;
  case put_queue:
  case room_queue:
    return putters_;
  case watch_queue:
    return watchers_;
  default:
    return joiners_;
  }
}

void queue_state::forget(waiter& w) noexcept
{
  if (w.queue_index != put_queue)
    return;
  item_node& item = *as_queue(w).item;
  item.put = nullptr;
  leave(item);
}

bool queue_state::give_back(waiter& w) noexcept
{
  item_node* const item = as_queue(w).item;
  if (w.queue_index == get_queue)
  {
    as_queue(w).item = nullptr;
    --reserved_;
    make_available(*item);
    return true;
  }
  if (w.queue_index == room_queue)
  {
    free_room(as_queue(w).weight);
    return true;
  }
  if (w.queue_index == put_queue)
  {
    if (item != nullptr && item->stage == item_stage::promised)
    {
      item->put = nullptr;
      leave(*item);
      free_room(weighted_ ? weight_of(*item) : 1);
      return true;
    }
    if (item == nullptr || item->stage != item_stage::available)
      return false;
    item->put = nullptr;
    make_unavailable(*item);
    leave(*item);
    finish_tasks(1);
  }
  return true;
}

void queue_state::commit_grant(waiter& w) noexcept
{
  item_node* const item = as_queue(w).item;
  if (w.queue_index == get_queue)
  {
    detach_put(*item);
    finish_get(*item);
  }
  else if (w.queue_index == put_queue && item != nullptr)
  {
    detach_put(*item);
    if (item->stage == item_stage::promised)
      keep_promise(*item);
  }
}

std::size_t queue_state::close_getters_if_drained() noexcept
{
  if (available_count_ != 0 || reserved_ != 0)
    return 0;
  return decide_all(getters_, outcome::closed) +
         decide_all(watchers_, outcome::closed);
}

void queue_state::enter(item_node& item)
{
  if (order_)
    order_->enter(item);
  else
    line_.enter(item);
}

// Adds the item of a put that does not wait.
void queue_state::append(item_node& item)
{
  if (order_)
  {
    order_->enter(item);
    order_->make_available(item);
  }
  else
  {
    line_.append(item);
  }
  item.stage = item_stage::available;
  ++available_count_;
  ++unfinished_;
  if (weighted_)
    weight_ += weight_of(item);
}

void queue_state::leave(item_node& item) noexcept
{
  if (order_)
    order_->leave(item);
  item.stage = item_stage::outside;
}

void queue_state::make_available(item_node& item) noexcept
{
  item.stage = item_stage::available;
  ++available_count_;
  if (weighted_)
    weight_ += weight_of(item);
  if (order_)
    order_->make_available(item);
  else
    line_.make_available(item);
}

void queue_state::make_unavailable(item_node& item) noexcept
{
  --available_count_;
  if (weighted_)
    weight_ -= weight_of(item);
  if (order_)
    order_->make_unavailable(item);
  else
    line_.make_unavailable(item);
}

// Some tasks are done. They may have been counted as done before their items
// left.
void queue_state::finish_tasks(std::size_t count) noexcept
{
  unfinished_ -= std::min(unfinished_, count);
}

// Makes the next item unavailable. Requires that one is available.
item_node& queue_state::take_first() noexcept
{
  item_node& item = order_ ? order_->first() : line_.first();
  make_unavailable(item);
  return item;
}

void queue_state::admit_blocked_put() noexcept
{
  const queue_waiter& put = as_queue(putters_.front());
  if (put.queue_index == room_queue)
  {
    keep_room(put.weight);
  }
  else if (put.has_claim)
  {
    promise(*put.item);
  }
  else
  {
    ++unfinished_;
    make_available(*put.item);
  }
  grant_front(putters_);
}

// Keeps room for an item until the commit of its put.
void queue_state::promise(item_node& item) noexcept
{
  item.stage = item_stage::promised;
  keep_room(weighted_ ? weight_of(item) : 1);
}

// The put of a promised item is committed.
void queue_state::keep_promise(item_node& item) noexcept
{
  ++unfinished_;
  make_available(item);
  // Order: the room is kept until the item is in the queue.
  undo_put(weighted_ ? weight_of(item) : 1);
}

bool queue_state::has_room_for(std::size_t weight) const noexcept
{
  const std::size_t used = weight_ + weight_kept_;
  return max_size_ == 0 || used == 0 ||
         (used <= max_size_ && weight <= max_size_ - used);
}

std::size_t queue_state::front_weight() const noexcept
{
  const auto& front = static_cast<const queue_waiter&>(putters_.front());
  return front.queue_index == room_queue ? front.weight
                                         : weight_of(*front.item);
}

void queue_state::keep_room(std::size_t weight) noexcept
{
  ++reserved_;
  if (weighted_)
    weight_kept_ += weight;
  else
    --limit_;
}

void queue_state::free_room(std::size_t weight) noexcept
{
  --reserved_;
  if (weighted_)
    weight_kept_ -= weight;
  else
    ++limit_;
}

// Makes the next item unavailable, for a get. A blocked put is admitted before,
// so that its item may be the next one; but not in a weighted queue, where it
// cannot be, and may need more room than that item leaves.
item_node& queue_state::pop_available() noexcept
{
  if (!putters_.empty() && !weighted_ && available_count_ <= limit_)
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

// The item keeps its position while its value is moved away.
void queue_state::keep_position(item_node& item) noexcept
{
  detach_put(item);
  hide(item);
}

} // namespace toro::detail
