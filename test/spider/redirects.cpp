// SPDX-License-Identifier: BSL-1.0

// The verdicts on redirects, whichever worker follows them first.

#include <boost/test/unit_test.hpp>

#include <map>
#include <string>

#include "crawl_fixture.hpp"

namespace {

using namespace spider_test;

constexpr const char* too_many = "too many redirects";

spider::crawl_options at_most_two()
{
  auto options = without_robots();
  options.max_redirects = 2;
  options.workers = 1; // visits the links of a page in their order
  return options;
}

raw_answer redirect_to(const std::string& location)
{
  return {answer_of("302 Found", "Location: " + location + "\r\n", "")};
}

// What is not moved is a page; `home` is the one at "/".
raw_server::script redirecting(const std::string& home,
                               const std::map<std::string, std::string>& moved)
{
  return [home, moved](const std::string& target, int)
  {
    const auto found = moved.find(target);
    if (found != moved.end())
      return redirect_to(found->second);
    return html(target == "/" ? home : "<p id=here>");
  };
}

} // namespace

BOOST_AUTO_TEST_SUITE(redirects)

BOOST_AUTO_TEST_CASE(redirects_to_a_page_that_is_known_count)
{
  const raw_server server(redirecting(
      "<a href=/1><a href=/3>", {{"/3", "/2"}, {"/2", "/1"}, {"/1", "/end"}}));
  crawl all(server, at_most_two());
  all.run();
  BOOST_TEST(all.problem("/1") == "");
  BOOST_TEST(all.problem("/2") == "");
  BOOST_TEST(all.problem("/3") == too_many);
  BOOST_TEST(server.requests_for("/1") == 1);
}

BOOST_AUTO_TEST_CASE(a_link_into_a_chain_that_is_too_long_may_be_right)
{
  const raw_server server(redirecting(
      "<a href=/1><a href=/2>", {{"/1", "/2"}, {"/2", "/3"}, {"/3", "/end"}}));
  crawl all(server, at_most_two());
  all.run();
  BOOST_TEST(all.problem("/1") == too_many);
  BOOST_TEST(all.problem("/2") == "");
  BOOST_TEST(all.visit("/end").status == 200u);
  for (const char* target : {"/1", "/2", "/3", "/end"})
    BOOST_TEST(server.requests_for(target) == 1, target);
}

BOOST_AUTO_TEST_CASE(redirects_without_end_are_left_at_the_limit)
{
  const raw_server server(
      [](const std::string& target, int)
      {
        if (target == "/")
          return html("<a href=/x><a href=/xxx>");
        return redirect_to(target + 'x');
      });
  crawl all(server, at_most_two());
  all.run();
  BOOST_TEST(all.problem("/x") == too_many);
  BOOST_TEST(all.problem("/xxx") == too_many);
  BOOST_TEST(all.crawler->pages().visited() == 6u); // up to /xxxxx
  BOOST_TEST(all.report().not_visited == 0u);
}

BOOST_AUTO_TEST_CASE(no_redirects_may_be_allowed)
{
  const raw_server server(
      redirecting("<a href=/1><a href=/2>", {{"/1", "/2"}}));
  auto options = at_most_two();
  options.max_redirects = 0;
  crawl all(server, options);
  all.run();
  BOOST_TEST(all.problem("/1") == too_many);
  BOOST_TEST(all.problem("/2") == "");
}

// RFC 9110, section 10.2.2.
BOOST_AUTO_TEST_CASE(the_fragment_of_a_redirect_takes_the_place_of_the_links)
{
  const raw_server server(
      redirecting("<a href=/1#gone><a href=/2#gone>"
                  "<a href=/3#gone><a href=/2#here>",
                  {{"/1", "/end#here"}, {"/2", "/end"}, {"/3", "/1"}}));
  crawl all(server, at_most_two());
  const auto missing = all.run().report().missing_anchors;
  BOOST_REQUIRE(missing.size() == 1u);
  BOOST_TEST(missing[0].url == all.start + "2#gone");
}

BOOST_AUTO_TEST_CASE(a_long_location_takes_little_memory)
{
  const raw_server server(
      [](const std::string& target, int)
      {
        if (target == "/")
          return html("<a href=/1><a href=/2>");
        return redirect_to((target == "/1" ? "http://[" : "data:") +
                           std::string(60'000, 'x'));
      });
  crawl all(server);
  all.run();
  for (const auto& row : all.crawler->pages().rows())
  {
    const std::string& kept = row.result->redirects_to;
    BOOST_TEST(kept.capacity() < 1000u, row.url);
    BOOST_TEST((kept.ends_with("xxx...") || row.url == all.start), row.url);
  }
}

BOOST_AUTO_TEST_SUITE_END()
