// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_VALUE_QUEUE_STATE_HPP
#define TORO_DETAIL_STATE_VALUE_QUEUE_STATE_HPP

#include <toro/detail/state/item_node.hpp>
#include <toro/detail/state/queue_state.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace toro::detail {

// An item with its value. The value is made before the node enters a queue and
// destroyed after it has left, never under the lock.
template <class T, class Node>
class value_node : public Node
{
public:
  using value_type = T;

  std::optional<T> value;
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
  using node = value_node<T, typename Order::node_type>;

  value_queue_state(Order order, std::size_t max_size)
    : order_holder<Order>{std::move(order)},
      queue_state(this->held_order, max_size)
  {
  }

  const Order& order() const noexcept
  {
    return this->held_order;
  }

  // Makes a grant final. An item whose move may throw keeps its position until
  // finish_get() or undo_get().
  void commit(queue_waiter& w) noexcept
  {
    if constexpr (std::is_nothrow_move_constructible_v<T>)
      queue_state::commit(w);
    else
      this->commit_keeping_position(w);
  }

  // One empty node that can be taken without the lock.
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

  // The same for all nodes of a list, which keeps those that are too many.
  void keep_spares(item_list& nodes) noexcept
  {
    auto end = nodes.begin();
    std::size_t count = 0;
    for (; spares_ + count != max_spares && end != nodes.end(); ++end)
      ++count;
    spare_.splice(spare_.begin(), nodes, nodes.begin(), end, count);
    spares_ += count;
  }

  // Removes a node of a queue that has ended. Returns null if there is none.
  std::unique_ptr<node> pop_content() noexcept
  {
    if (item_node* const item = discard())
      return std::unique_ptr<node>(static_cast<node*>(item));
    if (node* const free = free_node_.exchange(nullptr))
      return std::unique_ptr<node>(free);
    return take_spare();
  }

private:
  static constexpr std::size_t max_spares = 128;

  std::atomic<node*> free_node_ = nullptr;
  item_list spare_;
  std::size_t spares_ = 0;
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_VALUE_QUEUE_STATE_HPP
