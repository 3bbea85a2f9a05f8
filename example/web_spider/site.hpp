// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_SITE_HPP
#define TORO_EXAMPLE_WEB_SPIDER_SITE_HPP

#include <boost/url/url.hpp>

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace spider {

namespace urls = boost::urls;

/// What a link found on a page leads to.
enum class link_kind
{
  on_site,   ///< A page or file of the site: to be visited.
  off_site,  ///< Another host, another port, or https: counted only.
  not_http,  ///< mailto:, javascript:, data: and the like: counted only.
  malformed, ///< No URL can be made of it: a broken link.
};

/// A link, resolved against its page.
struct resolved_link
{
  link_kind kind = link_kind::malformed;
  urls::url url{};       // if it is on the site
  bool has_user = false; // the link names a user, which the URL does not
  std::string problem{}; // what is wrong with a malformed link
};

/// The hosts that are crawled.
class site
{
public:
  /// Make a site of the host and port of a canonical URL.
  explicit site(const urls::url& start);

  /// Count @p host ("name" or "name:port") as part of the site, too.
  /** @returns Whether it is a host. */
  bool add_host(std::string_view host);

  /// The hosts, as "name:port".
  const std::set<std::string, std::less<>>& hosts() const noexcept
  {
    return hosts_;
  }

  /// Resolve @p reference, as it stands in the HTML, against @p base.
  resolved_link resolve(const urls::url& base,
                        std::string_view reference) const;

private:
  std::set<std::string, std::less<>> hosts_;
};

/// Bring an absolute http URL into the one form under which it is known.
/**
 * Normalized by RFC 3986, and without fragment, user and default port, so that
 * equal pages have equal texts. Returns nothing for any other URL.
 */
std::optional<urls::url> canonical(std::string_view text);

/// Tell in one line why a crawl cannot start at @p text.
/**
 * The line has what the user can do instead, and never a password.
 *
 * @returns An empty string if canonical() accepts @p text and it names no user.
 */
std::string why_no_start(std::string_view text);

/// Tell what is wrong with the port of an absolute URL.
/** @returns An empty string if its port is right, or if it has none. */
std::string port_problem(std::string_view url);

/// Resolve a <base href> against the URL of its page.
/** @returns @p page itself if no URL can be made of @p href. */
urls::url resolve_base(const urls::url& page, std::string_view href);

/// The port of a canonical URL, 80 where it names none.
std::string port_of(const urls::url& url);

/// The host and port of a canonical URL, as "name:port".
std::string host_and_port(const urls::url& url);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_SITE_HPP
