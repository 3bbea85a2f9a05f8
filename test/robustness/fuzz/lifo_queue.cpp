// SPDX-License-Identifier: BSL-1.0
#include <toro/lifo_queue.hpp>

#include "robustness/fuzz/queue_subject.hpp"

namespace toro_test {

namespace {

struct newest_first : usual_rules
{
  template <class Threading>
  using queue = toro::basic_lifo_queue<item, any_executor, Threading>;

  static bool before(int a, int b)
  {
    return a > b;
  }
};

} // namespace

subject_pointer make_lifo_queue(bool shared, surroundings& around)
{
  return make_queue_of<newest_first>(shared, around);
}

} // namespace toro_test
