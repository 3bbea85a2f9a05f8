// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_SUPPORT_POOL_HPP
#define TORO_TEST_SUPPORT_POOL_HPP

#include <array>
#include <cstddef>
#include <optional>

namespace toro_test {

// A few objects that stay where they are, made one after the other. Not a
// deque, since bounded exhaustive tests make millions of these.
template <class T>
class pool
{
public:
  T& add()
  {
    return places_.at(size_++).emplace();
  }

  T& operator[](std::size_t i)
  {
    return *places_[i];
  }

  std::size_t size() const
  {
    return size_;
  }

private:
  std::array<std::optional<T>, 16> places_;
  std::size_t size_ = 0;
};

} // namespace toro_test

#endif // TORO_TEST_SUPPORT_POOL_HPP
