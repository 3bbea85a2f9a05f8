// SPDX-License-Identifier: BSL-1.0

#include "site.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_base.hpp>
#include <boost/url/url_view.hpp>

#include <charconv>

#include "url_text.hpp"

namespace spider {

namespace {

// Why not port_number(): Boost.URL 1.81 lets it wrap around.
std::optional<unsigned> checked_port(const urls::url& url)
{
  const std::string text = url.port();
  unsigned number = 80;
  const char* end = text.data() + text.size();
  if (!text.empty())
    if (std::from_chars(text.data(), end, number).ec != std::errc{})
      return std::nullopt;
  if (number < 1 || number > 65535)
    return std::nullopt;
  return number;
}

// RFC 3986 has no ".." above the root, but Boost.URL 1.81 keeps them.
std::string rooted_path(const urls::url& url)
{
  std::string path = with_octets_shown(url.encoded_path());
  while (path == "/.." || path.starts_with("/../"))
    path.erase(0, 3);
  return path.empty() ? "/" : path;
}

// The canonical form of a resolved URL, whose octets are hidden.
std::optional<urls::url> assembled(const urls::url& resolved)
{
  const std::string host = with_octets_shown(resolved.encoded_host());
  const auto port = checked_port(resolved);
  if (host.empty() || !port)
    return std::nullopt;
  std::string text = "http://" + host;
  if (*port != 80)
    text += ':' + std::to_string(*port);
  text += rooted_path(resolved);
  if (resolved.has_query())
    text += '?' + with_octets_shown(resolved.encoded_query());
  const auto parsed = urls::parse_uri(text);
  if (!parsed)
    return std::nullopt;
  return urls::url(*parsed);
}

// Resolve a link; the octets of the URL that is returned are hidden.
std::optional<urls::url> resolved(std::string_view base,
                                  std::string_view reference)
{
  const std::string hidden_base = with_octets_hidden(base);
  const std::string hidden = with_octets_hidden(cleaned_link(reference));
  const auto from = urls::parse_uri(hidden_base);
  const auto to = urls::parse_uri_reference(hidden);
  urls::url url;
  if (!from || !to || !urls::resolve(*from, *to, url))
    return std::nullopt;
  url.normalize_scheme();
  url.normalize_authority();
  return url;
}

} // namespace

std::optional<urls::url> canonical(std::string_view text)
{
  const auto url = resolved("http:", text);
  if (!url || url->scheme() != "http")
    return std::nullopt;
  return assembled(*url);
}

urls::url resolve_base(const urls::url& page, std::string_view href)
{
  const auto url = resolved(page.buffer(), href);
  if (!url || url->scheme() != "http")
    return page;
  return assembled(*url).value_or(page);
}

std::string port_of(const urls::url& url)
{
  const std::string port = url.port();
  return port.empty() ? "80" : port;
}

std::string host_and_port(const urls::url& url)
{
  return std::string(url.encoded_host()) + ':' + port_of(url);
}

site::site(const urls::url& start)
{
  hosts_.insert(host_and_port(start));
}

bool site::add_host(std::string_view host)
{
  if (host.find_first_of("/?#@") != std::string_view::npos)
    return false;
  const auto url = canonical("http://" + std::string(host));
  if (url)
    hosts_.insert(host_and_port(*url));
  return url.has_value();
}

resolved_link site::resolve(const urls::url& base,
                            std::string_view reference) const
{
  const auto absolute = resolved(base.buffer(), reference);
  if (!absolute)
    return {link_kind::malformed, {}};
  if (absolute->scheme() == "https")
    return {link_kind::off_site, {}};
  if (absolute->scheme() != "http")
    return {link_kind::not_http, {}};
  const auto url = assembled(*absolute);
  if (!url)
    return {link_kind::malformed, {}};
  if (!hosts_.contains(host_and_port(*url)))
    return {link_kind::off_site, {}};
  return {link_kind::on_site, *url};
}

} // namespace spider
