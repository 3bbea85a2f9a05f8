// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_URL_FILTER_HPP
#define TORO_EXAMPLE_WEB_SPIDER_URL_FILTER_HPP

#include <boost/regex.hpp>

#include <string>
#include <vector>

namespace spider {

/// Tells which links are to be followed, by regular expressions.
/**
 * An expression is in the syntax of Perl, and has to match a part of the URL.
 */
class url_filter
{
public:
  /// Admit only what matches one of these expressions, if there are any.
  /** @throws boost::regex_error if it is none. */
  void include(const std::string& expression);

  /// Do not admit what matches this expression.
  /** @throws boost::regex_error if it is none. */
  void exclude(const std::string& expression);

  /// Whether a canonical URL is admitted.
  /** One that takes an expression too long to tell is not admitted. */
  bool admits(const std::string& url) const;

private:
  std::vector<boost::regex> included_;
  std::vector<boost::regex> excluded_;
};

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_URL_FILTER_HPP
