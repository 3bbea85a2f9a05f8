// SPDX-License-Identifier: BSL-1.0

#include "robots.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace {

bool allows(std::string_view file, std::string_view target)
{
  return spider::robots_rules(file).allows(target);
}

} // namespace

BOOST_AUTO_TEST_SUITE(robots)

BOOST_AUTO_TEST_CASE(the_group_of_the_spider_counts_or_else_that_of_all)
{
  const char* file = "User-agent: *\nDisallow: /a\n\n"
                     "user-agent: other\nUSER-AGENT: Toro-Web-Spider\n"
                     "Disallow: /b # why\n\nUser-agent: x\nDisallow: /\n"
                     "User-agent: toro-web-spider\nDisallow: /c\n";
  BOOST_TEST(allows(file, "/a"));
  BOOST_TEST(!allows(file, "/b"));
  BOOST_TEST(!allows(file, "/c"));
  BOOST_TEST(!allows("user-agent:*\r\ndisallow:/a\r\n", "/a/b?c"));
  BOOST_TEST(allows("User-agent: x\nDisallow: /", "/a"));
}

BOOST_AUTO_TEST_CASE(the_longest_rule_decides_and_allow_wins)
{
  const char* file = "User-agent: *\nDisallow: /a\nAllow: /a/b\n"
                     "Disallow: /a/b/c\nAllow: /d\nDisallow: /d\n";
  BOOST_TEST(!allows(file, "/a"));
  BOOST_TEST(allows(file, "/a/b"));
  BOOST_TEST(!allows(file, "/a/b/c"));
  BOOST_TEST(allows(file, "/d"));
  BOOST_TEST(allows(file, "/"));
}

BOOST_AUTO_TEST_CASE(patterns_are_understood)
{
  const auto matches = [](const std::string& path, std::string_view target)
  {
    return !allows("User-agent: *\nDisallow: " + path, target);
  };
  BOOST_TEST(matches("/*.php", "/a/b.php?c"));
  BOOST_TEST(!matches("/*.php$", "/a.php?c"));
  BOOST_TEST(matches("/*.php$", "/a.php.php"));
  BOOST_TEST(matches("/a$", "/a"));
  BOOST_TEST(!matches("/a$", "/ab"));
  BOOST_TEST(matches("/a*b*c", "/axxbyyc"));
  BOOST_TEST(!matches("/a*b*c", "/acb"));
  BOOST_TEST(matches("*", "/"));
  BOOST_TEST(matches("/caf\xC3\xA9", "/caf%C3%A9"));
  BOOST_TEST(matches("/%7Ea", "/~a"));
}

BOOST_AUTO_TEST_CASE(an_empty_rule_and_no_file_allow_all)
{
  BOOST_TEST(allows("User-agent: *\nDisallow:\n", "/a"));
  BOOST_TEST(allows("", "/a"));
  BOOST_TEST(allows("Disallow: /", "/a"));
  BOOST_TEST(allows("<html>\x01:/\n\n::\r\r", "/a"));
  BOOST_TEST(spider::robots_rules().allows("/"));
  BOOST_TEST(!spider::robots_rules::deny_all().allows("/a"));
  BOOST_TEST(spider::robots_rules::deny_all().allows("/robots.txt"));
}

BOOST_AUTO_TEST_CASE(a_crawl_delay_is_a_number_of_seconds)
{
  const auto delay = [](const std::string& value)
  {
    return spider::robots_rules("User-agent: *\nCrawl-delay:" + value)
        .crawl_delay()
        .count();
  };
  BOOST_TEST(delay(" 10") == 10'000);
  BOOST_TEST(delay(" 0.25 # s") == 250);
  for (const char* none : {"", " ten", " -1", " 1s", " nan", " 1e3", " 0x10"})
    BOOST_TEST(delay(none) == 0, none);
  constexpr auto year = 365 * 24 * 3600 * 1000LL;
  for (const auto& endless : {std::string(" inf"), std::string(1000, '9')})
    BOOST_TEST(delay(endless) == year, endless);
  const char* groups = "User-agent: x\nCrawl-delay: 1\n"
                       "User-agent: toro-web-spider\nCrawl-delay: 2\n"
                       "User-agent: *\nCrawl-delay: 3\n";
  BOOST_TEST(spider::robots_rules(groups).crawl_delay().count() == 2'000);
  BOOST_TEST(spider::robots_rules().crawl_delay().count() == 0);
}

BOOST_AUTO_TEST_CASE(a_byte_order_mark_is_skipped)
{
  BOOST_TEST(!allows("\xEF\xBB\xBFUser-agent: *\nDisallow: /", "/"));
}

BOOST_AUTO_TEST_CASE(ten_megabytes_of_rules_take_bounded_time)
{
  std::string file = "User-agent: *\nDisallow: /first\n";
  while (file.size() < 10'000'000)
    file += "Disallow: /a*a*a*a*a*a*a*b\nDisallow: /" + std::string(400, 'a') +
            "\nDisallow: /" + std::string(5000, '*') + '\n';
  const spider::robots_rules rules(file);
  for (int i = 0; i != 100; ++i)
    BOOST_TEST(rules.allows('/' + std::string(8000, 'a')) == false);
  BOOST_TEST(!rules.allows("/first"));
}

BOOST_AUTO_TEST_SUITE_END()
