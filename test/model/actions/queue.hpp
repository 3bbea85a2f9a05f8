// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_ACTIONS_QUEUE_HPP
#define TORO_TEST_MODEL_ACTIONS_QUEUE_HPP

#include <cstddef>

#include "model/actions/machine.hpp"
#include "model/tables/queue.hpp"

namespace toro_test {

// What is tried: the operations of all queues, or others beside some of them.
enum class queue_topic
{
  common,
  moves,
  claims,
  rooms,
  rooms_and_moves,
  weights,
  batches
};

// What a state and a public object of any type have, after those of all
// primitives. Their starts of a put and of a get differ.
template <class Interface>
class queue_functions : public Interface
{
public:
  virtual void start_get_some(patience how_long, std::size_t most) = 0;
  virtual void start_next(patience how_long) = 0;
  virtual void start_wait(patience how_long) = 0;
  virtual void start_join(patience how_long) = 0;
  virtual void start_reserve(patience how_long, std::size_t weight) = 0;
  virtual bool try_put() = 0;
  virtual std::size_t try_get() = 0;
  virtual std::size_t try_get_some(std::size_t most, bool fails) = 0;
  virtual bool try_reserve(std::size_t weight) = 0;
  virtual void put_into_room() = 0;
  virtual void give_room_back() = 0;
  virtual void detach_room() = 0;
  virtual std::size_t force_put() = 0;
  virtual std::size_t clear() = 0;
  virtual std::size_t task_done() = 0;
  virtual std::size_t close() = 0;

protected:
  ~queue_functions() = default;
};

// A queue of any order. Made with its order, its bound and what is tried.
template <class Library>
class queue_machine final
  : public machine<queue_machine<Library>, Library, queue_model>
{
  using base = machine<queue_machine, Library, queue_model>;

public:
  queue_machine(Library& library, queue_order order, std::size_t max_size,
                queue_topic topic)
    : base(library, order, max_size),
      topic_(topic)
  {
  }

  action_set actions() const override
  {
    switch (topic_)
    {
    case queue_topic::common:
      break;
    case queue_topic::moves:
      return actions_of_moves();
    case queue_topic::claims:
      return actions_of_claims();
    case queue_topic::rooms:
      return actions_of_rooms();
    case queue_topic::rooms_and_moves:
      return actions_of_rooms_and_moves();
    case queue_topic::weights:
      return actions_of_weights();
    case queue_topic::batches:
      return actions_of_batches();
    }
    return common_actions();
  }

  void look(view& v) const
  {
    const queue_model& q = this->model_;
    v.add("size", q.stock.size());
    v.add("full", q.full());
    v.add("getters", q.getters());
    if constexpr (!base::is_public)
      v.add("watchers", q.watchers());
    v.add("putters", q.putters());
    v.add("waiters", q.waiting());
    v.add("unfinished", q.unfinished);
    v.add("open", q.open);
    v.add("peak", q.peak);
    v.add("load", q.load());
  }

private:
  friend base;

  static action_set common_actions()
  {
    using m = queue_machine;
    action_set result = {{"put", &m::put<endless>, of_object | core},
                         {"put too late", &m::put<none>, of_object},
                         {"try put", &m::try_put, of_object},
                         {"get", &m::get<endless>, of_object | core},
                         {"get too late", &m::get<none>, of_object},
                         {"try get", &m::try_get, of_object | core},
                         {"join", &m::join<endless>, of_object},
                         {"task done", &m::task_done, of_object},
                         {"close", &m::close, of_object | core}};
    if constexpr (base::is_public)
      result.insert(result.end(),
                    {{"put for 1 tick", &m::put<1>, of_object},
                     {"get for 1 tick", &m::get<1>, of_object},
                     {"join for 1 tick", &m::join<1>, of_object}});
    base::add_common(result);
    return result;
  }

  // Of items whose moves may throw, and what has to do with them.
  static action_set actions_of_moves()
  {
    using m = queue_machine;
    if constexpr (!base::is_public)
      return {{"put", &m::put<endless>, of_object | core},
              {"get", &m::get<endless>, of_object | core},
              {"begin try put", &m::begin_put, of_object | core},
              {"end try put", &m::finish_put, of_object | core},
              {"fail try put", &m::undo_put, of_object | core},
              {"begin try get", &m::begin_get, of_object | core},
              {"end try get", &m::finish_get, of_object},
              {"fail try get", &m::undo_get, of_object | core},
              {"close", &m::close, of_object | core},
              {"cancel 1st", &m::template cancel<0>},
              {"cancel 2nd", &m::template cancel<1>},
              {"cancel all", &m::cancel_all, of_object},
              {"deliver", &m::deliver, core},
              {"fail to deliver", &m::fail_delivery, core}};
    else
      return {};
  }

  // Of room that is reserved, and of items that are displaced.
  static action_set actions_of_rooms()
  {
    using m = queue_machine;
    action_set result = basic_actions_of_rooms();
    result.insert(result.end(),
                  {{"reserve too late", &m::reserve<none>, of_object},
                   {"try reserve", &m::try_reserve<>, of_object},
                   {"detach room", &m::detach_room},
                   {"force put", &m::force_put, of_object | core},
                   {"clear", &m::clear, of_object | core},
                   {"try get", &m::try_get, of_object},
                   {"join", &m::join<endless>, of_object},
                   {"task done", &m::task_done, of_object},
                   {"abandon", &m::abandon}});
    if constexpr (base::is_public)
      result.insert(result.end(),
                    {{"reserve for 1 tick", &m::reserve<1>, of_object},
                     {"tick", &m::tick},
                     {"move", &m::move, of_object},
                     {"destroy", &m::destroy, of_object | core},
                     {"shut down", &m::shut_down}});
    return result;
  }

  static action_set actions_of_rooms_and_moves()
  {
    using m = queue_machine;
    action_set result = basic_actions_of_rooms();
    if constexpr (!base::is_public)
      result.insert(result.end(),
                    {{"begin force put", &m::begin_force_put, of_object | core},
                     {"end force put", &m::finish_force_put, of_object | core},
                     {"fail force put", &m::undo_force_put, of_object},
                     {"end drop", &m::finish_drop, of_object},
                     {"fail drop", &m::undo_drop, of_object | core},
                     {"fail to deliver", &m::fail_delivery}});
    return result;
  }

  static action_set basic_actions_of_rooms()
  {
    using m = queue_machine;
    return {{"put", &m::put<endless>, of_object | core},
            {"get", &m::get<endless>, of_object | core},
            {"reserve", &m::reserve<endless>, of_object | core},
            {"put into room", &m::put_into_room, core},
            {"give room back", &m::give_room_back, core},
            {"close", &m::close, of_object | core},
            {"cancel 1st", &m::template cancel<0>, core},
            {"cancel 2nd", &m::template cancel<1>},
            {"cancel all", &m::cancel_all, of_object},
            {"deliver", &m::deliver, core}};
  }

  // Of items and rooms that have weights.
  static action_set actions_of_weights()
  {
    using m = queue_machine;
    action_set result = {
        {"put", &m::put<endless>, of_object | core},
        {"put too late", &m::put<none>, of_object},
        {"try put", &m::try_put, of_object},
        {"get", &m::get<endless>, of_object | core},
        {"try get", &m::try_get, of_object | core},
        {"reserve 2", &m::reserve<endless, 2>, of_object | core},
        {"try reserve 1", &m::try_reserve<1>, of_object},
        {"reserve 5", &m::reserve<endless, 5>, of_object},
        {"put into room", &m::put_into_room, core},
        {"give room back", &m::give_room_back, core},
        {"clear", &m::clear, of_object},
        {"close", &m::close, of_object},
        {"cancel 1st", &m::template cancel<0>, core},
        {"cancel 2nd", &m::template cancel<1>},
        {"cancel all", &m::cancel_all, of_object},
        {"deliver", &m::deliver, core}};
    if constexpr (base::is_public)
      result.insert(result.end(), {{"tick", &m::tick},
                                   {"put for 1 tick", &m::put<1>, of_object},
                                   {"destroy", &m::destroy, of_object},
                                   {"shut down", &m::shut_down}});
    else
      result.insert(result.end(),
                    {{"put by claim", &m::put_by_claim<endless>, of_object},
                     {"refuse", &m::refuse}});
    return result;
  }

  template <patience HowLong, std::size_t Weight = 1>
  bool reserve()
  {
    this->library_.start_reserve(HowLong, Weight);
    this->model_.start_reserve(HowLong, Weight);
    return true;
  }

  template <std::size_t Weight = 1>
  bool try_reserve()
  {
    return this->report(this->library_.try_reserve(Weight),
                        this->model_.try_reserve(Weight));
  }

  bool put_into_room()
  {
    if (!this->model_.fits_into_room())
      return false;
    this->library_.put_into_room();
    this->model_.put_into_room();
    return true;
  }

  bool give_room_back()
  {
    if (this->model_.held.empty())
      return false;
    this->library_.give_room_back();
    this->model_.give_room_back();
    return true;
  }

  bool detach_room()
  {
    if (this->model_.held.empty())
      return false;
    this->library_.detach_room();
    this->model_.detach_room();
    return true;
  }

  bool force_put()
  {
    return this->report(this->library_.force_put(), this->model_.force_put());
  }

  bool begin_force_put()
  {
    return this->report(this->library_.begin_force_put(),
                        this->model_.begin_force_put());
  }

  bool finish_force_put()
  {
    if (this->model_.forcing == 0)
      return false;
    return this->report(this->library_.finish_force_put(),
                        this->model_.finish_force_put());
  }

  bool undo_force_put()
  {
    if (this->model_.forcing == 0)
      return false;
    this->library_.undo_force_put();
    this->model_.undo_force_put();
    return true;
  }

  bool finish_drop()
  {
    if (this->model_.dropping.empty())
      return false;
    return this->report(this->library_.finish_drop(),
                        this->model_.finish_drop());
  }

  bool undo_drop()
  {
    if (this->model_.dropping.empty())
      return false;
    this->library_.undo_drop();
    this->model_.undo_drop();
    return true;
  }

  bool clear()
  {
    return this->report(this->library_.clear(), this->model_.clear());
  }

  // Of waits that may be refused what they were granted, among others.
  static action_set actions_of_claims()
  {
    using m = queue_machine;
    if constexpr (!base::is_public)
      return {{"put", &m::put<endless>, of_object},
              {"get", &m::get<endless>, of_object | core},
              {"put by claim", &m::put_by_claim<endless>, of_object | core},
              {"put by claim too late", &m::put_by_claim<none>, of_object},
              {"get by claim", &m::get_by_claim, of_object | core},
              {"try put", &m::try_put, of_object},
              {"try get", &m::try_get, of_object | core},
              {"join", &m::join<endless>, of_object},
              {"task done", &m::task_done, of_object},
              {"close", &m::close, of_object | core},
              {"cancel 1st", &m::template cancel<0>, core},
              {"cancel 2nd", &m::template cancel<1>},
              {"cancel all", &m::cancel_all, of_object},
              {"deliver", &m::deliver, core},
              {"refuse", &m::refuse, core},
              {"abandon", &m::abandon}};
    else
      return {};
  }

  // Of gets of several items, and of waits for an item.
  static action_set actions_of_batches()
  {
    using m = queue_machine;
    action_set result = {
        {"put", &m::put<endless>, of_object | core},
        {"try put", &m::try_put, of_object},
        {"get", &m::get<endless>, of_object},
        {"next", &m::next<endless>, of_object},
        {"get 2", &m::get_some<2>, of_object | core},
        {"get 3", &m::get_some<3>, of_object},
        {"try get 2", &m::template try_get_some<2, false>, of_object | core},
        {"try get 3", &m::template try_get_some<3, false>, of_object},
        {"fail to get 3", &m::template try_get_some<3, true>, of_object | core},
        {"wait", &m::template watch<endless>, of_object | core},
        {"wait too late", &m::template watch<none>, of_object},
        {"join", &m::join<endless>, of_object},
        {"task done", &m::task_done, of_object},
        {"close", &m::close, of_object | core},
        {"cancel 1st", &m::template cancel<0>, core},
        {"cancel 2nd", &m::template cancel<1>},
        {"cancel all", &m::cancel_all, of_object},
        {"deliver", &m::deliver, core},
        {"abandon", &m::abandon}};
    if constexpr (base::is_public)
      result.insert(
          result.end(),
          {{"get 2 for 1 tick", &m::template get_some<2, 1>, of_object},
           {"next for 1 tick", &m::next<1>, of_object},
           {"wait for 1 tick", &m::template watch<1>, of_object},
           {"tick", &m::tick},
           {"destroy", &m::destroy, of_object},
           {"shut down", &m::shut_down}});
    else
      result.push_back(
          {"deliver without memory", &m::deliver_without_memory, core});
    return result;
  }

  template <std::size_t Most, patience HowLong = endless>
  bool get_some()
  {
    this->library_.start_get_some(HowLong, Most);
    this->model_.start_get(HowLong, false, Most);
    return true;
  }

  template <patience HowLong>
  bool next()
  {
    this->library_.start_next(HowLong);
    this->model_.start_get(HowLong);
    return true;
  }

  template <std::size_t Most, bool Fails>
  bool try_get_some()
  {
    return this->report(this->library_.try_get_some(Most, Fails),
                        this->model_.try_get_some(Most, Fails));
  }

  template <patience HowLong>
  bool watch()
  {
    this->library_.start_wait(HowLong);
    this->model_.start_wait(HowLong);
    return true;
  }

  // The next handler is one that asks for several items.
  bool deliver_without_memory()
  {
    if (!this->model_.gets_next() ||
        this->model_.waits[this->model_.under_way.front()].most == 1)
      return false;
    this->library_.lacks_memory = this->model_.lacks_memory = true;
    this->deliver();
    this->library_.lacks_memory = this->model_.lacks_memory = false;
    return true;
  }

  template <patience HowLong>
  bool put_by_claim()
  {
    this->library_.start_put(HowLong, true);
    this->model_.start_put(HowLong, true);
    return true;
  }

  bool get_by_claim()
  {
    this->library_.start_get(endless, true);
    this->model_.start_get(endless, true);
    return true;
  }

  bool refuse()
  {
    if (!this->model_.refuses_next())
      return false;
    this->library_.refuse();
    const std::size_t w = this->model_.refuse();
    this->told_ = {w, this->model_.waits[w].how, 0};
    return true;
  }

  bool begin_put()
  {
    return this->report(this->library_.begin_put(), this->model_.begin_put());
  }

  bool finish_put()
  {
    if (this->model_.coming == 0)
      return false;
    this->library_.finish_put();
    this->model_.finish_put();
    return true;
  }

  bool undo_put()
  {
    if (this->model_.coming == 0)
      return false;
    this->library_.undo_put();
    this->model_.undo_put();
    return true;
  }

  bool begin_get()
  {
    return this->report(this->library_.begin_get(), this->model_.begin_get());
  }

  bool finish_get()
  {
    if (this->model_.leaving.empty())
      return false;
    return this->report(this->library_.finish_get(), this->model_.finish_get());
  }

  bool undo_get()
  {
    if (this->model_.leaving.empty())
      return false;
    this->library_.undo_get();
    this->model_.undo_get();
    return true;
  }

  bool fail_delivery()
  {
    if (!this->model_.gets_next())
      return false;
    this->library_.fail_delivery();
    this->model_.fail_delivery();
    return true;
  }

  template <patience HowLong>
  bool put()
  {
    this->library_.start_put(HowLong);
    this->model_.start_put(HowLong);
    return true;
  }

  bool try_put()
  {
    return this->report(this->library_.try_put(), this->model_.try_put());
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
    return this->report(this->library_.try_get(), this->model_.try_get());
  }

  template <patience HowLong>
  bool join()
  {
    this->library_.start_join(HowLong);
    this->model_.start_join(HowLong);
    return true;
  }

  bool task_done()
  {
    return this->report(this->library_.task_done(), this->model_.task_done());
  }

  bool close()
  {
    return this->report(this->library_.close(), this->model_.close());
  }

  std::size_t gets(std::size_t w) const
  {
    const queue_wait& wait = this->model_.waits[w];
    if (wait.most > 1)
      return this->model_.batch;
    return wait.role == queue_role::gets ? wait.item : 0;
  }

  const queue_topic topic_;
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_ACTIONS_QUEUE_HPP
