// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_OPTION_LIST_HPP
#define TORO_EXAMPLE_WEB_SPIDER_OPTION_LIST_HPP

#include <boost/program_options/options_description.hpp>

#include <iosfwd>
#include <vector>

namespace spider {

/// The options by their subjects, as --help shows them.
/** All of them may stand in a file of --config, but for those of the last. */
std::vector<boost::program_options::options_description> option_groups();

/// Write what --help shows.
void write_help(std::ostream& out);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_OPTION_LIST_HPP
