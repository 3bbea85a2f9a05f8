// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_ACTIONS_MACHINE_HPP
#define TORO_TEST_MODEL_ACTIONS_MACHINE_HPP

#include <cassert>
#include <cstddef>
#include <string>

#include "model/tables/wait_table.hpp"
#include "support/bounded_exhaustive.hpp"

namespace toro_test {

// What one side shows, in numbers with names.
class view
{
public:
  // The word says what the value means, where a number does not.
  void add(const char* name, std::size_t value, const char* word = nullptr)
  {
    assert(size_ != most);
    figures_[size_++] = {name, value, word};
  }

  void clear()
  {
    size_ = 0;
  }

  // Both sides name the same figures in the same order.
  friend bool operator==(const view& a, const view& b)
  {
    for (std::size_t i = 0; i != a.size_; ++i)
    {
      if (a.figures_[i].value != b.figures_[i].value)
        return false;
    }
    return a.size_ == b.size_;
  }

  std::string text() const
  {
    std::string result;
    for (std::size_t i = 0; i != size_; ++i)
      result += (i == 0 ? " " : ", ") + text(figures_[i]);
    return result;
  }

private:
  struct figure
  {
    const char* name;
    std::size_t value;
    const char* word;
  };

  static std::string text(const figure& f)
  {
    const std::string name = f.name + std::string(" ");
    if (f.word)
      return name + f.word;
    return name + (f.value == nothing ? "-" : std::to_string(f.value));
  }

  // There are millions of views, so they do not grow. That of a first_of shows
  // six figures for each selection.
  static constexpr std::size_t most = 128;
  figure figures_[most];
  std::size_t size_ = 0;
};

// What the library's side and the model's show after an action.
class comparison : public abstract_machine
{
public:
  std::string seen() const override
  {
    return seen_.text();
  }

  std::string expected() const override
  {
    return expected_.text();
  }

protected:
  ~comparison() = default;

  // What an action gave back.
  bool report(std::size_t seen, std::size_t expected)
  {
    result_seen_ = seen;
    result_expected_ = expected;
    return true;
  }

  void forget_results()
  {
    result_seen_ = result_expected_ = 0;
  }

  std::size_t result_seen_ = 0;
  std::size_t result_expected_ = 0;
  view seen_;
  view expected_;
};

// What one handler was told.
struct message
{
  std::size_t whom = nothing;
  ending how = ending::success;
  std::size_t value = 0;
};

// The library's side of a machine that is compiled once for many libraries. The
// others are known to their machines by type.
class abstract_library
{
public:
  virtual void cancel(std::size_t w) = 0;
  virtual std::size_t cancel_all() = 0;
  virtual void deliver() = 0;
  virtual void abandon() = 0;
  virtual void settle() = 0;
  virtual void look(view& v) const = 0;
  virtual std::size_t under_way_count() const = 0;
  virtual bool alarm_is_set() const = 0;
  virtual std::size_t mistakes() const = 0;
  virtual bool balances() = 0;
  virtual bool closes() = 0;

  message told;

protected:
  ~abstract_library() = default;
};

// Implementation notes
//
// A machine drives the library and, beside it, a model that was written from
// the rules alone, action by action. The library's side is either a bare state
// or a public object in a world that runs one handler at a time; both have the
// same functions, and the latter can do more:
//
//   cancel(w), cancel_all()           both
//   deliver(), abandon()              both: what is next under way
//   settle()                          both: after each action
//   look(view)                        both: what can be observed
//   alarm_is_set()                    both: whether a timer runs
//   mistakes()                        both: handlers called when or as they
//                                     should not be
//   balances(), closes()              both: nothing is lost, at the end
//   expire(w)                         a state: a deadline passes, right now
//   tick(), move()                    an object
//   destroy(), assign_over()          an object: two ways to its end
//   shut_down()                       an object: the end of its context
//
// Both sides number the waits in the order in which they start. What has been
// decided but not delivered is under way, in order; the front of that line is
// delivered or abandoned next.
//
// Library is the type of the library's side, or an abstract base of it if there
// are so many that it takes too long to compile a machine for each.
template <class Derived, class Library, class Model>
class machine : public comparison
{
public:
  using library_type = Library;

  // Whether the library's side is a public object.
  static constexpr bool is_public = Library::is_public;

  // The model is made with the same arguments as the library.
  template <class... Args>
  explicit machine(Library& library, const Args&... args)
    : library_(library),
      model_(args...)
  {
  }

