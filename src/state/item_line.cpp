// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/state/item_line.hpp>

namespace toro::detail {

item_node& item_line::first_of_both() noexcept
{
  line_node& returned = static_cast<line_node&>(returned_.first());
  if (available_.empty() || is_before(returned, available_.front()))
    return returned;
  return available_.front();
}

item_node& item_line::last_of_both() noexcept
{
  line_node& returned = static_cast<line_node&>(returned_.last());
  if (available_.empty() || is_before(available_.back(), returned))
    return returned;
  return available_.back();
}

} // namespace toro::detail
