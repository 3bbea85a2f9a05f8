// SPDX-License-Identifier: BSL-1.0

#include "site.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_base.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "connection.hpp"
#include "url_text.hpp"

namespace spider {

namespace {

constexpr auto npos = std::string_view::npos;

// Why not port_number(): Boost.URL 1.81 lets it wrap around.
std::optional<unsigned> checked_port(std::string_view text,
                                     unsigned standard = 80)
{
  std::uint64_t number = standard;
  const char* end = text.data() + text.size();
  if (!text.empty())
    if (const auto [last, error] = std::from_chars(text.data(), end, number);
        last != end || error != std::errc{})
      return std::nullopt;
  if (number < 1 || number > 65535)
    return std::nullopt;
  return static_cast<unsigned>(number);
}

// The parts of the text of an absolute URL, which need not be right.
struct url_parts
{
  std::string_view scheme; // empty: there is no "scheme://"
  std::string_view host;
  std::string_view port; // without ":"
  std::string_view user; // what stands before the "@"
  bool has_user = false;
};

url_parts parts_of(std::string_view text)
{
  url_parts parts;
  const auto slashes = text.find_first_of("/?#");
  if (slashes == npos || !text.substr(slashes).starts_with("//") ||
      (slashes != 0 && text[slashes - 1] != ':'))
    return parts;
  if (slashes != 0)
    parts.scheme = text.substr(0, slashes - 1);
  std::string_view authority = text.substr(slashes + 2);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  parts.has_user = authority.find('@') != npos;
  if (parts.has_user)
    parts.user = authority.substr(0, authority.rfind('@'));
  authority.remove_prefix(authority.rfind('@') + 1); // npos + 1 is 0
  parts.host = authority;
  const auto bracket = authority.rfind(']');
  const auto colon = authority.rfind(':');
  if (colon != npos && (bracket == npos || bracket < colon))
  {
    parts.host = authority.substr(0, colon);
    parts.port = authority.substr(colon + 1);
  }
  return parts;
}

bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

bool is_letter(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// What browsers remove from a URL.
bool is_removed(char c)
{
  return c == '\t' || c == '\n' || c == '\r';
}

// The scheme of a link, empty if it has none.
std::string_view scheme_of(std::string_view link)
{
  const auto scheme = link.substr(0, link.find(':'));
  if (scheme.size() == link.size() || scheme.empty() || !is_letter(scheme[0]))
    return {};
  for (const char c : scheme)
    if (!is_letter(c) && !is_digit(c) && c != '+' && c != '-' && c != '.')
      return {};
  return scheme;
}

// Whether a link is for another protocol than HTTP.
bool has_other_scheme(std::string_view link)
{
  const auto scheme = scheme_of(link);
  return !scheme.empty() && !boost::iequals(scheme, "http") &&
         !boost::iequals(scheme, "https");
}

// A relative link whose first segment has a colon, such as "9:30.html", as
// RFC 3986 wants it. Browsers understand both.
std::string with_dot_segment(std::string_view link)
{
  const auto first = link.substr(0, link.find_first_of("/?#"));
  const bool is_ambiguous = first.find(':') != npos && scheme_of(link).empty();
  return (is_ambiguous ? "./" : "") + std::string(link);
}

// The text of an URL for a message. Safety: a password must not be repeated.
std::string quoted(std::string_view text)
{
  const auto at = text.rfind('@');
  if (at == npos)
    return '\'' + std::string(text) + '\'';
  return "'..." + std::string(text.substr(at)) + '\'';
}

resolved_link of_kind(link_kind kind)
{
  resolved_link link;
  link.kind = kind;
  return link;
}

resolved_link malformed(std::string problem)
{
  resolved_link link = of_kind(link_kind::malformed);
  link.problem = std::move(problem);
  return link;
}

// RFC 3986 has no ".." above the root, but Boost.URL 1.81 keeps them.
std::string rooted_path(const urls::url& url)
{
  std::string path = with_octets_shown(url.encoded_path());
  while (path == "/.." || path.starts_with("/../"))
    path.erase(0, 3);
  return path.empty() ? "/" : path;
}

bool is_http(std::string_view scheme)
{
  return scheme == "http" || scheme == "https";
}

unsigned standard_port(std::string_view scheme)
{
  return scheme == "https" ? 443 : 80;
}

// What a resolver of names would take for something else.
bool is_host(std::string_view host)
{
  if (host.starts_with('['))
    return true;
  const auto is_allowed = [](char c)
  {
    const auto octet = static_cast<unsigned char>(c);
    return octet > ' ' && octet != 0x7F &&
           std::string_view("#%/:<>?@[\\]^|").find(c) == npos;
  };
  return !host.empty() &&
         std::ranges::all_of(percent_decoded(host), is_allowed);
}

bool is_too_long(const urls::url& url)
{
  return url.buffer().size() > longest_link;
}

// The canonical form of a resolved URL, whose octets are hidden.
std::optional<urls::url> assembled(const urls::url& resolved)
{
  const std::string host = with_octets_shown(resolved.encoded_host());
  const std::string scheme = resolved.scheme();
  const unsigned standard = standard_port(scheme);
  const auto port = checked_port(std::string(resolved.port()), standard);
  if (!is_host(host) || !port)
    return std::nullopt;
  std::string text = scheme + "://" + host;
  if (*port != standard)
    text += ':' + std::to_string(*port);
  text += rooted_path(resolved);
  if (resolved.has_query())
    text += '?' + with_octets_shown(resolved.encoded_query());
  const auto parsed = urls::parse_uri(text);
  if (!parsed)
    return std::nullopt;
  return urls::url(*parsed);
}

// Boost.URL 1.81 takes what stands behind an address for the beginning of the
// path: that of "http://127.0.0.1.example/" is ".example/".
bool has_cut_host(const urls::url_view& url)
{
  const std::string_view path = url.encoded_path();
  return url.has_authority() && !path.empty() && path[0] != '/';
}

// Tell what is wrong with the authority of a cleaned link. Returns an empty
// string if it is right.
std::string authority_problem(const std::string& link)
{
  if (auto problem = port_problem(link); !problem.empty())
    return problem;
  const std::string hidden = with_octets_hidden(link.substr(0, link.find('#')));
  const auto parsed = urls::parse_uri_reference(hidden);
  if (parsed && has_cut_host(*parsed))
    return "a host that begins with an address is not understood";
  return {};
}

// Resolve a cleaned link; the octets of the URL that is returned are hidden.
std::optional<urls::url> resolved(std::string_view base,
                                  std::string_view reference)
{
  // Boost.URL 1.81 takes a port that is not a number for the beginning of the
  // path.
  if (!port_problem(reference).empty())
    return std::nullopt;
  const std::string hidden_base = with_octets_hidden(base);
  const std::string hidden = with_octets_hidden(with_dot_segment(reference));
  const auto from = urls::parse_uri(hidden_base);
  const auto to = urls::parse_uri_reference(hidden);
  urls::url url;
  if (!from || !to || has_cut_host(*to) || !urls::resolve(*from, *to, url))
    return std::nullopt;
  url.normalize_scheme();
  url.normalize_authority();
  return url;
}

} // namespace

std::optional<urls::url> canonical(std::string_view text)
{
  const auto url = resolved("http:", cleaned_link(text));
  if (!url || !is_http(url->scheme()))
    return std::nullopt;
  auto found = assembled(*url);
  if (found && is_too_long(*found))
    return std::nullopt;
  return found;
}

std::string port_problem(std::string_view url)
{
  const url_parts parts = parts_of(url);
  const std::string port(parts.port);
  if (checked_port(port))
    return {};
  // Of "http://user:pass/word@host". Safety: a password must not be repeated.
  if (!parts.has_user && url.find('@') != npos)
    return "the port is not a number from 1 to 65535 (within a password, "
           "\"/\", \"?\" and \"#\" are written %2F, %3F and %23)";
  if (std::ranges::all_of(port, is_digit))
    return "port " + port + " is not between 1 and 65535";
  return "port '" + port + "' is not a number";
}

std::string credentials_of(std::string_view url)
{
  const auto user = parts_of(url).user;
  const auto colon = std::min(user.find(':'), user.size());
  if (user.empty())
    return {};
  const auto password = user.substr(std::min(colon + 1, user.size()));
  return percent_decoded(user.substr(0, colon)) + ':' +
         percent_decoded(password);
}

std::string without_user(std::string_view written)
{
  std::string link(written.substr(
      std::min(written.find_first_not_of(" \t\n\f\r"), written.size())));
  std::erase_if(link, is_removed);
  const std::string_view scheme = scheme_of(link);
  const auto slashes = scheme.empty() ? 0 : scheme.size() + 1;
  const auto begin =
      std::min(link.find_first_not_of("/\\", slashes), link.size());
  const bool is_http_link =
      boost::iequals(scheme, "http") || boost::iequals(scheme, "https");
  if (begin < slashes + 2 && !is_http_link)
    return link;
  const bool has_authority = begin == slashes + 2 && link[slashes] == '/' &&
                             port_problem(link).empty();
  const auto end = has_authority ? link.find_first_of("/?#", begin) : npos;
  const auto at = std::string_view(link).substr(0, end).rfind('@');
  if (at == npos || at < begin)
    return link;
  return link.replace(begin, at - begin, "...");
}

std::string why_no_start(std::string_view text)
{
  constexpr const char* form = "write http://HOST[:PORT]/PATH";
  const url_parts parts = parts_of(text);
  const std::string shown = quoted(text);
  const bool is_tls = boost::iequals(parts.scheme, "https");
  if (is_tls && !has_tls())
    return shown + " is an https:// URL, and this web_spider has no TLS: it "
                   "was built without OpenSSL; give an http:// URL of the site";
  if (!is_tls && !boost::iequals(parts.scheme, "http"))
    return shown + " is not an http:// URL; " + form;
  if (text.size() > longest_link)
    return "the URL is longer than " + std::to_string(longest_link) +
           " characters";
  if (credentials_of(text).find_first_of(std::string_view("\r\n\0", 3)) != npos)
    return shown + " has a control character in its user name or password";
  if (parts.host.empty())
    return shown + " names no host; " + form;
  if (parts.host.front() != '[' && parts.host.find(':') != npos)
    return shown + " is not a URL; an IPv6 address needs brackets, as in "
                   "http://[::1]:8000/";
  if (const auto problem = authority_problem(cleaned_link(text));
      !problem.empty())
    return problem + " in " + shown;
  if (!canonical(text))
    return shown + " is not a URL; " + form;
  return {};
}

urls::url resolve_base(const urls::url& page, std::string_view href)
{
  const std::string link = cleaned_link(href);
  if (link.size() > longest_link)
    return page;
  const auto url = resolved(page.buffer(), link);
  if (!url || !is_http(url->scheme()))
    return page;
  const auto found = assembled(*url);
  return found && !is_too_long(*found) ? *found : page;
}

std::string port_of(const urls::url& url)
{
  const std::string port = url.port();
  return port.empty() ? std::to_string(standard_port(url.scheme())) : port;
}

std::string origin_of(const urls::url& url)
{
  return std::string(url.scheme()) + "://" + std::string(url.encoded_host()) +
         ':' + port_of(url);
}

bool is_https(const urls::url& url)
{
  return url.scheme() == "https";
}

site::site(const urls::url& start)
  : scheme_(start.scheme()),
    origins_{origin_of(start)}
{
}

bool site::contains(const urls::url& url) const
{
  return origins_.contains(origin_of(url));
}

bool site::add_host(std::string_view host)
{
  if (host.find_first_of("/?#@") != std::string_view::npos)
    return false;
  const auto url = canonical(scheme_ + "://" + std::string(host));
  if (url)
    origins_.insert(origin_of(*url));
  return url.has_value();
}

resolved_link site::resolve(const urls::url& base,
                            std::string_view reference) const
{
  const std::string link = cleaned_link(reference);
  if (has_other_scheme(link))
    return of_kind(link_kind::not_http);
  std::string fragment = fragment_of(reference);
  if (std::max(link.size(), fragment.size()) > longest_link)
    return malformed("longer than " + std::to_string(longest_link) +
                     " characters");
  const auto absolute = resolved(base.buffer(), link);
  const auto url = absolute ? assembled(*absolute) : std::nullopt;
  if (url && is_too_long(*url))
    return malformed("its URL is longer than " + std::to_string(longest_link) +
                     " characters");
  if (!url)
  {
    const auto problem = authority_problem(link + '#' + fragment);
    return malformed(problem.empty() ? "not a URL" : problem);
  }
  resolved_link found =
      of_kind(contains(*url) ? link_kind::on_site : link_kind::off_site);
  found.url = *url;
  found.fragment = std::move(fragment);
  found.has_user = absolute->has_userinfo();
  return found;
}

} // namespace spider
