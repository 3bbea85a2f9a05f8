// SPDX-License-Identifier: BSL-1.0

#include "url_filter.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

BOOST_AUTO_TEST_SUITE(url_filter)

BOOST_AUTO_TEST_CASE(all_is_admitted_if_nothing_is_said)
{
  BOOST_TEST(spider::url_filter().admits("http://h/"));
}

BOOST_AUTO_TEST_CASE(an_expression_matches_a_part_of_the_url)
{
  spider::url_filter filter;
  filter.include("/docs/");
  filter.include("\\.css$");
  filter.exclude("\\?print=");
  BOOST_TEST(filter.admits("http://h/docs/a"));
  BOOST_TEST(filter.admits("http://h/a.css"));
  BOOST_TEST(!filter.admits("http://h/a"));
  BOOST_TEST(!filter.admits("http://h/docs/a?print=1"));
}

BOOST_AUTO_TEST_CASE(an_expression_that_takes_for_ever_admits_nothing)
{
  spider::url_filter filter;
  filter.exclude("(a*)*(a*)*(a*)*b$");
  BOOST_TEST(!filter.admits("http://h/" + std::string(8000, 'a')));
}

BOOST_AUTO_TEST_SUITE_END()
