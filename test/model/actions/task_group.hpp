// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_ACTIONS_TASK_GROUP_HPP
#define TORO_TEST_MODEL_ACTIONS_TASK_GROUP_HPP

#include <cstddef>

#include "model/actions/machine.hpp"
#include "model/tables/task_group.hpp"

namespace toro_test {

// A task_group. Made with its limit and with what a failure does.
template <class Library>
class task_group_machine final
  : public machine<task_group_machine<Library>, Library, task_group_model>
{
  using base = machine<task_group_machine, Library, task_group_model>;

public:
  using base::base;

  action_set actions() const override
  {
    using m = task_group_machine;
    action_set result = {{"child", &m::enter, of_object | core},
                         {"child ends", &m::leave, core},
                         {"child fails", &m::fail<false>, core},
                         {"child is aborted", &m::fail<true>},
                         {"stop", &m::stop, of_object},
                         {"close", &m::close, of_object},
                         {"spawn", &m::spawn<endless>, of_object | core},
                         {"spawn too late", &m::spawn<none>, of_object},
                         {"join", &m::join<endless>, of_object | core},
                         {"join too late", &m::join<none>, of_object},
                         {"pass on 1st", &m::pass_on<0>, core},
                         {"pass on 2nd", &m::pass_on<1>}};
    if constexpr (base::is_public)
      result.insert(result.end(),
                    {{"spawn for 1 tick", &m::spawn<1>, of_object},
                     {"join for 1 tick", &m::join<1>, of_object}});
    else
      result.insert(result.end(), {{"body begins", &m::enter_body},
                                   {"body ends", &m::leave_body},
                                   {"join with body", &m::join_whole}});
    base::add_common(result);
    return result;
  }

  void look(view& v) const
  {
    v.add("size", this->model_.size());
    v.add("open", this->model_.open);
    v.add("failure", this->model_.first_failure);
    v.add("waiters", this->model_.waiting());
  }

private:
  friend base;

  bool enter()
  {
    return this->report(this->library_.enter(), this->model_.enter());
  }

  // The oldest child ends.
  bool leave()
  {
    if (this->model_.running == 0)
      return false;
    this->library_.leave();
    this->model_.leave();
    return true;
  }

  template <bool Aborted>
  bool fail()
  {
    if (this->model_.running == 0)
      return false;
    if constexpr (base::is_public)
    {
      // A context that is gone runs no child.
      if (this->model_.inert)
        return false;
      this->library_.fail(Aborted);
      this->model_.fail(Aborted);
      return true;
    }
    else
    {
      return this->report(this->library_.fail(Aborted),
                          this->model_.fail(Aborted));
    }
  }

  // That of the object stops the group.
  bool cancel_all()
  {
    if constexpr (base::is_public)
      return stop();
    else
      return base::cancel_all();
  }

  bool stop()
  {
    return this->report(this->library_.stop(), this->model_.stop());
  }

  bool close()
  {
    return this->report(this->library_.close(), this->model_.close());
  }

  bool enter_body()
  {
    this->library_.enter_body();
    this->model_.enter_body();
    return true;
  }

  bool leave_body()
  {
    if (this->model_.bodies == 0)
      return false;
    this->library_.leave_body();
    this->model_.leave_body();
    return true;
  }

  template <patience HowLong>
  bool spawn()
  {
    this->library_.start_spawn(HowLong);
    this->model_.start_spawn(HowLong);
    return true;
  }

  template <patience HowLong>
  bool join()
  {
    this->library_.start_join(HowLong);
    this->model_.start_join(group_wait_kind::joins, HowLong);
    return true;
  }

  bool join_whole()
  {
    this->library_.start_whole_join();
    this->model_.start_join(group_wait_kind::joins_whole, endless);
    return true;
  }

  // A join is cancelled in the way that reaches the children.
  template <std::size_t K>
  bool pass_on()
  {
    const std::size_t w = this->model_.pending(K);
    if (w == nothing || this->model_.waits[w].kind == group_wait_kind::spawns)
      return false;
    this->library_.pass_on(w);
    this->model_.pass_on(w);
    return true;
  }

  // The object reports a join that was cancelled in either way by the same
  // code.
  void expect_delivery()
  {
    base::expect_delivery();
    if (base::is_public && this->told_.value == task_group_model::aborted)
      this->told_ = {this->told_.whom, ending::aborted, 0};
  }

  std::size_t gets(std::size_t w) const
  {
    return this->model_.waits[w].kind == group_wait_kind::spawns
               ? 0
               : this->model_.report_of(w);
  }
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_ACTIONS_TASK_GROUP_HPP
