// SPDX-License-Identifier: BSL-1.0

#include "options.hpp"

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <boost/program_options/variables_map.hpp>

#include <iostream>

namespace bench {

namespace po = boost::program_options;

std::optional<options> parse_options(int argc, const char* const* argv)
{
  options chosen;
  po::options_description shown("Measures the library and its peers in posts");
  auto add = shown.add_options();
  add("filter", po::value(&chosen.filter)->value_name("REGEX"),
      "measure the rows whose names match (workload/variant/contender)");
  add("samples", po::value(&chosen.how.samples)->default_value(9),
      "samples of each row");
  add("operations", po::value<std::size_t>()->value_name("N"),
      "operations of a sample; else, as many as take 10 ms");
  add("instructions", po::bool_switch(&chosen.instructions),
      "count instructions as well, with Valgrind");
  add("only", po::value(&chosen.only)->value_name("NAME"),
      "run that row once, for a profiler, and measure nothing");
  add("base", po::bool_switch(&chosen.base),
      "with --only, run what the row is compared with");
  add("json", po::value(&chosen.json_file)->value_name("FILE"),
      "write the results there");
  add("svg", po::value(&chosen.svg_file)->value_name("FILE"),
      "draw the rows that tell most there");
  add("list", po::bool_switch(&chosen.list), "write the names of the rows");
  add("help,h", "write this");

  po::variables_map values;
  po::store(po::parse_command_line(argc, argv, shown), values);
  po::notify(values);
  if (values.contains("help"))
  {
    std::cout << shown << '\n';
    return std::nullopt;
  }
  if (values.contains("operations"))
    chosen.how.operations = values["operations"].as<std::size_t>();
  if (chosen.how.samples == 0)
    throw po::error("--samples must be at least 1");
  return chosen;
}

} // namespace bench
