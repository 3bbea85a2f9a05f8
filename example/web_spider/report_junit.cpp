// SPDX-License-Identifier: BSL-1.0

#include <ostream>
#include <string>
#include <vector>

#include "report.hpp"
#include "report_text.hpp"

namespace spider {

namespace {

// XML knows no control characters, not even as references.
std::string escaped(const std::string& text)
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

double seconds(std::chrono::steady_clock::duration time)
{
  return milliseconds(time) / 1e3;
}

void begin_case(std::ostream& out, const char* kind, const page_row& row)
{
  out << "    <testcase classname=\"" << kind << "\" name=\""
      << escaped(row.url) << "\" time=\"" << seconds(row.result.took) << '"';
}

void write_failure(std::ostream& out, const char* kind, const page_row& row)
{
  begin_case(out, kind, row);
  out << ">\n      <failure message=\"" << escaped(row.result.problem) << "\">";
  for (const std::string& url : row.found_on)
    out << "on " << escaped(url) << '\n';
  if (row.found_on_more != 0)
    out << "and " << row.found_on_more << " more\n";
  out << "</failure>\n    </testcase>\n";
}

void write_visited(std::ostream& out, const page_row& row)
{
  const char* kind = row.is_external ? "external" : "site";
  if (!row.result.problem.empty())
    return write_failure(out, kind, row);
  begin_case(out, kind, row);
  if (row.result.how == ending::disallowed)
    out << ">\n      <skipped message=\"" << escaped(row.result.notice)
        << "\"/>\n    </testcase>\n";
  else
    out << "/>\n";
}

} // namespace

void write_junit(std::ostream& out, const crawl_report& report)
{
  std::vector<const page_row*> malformed;
  for (const page_row& row : report.broken)
    if (row.is_malformed)
      malformed.push_back(&row);
  std::size_t failures = malformed.size() + report.missing_anchors.size();
  const std::size_t tests = report.visited.size() + failures;
  for (const page_row& row : report.visited)
    failures += !row.result.problem.empty();

  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
      << "  <testsuite name=\"" << escaped(report.start) << "\" tests=\""
      << tests << "\" failures=\"" << failures << "\" errors=\"0\" skipped=\""
      << report.disallowed << "\" time=\"" << seconds(report.elapsed)
      << "\">\n";
  for (const page_row& row : report.visited)
    write_visited(out, row);
  for (const page_row* row : malformed)
    write_failure(out, "malformed", *row);
  for (const page_row& row : report.missing_anchors)
    write_failure(out, "anchor", row);
  out << "  </testsuite>\n</testsuites>\n";
}

} // namespace spider
