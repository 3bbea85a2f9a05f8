// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_ACTIONS_DELAY_QUEUE_HPP
#define TORO_TEST_MODEL_ACTIONS_DELAY_QUEUE_HPP

#include <cstddef>

#include "model/actions/machine.hpp"
#include "model/tables/delay_queue.hpp"

namespace toro_test {

template <class Library>
class delay_machine final
  : public machine<delay_machine<Library>, Library, delay_model>
{
  using base = machine<delay_machine, Library, delay_model>;

public:
  using base::base;

  action_set actions() const override
  {
    using m = delay_machine;
    if constexpr (Library::moves_in_steps)
      return actions_of_moves();
    action_set result = {{"put", &m::put<0>, of_object},
                         {"put for in 1 tick", &m::put<1>, of_object | core},
                         {"put for in 2 ticks", &m::put<2>, of_object},
                         {"put for never", &m::put<endless>, of_object},
                         {"erase 1st", &m::erase<0>, of_object | core},
                         {"erase 2nd", &m::erase<1>, of_object},
                         {"get", &m::get<endless>, of_object | core},
                         {"get too late", &m::get<none>, of_object},
                         {"try get", &m::try_get, of_object},
                         {"close", &m::close, of_object | core}};
    if constexpr (base::is_public)
      result.push_back({"get for 1 tick", &m::get<1>, of_object});
    else
      result.push_back({"tick", &m::tick, core});
    base::add_common(result);
    return result;
  }

  void look(view& v) const
  {
    const delay_model& q = this->model_;
    v.add("size", q.size());
    v.add("waiters", q.waiting());
    v.add("open", q.open);
  }

private:
  friend base;

  // Of items whose moves may throw, and what has to do with them.
  static action_set actions_of_moves()
  {
    using m = delay_machine;
    if constexpr (Library::moves_in_steps)
      return {{"put for in 1 tick", &m::put<1>, of_object | core},
              {"begin to put", &m::begin_put, of_object | core},
              {"end to put", &m::finish_put, of_object | core},
              {"fail to put", &m::undo_put, of_object | core},
              {"get", &m::get<endless>, of_object | core},
              {"try get", &m::try_get, of_object},
              {"erase 1st", &m::erase<0>, of_object},
              {"close", &m::close, of_object | core},
              {"tick", &m::tick, core},
              {"cancel 1st", &m::template cancel<0>},
              {"cancel all", &m::cancel_all, of_object},
              {"deliver", &m::deliver, core},
              {"fail to deliver", &m::fail_delivery, core}};
    else
      return {};
  }

  // Without its context a queue has another clock than the test.
  bool has_clock() const
  {
    return !this->model_.inert;
  }

  template <std::size_t InTicks>
  bool put()
  {
    if (!has_clock())
      return false;
    return this->report(this->library_.put(InTicks), this->model_.put(InTicks));
  }

  bool begin_put()
  {
    return this->report(this->library_.begin_put(), this->model_.begin_put());
  }

  bool finish_put()
  {
    if (this->model_.being_put == 0)
      return false;
    return this->report(this->library_.finish_put(0),
                        this->model_.finish_put(0));
  }

  bool undo_put()
  {
    if (this->model_.being_put == 0)
      return false;
    this->library_.undo_put();
    this->model_.undo_put();
    return true;
  }

  template <std::size_t Item>
  bool erase()
  {
    return this->report(this->library_.erase(Item), this->model_.erase(Item));
  }

  template <patience HowLong>
  bool get()
  {
    this->library_.start_get(HowLong);
    this->model_.start_get(HowLong);
    return true;
  }

  bool try_get()
  {
    if (!has_clock())
      return false;
    return this->report(this->library_.try_get(), this->model_.try_get());
  }

  bool close()
  {
    return this->report(this->library_.close(), this->model_.close());
  }

  bool fail_delivery()
  {
    if (!this->model_.gets_next())
      return false;
    this->library_.fail_delivery();
    this->model_.fail_delivery();
    return true;
  }

  std::size_t gets(std::size_t w) const
  {
    return this->model_.waits[w].item;
  }
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_ACTIONS_DELAY_QUEUE_HPP
