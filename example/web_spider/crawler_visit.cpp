// SPDX-License-Identifier: BSL-1.0

// What a worker does with a page: fetch it, follow its redirects, and put its
// links into the queue.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <utility>

#include "crawler.hpp"
#include "html_links.hpp"

namespace spider {

namespace {

// Counts for as long as it lives.
class counted
{
public:
  explicit counted(std::atomic<std::size_t>& count)
    : count_(count)
  {
    ++count_;
  }

  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;

  ~counted()
  {
    --count_;
  }

private:
  std::atomic<std::size_t>& count_;
};

} // namespace

// An exception must not leave the operand of a ||, which then would wait for
// the other operand. When that one has won, this one is told so by an
// exception.
asio::awaitable<void> crawler::visit_or_fail(page& wanted, http_client& client)
{
  try
  {
    if (pages_.claim(wanted)) // else a redirect has led here before
      co_await visit_chain(wanted, client);
  }
  catch (...)
  {
    if (!cut_.is_set())
      fail(std::current_exception());
  }
}

// Visit a page and those that it redirects to; they share one fate.
asio::awaitable<void> crawler::visit_chain(page& first, http_client& client)
{
  std::vector<page*> chain;
  std::string problem;
  page* next = &first;
  while (next)
  {
    page& current = *next;
    chain.push_back(next);
    const http_reply reply = co_await fetch(current, client);
    if (reply.error == asio::error::operation_aborted)
      co_return; // cut off: as if it had not been visited
    visit result = visit_of(reply);
    if (result.is_html && result.status / 100 == 2 && !result.too_large)
      result.links = follow_links(current, reply.body);
    next = redirect_target(current, result, chain.size());
    problem = result.problem;
    pages_.record(current, std::move(result));
    if (next && !pages_.claim(*next))
    {
      problem = co_await next->problem.async_get(asio::use_awaitable);
      next = nullptr;
    }
  }
  for (page* visited : chain)
  {
    pages_.settle(*visited, problem);
    visited->problem.set(problem);
  }
}

asio::awaitable<http_reply> crawler::fetch(const page& wanted,
                                           http_client& client)
{
  host& server = hosts_.find(host_and_port(wanted.url))->second;
  const auto [unknown, where] =
      co_await server.look_up(options_.resolve_timeout);
  if (unknown)
    co_return failed_reply("resolve", unknown);
  const retry_limits limits{options_.retries, options_.retry_wait,
                            options_.retry_total};
  for (std::size_t tries = 1;; ++tries)
  {
    http_reply reply = co_await request(server, where, wanted, client);
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

asio::awaitable<http_reply> crawler::request(host& server,
                                             const addresses& where,
                                             const page& wanted,
                                             http_client& client)
{
  const toro::permit permit =
      co_await server.requests.async_acquire(asio::use_awaitable);
  const counted flight(in_flight_);
  const auto begin = std::chrono::steady_clock::now();
  http_reply reply = co_await client.get(where, wanted.url);
  reply.took = std::chrono::steady_clock::now() - begin;
  co_return reply;
}

// Holds no permit. Ends with operation_aborted if the crawl ends meanwhile.
asio::awaitable<boost::system::error_code>
crawler::wait_for_retry(std::chrono::milliseconds time)
{
  const counted waiting(retrying_);
  const auto [still_running] =
      co_await stop_.async_wait(time, asio::as_tuple(asio::use_awaitable));
  if (still_running == asio::error::timed_out)
    co_return boost::system::error_code{};
  co_return asio::error::operation_aborted;
}

// The page of the site that is to be visited next, if any. Notes why not.
page* crawler::redirect_target(page& from, visit& result, std::size_t hops)
{
  if (result.redirects_to.empty())
    return nullptr;
  const auto link = site_.resolve(from.url, result.redirects_to);
  if (link.has_user)
    result.notice = "it redirects to a URL with a user name or password, "
                    "which was not sent";
  if (link.kind == link_kind::malformed)
    result.problem = "its redirect leads nowhere: " + link.problem;
  else if (link.kind != link_kind::on_site)
    result.leaves_site = true;
  else if (hops > options_.max_redirects)
    result.problem = "too many redirects";
  if (link.kind != link_kind::on_site || !result.problem.empty())
    return nullptr;
  page* target = pages_.add(link.url, nullptr).first;
  if (!target || pages_.redirect(from, *target))
    return target;
  result.problem = "redirects in a circle";
  return nullptr;
}

link_counts crawler::follow_links(const page& from, std::string_view html)
{
  const html_links found = find_links(html);
  const urls::url base = resolve_base(from.url, found.base.value_or(""));
  link_counts counts;
  std::map<std::string, urls::url> targets; // each once
  for (const std::string& text : found.links)
  {
    const resolved_link link = site_.resolve(base, text);
    switch (link.kind)
    {
    case link_kind::on_site:
      ++counts.on_site;
      counts.with_user += link.has_user;
      targets.try_emplace(link.url.buffer(), link.url);
      break;
    case link_kind::off_site:
      ++counts.off_site;
      break;
    case link_kind::not_http:
      ++counts.not_http;
      break;
    case link_kind::malformed:
      ++counts.malformed;
      pages_.add_malformed(text, link.problem, from);
    }
  }
  for (const auto& [text, url] : targets)
    visit_later(url, &from);
  return counts;
}

void crawler::visit_later(const urls::url& url, const page* found_on)
{
  auto [target, is_new] = pages_.add(url, found_on);
  if (is_new)
    (void)frontier_.try_put(std::move(target)); // fails once the crawl is over
}

} // namespace spider
