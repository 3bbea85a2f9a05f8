// SPDX-License-Identifier: BSL-1.0

#include "report.hpp"

#include <algorithm>
#include <iterator>
#include <ranges>
#include <tuple>
#include <utility>

#include "page_table.hpp"
#include "report_text.hpp"

namespace spider {

namespace {

using duration = std::chrono::steady_clock::duration;

void add(crawl_report& report, const visit& result)
{
  if (result.how == ending::disallowed)
  {
    ++report.disallowed;
    return;
  }
  const bool is_fine = result.status / 100 == 2;
  report.pages += is_fine && result.is_html;
  report.files += is_fine && !result.is_html;
  report.by_class.at(std::min(result.status / 100u, 5u))++;
  report.timed_out += result.how == ending::timed_out;
  report.failed += result.how == ending::failed;
  report.too_large += result.too_large;
  report.leaving_site += result.leaves_site;
  report.bytes += result.bytes;
}

// The nearest rank: the smallest time that `percent` of all do not exceed.
duration percentile(const std::vector<duration>& sorted, std::size_t percent)
{
  if (sorted.empty())
    return {};
  const std::size_t rank = (sorted.size() * percent + 99) / 100;
  return sorted[rank - 1];
}

void add_percentiles(crawl_report& report)
{
  std::vector<duration> times;
  for (const visited_page& row : report.visited)
    if (row.result->how == ending::answered)
      times.push_back(row.result->took);
  std::sort(times.begin(), times.end());
  report.p50 = percentile(times, 50);
  report.p95 = percentile(times, 95);
  report.p99 = percentile(times, 99);
}

} // namespace

crawl_report report_of(std::vector<visited_page> visited,
                       std::vector<page_row> broken)
{
  crawl_report report;
  report.visited = std::move(visited);
  report.broken = std::move(broken);
  for (const visited_page& row : report.visited)
  {
    add(report, *row.result);
    report.external += row.is_external;
    if (!row.result->notice.empty())
      report.notices.push_back(row);
  }
  for (const page_row& row : report.broken)
    report.broken_external += row.is_external;
  add_percentiles(report);
  return report;
}

crawl_report report_of(const page_table& pages)
{
  auto broken = pages.broken();
  std::ranges::move(pages.malformed(), std::back_inserter(broken));
  auto report = report_of(pages.rows(), std::move(broken));
  report.missing_anchors = pages.missing_anchors();
  report.links = pages.links();
  report.not_visited = pages.size() - report.visited.size();
  return report;
}

bool has_one_of(const crawl_report& report, const findings& wanted)
{
  const std::size_t on_site = report.broken.size() - report.broken_external;
  return (wanted.broken && on_site != 0) ||
         (wanted.external && report.broken_external != 0) ||
         (wanted.anchors && !report.missing_anchors.empty()) ||
         (wanted.notices && !report.notices.empty());
}

std::string why_empty(const crawl_report& report)
{
  const auto start =
      std::ranges::find(report.visited, report.start, &visited_page::url);
  if (start == report.visited.end())
    return {}; // it was interrupted too early to tell
  const visit& first = *start->result;
  const auto& links = report.links;
  if (first.how == ending::disallowed)
    return "nothing to crawl at " + report.start + ": " + first.notice.str() +
           "; --ignore-robots fetches it";
  if (first.how != ending::answered)
    return "cannot reach " + report.start + ": " + first.problem.str();
  const std::string nothing = "nothing to crawl at " + report.start + ": ";
  if (!first.problem.empty())
    return nothing + first.problem.str();
  if (first.leaves_site)
    return nothing + "it redirects to " + printable(first.redirects_to.str()) +
           ", which is not on the site";
  if (report.pages == 0 && !first.is_sitemap)
    return nothing + "no HTML page, by its Content-Type";
  if (first.too_large)
    return nothing + first.notice.str();
  if (links.on_site + links.external + links.off_site + links.not_http +
          links.malformed + links.excluded + links.too_deep ==
      0)
    return nothing + "its page has no links";
  return {};
}

std::vector<visited_page> slowest_pages(const crawl_report& report,
                                        std::size_t count)
{
  const auto is_answered = [](const visited_page& row)
  {
    return row.result->how == ending::answered;
  };
  const auto is_slower = [](const visited_page& a, const visited_page& b)
  {
    return std::tie(b.result->took, a.url) < std::tie(a.result->took, b.url);
  };
  auto answered = report.visited | std::views::filter(is_answered);
  std::vector<visited_page> rows(std::min(report.visited.size(), count));
  const auto end = std::ranges::partial_sort_copy(answered, rows, is_slower);
  rows.erase(end.out, rows.end());
  return rows;
}

double milliseconds(duration time)
{
  return std::chrono::duration<double, std::milli>(time).count();
}

} // namespace spider
