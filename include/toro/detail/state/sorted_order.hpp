// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_SORTED_ORDER_HPP
#define TORO_DETAIL_STATE_SORTED_ORDER_HPP

#include <toro/detail/state/item_node.hpp>
#include <toro/detail/state/value_queue_state.hpp>

#include <boost/intrusive/set.hpp>
#include <boost/intrusive/set_hook.hpp>

#include <utility>

namespace toro::detail {

// Implementation notes
//
// The order of a priority_queue is a tree of all its items, where a put finds
// its place by comparisons of values. What is in stock is linked in a second
// tree, in the same order. Why not the first tree alone: items of puts that
// wait, and those of gets that may be rolled back, lie anywhere in between, as
// many as there are, and whoever looked for the first in stock would have to
// pass them.
//
// An item comes into stock without a comparison of values: where it stands is a
// number that the way from the root of the first tree spells. It changes as the
// tree is rebalanced, but the order of any two does not. So finding the place
// in stock takes O(log^2 n); where a neighbour is in stock, as usual, it takes
// none of that.

struct ranking_tag;
struct stock_tag;

template <class Tag>
using ranked_hook = boost::intrusive::set_base_hook<
    boost::intrusive::tag<Tag>,
    boost::intrusive::link_mode<boost::intrusive::normal_link>,
    boost::intrusive::optimize_size<true>>;

// An item whose place follows from its value.
class ranked_node : public item_node,
                    public ranked_hook<ranking_tag>,
                    public ranked_hook<stock_tag>
{
protected:
  ~ranked_node() = default;
};

template <class Tag>
using ranked_tree =
    boost::intrusive::multiset<ranked_node,
                               boost::intrusive::base_hook<ranked_hook<Tag>>,
                               boost::intrusive::constant_time_size<false>>;

// Knows the stock, in an order that a derived type decides.
class ranking : public item_order
{
public:
  void leave(item_node& item) noexcept override;
  void stock(item_node& item) noexcept override;
  void unstock(item_node& item) noexcept override;
  item_node& first() noexcept override;

protected:
  ranking() = default;
  ranking(ranking&&) = default;
  ~ranking() = default;

  ranked_tree<ranking_tag> items_;

private:
  // Invariant: the stocked items among items_, in the same order.
  ranked_tree<stock_tag> stock_;
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
    : compare_(std::move(compare))
  {
  }

  void enter(item_node& item) override
  {
    node& entering = static_cast<node&>(item);
    const auto place = items_.upper_bound(*entering.value, value_is_before());
    items_.insert_before(place, entering);
  }

private:
  auto value_is_before() const noexcept
  {
    return [this](const T& value, const ranked_node& other)
    {
      return compare_(value, *static_cast<const node&>(other).value);
    };
  }

  [[no_unique_address]] Compare compare_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_SORTED_ORDER_HPP
