// SPDX-License-Identifier: BSL-1.0
#include "parcel.hpp"

#include <utility>

namespace toro_test {

parcel::parcel(parcel&& other) noexcept
  : number_(std::exchange(other.number_, 0))
{
}

parcel& parcel::operator=(parcel&& other) noexcept
{
  number_ = std::exchange(other.number_, 0);
  return *this;
}

} // namespace toro_test
