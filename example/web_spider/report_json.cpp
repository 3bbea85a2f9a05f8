// SPDX-License-Identifier: BSL-1.0

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <ostream>
#include <string>

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

json::object visited(const visited_page& row)
{
  const visit& result = *row.result;
  json::object out{
      {"url", row.url},
      {"status", result.status},
      {"html", result.is_html},
      {"bytes", result.bytes},
      {"milliseconds", milliseconds(result.took)},
  };
  if (!result.redirects_to.empty())
    out["location"] = as_utf8(result.redirects_to.str());
  if (!result.problem.empty())
    out["problem"] = result.problem.str();
  if (!result.notice.empty())
    out["notice"] = result.notice.str();
  return out;
}

json::object broken_link(const page_row& row)
{
  json::object out{
      {"url", as_utf8(row.url)},
      {"problem", as_utf8(row.result.problem.str())},
      {"found_on", json::array(row.found_on.begin(), row.found_on.end())},
      {"found_on_more", row.found_on_more},
      {"external", row.is_external},
  };
  if (!row.result.redirects_to.empty())
    out["location"] = as_utf8(row.result.redirects_to.str());
  return out;
}

json::object notice(const visited_page& row)
{
  return {{"url", row.url}, {"notice", row.result->notice.str()}};
}

// Writes the items one by one: there may be a million.
template <class Rows, class Write>
void write_array(std::ostream& out, const char* name, const Rows& rows,
                 Write write)
{
  out << ",\"" << name << "\":[";
  const char* separator = "";
  for (const auto& row : rows)
  {
    out << separator << json::serialize(write(row));
    separator = ",";
  }
  out << ']';
}

} // namespace

void write_json(std::ostream& out, const crawl_report& report,
                std::size_t slowest)
{
  const json::object head{
      {"start", report.start},
      {"end", report.end},
      {"seconds", milliseconds(report.elapsed) / 1e3},
      {"totals", totals(report)},
      {"links", counts(report.links)},
      {"latency_ms", latency(report)},
  };
  std::string begin = json::serialize(head);
  begin.pop_back(); // the "}"
  out << begin;
  write_array(out, "slowest", slowest_pages(report, slowest),
              [](const visited_page& row)
              {
                return json::value(row.url);
              });
  write_array(out, "broken", report.broken, broken_link);
  write_array(out, "missing_anchors", report.missing_anchors, broken_link);
  write_array(out, "notices", report.notices, notice);
  write_array(out, "visited", report.visited, visited);
  out << "}\n";
}

} // namespace spider
