// SPDX-License-Identifier: BSL-1.0

#include <ostream>
#include <string>

#include "report.hpp"
#include "report_text.hpp"

namespace spider {

namespace {

// Safety: a spreadsheet takes a field that begins so for a formula.
bool looks_like_a_formula(const std::string& text)
{
  return !text.empty() &&
         std::string("=+-@\t").find(text[0]) != std::string::npos;
}

std::string field(const std::string& value)
{
  std::string out = looks_like_a_formula(value) ? "\"'" : "\"";
  for (const char c : printable(value))
  {
    out += c;
    if (c == '"')
      out += c;
  }
  return out + '"';
}

std::string found_on(const page_row& row)
{
  std::string all;
  for (const std::string& url : row.found_on)
    all += (all.empty() ? "" : " ") + url;
  if (row.found_on_more != 0)
    all += " and " + std::to_string(row.found_on_more) + " more";
  return all;
}

void write_row(std::ostream& out, const char* kind, const page_row& row,
               const std::string& problem)
{
  out << kind << ',' << field(row.url) << ',';
  if (row.result.status != 0)
    out << row.result.status;
  out << ',' << field(problem) << ',' << field(row.result.redirects_to) << ','
      << field(found_on(row)) << "\r\n";
}

} // namespace

void write_csv(std::ostream& out, const crawl_report& report)
{
  out << "kind,url,status,problem,location,found on\r\n";
  for (const page_row& row : report.broken)
    write_row(out,
              row.is_malformed  ? "malformed"
              : row.is_external ? "external"
                                : "broken",
              row, row.result.problem);
  for (const page_row& row : report.missing_anchors)
    write_row(out, "anchor", row, row.result.problem);
  for (const page_row& row : report.notices)
    write_row(out, "notice", row, row.result.notice);
}

} // namespace spider
