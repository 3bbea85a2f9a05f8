// SPDX-License-Identifier: BSL-1.0

#include "callgrind.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "measure.hpp"

#include <stdio.h>

namespace bench {

namespace {

constexpr std::size_t operations_wanted = 500;

struct pipe_end
{
  void operator()(FILE* pipe) const noexcept
  {
    ::pclose(pipe);
  }
};

std::string output_of(const std::string& command)
{
  const std::unique_ptr<FILE, pipe_end> pipe(::popen(command.c_str(), "r"));
  if (!pipe)
    throw std::runtime_error("cannot run " + command);
  std::string text;
  std::array<char, 4096> part;
  while (const std::size_t n =
             std::fread(part.data(), 1, part.size(), pipe.get()))
    text.append(part.data(), n);
  return text;
}

// No name of a row has a quote in it.
std::string quoted(const std::string& text)
{
  return '\'' + text + '\'';
}

double collected(const std::string& selection, std::size_t operations)
{
  static const std::string program =
      std::filesystem::read_symlink("/proc/self/exe").string();
  const std::string text =
      output_of("valgrind --tool=callgrind --callgrind-out-file=/dev/null " +
                quoted(program) + selection + " --operations " +
                std::to_string(operations) + " 2>&1");

  const std::string label = "Collected :";
  const auto at = text.find(label);
  if (at == std::string::npos)
    throw std::runtime_error("no instruction count in: " + text);
  return std::stod(text.substr(at + label.size()));
}

double per_operation(const std::string& selection, std::size_t once)
{
  return (collected(selection, 2 * once) - collected(selection, once)) /
         static_cast<double>(once);
}

} // namespace

double instructions_per_operation(const row& what)
{
  const std::size_t once = whole_batches(what, operations_wanted);
  const std::string selection = " --only " + quoted(what.name());
  const double own = per_operation(selection, once);
  if (what.what.told_in != unit::posts_beyond)
    return own;
  return own - per_operation(selection + " --base", once);
}

} // namespace bench
