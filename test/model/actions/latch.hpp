// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_ACTIONS_LATCH_HPP
#define TORO_TEST_MODEL_ACTIONS_LATCH_HPP

#include <cstddef>

#include "model/actions/machine.hpp"
#include "model/tables/latch.hpp"

namespace toro_test {

// A latch. Made with its count.
template <class Library>
class latch_machine final
  : public machine<latch_machine<Library>, Library, latch_model>
{
  using base = machine<latch_machine, Library, latch_model>;

public:
  using base::base;

  action_set actions() const override
  {
    using m = latch_machine;
    action_set result = {
        {"wait", &m::wait<endless>, of_object | core},
        {"wait too late", &m::wait<none>, of_object},
        {"arrive", &m::arrive<endless>, of_object | core},
        {"arrive too late", &m::arrive<none>, of_object | core},
        {"count down 0", &m::count_down<0>, of_object},
        {"count down 1", &m::count_down<1>, of_object | core},
        {"count down 2", &m::count_down<2>, of_object}};
    if constexpr (base::is_public)
      result.insert(result.end(),
                    {{"wait for 1 tick", &m::wait<1>, of_object},
                     {"arrive for 1 tick", &m::arrive<1>, of_object},
                     {"arrive for 2 ticks", &m::arrive<2>, of_object}});
    base::add_common(result);
    return result;
  }

  void look(view& v) const
  {
    v.add("count", this->model_.count);
    v.add("waiters", this->model_.waiting());
  }

private:
  friend base;

  template <patience HowLong>
  bool wait()
  {
    this->library_.start_wait(HowLong);
    this->model_.start_wait(HowLong);
    return true;
  }

  template <patience HowLong>
  bool arrive()
  {
    this->library_.start_arrive(HowLong);
    this->model_.start_arrive(HowLong);
    return true;
  }

  template <std::size_t N>
  bool count_down()
  {
    return this->report(this->library_.count_down(N),
                        this->model_.count_down(N));
  }
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_ACTIONS_LATCH_HPP