  bool play(const action& what) override
  {
    if ((what.traits & of_object) != 0 && !model_.exists)
      return false;
    forget_results();
    library_.told = told_ = {};
    if (!(this->*what.play)())
      return false;
    library_.settle();
    model_.expire_due();
    return true;
  }

  bool agrees() override
  {
    seen_.clear();
    expected_.clear();
    show(seen_, library_.told, result_seen_);
    seen_.add("under way", library_.under_way_count());
    seen_.add("alarm", library_.alarm_is_set());
    seen_.add("mistakes", library_.mistakes());
    show(expected_, told_, result_expected_);
    expected_.add("under way", model_.under_way.size());
    expected_.add("alarm", model_.has_due());
    expected_.add("mistakes", 0);
    if (model_.exists)
    {
      library_.look(seen_);
      derived().look(expected_);
    }
    return seen_ == expected_;
  }

  // Runs all that is under way. Then the library's own books must balance, and
  // no handler may be left.
  bool ends_well() override
  {
    while (play({"", &Derived::deliver}))
    {
      if (!agrees())
        return false;
    }
    const bool is_whole = model_.exists && !model_.inert;
    return (!is_whole || library_.balances()) && library_.closes();
  }

protected:
  // The actions that all primitives have.
  static void add_common(action_set& actions)
  {
    using m = Derived;
    actions.insert(actions.end(), {{"cancel 1st", &m::template cancel<0>, core},
                                   {"cancel 2nd", &m::template cancel<1>, core},
                                   {"cancel 3rd", &m::template cancel<2>},
                                   {"deliver", &m::deliver, core},
                                   {"abandon", &m::abandon, core},
                                   {"cancel all", &m::cancel_all, of_object}});
    if constexpr (is_public)
      actions.insert(actions.end(),
                     {{"tick", &m::tick, core},
                      {"move", &m::move, of_object},
                      {"destroy", &m::destroy, of_object | core},
                      {"assign over", &m::assign_over, of_object},
                      {"cancel what is over", &m::cancel_over},
                      {"shut down", &m::shut_down}});
    else
      actions.insert(actions.end(),
                     {{"expire 1st", &m::template expire<0>, core},
                      {"expire 2nd", &m::template expire<1>},
                      {"expire 3rd", &m::template expire<2>}});
  }

  template <std::size_t K>
  bool cancel()
  {
    const std::size_t w = model_.pending(K);
    if (w == nothing)
      return false;
    library_.cancel(w);
    model_.cancel(w);
    return true;
  }

  template <std::size_t K>
  bool expire()
  {
    const std::size_t w = model_.pending(K);
    if (w == nothing)
      return false;
    library_.expire(w);
    model_.expire(w);
    return true;
  }

  bool deliver()
  {
    if (model_.under_way.empty())
      return false;
    library_.deliver();
    derived().expect_delivery();
    return true;
  }

  bool abandon()
  {
    if (model_.under_way.empty())
      return false;
    library_.abandon();
    model_.abandon();
    return true;
  }

  bool cancel_all()
  {
    return report(library_.cancel_all(), model_.cancel_all());
  }

  bool tick()
  {
    ++model_.now;
    library_.tick();
    return true;
  }

  bool move()
  {
    library_.move();
    return true;
  }

  bool destroy()
  {
    library_.destroy();
    model_.destroy();
    return true;
  }

  // Ends what was there before, as destroying it does; what was assigned goes
  // at once.
  bool assign_over()
  {
    if (model_.inert)
      return false;
    library_.assign_over();
    model_.destroy();
    return true;
  }

  // A signal for a handler that is gone finds nothing.
  bool cancel_over()
  {
    const std::size_t w = model_.last_over();
    if (w == nothing)
      return false;
    library_.cancel(w);
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

  void expect_delivery()
  {
    const std::size_t w = model_.deliver();
    told_ = {w, model_.waits[w].how, 0};
    if (told_.how == ending::success)
      told_.value = derived().gets(w);
  }

  // What a handler gets with its success.
  static std::size_t gets(std::size_t)
  {
    return 0;
  }

  Library& library_;
  Model model_;
  message told_;

private:
  Derived& derived()
  {
    return static_cast<Derived&>(*this);
  }

  static void show(view& v, const message& told, std::size_t result)
  {
    v.add("result", result);
    v.add("told", told.whom);
    v.add("ending", static_cast<std::size_t>(told.how), word_for(told.how));
    v.add("value", told.value);
  }
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_ACTIONS_MACHINE_HPP
