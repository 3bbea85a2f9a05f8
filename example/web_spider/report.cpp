// SPDX-License-Identifier: BSL-1.0

#include "report.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace spider {

namespace {

using duration = std::chrono::steady_clock::duration;

void add(link_counts& total, const link_counts& more)
{
  total.on_site += more.on_site;
  total.external += more.external;
  total.off_site += more.off_site;
  total.not_http += more.not_http;
  total.malformed += more.malformed;
  total.with_user += more.with_user;
  total.excluded += more.excluded;
  total.too_deep += more.too_deep;
}

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
  report.by_class.at(std::min(result.status / 100, 5u))++;
  report.timed_out += result.how == ending::timed_out;
  report.failed += result.how == ending::failed;
  report.too_large += result.too_large;
  report.leaving_site += result.leaves_site;
  report.bytes += result.bytes;
  add(report.links, result.links);
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
  for (const page_row& row : report.visited)
    if (row.result.how == ending::answered)
      times.push_back(row.result.took);
  std::sort(times.begin(), times.end());
  report.p50 = percentile(times, 50);
  report.p95 = percentile(times, 95);
  report.p99 = percentile(times, 99);
}

} // namespace

crawl_report report_of(std::vector<page_row> visited,
                       const std::vector<page_row>& malformed,
                       std::vector<page_row> missing_anchors)
{
  crawl_report report;
  report.visited = std::move(visited);
  report.missing_anchors = std::move(missing_anchors);
  for (const page_row& row : report.visited)
  {
    add(report, row.result);
    report.external += row.is_external;
    if (!row.result.problem.empty() && !row.found_on.empty())
    {
      report.broken.push_back(row);
      report.broken_external += row.is_external;
    }
    if (!row.result.notice.empty())
      report.notices.push_back(row);
  }
  report.broken.insert(report.broken.end(), malformed.begin(), malformed.end());
  add_percentiles(report);
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
      std::ranges::find(report.visited, report.start, &page_row::url);
  if (start == report.visited.end())
    return {}; // it was interrupted too early to tell
  const visit& first = start->result;
  const auto& links = report.links;
  if (first.how == ending::disallowed)
    return "nothing to crawl at " + report.start + ": " + first.notice +
           "; --ignore-robots fetches it";
  if (first.how != ending::answered)
    return "cannot reach " + report.start + ": " + first.problem;
  const std::string nothing = "nothing to crawl at " + report.start + ": ";
  if (!first.problem.empty())
    return nothing + first.problem;
  if (first.leaves_site)
    return nothing + "it redirects to " + first.redirects_to +
           ", which is not on the site";
  if (report.pages == 0 && !first.is_sitemap)
    return nothing + "no HTML page";
  if (first.too_large)
    return nothing + first.notice;
  if (links.on_site + links.external + links.off_site + links.not_http +
          links.malformed + links.excluded + links.too_deep ==
      0)
    return nothing + "its page has no links";
  return {};
}

std::vector<const page_row*> slowest_pages(const crawl_report& report,
                                           std::size_t count)
{
  std::vector<const page_row*> rows;
  for (const page_row& row : report.visited)
    if (row.result.how == ending::answered)
      rows.push_back(&row);
  std::ranges::sort(rows,
                    [](const page_row* a, const page_row* b)
                    {
                      return std::tie(b->result.took, a->url) <
                             std::tie(a->result.took, b->url);
                    });
  rows.resize(std::min(rows.size(), count));
  return rows;
}

double milliseconds(duration time)
{
  return std::chrono::duration<double, std::milli>(time).count();
}

} // namespace spider
