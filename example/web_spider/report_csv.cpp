// SPDX-License-Identifier: BSL-1.0

#include <ostream>
#include <string>
#include <string_view>

#include "report.hpp"
#include "report_text.hpp"

namespace spider {

namespace {

// Safety: a spreadsheet takes a field that begins so for a formula.
bool looks_like_a_formula(std::string_view text)
{
  return !text.empty() &&
         std::string_view("=+-@\t").find(text[0]) != std::string_view::npos;
}

std::string field(std::string_view value)
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
  for (const std::string_view url : row.found_on)
    (all += all.empty() ? "" : " ") += url;
  if (row.found_on_more != 0)
    all += " and " + std::to_string(row.found_on_more) + " more";
  return all;
}

void write_row(std::ostream& out, const char* kind, std::string_view url,
               const visit& result, const std::string& problem,
               const std::string& on)
{
  out << kind << ',' << field(url) << ',';
  if (result.status != 0)
    out << result.status;
  out << ',' << field(problem) << ',' << field(result.redirects_to.str()) << ','
      << field(on) << "\r\n";
}

void write_row(std::ostream& out, const char* kind, const page_row& row)
{
  write_row(out, kind, row.url, row.result, row.result.problem, found_on(row));
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
              row);
  for (const page_row& row : report.missing_anchors)
    write_row(out, "anchor", row);
  for (const visited_page& row : report.notices)
    write_row(out, "notice", row.url, *row.result, row.result->notice, "");
}

} // namespace spider
