// SPDX-License-Identifier: BSL-1.0
#include "support/bounded_exhaustive.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>
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

// The sequence that is played right now.
last_words::author dying_author = nullptr;
const void* dying_subject = nullptr;

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

std::string replay_line(const std::string& sequence)
{
  const auto& suite = utf::framework::master_test_suite();
  const std::string_view program = suite.argc > 0 ? suite.argv[0] : "";
  return std::string(program.substr(program.find_last_of('/') + 1)) +
         " --run_test=" + utf::framework::current_test_case().p_name.get() +
         " -- \"--replay=" + sequence + "\"";
}

void say_last_words()
{
  if (!dying_author)
    return;
  const auto author = std::exchange(dying_author, nullptr);
  print("died in: " + replay_line(author(dying_subject)));
}

// Nothing can be made worse by what is not allowed in a signal handler.
void on_signal(int number)
{
  say_last_words();
  std::signal(number, SIG_DFL);
  std::raise(number);
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

bool is_replay()
{
  return find_option(replay_option) != nullptr;
}

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

last_words::last_words(author writes, const void* about)
{
  dying_author = writes;
  dying_subject = about;
#ifdef TORO_TEST_HAS_DEATH_CALLBACK
  __sanitizer_set_death_callback(say_last_words);
#else
  std::signal(SIGSEGV, on_signal);
#endif
  std::signal(SIGABRT, on_signal);
}

last_words::~last_words()
{
  dying_author = nullptr;
}

} // namespace toro_test
