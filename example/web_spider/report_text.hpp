// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_REPORT_TEXT_HPP
#define TORO_EXAMPLE_WEB_SPIDER_REPORT_TEXT_HPP

#include <string>
#include <string_view>

namespace spider {

/// Replace control characters by "?", and what is not UTF-8 by U+FFFD.
/**
 * A URL in a report must not be able to talk to the terminal. What XML does not
 * allow is among them.
 */
std::string printable(std::string_view text);

/// Replace what is not UTF-8 by U+FFFD.
std::string as_utf8(std::string_view text);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_REPORT_TEXT_HPP
