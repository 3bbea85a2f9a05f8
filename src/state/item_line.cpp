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

} // namespace toro::detail
