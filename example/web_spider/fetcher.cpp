// SPDX-License-Identifier: BSL-1.0

#include "fetcher.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

#include "visit.hpp"

namespace spider {

namespace {

constexpr int max_robots_redirects = 5;

bool is_redirect_to(const http_reply& reply)
{
  return reply.status / 100 == 3 && !reply.location.empty();
}

// The URL is canonical, so characters that are not ASCII are percent-encoded.
bool is_ascii_host(const urls::url& url)
{
  return std::string_view(url.encoded_host()).starts_with('[') ||
         std::string_view(url.encoded_host()).find('%') ==
             std::string_view::npos;
}

// The rules of a robots.txt. A rule that is cut off by the limit could mean
// more than it says.
robots_rules rules_of(const http_reply& reply)
{
  std::string_view text = reply.body;
  if (reply.too_large)
    text = text.substr(0, text.find_last_of("\r\n") + 1); // npos + 1 is 0
  return robots_rules(text);
}

http_reply disallowed_reply(const robots_answer& robots)
{
  http_reply reply;
  reply.is_disallowed = true;
  reply.no_retry = robots.failure;
  return reply;
}

} // namespace

fetcher::fetcher(asio::any_io_executor ex, const crawl_options& options,
                 const site& where, toro::event& stop, toro::event& cut)
  : options_(options),
    site_(where),
    stop_(stop),
    hosts_(ex, options.by_way_of, cut),
    retrying_(ex)
{
}

asio::awaitable<http_reply> fetcher::fetch(const urls::url& url, body_use body,
                                           http_client& client)
{
  if (!is_ascii_host(url))
    co_return failed_reply("resolve", asio::error::host_not_found,
                           "the name of the host is not ASCII; only its form "
                           "with \"xn--\" can be looked up");
  host& server = host_of(url);
  const auto [unknown, where] =
      co_await server.look_up(options_.resolve_timeout);
  if (unknown)
    co_return failed_reply(server.via ? "resolve the proxy" : "resolve",
                           unknown);
  const http_request request{
      url, where, server.via, headers_for(url), body, options_.max_body_bytes};
  std::string notice;
  if (!options_.ignore_robots)
  {
    const auto robots = co_await robots_of(server, request, client, notice);
    if (!robots->rules.allows(std::string(url.encoded_target())))
      co_return disallowed_reply(*robots);
  }
  http_reply reply = co_await fetch_allowed(server, request, client);
  reply.notice = std::move(notice);
  co_return reply;
}

const in_flight& fetcher::requests() const
{
  return in_flight_;
}

std::size_t fetcher::retrying() const
{
  return retrying_.count();
}

bool fetcher::is_looking_up() const
{
  return hosts_.is_looking_up();
}

host& fetcher::host_of(const urls::url& url)
{
  return hosts_.find(url, site_.contains(url)
                              ? host_limits{options_.per_host, options_.pause}
                              : host_limits{options_.external_per_host,
                                            options_.external_pause});
}

// Safety: what the user wants to be sent is for the site, and a password for
// the host that it was given for.
header_list fetcher::headers_for(const urls::url& url) const
{
  header_list headers{{"User-Agent", options_.user_agent}};
  if (!site_.contains(url))
    return headers;
  headers.insert(headers.end(), options_.headers.begin(),
                 options_.headers.end());
  if (!options_.credentials.empty() &&
      origin_of(url) == options_.credentials_origin)
    headers.emplace_back("Authorization",
                         "Basic " + base64(options_.credentials));
  return headers;
}

asio::awaitable<http_reply> fetcher::fetch_allowed(host& server,
                                                   const http_request& what,
                                                   http_client& client)
{
  const retry_limits limits{options_.retries, options_.retry_wait,
                            options_.retry_total};
  for (std::size_t tries = 1;; ++tries)
  {
    http_reply reply = co_await request(server, what, client);
    reply.tries = tries;
    auto again = decide_retry(reply, tries, limits, server.retries,
                              std::chrono::steady_clock::now());
    reply.no_retry = std::move(again.reason);
    if (!again.wait)
      co_return reply;
    if (const auto error = co_await wait_for_retry(*again.wait))
      co_return failed_reply("read", error);
  }
}

asio::awaitable<http_reply>
fetcher::request(host& server, const http_request& what, http_client& client)
{
  const toro::permit permit =
      co_await server.requests.async_acquire(asio::use_awaitable);
  co_await server.turns.turn();
  if (stop_.is_set())
    co_return failed_reply("read", asio::error::operation_aborted);
  const in_flight::request shown(in_flight_, what.url.buffer());
  const auto begin = std::chrono::steady_clock::now();
  http_reply reply = co_await client.get(what);
  reply.took = std::chrono::steady_clock::now() - begin;
  co_return reply;
}

asio::awaitable<std::shared_ptr<const robots_answer>>
fetcher::robots_of(host& server, const http_request& wanted,
                   http_client& client, std::string& notice)
{
  if (server.claim_robots())
  {
    auto answer = co_await fetch_robots(server, wanted, client);
    notice = heed_delay(server, answer->rules.crawl_delay());
    server.robots.set(std::move(answer));
  }
  auto answer = co_await server.robots.async_get(asio::use_awaitable);
  co_return answer;
}

// Returns a notice for the user if the host asks for more than is kept.
std::string fetcher::heed_delay(host& server,
                                std::chrono::milliseconds asked) const
{
  const auto most = options_.longest_crawl_delay;
  server.turns.slow_down(std::min(asked, most));
  if (asked <= most)
    return {};
  return "robots.txt asks for a Crawl-delay of " +
         std::to_string(asked.count() / 1000) +
         " s, which exceeds --crawl-delay-limit: that one is kept";
}

// RFC 9309, section 2.3.1: without the file all is allowed, and nothing if the
// server cannot say whether there is one.
asio::awaitable<std::shared_ptr<const robots_answer>>
fetcher::fetch_robots(host& server, http_request wanted, http_client& client)
{
  auto answer = std::make_shared<robots_answer>();
  const std::string origin = origin_of(wanted.url);
  wanted.url = canonical(origin + "/robots.txt").value();
  wanted.body = body_use::text;
  wanted.body_limit = max_robots_bytes;
  http_reply reply = co_await fetch_allowed(server, wanted, client);
  for (int i = 0; i != max_robots_redirects && is_redirect_to(reply); ++i)
  {
    const auto link = site_.resolve(wanted.url, reply.location);
    if (link.url.empty() || origin_of(link.url) != origin)
      break;
    wanted.url = link.url;
    reply = co_await fetch_allowed(server, wanted, client);
  }
  if (reply.status / 100 == 2)
    answer->rules = rules_of(reply);
  else if (reply.status / 100 == 5)
  {
    answer->rules = robots_rules::deny_all();
    answer->failure = "robots.txt answers " + visit_of(reply).problem.str();
  }
  co_return answer;
}

// Holds no permit. Ends with operation_aborted if the crawl ends meanwhile.
asio::awaitable<boost::system::error_code>
fetcher::wait_for_retry(std::chrono::milliseconds time)
{
  const toro::work waiting = retrying_.enter();
  const auto [still_running] =
      co_await stop_.async_wait(time, asio::as_tuple(asio::use_awaitable));
  if (still_running == asio::error::timed_out)
    co_return boost::system::error_code{};
  co_return asio::error::operation_aborted;
}

} // namespace spider
