// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/state/broadcast_state.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace toro::detail {

namespace {

broadcast_waiter& as_broadcast(waiter& w) noexcept
{
  return static_cast<broadcast_waiter&>(w);
}

} // namespace

std::optional<std::size_t>
broadcast_state_base::put(broadcast_item*& item) noexcept
{
  if (!open_)
    return std::nullopt;
  if (!has_room())
    return 0;
  if (enter(*item))
    item = nullptr;
  return subscribers_.size();
}

bool broadcast_state_base::begin_put() noexcept
{
  if (!can_put())
    return false;
  ++promised_;
  return true;
}

void broadcast_state_base::finish_put(broadcast_item*& item) noexcept
{
  if (enter(*item))
    item = nullptr;
  // Order: the room is kept until the item has it.
  undo_put();
}

void broadcast_state_base::undo_put() noexcept
{
  end_promise();
  grant_waiters();
}

bool broadcast_state_base::start_put(broadcast_waiter& w,
                                     bool may_wait) noexcept
{
  w.queue_index = put_queue;
  if (!open_)
  {
    decide(w, outcome::closed);
    return true;
  }
  const bool has_to_wait = rule_ == overflow_rule::wait && !can_put();
  if (has_to_wait)
    return may_wait && park(putters_, w);
  // Order: the put is granted before the gets that receive its item.
  grant(w);
  if (has_room())
    store_for(w);
  return true;
}

bool broadcast_state_base::start_get(broadcast_waiter& w,
                                     bool may_wait) noexcept
{
  w.queue_index = get_queue;
  subscriber& s = *w.reader;
  if (s.is_over_)
  {
    decide(w, outcome::cancelled);
    return true;
  }
  broadcast_item* const item = take_next(s);
  if (!item && !open_ && promised_ == 0 && s.reserved_ == 0)
  {
    decide(w, outcome::closed);
    return true;
  }
  if (!item && !may_wait)
    return false;
  w.record->next = s.take_spares();
  s.waits_.push_back(w);
  if (!item)
  {
    if (s.getters_.empty())
      hungry_.push_back(s);
    ++getters_;
    return park(s.getters_, w);
  }
  w.item = item;
  ++s.reserved_;
  // Order: a put that this admits is granted before the get.
  grant_waiters();
  return grant(w);
}

broadcast_item* broadcast_state_base::try_get(subscriber& s) noexcept
{
  broadcast_item* const item = s.is_over_ ? nullptr : take_next(s);
  if (item)
    grant_waiters();
  return item;
}

void broadcast_state_base::undo_get(subscriber& s, broadcast_item& item,
                                    returned_item*& record) noexcept
{
  if (s.is_over_)
    disown(item);
  else
    return_item(s, item, record);
}

void broadcast_state_base::subscribe(subscriber& s) noexcept
{
  std::size_t count = std::min(replay_, size_);
  if (!drops_oldest())
    count = std::min(count, capacity_ - std::min(capacity_, promised_));
  subscribers_.push_back(s);
  s.passed_ = end_ - count;
  if (count == 0)
  {
    set_cursor(s, head_);
    ++at_end_;
    return;
  }
  broadcast_item& first =
      *std::prev(items_.end(), static_cast<std::ptrdiff_t>(count));
  set_cursor(s, first.position);
  ++first.readers;
  if (!slowest_ || first.position < slowest_->position)
  {
    slowest_ = &first;
    backlog_ = count;
  }
}

void broadcast_state_base::end_subscription(subscriber& s) noexcept
{
  catch_up(s);
  while (s.returned_count_ != 0)
    drop_returned(s);
  if (s.passed_ == end_)
    --at_end_;
  else
    --next_of(s).readers;
  s.is_over_ = true;
  subscribers_.erase(subscribers_.iterator_to(s));
  while (!s.waits_.empty())
  {
    broadcast_waiter& w = s.waits_.front();
    if (phase_of(w) == phase::waiting)
      decide_waiting(w, outcome::cancelled);
    else
      revoke(w);
  }
  find_slowest();
  trim();
  grant_waiters();
}

std::size_t broadcast_state_base::available(subscriber& s) noexcept
{
  catch_up(s);
  return available_now(s);
}

// Why not in the header: the cast is one on some systems only, which g++ warns
// of.
std::size_t
broadcast_state_base::available_now(const subscriber& s) const noexcept
{
  return static_cast<std::size_t>(end_ - s.passed_) + s.returned_count_;
}

std::size_t broadcast_state_base::take_lost(subscriber& s) noexcept
{
  catch_up(s);
  return std::exchange(s.lost_, 0);
}

