// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_SORTED_ORDER_HPP
#define TORO_DETAIL_STATE_SORTED_ORDER_HPP

#include <toro/detail/config.hpp>
#include <toro/detail/state/item_node.hpp>
#include <toro/detail/state/value_queue_state.hpp>

#include <boost/config.hpp>
#include <boost/intrusive/set.hpp>
#include <boost/intrusive/set_hook.hpp>

#include <type_traits>
#include <utility>

namespace toro::detail {

// Implementation notes
//
// The order of a priority_queue is a tree of all its items, in which a put
// finds its position by comparing values. The available items are also in a
// second tree, in the same order. Why not the first tree alone: blocked and
// reserved items may be anywhere in it, in any number, and a search for the
// first available item would have to pass them.
//
// An item becomes available without a comparison of values. Its position is a
// number that encodes the path from the root of the first tree. This number
// changes when the tree is rebalanced, but the order of any two items does not.
// So an item finds its position in the second tree in O(log^2 n). If a
// neighbour is available, as usual, no search is needed.

struct ranking_tag;
struct available_tag;
struct compared_tag;

template <class Tag>
using ranked_hook = boost::intrusive::set_base_hook<
    boost::intrusive::tag<Tag>,
    boost::intrusive::link_mode<boost::intrusive::normal_link>,
    boost::intrusive::optimize_size<true>>;

// An item whose position follows from its value.
class ranked_node : public item_node,
                    public ranked_hook<ranking_tag>,
                    public ranked_hook<available_tag>
{
protected:
  ~ranked_node() = default;
};

// The same for an item whose value may change while it keeps its position: a
// move that throws may leave another value. From then on it is not compared.
class hideable_node : public ranked_node, public ranked_hook<compared_tag>
{
public:
  bool is_compared = false;

protected:
  ~hideable_node() = default;
};

template <class Tag>
using ranked_tree =
    boost::intrusive::multiset<ranked_node,
                               boost::intrusive::base_hook<ranked_hook<Tag>>,
                               boost::intrusive::constant_time_size<false>>;

// Knows which items are available. A derived type decides the order.
class ranking : public item_order
{
public:
  void leave(item_node& item) noexcept override;
  void make_available(item_node& item) noexcept override;
  void make_unavailable(item_node& item) noexcept override;
  item_node& first() noexcept override;
  item_node& last() noexcept override;

protected:
  ranking() = default;
  ranking(ranking&&) = default;
  ~ranking() = default;

  ranked_tree<ranking_tag> items_;

private:
  // Invariant: the available items among items_, in the same order.
  ranked_tree<available_tag> available_;
};

// Smallest first, and first in, first out among equals.
template <class T, class Compare>
class TORO_DETAIL_VISIBLE sorted_order final : public ranking
{
  static constexpr bool may_hide = !std::is_nothrow_move_constructible_v<T>;

public:
  using node_type = std::conditional_t<may_hide, hideable_node, ranked_node>;
  using node = value_node<T, node_type>;

  static constexpr const char* name = "priority_queue";

  explicit sorted_order(Compare compare)
    : compare_(std::move(compare))
  {
  }

  void enter(item_node& item) override
  {
    node& entering = static_cast<node&>(item);
    if constexpr (may_hide)
    {
      const auto next = compared_.upper_bound(*entering.value, is_before());
      items_.insert_before(next == compared_.end() ? items_.end()
                                                   : items_.iterator_to(*next),
                           entering);
      compared_.insert_before(next, entering);
      entering.is_compared = true;
    }
    else
    {
      items_.insert_before(items_.upper_bound(*entering.value, is_before()),
                           entering);
      entering.is_hidden = false;
    }
  }

  // A later item is put after a hidden one, unless it belongs before an item
  // that is in front of the hidden one.
  void hide(item_node& item) noexcept override
  {
    if constexpr (may_hide)
    {
      node& hidden = static_cast<node&>(item);
      if (std::exchange(hidden.is_compared, false))
        compared_.erase(compared_.iterator_to(hidden));
    }
    else
    {
      item.is_hidden = true;
    }
  }

  void leave(item_node& item) noexcept override
  {
    hide(item);
    ranking::leave(item);
  }

private:
  struct nothing
  {
  };

  auto is_before() const noexcept
  {
    return [this](const T& value, const ranked_node& other)
    {
      const ranked_node* const compared = compared_at(other);
      return compared != nullptr &&
             compare_(value, *static_cast<const node&>(*compared).value);
    };
  }

  // The item that is compared in place of another: the last one up to there
  // that is not hidden, or null. At most one is hidden for each try_get_some()
  // that is under way, or that has thrown.
  const ranked_node* compared_at(const ranked_node& other) const noexcept
  {
    if constexpr (!may_hide)
    {
      if (other.is_hidden) [[unlikely]]
        return last_compared_before(other);
    }
    return &other;
  }

  BOOST_NOINLINE const ranked_node*
  last_compared_before(const ranked_node& other) const noexcept
  {
    for (auto i = items_.iterator_to(other); i != items_.begin();)
    {
      if (!(--i)->is_hidden)
        return &*i;
    }
    return nullptr;
  }

  [[no_unique_address]] Compare compare_;

  // Invariant: the items of items_ that are not hidden, in the same order.
  [[no_unique_address]] std::conditional_t<
      may_hide,
      boost::intrusive::multiset<
          hideable_node, boost::intrusive::base_hook<ranked_hook<compared_tag>>,
          boost::intrusive::constant_time_size<false>>,
      nothing>
      compared_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_SORTED_ORDER_HPP
