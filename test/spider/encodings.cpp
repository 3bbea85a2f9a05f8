// SPDX-License-Identifier: BSL-1.0

// Which URL a link names depends on how its page is encoded.

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

#include "crawl_fixture.hpp"

namespace {

using namespace spider_test;

// The targets that are asked for if "/" is answered so.
std::vector<std::string> linked_from(const std::string& type,
                                     const std::string& body)
{
  std::vector<std::string> targets;
  const raw_server server(
      [&](const std::string& target, int)
      {
        if (target == "/")
          return raw_answer{
              answer_of("200 OK", "Content-Type: " + type + "\r\n", body)};
        targets.push_back(target);
        return html("");
      });
  auto options = without_robots();
  options.workers = 1;
  crawl(server, options).run();
  return targets;
}

void check_asked_for(const std::string& type, const std::string& body,
                     const std::vector<std::string>& expected)
{
  BOOST_TEST(linked_from(type, body) == expected,
             boost::test_tools::per_element());
}

const std::string link_to_cafe = "<a href='/caf\xE9\x80?q=\xE9\x80&amp;#x'>";
const std::string as_windows = "/caf%C3%A9%E2%82%AC?q=%E9%80&";
const std::string as_it_is = "/caf%E9%80?q=%E9%80&";

std::string utf_16(const std::string& ascii, bool is_little_endian)
{
  std::string text;
  for (const char c : ascii)
    (text += is_little_endian ? c : '\0') += is_little_endian ? '\0' : c;
  return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(encodings)

BOOST_AUTO_TEST_CASE(the_content_type_names_the_encoding)
{
  for (const char* label :
       {"iso-8859-1", "Windows-1252", "\"latin1\"", "us-ascii ", "cp1252;x=y"})
    check_asked_for(std::string("text/html; Charset=") + label, link_to_cafe,
                    {as_windows});
  for (const char* label : {"utf-8", "koi8-r", "", "\""})
    check_asked_for(std::string("text/html; charset=") + label, link_to_cafe,
                    {as_it_is});
  check_asked_for("text/html", link_to_cafe, {as_it_is});
  check_asked_for("text/html; x=\"charset=latin1\"; charset=utf-8",
                  link_to_cafe, {as_it_is});
}

BOOST_AUTO_TEST_CASE(a_page_names_its_encoding)
{
  for (const char* meta :
       {"<meta charset=latin1>", "<META CharSet=' ISO-8859-1 '>",
        "<meta http-equiv=Content-Type content='text/html; "
        "charset=windows-1252'>",
        "<!-- <meta charset=utf-8> --><title>charset=utf-8</title>"
        "<meta name=x><meta charset=l1><meta charset=utf-8>",
        "<?xml version='1.0' encoding='ISO-8859-1'?>"})
    check_asked_for("text/html", meta + link_to_cafe, {as_windows});
  for (const char* meta :
       {"<meta charset=utf-8><meta charset=latin1>", "<p charset=latin1>",
        "<meta content='text/html; charset=latin1'>",
        "<!-- <meta charset=latin1> -->"})
    check_asked_for("text/html", meta + link_to_cafe, {as_it_is});
  check_asked_for("text/html; charset=utf-8",
                  "<meta charset=latin1>" + link_to_cafe, {as_it_is});
  check_asked_for("text/html",
                  std::string(1024, ' ') + "<meta charset=latin1>" +
                      link_to_cafe,
                  {as_it_is});
  check_asked_for("text/html; charset=latin1", "\xEF\xBB\xBF" + link_to_cafe,
                  {as_it_is});
}

BOOST_AUTO_TEST_CASE(a_query_holds_what_its_encoding_cannot_say)
{
  check_asked_for("text/html; charset=latin1",
                  "<a href='/&#9731;?&#9731;&#233;#&#9731;'>",
                  {"/%E2%98%83?%26%239731%3B%E9"});
  check_asked_for("text/html", "<a href='/&#9731;?&#9731;&#233;'>",
                  {"/%E2%98%83?%E2%98%83%C3%A9"});
}

BOOST_AUTO_TEST_CASE(references_from_128_to_159_are_windows_1252)
{
  check_asked_for("text/html", "<a href='/&#146;&#x80;&#x81;'>",
                  {"/%E2%80%99%E2%82%AC%C2%81"});
}

BOOST_AUTO_TEST_CASE(utf_16_is_read)
{
  const std::string page = "<a href=/1><a href=/2>";
  for (const bool is_little_endian : {true, false})
  {
    const std::string body = utf_16(page, is_little_endian);
    const std::string mark = is_little_endian ? "\xFF\xFE" : "\xFE\xFF";
    const std::string label = is_little_endian ? "utf-16" : "UTF-16BE";
    check_asked_for("text/html", mark + body, {"/1", "/2"});
    check_asked_for("text/html; charset=" + label, body + "x", {"/1", "/2"});
  }
  // U+1F577, and halves of it.
  const std::string spider = "\xD8\x3D\xDD\x77";
  check_asked_for("text/html; charset=utf-16be",
                  utf_16("<a href='/", false) + spider +
                      utf_16("'><a href='/x", false) + spider.substr(2) +
                      spider.substr(0, 2) + utf_16("'>", false),
                  {"/%F0%9F%95%B7", "/x%EF%BF%BD%EF%BF%BD"});
}

BOOST_AUTO_TEST_CASE(style_sheets_and_sitemaps_have_encodings)
{
  const std::string sheet = "a{b:url(/caf\xE9)}";
  const std::string decoded = "/caf%C3%A9";
  for (const auto& [type, body] :
       {std::pair<std::string, std::string>("text/css; charset=latin1", sheet),
        {"text/css", "@charset \"latin1\";" + sheet},
        {"text/xml", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><urlset>"
                     "<loc>/caf\xE9</loc></urlset>"}})
  {
    std::string asked;
    const raw_server server(
        [&](const std::string& target, int)
        {
          if (target == "/")
            return html("<link href=/sheet>");
          if (target == "/sheet")
            return raw_answer{
                answer_of("200 OK", "Content-Type: " + type + "\r\n", body)};
          asked = target;
          return html("");
        });
    crawl(server).run();
    BOOST_TEST(asked == decoded, type);
  }
}

BOOST_AUTO_TEST_CASE(fragments_are_compared_across_encodings)
{
  const raw_server server(
      [](const std::string& target, int)
      {
        if (target == "/")
          return html("<a href='/1#caf\xC3\xA9'><a href='/1#caf%C3%A9'>");
        return html("<meta charset=latin1><a id=caf\xE9 href='#caf\xE9'>");
      });
  BOOST_TEST(crawl(server).run().report().missing_anchors.empty());
}

BOOST_AUTO_TEST_SUITE_END()
