// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/wait/ordered_set.hpp>

#include <boost/intrusive/rbtree_algorithms.hpp>

namespace toro::detail {

// The node traits of Boost.Intrusive.
struct ordered_tree
{
  using node = ordered_node;
  using node_ptr = ordered_node*;
  using const_node_ptr = const ordered_node*;
  using color = bool;

  static node_ptr get_parent(const_node_ptr n) noexcept
  {
    return reinterpret_cast<node_ptr>(n->parent_ & ~std::uintptr_t(1));
  }

  static void set_parent(node_ptr n, node_ptr parent) noexcept
  {
    n->parent_ = reinterpret_cast<std::uintptr_t>(parent) | (n->parent_ & 1);
  }

  static node_ptr get_left(const_node_ptr n) noexcept
  {
    return n->left_;
  }

  static void set_left(node_ptr n, node_ptr left) noexcept
  {
    n->left_ = left;
  }

  static node_ptr get_right(const_node_ptr n) noexcept
  {
    return n->right_;
  }

  static void set_right(node_ptr n, node_ptr right) noexcept
  {
    n->right_ = right;
  }

  static color get_color(const_node_ptr n) noexcept
  {
    return (n->parent_ & 1) != 0;
  }

  static void set_color(node_ptr n, color c) noexcept
  {
    n->parent_ = (n->parent_ & ~std::uintptr_t(1)) | (c ? 1 : 0);
  }

  static color black() noexcept
  {
    return false;
  }

  static color red() noexcept
  {
    return true;
  }
};

namespace {

using tree = boost::intrusive::rbtree_algorithms<ordered_tree>;

bool is_before(std::int64_t position, const ordered_node* node) noexcept
{
  return position < node->position;
}

} // namespace

ordered_set::ordered_set() noexcept
{
  clear();
}

ordered_node* ordered_set::first_after(std::int64_t position) noexcept
{
  ordered_node* const result = tree::upper_bound(&header_, position, is_before);
  return result == &header_ ? nullptr : result;
}

bool ordered_set::contains(const ordered_node& node) const noexcept
{
  return tree::upper_bound(&header_, node.position - 1, is_before) == &node;
}

ordered_node* ordered_set::insert(ordered_node& node) noexcept
{
  if (empty() || header_.right_->position < node.position)
  {
    tree::push_back(&header_, &node);
    return nullptr;
  }
  ordered_node* const next = first_after(node.position);
  tree::insert_before(&header_, next, &node);
  return next;
}

void ordered_set::erase(ordered_node& node) noexcept
{
  tree::erase(&header_, &node);
}

void ordered_set::clear() noexcept
{
  tree::init_header(&header_);
}

} // namespace toro::detail
