// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_REPORT_HPP
#define TORO_EXAMPLE_WEB_SPIDER_REPORT_HPP

#include <array>
#include <chrono>
#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

#include "visit.hpp"

namespace spider {

class page_table;

/// What a crawl has found. It refers to the table of the pages.
struct crawl_report
{
  std::string start{};
  std::string end{}; // "complete", or why it is not
  std::chrono::steady_clock::duration elapsed{};

  std::vector<visited_page> visited{}; // all URLs, sorted
  std::vector<page_row> broken{};      // of them, sorted; then malformed links
  std::vector<page_row> missing_anchors{}; // "URL#fragment" of links
  std::vector<visited_page> notices{};     // those with a notice
  std::size_t not_visited = 0; // known, but time or --max-pages was over

  std::size_t pages = 0;                 // HTML
  std::size_t files = 0;                 // whatever else came with 2xx
  std::array<std::size_t, 6> by_class{}; // [2] counts 2xx
  std::size_t timed_out = 0;
  std::size_t failed = 0;
  std::size_t too_large = 0;
  std::size_t leaving_site = 0; // redirects
  std::size_t external = 0;     // visited on other hosts
  std::size_t disallowed = 0;   // by robots.txt
  std::size_t broken_external = 0;
  std::size_t bytes = 0;
  link_counts links{}; // of all pages

  std::chrono::steady_clock::duration p50{}; // of what was answered
  std::chrono::steady_clock::duration p95{};
  std::chrono::steady_clock::duration p99{};
};

/// Add up what the visits came to.
/**
 * @param visited What has been visited, sorted by URL.
 *
 * @param broken Those of them with a problem to which links lead.
 */
crawl_report report_of(std::vector<visited_page> visited,
                       std::vector<page_row> broken);

/// Add up what is in a table of pages.
crawl_report report_of(const page_table& pages);

/// What a program may have to fail on.
struct findings
{
  bool broken = false;   // links within the site
  bool external = false; // links off the site
  bool anchors = false;  // that are missing
  bool notices = false;
};

/// Whether a report has one of the findings that @p wanted names.
bool has_one_of(const crawl_report& report, const findings& wanted);

/// Tell in one line why there is nothing to report; empty if there is.
std::string why_empty(const crawl_report& report);

/// The slowest of the pages that were answered, the slowest first.
std::vector<visited_page> slowest_pages(const crawl_report& report,
                                        std::size_t count);

/// Write a table for people, which ends with the summary.
void write_table(std::ostream& out, const crawl_report& report,
                 std::size_t slowest);

/// Write one JSON object for programs. Times are in milliseconds.
void write_json(std::ostream& out, const crawl_report& report,
                std::size_t slowest);

/// Write one line for each finding, for spreadsheets (RFC 4180).
/**
 * The columns: kind (broken, external, malformed, anchor, notice), url, status,
 * problem, location, found on.
 */
void write_csv(std::ostream& out, const crawl_report& report);

/// Write a test suite of JUnit with a test for each URL, for CI systems.
void write_junit(std::ostream& out, const crawl_report& report);

/// A duration in milliseconds.
double milliseconds(std::chrono::steady_clock::duration time);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_REPORT_HPP
