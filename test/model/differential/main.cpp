// SPDX-License-Identifier: BSL-1.0
//
// Reads programs with the histories that they have on Toro, plays each on the
// library under both threading policies, and compares. A line has a name, the
// program and its history, with tabs between.

#include <algorithm>
#include <cstddef>
#include <exception>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "model/differential/player.hpp"
#include "model/differential/program.hpp"

namespace {

using namespace toro_test;

struct trial
{
  std::string name;
  std::string program;
  std::string expected;
};

trial parse_trial(const std::string& line)
{
  std::istringstream in(line);
  trial result;
  std::getline(in, result.name, '\t');
  std::getline(in, result.program, '\t');
  if (!std::getline(in, result.expected, '\t'))
    throw std::invalid_argument("no trial: " + line);
  return result;
}

// The words of a history around this place, which is where it goes wrong.
std::string_view excerpt(std::string_view history, std::size_t place)
{
  const std::size_t begin = history.substr(0, place).find_last_of(' ') + 1;
  return history.substr(begin, 60);
}

void report(const trial& t, const char* policy, const std::string& actual)
{
  const auto difference = std::ranges::mismatch(t.expected, actual);
  const auto place = static_cast<std::size_t>(difference.in2 - actual.begin());
  std::cout << "difference in " << t.name << " with " << policy
            << "\n  program: " << t.program << "\n  Toro:    " << t.expected
            << "\n  library: " << actual << "\n  which is "
            << excerpt(actual, place) << "\n  and not  "
            << excerpt(t.expected, place) << "\n";
}

bool agrees(const trial& t, const program& played, threading policy,
            const char* policy_name)
{
  const std::string actual = player(played, policy).play();
  if (actual == t.expected)
    return true;
  report(t, policy_name, actual);
  return false;
}

} // namespace

int main()
try
{
  std::size_t compared = 0;
  std::size_t differing = 0;
  for (std::string line; std::getline(std::cin, line); ++compared)
  {
    const trial t = parse_trial(line);
    const program played = parse_program(t.program);
    const bool agreed =
        agrees(t, played, threading::thread_safe, "thread_safe") &&
        agrees(t, played, threading::strand_bound, "strand_bound");
    differing += !agreed;
  }
  std::cout << compared << " programs compared, " << differing << " differ\n";
  return compared == 0 || differing != 0;
}
catch (const std::exception& e)
{
  std::cout << "cannot compare: " << e.what() << "\n";
  return 2;
}
