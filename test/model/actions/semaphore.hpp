// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_ACTIONS_SEMAPHORE_HPP
#define TORO_TEST_MODEL_ACTIONS_SEMAPHORE_HPP

#include <cstddef>

#include "model/actions/machine.hpp"
#include "model/tables/semaphore.hpp"

namespace toro_test {

// A semaphore of any kind. Made with its value and whether that is its bound.
template <class Library>
class semaphore_machine
  : public machine<semaphore_machine<Library>, Library, semaphore_model>
{
  using base = machine<semaphore_machine, Library, semaphore_model>;

public:
  semaphore_machine(std::size_t value, bool bounded)
    : base(value, bounded)
  {
  }

  static action_set<semaphore_machine> actions()
  {
    using m = semaphore_machine;
    action_set<m> result = {
        {"acquire 1", &m::acquire<1, endless>, of_object | core},
        {"acquire 1 too late", &m::acquire<1, none>, of_object},
        {"try 1", &m::try_acquire<1>, of_object | core},
        {"release 1", &m::release<1>, of_object | core},
        {"reset", &m::reset, core},
        {"detach", &m::detach}};
    if constexpr (base::is_public)
      result.push_back({"acquire 1 for 1 tick", &m::acquire<1, 1>, of_object});
    if constexpr (!Library::is_lock)
      add_weighted(result);
    base::add_common(result);
    return result;
  }

  void look(view& v) const
  {
    v.add("value", this->model_.free);
    v.add("waiters", this->model_.waiting());
  }

private:
  friend base;

  // What a lock has not.
  static void add_weighted(action_set<semaphore_machine>& actions)
  {
    using m = semaphore_machine;
    actions.insert(actions.end(),
                   {{"acquire 0", &m::acquire<0, endless>, of_object},
                    {"acquire 2", &m::acquire<2, endless>, of_object | core},
                    {"try 2", &m::try_acquire<2>, of_object},
                    {"release 2", &m::release<2>, of_object},
                    {"wait", &m::watch<endless>, of_object}});
    if constexpr (base::is_public)
      actions.insert(actions.end(),
                     {{"acquire 2 for 1 tick", &m::acquire<2, 1>, of_object},
                      {"wait for 1 tick", &m::watch<1>, of_object}});
  }

  template <std::size_t N, patience HowLong>
  bool acquire()
  {
    this->library_.start_acquire(N, HowLong);
    this->model_.start_acquire(N, HowLong);
    return true;
  }

  template <patience HowLong>
  bool watch()
  {
    this->library_.start_watch(HowLong);
    this->model_.start_watch(HowLong);
    return true;
  }

  template <std::size_t N>
  bool try_acquire()
  {
    const bool taken = this->model_.try_acquire(N);
    if (taken)
      guards_.push_back(N);
    return this->report(this->library_.try_acquire(N), taken);
  }

  template <std::size_t N>
  bool release()
  {
    return this->report(this->library_.release(N), this->model_.release(N));
  }

  // The oldest guard ends.
  bool reset()
  {
    if (guards_.empty())
      return false;
    this->library_.reset_guard();
    this->model_.reset(pop_guard());
    return true;
  }

  bool detach()
  {
    if (guards_.empty())
      return false;
    this->library_.detach_guard();
    this->model_.detach(pop_guard());
    return true;
  }

  std::size_t pop_guard()
  {
    const std::size_t n = guards_.front();
    guards_.erase(guards_.begin());
    return n;
  }

  std::size_t gets(std::size_t w)
  {
    const std::size_t n = this->model_.waits[w].permits;
    if (n != 0)
      guards_.push_back(n);
    return n;
  }

  // What guards hold, the oldest first.
  row<std::size_t> guards_;
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_ACTIONS_SEMAPHORE_HPP