std::size_t broadcast_state_base::skip_to_newest(subscriber& s) noexcept
{
  const std::size_t before = available(s);
  if (before <= 1)
    return 0;
  const bool is_stored = s.passed_ != end_;
  while (s.returned_count_ > (is_stored ? 0u : 1u))
    drop_returned(s);
  if (is_stored)
  {
    broadcast_item& newest = items_.back();
    --next_of(s).readers;
    ++newest.readers;
    set_cursor(s, newest.position);
    s.passed_ = end_ - 1;
  }
  find_slowest();
  trim();
  grant_waiters();
  return before - 1;
}

std::size_t broadcast_state_base::close() noexcept
{
  if (!open_)
    return 0;
  open_ = false;
  return decide_all(putters_, outcome::closed) + close_all_drained();
}

std::size_t broadcast_state_base::cancel_all() noexcept
{
  // Order: first the waiting ones, so that none of them is granted.
  std::size_t count = 0;
  while (!hungry_.empty())
    count += decide_all(hungry_.front().getters_, outcome::cancelled);
  count += decide_all(putters_, outcome::cancelled);
  return count + revoke_all();
}

void broadcast_state_base::clear() noexcept
{
  if (items_.empty() && irregular_.empty())
    return;
  for (subscriber& s : subscribers_)
  {
    catch_up(s);
    while (s.returned_count_ != 0)
      drop_returned(s);
    set_cursor(s, head_);
    s.passed_ = end_;
  }
  at_end_ = subscribers_.size();
  slowest_ = nullptr;
  backlog_ = 0;
  while (!items_.empty())
  {
    broadcast_item& item = items_.front();
    item.readers = 0;
    leave_store(item);
    disown(item);
  }
}

broadcast_item_list broadcast_state_base::take_garbage() noexcept
{
  broadcast_item_list result;
  result.swap(garbage_);
  has_garbage_.store(false, std::memory_order_relaxed);
  return result;
}

wait_queue& broadcast_state_base::queue_of(waiter& w) noexcept
{
  return w.queue_index == get_queue ? as_broadcast(w).reader->getters_
                                    : putters_;
}

void broadcast_state_base::forget(waiter& w) noexcept
{
  if (w.queue_index == put_queue)
    return;
  subscriber& s = *as_broadcast(w).reader;
  s.waits_.erase(s.waits_.iterator_to(as_broadcast(w)));
  --getters_;
  if (s.getters_.empty())
    hungry_.erase(hungry_.iterator_to(s));
}

bool broadcast_state_base::give_back(waiter& w) noexcept
{
  if (w.queue_index == put_queue)
    return give_back_put(as_broadcast(w));
  give_back_get(as_broadcast(w));
  return true;
}

bool broadcast_state_base::give_back_put(broadcast_waiter& w) noexcept
{
  if (w.is_promised)
  {
    w.is_promised = false;
    end_promise();
    return true;
  }
  // Nothing was done for a claim without room.
  if (w.has_claim)
    return true;
  // A put that does not wait may have dropped an item.
  if (rule_ != overflow_rule::wait || !w.item)
    return false;
  if (w.item->is_stored)
    withdraw(*w.item);
  return true;
}

void broadcast_state_base::give_back_get(broadcast_waiter& w) noexcept
{
  subscriber& s = *w.reader;
  s.waits_.erase(s.waits_.iterator_to(w));
  --s.reserved_;
  undo_get(s, *std::exchange(w.item, nullptr), w.record);
}

void broadcast_state_base::commit_grant(waiter& which) noexcept
{
  broadcast_waiter& w = as_broadcast(which);
  if (w.queue_index == get_queue)
  {
    subscriber& s = *w.reader;
    s.waits_.erase(s.waits_.iterator_to(w));
    --s.reserved_;
    if (!open_)
      close_drained(s);
  }
  else if (w.is_promised)
  {
    w.is_promised = false;
    finish_put(w.item);
  }
  else if (w.item && w.item->is_stored)
  {
    detach_put(*w.item);
    trim();
  }
}

// How many items the slowest subscription can get.
std::size_t broadcast_state_base::most_available() const noexcept
{
  std::size_t most = backlog_;
  for (const subscriber& s : irregular_)
    most = std::max(most, available_now(s));
  return most;
}

void broadcast_state_base::grant_all() noexcept
{
  while (!putters_.empty() && has_room())
    admit_blocked_put();
  if (!open_ && std::exchange(promises_ended_, false))
    close_all_drained();
}

