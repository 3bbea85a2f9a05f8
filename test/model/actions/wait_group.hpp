// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_ACTIONS_WAIT_GROUP_HPP
#define TORO_TEST_MODEL_ACTIONS_WAIT_GROUP_HPP

#include <cstddef>

#include "model/actions/machine.hpp"
#include "model/tables/wait_group.hpp"

namespace toro_test {

template <class Library>
class wait_group_machine final
  : public machine<wait_group_machine<Library>, Library, wait_group_model>
{
  using base = machine<wait_group_machine, Library, wait_group_model>;

public:
  using base::base;

  action_set actions() const override
  {
    using m = wait_group_machine;
    action_set result = {
        {"enter", &m::enter, of_object | core},
        {"reset", &m::reset, core},
        {"detach", &m::detach},
        {"leave", &m::leave, of_object},
        {"close", &m::close, of_object},
        {"wait", &m::wait<endless>, of_object | core},
        {"wait too late", &m::wait<none>, of_object},
        {"close and wait", &m::close_and_wait<endless>, of_object | core},
        {"close and wait too late", &m::close_and_wait<none>, of_object}};
    if constexpr (base::is_public)
      result.insert(result.end(), {{"wait for 1 tick", &m::wait<1>, of_object},
                                   {"close and wait for 1 tick",
                                    &m::close_and_wait<1>, of_object}});
    base::add_common(result);
    return result;
  }

  void look(view& v) const
  {
    v.add("count", this->model_.count());
    v.add("open", this->model_.open);
    v.add("waiters", this->model_.waiting());
  }

private:
  friend base;

  bool enter()
  {
    return this->report(this->library_.enter(), this->model_.enter());
  }

  // The oldest guard ends.
  bool reset()
  {
    if (this->model_.guarded == 0)
      return false;
    this->library_.reset_guard();
    this->model_.reset();
    return true;
  }

  bool detach()
  {
    if (this->model_.guarded == 0)
      return false;
    this->library_.detach_guard();
    this->model_.detach();
    return true;
  }

  bool leave()
  {
    return this->report(this->library_.leave(), this->model_.leave());
  }

  bool close()
  {
    return this->report(this->library_.close(), this->model_.close());
  }

  template <patience HowLong>
  bool wait()
  {
    this->library_.start_wait(HowLong);
    this->model_.start_wait(HowLong);
    return true;
  }

  template <patience HowLong>
  bool close_and_wait()
  {
    this->library_.start_close(HowLong);
    this->model_.start_close(HowLong);
    return true;
  }
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_ACTIONS_WAIT_GROUP_HPP
