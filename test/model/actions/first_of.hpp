// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_ACTIONS_FIRST_OF_HPP
#define TORO_TEST_MODEL_ACTIONS_FIRST_OF_HPP

#include <cstddef>

#include "model/actions/machine.hpp"
#include "model/tables/first_of.hpp"

namespace toro_test {

// Selections among two public objects. Made with what both are made with. What
// can be told from outside is compared: what happened to each selection, and
// the counts of the objects.
template <class Library, class Model>
class first_of_machine final : public comparison
{
public:
  using library_type = Library;

  first_of_machine(Library& library, std::size_t a, std::size_t b)
    : library_(library),
      model_(a, b, Library::is_told_later)
  {
  }

  action_set actions() const override
  {
    using m = first_of_machine;
    return {{"select", &m::select<false, endless>, core},
            {"select b first", &m::select<true, endless>},
            {"select for 1 tick", &m::select<false, 1>, core},
            {"select too late", &m::select<false, none>},
            {"wait for a", &m::wait<0>},
            {"wait for b", &m::wait<1>, core},
            {"supply a", &m::supply<0>, core},
            {"supply b", &m::supply<1>, core},
            {"run 1st", &m::run<0>, core},
            {"run 2nd", &m::run<1>, core},
            {"run 3rd", &m::run<2>},
            {"run 1st and 2nd", &m::run_both<0>, core},
            {"run 2nd and 1st", &m::run_both<1>},
            {"drop 1st", &m::drop<0>},
            {"drop 2nd", &m::drop<1>, core},
            {"cancel 1st", &m::cancel<0>, core},
            {"cancel 2nd", &m::cancel<1>},
            {"cancel all of a", &m::cancel_all<0>},
            {"cancel all of b", &m::cancel_all<1>},
            {"close a", &m::close<0>},
            {"close b", &m::close<1>, core},
            {"tick", &m::tick, core},
            {"destroy a", &m::destroy<0>},
            {"destroy b", &m::destroy<1>},
            {"shut down", &m::shut_down}};
  }

  bool play(const action& what) override
  {
    forget_results();
    if (!(this->*what.play)())
      return false;
    library_.settle();
    model_.settle();
    return true;
  }

  bool agrees() override
  {
    seen_.clear();
    expected_.clear();
    seen_.add("result", result_seen_);
    expected_.add("result", result_expected_);
    for (std::size_t i = 0; i != model_.selections.size(); ++i)
    {
      show(seen_, library_.selection(i));
      show(expected_, model_.selections[i]);
    }
    for (std::size_t which = 0; which != Model::sides; ++which)
    {
      if (!model_.exists(which))
        continue;
      seen_.add("stored", library_.stored(which));
      expected_.add("stored", model_.at(which,
                                        [](const auto& side)
                                        {
                                          return side.stored();
                                        }));
      seen_.add("waiters", library_.waiters(which));
      expected_.add("waiters", model_.at(which,
                                         [](const auto& side)
                                         {
                                           return side.waiting();
                                         }));
    }
    seen_.add("ready", library_.ready());
    expected_.add("ready", model_.ready.size());
    seen_.add("alarm", library_.alarm_is_set());
    expected_.add("alarm", model_.has_due());
    seen_.add("mistakes", library_.mistakes());
    expected_.add("mistakes", 0);
    return seen_ == expected_;
  }

  // No selection has two effects, and what was supplied is there or was got.
  bool ends_well() override
  {
    while (play({"", &first_of_machine::template run<0>}))
    {
      if (!agrees())
        return false;
    }
    return (model_.inert || library_.balances()) && library_.closes();
  }

private:
  template <bool Flipped, patience HowLong>
  bool select()
  {
    if (!exist())
      return false;
    library_.template select<Flipped>(HowLong);
    model_.select(Flipped, HowLong);
    return true;
  }

  template <std::size_t Which>
  bool wait()
  {
    if (!model_.exists(Which))
      return false;
    library_.template wait<Which>();
    model_.wait(Which);
    return true;
  }

  template <std::size_t Which>
  bool supply()
  {
    if (!can_change(Which))
      return false;
    return report(library_.supply(Which), model_.change(Which,
                                                        [](auto& side)
                                                        {
                                                          return side.supply();
                                                        }));
  }

  template <std::size_t K>
  bool run()
  {
    if (K >= model_.ready.size())
      return false;
    library_.run(K);
    model_.run(K);
    return true;
  }

  // Two that run before either has an effect elsewhere, as in two threads.
  template <std::size_t First>
  bool run_both()
  {
    return model_.ready.size() > 1 && run<First>() && run<0>();
  }

  template <std::size_t K>
  bool drop()
  {
    if (K >= model_.ready.size())
      return false;
    library_.drop(K);
    model_.drop(K);
    return true;
  }

  template <std::size_t K>
  bool cancel()
  {
    const std::size_t which = model_.pending(K);
    if (which == nothing)
      return false;
    library_.cancel(which);
    model_.cancel(which);
    return true;
  }

  template <std::size_t Which>
  bool cancel_all()
  {
    if (!can_change(Which))
      return false;
    return report(library_.cancel_all(Which),
                  model_.change(Which,
                                [](auto& side)
                                {
                                  return side.cancel_all();
                                }));
  }

  template <std::size_t Which>
  bool close()
  {
    if (!can_change(Which))
      return false;
    return report(library_.close(Which), model_.change(Which,
                                                       [](auto& side)
                                                       {
                                                         return side.close();
                                                       }));
  }

  bool tick()
  {
    if (!model_.has_due())
      return false;
    library_.tick();
    model_.tick();
    return true;
  }

  template <std::size_t Which>
  bool destroy()
  {
    if (!model_.exists(Which))
      return false;
    library_.destroy(Which);
    model_.change(Which,
                  [](auto& side)
                  {
                    side.destroy();
                    return std::size_t(0);
                  });
    return true;
  }

  bool shut_down()
  {
    if (model_.inert)
      return false;
    library_.shut_down();
    model_.shut_down();
    return true;
  }

  bool exist() const
  {
    return model_.exists(0) && model_.exists(1);
  }

  bool can_change(std::size_t which) const
  {
    return model_.exists(which) && !model_.inert;
  }

  static void show(view& v, const plain_selection& s)
  {
    constexpr const char* words[] = {"pending", "called", "destroyed"};
    v.add("selection", static_cast<std::size_t>(s.what),
          words[static_cast<std::size_t>(s.what)]);
    if (s.what != fate::called)
      return;
    if (!s.is_plain)
      v.add("first", s.first);
    for (std::size_t which = 0; which != Model::sides; ++which)
    {
      v.add("ending", static_cast<std::size_t>(s.how[which]),
            word_for(s.how[which]));
      v.add("got", s.got[which]);
    }
  }

  Library& library_;
  Model model_;
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_ACTIONS_FIRST_OF_HPP
