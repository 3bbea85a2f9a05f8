// SPDX-License-Identifier: BSL-1.0

#include "css_links.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace {

void check_css(std::string_view css, const std::vector<std::string>& expected)
{
  spider::link_list links;
  spider::find_css_links(css, links);
  BOOST_TEST(links.take() == expected, boost::test_tools::per_element());
}

} // namespace

BOOST_AUTO_TEST_SUITE(css_links)

BOOST_AUTO_TEST_CASE(urls_and_imports_are_links)
{
  check_css("@import '1';@import url(2) screen; a{background:URL( \"3\" ) , "
            "url( 4 )}@font-face{src:local('x'),url('5')format('woff')}",
            {"1", "2", "3", "4", "5"});
}

BOOST_AUTO_TEST_CASE(what_looks_like_a_link_is_none)
{
  check_css("/* url(1) */ a{content:'url(2)'} @namespace url(3);"
            "@namespace svg '4'; b{fill:url(#5);c:my-url(6);d:url()}"
            "@charset 'utf-8';@media x{}",
            {});
}

BOOST_AUTO_TEST_CASE(escapes_are_decoded)
{
  check_css("a{b:url(a\\ b);c:url('\\41\\42 C');d:url(\"e\\\nf\")}",
            {"a b", "ABC", "ef"});
}

BOOST_AUTO_TEST_CASE(anything_is_css)
{
  check_css("", {});
  check_css("url(", {});
  check_css("url(\"a", {"a"});
  check_css("a\\", {});
  check_css("url(a\\", {"a"});
  check_css("'a\nurl(b)", {"b"});
  check_css("/* url(a)", {});
}

BOOST_AUTO_TEST_CASE(a_style_sheet_takes_linear_time_whatever_it_holds)
{
  std::string many;
  for (int i = 0; i != 200'000; ++i)
    many += "url(' /*\\";
  for (const char* begin : {"", "/*", "'", "url(", "url('", "@import "})
  {
    spider::link_list links(10);
    spider::find_css_links(begin + many, links);
    BOOST_TEST(links.take().size() <= 10u);
  }
}

BOOST_AUTO_TEST_SUITE_END()
