// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_ACTIONS_SEMAPHORE_HPP
#define TORO_TEST_MODEL_ACTIONS_SEMAPHORE_HPP

#include <cstddef>
#include <cstdint>

#include "model/actions/machine.hpp"
#include "model/tables/semaphore.hpp"

namespace toro_test {

// How much a total of permits exceeds those that guards own. A total below zero
// is a number that wrapped around.
inline std::size_t left_of(std::size_t total, std::size_t owned)
{
  const std::size_t left = total - owned;
  return left > PTRDIFF_MAX ? 0 : left;
}

// A semaphore of any kind. Made with its value and whether that is its bound.
// Changing: with the actions that divide permits, close the semaphore, or
// change its bound.
template <class Library, bool Changing = false>
class semaphore_machine final
  : public machine<semaphore_machine<Library, Changing>, Library,
                   semaphore_model>
{
  using base = machine<semaphore_machine, Library, semaphore_model>;

public:
  using base::base;

  action_set actions() const override
  {
    using m = semaphore_machine;
    action_set result = {
        {"acquire 1", &m::acquire<1, endless>, of_object | core},
        {"acquire 1 too late", &m::acquire<1, none>, of_object},
        {"try 1", &m::try_acquire<1>, of_object | core},
        {"release 1", &m::release<1>, of_object | core},
        {"reset", &m::reset, core},
        {"detach", &m::detach}};
    if constexpr (base::is_public)
      result.push_back({"acquire 1 for 1 tick", &m::acquire<1, 1>, of_object});
    if constexpr (Changing)
      add_changes(result);
    else if constexpr (!Library::is_lock)
      add_weighted(result);
    base::add_common(result);
    return result;
  }

  void look(view& v) const
  {
    v.add("value", this->model_.free());
    v.add("waiters", this->model_.waiting());
  }

private:
  friend base;

  // What a lock has not.
  static void add_weighted(action_set& actions)
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

  static void add_changes(action_set& actions)
  {
    using m = semaphore_machine;
    actions.insert(
        actions.end(),
        {{"acquire 2", &m::acquire<2, endless>, of_object},
         {"acquire 1 to 3", &m::acquire_some<1, 3, endless>, of_object | core},
         {"acquire 0 to 2", &m::acquire_some<0, 2, endless>, of_object},
         {"acquire 2 to 1", &m::acquire_some<2, 1, endless>, of_object},
         {"acquire 2 to 3 too late", &m::acquire_some<2, 3, none>, of_object},
         {"wait", &m::watch<endless>, of_object},
         {"give back 1", &m::give_back},
         {"split", &m::split},
         {"merge", &m::merge},
         {"close", &m::close, of_object | core},
         {"resize 0", &m::resize<0>, of_object},
         {"resize 1", &m::resize<1>, of_object | core},
         {"resize 3", &m::resize<3>, of_object}});
  }

  template <std::size_t N, patience HowLong>
  bool acquire()
  {
    this->library_.start_acquire(N, HowLong);
    this->model_.start_acquire(N, HowLong);
    return true;
  }

  template <std::size_t Least, std::size_t Most, patience HowLong>
  bool acquire_some()
  {
    this->library_.start_acquire_some(Least, Most, HowLong);
    this->model_.start_acquire_some(Least, Most, HowLong);
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

  // The oldest guard gives back one permit.
  bool give_back()
  {
    if (guards_.empty())
      return false;
    this->library_.give_back(1);
    this->model_.reset(1);
    if (--guards_.front() == 0)
      guards_.erase(guards_.begin());
    return true;
  }

  // The oldest guard gives one of its permits to a new guard.
  bool split()
  {
    if (guards_.empty() || guards_.front() == 1)
      return false;
    this->library_.split(1);
    --guards_.front();
    guards_.push_back(1);
    return true;
  }

  // The oldest guard takes the permits of the next one.
  bool merge()
  {
    if (guards_.size() < 2)
      return false;
    this->library_.merge();
    const std::size_t n = pop_guard();
    guards_.front() += n;
    return true;
  }

  bool close()
  {
    return this->report(this->library_.close(), this->model_.close());
  }

  template <std::size_t N>
  bool resize()
  {
    if (!this->model_.is_bounded)
      return false;
    return this->report(this->library_.resize(N), this->model_.resize(N));
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
