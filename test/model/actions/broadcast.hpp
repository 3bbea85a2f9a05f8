// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_ACTIONS_BROADCAST_HPP
#define TORO_TEST_MODEL_ACTIONS_BROADCAST_HPP

#include <cstddef>

#include "model/actions/machine.hpp"
#include "model/tables/broadcast.hpp"

namespace toro_test {

// Made with the rule, the capacity and how much is replayed.
template <class Library>
class broadcast_machine final
  : public machine<broadcast_machine<Library>, Library, broadcast_model>
{
  using base = machine<broadcast_machine, Library, broadcast_model>;

public:
  using base::base;

  action_set actions() const override
  {
    using m = broadcast_machine;
    if constexpr (Library::has_claims)
      return actions_of_claims();
    action_set result = {
        {"put", &m::put, of_object},
        {"async put", &m::start_put<endless>, of_object | core},
        {"async put too late", &m::start_put<none>, of_object},
        {"get of 1st", &m::start_get<0, endless>, of_object | core},
        {"get of 1st too late", &m::start_get<0, none>, of_object},
        {"get of 2nd", &m::start_get<1, endless>, of_object},
        {"try get of 1st", &m::try_get<0>, core},
        {"try get of 2nd", &m::try_get<1>, core},
        {"lost of 1st", &m::take_lost<0>},
        {"skip of 1st", &m::skip<0>},
        {"resubscribe 1st", &m::resubscribe<0>, of_object},
        {"resubscribe 2nd", &m::resubscribe<1>, of_object | core},
        {"close", &m::close, of_object}};
    if constexpr (base::is_public)
      result.insert(
          result.end(),
          {{"try put", &m::try_put, of_object},
           {"async put for 1 tick", &m::start_put<1>, of_object},
           {"get of 1st for 1 tick", &m::start_get<0, 1>, of_object}});
    base::add_common(result);
    return result;
  }

  void look(view& v) const
  {
    const broadcast_model& b = this->model_;
    v.add("of 1st", b.reader(0).items.size());
    v.add("of 2nd", b.reader(1).items.size());
    v.add("getters", b.getters());
    v.add("putters", b.putters());
    v.add("waiters", b.waiting());
    v.add("open", b.open);
  }

private:
  friend base;

  // Of waits that may be refused what they were granted, of puts in two steps,
  // and of copies that fail.
  static action_set actions_of_claims()
  {
    using m = broadcast_machine;
    if constexpr (Library::has_claims)
      return {{"put", &m::put, of_object},
              {"async put", &m::start_put<endless>, of_object | core},
              {"put by claim", &m::put_by_claim<endless>, of_object | core},
              {"put by claim too late", &m::put_by_claim<none>, of_object},
              {"begin try put", &m::begin_put, of_object | core},
              {"end try put", &m::finish_put, of_object | core},
              {"fail try put", &m::undo_put, of_object},
              {"get of 1st", &m::start_get<0, endless>, of_object | core},
              {"get by claim of 1st", &m::get_by_claim<0>, of_object | core},
              {"get of 2nd", &m::start_get<1, endless>, of_object},
              {"begin try get of 1st", &m::begin_get<0>, of_object | core},
              {"fail try get", &m::undo_get, of_object},
              {"resubscribe 1st", &m::resubscribe<0>, of_object},
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

  // Only a broadcast that does not wait has this.
  bool put()
  {
    if (this->model_.rule == broadcast_rule::wait)
      return false;
    return this->report(this->library_.put(), this->model_.put());
  }

  bool try_put()
  {
    const bool expected = this->model_.begin_put();
    if (expected)
      this->model_.finish_put();
    else
      ++this->model_.items;
    return this->report(this->library_.try_put(), expected);
  }

  template <patience HowLong>
  bool start_put()
  {
    this->library_.start_put(HowLong);
    this->model_.start_put(HowLong);
    return true;
  }

  template <patience HowLong>
  bool put_by_claim()
  {
    this->library_.start_put(HowLong, true);
    this->model_.start_put(HowLong, true);
    return true;
  }

  bool begin_put()
  {
    return this->report(this->library_.begin_put(), this->model_.begin_put());
  }

  bool finish_put()
  {
    if (!this->library_.has_begun_put())
      return false;
    this->library_.finish_put();
    this->model_.finish_put();
    return true;
  }

  bool undo_put()
  {
    if (!this->library_.has_begun_put())
      return false;
    this->library_.undo_put();
    this->model_.undo_put();
    return true;
  }

  template <std::size_t K, patience HowLong>
  bool start_get()
  {
    this->library_.start_get(K, HowLong);
    this->model_.start_get(K, HowLong);
    return true;
  }

  template <std::size_t K>
  bool get_by_claim()
  {
    this->library_.start_get(K, endless, true);
    this->model_.start_get(K, endless, true);
    return true;
  }

  template <std::size_t K>
  bool try_get()
  {
    return this->report(this->library_.try_get(K), this->model_.exists
                                                       ? this->model_.try_get(K)
                                                       : nothing);
  }

  template <std::size_t K>
  bool begin_get()
  {
    return this->report(this->library_.begin_get(K), this->model_.begin_get(K));
  }

  bool undo_get()
  {
    if (this->model_.copies.empty())
      return false;
    this->library_.undo_get();
    this->model_.undo_get();
    return true;
  }

  template <std::size_t K>
  bool take_lost()
  {
    return this->report(this->library_.take_lost(K), this->model_.take_lost(K));
  }

  template <std::size_t K>
  bool skip()
  {
    return this->report(this->library_.skip(K),
                        this->model_.exists ? this->model_.skip(K) : 0);
  }

  template <std::size_t K>
  bool resubscribe()
  {
    this->library_.resubscribe(K);
    this->model_.resubscribe(K);
    return true;
  }

  bool close()
  {
    return this->report(this->library_.close(), this->model_.close());
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

  std::size_t gets(std::size_t w) const
  {
    const broadcast_wait& wait = this->model_.waits[w];
    return wait.reader != nothing ? wait.item : 0;
  }
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_ACTIONS_BROADCAST_HPP
