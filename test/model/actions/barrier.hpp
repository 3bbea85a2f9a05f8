// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_ACTIONS_BARRIER_HPP
#define TORO_TEST_MODEL_ACTIONS_BARRIER_HPP

#include <cstddef>

#include "model/actions/machine.hpp"
#include "model/tables/barrier.hpp"

namespace toro_test {

// A barrier. Made with its number of parties.
template <class Library>
class barrier_machine final
  : public machine<barrier_machine<Library>, Library, barrier_model>
{
  using base = machine<barrier_machine, Library, barrier_model>;

public:
  using base::base;

  action_set actions() const override
  {
    using m = barrier_machine;
    action_set result = {
        {"arrive", &m::arrive<endless>, of_object | core},
        {"arrive too late", &m::arrive<none>, of_object | core},
        {"drop", &m::drop, of_object | core}};
    if constexpr (base::is_public)
      result.insert(result.end(),
                    {{"arrive for 1 tick", &m::arrive<1>, of_object},
                     {"arrive for 2 ticks", &m::arrive<2>, of_object}});
    base::add_common(result);
    return result;
  }

  void look(view& v) const
  {
    v.add("parties", this->model_.parties);
    v.add("phase", this->model_.phase);
    v.add("arrived", this->model_.waiting());
  }

private:
  friend base;

  template <patience HowLong>
  bool arrive()
  {
    this->library_.start_arrive(HowLong);
    this->model_.start_arrive(HowLong);
    return true;
  }

  bool drop()
  {
    return this->report(this->library_.drop(), this->model_.drop());
  }

  std::size_t gets(std::size_t w) const
  {
    return this->model_.waits[w].is_last;
  }
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_ACTIONS_BARRIER_HPP
