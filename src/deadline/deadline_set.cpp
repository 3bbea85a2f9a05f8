// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/deadline/deadline_set.hpp>

#include <boost/intrusive/rbtree_algorithms.hpp>

namespace toro::detail {

// The node traits of Boost.Intrusive.
struct deadline_tree
{
  using node = deadline_entry;
  using node_ptr = deadline_entry*;
  using const_node_ptr = const deadline_entry*;
  using color = bool;

  static node_ptr get_parent(const_node_ptr n) noexcept
  {
    return n->parent_;
  }

  static void set_parent(node_ptr n, node_ptr parent) noexcept
  {
    n->parent_ = parent;
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
    return n->is_red_;
  }

  static void set_color(node_ptr n, color c) noexcept
  {
    n->is_red_ = c;
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

using tree = boost::intrusive::rbtree_algorithms<deadline_tree>;

} // namespace

deadline_set::deadline_set() noexcept
{
  tree::init_header(&end_);
}

void deadline_set::insert(deadline_entry& entry) noexcept
{
  tree::insert_equal(&end_, &end_, &entry,
                     [](const deadline_entry* a, const deadline_entry* b)
                     {
                       return a->expiry < b->expiry;
                     });
}

void deadline_set::erase(deadline_entry& entry) noexcept
{
  tree::erase(&end_, &entry);
}

} // namespace toro::detail
