// SPDX-License-Identifier: BSL-1.0

#include <algorithm>
#include <iomanip>
#include <ostream>
#include <sstream>

#include "progress.hpp"
#include "report.hpp"
#include "report_text.hpp"

namespace spider {

namespace {

constexpr std::size_t max_referrers = 3;
constexpr std::size_t max_notices = 100;

std::string fixed(double value, int digits)
{
  std::ostringstream text;
  text << std::fixed << std::setprecision(digits) << value;
  return text.str();
}

std::string in_ms(std::chrono::steady_clock::duration time)
{
  return fixed(milliseconds(time), 1) + " ms";
}

std::string readable_bytes(std::size_t bytes)
{
  const auto value = static_cast<double>(bytes);
  if (bytes < 10'000)
    return std::to_string(bytes) + " B";
  if (bytes < 10'000'000)
    return fixed(value / 1e3, 1) + " kB";
  return fixed(value / 1e6, 1) + " MB";
}

void line(std::ostream& out, std::string_view name, const std::string& value)
{
  out << "  " << std::left << std::setw(16) << name << value << '\n';
}

void write_counts(std::ostream& out, const crawl_report& report)
{
  const auto text = [](std::size_t count)
  {
    return std::to_string(count);
  };
  const auto& classes = report.by_class;
  line(out, "visited",
       text(report.visited.size() - report.disallowed) + " URLs: " +
           text(report.pages) + " pages, " + text(report.files) + " files");
  if (report.not_visited != 0)
    line(out, "not visited", text(report.not_visited) + " known URLs");
  line(out, "answers",
       text(classes[2]) + " 2xx, " + text(classes[3]) + " 3xx, " +
           text(classes[4]) + " 4xx, " + text(classes[5]) + " 5xx");
  line(out, "no answer",
       text(report.timed_out) + " timed out, " + text(report.failed) +
           " failed");
  line(out, "bodies",
       readable_bytes(report.bytes) + " read, " + text(report.too_large) +
           " pages over the limit");
  line(out, "links",
       text(report.links.on_site) + " on the site, " +
           (report.links.external == 0
                ? ""
                : text(report.links.external) + " off it, ") +
           text(report.links.malformed) + " malformed");
  line(out, "not checked",
       text(report.links.off_site) + " links to other hosts or https, " +
           text(report.links.not_http) + " not http; " +
           text(report.leaving_site) + " redirects off the site");
  if (const auto& links = report.links; links.excluded + links.too_deep != 0)
    line(out, "left out",
         text(links.excluded) + " links by --include or --exclude, " +
             text(links.too_deep) + " beyond --depth");
  if (report.disallowed != 0)
    line(out, "robots.txt",
         "does not allow " + text(report.disallowed) + " URLs");
  if (report.links.with_user != 0)
    line(out, "not sent",
         "the user name or password in " + text(report.links.with_user) +
             " links");
}

void write_times(std::ostream& out, const crawl_report& report)
{
  const double seconds = milliseconds(report.elapsed) / 1e3;
  const auto visited = static_cast<double>(report.visited.size());
  line(out, "time",
       fixed(seconds, 2) + " s, " +
           rate_text(seconds > 0 ? visited / seconds : 0) + " URLs a second");
  line(out, "latency",
       "p50 " + in_ms(report.p50) + ", p95 " + in_ms(report.p95) + ", p99 " +
           in_ms(report.p99));
}

void write_broken_link(std::ostream& out, const page_row& row)
{
  out << "  " << printable(row.url);
  if (!row.result.redirects_to.empty())
    out << " -> " << printable(row.result.redirects_to.str());
  out << "  (" << printable(row.result.problem.str()) << ")\n";
  const std::size_t shown = std::min(row.found_on.size(), max_referrers);
  for (std::size_t i = 0; i != shown; ++i)
    out << "      on " << row.found_on[i] << '\n';
  if (const auto more = row.found_on.size() - shown + row.found_on_more)
    out << "      and " << more << " more\n";
}

void write_links(std::ostream& out, const char* title,
                 const std::vector<page_row>& rows)
{
  if (rows.empty())
    return;
  out << title << ": " << rows.size() << '\n';
  for (const page_row& row : rows)
    write_broken_link(out, row);
  out << '\n';
}

void write_notices(std::ostream& out, const crawl_report& report)
{
  if (report.notices.empty())
    return;
  out << "Notices: " << report.notices.size() << '\n';
  const std::size_t shown = std::min(report.notices.size(), max_notices);
  for (std::size_t i = 0; i != shown; ++i)
    out << "  " << printable(report.notices[i].url) << "  ("
        << report.notices[i].result->notice << ")\n";
  if (shown != report.notices.size())
    out << "  and " << report.notices.size() - shown << " more\n";
  out << '\n';
}

void write_slowest(std::ostream& out, const crawl_report& report,
                   std::size_t count)
{
  const auto rows = slowest_pages(report, count);
  if (rows.empty())
    return;
  out << "Slowest\n";
  for (const visited_page& row : rows)
    out << std::right << std::setw(12) << in_ms(row.result->took) << "  "
        << row.url << '\n';
  out << '\n';
}

} // namespace

void write_table(std::ostream& out, const crawl_report& report,
                 std::size_t slowest)
{
  write_slowest(out, report, slowest);
  write_notices(out, report);
  write_links(out, "Missing anchors", report.missing_anchors);
  write_links(out, "Broken links", report.broken);
  // The summary comes last: it is what a terminal still shows.
  out << "Crawl of " << report.start << ": " << report.end << '\n';
  write_counts(out, report);
  write_times(out, report);
  if (!report.missing_anchors.empty())
    line(out, "anchors",
         std::to_string(report.missing_anchors.size()) + " missing");
  line(out, "broken", std::to_string(report.broken.size()) + " links");
}

} // namespace spider
