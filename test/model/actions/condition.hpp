// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_ACTIONS_CONDITION_HPP
#define TORO_TEST_MODEL_ACTIONS_CONDITION_HPP

#include <cstddef>

#include "model/actions/machine.hpp"
#include "model/tables/condition.hpp"

namespace toro_test {

// With a public object predicates look at a flag; a bare state is told that a
// predicate did not hold.
template <class Library>
class condition_machine final
  : public machine<condition_machine<Library>, Library, condition_model>
{
  using base = machine<condition_machine, Library, condition_model>;

public:
  using base::base;

  action_set actions() const override
  {
    using m = condition_machine;
    action_set result = {{"wait", &m::wait<endless>, of_object | core},
                         {"wait too late", &m::wait<none>, of_object},
                         {"notify 0", &m::notify<0>, of_object},
                         {"notify 1", &m::notify<1>, of_object | core},
                         {"notify 2", &m::notify<2>, of_object | core},
                         {"notify all", &m::notify_all, of_object | core}};
    if constexpr (base::is_public)
      result.insert(
          result.end(),
          {{"wait for 1 tick", &m::wait<1>, of_object},
           {"wait for flag", &m::wait_for_flag<endless>, of_object | core},
           {"wait for flag for 1 tick", &m::wait_for_flag<1>, of_object},
           {"turn flag", &m::turn_flag, core}});
    else
      result.push_back({"decline", &m::decline, core});
    base::add_common(result);
    return result;
  }

  void look(view& v) const
  {
    v.add("waiters", this->model_.waiting());
  }

private:
  friend base;

  template <patience HowLong>
  bool wait()
  {
    this->library_.start_wait(HowLong);
    this->model_.start(false, HowLong);
    return true;
  }

  template <patience HowLong>
  bool wait_for_flag()
  {
    this->library_.start_wait_for_flag(HowLong);
    this->model_.start(true, HowLong);
    return true;
  }

  bool turn_flag()
  {
    this->library_.turn_flag();
    this->model_.holds = !this->model_.holds;
    return true;
  }

  template <std::size_t N>
  bool notify()
  {
    return this->report(this->library_.notify(N), this->model_.notify(N));
  }

  bool notify_all()
  {
    return this->report(this->library_.notify_all(), this->model_.notify_all());
  }

  // The next delivery finds that its predicate does not hold.
  bool decline()
  {
    if (this->model_.under_way.empty() ||
        this->model_.waits[this->model_.under_way.front()].at != stage::granted)
      return false;
    this->library_.decline();
    this->model_.decline();
    return true;
  }

  void expect_delivery()
  {
    if (this->model_.next_declines())
      this->model_.decline();
    else
      base::expect_delivery();
  }
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_ACTIONS_CONDITION_HPP
