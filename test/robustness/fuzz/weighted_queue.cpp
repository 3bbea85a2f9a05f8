// SPDX-License-Identifier: BSL-1.0
#include <toro/weighted_queue.hpp>

#include "robustness/fuzz/queue_subject.hpp"

namespace toro_test {

namespace {

// Some weigh nothing, and some more than the bound.
int weight_of_number(int number)
{
  return number * 3 % 7;
}

// Throws now and then, and is wrong now and then.
class weigher
{
public:
  explicit weigher(choices& in)
    : in_(&in)
  {
  }

  int operator()(const item& i) const
  {
    switch (in_->below(32))
    {
    case 1:
      throw user_exception();
    case 2:
      return -1;
    default:
      return weight_of_number(*i);
    }
  }

private:
  choices* in_;
};

struct oldest_first_by_weight : usual_rules
{
  template <class Threading>
  using queue =
      toro::basic_weighted_queue<item, weigher, any_executor, Threading>;

  static constexpr std::size_t largest_bound = 5;
  static constexpr bool is_weighted = true;

  static bool before(int a, int b)
  {
    return a < b;
  }

  static std::size_t weight_of(int number)
  {
    return static_cast<std::size_t>(weight_of_number(number));
  }
};

} // namespace

subject_pointer make_weighted_queue(bool shared, surroundings& around)
{
  return make_queue_of<oldest_first_by_weight>(shared, around,
                                               weigher(around.in));
}

} // namespace toro_test
