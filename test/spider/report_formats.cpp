// SPDX-License-Identifier: BSL-1.0

// The reports for spreadsheets and CI systems.

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <boost/test/unit_test.hpp>

#include <sstream>
#include <string>

#include "report.hpp"
#include "report_text.hpp"

namespace {

spider::page_row row_of(const std::string& url, const std::string& problem = {})
{
  spider::page_row row;
  row.url = url;
  row.result.how = spider::ending::answered;
  row.result.status = problem.empty() ? 200 : 404;
  row.result.problem = problem;
  if (!problem.empty())
    row.found_on = {"http://h/"};
  return row;
}

spider::crawl_report some_report()
{
  auto malformed = row_of("=1+\"2\"\n<&\xFF>", "not a URL");
  malformed.is_malformed = true;
  malformed.result.status = 0;
  // The report refers to what has been visited.
  static const auto home = row_of("http://h/");
  static const auto unlinked = row_of("http://h/elsewhere", "500");
  static const auto external = []
  {
    auto row = row_of("http://x/", "404 Not Found");
    row.is_external = true;
    row.found_on_more = 7;
    return row;
  }();
  static const auto disallowed = []
  {
    auto row = row_of("http://h/no");
    row.result.how = spider::ending::disallowed;
    row.result.status = 0;
    row.result.notice = "not fetched";
    return row;
  }();
  static const auto broken = row_of("http://h/a,b", "404 Not Found");
  auto report = spider::report_of({{home.url, &home.result},
                                   {broken.url, &broken.result},
                                   {unlinked.url, &unlinked.result},
                                   {disallowed.url, &disallowed.result},
                                   {external.url, &external.result, true}},
                                  {broken, external, malformed});
  report.missing_anchors = {row_of("http://h/#x", "no such anchor")};
  report.start = "http://h/";
  return report;
}

} // namespace

BOOST_AUTO_TEST_SUITE(report_formats)

BOOST_AUTO_TEST_CASE(csv_has_a_line_for_each_finding)
{
  std::ostringstream out;
  spider::write_csv(out, some_report());
  BOOST_TEST(
      out.str() ==
      "kind,url,status,problem,location,found on\r\n"
      "broken,\"http://h/a,b\",404,\"404 Not Found\",\"\",\"http://h/\"\r\n"
      "external,\"http://x/\",404,\"404 Not Found\",\"\",\"http://h/ and 7 "
      "more\"\r\n"
      "malformed,\"'=1+\"\"2\"\"?<&\xEF\xBF\xBD>\",,\"not a "
      "URL\",\"\",\"http://h/\"\r\n"
      "anchor,\"http://h/#x\",404,\"no such anchor\",\"\",\"http://h/\"\r\n"
      "notice,\"http://h/no\",,\"not fetched\",\"\",\"\"\r\n");
}

BOOST_AUTO_TEST_CASE(junit_is_xml_with_a_test_for_each_url)
{
  std::stringstream out;
  spider::write_junit(out, some_report());
  boost::property_tree::ptree all;
  boost::property_tree::read_xml(out, all);
  const auto& suite = all.get_child("testsuites.testsuite");
  BOOST_TEST(suite.get<int>("<xmlattr>.tests") == 7);
  BOOST_TEST(suite.get<int>("<xmlattr>.failures") == 5);
  BOOST_TEST(suite.get<int>("<xmlattr>.skipped") == 1);
  BOOST_TEST(suite.count("testcase") == 7u);
  int failures = 0;
  for (const auto& [name, child] : suite)
    failures += static_cast<int>(child.count("failure"));
  BOOST_TEST(failures == 5);
}

BOOST_AUTO_TEST_CASE(a_program_fails_on_what_it_is_asked_to)
{
  auto report = some_report();
  BOOST_TEST(!has_one_of(report, {}));
  BOOST_TEST(has_one_of(report, {.broken = true}));
  BOOST_TEST(has_one_of(report, {.external = true}));
  BOOST_TEST(has_one_of(report, {.anchors = true}));
  BOOST_TEST(has_one_of(report, {.notices = true}));
  const auto row = row_of("http://h/");
  const auto fine = spider::report_of({{row.url, &row.result}}, {});
  BOOST_TEST(!has_one_of(fine, {true, true, true, true}));
}

BOOST_AUTO_TEST_CASE(control_characters_do_not_reach_a_terminal)
{
  BOOST_TEST(spider::printable("a\x1b[\x7f\xC2\x9B\xC2\xA0\x9B\n") ==
             "a?[??\xC2\xA0\xEF\xBF\xBD?");
  BOOST_TEST(spider::printable("\xC2") == "\xEF\xBF\xBD");
  // U+FFFE and U+FFFF, which XML does not know either.
  BOOST_TEST(spider::printable("\xEF\xBF\xBE\xEF\xBF\xBF\xEF\xBF\xBD") ==
             "??\xEF\xBF\xBD");
}

BOOST_AUTO_TEST_CASE(what_is_not_utf8_is_replaced)
{
  const std::string bad = "\xEF\xBF\xBD";
  BOOST_TEST(spider::as_utf8("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x95\xB7") ==
             "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x95\xB7");
  BOOST_TEST(spider::as_utf8("\xFF") == bad);
  BOOST_TEST(spider::as_utf8("\xC3(") == bad + "(");
  BOOST_TEST(spider::as_utf8("\xC0\x80") == bad + bad);
  BOOST_TEST(spider::as_utf8("\xED\xA0\x80") == bad + bad + bad);
  BOOST_TEST(spider::as_utf8("\xE2\x82") == bad + bad);
}

BOOST_AUTO_TEST_SUITE_END()
