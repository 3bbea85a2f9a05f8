// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_ROBUSTNESS_FAULT_INJECTION_ITEM_HPP
#define TORO_TEST_ROBUSTNESS_FAULT_INJECTION_ITEM_HPP

#include <optional>
#include <utility>
#include <vector>

#include "support/faults.hpp"
#include "support/recording_handler.hpp"

namespace toro_test {

// An item whose copies, comparisons and memory may fail, and maybe its moves.
// It is aligned more than anything else in the program, so that what is
// allocated for it goes through an operator new of its own.
template <bool MovesSafely>
class alignas(64) basic_item
{
public:
  basic_item() noexcept
    : basic_item(0)
  {
  }

  explicit basic_item(int number) noexcept
    : number_(number)
  {
    ++live_;
  }

  basic_item(const basic_item& other)
    : number_(other.number_)
  {
    faults.call(failing::copy);
    ++live_;
  }

  basic_item(basic_item&& other) noexcept(MovesSafely)
    : basic_item(other.leave())
  {
  }

  basic_item& operator=(basic_item other) noexcept
  {
    std::swap(number_, other.number_);
    return *this;
  }

  ~basic_item()
  {
    --live_;
  }

  // Zero for none.
  int number() const noexcept
  {
    return number_;
  }

  friend bool operator<(const basic_item& a, const basic_item& b)
  {
    faults.call(failing::comparison);
    return a.number_ < b.number_;
  }

  static int live() noexcept
  {
    return live_;
  }

private:
  int leave() noexcept(MovesSafely)
  {
    if constexpr (!MovesSafely)
      faults.call(failing::move);
    return std::exchange(number_, 0);
  }

  inline static int live_ = 0;

  int number_;
};

using item = basic_item<true>;

// The same whose moves may fail as well.
using throwing_item = basic_item<false>;

template <bool MovesSafely>
bool is_full(const basic_item<MovesSafely>& x)
{
  return x.number() != 0;
}

// None if none was asked for.
template <bool MovesSafely>
bool fits(const std::vector<basic_item<MovesSafely>>& items,
          const error_code& ec)
{
  for (const basic_item<MovesSafely>& x : items)
  {
    if (ec || !is_full(x))
      return false;
  }
  return true;
}

// The last success of a loop brings nothing.
template <bool MovesSafely>
bool fits(const std::optional<basic_item<MovesSafely>>& x, const error_code& ec)
{
  return !x || (!ec && is_full(*x));
}

} // namespace toro_test

#endif // TORO_TEST_ROBUSTNESS_FAULT_INJECTION_ITEM_HPP
