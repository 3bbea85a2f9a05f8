// SPDX-License-Identifier: BSL-1.0
#include <toro/queue.hpp>

#include "robustness/fuzz/queue_subject.hpp"

namespace toro_test {

namespace {

struct oldest_first : usual_rules
{
  template <class Threading>
  using queue = toro::basic_queue<item, any_executor, Threading>;

  static bool before(int a, int b)
  {
    return a < b;
  }
};

} // namespace

subject_pointer make_queue(bool shared, surroundings& around)
{
  return make_queue_of<oldest_first>(shared, around);
}

} // namespace toro_test
