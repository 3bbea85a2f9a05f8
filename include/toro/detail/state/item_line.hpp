// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_ITEM_LINE_HPP
#define TORO_DETAIL_STATE_ITEM_LINE_HPP

#include <toro/detail/state/item_node.hpp>

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/list_hook.hpp>

#include <cstdint>

namespace toro::detail {

struct stock_list_tag;

using stock_list_hook = boost::intrusive::list_base_hook<
    boost::intrusive::tag<stock_list_tag>,
    boost::intrusive::link_mode<boost::intrusive::normal_link>>;

// An item whose place follows from when its put started.
class line_node : public item_node, public stock_list_hook
{
protected:
  ~line_node() = default;
};

// Implementation notes
//
// The items of a queue in the order in which their puts started, or in the
// reverse, and by links of their own those in stock. What comes into stock
// belongs to one of its ends, but for what returns from a get that was rolled
// back while others are under way; the way to its neighbour leads over the
// items of these.
//
// Why not an item_order: all of this is shorter than a virtual call.
class item_line
{
public:
  explicit item_line(bool newest_first) noexcept
    : step_(newest_first ? -1 : 1)
  {
  }

  void enter(item_node& item) noexcept
  {
    item.place = latest_ += step_;
    if (step_ > 0)
      items_.push_back(item);
    else
      items_.push_front(item);
  }

  // Enters and comes into stock at once, where no other item is on its way from
  // one to the other.
  void append(item_node& item) noexcept
  {
    item.place = latest_ += step_;
    if (step_ > 0)
    {
      items_.push_back(item);
      stock_.push_back(as_line(item));
    }
    else
    {
      items_.push_front(item);
      stock_.push_front(as_line(item));
    }
  }

  void leave(item_node& item) noexcept
  {
    items_.erase(items_.iterator_to(item));
  }

  void stock(item_node& item) noexcept
  {
    line_node& entering = as_line(item);
    if (stock_.empty() || stock_.back().place < item.place)
      stock_.push_back(entering);
    else if (item.place < stock_.front().place)
      stock_.push_front(entering);
    else
      stock_.insert(find_successor(item), entering);
  }

  void unstock(item_node& item) noexcept
  {
    stock_.erase(stock_.iterator_to(as_line(item)));
  }

  item_node& first() noexcept
  {
    return stock_.front();
  }

private:
  using stock_list =
      boost::intrusive::list<line_node,
                             boost::intrusive::base_hook<stock_list_hook>,
                             boost::intrusive::constant_time_size<false>>;

  static line_node& as_line(item_node& item) noexcept
  {
    return static_cast<line_node&>(item);
  }

  stock_list::iterator find_successor(item_node& item) noexcept;

  // Invariant: sorted by the place, and so is the stock.
  item_list items_;
  stock_list stock_;

  std::int64_t step_;
  std::int64_t latest_ = 0;
};

// First in, first out.
struct fifo_order
{
  using node_type = line_node;

  static constexpr const char* name = "queue";
};

// Last in, first out.
struct lifo_order
{
  using node_type = line_node;

  static constexpr const char* name = "lifo_queue";
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_ITEM_LINE_HPP
