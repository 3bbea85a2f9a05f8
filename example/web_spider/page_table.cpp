// SPDX-License-Identifier: BSL-1.0

#include "page_table.hpp"

#include <algorithm>

namespace spider {

namespace {

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
  page*& known = by_url_[url.buffer()];
  const bool is_new = !known && pages_.size() < max_pages_;
  if (is_new)
    known = &pages_.emplace_back(executor_, url);
  if (!known)
    is_full_ = true;
  if (known && on)
    known->found_on_.push_back(on);
  return {known, is_new};
}

void page_table::add_malformed(const std::string& link, const page& on)
{
  const std::scoped_lock guard(mutex_);
  malformed_[link].push_back(&on);
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
  for (const auto& [text, pages] : malformed_)
  {
    page_row& row = rows.emplace_back();
    row.url = text;
    row.result.problem = "not a URL";
    row.found_on = sorted_urls(pages);
  }
  return rows;
}

} // namespace spider
