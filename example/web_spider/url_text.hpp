// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_URL_TEXT_HPP
#define TORO_EXAMPLE_WEB_SPIDER_URL_TEXT_HPP

#include <string>
#include <string_view>

namespace spider {

/// Make a link, as authors write it, fit for a parser of RFC 3986.
/**
 * Does what browsers do: trims white space and control characters, drops the
 * fragment, makes slashes of the backslashes in front of the query, encodes
 * spaces, umlauts and stray percent signs. Encoded octets are normalized.
 */
std::string cleaned_link(std::string_view written);

/// The fragment of a link, as it is written there, without "#".
/**
 * Without what browsers remove from a URL, and without directives such as
 * "#:~:text=", which name no place of a page. Empty if there is none.
 */
std::string fragment_of(std::string_view written);

/// The beginning of a text that is too long to be shown, or else all of it.
std::string shortened(std::string text);

/// Replace "%XX" by the octet that it stands for.
std::string percent_decoded(std::string_view text);

/// Hide the encoded octets of a URL from Boost.URL.
/**
 * Boost.URL 1.81 decodes reserved octets as well when it resolves a URL: of
 * "a%2Fb" it makes "a/b", which is another page. As "a%252Fb" they survive.
 */
std::string with_octets_hidden(std::string_view url);

/// The inverse of with_octets_hidden().
std::string with_octets_shown(std::string_view url);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_URL_TEXT_HPP