// The other events need not look at all subscriptions of a closed broadcast. If
// a get waits, another get of its subscription is granted. If that one is
// revoked, the one that waits gets the item.
void broadcast_state_base::end_promise() noexcept
{
  if (--promised_ == 0)
    promises_ended_ = true;
}

// Ends the gets of a subscription if no item can come any more.
std::size_t broadcast_state_base::close_drained(subscriber& s) noexcept
{
  if (promised_ != 0 || s.reserved_ != 0)
    return 0;
  return decide_all(s.getters_, outcome::closed);
}

std::size_t broadcast_state_base::close_all_drained() noexcept
{
  std::size_t count = 0;
  for (auto i = hungry_.begin(); i != hungry_.end();)
    count += close_drained(*i++);
  return count;
}

void broadcast_state_base::admit_blocked_put() noexcept
{
  broadcast_waiter& put = as_broadcast(putters_.front());
  grant_front(putters_);
  store_for(put);
}

// A put was granted and has room.
void broadcast_state_base::store_for(broadcast_waiter& put) noexcept
{
  if (put.has_claim)
  {
    put.is_promised = true;
    ++promised_;
    return;
  }
  broadcast_item& item = *put.item;
  const bool is_wanted = !hungry_.empty();
  if (rule_ == overflow_rule::wait && !is_wanted)
  {
    item.put = &put;
    ++withdrawable_;
  }
  if (enter(item))
  {
    if (!item.put)
      put.item = nullptr;
  }
  else if (item.put)
  {
    item.put = nullptr;
    --withdrawable_;
  }
}

// Returns whether the item is needed.
bool broadcast_state_base::enter(broadcast_item& item) noexcept
{
  if (drops_oldest())
    drop_oldest_item();
  const std::size_t waiting = hungry_.size();
  item.position = head_++;
  ++end_;
  // Those that wait get the item now, and are behind it then.
  const std::size_t readers = at_end_ - waiting;
  at_end_ = waiting;
  if (slowest_ || readers != 0 || replay_ != 0)
  {
    items_.push_back(item);
    positions_.insert(item);
    ++size_;
    item.is_stored = true;
    item.readers = readers;
    item.add_owners(1, is_shared_);
    if (!slowest_ && readers != 0)
      slowest_ = &item;
    if (slowest_)
      ++backlog_;
  }
  const bool is_needed = item.is_stored || waiting != 0;
  if (waiting != 0)
    serve_hungry(item);
  trim();
  return is_needed;
}

void broadcast_state_base::serve_hungry(broadcast_item& item) noexcept
{
  item.add_owners(hungry_.size(), is_shared_);
  for (auto i = hungry_.begin(); i != hungry_.end();)
  {
    subscriber& s = *i++;
    set_cursor(s, head_);
    s.passed_ = end_;
    hand_over(s, item);
  }
}

// Grants an item to the first get that waits.
void broadcast_state_base::hand_over(subscriber& s,
                                     broadcast_item& item) noexcept
{
  broadcast_waiter& w = as_broadcast(s.getters_.front());
  s.getters_.pop_front();
  --getters_;
  if (s.getters_.empty())
    hungry_.erase(hungry_.iterator_to(s));
  w.item = &item;
  ++s.reserved_;
  grant(w);
}

// Each subscription that is full loses its oldest item.
void broadcast_state_base::drop_oldest_item() noexcept
{
  for (auto i = irregular_.begin(); i != irregular_.end();)
  {
    subscriber& s = *i++;
    if (available_now(s) < capacity_)
      continue;
    ++s.lost_;
    drop_returned(s);
  }
  if (backlog_ < capacity_)
    return;
  broadcast_item& oldest = *slowest_;
  floor_ = oldest.position + 1;
  add_readers_behind(oldest, std::exchange(oldest.readers, 0));
  find_slowest();
}

// The next item, or null. The caller becomes an owner of it.
broadcast_item* broadcast_state_base::take_next(subscriber& s) noexcept
{
  if (s.returned_count_ != 0)
    return &take_returned(s);
  catch_up(s);
  if (s.passed_ == end_)
    return nullptr;
  broadcast_item& item = next_of(s);
  item.add_owners(1, is_shared_);
  detach_put(item);
  --item.readers;
  add_readers_behind(item, 1);
  set_cursor(s, item.position + 1);
  ++s.passed_;
  find_slowest();
  trim();
  return &item;
}

