// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/wait/ordered_set.hpp>

#include <boost/intrusive/rbtree_algorithms.hpp>

namespace toro::detail {

namespace {

using tree = boost::intrusive::rbtree_algorithms<tree_traits<ordered_node>>;

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
