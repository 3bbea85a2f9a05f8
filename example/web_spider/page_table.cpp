// SPDX-License-Identifier: BSL-1.0

#include "page_table.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <boost/url/parse.hpp>

#include <algorithm>
#include <functional>

#include "url_text.hpp"

namespace spider {

namespace {

constexpr std::size_t most_redirects = 255; // that are told apart
constexpr std::size_t fragments_for_a_page = 10;
constexpr std::size_t anchors_for_a_page = 100;

} // namespace

urls::url url_of(const page& parsed)
{
  return urls::url(urls::parse_uri(parsed.url).value());
}

std::size_t
page_table::url_hash::operator()(std::string_view url) const noexcept
{
  return std::hash<std::string_view>{}(url);
}

std::size_t page_table::url_hash::operator()(const page* of) const noexcept
{
  return (*this)(of->url);
}

bool page_table::same_url::operator()(const page* one,
                                      const page* other) const noexcept
{
  return one->url == other->url;
}

bool page_table::same_url::operator()(std::string_view url,
                                      const page* of) const noexcept
{
  return url == of->url;
}

bool page_table::same_url::operator()(const page* of,
                                      std::string_view url) const noexcept
{
  return url == of->url;
}

bool page::is_missing(std::string_view fragment) const
{
  const page* end = this;
  for (; end->redirects_to_; end = end->redirects_to_)
    if (end->names_fragment_)
      return false;
  return end->anchors_ && end->visit_ && !end->anchors_->contains(fragment);
}

bool page::is_fine() const
{
  return is_settled_ && visit_->problem.empty();
}

page_table::page_table(asio::any_io_executor ex, std::size_t max_pages)
  : executor_(std::move(ex)),
    max_pages_(max_pages)
{
}

std::pair<page*, bool> page_table::add(const urls::url& url, const page* on,
                                       bool is_external)
{
  const std::scoped_lock guard(mutex_);
  const auto known = by_url_.find(std::string_view(url.buffer()));
  const bool is_new = known == by_url_.end();
  if (is_new && pages_.size() >= max_pages_)
  {
    is_full_ = true;
    return {nullptr, false};
  }
  page& found =
      is_new ? pages_.emplace_back(kept(url.buffer()),
                                   static_cast<page_number>(pages_.size()),
                                   is_external)
             : **known;
  if (is_new)
    by_url_.insert(&found);
  if (on && !found.is_fine())
    found.found_on_.add(on->number);
  return {&found, is_new};
}

// A copy that lives as long as the table.
std::string_view page_table::kept(std::string_view text)
{
  auto* const copy = static_cast<char*>(url_texts_.allocate(text.size(), 1));
  std::ranges::copy(text, copy);
  return {copy, text.size()};
}

page* page_table::find(std::string_view url) const
{
  const std::scoped_lock guard(mutex_);
  const auto known = by_url_.find(url);
  return known == by_url_.end() ? nullptr : *known;
}

void page_table::add_fragment(page& to, const std::string& fragment,
                              const page& on)
{
  const std::scoped_lock guard(mutex_);
  if (to.is_settled_ && !to.is_missing(fragment))
    return;
  if (!to.fragments_)
    to.fragments_ = std::make_unique<page::fragments>();
  auto known = to.fragments_->find(fragment);
  if (known == to.fragments_->end())
  {
    if (fragments_ / fragments_for_a_page >= max_pages_)
    {
      is_full_ = true;
      return;
    }
    ++fragments_;
    known = to.fragments_->try_emplace(fragment).first;
  }
  known->second.add(on.number);
}

bool page_table::has_links(const page& to) const
{
  const std::scoped_lock guard(mutex_);
  return !to.found_on_.kept().empty();
}

bool page_table::has_fragments(const page& of) const
{
  const std::scoped_lock guard(mutex_);
  return of.fragments_ != nullptr;
}

void page_table::add_malformed(std::string link, const std::string& problem,
                               const page& on)
{
  link = shortened(std::move(link));
  const std::scoped_lock guard(mutex_);
  if (malformed_.size() >= max_pages_ && !malformed_.contains(link))
  {
    is_full_ = true;
    return;
  }
  auto& known = malformed_[link];
  known.problem = problem;
  known.found_on.add(on.number);
}

bool page_table::claim(page& wanted)
{
  const std::scoped_lock guard(mutex_);
  return !std::exchange(wanted.claimed_, true);
}

bool page_table::redirect(page& from, const page& to, bool names_fragment)
{
  const std::scoped_lock guard(mutex_);
  for (const page* next = &to; next; next = next->redirects_to_)
    if (next == &from)
      return false;
  from.redirects_to_ = &to;
  from.names_fragment_ = names_fragment;
  return true;
}

bool page_table::set_anchors(page& visited, anchor_set anchors)
{
  const std::scoped_lock guard(mutex_);
  if ((anchors_ + anchors.size()) / anchors_for_a_page > max_pages_)
    return false;
  anchors_ += anchors.size();
  visited.anchors_ = std::make_unique<anchor_set>(std::move(anchors));
  return true;
}

void page_table::count(const link_counts& links)
{
  const std::scoped_lock guard(mutex_);
  links_ += links;
}

void page_table::record(page& visited, visit result)
{
  const std::scoped_lock guard(mutex_);
  visited.visit_ = std::move(result);
  ++visited_;
}

void page_table::settle(page& visited, const fate& its_fate)
{
  std::unique_lock guard(mutex_);
  visited.visit_.value().problem = its_fate.problem;
  visited.redirects_ =
      static_cast<unsigned char>(std::min(its_fate.redirects, most_redirects));
  visited.is_settled_ = true;
  if (visited.is_fine())
    visited.found_on_ = {};
  forget_right_ones(visited);
  const auto waited_for = visited.fate_.get();
  guard.unlock();
  if (waited_for)
    waited_for->set(its_fate);
}

// Requires lock. Forget the fragments that the page has.
void page_table::forget_right_ones(page& settled)
{
  if (!settled.fragments_)
    return;
  fragments_ -= std::erase_if(*settled.fragments_,
                              [&settled](const auto& known)
                              {
                                return !settled.is_missing(known.first);
                              });
  if (settled.fragments_->empty())
    settled.fragments_.reset();
}

asio::awaitable<fate> page_table::fate_of(page& claimed)
{
  std::unique_lock guard(mutex_);
  if (claimed.is_settled_)
    co_return fate{claimed.visit_.value().problem, claimed.redirects_};
  if (!claimed.fate_)
    claimed.fate_ = std::make_unique<toro::async_result<fate>>(executor_);
  auto& result = *claimed.fate_;
  guard.unlock();
  auto its_fate = co_await result.async_get(asio::use_awaitable);
  co_return its_fate;
}

std::size_t page_table::size() const
{
  const std::scoped_lock guard(mutex_);
  return pages_.size();
}

std::size_t page_table::visited() const
{
  const std::scoped_lock guard(mutex_);
  return visited_;
}

bool page_table::is_full() const
{
  const std::scoped_lock guard(mutex_);
  return is_full_;
}

link_counts page_table::links() const
{
  const std::scoped_lock guard(mutex_);
  return links_;
}

std::vector<visited_page> page_table::rows() const
{
  const std::scoped_lock guard(mutex_);
  std::vector<visited_page> rows;
  rows.reserve(visited_);
  for (const page& each : pages_)
    if (each.visit_)
      rows.push_back({each.url, &*each.visit_, each.is_external});
  std::ranges::sort(rows, {}, &visited_page::url);
  return rows;
}

std::vector<page_row> page_table::broken() const
{
  const std::scoped_lock guard(mutex_);
  std::vector<page_row> rows;
  for (const page& each : pages_)
  {
    if (!each.visit_ || each.visit_->problem.empty() ||
        each.found_on_.kept().empty())
      continue;
    page_row& row = rows.emplace_back();
    row.url = each.url;
    row.result = *each.visit_;
    row.is_external = each.is_external;
    set_referrers(row, each.found_on_);
  }
  std::ranges::sort(rows, {}, &page_row::url);
  return rows;
}

// Requires lock.
void page_table::set_referrers(page_row& row, const referrers& on) const
{
  auto& urls = row.found_on;
  for (const page_number number : on.kept())
    urls.push_back(pages_[number].url);
  std::ranges::sort(urls);
  const auto rest = std::ranges::unique(urls);
  urls.erase(rest.begin(), rest.end());
  row.found_on_more = on.more();
}

std::vector<page_row> page_table::malformed() const
{
  const std::scoped_lock guard(mutex_);
  std::vector<page_row> rows;
  for (const auto& [text, known] : malformed_)
  {
    page_row& row = rows.emplace_back();
    row.url = text;
    row.result.problem = known.problem;
    row.is_malformed = true;
    set_referrers(row, known.found_on);
  }
  return rows;
}

std::vector<page_row> page_table::missing_anchors() const
{
  const std::scoped_lock guard(mutex_);
  std::vector<page_row> rows;
  for (const page& each : pages_)
  {
    if (!each.fragments_)
      continue;
    for (const auto& [fragment, found_on] : *each.fragments_)
    {
      if (!each.is_missing(fragment))
        continue;
      page_row& row = rows.emplace_back();
      row.url = std::string(each.url) + '#' + fragment;
      row.result.problem = "the page has no such anchor";
      row.is_external = each.is_external;
      set_referrers(row, found_on);
    }
  }
  std::ranges::sort(rows, {}, &page_row::url);
  return rows;
}

} // namespace spider
