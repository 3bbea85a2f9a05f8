// SPDX-License-Identifier: BSL-1.0

// What is read of pages, style sheets and sitemaps beside plain links.

#include "document.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace {

spider::document read(const std::string& type, const std::string& body,
                      std::size_t limit = 1000)
{
  spider::http_reply reply;
  reply.status = 200;
  reply.content_type = type;
  reply.body = body;
  return spider::read_document(reply, limit);
}

void check(const std::string& type, const std::string& body,
           const std::vector<std::string>& expected)
{
  BOOST_TEST(read(type, body).links == expected,
             boost::test_tools::per_element());
}

void check_page(const std::string& body,
                const std::vector<std::string>& expected)
{
  check("text/html", body, expected);
}

} // namespace

BOOST_AUTO_TEST_SUITE(document)

BOOST_AUTO_TEST_CASE(all_candidates_of_a_srcset_are_links)
{
  check_page("<img src=0 srcset='1 1x, 2 2x,3  300w,  4'>",
             {"0", "1", "2", "3", "4"});
  check_page("<picture><source srcset=' , a,b 2x (1,2), c'></picture>",
             {"a,b", "c"});
  check_page("<link rel=preload imagesrcset='1 1x,2 2x' href=0>",
             {"0", "1", "2"});
  check_page("<img srcset=''><img srcset=',,, '><p srcset=1>", {});
  check_page("<img srcset='data:image/png;base64,AA== 1x, b, c'>",
             {"data:image/png;base64,AA==", "b", "c"});
}

BOOST_AUTO_TEST_CASE(a_page_refreshes_to_a_link)
{
  for (const std::string content :
       {"5;url=/a", "0; URL = '/a'", "3,/a", " 1.5 ; /a", "1 url='/a'x"})
    check_page("<META HTTP-EQUIV=Refresh content=\"" + content + "\">", {"/a"});
  check_page("<meta http-equiv=refresh content='1 url=\"/a\"x'>", {"/a"});
  check_page("<meta http-equiv=refresh content=5><meta http-equiv=refresh "
             "content='url=/a'><meta content='1;url=/b'>"
             "<meta http-equiv=refresh content=';/c'>"
             "<meta http-equiv=refresh content='1x;/d'>",
             {});
  check_page("<meta http-equiv=refresh content='0;urlx'>", {"urlx"});
}

BOOST_AUTO_TEST_CASE(css_in_a_page_has_links)
{
  check_page("<style>a{b:url(1)}</style><p style='c:url(&quot;2&quot;)'>"
             "<style>/* <a href=3> */ @import '4'</style><a href=5>",
             {"1", "2", "4", "5"});
}

BOOST_AUTO_TEST_CASE(a_style_sheet_has_links)
{
  check("text/css; charset=utf-8", "a{b:url(1)}", {"1"});
  check("text/plain", "a{b:url(1)}", {});
  check("text/css, text/css", "a{b:url(1)}", {"1"}); // sent twice
}

BOOST_AUTO_TEST_CASE(ids_and_names_are_anchors)
{
  const auto page = read("Application/XHTML+XML",
                         "<p id=a><a name='b&amp;c'></a><p ID=\"d e\" id=no>"
                         "<input name=f><a id=g name=h><!-- <p id=i> -->"
                         "<p id=caf\xC3\xA9>");
  const auto& anchors = page.anchors.value();
  for (const char* name :
       {"a", "b&c", "d e", "d%20e", "g", "h", "", "top", "TOP", "caf%C3%A9"})
    BOOST_TEST(anchors.contains(name), name);
  for (const char* name : {"A", "b", "no", "f", "i", "a%20", "cafe"})
    BOOST_TEST(!anchors.contains(name), name);
  BOOST_TEST(!read("text/css", "").anchors.has_value());
}

BOOST_AUTO_TEST_CASE(a_sitemap_has_the_urls_of_its_locations)
{
  check("application/xml",
        "\xEF\xBB\xBF<?xml version='1.0'?><!-- <loc>0</loc> -->\n"
        "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
        "<url><loc>\n http://h/?a=1&amp;b=2 </loc><lastmod>x</lastmod></url>"
        "<!-- <loc>1</loc> --><url><loc><![CDATA[http://h/3]]></loc></url>"
        "<image:image><image:loc>http://h/4</image:loc></image:image></urlset>",
        {"\n http://h/?a=1&b=2 ", "http://h/3", "http://h/4"});
  check("text/xml", "<sitemapindex><sitemap><loc>a</loc></sitemap>", {"a"});
  BOOST_TEST(read("text/xml", "<s:urlset><s:loc>a").is_sitemap);
}

BOOST_AUTO_TEST_CASE(other_xml_is_no_sitemap)
{
  for (const char* xml : {"", "<", "<rss><loc>a</loc></rss>", "loc", "<!--",
                          "<?xml", "<![CDATA[", "<x><urlset><loc>a"})
  {
    check("text/xml", xml, {});
    BOOST_TEST(!read("text/xml", xml).is_sitemap, xml);
  }
}

BOOST_AUTO_TEST_CASE(a_sitemap_takes_linear_time_whatever_it_holds)
{
  for (const char* part : {"<", "<loc", "<loc>", "<!--", "<![CDATA[", "<a:"})
  {
    std::string all = "<urlset>";
    for (int i = 0; i != 300'000; ++i)
      all += part;
    BOOST_TEST(read("text/xml", all, 10).links.size() <= 10u);
  }
}

BOOST_AUTO_TEST_CASE(links_beyond_the_limit_are_left_out_and_it_is_said)
{
  for (const char* page :
       {"<a href=1><a href=2><a href=3>", "<img srcset='1,2,3'>",
        "<img srcset='1, 2, 3'>", "<style>a{b:url(1);c:url(2);d:url(3)}"})
  {
    const auto found = read("text/html", page, 2);
    BOOST_TEST(found.links.size() <= 2u);
    BOOST_TEST((found.has_more || found.links.size() == 1u), page);
  }
  BOOST_TEST(read("text/html", "<p id=1><p id=2><p id=3>", 2).has_more);
  BOOST_TEST(!read("text/html", "<a href=1 id=1><a href=2>", 2).has_more);
}

BOOST_AUTO_TEST_SUITE_END()
