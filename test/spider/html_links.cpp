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
  check_links(std::string_view("\0\xff<a href=1>x\xfe", 14), {"1"});
}

BOOST_AUTO_TEST_CASE(references_in_links_are_decoded_as_browsers_do)
{
  check_links("<a href='?a=1&copy=2&lt=3&amp;b'>", {"?a=1&copy=2&lt=3&b"});
  check_links("<a href='&#47;x&#x2F;&#X2f &copy &eacute;&period;&nosuch;'>",
              {"/x// \xC2\xA9 \xC3\xA9.&nosuch;"});
  check_links("<a href='&#0;&#xD800;&#x110000;&#99999999999999999999999;'>",
              {"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"});
  check_links("<a href='&#;&#x;&;&#x1F577;'>", {"&#;&#x;&;\xF0\x9F\x95\xB7"});
}

BOOST_AUTO_TEST_CASE(the_content_of_text_elements_holds_no_links)
{
  check_links("<title><a href=1></title><a href=2>", {"2"});
  check_links("<style><a href=1></STYLE ><a href=2>", {"2"});
  check_links("<script><!--<script></script><a href=1>--></script><a href=2>",
              {"2"});
  check_links("<script><!--></script><a href=2>", {"2"});
  check_links("<xmp></xmpx><a href=1>", {});
  check_links("<svg><script/><title/><a href=1></svg>", {"1"});
  check_links("<svg><![CDATA[<a href=1>]]></svg><![CDATA[<a href=2>", {});
  check_links("<a href=1><plaintext><a href=2>", {"1"});
}

BOOST_AUTO_TEST_CASE(comments_end_where_browsers_end_them)
{
  check_links("<!--><a href=1><!---><a href=2><!-- --!><a href=3><!x<y><a "
              "href=4><?x><a href=5></ ><a href=6><!-- <a href=7>",
              {"1", "2", "3", "4", "5", "6"});
}

BOOST_AUTO_TEST_CASE(the_first_of_equal_attributes_counts)
{
  check_links(
      "<a x=y/href=0 href=1 href=2><a =href=3><a href = '4'y><a/href=5>",
      {"1", "4", "5"});
}

// Each of these takes the parser of a tree minutes or gigabytes.
BOOST_AUTO_TEST_CASE(a_page_takes_linear_time_whatever_it_holds)
{
  const auto repeated = [](const std::string& text, int times)
  {
    std::string all;
    for (int i = 0; i != times; ++i)
      all += text;
    return all;
  };
  std::string many_formats;
  std::string many_attributes = "<p";
  for (int i = 0; i != 30'000; ++i)
  {
    many_formats += "<p><b id=" + std::to_string(i) + "></p>";
    many_attributes += " a" + std::to_string(i) + "=1";
  }
  constexpr int n = 50'000;
  for (const std::string& html :
       {repeated("<div>", n), repeated("<b><p>", n), repeated("<i><b>", n),
        repeated("<table><tr><td>", n), repeated("<table><a>", n),
        repeated("<div></x>", n), repeated("<p><nobr>", n),
        repeated("<svg><title>", n) + "</title>", repeated("<select>", n),
        repeated("<template>", n), repeated("<font size=1><p>", n),
        repeated("<li>", n), repeated("<!-", n) + '>', repeated("</", n) + '>',
        repeated("&", n), many_formats, many_attributes + '>',
        "<p x='" + repeated("<", 40 * n) + "'>"})
  {
    const auto found = spider::find_links(html + "<a href=bottom>").links;
    BOOST_REQUIRE(!found.empty());
    BOOST_TEST(found.back() == "bottom");
  }
}

BOOST_AUTO_TEST_CASE(what_a_page_never_ends_takes_linear_time)
{
  std::string rest;
  for (int i = 0; i != 30'000; ++i)
    rest += "<a href=1 <!-- </scrip <script <title> \" ]] ";
  for (const char* begin : {"<!--", "<script>", "<script><!--", "<title>",
                            "<a href='", "<svg><![CDATA[", "<xmp>"})
    check_links((begin + rest).substr(0, rest.size()), {});
  BOOST_TEST(spider::find_links("<a href='" + rest + "'>").links.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
