// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/deadline/deadline_set.hpp>

#include <boost/intrusive/rbtree_algorithms.hpp>

namespace toro::detail {

namespace {

using tree = boost::intrusive::rbtree_algorithms<tree_traits<deadline_entry>>;

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
