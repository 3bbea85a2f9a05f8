// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_ALPHABET_EVENT_HPP
#define TORO_TEST_ALPHABET_EVENT_HPP

#include <cstddef>

#include "alphabet/machine.hpp"
#include "model/event.hpp"

namespace toro_test {

template <class Library>
class event_machine
  : public machine<event_machine<Library>, Library, event_model>
{
  using base = machine<event_machine, Library, event_model>;

public:
  static alphabet<event_machine> letters()
  {
    using m = event_machine;
    alphabet<m> result = {
        {"wait", &m::wait<endless>, of_object | core},
        {"wait, not waiting", &m::wait<none>, of_object | core},
        {"set", &m::set, of_object | core},
        {"clear", &m::clear, of_object | core}};
    if constexpr (base::is_public)
      result.insert(result.end(), {{"wait, 1 tick", &m::wait<1>, of_object},
                                   {"wait, 2 ticks", &m::wait<2>, of_object}});
    base::add_common(result);
    return result;
  }

  void look(view& v) const
  {
    v.add("is set", this->model.up);
    v.add("waiters", this->model.waiting());
  }

private:
  friend base;

  template <patience HowLong>
  bool wait()
  {
    this->library.start_wait(HowLong);
    this->model.start(HowLong);
    return true;
  }

  bool set()
  {
    this->library.set();
    this->model.set();
    return true;
  }

  bool clear()
  {
    this->library.clear();
    this->model.clear();
    return true;
  }
};

// A result. Values are numbers from one on; zero stands for an error.
template <class Library>
class result_machine
  : public machine<result_machine<Library>, Library, result_model>
{
  using base = machine<result_machine, Library, result_model>;

public:
  static alphabet<result_machine> letters()
  {
    using m = result_machine;
    alphabet<m> result = {{"get", &m::get<endless>, of_object | core},
                          {"get, not waiting", &m::get<none>, of_object | core},
                          {"set 1", &m::set<1>, of_object | core},
                          {"set 2", &m::set<2>, of_object},
                          {"set an error", &m::set<0>, of_object | core}};
    if constexpr (base::is_public)
      result.insert(result.end(), {{"get, 1 tick", &m::get<1>, of_object},
                                   {"get, 2 ticks", &m::get<2>, of_object}});
    base::add_common(result);
    return result;
  }

  void look(view& v) const
  {
    v.add("set to", this->model.value);
    v.add("waiters", this->model.waiting());
  }

private:
  friend base;

  template <patience HowLong>
  bool get()
  {
    this->library.start_get(HowLong);
    this->model.start(HowLong);
    return true;
  }

  template <std::size_t Value>
  bool set()
  {
    return this->report(this->library.set(Value), this->model.set(Value));
  }

  std::size_t gets(std::size_t) const
  {
    return this->model.value;
  }
};

} // namespace toro_test

#endif // TORO_TEST_ALPHABET_EVENT_HPP
