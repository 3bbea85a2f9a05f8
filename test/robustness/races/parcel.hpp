// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_ROBUSTNESS_RACES_PARCEL_HPP
#define TORO_TEST_ROBUSTNESS_RACES_PARCEL_HPP

namespace toro_test {

// An item that exists once: it can be moved only, and leaves nothing behind.
class parcel
{
public:
  parcel() = default;

  explicit parcel(int number)
    : number_(number)
  {
  }

  // Why not inline: g++ 12 would take the number in an empty optional for one
  // that is used.
  parcel(parcel&& other) noexcept;
  parcel& operator=(parcel&& other) noexcept;

  int number() const
  {
    return number_;
  }

  friend bool operator<(const parcel& a, const parcel& b)
  {
    return a.number_ < b.number_;
  }

private:
  int number_ = 0;
};

} // namespace toro_test

#endif // TORO_TEST_ROBUSTNESS_RACES_PARCEL_HPP
