// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_WAIT_TREE_NODE_HPP
#define TORO_DETAIL_WAIT_TREE_NODE_HPP

namespace toro::detail {

template <class Node>
struct tree_traits;

// The links of a node in a red-black tree, whose type derives from this.
// Safety: linked by address, so neither copied nor moved.
//
// Why not a hook of Boost.Intrusive: every program would have to parse its
// trees, which only the compiled library needs.
template <class Node>
class tree_node
{
public:
  tree_node(const tree_node&) = delete;
  tree_node& operator=(const tree_node&) = delete;

protected:
  tree_node() noexcept = default;
  ~tree_node() = default;

  Node* left_ = nullptr;
  Node* right_ = nullptr;

private:
  friend tree_traits<Node>;

  Node* parent_ = nullptr;

  // Why not in the lowest bit of the parent: that takes a deadline 75
  // instructions more.
  bool is_red_ = false;
};

// The node traits of Boost.Intrusive's rbtree_algorithms.
template <class Node>
struct tree_traits
{
  using node = Node;
  using node_ptr = Node*;
  using const_node_ptr = const Node*;
  using color = bool;

  static node_ptr get_parent(const_node_ptr n) noexcept
  {
    return links(n).parent_;
  }

  static void set_parent(node_ptr n, node_ptr parent) noexcept
  {
    links(n).parent_ = parent;
  }

  static node_ptr get_left(const_node_ptr n) noexcept
  {
    return links(n).left_;
  }

  static void set_left(node_ptr n, node_ptr left) noexcept
  {
    links(n).left_ = left;
  }

  static node_ptr get_right(const_node_ptr n) noexcept
  {
    return links(n).right_;
  }

  static void set_right(node_ptr n, node_ptr right) noexcept
  {
    links(n).right_ = right;
  }

  static color get_color(const_node_ptr n) noexcept
  {
    return links(n).is_red_;
  }

  static void set_color(node_ptr n, color c) noexcept
  {
    links(n).is_red_ = c;
  }

  static color black() noexcept
  {
    return false;
  }

  static color red() noexcept
  {
    return true;
  }

private:
  static tree_node<Node>& links(node_ptr n) noexcept
  {
    return *n;
  }

  static const tree_node<Node>& links(const_node_ptr n) noexcept
  {
    return *n;
  }
};

} // namespace toro::detail

#endif // TORO_DETAIL_WAIT_TREE_NODE_HPP
