// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_WAIT_ORDERED_SET_HPP
#define TORO_DETAIL_WAIT_ORDERED_SET_HPP

#include <toro/detail/wait/tree_node.hpp>

#include <cstdint>

namespace toro::detail {

// An element of an ordered_set.
class ordered_node : public tree_node<ordered_node>
{
public:
  // Invariant: while the node is in a set, the position does not change, and no
  // other node of the set has the same.
  std::int64_t position = 0;

protected:
  ~ordered_node() = default;

private:
  friend class ordered_set;
};

// Elements in the order of their positions. Inserting and erasing take
// logarithmic time at most, and constant time on average at the ends.
class ordered_set
{
public:
  ordered_set() noexcept;

  bool empty() const noexcept
  {
    return header_.left_ == &header_;
  }

  // Requires that the set is not empty.
  ordered_node& first() noexcept
  {
    return *header_.left_;
  }

  // Requires that the set is not empty.
  ordered_node& last() noexcept
  {
    return *header_.right_;
  }

  bool contains(const ordered_node& node) const noexcept;

  // The first element after a position, or null.
  ordered_node* first_after(std::int64_t position) noexcept;

  // Returns the element after the new one, or null.
  ordered_node* insert(ordered_node& node) noexcept;

  void erase(ordered_node& node) noexcept;

  // Removes all elements, in constant time.
  void clear() noexcept;

private:
  struct header_node final : ordered_node
  {
  };

  // Links to the root, the first and the last element.
  header_node header_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_WAIT_ORDERED_SET_HPP
