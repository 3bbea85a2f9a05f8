// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_ACTIONS_RW_LOCK_HPP
#define TORO_TEST_MODEL_ACTIONS_RW_LOCK_HPP

#include <cstddef>

#include "model/actions/machine.hpp"
#include "model/tables/rw_lock.hpp"

namespace toro_test {

// Made with the largest number of readers.
template <class Library>
class rw_lock_machine final
  : public machine<rw_lock_machine<Library>, Library, rw_lock_model>
{
  using base = machine<rw_lock_machine, Library, rw_lock_model>;

  static constexpr side reading = side::reading;
  static constexpr side writing = side::writing;

public:
  using base::base;

  action_set actions() const override
  {
    using m = rw_lock_machine;
    action_set result = {
        {"read", &m::acquire<reading, endless>, of_object | core},
        {"write", &m::acquire<writing, endless>, of_object | core},
        {"read too late", &m::acquire<reading, none>, of_object},
        {"try read", &m::try_acquire<reading>, of_object | core},
        {"try write", &m::try_acquire<writing>, of_object},
        {"release read", &m::release<reading>, of_object},
        {"release write", &m::release<writing>, of_object},
        {"reset read", &m::reset<reading>, core},
        {"reset write", &m::reset<writing>, core},
        {"detach read", &m::detach<reading>},
        {"detach write", &m::detach<writing>},
        {"downgrade", &m::downgrade, of_object},
        {"upgrade", &m::upgrade<endless>, of_object | core},
        {"upgrade too late", &m::upgrade<none>, of_object},
        {"try upgrade", &m::try_upgrade, of_object}};
    if constexpr (base::is_public)
      result.insert(
          result.end(),
          {{"read for 1 tick", &m::acquire<reading, 1>, of_object},
           {"write for 1 tick", &m::acquire<writing, 1>, of_object | core}});
    base::add_common(result);
    return result;
  }

  void look(view& v) const
  {
    v.add("readers", this->model_.readers);
    v.add("write locked", this->model_.writers);
    v.add("locked", this->model_.locked());
    v.add("waiters", this->model_.waiting());
  }

private:
  friend base;

  template <side Side, patience HowLong>
  bool acquire()
  {
    this->library_.start_acquire(Side, HowLong);
    this->model_.start_acquire(Side, HowLong);
    return true;
  }

  template <side Side>
  bool try_acquire()
  {
    const bool taken = this->model_.try_acquire(Side);
    guards(Side) += taken;
    return this->report(this->library_.try_acquire(Side), taken);
  }

  template <side Side>
  bool release()
  {
    return this->report(this->library_.release(Side),
                        this->model_.release(Side));
  }

  template <side Side>
  bool reset()
  {
    if (guards(Side) == 0)
      return false;
    --guards(Side);
    this->library_.reset_guard(Side);
    this->model_.reset(Side);
    return true;
  }

  template <side Side>
  bool detach()
  {
    if (guards(Side) == 0)
      return false;
    --guards(Side);
    this->library_.detach_guard(Side);
    this->model_.detach(Side);
    return true;
  }

  bool downgrade()
  {
    if (guards(writing) == 0)
      return false;
    const bool done = this->model_.downgrade();
    guards(writing) -= done;
    guards(reading) += done;
    return this->report(this->library_.downgrade(), done);
  }

  // The guard of a reader is in the operation until that ends.
  template <patience HowLong>
  bool upgrade()
  {
    if (guards(reading) == 0)
      return false;
    --guards(reading);
    this->library_.start_upgrade(HowLong);
    this->model_.start_upgrade(HowLong);
    return true;
  }

  bool try_upgrade()
  {
    if (guards(reading) == 0)
      return false;
    const bool done = this->model_.try_upgrade();
    guards(reading) -= done;
    guards(writing) += done;
    return this->report(this->library_.try_upgrade(), done);
  }

  // An upgrade that fails hands the guard of the reader back.
  void expect_delivery()
  {
    const std::size_t w = this->model_.under_way.front();
    base::expect_delivery();
    const auto& wait = this->model_.waits[w];
    guards(reading) +=
        rw_lock_model::upgrades(wait) && wait.how != ending::success;
  }

  // The guard of a reader ends with the handler of its upgrade.
  bool abandon()
  {
    if (this->model_.under_way.empty())
      return false;
    const std::size_t w = this->model_.under_way.front();
    base::abandon();
    if (rw_lock_model::upgrades(this->model_.waits[w]))
      this->model_.reset(reading);
    return true;
  }

  // The same for all handlers.
  bool shut_down()
  {
    std::size_t held = 0;
    for (const rw_wait& w : this->model_.waits)
      held += rw_lock_model::upgrades(w) && !w.over;
    if (!base::shut_down())
      return false;
    this->model_.readers -= held;
    return true;
  }

  std::size_t gets(std::size_t w)
  {
    const side s = this->model_.waits[w].what;
    ++guards(s);
    return s == reading ? 0 : 1;
  }

  std::size_t& guards(side s)
  {
    return s == reading ? read_guards_ : write_guards_;
  }

  std::size_t read_guards_ = 0;
  std::size_t write_guards_ = 0;
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_ACTIONS_RW_LOCK_HPP
