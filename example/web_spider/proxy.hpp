// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_PROXY_HPP
#define TORO_EXAMPLE_WEB_SPIDER_PROXY_HPP

#include <boost/url/url.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spider {

namespace urls = boost::urls;

/// A server that passes requests on.
struct proxy
{
  urls::url url{};           // canonical, http
  std::string credentials{}; // "user:password", or empty
};

/// Which requests go by way of which proxy.
class proxies
{
public:
  /// Use no proxy.
  proxies() = default;

  /// Read @c http_proxy, @c https_proxy and @c no_proxy.
  /**
   * The last two may be in capitals, too; @c HTTP_PROXY may not, because a web
   * server sets it for its programs from what a client sends.
   *
   * @param get The value of a variable, or null.
   *
   * @throws std::runtime_error if a proxy is no http:// URL.
   */
  explicit proxies(const std::function<const char*(const char*)>& get);

  /// The proxy for a canonical URL; null if its server is asked directly.
  /** This machine is always asked directly. */
  const proxy* find(const urls::url& url) const;

private:
  bool is_exempt(const urls::url& url) const;

  std::optional<proxy> http_;
  std::optional<proxy> https_;
  std::vector<std::string> exempt_;
};

/// Encode text in Base64, for Basic authorization.
std::string base64(std::string_view text);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_PROXY_HPP
