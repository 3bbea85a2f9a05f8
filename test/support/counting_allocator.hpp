// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_SUPPORT_COUNTING_ALLOCATOR_HPP
#define TORO_TEST_SUPPORT_COUNTING_ALLOCATOR_HPP

#include <cstddef>
#include <memory>
#include <new>

#include "support/faults.hpp"

namespace toro_test {

// What counting allocators have done, and what they are to do.
struct allocations
{
  std::size_t live = 0;
  std::size_t made = 0;
  bool fail = false;
};

template <class T>
class counting_allocator
{
public:
  using value_type = T;

  explicit counting_allocator(allocations& counts) noexcept
    : counts_(&counts)
  {
  }

  template <class U>
  counting_allocator(const counting_allocator<U>& other) noexcept
    : counts_(&other.counts())
  {
  }

  allocations& counts() const noexcept
  {
    return *counts_;
  }

  T* allocate(std::size_t n)
  {
    faults.call(failing::memory);
    if (counts_->fail)
      throw std::bad_alloc();
    T* const place = std::allocator<T>().allocate(n);
    ++counts_->live;
    ++counts_->made;
    return place;
  }

  void deallocate(T* place, std::size_t n) noexcept
  {
    --counts_->live;
    std::allocator<T>().deallocate(place, n);
  }

  template <class U>
  bool operator==(const counting_allocator<U>& other) const noexcept
  {
    return counts_ == &other.counts();
  }

private:
  allocations* counts_;
};

} // namespace toro_test

#endif // TORO_TEST_SUPPORT_COUNTING_ALLOCATOR_HPP
