// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_DIFFERENTIAL_GUARD_SHELF_HPP
#define TORO_TEST_MODEL_DIFFERENTIAL_GUARD_SHELF_HPP

#include <deque>
#include <string>
#include <utility>
#include <variant>

namespace toro_test {

// The guards that a program holds, of any of these types. Make it before the
// primitive: guards that outlive it are harmless, and give nothing to waits
// whose handlers are about to lose their subject.
template <class... Guards>
class guard_shelf
{
public:
  void keep(auto guard)
  {
    held_.emplace_back(std::move(guard));
  }

  // Gives back what the oldest one holds.
  std::string drop()
  {
    if (held_.empty())
      return "none";
    dropped_ = std::move(held_.front());
    held_.pop_front();
    has_dropped_ = true;
    return drop_again();
  }

  // Does the same to the guard that was dropped last.
  std::string drop_again()
  {
    if (!has_dropped_)
      return "none";
    std::visit(
        [](auto& guard)
        {
          guard.reset();
        },
        dropped_);
    return "ok";
  }

private:
  using any_guard = std::variant<Guards...>;

  std::deque<any_guard> held_;
  any_guard dropped_;
  bool has_dropped_ = false;
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_DIFFERENTIAL_GUARD_SHELF_HPP
