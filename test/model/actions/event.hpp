// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_ACTIONS_EVENT_HPP
#define TORO_TEST_MODEL_ACTIONS_EVENT_HPP

#include <cstddef>

#include "model/actions/machine.hpp"
#include "model/tables/event.hpp"

namespace toro_test {

template <class Library>
class event_machine final
  : public machine<event_machine<Library>, Library, event_model>
{
  using base = machine<event_machine, Library, event_model>;

public:
  using base::base;

  action_set actions() const override
  {
    using m = event_machine;
    action_set result = {{"wait", &m::wait<endless>, of_object | core},
                         {"wait too late", &m::wait<none>, of_object | core},
                         {"set", &m::set, of_object | core},
                         {"clear", &m::clear, of_object | core}};
    if constexpr (base::is_public)
      result.insert(result.end(),
                    {{"wait for 1 tick", &m::wait<1>, of_object},
                     {"wait for 2 ticks", &m::wait<2>, of_object}});
    base::add_common(result);
    return result;
  }

  void look(view& v) const
  {
    v.add("is set", this->model_.up);
    v.add("waiters", this->model_.waiting());
  }

private:
  friend base;

  template <patience HowLong>
  bool wait()
  {
    this->library_.start_wait(HowLong);
    this->model_.start(HowLong);
    return true;
  }

  bool set()
  {
    return this->report(this->library_.set(), this->model_.set());
  }

  bool clear()
  {
    this->library_.clear();
    this->model_.clear();
    return true;
  }
};

// A result. Values are numbers from one on; zero stands for an error.
template <class Library>
class result_machine final
  : public machine<result_machine<Library>, Library, result_model>
{
  using base = machine<result_machine, Library, result_model>;

public:
  using base::base;

  action_set actions() const override
  {
    using m = result_machine;
    action_set result = {{"get", &m::get<endless>, of_object | core},
                         {"get too late", &m::get<none>, of_object | core},
                         {"set 1", &m::set<1>, of_object | core},
                         {"set 2", &m::set<2>, of_object},
                         {"set an error", &m::set<0>, of_object | core}};
    if constexpr (base::is_public)
      result.insert(result.end(), {{"get for 1 tick", &m::get<1>, of_object},
                                   {"get for 2 ticks", &m::get<2>, of_object}});
    base::add_common(result);
    return result;
  }

  void look(view& v) const
  {
    v.add("set to", this->model_.value);
    v.add("waiters", this->model_.waiting());
  }

private:
  friend base;

  template <patience HowLong>
  bool get()
  {
    this->library_.start_get(HowLong);
    this->model_.start(HowLong);
    return true;
  }

  template <std::size_t Value>
  bool set()
  {
    return this->report(this->library_.set(Value), this->model_.set(Value));
  }

  std::size_t gets(std::size_t) const
  {
    return this->model_.value;
  }
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_ACTIONS_EVENT_HPP
