// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_ROBUSTNESS_FUZZ_CHOICES_HPP
#define TORO_TEST_ROBUSTNESS_FUZZ_CHOICES_HPP

#include <cstddef>
#include <cstdint>

namespace toro_test {

// What a fuzzer's input says is to be done. At its end each choice is the
// first.
class choices
{
public:
  choices(const std::uint8_t* data, std::size_t size)
    : next_(data),
      left_(size)
  {
  }

  bool any_left() const
  {
    return left_ != 0;
  }

  // One of the numbers below a limit, of at most 256.
  std::size_t below(std::size_t limit)
  {
    if (left_ == 0)
      return 0;
    --left_;
    return *next_++ % limit;
  }

private:
  const std::uint8_t* next_;
  std::size_t left_;
};

} // namespace toro_test

#endif // TORO_TEST_ROBUSTNESS_FUZZ_CHOICES_HPP
