// SPDX-License-Identifier: BSL-1.0

#include "page_table.hpp"

#include <algorithm>

namespace spider {

namespace {

constexpr std::size_t max_shown_link = 200;

std::vector<std::string> sorted_urls(const std::vector<const page*>& pages)
{
  std::vector<std::string> urls;
  for (const page* each : pages)
    urls.push_back(each->url.buffer());
  std::sort(urls.begin(), urls.end());
  urls.erase(std::unique(urls.begin(), urls.end()), urls.end());
  return urls;
}

} // namespace

page_table::page_table(asio::any_io_executor ex, std::size_t max_pages)
  : executor_(std::move(ex)),
    max_pages_(max_pages)
{
}

std::pair<page*, bool> page_table::add(const urls::url& url, const page* on)
{
  const std::scoped_lock guard(mutex_);
  const auto known = by_url_.find(url.buffer());
  const bool is_new = known == by_url_.end();
  if (is_new && pages_.size() >= max_pages_)
  {
    is_full_ = true;
    return {nullptr, false};
  }
  page& found = is_new ? pages_.emplace_back(executor_, url) : *known->second;
  if (is_new)
    by_url_.emplace(url.buffer(), &found);
  if (on)
    found.found_on_.push_back(on);
  return {&found, is_new};
}

void page_table::add_malformed(std::string link, const std::string& problem,
                               const page& on)
{
  if (link.size() > max_shown_link)
    link = link.substr(0, max_shown_link) + "...";
  const std::scoped_lock guard(mutex_);
  if (malformed_.size() >= max_pages_ && !malformed_.contains(link))
  {
    is_full_ = true;
    return;
  }
  auto& known = malformed_[link];
  known.problem = problem;
  known.found_on.push_back(&on);
}

bool page_table::claim(page& wanted)
{
  const std::scoped_lock guard(mutex_);
  return !std::exchange(wanted.claimed_, true);
}

bool page_table::redirect(page& from, const page& to)
{
  const std::scoped_lock guard(mutex_);
  for (const page* next = &to; next; next = next->redirects_to_)
    if (next == &from)
      return false;
  from.redirects_to_ = &to;
  return true;
}

void page_table::record(page& visited, visit result)
{
  const std::scoped_lock guard(mutex_);
  visited.visit_ = std::move(result);
  ++visited_;
}

void page_table::settle(page& visited, const std::string& problem)
{
  const std::scoped_lock guard(mutex_);
  visited.visit_.value().problem = problem;
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

std::vector<page_row> page_table::rows() const
{
  const std::scoped_lock guard(mutex_);
  std::vector<page_row> rows;
  for (const page& each : pages_)
    if (each.visit_)
      rows.push_back(
          {each.url.buffer(), *each.visit_, sorted_urls(each.found_on_)});
  std::ranges::sort(rows, {}, &page_row::url);
  return rows;
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
    row.found_on = sorted_urls(known.found_on);
  }
  return rows;
}

} // namespace spider