// Counts the items that were dropped since the subscription was last looked at.
// An irregular subscription has none: it loses what was returned first.
void broadcast_state_base::catch_up(subscriber& s) noexcept
{
  if (s.cursor_ >= floor_)
    return;
  const auto count = static_cast<std::size_t>(floor_ - s.cursor_);
  s.lost_ += count;
  s.passed_ += count;
  set_cursor(s, floor_);
}

// An item that its get does not take becomes the oldest of the subscription.
void broadcast_state_base::return_item(subscriber& s, broadcast_item& item,
                                       returned_item*& record) noexcept
{
  if (!s.getters_.empty())
    return hand_over(s, item);
  catch_up(s);
  if (available_now(s) + promised_room() >= capacity_)
  {
    ++s.lost_;
    return disown(item);
  }
  returned_item& r = *std::exchange(record, record->next);
  r.item = &item;
  r.position = item.position;
  r.next = nullptr;
  s.returned_.insert(r);
  if (s.returned_count_++ == 0)
    irregular_.push_back(s);
}

// Takes the first item that was returned.
broadcast_item& broadcast_state_base::take_returned(subscriber& s) noexcept
{
  returned_item& r = static_cast<returned_item&>(s.returned_.first());
  s.returned_.erase(r);
  if (--s.returned_count_ == 0)
    irregular_.erase(irregular_.iterator_to(s));
  r.next = std::exchange(s.spares_, &r);
  return *r.item;
}

void broadcast_state_base::drop_returned(subscriber& s) noexcept
{
  disown(take_returned(s));
}

// The put of an item is revoked. The waiter owns the item again.
void broadcast_state_base::withdraw(broadcast_item& item) noexcept
{
  if (slowest_ && item.position >= slowest_->position)
    --backlog_;
  broadcast_item* const next = behind(item);
  add_readers_behind(item, std::exchange(item.readers, 0));
  if (&item == slowest_)
    slowest_ = next;
  --end_;
  // Subscriptions that have begun behind the item, or skipped it.
  if (item.position < largest_cursor_)
  {
    for (subscriber& s : subscribers_)
    {
      if (s.cursor_ > item.position)
        --s.passed_;
    }
  }
  item.put = nullptr;
  --withdrawable_;
  leave_store(item);
  item.release(is_shared_);
}

// The put of an item can no longer be revoked.
void broadcast_state_base::detach_put(broadcast_item& item) noexcept
{
  if (!item.put)
    return;
  item.put->item = nullptr;
  item.put = nullptr;
  --withdrawable_;
}

void broadcast_state_base::leave_store(broadcast_item& item) noexcept
{
  items_.erase(items_.iterator_to(item));
  positions_.erase(item);
  --size_;
  item.is_stored = false;
}

// An owner of an item leaves it under the lock.
void broadcast_state_base::disown(broadcast_item& item) noexcept
{
  if (!item.release(is_shared_))
    return;
  garbage_.push_back(item);
  has_garbage_.store(true, std::memory_order_relaxed);
}

void broadcast_state_base::add_readers_behind(broadcast_item& item,
                                              std::size_t count) noexcept
{
  if (broadcast_item* const next = behind(item))
    next->readers += count;
  else
    at_end_ += count;
}

// Requires that the subscription has a stored item to get.
broadcast_item& broadcast_state_base::next_of(const subscriber& s) noexcept
{
  return static_cast<broadcast_item&>(*positions_.first_after(s.cursor_ - 1));
}

broadcast_item* broadcast_state_base::behind(broadcast_item& item) noexcept
{
  const auto next = std::next(items_.iterator_to(item));
  return next == items_.end() ? nullptr : &*next;
}

void broadcast_state_base::set_cursor(subscriber& s,
                                      std::int64_t position) noexcept
{
  s.cursor_ = position;
  largest_cursor_ = std::max(largest_cursor_, position);
}

// Moves on from items that have no readers. Constant time on average: an item
// is left behind once, or once more for each subscription that begins with it.
void broadcast_state_base::find_slowest() noexcept
{
  while (slowest_ && slowest_->readers == 0)
  {
    slowest_ = behind(*slowest_);
    --backlog_;
  }
}

// Drops what no subscription needs and what will not be replayed.
void broadcast_state_base::trim() noexcept
{
  while (size_ > backlog_ &&
         size_ > (replay_ == 0 ? 0 : replay_ + withdrawable_))
  {
    broadcast_item& item = items_.front();
    leave_store(item);
    if (!item.put)
    {
      disown(item);
      continue;
    }
    // The put still owns the item.
    item.put = nullptr;
    --withdrawable_;
    item.release(is_shared_);
  }
}

} // namespace toro::detail
