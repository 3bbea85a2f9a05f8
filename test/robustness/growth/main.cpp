// SPDX-License-Identifier: BSL-1.0
//
// Does the work of each row for n and for 8 n, and compares the instructions.
//
//   toro_test_growth [<part of a name>...]
//   toro_test_growth --work <name> <n>      what runs under Callgrind
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "row.hpp"
#include "support/callgrind.hpp"

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

double instructions(const row& what, std::size_t n)
{
  return toro_test::instructions_of("--work " + toro_test::quoted(what.name) +
                                        ' ' + std::to_string(n),
                                    "--toggle-collect=toro_growth_counted");
}

bool is_within_limit(const row& what)
{
  const double few = instructions(what, what.n);
  const double many = instructions(what, 8 * what.n);
  const bool within = many <= what.limit * few;
  std::printf("%-7s%6.2f times (limit %5.2f)%12.0f%13.0f  %s\n",
              within ? "ok" : "FAILED", many / few, what.limit, few, many,
              what.name);
  std::fflush(stdout);
  return within;
}

bool is_selected(const row& what, const std::vector<std::string>& parts)
{
  const std::string name = what.name;
  return parts.empty() || std::any_of(parts.begin(), parts.end(),
                                      [&](const std::string& part)
                                      {
                                        return name.find(part) != name.npos;
                                      });
}

int judge(const std::vector<std::string>& parts)
{
  std::size_t count = 0;
  std::size_t failures = 0;
  for (const row& what : all_rows())
  {
    if (!is_selected(what, parts))
      continue;
    ++count;
    if (!is_within_limit(what))
      ++failures;
  }
  std::printf("%zu rows, %zu failed\n", count, failures);
  return count == 0 || failures != 0;
}

int work(const std::string& name, std::size_t n)
{
  for (const row& what : all_rows())
  {
    if (what.name == name)
    {
      what.work(n);
      return 0;
    }
  }
  throw std::runtime_error("no row " + name);
}

int run(const std::vector<std::string>& arguments)
{
  if (arguments.size() == 3 && arguments[0] == "--work")
    return work(arguments[1], std::stoul(arguments[2]));
  return judge(arguments);
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
