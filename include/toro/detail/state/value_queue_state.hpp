// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_VALUE_QUEUE_STATE_HPP
#define TORO_DETAIL_STATE_VALUE_QUEUE_STATE_HPP

#include <toro/detail/state/item_node.hpp>
#include <toro/detail/state/queue_state.hpp>

#include <boost/intrusive/set.hpp>
#include <boost/intrusive/set_hook.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

namespace toro::detail {

// An item with its value. The value is made before the node enters a queue and
// destroyed after it has left, never under the lock.
template <class T>
class value_node
  : public item_node,
    public boost::intrusive::set_base_hook<
        boost::intrusive::link_mode<boost::intrusive::normal_link>,
        boost::intrusive::optimize_size<true>>
{
public:
  std::optional<T> value;
};

// Smallest first, and first in, first out among equals.
template <class T, class Compare>
class sorted_order final : public item_order
{
public:
  using node = value_node<T>;

  static constexpr const char* name = "priority_queue";

  explicit sorted_order(Compare compare)
    : tree_(by_value{std::move(compare)})
  {
  }

  item_node* find_successor(const item_list&,
                            const item_node& entering) override
  {
    const auto place = tree_.upper_bound(static_cast<const node&>(entering));
    return place == tree_.end() ? nullptr : &*place;
  }

  void entered(item_node& item, item_node* successor) noexcept override
  {
    const auto place = successor
                           ? tree_.iterator_to(static_cast<node&>(*successor))
                           : tree_.end();
    tree_.insert_before(place, static_cast<node&>(item));
  }

  void leaves(item_node& item) noexcept override
  {
    tree_.erase(tree_.iterator_to(static_cast<node&>(item)));
  }

private:
  struct by_value
  {
    [[no_unique_address]] Compare compare;

    bool operator()(const node& a, const node& b) const
    {
      return compare(*a.value, *b.value);
    }
  };

  boost::intrusive::multiset<node, boost::intrusive::compare<by_value>,
                             boost::intrusive::constant_time_size<false>>
      tree_;
};

template <class Order>
struct order_holder
{
  Order held_order;
};

// The rules of a queue together with its items. Nodes are recycled, so that a
// queue in its steady state does not allocate.
template <class T, class Order>
class value_queue_state : private order_holder<Order>, public queue_state
{
public:
  using value_type = T;
  using node = value_node<T>;

  value_queue_state(Order order, std::size_t max_size)
    : order_holder<Order>{std::move(order)},
      queue_state(this->held_order, max_size)
  {
  }

  // One empty node that is at hand without the lock.
  std::atomic<node*>& free_node() noexcept
  {
    return free_node_;
  }

  // An empty node that was used before, or null.
  std::unique_ptr<node> take_spare() noexcept
  {
    if (spare_.empty())
      return nullptr;
    node& n = static_cast<node&>(spare_.front());
    spare_.pop_front();
    --spares_;
    return std::unique_ptr<node>(&n);
  }

  // Keeps an empty node for later, unless there are enough.
  void keep_spare(std::unique_ptr<node>& n) noexcept
  {
    if (spares_ == max_spares)
      return;
    spare_.push_front(*n.release());
    ++spares_;
  }

  // A node that will not be used any more, or null.
  std::unique_ptr<node> pop_content() noexcept
  {
    if (item_node* const item = discard())
      return std::unique_ptr<node>(static_cast<node*>(item));
    if (node* const free = free_node_.exchange(nullptr))
      return std::unique_ptr<node>(free);
    return take_spare();
  }

private:
  static constexpr std::size_t max_spares = 64;

  std::atomic<node*> free_node_ = nullptr;
  item_list spare_;
  std::size_t spares_ = 0;
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_VALUE_QUEUE_STATE_HPP
