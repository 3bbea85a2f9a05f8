// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_SORTED_ORDER_HPP
#define TORO_DETAIL_STATE_SORTED_ORDER_HPP

#include <toro/detail/state/item_node.hpp>
#include <toro/detail/state/value_queue_state.hpp>

#include <boost/intrusive/set.hpp>
#include <boost/intrusive/set_hook.hpp>

#include <cstdint>
#include <utility>

namespace toro::detail {

// Implementation notes
//
// The order of a priority_queue is kept three times: in a tree by value, which
// compares and where a put finds its place; in a list, where each item has a
// number between those of its neighbours; and, for what is in stock, in a tree
// by that number. Why not a list of the stock, as other queues have: items of
// puts that wait lie anywhere in between, as many as there are, and whoever
// looked for a neighbour in stock would have to pass them.

struct stock_tag;
struct value_tag;

template <class Tag>
using ranked_hook = boost::intrusive::set_base_hook<
    boost::intrusive::tag<Tag>,
    boost::intrusive::link_mode<boost::intrusive::normal_link>,
    boost::intrusive::optimize_size<true>>;

// An item whose place follows from its value.
class ranked_node : public item_node,
                    public ranked_hook<stock_tag>,
                    public ranked_hook<value_tag>
{
public:
  // Whether the item is in the tree by value.
  bool is_compared = false;

protected:
  ~ranked_node() = default;
};

// Numbers items and knows the stock, in an order that a derived type decides.
class ranking : public item_order
{
public:
  void stock(item_node& item) noexcept override;
  void unstock(item_node& item) noexcept override;
  item_node& first() noexcept override;

protected:
  ranking() = default;
  ranking(ranking&&) = default;
  ~ranking() = default;

  // Takes an item in before another one, or as the last where that is null.
  void insert(item_node* successor, item_node& item) noexcept;

  void erase(item_node& item) noexcept;

private:
  struct place_of_item
  {
    using type = std::int64_t;

    const type& operator()(const item_node& item) const noexcept
    {
      return item.place;
    }
  };

  using stock_set =
      boost::intrusive::set<ranked_node,
                            boost::intrusive::base_hook<ranked_hook<stock_tag>>,
                            boost::intrusive::key_of_value<place_of_item>,
                            boost::intrusive::constant_time_size<false>>;

  void give_place(item_node& item) noexcept;
  void renumber() noexcept;

  item_list items_;

  // Invariant: the stocked items among items_, in the same order.
  stock_set stock_;
};

// Smallest first, and first in, first out among equals.
template <class T, class Compare>
class sorted_order final : public ranking
{
public:
  using node_type = ranked_node;
  using node = value_node<T, node_type>;

  static constexpr const char* name = "priority_queue";

  explicit sorted_order(Compare compare)
    : tree_(by_value{std::move(compare)})
  {
  }

  void enter(item_node& item) override
  {
    node& entering = static_cast<node&>(item);
    const auto place = tree_.upper_bound(entering);
    insert(place == tree_.end() ? nullptr : &*place, item);
    tree_.insert_before(place, entering);
    entering.is_compared = true;
  }

  // An item that is put later comes after a hidden one, unless it belongs
  // before an item in front of that.
  void hide(item_node& item) noexcept override
  {
    node& hidden = static_cast<node&>(item);
    if (std::exchange(hidden.is_compared, false))
      tree_.erase(tree_.iterator_to(hidden));
  }

  void leave(item_node& item) noexcept override
  {
    hide(item);
    erase(item);
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

  boost::intrusive::multiset<
      node, boost::intrusive::base_hook<ranked_hook<value_tag>>,
      boost::intrusive::compare<by_value>,
      boost::intrusive::constant_time_size<false>>
      tree_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_SORTED_ORDER_HPP
