// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_SUPPORT_CALLGRIND_HPP
#define TORO_TEST_SUPPORT_CALLGRIND_HPP

#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <stdio.h>

namespace toro_test {

// An argument of the shell. No name has a quote in it.
inline std::string quoted(const std::string& text)
{
  return '\'' + text + '\'';
}

inline std::string output_of(const std::string& command)
{
  struct closer
  {
    void operator()(FILE* pipe) const noexcept
    {
      ::pclose(pipe);
    }
  };

  const std::unique_ptr<FILE, closer> pipe(::popen(command.c_str(), "r"));
  if (!pipe)
    throw std::runtime_error("cannot run " + command);
  std::string text;
  std::array<char, 4096> part;
  while (const std::size_t n =
             std::fread(part.data(), 1, part.size(), pipe.get()))
    text.append(part.data(), n);
  return text;
}

// Runs this program under Callgrind with other arguments, and returns how many
// instructions were counted: first in each process that the program has forked,
// in the order in which they ended, and at last in the program itself.
inline std::vector<double> counts_of(const std::string& arguments,
                                     const std::string& valgrind_options = "")
{
  static const std::string program =
      std::filesystem::read_symlink("/proc/self/exe").string();
  const std::string text = output_of(
      "valgrind --tool=callgrind --callgrind-out-file=/dev/null " +
      valgrind_options + ' ' + quoted(program) + ' ' + arguments + " 2>&1");

  const std::string label = "Collected :";
  std::vector<double> counts;
  for (auto at = text.find(label); at != std::string::npos;
       at = text.find(label, at + 1))
    counts.push_back(std::stod(text.substr(at + label.size())));
  if (counts.empty())
    throw std::runtime_error("no instruction count in: " + text);
  return counts;
}

// The same for a program that forks no process.
inline double instructions_of(const std::string& arguments)
{
  return counts_of(arguments).back();
}

} // namespace toro_test

#endif // TORO_TEST_SUPPORT_CALLGRIND_HPP
