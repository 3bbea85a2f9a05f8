// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_SUPPORT_SHAPES_HPP
#define TORO_TEST_SUPPORT_SHAPES_HPP

#include <string>

namespace toro_test {

// Items that may be parts of other objects, which must stay what they are.
struct shape
{
  shape() = default;
  shape(shape&&) noexcept = default;
  shape& operator=(shape&&) noexcept = default;
  virtual ~shape() = default;

  virtual std::string kind() const
  {
    return "shape";
  }

  std::string name = "a name that is too long to be stored inside";
};

struct circle final : shape
{
  std::string kind() const override
  {
    return "circle";
  }

  std::string color = "a color that is too long to be stored inside";
};

} // namespace toro_test

#endif // TORO_TEST_SUPPORT_SHAPES_HPP
