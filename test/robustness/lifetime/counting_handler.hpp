// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_ROBUSTNESS_LIFETIME_COUNTING_HANDLER_HPP
#define TORO_TEST_ROBUSTNESS_LIFETIME_COUNTING_HANDLER_HPP

#include <memory>
#include <utility>

namespace toro_test {

// How handlers have ended: by a call, or destroyed without one.
struct end_count
{
  int calls = 0;
  int drops = 0;

  bool is_over() const
  {
    return calls + drops == 1;
  }
};

// A handler of any signature that owns something, and counts its end.
class counting_handler
{
public:
  explicit counting_handler(end_count& ends,
                            std::shared_ptr<void> luggage = nullptr)
    : ends_(&ends),
      luggage_(std::move(luggage))
  {
  }

  counting_handler(counting_handler&& other) noexcept
    : ends_(std::exchange(other.ends_, nullptr)),
      luggage_(std::move(other.luggage_))
  {
  }

  ~counting_handler()
  {
    if (ends_)
      ++ends_->drops;
  }

  template <class... Args>
  void operator()(Args&&...)
  {
    ++std::exchange(ends_, nullptr)->calls;
  }

private:
  end_count* ends_;
  std::shared_ptr<void> luggage_;
};

} // namespace toro_test

#endif // TORO_TEST_ROBUSTNESS_LIFETIME_COUNTING_HANDLER_HPP
