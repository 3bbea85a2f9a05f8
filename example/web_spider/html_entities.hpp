// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_HTML_ENTITIES_HPP
#define TORO_EXAMPLE_WEB_SPIDER_HTML_ENTITIES_HPP

#include <string>
#include <string_view>

namespace spider {

/// Replace the character references in the value of an HTML attribute.
/**
 * Knows all numbers, the names of ASCII and Latin-1 characters, and common
 * typographic ones. A reference with another name stays as it is written. As
 * in a browser, the "&copy" of "?a=1&copy=2" is no reference.
 *
 * @par Complexity
 * Linear in the length of the value.
 */
std::string with_entities_decoded(std::string_view value);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_HTML_ENTITIES_HPP
