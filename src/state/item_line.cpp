// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/state/item_line.hpp>

namespace toro::detail {

item_node& item_line::first_of_both() noexcept
{
  line_node& returned = static_cast<line_node&>(returned_.first());
  if (stock_.empty() || is_before(returned, stock_.front()))
    return returned;
  return stock_.front();
}

} // namespace toro::detail
