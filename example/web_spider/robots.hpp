// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_ROBOTS_HPP
#define TORO_EXAMPLE_WEB_SPIDER_ROBOTS_HPP

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace spider {

/// The name by which a robots.txt addresses this spider.
constexpr std::string_view robots_name = "toro-web-spider";

/// How much of a robots.txt is read; RFC 9309 asks for 500 KiB at least.
constexpr std::size_t max_robots_bytes = 512 * 1024;

/// What the robots.txt of a host allows.
/**
 * The rules of RFC 9309: those of the groups for this spider count, or else
 * those for "*"; the longest rule that matches decides.
 *
 * @par Complexity
 * Its memory and the time of allows() are bounded, whatever the file holds: the
 * first 2000 rules count, of which 100 with a "*" in the path, and no rule that
 * is longer than 512 characters, or 128 with a "*".
 */
class robots_rules
{
public:
  /// Allow everything.
  robots_rules() = default;

  /// Read a robots.txt.
  explicit robots_rules(std::string_view text);

  /// Allow nothing.
  static robots_rules deny_all();

  /// The pause between two requests that the file asks for; zero: none.
  /** By Crawl-delay, which is no part of RFC 9309. At most a year. */
  std::chrono::milliseconds crawl_delay() const noexcept
  {
    return crawl_delay_;
  }

  /// Whether the path and query of a canonical URL may be fetched.
  bool allows(std::string_view target) const;

private:
  struct rule
  {
    std::string path;
    bool allows;
  };

  void use(std::string_view name, std::string_view value);
  void add(std::string_view path, bool allows);

  std::vector<rule> rules_;
  std::size_t patterns_ = 0; // the rules with a "*"
  std::chrono::milliseconds crawl_delay_{0};
};

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_ROBOTS_HPP
