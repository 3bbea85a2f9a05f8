// SPDX-License-Identifier: BSL-1.0

// What a worker does with a page: fetch it, follow its redirects, and put its
// links into the queue.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "crawler.hpp"
#include "url_text.hpp"

namespace spider {

namespace {

constexpr const char* too_many_redirects = "too many redirects";

// With a long base, short links have long URLs: a page of 8 MiB could stand for
// gigabytes of them.
constexpr std::size_t max_url_characters = 32 * 1024 * 1024;

} // namespace

// Visit a page and those that it redirects to. They share one fate, but for
// those that take too many redirects.
asio::awaitable<void> crawler::visit_chain(page& first, http_client& client)
{
  std::deque<page*> chain; // those that are not settled
  fate last;               // of the last one
  bool wants_anchors = false;
  page* next = &first;
  while (next)
  {
    page& current = *next;
    chain.push_back(next);
    wants_anchors = wants_anchors || pages_.has_fragments(current);
    http_reply reply = co_await fetch(current, wants_anchors, client);
    if (reply.error == asio::error::operation_aborted)
      co_return; // cut off: as if it had not been visited
    visit result = read_reply(current, std::move(reply));
    const bool is_too_long = chain.size() > options_.max_redirects;
    next = redirect_target(current, result,
                           !is_too_long || has_links_behind_first(chain));
    last.problem = result.problem;
    pages_.record(current, std::move(result));
    if (next && is_too_long)
    {
      pages_.settle(*chain.front(), {too_many_redirects, chain.size()});
      chain.pop_front();
    }
    if (next && !pages_.claim(*next))
    {
      last = co_await pages_.fate_of(*next);
      ++last.redirects;
      next = nullptr;
    }
  }
  for (; !chain.empty(); chain.pop_back(), ++last.redirects)
  {
    if (last.redirects > options_.max_redirects)
      last.problem = too_many_redirects;
    pages_.settle(*chain.back(), last);
  }
}

// Whether links lead to other pages of a chain than the first. Those may be
// right although the first one takes too many redirects.
bool crawler::has_links_behind_first(const std::deque<page*>& chain) const
{
  return std::any_of(chain.begin() + 1, chain.end(),
                     [this](const page* each)
                     {
                       return pages_.has_links(*each);
                     });
}

// Of a page on another host the status decides, unless a link names a fragment.
asio::awaitable<http_reply>
crawler::fetch(const page& wanted, bool wants_anchors, http_client& client)
{
  const bool is_read = !wanted.is_external || wants_anchors;
  auto reply = co_await fetcher_.fetch(
      url_of(wanted), is_read ? body_use::document : body_use::none, client);
  co_return reply;
}

// Draw the conclusions from a reply, and follow the links in it.
visit crawler::read_reply(page& visited, http_reply reply)
{
  visit result = visit_of(reply);
  if (!reply.is_read || reply.too_large || !reply.unreadable.empty())
    return result;
  document found = read_document(std::move(reply), options_.max_links);
  result.is_sitemap = found.is_sitemap;
  const bool is_whole = visited.is_external || follow_links(visited, found);
  if (!is_whole)
    result.notice = "the URLs of its links have more than " +
                    std::to_string(max_url_characters) +
                    " characters: the others were not looked at";
  else if (found.has_more)
    result.notice = "the page has more than " +
                    std::to_string(options_.max_links) +
                    " links or anchors (--links-limit): the others were not "
                    "looked at";
  if (found.has_more)
    return result;
  if (found.anchors && !pages_.set_anchors(visited, std::move(*found.anchors)))
    result.notice = "the site has too many anchors for --max-pages: links to "
                    "those of this page were not checked";
  return result;
}

// The page that is to be visited next, if any. Notes why not.
page* crawler::redirect_target(page& from, visit& result, bool may_follow)
{
  if (result.redirects_to.empty())
    return nullptr;
  const urls::url url = url_of(from);
  const std::string location = result.redirects_to.str();
  const auto link = site_.resolve(url, location);
  result.redirects_to = location.size() > longest_link
                            ? shortened(without_user(location))
                            : without_user(location);
  const bool is_external = link.kind == link_kind::off_site;
  if (link.has_user)
    result.notice = "it redirects to a URL with a user name or password, "
                    "which was not sent";
  if (is_https(url) && !link.url.empty() && !is_https(link.url))
    result.notice = "it redirects from https to http, without protection";
  if (link.kind == link_kind::malformed)
    result.problem = "its redirect leads nowhere: " + link.problem;
  else if (link.kind == link_kind::not_http ||
           (is_external && !can_check(link.url)))
    result.leaves_site = true;
  else if (!may_follow)
    result.problem = too_many_redirects;
  if (result.leaves_site || !result.problem.empty())
    return nullptr;
  page* target = pages_.add(link.url, nullptr, is_external).first;
  if (!target || pages_.redirect(from, *target, !link.fragment.empty()))
    return target;
  result.problem = "redirects in a circle";
  return nullptr;
}

// Returns false if their URLs are too long, in all.
bool crawler::follow_links(const page& from, const document& found)
{
  const urls::url base = resolve_base(url_of(from), found.base.value_or(""));
  link_counts counts;
  std::size_t characters = 0;
  std::map<std::string, urls::url> targets;                // each once
  std::set<std::pair<std::string, std::string>> fragments; // of them
  for (const std::string& text : found.links)
  {
    const resolved_link link = site_.resolve(base, text);
    characters += link.url.buffer().size();
    if (characters > max_url_characters)
      break;
    if (link.kind == link_kind::malformed)
      pages_.add_malformed(without_user(text), link.problem, from);
    if (!is_to_be_checked(link, counts))
      continue;
    counts.with_user += link.has_user;
    targets.try_emplace(link.url.buffer(), link.url);
    if (!link.fragment.empty())
      fragments.emplace(link.url.buffer(), link.fragment);
  }
  for (const auto& [text, url] : targets)
    visit_later(url, &from);
  for (const auto& [text, fragment] : fragments)
    if (page* to = pages_.find(text))
      pages_.add_fragment(*to, fragment, from);
  pages_.count(counts);
  return characters <= max_url_characters;
}

// Counts the link as what it is.
bool crawler::is_to_be_checked(const resolved_link& link,
                               link_counts& counts) const
{
  if (link.kind == link_kind::malformed)
    ++counts.malformed;
  else if (link.kind == link_kind::not_http)
    ++counts.not_http;
  else if (link.kind == link_kind::off_site && !can_check(link.url))
    ++counts.off_site;
  else if (!options_.filter.admits(link.url.buffer()))
    ++counts.excluded;
  else if (!rounds_.may_go_deeper())
    ++counts.too_deep;
  else
  {
    ++(link.kind == link_kind::on_site ? counts.on_site : counts.external);
    return true;
  }
  return false;
}

// Whether links off the site are checked, and this one can be.
bool crawler::can_check(const urls::url& url) const
{
  return options_.with_external && (has_tls() || !is_https(url));
}

void crawler::visit_later(const urls::url& url, const page* found_on)
{
  auto [target, is_new] = pages_.add(url, found_on, !site_.contains(url));
  if (is_new && !rounds_.keep(*target))
    (void)frontier_.try_put(std::move(target)); // fails once the crawl is over
}

} // namespace spider
