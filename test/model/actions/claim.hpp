// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_ACTIONS_CLAIM_HPP
#define TORO_TEST_MODEL_ACTIONS_CLAIM_HPP

#include <cstddef>
#include <string>

#include "model/actions/machine.hpp"
#include "model/tables/claim.hpp"

namespace toro_test {

// Selections among two semaphores. Made with the value of both.
template <class Library>
class claim_machine final : public abstract_machine
{
public:
  using library_type = Library;

  claim_machine(Library& library, std::size_t value)
    : library_(library),
      model_(value)
  {
  }

  action_set actions() const override
  {
    using m = claim_machine;
    return {{"select", &m::select, core},
            {"release a", &m::release<0>, core},
            {"release b", &m::release<1>, core},
            {"try a", &m::try_acquire<0>},
            {"try b", &m::try_acquire<1>},
            {"deliver a", &m::deliver<0>, core},
            {"deliver b", &m::deliver<1>, core},
            {"cancel 1st of a", &m::cancel<0, 0>, core},
            {"cancel 1st of b", &m::cancel<1, 0>},
            {"cancel 2nd of a", &m::cancel<0, 1>},
            {"cancel all of b", &m::cancel_all<1>}};
  }

  bool play(const action& what) override
  {
    seen_.clear();
    expected_.clear();
    if (!(this->*what.play)())
      return false;
    library_.settle();
    return true;
  }

  bool agrees() override
  {
    for (std::size_t which = 0; which != claim_model::sides; ++which)
    {
      const semaphore_model& s = model_.side[which];
      seen_.add("value", library_.value(which));
      expected_.add("value", s.free());
      seen_.add("waiters", library_.waiters(which));
      expected_.add("waiters", s.waiting());
      seen_.add("under way", library_.under_way(which));
      expected_.add("under way", s.under_way.size());
    }
    return seen_ == expected_;
  }

  // Each selection has at most one permit, and no permit is lost.
  bool ends_well() override
  {
    for (std::size_t which = 0; which != claim_model::sides; ++which)
    {
      while (!model_.side[which].under_way.empty())
      {
        seen_.clear();
        expected_.clear();
        if (!deliver(which))
          return false;
        library_.settle();
        if (!agrees())
          return false;
      }
    }
    return library_.balances(model_.winner);
  }

  std::string seen() const override
  {
    return seen_.text();
  }

  std::string expected() const override
  {
    return expected_.text();
  }

private:
  bool select()
  {
    library_.select();
    model_.select();
    return true;
  }

  template <std::size_t Which>
  bool release()
  {
    seen_.add("granted", library_.release(Which));
    expected_.add("granted", model_.side[Which].release(1));
    return true;
  }

  template <std::size_t Which>
  bool try_acquire()
  {
    seen_.add("acquired", library_.try_acquire(Which));
    expected_.add("acquired", model_.side[Which].try_acquire(1));
    return true;
  }

  bool deliver(std::size_t which)
  {
    const message told = library_.deliver(which);
    const std::size_t w = model_.deliver(which);
    seen_.add("told", told.whom);
    expected_.add("told", w);
    const ending how = model_.side[which].waits[w].how;
    seen_.add("ending", static_cast<std::size_t>(told.how), word_for(told.how));
    expected_.add("ending", static_cast<std::size_t>(how), word_for(how));
    return true;
  }

  template <std::size_t Which>
  bool deliver()
  {
    return !model_.side[Which].under_way.empty() && deliver(Which);
  }

  template <std::size_t Which, std::size_t K>
  bool cancel()
  {
    const std::size_t w = model_.side[Which].pending(K);
    if (w == nothing)
      return false;
    library_.cancel(Which, w);
    model_.side[Which].cancel(w);
    return true;
  }

  template <std::size_t Which>
  bool cancel_all()
  {
    seen_.add("cancelled", library_.cancel_all(Which));
    expected_.add("cancelled", model_.side[Which].cancel_all());
    return true;
  }

  Library& library_;
  claim_model model_;
  view seen_;
  view expected_;
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_ACTIONS_CLAIM_HPP
