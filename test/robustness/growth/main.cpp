// SPDX-License-Identifier: BSL-1.0
//
// Does the work of each row for n and for 8 n, and compares the instructions.
//
//   toro_test_growth [<part of a name>...]
//   toro_test_growth --work [<part of a name>...]   what runs under Callgrind
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "row.hpp"
#include "support/callgrind.hpp"

#include <sys/wait.h>
#include <unistd.h>

namespace growth {

extern "C" void toro_growth_counted(void (*function)(void*), void* argument)
{
  function(argument);
}

std::vector<row>& all_rows()
{
  static std::vector<row> list;
  return list;
}

namespace {

bool is_selected(const row& what, const std::vector<std::string>& parts)
{
  const std::string name = what.name;
  return parts.empty() || std::any_of(parts.begin(), parts.end(),
                                      [&](const std::string& part)
                                      {
                                        return name.find(part) != name.npos;
                                      });
}

std::vector<row> selected_rows(const std::vector<std::string>& parts)
{
  std::vector<row> list = all_rows();
  std::erase_if(list,
                [&](const row& what)
                {
                  return !is_selected(what, parts);
                });
  if (list.empty())
    throw std::runtime_error("no such row");
  return list;
}

bool is_within_limit(const row& what, double few, double many)
{
  const bool within = few != 0 && many <= what.limit * few;
  std::printf("%-7s%6.2f times (limit %5.2f)%12.0f%13.0f  %s\n",
              within ? "ok" : "FAILED", many / few, what.limit, few, many,
              what.name);
  return within;
}

int judge(const std::vector<std::string>& parts)
{
  const std::vector<row> list = selected_rows(parts);
  std::string arguments = "--work";
  for (const std::string& part : parts)
    arguments += ' ' + toro_test::quoted(part);
  const std::vector<double> counts =
      toro_test::counts_of(arguments, "--toggle-collect=toro_growth_counted");
  if (counts.size() != 2 * list.size() + 1)
    throw std::runtime_error(std::string("failed: ") +
                             list[(counts.size() - 1) / 2].name);

  std::size_t failures = 0;
  for (std::size_t i = 0; i != list.size(); ++i)
    failures += !is_within_limit(list[i], counts[2 * i], counts[2 * i + 1]);
  std::printf("%zu rows, %zu failed\n", list.size(), failures);
  return failures != 0;
}

// Works in a process of its own: nothing is left of what was done before, and
// Callgrind, which takes half a second to start, starts once for all.
void work_apart(const row& what, std::size_t n)
{
  const pid_t child = ::fork();
  if (child == 0)
  {
    what.work(n);
    ::_exit(EXIT_SUCCESS);
  }
  int status = 0;
  if (child == -1 || ::waitpid(child, &status, 0) != child || status != 0)
    throw std::runtime_error(std::string("failed: ") + what.name);
}

int work(const std::vector<std::string>& parts)
{
  for (const row& what : selected_rows(parts))
  {
    work_apart(what, what.n);
    work_apart(what, 8 * what.n);
  }
  return EXIT_SUCCESS;
}

int run(std::vector<std::string> arguments)
{
  if (arguments.empty() || arguments.front() != "--work")
    return judge(arguments);
  arguments.erase(arguments.begin());
  return work(arguments);
}

} // namespace

} // namespace growth

int main(int argc, char** argv)
{
  try
  {
    return growth::run({argv + 1, argv + argc});
  }
  catch (const std::exception& error)
  {
    std::fprintf(stderr, "toro_test_growth: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
