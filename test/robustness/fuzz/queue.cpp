// SPDX-License-Identifier: BSL-1.0
#include <toro/queue.hpp>

#include "robustness/fuzz/queue_subject.hpp"

namespace toro_test {

namespace {

struct oldest_first
{
  template <class Threading>
  using queue = toro::basic_queue<item, any_executor, Threading>;

  static constexpr std::size_t largest_bound = 2;
  static constexpr bool is_compared = false;
  static constexpr bool is_weighted = false;

  static bool before(int a, int b)
  {
    return a < b;
  }

  static std::size_t weight_of(int)
  {
    return 1;
  }

  static int displaced(const std::vector<int>& left)
  {
    return left.front();
  }
};

} // namespace

subject_pointer make_queue(bool shared, surroundings& around)
{
  return make_queue_of<oldest_first>(shared, around);
}

} // namespace toro_test
