// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_TEST_BENCHMARK_OPTIONS_HPP
#define TORO_TEST_BENCHMARK_OPTIONS_HPP

#include <optional>
#include <string>

#include "measure.hpp"

namespace bench {

struct options
{
  std::string filter;
  std::string only;
  bool base = false;
  std::string json_file;
  std::string svg_file;
  effort how;
  bool list = false;
  bool instructions = false;
};

/// What the command line asks for; nothing where it asked for help and got it.
/**
 * @throws boost::program_options::error The command line is wrong.
 */
std::optional<options> parse_options(int argc, const char* const* argv);

} // namespace bench

#endif // TORO_TEST_BENCHMARK_OPTIONS_HPP
