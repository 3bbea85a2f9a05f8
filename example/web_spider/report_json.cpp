// SPDX-License-Identifier: BSL-1.0

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <ostream>

#include "report.hpp"
#include "report_text.hpp"

namespace spider {

namespace {

namespace json = boost::json;

json::object totals(const crawl_report& report)
{
  return {
      {"visited", report.visited.size() - report.disallowed},
      {"not_visited", report.not_visited},
      {"pages", report.pages},
      {"files", report.files},
      {"2xx", report.by_class[2]},
      {"3xx", report.by_class[3]},
      {"4xx", report.by_class[4]},
      {"5xx", report.by_class[5]},
      {"timed_out", report.timed_out},
      {"failed", report.failed},
      {"too_large", report.too_large},
      {"redirects_off_site", report.leaving_site},
      {"external", report.external},
      {"disallowed", report.disallowed},
      {"broken", report.broken.size()},
      {"broken_external", report.broken_external},
      {"missing_anchors", report.missing_anchors.size()},
      {"bytes", report.bytes},
  };
}

json::object counts(const link_counts& links)
{
  return {
      {"on_site", links.on_site},
      {"off_site", links.off_site},
      {"not_http", links.not_http},
      {"malformed", links.malformed},
      {"with_user", links.with_user},
      {"external", links.external},
      {"excluded", links.excluded},
      {"too_deep", links.too_deep},
      {"not_checked", links.off_site + links.not_http},
  };
}

json::object latency(const crawl_report& report)
{
  return {
      {"p50", milliseconds(report.p50)},
      {"p95", milliseconds(report.p95)},
      {"p99", milliseconds(report.p99)},
  };
}

json::object visited_page(const page_row& row)
{
  json::object out{
      {"url", row.url},
      {"status", row.result.status},
      {"html", row.result.is_html},
      {"bytes", row.result.bytes},
      {"milliseconds", milliseconds(row.result.took)},
  };
  if (!row.result.redirects_to.empty())
    out["location"] = as_utf8(row.result.redirects_to);
  if (!row.result.problem.empty())
    out["problem"] = row.result.problem;
  if (!row.result.notice.empty())
    out["notice"] = row.result.notice;
  return out;
}

json::object broken_link(const page_row& row)
{
  json::object out{
      {"url", as_utf8(row.url)},
      {"problem", as_utf8(row.result.problem)},
      {"found_on", json::array(row.found_on.begin(), row.found_on.end())},
      {"found_on_more", row.found_on_more},
      {"external", row.is_external},
  };
  if (!row.result.redirects_to.empty())
    out["location"] = as_utf8(row.result.redirects_to);
  return out;
}

json::object notice(const page_row& row)
{
  return {{"url", row.url}, {"notice", row.result.notice}};
}

} // namespace

void write_json(std::ostream& out, const crawl_report& report,
                std::size_t slowest)
{
  json::array visited;
  for (const page_row& row : report.visited)
    visited.push_back(visited_page(row));
  json::array broken;
  for (const page_row& row : report.broken)
    broken.push_back(broken_link(row));
  json::array anchors;
  for (const page_row& row : report.missing_anchors)
    anchors.push_back(broken_link(row));
  json::array notices;
  for (const page_row& row : report.notices)
    notices.push_back(notice(row));
  json::array slow;
  for (const page_row* row : slowest_pages(report, slowest))
    slow.push_back(json::string(row->url));
  const json::object all{
      {"start", report.start},
      {"end", report.end},
      {"seconds", milliseconds(report.elapsed) / 1e3},
      {"totals", totals(report)},
      {"links", counts(report.links)},
      {"latency_ms", latency(report)},
      {"slowest", std::move(slow)},
      {"broken", std::move(broken)},
      {"missing_anchors", std::move(anchors)},
      {"notices", std::move(notices)},
      {"visited", std::move(visited)},
  };
  out << json::serialize(all) << '\n';
}

} // namespace spider
