// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_IS_ONE_OF_HPP
#define TORO_EXAMPLE_WEB_SPIDER_IS_ONE_OF_HPP

#include <boost/algorithm/string/predicate.hpp>

#include <string_view>

namespace spider {

/// Whether @p text is one of the names, in capitals or not.
bool is_one_of(std::string_view text, auto... names)
{
  return (boost::iequals(text, names) || ...);
}

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_IS_ONE_OF_HPP
