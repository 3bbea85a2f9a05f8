// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_SUPPORT_BOUNDED_EXHAUSTIVE_HPP
#define TORO_TEST_SUPPORT_BOUNDED_EXHAUSTIVE_HPP

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace toro_test {

// One thing that may happen to a machine. Where it cannot happen at this point
// the function changes nothing and returns false.
template <class Machine>
struct action
{
  const char* name;
  bool (Machine::*play)();
  unsigned traits = 0;
};

// Of the few actions that matter most, of which longer sequences are tried.
inline constexpr unsigned core = 1;

// Only possible while the primitive is there.
inline constexpr unsigned of_object = 2;

template <class Machine>
using action_set = std::vector<action<Machine>>;

// How long the sequences are: of all actions, and of the core.
struct lengths
{
  std::size_t of_all;
  std::size_t of_core;
};

// The full lengths if they are asked for: by --full behind the "--" that ends
// the options of Boost.Test, or by TORO_EXHAUSTION=full in the environment.
// With TORO_EXHAUSTION=short, one less than the quick lengths.
lengths chosen_lengths(lengths quick, lengths full);

// The names in the sequence of --replay="<subject>: <action>, <action>", where
// it is one of this subject. Returns false where it is not.
bool sequence_to_replay(std::string_view subject,
                        std::vector<std::string>& names);

// Whether there is a sequence to be replayed, of whatever subject.
bool is_replay();

void print(const std::string& line);
void report_failure(const std::string& sequence, const std::string& difference);
void report_unknown_action(const std::string& name);
void report_count(std::string_view subject, std::size_t actions,
                  std::size_t length, std::size_t sequences);

// What to print if the program dies in the middle of a sequence.
class last_words
{
public:
  using author = std::string (*)(const void*);

  last_words(author writes, const void* about);
  last_words(const last_words&) = delete;
  last_words& operator=(const last_words&) = delete;
  ~last_words();
};

// Implementation notes
//
// All sequences of one machine's actions, the short ones first, so that the
// first failure is a shortest one. Each is played from the start. What begins
// a sequence was looked at when it was itself one, so both sides are compared
// after the last action only.
//
// A machine has
//
//   bool play(action)      false where that is not possible now
//   bool agrees()          whether both sides show the same
//   bool ends_well()       whether that holds when all has run, and nothing
//                          is missing; the last thing to be called
//   std::string seen()     what the library shows, in words
//   std::string expected() what the model shows
template <class Machine>
class sequence_test
{
public:
  sequence_test(std::string subject, action_set<Machine> actions)
    : subject_(std::move(subject)),
      actions_(std::move(actions))
  {
  }

  // Returns false where a sequence failed, which ends the run.
  template <class... Args>
  bool run(std::size_t length, const Args&... args)
  {
    const last_words guard(
        [](const void* self)
        {
          return static_cast<const sequence_test*>(self)->sequence();
        },
        this);
    std::size_t count = 0;
    for (std::size_t n = 1; n <= length && !failed_; ++n)
      count += run_all_of(n, args...);
    if (!failed_)
      report_count(subject_, actions_.size(), length, count);
    return !failed_;
  }

  template <class... Args>
  void replay(const std::vector<std::string>& names, const Args&... args)
  {
    Machine m(args...);
    for (const std::string& name : names)
    {
      const auto found = std::find_if(actions_.begin(), actions_.end(),
                                      [&](const action<Machine>& a)
                                      {
                                        return a.name == name;
                                      });
      if (found == actions_.end())
        return report_unknown_action(name);
      steps_.push_back(
          static_cast<std::size_t>(std::distance(actions_.begin(), found)));
      const bool possible = m.play(*found);
      const bool good = m.agrees();
      print(name + (possible ? "" : " (not possible)"));
      print("  library:" + m.seen());
      print("  model:  " + m.expected());
      if (!good)
        return report_failure(sequence(), difference(m));
    }
    if (!m.ends_well())
      report_failure(sequence(), "at the end " + difference(m));
  }

private:
  enum class verdict
  {
    good,
    bad,
    impossible
  };

  template <class... Args>
  std::size_t run_all_of(std::size_t length, const Args&... args)
  {
    std::size_t count = 0;
    steps_.assign(length, 0);
    do
    {
      const verdict v = run_one(args...);
      count += v == verdict::good;
      failed_ = v == verdict::bad;
    } while (!failed_ && next());
    return count;
  }

  // Leaves in played_ how many actions were possible.
  template <class... Args>
  verdict run_one(const Args&... args)
  {
    Machine m(args...);
    for (played_ = 0; played_ != steps_.size(); ++played_)
    {
      if (!m.play(actions_[steps_[played_]]))
        return verdict::impossible;
    }
    if (!m.agrees())
    {
      report_failure(sequence(), difference(m));
      return verdict::bad;
    }
    if (m.ends_well())
      return verdict::good;
    report_failure(sequence(), "at the end " + difference(m));
    return verdict::bad;
  }

  // Goes on to the next sequence, past all that begin with what was impossible.
  bool next()
  {
    std::size_t i = std::min(played_, steps_.size() - 1);
    while (++steps_[i] == actions_.size())
    {
      if (i == 0)
        return false;
      --i;
    }
    std::fill(steps_.begin() + static_cast<std::ptrdiff_t>(i) + 1, steps_.end(),
              0);
    return true;
  }

  std::string sequence() const
  {
    std::string text = subject_;
    for (std::size_t i = 0; i != steps_.size(); ++i)
      text += (i == 0 ? ": " : ", ") + std::string(actions_[steps_[i]].name);
    return text;
  }

  static std::string difference(const Machine& m)
  {
    return "library:" + m.seen() + "; model:" + m.expected();
  }

  std::string subject_;
  action_set<Machine> actions_;
  std::vector<std::size_t> steps_;
  std::size_t played_ = 0;
  bool failed_ = false;
};

// Tries all sequences of a machine that is made with these arguments, or the
// one that is to be replayed.
template <class Machine, class... Args>
void test_all_sequences(const std::string& subject, lengths how_long,
                        const Args&... args)
{
  const action_set<Machine> all = Machine::actions();
  if (is_replay())
  {
    std::vector<std::string> names;
    if (sequence_to_replay(subject, names))
      sequence_test<Machine>(subject, all).replay(names, args...);
    return;
  }
  if (!sequence_test<Machine>(subject, all).run(how_long.of_all, args...))
    return;
  action_set<Machine> few;
  std::copy_if(all.begin(), all.end(), std::back_inserter(few),
               [](const action<Machine>& a)
               {
                 return (a.traits & core) != 0;
               });
  sequence_test<Machine>(subject, few).run(how_long.of_core, args...);
}

} // namespace toro_test

#endif // TORO_TEST_SUPPORT_BOUNDED_EXHAUSTIVE_HPP
