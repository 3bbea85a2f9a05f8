// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_CHARSET_HPP
#define TORO_EXAMPLE_WEB_SPIDER_CHARSET_HPP

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace spider {

/// How the characters of a document are encoded.
enum class charset
{
  utf_8,
  windows_1252, ///< ISO-8859-1 and ASCII, too, as browsers have it.
  utf_16_le,
  utf_16_be,
  other, ///< It is not known; the octets are kept as they are.
};

/// The charset that a label names, such as "ISO-8859-1".
charset charset_named(std::string_view label);

/// The charset that a label names which stands in the text itself.
/** One that can be read so is not UTF-16, whatever it says. */
charset charset_named_within(std::string_view label);

/// The charset that a media type names, such as "text/html; charset=utf-8".
std::optional<charset> charset_of_type(std::string_view content_type);

/// The charset that the byte order mark at the beginning of a text tells.
std::optional<charset> charset_of_mark(std::string_view text);

/// The charset that an XML declaration, or the @c \@charset of CSS, names.
std::optional<charset> charset_declared_in(std::string_view text);

/// Find "charset=..." in the @c content of a @c meta element.
/** @returns The label; empty if there is none. */
std::string_view charset_label_in(std::string_view content);

/// The character that an octet from 128 on stands for in Windows-1252.
char32_t windows_1252_character(unsigned char octet);

/// Append a character to a text in UTF-8.
void append_utf_8(std::string& out, char32_t c);

/// The length of the UTF-8 sequence at the beginning of a text.
/** @returns 0 if there is none. */
std::size_t utf_8_length(std::string_view text);

/// Convert a text to UTF-8.
std::string to_utf_8(std::string text, charset from);

/// Encode the query of a link as browsers send it from a page of @p page.
/**
 * A path is sent in UTF-8, and a query in the encoding of its page.
 *
 * @param link In UTF-8.
 */
std::string with_query_in(charset page, std::string link);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_CHARSET_HPP
