// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_ITEM_LINE_HPP
#define TORO_DETAIL_STATE_ITEM_LINE_HPP

#include <toro/detail/config.hpp>
#include <toro/detail/state/item_node.hpp>
#include <toro/detail/wait/ordered_set.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace toro::detail {

// An item whose position follows from the order in which puts start.
class line_node : public item_node, public ordered_node
{
protected:
  ~line_node() = default;
};

// The same with a weight, which counts against the bound in place of one.
class weighted_node : public line_node
{
public:
  std::size_t weight = 0;

protected:
  ~weighted_node() = default;
};

// Implementation notes
//
// The available items of a queue in the order in which their puts started, or
// in the reverse order. An item that becomes available belongs to one end of a
// list, except when it returns from a revoked get while other gets are under
// way. Such an item is kept in a tree, so that no search along the list is
// needed.
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
    as_line(item).position = latest_ += step_;
  }

  // Enters an item and makes it available in one step.
  void append(item_node& item) noexcept
  {
    enter(item);
    if (step_ > 0)
      available_.push_back(item);
    else
      available_.push_front(item);
  }

  void make_available(item_node& item) noexcept
  {
    if (available_.empty() || is_before(available_.back(), item))
      available_.push_back(item);
    else if (is_before(item, available_.front()))
      available_.push_front(item);
    else
      returned_.insert(as_line(item));
  }

  void make_unavailable(item_node& item) noexcept
  {
    if (returned_.empty() || !returned_.contains(as_line(item)))
      available_.erase(available_.iterator_to(item));
    else
      returned_.erase(as_line(item));
  }

  item_node& first() noexcept
  {
    return returned_.empty() ? available_.front() : first_of_both();
  }

  // The available item whose put started first. Requires that there is one.
  item_node& oldest() noexcept
  {
    if (step_ > 0)
      return first();
    return returned_.empty() ? available_.back() : last_of_both();
  }

private:
  static line_node& as_line(item_node& item) noexcept
  {
    return static_cast<line_node&>(item);
  }

  static bool is_before(item_node& a, item_node& b) noexcept
  {
    return as_line(a).position < as_line(b).position;
  }

  item_node& first_of_both() noexcept;
  item_node& last_of_both() noexcept;

  // Invariant: together all available items, each in the order of positions.
  item_list available_;
  ordered_set returned_;

  std::int64_t step_;
  std::int64_t latest_ = 0;
};

// The orders are visible because the types of rooms are, and name them.

// First in, first out.
struct TORO_DETAIL_VISIBLE fifo_order
{
  using node_type = line_node;

  static constexpr const char* name = "queue";
};

// Last in, first out.
struct TORO_DETAIL_VISIBLE lifo_order
{
  using node_type = line_node;

  static constexpr const char* name = "lifo_queue";
};

// First in, first out, with a bound on the sum of weights.
struct weighted_order_base
{
  using node_type = weighted_node;

  static constexpr const char* name = "weighted_queue";
};

template <class Weigh>
struct TORO_DETAIL_VISIBLE weighted_order : weighted_order_base
{
  explicit weighted_order(Weigh w)
    : weigh(std::move(w))
  {
  }

  [[no_unique_address]] Weigh weigh;
};

template <class Order>
inline constexpr bool is_weighted =
    std::is_base_of_v<weighted_order_base, Order>;

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_ITEM_LINE_HPP
