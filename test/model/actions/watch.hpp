// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_ACTIONS_WATCH_HPP
#define TORO_TEST_MODEL_ACTIONS_WATCH_HPP

#include <cstddef>

#include "model/actions/machine.hpp"
#include "model/tables/watch.hpp"

namespace toro_test {

template <class Library>
class watch_machine final
  : public machine<watch_machine<Library>, Library, watch_model>
{
  using base = machine<watch_machine, Library, watch_model>;

public:
  using base::base;

  action_set actions() const override
  {
    using m = watch_machine;
    action_set result = {
        {"set", &m::set, of_object | core},
        {"next of 1st", &m::next<0, endless>, of_object | core},
        {"next of 1st too late", &m::next<0, none>, of_object},
        {"next of 2nd", &m::next<1, endless>, of_object | core},
        {"get by 1st", &m::get<0>},
        {"end 1st", &m::end_reader<0>, of_object | core},
        {"close", &m::close, of_object | core}};
    if constexpr (base::is_public)
      result.push_back({"next of 1st for 1 tick", &m::next<0, 1>, of_object});
    base::add_common(result);
    return result;
  }

  void look(view& v) const
  {
    v.add("version", this->model_.version);
    v.add("news of 1st", this->model_.has_news(0));
    v.add("news of 2nd", this->model_.has_news(1));
    v.add("waiters", this->model_.waiting());
  }

private:
  friend base;

  bool set()
  {
    return this->report(this->library_.set(), this->model_.set());
  }

  bool close()
  {
    return this->report(this->library_.close(), this->model_.close());
  }

  template <std::size_t K>
  bool get()
  {
    return this->report(this->library_.get(K), this->model_.get(K));
  }

  template <std::size_t K, patience HowLong>
  bool next()
  {
    this->library_.start_next(K, HowLong);
    this->model_.start_next(K, HowLong);
    return true;
  }

  template <std::size_t K>
  bool end_reader()
  {
    this->library_.end_reader(K);
    this->model_.end_reader(K);
    return true;
  }

  std::size_t gets(std::size_t w) const
  {
    return this->model_.waits[w].got;
  }
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_ACTIONS_WATCH_HPP
