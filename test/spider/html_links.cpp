// SPDX-License-Identifier: BSL-1.0

#include "html_links.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace {

void check_links(std::string_view html, const std::vector<std::string>& links)
{
  const auto found = spider::find_links(html).links;
  BOOST_TEST(found == links, boost::test_tools::per_element());
}

} // namespace

BOOST_AUTO_TEST_SUITE(html_links)

BOOST_AUTO_TEST_CASE(links_come_in_the_order_of_the_document)
{
  check_links("<link rel=stylesheet href=1><p><a href='2'>x</a>"
              "<img src=\"3\"><map><area href=4></map>"
              "<script src=5></script><iframe src=6></iframe>"
              "<video poster=8 src=7><source src=9></video>",
              {"1", "2", "3", "4", "5", "6", "7", "8", "9"});
}

BOOST_AUTO_TEST_CASE(entities_are_decoded_and_case_is_ignored)
{
  check_links("<A HREF='?a=1&amp;b=2'>x", {"?a=1&b=2"});
}

BOOST_AUTO_TEST_CASE(what_looks_like_a_link_is_none)
{
  check_links("<!-- <a href=1> --><script>'<a href=2>'</script>"
              "<textarea><a href=3></textarea><a name=4><p href=5>",
              {});
}

BOOST_AUTO_TEST_CASE(hints_are_no_links)
{
  check_links("<link rel=preconnect href=1><link rel=dns-prefetch href=2>", {});
}

BOOST_AUTO_TEST_CASE(the_first_base_counts)
{
  const auto found =
      spider::find_links("<base target=x><base href=/a/><base href=/b/>");
  BOOST_TEST(found.base.value() == "/a/");
  BOOST_TEST(!spider::find_links("<p>").base);
}

BOOST_AUTO_TEST_CASE(anything_is_html)
{
  check_links("", {});
  check_links("<a href=1><b><i></a></b><<a href=2 <a", {"1"});
  check_links(std::string_view("\0\xff<a href=1>x\xfe", 16), {"1"});
}

BOOST_AUTO_TEST_CASE(a_deep_tree_is_walked_to_its_bottom)
{
  std::string html;
  for (int i = 0; i != 3000; ++i)
    html += "<div>";
  check_links(html + "<a href=bottom>", {"bottom"});
}

BOOST_AUTO_TEST_SUITE_END()
