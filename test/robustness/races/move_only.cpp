// SPDX-License-Identifier: BSL-1.0
#include "move_only.hpp"

#include <utility>

namespace toro_test {

move_only::move_only(move_only&& other) noexcept
  : number_(std::exchange(other.number_, 0))
{
}

move_only& move_only::operator=(move_only&& other) noexcept
{
  number_ = std::exchange(other.number_, 0);
  return *this;
}

} // namespace toro_test
