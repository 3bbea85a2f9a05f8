// SPDX-License-Identifier: BSL-1.0
#include <toro/priority_queue.hpp>

#include <utility>

#include "robustness/fuzz/queue_subject.hpp"

namespace toro_test {

namespace {

// Many items are equal.
int key_of(int number)
{
  return number % 4;
}

// Throws now and then.
class smaller
{
public:
  explicit smaller(choices& in)
    : in_(&in)
  {
  }

  bool operator()(const item& a, const item& b) const
  {
    if (in_->below(32) == 1)
      throw user_exception();
    return key_of(*a) < key_of(*b);
  }

private:
  choices* in_;
};

struct smallest_first : usual_rules
{
  template <class Threading>
  using queue =
      toro::basic_priority_queue<item, smaller, any_executor, Threading>;

  static constexpr bool is_compared = true;

  static bool before(int a, int b)
  {
    return std::pair(key_of(a), a) < std::pair(key_of(b), b);
  }

  static int displaced(const std::vector<int>& left)
  {
    return *std::ranges::max_element(left, before);
  }
};

} // namespace

subject_pointer make_priority_queue(bool shared, surroundings& around)
{
  return make_queue_of<smallest_first>(shared, around, smaller(around.in));
}

} // namespace toro_test
