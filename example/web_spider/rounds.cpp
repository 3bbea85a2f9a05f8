// SPDX-License-Identifier: BSL-1.0

#include "rounds.hpp"

#include <utility>

namespace spider {

rounds::rounds(std::optional<std::size_t> depth)
  : depth_(depth)
{
}

bool rounds::may_go_deeper() const
{
  const std::scoped_lock guard(mutex_);
  return !depth_ || level_ < *depth_;
}

bool rounds::keep(page& found)
{
  if (!found.is_external && !depth_)
    return false;
  const std::scoped_lock guard(mutex_);
  (found.is_external ? external_ : next_level_).push_back(&found);
  return true;
}

std::vector<page*> rounds::next()
{
  const std::scoped_lock guard(mutex_);
  ++level_;
  return std::exchange(next_level_.empty() ? external_ : next_level_, {});
}

std::size_t rounds::size() const
{
  const std::scoped_lock guard(mutex_);
  return next_level_.size() + external_.size();
}

} // namespace spider
