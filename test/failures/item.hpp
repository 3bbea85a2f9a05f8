// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_FAILURES_ITEM_HPP
#define TORO_TEST_FAILURES_ITEM_HPP

#include <utility>

#include "support/faults.hpp"

namespace toro_test {

// An item whose copies, comparisons and memory may fail. It is aligned more
// than anything else in the program, so that what is allocated for it goes
// through an operator new of its own.
class alignas(64) item
{
public:
  item() noexcept
    : item(0)
  {
  }

  explicit item(int number) noexcept
    : number_(number)
  {
    ++live_;
  }

  item(const item& other)
    : number_(other.number_)
  {
    faults.call(failing::copy);
    ++live_;
  }

  item(item&& other) noexcept
    : item(std::exchange(other.number_, 0))
  {
  }

  item& operator=(item other) noexcept
  {
    std::swap(number_, other.number_);
    return *this;
  }

  ~item()
  {
    --live_;
  }

  // Zero for none.
  int number() const noexcept
  {
    return number_;
  }

  friend bool operator<(const item& a, const item& b)
  {
    faults.call(failing::comparison);
    return a.number_ < b.number_;
  }

  static int live() noexcept
  {
    return live_;
  }

private:
  inline static int live_ = 0;

  int number_;
};

inline bool is_full(const item& x)
{
  return x.number() != 0;
}

} // namespace toro_test

#endif // TORO_TEST_FAILURES_ITEM_HPP
