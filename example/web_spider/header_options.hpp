// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_HEADER_OPTIONS_HPP
#define TORO_EXAMPLE_WEB_SPIDER_HEADER_OPTIONS_HPP

#include <string>

#include "http_client.hpp"
#include "option_values.hpp"

namespace spider {

/// The headers that --header and --cookie ask for.
/** @throws bad_arguments if one of them could not be sent. */
header_list headers_of(const option_values& values);

/// The value of --user-agent.
/** @throws bad_arguments if it could not be sent. */
std::string user_agent_of(const option_values& values);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_HEADER_OPTIONS_HPP
