// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_GZIP_HPP
#define TORO_EXAMPLE_WEB_SPIDER_GZIP_HPP

#include <cstddef>
#include <string>
#include <string_view>

namespace spider {

/// What came out of gzip data.
struct unpacked_text
{
  std::string text{};
  bool is_larger = false;  // than the limit, up to which the text goes
  bool is_damaged = false; // the text goes up to the damage
};

/// Whether data begins as gzip data does.
bool is_gzip(std::string_view data);

/// Unpack gzip data (RFC 1952).
/**
 * @param limit The most bytes that are unpacked. A few bytes of gzip data can
 * stand for a thousand times as many.
 */
unpacked_text unpack_gzip(std::string_view data, std::size_t limit);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_GZIP_HPP
