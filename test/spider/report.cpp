// SPDX-License-Identifier: BSL-1.0

#include "report.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <deque>
#include <sstream>

namespace {

using std::chrono::milliseconds;

spider::page_row html_page(const std::string& url, int took)
{
  spider::page_row row{url};
  row.result.how = spider::ending::answered;
  row.result.status = 200;
  row.result.is_html = true;
  row.result.bytes = 10;
  row.result.took = milliseconds(took);
  return row;
}

spider::page_row missing_page(const std::string& url)
{
  spider::page_row row = html_page(url, 1);
  row.result.status = 404;
  row.result.problem = "404 Not Found";
  row.found_on = {"http://h/1", "http://h/2"};
  return row;
}

spider::page_row silent_page(const std::string& url)
{
  spider::page_row row{url};
  row.result.how = spider::ending::timed_out;
  row.result.took = milliseconds(1000);
  row.result.problem = "read timed out";
  return row;
}

// Rows with pages that link to them are the broken ones. All that a report
// refers to stays for the whole program.
spider::crawl_report crawl_of(const std::vector<spider::page_row>& rows,
                              std::size_t links = 1)
{
  static std::deque<spider::page_row> kept;
  std::vector<spider::visited_page> visited;
  std::vector<spider::page_row> broken;
  for (const auto& row : rows)
  {
    const auto& stays = kept.emplace_back(row);
    visited.push_back({stays.url, &stays.result});
    if (!row.found_on.empty())
      broken.push_back(row);
  }
  auto report = spider::report_of(std::move(visited), std::move(broken));
  report.links.on_site = links;
  report.start = "http://h/0";
  report.end = "complete";
  return report;
}

} // namespace

BOOST_AUTO_TEST_SUITE(report)

BOOST_AUTO_TEST_CASE(visits_are_added_up)
{
  const auto report =
      crawl_of({html_page("http://h/0", 1), missing_page("http://h/1"),
                silent_page("http://h/2")});
  BOOST_TEST(report.pages == 1u);
  BOOST_TEST(report.by_class[2] == 1u);
  BOOST_TEST(report.by_class[4] == 1u);
  BOOST_TEST(report.timed_out == 1u);
  BOOST_TEST(report.failed == 0u);
  BOOST_TEST(report.bytes == 20u);
  BOOST_TEST(report.broken.size() == 1u); // no link leads to the silent one
}

BOOST_AUTO_TEST_CASE(percentiles_are_nearest_ranks_of_what_was_answered)
{
  std::vector<spider::page_row> rows{silent_page("http://h/s")};
  for (int i = 1; i <= 200; ++i)
    rows.push_back(html_page("http://h/" + std::to_string(i), i));
  const auto report = crawl_of(rows);
  BOOST_CHECK(report.p50 == milliseconds(100));
  BOOST_CHECK(report.p95 == milliseconds(190));
  BOOST_CHECK(report.p99 == milliseconds(198));
}

BOOST_AUTO_TEST_CASE(slowest_pages_come_first)
{
  const auto report =
      crawl_of({html_page("http://h/0", 1), html_page("http://h/1", 3),
                html_page("http://h/2", 2)});
  const auto slowest = spider::slowest_pages(report, 2);
  BOOST_REQUIRE(slowest.size() == 2u);
  BOOST_TEST(slowest[0].url == "http://h/1");
  BOOST_TEST(slowest[1].url == "http://h/2");
  BOOST_TEST(
      spider::slowest_pages(crawl_of({silent_page("http://h/0")}), 2).empty());
}

BOOST_AUTO_TEST_CASE(an_empty_crawl_says_why)
{
  BOOST_TEST(spider::why_empty(crawl_of({})) == "");
  BOOST_TEST(spider::why_empty(crawl_of({html_page("http://h/0", 1)})) == "");
  BOOST_TEST(spider::why_empty(crawl_of({silent_page("http://h/0")})) ==
             "cannot reach http://h/0: read timed out");
  BOOST_TEST(spider::why_empty(crawl_of({missing_page("http://h/0")})) ==
             "nothing to crawl at http://h/0: 404 Not Found");
  auto lonely = html_page("http://h/0", 1);
  BOOST_TEST(spider::why_empty(crawl_of({lonely}, 0)) ==
             "nothing to crawl at http://h/0: its page has no links");
  lonely.result.is_html = false;
  BOOST_TEST(
      spider::why_empty(crawl_of({lonely})) ==
      "nothing to crawl at http://h/0: no HTML page, by its Content-Type");
}

BOOST_AUTO_TEST_CASE(the_table_names_broken_links_and_their_pages)
{
  std::ostringstream out;
  write_table(
      out,
      crawl_of({html_page("http://h/0", 1), missing_page("http://h/x\x1b")}),
      10);
  const std::string table = out.str();
  BOOST_TEST(table.find("http://h/x?  (404 Not Found)\n      on http://h/1") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_summary_comes_last_and_tells_what_was_not_checked)
{
  auto home = html_page("http://h/0", 1);
  home.result.notice = "mind this";
  auto report = crawl_of({home, missing_page("http://h/1")});
  report.links.off_site = 7;
  report.elapsed = std::chrono::seconds(40);
  std::ostringstream out;
  write_table(out, report, 10);
  const std::string table = out.str();
  const auto summary = table.find("Crawl of http://h/0: complete");
  BOOST_TEST(summary > table.find("Broken links: 1"));
  BOOST_TEST(summary > table.find("http://h/0  (mind this)"));
  BOOST_TEST(table.find("7 links to other hosts or https", summary) !=
             std::string::npos);
  BOOST_TEST(table.find(" 0.050 URLs a second", summary) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_json_can_be_read)
{
  std::ostringstream out;
  write_json(out,
             crawl_of({html_page("http://h/0", 1), missing_page("http://h/1")}),
             10);
  const auto all = boost::json::parse(out.str());
  BOOST_TEST(all.at("totals").at("broken").to_number<int>() == 1);
  BOOST_TEST(all.at("visited").as_array().size() == 2u);
  BOOST_TEST(all.at("broken").at(0).at("found_on").as_array().size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
