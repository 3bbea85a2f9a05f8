// SPDX-License-Identifier: BSL-1.0

#include "url_filter.hpp"

#include <algorithm>
#include <stdexcept>

namespace spider {

void url_filter::include(const std::string& expression)
{
  included_.emplace_back(expression);
}

void url_filter::exclude(const std::string& expression)
{
  excluded_.emplace_back(expression);
}

// Why not std::regex: it recurses once for each character of a URL, and takes
// any time. This one gives up, after BOOST_REGEX_MAX_STATE_COUNT steps.
bool url_filter::admits(const std::string& url) const
try
{
  const auto matches = [&url](const boost::regex& expression)
  {
    return boost::regex_search(url, expression);
  };
  return (included_.empty() || std::ranges::any_of(included_, matches)) &&
         std::ranges::none_of(excluded_, matches);
}
catch (const std::runtime_error&)
{
  return false;
}

} // namespace spider
