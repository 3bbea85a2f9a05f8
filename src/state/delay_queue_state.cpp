// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/state/delay_queue_state.hpp>

#include <boost/intrusive/rbtree_algorithms.hpp>

#include <utility>

namespace toro::detail {

namespace {

using traits = tree_traits<delay_node>;
using tree = boost::intrusive::rbtree_algorithms<traits>;

using position = std::pair<deadline::time_point, std::uint64_t>;

position position_of(const delay_node& item) noexcept
{
  return {item.due, item.number};
}

delay_waiter& as_get(waiter& w) noexcept
{
  return static_cast<delay_waiter&>(w);
}

} // namespace

delay_set::delay_set() noexcept
{
  tree::init_header(&header_);
}

void delay_set::insert(delay_node& item) noexcept
{
  tree::insert_equal(&header_, &header_, &item,
                     [](const delay_node* a, const delay_node* b)
                     {
                       return position_of(*a) < position_of(*b);
                     });
}

void delay_set::erase(delay_node& item) noexcept
{
  tree::erase(&header_, &item);
}

delay_node* delay_set::find(deadline::time_point due,
                            std::uint64_t number) noexcept
{
  delay_node* n = traits::get_parent(&header_);
  const position wanted{due, number};
  while (n != nullptr && position_of(*n) != wanted)
    n = wanted < position_of(*n) ? n->left_ : n->right_;
  return n;
}

std::uint64_t delay_queue_state::finish_put(delay_node& item) noexcept
{
  const std::uint64_t number = ++last_number_;
  item.number = number;
  --coming_;
  store(item);
  grant_waiters();
  return number;
}

void delay_queue_state::undo_put() noexcept
{
  --coming_;
  grant_waiters();
}

delay_node* delay_queue_state::try_get() noexcept
{
  if (!getters_.empty() || !has_due())
    return nullptr;
  delay_node& item = take(items_.first());
  close_getters_if_drained();
  return &item;
}

delay_node* delay_queue_state::begin_get() noexcept
{
  if (!getters_.empty() || !has_due())
    return nullptr;
  ++coming_;
  return &take(items_.first());
}

void delay_queue_state::commit_keeping_item(delay_waiter& w) noexcept
{
  granted_.erase(granted_.iterator_to(w));
  w.stage = phase::decided;
}

void delay_queue_state::finish_get(delay_node&) noexcept
{
  --coming_;
  close_getters_if_drained();
}

void delay_queue_state::undo_get(delay_node& item) noexcept
{
  --coming_;
  store(item);
  grant_waiters();
}

delay_node* delay_queue_state::erase(instant due, std::uint64_t number) noexcept
{
  delay_node* const item = items_.find(due, number);
  if (item == nullptr)
    return nullptr;
  take(*item);
  close_getters_if_drained();
  return item;
}

bool delay_queue_state::start_get(delay_waiter& w, bool may_wait) noexcept
{
  if (getters_.empty() && has_due())
  {
    reserve(w);
    return true;
  }
  if (!open_ && size_ == 0 && coming_ == 0)
  {
    decide(w, outcome::closed);
    return true;
  }
  return may_wait && park(getters_, w);
}

std::size_t delay_queue_state::close() noexcept
{
  open_ = false;
  return close_getters_if_drained();
}

delay_node* delay_queue_state::discard() noexcept
{
  return size_ == 0 ? nullptr : &take(items_.first());
}

std::size_t delay_queue_state::cancel_all() noexcept
{
  // Order: first the waiting ones, so that none of them is granted.
  const std::size_t count = decide_all(getters_, outcome::cancelled);
  return count + revoke_all();
}

void delay_queue_state::grant_waiters() noexcept
{
  while (!getters_.empty() && has_due())
  {
    delay_waiter& get = as_get(getters_.front());
    getters_.pop_front();
    reserve(get);
  }
  close_getters_if_drained();
}

bool delay_queue_state::give_back(waiter& w) noexcept
{
  --coming_;
  store(*std::exchange(as_get(w).item, nullptr));
  return true;
}

void delay_queue_state::commit_grant(waiter& w) noexcept
{
  finish_get(*as_get(w).item);
}

void delay_queue_state::store(delay_node& item) noexcept
{
  items_.insert(item);
  ++size_;
}

// Returns the item, which is no longer stored.
delay_node& delay_queue_state::take(delay_node& item) noexcept
{
  items_.erase(item);
  --size_;
  return item;
}

// Requires that an item is due.
void delay_queue_state::reserve(delay_waiter& get) noexcept
{
  get.item = &take(items_.first());
  ++coming_;
  grant(get);
}

// A get is decided as closed only if no item can be stored any more.
std::size_t delay_queue_state::close_getters_if_drained() noexcept
{
  if (open_ || size_ != 0 || coming_ != 0)
    return 0;
  return decide_all(getters_, outcome::closed);
}

} // namespace toro::detail
