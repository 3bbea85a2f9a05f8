// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_OPTION_VALUES_HPP
#define TORO_EXAMPLE_WEB_SPIDER_OPTION_VALUES_HPP

#include <boost/program_options/variables_map.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace spider {

/// The values of options by their names, as the user wrote them.
using option_values = boost::program_options::variables_map;

/// Read the command line, and the file that it names by --config.
/**
 * The command line counts more than the file.
 * @throws bad_arguments, boost::program_options::error
 */
option_values values_of(int argc, const char* const* argv);

using string_list = std::vector<std::string>;

/// The text of an option, empty if it was not given.
std::string text_of(const option_values& values, const std::string& name);

/// The texts of an option that may be repeated.
string_list texts_of(const option_values& values, const std::string& name);

/// Whether an option without a value was given.
bool flag_of(const option_values& values, const std::string& name);

/// The number of an option.
/** @throws bad_arguments if it is out of its bounds. */
std::size_t count_of(const option_values& values, const std::string& name,
                     std::int64_t least, std::int64_t most);

/// The time of an option in seconds.
/** @throws bad_arguments if it is less than @p least, or more than 10^6. */
std::chrono::milliseconds time_of(const option_values& values,
                                  const std::string& name,
                                  const char* least = "0.001");

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_OPTION_VALUES_HPP
