// SPDX-License-Identifier: BSL-1.0

#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>

#include "report.hpp"
#include "report_text.hpp"

namespace spider {

namespace {

// XML knows no control characters, not even as references.
std::string escaped(std::string_view text)
{
  std::string out;
  for (const char c : printable(text))
    switch (c)
    {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&quot;";
      break;
    default:
      out += c;
    }
  return out;
}

double in_seconds(std::chrono::steady_clock::duration time)
{
  return milliseconds(time) / 1e3;
}

void begin_case(std::ostream& out, const char* kind, std::string_view url,
                const visit& result)
{
  out << "    <testcase classname=\"" << kind << "\" name=\"" << escaped(url)
      << "\" time=\"" << in_seconds(result.took) << '"';
}

void write_failure(std::ostream& out, const char* kind, const page_row& row)
{
  begin_case(out, kind, row.url, row.result);
  out << ">\n      <failure message=\"" << escaped(row.result.problem.str())
      << "\">";
  for (const std::string_view url : row.found_on)
    out << "on " << escaped(url) << '\n';
  if (row.found_on_more != 0)
    out << "and " << row.found_on_more << " more\n";
  out << "</failure>\n    </testcase>\n";
}

void write_success(std::ostream& out, const char* kind, const visited_page& row)
{
  begin_case(out, kind, row.url, *row.result);
  if (row.result->how == ending::disallowed)
    out << ">\n      <skipped message=\"" << escaped(row.result->notice.str())
        << "\"/>\n    </testcase>\n";
  else
    out << "/>\n";
}

} // namespace

void write_junit(std::ostream& out, const crawl_report& report)
{
  const auto malformed =
      std::ranges::find_if(report.broken, &page_row::is_malformed);
  const auto others = // that are no visited page
      static_cast<std::size_t>(report.broken.end() - malformed) +
      report.missing_anchors.size();
  std::size_t failures = others;
  for (const visited_page& row : report.visited)
    failures += !row.result->problem.empty();

  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
      << "  <testsuite name=\"" << escaped(report.start) << "\" tests=\""
      << report.visited.size() + others << "\" failures=\"" << failures
      << "\" errors=\"0\" skipped=\"" << report.disallowed << "\" time=\""
      << in_seconds(report.elapsed) << "\">\n";
  auto broken = report.broken.begin(); // both are sorted
  for (const visited_page& row : report.visited)
  {
    const char* kind = row.is_external ? "external" : "site";
    if (row.result->problem.empty())
      write_success(out, kind, row);
    else if (broken != malformed && broken->url == row.url)
      write_failure(out, kind, *broken++);
    else // no link leads to it
      write_failure(out, kind, {std::string(row.url), *row.result});
  }
  for (; broken != report.broken.end(); ++broken)
    write_failure(out, "malformed", *broken);
  for (const page_row& row : report.missing_anchors)
    write_failure(out, "anchor", row);
  out << "  </testsuite>\n</testsuites>\n";
}

} // namespace spider
