// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_SITE_HPP
#define TORO_EXAMPLE_WEB_SPIDER_SITE_HPP

#include <boost/url/url.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace spider {

namespace urls = boost::urls;

/// The longest link, and the longest URL, that is taken for one.
/**
 * RFC 9110 asks for 8000 octets. What is longer is no link of an author, and
 * the
 * ".." of a path of megabytes would take minutes to resolve.
 */
constexpr std::size_t longest_link = 8192;

/// What a link found on a page leads to.
enum class link_kind
{
  on_site,   ///< A page or file of the site: to be visited.
  off_site,  ///< Another host, another port or another scheme.
  not_http,  ///< mailto:, javascript:, data: and the like: counted only.
  malformed, ///< No URL can be made of it: a broken link.
};

/// A link, resolved against its page.
struct resolved_link
{
  link_kind kind = link_kind::malformed;
  urls::url url{};        // canonical, if it is on the site or off it
  std::string fragment{}; // as it is written; see fragment_of()
  bool has_user = false;  // the link names a user, which the URL does not
  std::string problem{};  // what is wrong with a malformed link
};

/// The hosts that are crawled.
class site
{
public:
  /// Make a site of the origin of a canonical URL.
  explicit site(const urls::url& start);

  /// Count @p host ("name" or "name:port") as part of the site, too.
  /** The scheme is that of the start. @returns Whether it is a host. */
  bool add_host(std::string_view host);

  /// Whether a canonical URL belongs to the site.
  bool contains(const urls::url& url) const;

  /// Resolve @p reference, as it stands in the HTML, against @p base.
  resolved_link resolve(const urls::url& base,
                        std::string_view reference) const;

private:
  std::string scheme_;
  std::set<std::string, std::less<>> origins_;
};

/// Bring an absolute http or https URL into the one form under which it is
/// known.
/**
 * Normalized by RFC 3986, and without fragment, user and default port, so that
 * equal pages have equal texts. Returns nothing for any other URL.
 */
std::optional<urls::url> canonical(std::string_view text);

/// The user name and password that an absolute URL names, decoded.
/** @returns "user:password", or an empty string if it names no user. */
std::string credentials_of(std::string_view url);

/// The text of a link for people, without what may be a user and a password.
/**
 * A user and a password stand in front of the host. If a malformed link does
 * not tell where the host begins, all up to the last "@" is left out.
 * Relative links are kept as they are.
 */
std::string without_user(std::string_view written);

/// Tell in one line why a crawl cannot start at @p text.
/**
 * The line has what the user can do instead, and never a password.
 *
 * @returns An empty string if canonical() accepts @p text, and https is either
 * not needed or there.
 */
std::string why_no_start(std::string_view text);

/// Tell what is wrong with the port of an absolute URL.
/** @returns An empty string if its port is right, or if it has none. */
std::string port_problem(std::string_view url);

/// Resolve a <base href> against the URL of its page.
/** @returns @p page itself if no URL can be made of @p href. */
urls::url resolve_base(const urls::url& page, std::string_view href);

/// The port of a canonical URL, that of its scheme if it names none.
std::string port_of(const urls::url& url);

/// The origin of a canonical URL, as "scheme://name:port".
std::string origin_of(const urls::url& url);

/// Whether the scheme of a canonical URL is https.
bool is_https(const urls::url& url);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_SITE_HPP
