// SPDX-License-Identifier: BSL-1.0

#include "proxy.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <cstddef>
#include <stdexcept>

#include "site.hpp"

namespace spider {

namespace {

std::optional<proxy> proxy_of(const char* name, const char* value)
{
  if (!value || !*value)
    return std::nullopt;
  const std::string text = value;
  const std::string full =
      text.find("://") == std::string::npos ? "http://" + text : text;
  const auto url = canonical(full);
  if (!url || is_https(*url))
    throw std::runtime_error(std::string(name) + " is no http:// URL; " +
                             "write http://HOST:PORT");
  return proxy{*url, credentials_of(full)};
}

// "a, .b c" has three.
std::vector<std::string> list_of(const char* value)
{
  std::vector<std::string> list(1);
  for (; value && *value; ++value)
    if (*value != ',' && *value != ' ')
      list.back() += *value;
    else if (!list.back().empty())
      list.emplace_back();
  if (list.back().empty())
    list.pop_back();
  return list;
}

bool is_this_machine(const std::string& host)
{
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  return error ? boost::iequals(host, "localhost") ||
                     boost::iends_with(host, ".localhost")
               : address.is_loopback();
}

} // namespace

proxies::proxies(const std::function<const char*(const char*)>& get)
{
  const auto either = [&get](const char* name, const char* capitals)
  {
    const char* value = get(name);
    return value ? value : get(capitals);
  };
  http_ = proxy_of("http_proxy", get("http_proxy"));
  https_ = proxy_of("https_proxy", either("https_proxy", "HTTPS_PROXY"));
  exempt_ = list_of(either("no_proxy", "NO_PROXY"));
}

const proxy* proxies::find(const urls::url& url) const
{
  const auto& chosen = is_https(url) ? https_ : http_;
  if (!chosen || is_this_machine(url.host_address()) || is_exempt(url))
    return nullptr;
  return &*chosen;
}

// "b.c" and ".b.c" exempt "b.c" and "a.b.c"; a port restricts it to the port.
bool proxies::is_exempt(const urls::url& url) const
{
  const std::string host = url.host_address();
  const std::string port = ':' + port_of(url);
  return std::ranges::any_of(
      exempt_,
      [&](std::string name)
      {
        if (name == "*")
          return true;
        if (name.ends_with(port) && name.find("::") == std::string::npos)
          name.resize(name.size() - port.size());
        if (name.starts_with('[') && name.ends_with(']'))
          name = name.substr(1, name.size() - 2);
        if (name.starts_with('.'))
          name.erase(0, 1);
        return !name.empty() && (boost::iequals(host, name) ||
                                 boost::iends_with(host, '.' + name));
      });
}

std::string base64(std::string_view text)
{
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3)
  {
    unsigned bits = 0;
    for (std::size_t k = i; k != i + 3; ++k)
      bits = bits << 8 |
             (k < text.size() ? static_cast<unsigned char>(text[k]) : 0u);
    for (unsigned k = 0; k != 4; ++k)
      out += i + k > text.size() ? '=' : digits[bits >> (18 - 6 * k) & 63];
  }
  return out;
}

} // namespace spider
