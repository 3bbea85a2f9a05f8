// SPDX-License-Identifier: BSL-1.0

#include "option_values.hpp"

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/positional_options.hpp>
#include <boost/program_options/value_semantic.hpp>

#include <fstream>

#include "option_list.hpp"
#include "options.hpp"

namespace spider {

namespace {

namespace po = boost::program_options;

void read_config(const std::string& name, const po::options_description& known,
                 option_values& values)
try
{
  std::ifstream file(name);
  if (!file || file.peek() == std::ifstream::traits_type::eof())
    throw bad_arguments("cannot read " + name);
  po::store(po::parse_config_file(file, known), values);
}
catch (const po::error& error)
{
  throw bad_arguments(name + ": " + error.what());
}

} // namespace

option_values values_of(int argc, const char* const* argv)
{
  auto groups = option_groups();
  po::options_description in_file;
  po::options_description all;
  all.add(groups.back());
  groups.pop_back();
  for (const auto& group : groups)
    in_file.add(group);
  in_file.add_options()("url", po::value<string_list>());
  all.add(in_file);
  po::positional_options_description positional;
  positional.add("url", -1);
  option_values values;
  po::store(po::command_line_parser(argc, argv)
                .options(all)
                .positional(positional)
                .run(),
            values);
  if (values.contains("config"))
    read_config(values["config"].as<std::string>(), in_file, values);
  po::notify(values);
  return values;
}

std::string text_of(const option_values& values, const std::string& name)
{
  return values.contains(name) ? values[name].as<std::string>() : "";
}

string_list texts_of(const option_values& values, const std::string& name)
{
  return values.contains(name) ? values[name].as<string_list>() : string_list();
}

bool flag_of(const option_values& values, const std::string& name)
{
  return values[name].as<bool>();
}

std::size_t count_of(const option_values& values, const std::string& name,
                     std::int64_t least, std::int64_t most)
{
  const auto value = values[name].as<std::int64_t>();
  if (value < least || value > most)
    throw bad_arguments("--" + name + " must be between " +
                        std::to_string(least) + " and " + std::to_string(most));
  return static_cast<std::size_t>(value);
}

std::chrono::milliseconds time_of(const option_values& values,
                                  const std::string& name, const char* least)
{
  const double seconds = values[name].as<double>();
  if (!(seconds >= std::stod(least) && seconds <= 1e6)) // false for NaN, too
    throw bad_arguments("--" + name + " must be between " + least +
                        " and 1000000");
  return std::chrono::milliseconds(
      static_cast<std::chrono::milliseconds::rep>(seconds * 1000));
}

} // namespace spider
