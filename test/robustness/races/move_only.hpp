// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_ROBUSTNESS_RACES_MOVE_ONLY_HPP
#define TORO_TEST_ROBUSTNESS_RACES_MOVE_ONLY_HPP

namespace toro_test {

// An item that exists once: it can be moved only, and leaves nothing behind.
class move_only
{
public:
  move_only() = default;

  explicit move_only(int number)
    : number_(number)
  {
  }

  // Why not inline: g++ 12 would take the number in an empty optional for one
  // that is used.
  move_only(move_only&& other) noexcept;
  move_only& operator=(move_only&& other) noexcept;

  int number() const
  {
    return number_;
  }

  friend bool operator<(const move_only& a, const move_only& b)
  {
    return a.number_ < b.number_;
  }

private:
  int number_ = 0;
};

} // namespace toro_test

#endif // TORO_TEST_ROBUSTNESS_RACES_MOVE_ONLY_HPP
