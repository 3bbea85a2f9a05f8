// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_STATE_MACHINE_HPP
#define TORO_TEST_STATE_MACHINE_HPP

#include <toro/detail/wait/waiter.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace toro_test {

using toro::detail::outcome;
using toro::detail::phase;

// What can be seen of a state, in numbers.
using view = std::vector<std::size_t>;

// Implementation notes
//
// A machine drives a state of the library and, beside it, a plain model that
// was written from the rules alone. Both sides number the waits in the order
// in which they start. What has been decided but not delivered is under way,
// in order; the front of that line is delivered or abandoned next.
//
// The exhaustion runs every sequence of steps of one length, from the start
// each time, and compares the two sides after each step.

// What the library's side of every machine has.
template <class State, class Waiter>
class subject
{
public:
  class wait : public Waiter
  {
  public:
    std::size_t number = 0;
    std::size_t kind = 0;
    bool delivered = false;
  };

  template <class... Args>
  explicit subject(Args&&... args)
    : state(std::forward<Args>(args)...)
  {
  }

  wait& add(std::size_t kind = 0)
  {
    wait& w = waits.emplace_back();
    w.number = waits.size() - 1;
    w.kind = kind;
    return w;
  }

  // Where a start function refused to wait, the deadline had passed.
  void started(wait& w, bool done)
  {
    if (!done)
      state.end(w, outcome::timed_out);
  }

  // The k-th wait that has not been delivered.
  wait* pending(std::size_t k)
  {
    for (wait& w : waits)
    {
      if (!w.delivered && k-- == 0)
        return &w;
    }
    return nullptr;
  }

  void collect()
  {
    while (!state.ready().empty())
    {
      under_way.push_back(static_cast<wait*>(&state.ready().front()));
      state.ready().pop_front();
    }
  }

  wait* take_next()
  {
    if (under_way.empty())
      return nullptr;
    wait* const w = under_way.front();
    under_way.pop_front();
    w->delivered = true;
    return w;
  }

  State state;
  std::deque<wait> waits;
  std::deque<wait*> under_way;
};

// What the model's side of every machine has.
class plain_model
{
public:
  enum class status
  {
    waiting,
    granted,
    ended
  };

  struct entry
  {
    std::size_t kind = 0;
    status at = status::waiting;
    outcome how = outcome::success;
    bool delivered = false;
  };

  std::size_t add(std::size_t kind)
  {
    entries.push_back({kind});
    return entries.size() - 1;
  }

  void grant(std::size_t w)
  {
    entries[w].at = status::granted;
    under_way.push_back(w);
  }

  void end(std::size_t w, outcome how)
  {
    entries[w].at = status::ended;
    entries[w].how = how;
    under_way.push_back(w);
  }

  void take_back(std::size_t w)
  {
    entries[w].at = status::ended;
    entries[w].how = outcome::aborted;
  }

  bool waits(std::size_t w) const
  {
    return entries[w].at == status::waiting;
  }

  bool is_granted(std::size_t w) const
  {
    return entries[w].at == status::granted;
  }

  static void remove(std::deque<std::size_t>& line, std::size_t w)
  {
    line.erase(std::find(line.begin(), line.end(), w));
  }

  std::vector<entry> entries;
  std::deque<std::size_t> under_way;
};

// A machine: the sides, their views, and the steps that all of them share.
template <class Subject, class Model>
class machine
{
public:
  // Both sides are made with the same arguments.
  template <class... Args>
  explicit machine(const Args&... args)
    : subject_(args...),
      model_(args...)
  {
  }

  // Whether both sides show the same.
  bool agrees()
  {
    seen_.clear();
    expected_.clear();
    subject_.look(seen_);
    model_.look(expected_);
    for (const auto* w : subject_.under_way)
      seen_.push_back(w->number);
    expected_.insert(expected_.end(), model_.under_way.begin(),
                     model_.under_way.end());
    return seen_ == expected_;
  }

  std::string difference() const
  {
    return "seen" + text(seen_) + ", expected" + text(expected_);
  }

protected:
  bool cancel(std::size_t k, outcome why)
  {
    auto* const w = subject_.pending(k);
    if (!w)
      return false;
    const bool ended = subject_.state.abort(*w, why);
    return report(ended, model_.abort(w->number, why));
  }

  bool cancel_all()
  {
    const std::size_t count = subject_.state.abort_all();
    return report(count, model_.abort_all());
  }

  bool deliver()
  {
    auto* const w = subject_.take_next();
    if (!w)
      return false;
    if (w->stage == phase::granted)
      subject_.deliver(*w);
    const std::size_t number = w->number;
    model_.under_way.pop_front();
    model_.entries[number].delivered = true;
    if (model_.is_granted(number))
      model_.deliver(number);
    return report(static_cast<std::size_t>(w->how),
                  static_cast<std::size_t>(model_.entries[number].how));
  }

  bool abandon()
  {
    auto* const w = subject_.take_next();
    if (!w)
      return false;
    subject_.state.abandon(*w);
    model_.under_way.pop_front();
    model_.entries[w->number].delivered = true;
    model_.abandon(w->number);
    return true;
  }

  // Compares what a step gave back.
  bool report(std::size_t seen, std::size_t expected)
  {
    subject_.last = seen;
    model_.last = expected;
    return true;
  }

  static std::string text(const view& numbers)
  {
    std::string result;
    for (const std::size_t n : numbers)
      result += " " + std::to_string(n);
    return result;
  }

  Subject subject_;
  Model model_;

private:
  view seen_;
  view expected_;
};

// Runs all sequences of that many steps. A step that is not possible ends the
// sequence; those that begin like it are left out.
template <class Make>
void exhaust(std::size_t length, Make make)
{
  using machine_type = decltype(make());
  std::vector<std::size_t> steps(length, 0);
  std::size_t sequences = 0;
  std::size_t differences = 0;
  for (;;)
  {
    machine_type m = make();
    std::size_t last = 0;
    for (; last != length; ++last)
    {
      if (!m.step(steps[last]))
        break;
      m.collect();
      if (!m.agrees())
      {
        std::string story;
        for (std::size_t i = 0; i <= last; ++i)
          story += std::string(i ? ", " : "") + machine_type::name(steps[i]);
        BOOST_ERROR(story << ": " << m.difference());
        if (++differences == 10)
          return;
        break;
      }
    }
    ++sequences;
    if (last == length)
      --last;
    while (++steps[last] == machine_type::step_count)
    {
      if (last == 0)
      {
        BOOST_TEST(sequences > length, "no sequence was possible");
        BOOST_TEST_MESSAGE(sequences << " sequences");
        return;
      }
      --last;
    }
    std::fill(steps.begin() + static_cast<std::ptrdiff_t>(last) + 1,
              steps.end(), 0);
  }
}

} // namespace toro_test

#endif // TORO_TEST_STATE_MACHINE_HPP
