// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_ITEM_NODE_HPP
#define TORO_DETAIL_STATE_ITEM_NODE_HPP

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/list_hook.hpp>
#include <boost/intrusive/set.hpp>
#include <boost/intrusive/set_hook.hpp>

#include <cstdint>

namespace toro::detail {

class queue_waiter;

struct item_order_tag;
struct stock_tag;

using item_order_hook = boost::intrusive::list_base_hook<
    boost::intrusive::tag<item_order_tag>,
    boost::intrusive::link_mode<boost::intrusive::normal_link>>;

using stock_hook = boost::intrusive::set_base_hook<
    boost::intrusive::tag<stock_tag>,
    boost::intrusive::link_mode<boost::intrusive::normal_link>,
    boost::intrusive::optimize_size<true>>;

// Where an item stands between its put and its get.
enum class item_stage : unsigned char
{
  outside, // in no queue: being made, withdrawn or taken
  blocked, // its put waits for room
  stocked, // in the queue, for anyone to get
  reserved // granted to a get whose handler has not run
};

// An item of a queue without its value, which the queue's own node adds.
// Safety: linked by address, so neither copied nor moved.
class item_node : public item_order_hook, public stock_hook
{
public:
  item_node() noexcept = default;
  item_node(const item_node&) = delete;
  item_node& operator=(const item_node&) = delete;

  // The put that brought the item while it can still withdraw it.
  queue_waiter* put = nullptr;

  item_stage stage = item_stage::outside;

  // Invariant: while in a queue, less than those of the items that come after.
  std::int64_t place = 0;

protected:
  ~item_node() = default;
};

using item_list =
    boost::intrusive::list<item_node,
                           boost::intrusive::base_hook<item_order_hook>,
                           boost::intrusive::constant_time_size<false>>;

struct place_of_item
{
  using type = std::int64_t;

  const type& operator()(const item_node& item) const noexcept
  {
    return item.place;
  }
};

using stock_set =
    boost::intrusive::set<item_node, boost::intrusive::base_hook<stock_hook>,
                          boost::intrusive::key_of_value<place_of_item>,
                          boost::intrusive::constant_time_size<true>>;

// Decides the place of an item among all that are in a queue, blocked and
// reserved ones included. An item keeps its place while it is there.
class item_order
{
public:
  // Finds the item that comes right after one that is to enter, or null where
  // that will be the last. May throw what a comparison throws.
  virtual item_node* find_successor(const item_list& items,
                                    const item_node& entering) = 0;

  // The item has entered, before the successor that was found for it.
  virtual void entered(item_node&, item_node*) noexcept
  {
  }

  // The item leaves.
  virtual void leaves(item_node&) noexcept
  {
  }

protected:
  ~item_order() = default;
};

// First in, first out.
class fifo_order final : public item_order
{
public:
  static constexpr const char* name = "queue";

  item_node* find_successor(const item_list&, const item_node&) override
  {
    return nullptr;
  }
};

// Last in, first out.
class lifo_order final : public item_order
{
public:
  static constexpr const char* name = "lifo_queue";

  item_node* find_successor(const item_list& items, const item_node&) override
  {
    return items.empty() ? nullptr : const_cast<item_node*>(&items.front());
  }
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_ITEM_NODE_HPP
