// SPDX-License-Identifier: BSL-1.0
#include "support/bounded_exhaustive.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <string_view>
#include <utility>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/common_interface_defs.h>
#define TORO_TEST_HAS_DEATH_CALLBACK
#endif
#endif

namespace toro_test {

namespace {

namespace utf = boost::unit_test;

constexpr std::string_view replay_option = "--replay=";

bool was_replayed = false;

// What follows the option, or a null pointer.
const char* find_option(std::string_view option)
{
  const auto& suite = utf::framework::master_test_suite();
  for (int i = 1; i < suite.argc; ++i)
  {
    const std::string_view argument = suite.argv[i];
    if (argument.substr(0, option.size()) == option)
      return suite.argv[i] + option.size();
  }
  return nullptr;
}

bool is_replay()
{
  return find_option(replay_option) != nullptr;
}

// The names in the sequence of --replay="<subject>: <action>, <action>".
// Returns false if the sequence is of another subject.
bool sequence_to_replay(std::string_view subject,
                        std::vector<std::string>& names)
{
  std::string_view text = find_option(replay_option);
  if (text.substr(0, text.find(": ")) != subject)
    return false;
  was_replayed = true;
  text.remove_prefix(std::min(text.size(), subject.size() + 2));
  while (!text.empty())
  {
    const std::size_t comma = std::min(text.find(", "), text.size());
    names.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(text.size(), comma + 2));
  }
  return true;
}

std::string replay_line(const std::string& sequence)
{
  const auto& suite = utf::framework::master_test_suite();
  const std::string_view program = suite.argc > 0 ? suite.argv[0] : "";
  return std::string(program.substr(program.find_last_of('/') + 1)) +
         " --run_test=" + utf::framework::current_test_case().p_name.get() +
         " -- \"--replay=" + sequence + "\"";
}

void print(const std::string& line)
{
  std::cout << line << std::endl;
}

void report_failure(const std::string& sequence, const std::string& difference)
{
  BOOST_ERROR(sequence << "\n  " << difference
                       << "\n  replay with: " << replay_line(sequence));
}

void report_unknown_action(const std::string& name)
{
  BOOST_ERROR("no such action: " << name);
}

void report_count(std::string_view subject, std::size_t actions,
                  std::size_t length, std::size_t sequences)
{
  BOOST_TEST(sequences > length, "no sequence was possible");
  print(std::string(subject) + ": " + std::to_string(sequences) +
        " sequences of up to " + std::to_string(length) + " of " +
        std::to_string(actions) + " actions");
}

class sequence_test;

// What to print if the program dies in the middle of a sequence.
class last_words
{
public:
  explicit last_words(const sequence_test& about);
  last_words(const last_words&) = delete;
  last_words& operator=(const last_words&) = delete;
  ~last_words();
};

// All sequences of some of a machine's actions.
class sequence_test
{
public:
  sequence_test(const std::string& subject, action_set actions,
                machine_maker& maker)
    : subject_(subject),
      actions_(std::move(actions)),
      maker_(maker)
  {
  }

  // Returns false if a sequence failed, which ends the run.
  bool run(std::size_t length)
  {
    const last_words guard(*this);
    std::size_t count = 0;
    for (std::size_t n = 1; n <= length && !failed_; ++n)
      count += run_all_of(n);
    if (!failed_)
      report_count(subject_, actions_.size(), length, count);
    return !failed_;
  }

  void replay(const std::vector<std::string>& names)
  {
    abstract_machine& m = maker_.make();
    replay(names, m);
    maker_.destroy();
  }

  std::string sequence() const
  {
    std::string text = subject_;
    for (std::size_t i = 0; i != steps_.size(); ++i)
      text += (i == 0 ? ": " : ", ") + std::string(actions_[steps_[i]].name);
    return text;
  }

private:
  enum class verdict
  {
    good,
    bad,
    impossible
  };

  std::size_t run_all_of(std::size_t length)
  {
    std::size_t count = 0;
    steps_.assign(length, 0);
    do
    {
      const verdict v = run_one(maker_.make());
      maker_.destroy();
      count += v == verdict::good;
      failed_ = v == verdict::bad;
    } while (!failed_ && next());
    return count;
  }

  // Leaves in played_ how many actions were possible.
  verdict run_one(abstract_machine& m)
  {
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

  void replay(const std::vector<std::string>& names, abstract_machine& m)
  {
    for (const std::string& name : names)
    {
      const auto found = std::find_if(actions_.begin(), actions_.end(),
                                      [&](const action& a)
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

  static std::string difference(const abstract_machine& m)
  {
    return "library:" + m.seen() + "; model:" + m.expected();
  }

  const std::string& subject_;
  action_set actions_;
  machine_maker& maker_;
  std::vector<std::size_t> steps_;
  std::size_t played_ = 0;
  bool failed_ = false;
};

// The sequence that is played right now.
const sequence_test* dying = nullptr;

void say_last_words()
{
  if (const sequence_test* const test = std::exchange(dying, nullptr))
    print("died in: " + replay_line(test->sequence()));
}

// Nothing can be made worse by what is not allowed in a signal handler.
void on_signal(int number)
{
  say_last_words();
  std::signal(number, SIG_DFL);
  std::raise(number);
}

last_words::last_words(const sequence_test& about)
{
  dying = &about;
#ifdef TORO_TEST_HAS_DEATH_CALLBACK
  __sanitizer_set_death_callback(say_last_words);
#else
  std::signal(SIGSEGV, on_signal);
#endif
  std::signal(SIGABRT, on_signal);
}

last_words::~last_words()
{
  dying = nullptr;
}

// A sequence to be replayed that nobody knows is a mistake.
struct replay_check
{
  ~replay_check()
  {
    if (is_replay() && !was_replayed)
      std::cerr << "no such subject in the test cases that were run\n";
  }
};

BOOST_TEST_GLOBAL_FIXTURE(replay_check);

} // namespace

lengths chosen_lengths(lengths quick, lengths full)
{
  const char* const value = std::getenv("TORO_EXHAUSTION");
  const std::string_view wish = value ? value : "";
  if (find_option("--full") || wish == "full")
    return full;
  if (wish == "short")
    return {quick.of_all - 1, quick.of_core - 1};
  return quick;
}

void test_all_sequences(const std::string& subject, lengths how_long,
                        machine_maker& maker)
{
  const action_set all = maker.make().actions();
  maker.destroy();
  if (is_replay())
  {
    std::vector<std::string> names;
    if (sequence_to_replay(subject, names))
      sequence_test(subject, all, maker).replay(names);
    return;
  }
  if (!sequence_test(subject, all, maker).run(how_long.of_all))
    return;
  action_set few;
  std::copy_if(all.begin(), all.end(), std::back_inserter(few),
               [](const action& a)
               {
                 return (a.traits & core) != 0;
               });
  sequence_test(subject, few, maker).run(how_long.of_core);
}

} // namespace toro_test
