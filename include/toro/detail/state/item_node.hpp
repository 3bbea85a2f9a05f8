// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_ITEM_NODE_HPP
#define TORO_DETAIL_STATE_ITEM_NODE_HPP

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/list_hook.hpp>

namespace toro::detail {

class queue_waiter;

struct item_list_tag;

using item_list_hook = boost::intrusive::list_base_hook<
    boost::intrusive::tag<item_list_tag>,
    boost::intrusive::link_mode<boost::intrusive::normal_link>>;

// The stage of an item between its put and its get.
enum class item_stage : unsigned char
{
  outside,   // in no queue: being made, withdrawn or taken
  blocked,   // its put waits for room
  promised,  // its put has room, and may still be refused at the commit
  available, // in the queue, for any get
  reserved // granted to a get whose handler has not run, or being moved to one
};

// An item of a queue without its value, which the queue's own node adds.
// Safety: linked by address, so neither copied nor moved.
class item_node : public item_list_hook
{
public:
  item_node() noexcept = default;
  item_node(const item_node&) = delete;
  item_node& operator=(const item_node&) = delete;

  // The put of the item, as long as it can still withdraw the item.
  queue_waiter* put = nullptr;

  item_stage stage = item_stage::outside;

  // Whether the item is not compared, although it has a position. Only for an
  // order that compares items whose moves do not throw.
  bool is_hidden = false;

protected:
  ~item_node() = default;
};

using item_list =
    boost::intrusive::list<item_node,
                           boost::intrusive::base_hook<item_list_hook>,
                           boost::intrusive::constant_time_size<false>>;

// Decides the position of an item among all items of a queue, including blocked
// and reserved ones, and knows which of them are available. An item keeps its
// position while it is in the queue.
class item_order
{
public:
  // May throw what a comparison throws; nothing has changed then.
  virtual void enter(item_node& item) = 0;
  virtual void leave(item_node& item) noexcept = 0;

  // The value of an item in the queue is about to change: the item keeps its
  // position, and is not compared any more.
  virtual void hide(item_node& item) noexcept = 0;

  // An item that is in the queue becomes available, or is no longer available.
  virtual void make_available(item_node& item) noexcept = 0;
  virtual void make_unavailable(item_node& item) noexcept = 0;

  // Requires that an item is available.
  virtual item_node& first() noexcept = 0;
  virtual item_node& last() noexcept = 0;

protected:
  item_order() = default;
  item_order(const item_order&) = default;
  item_order& operator=(const item_order&) = default;
  ~item_order() = default;
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_ITEM_NODE_HPP
