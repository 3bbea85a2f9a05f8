// SPDX-License-Identifier: BSL-1.0

// What a crawl finds beside plain links, and what it leaves alone.

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "crawl_fixture.hpp"
#include "packed.hpp"

namespace {

using namespace spider_test;

// Links to each of the targets.
template <class... Targets>
std::string home_of(Targets... targets)
{
  return (("<a href=" + std::string(targets) + ">") + ...);
}

raw_answer not_found()
{
  return {answer_of("404 Not Found", "", "")};
}

raw_answer text(const std::string& type, const std::string& body)
{
  return {answer_of("200 OK", "Content-Type: " + type + "\r\n", body)};
}

raw_answer moved_to(const std::string& location)
{
  return {answer_of("302 Found", "Location: " + location + "\r\n", "")};
}

std::vector<std::string> urls_of(const auto& rows, const std::string& start)
{
  std::vector<std::string> urls;
  for (const auto& row : rows)
    urls.emplace_back(row.url.starts_with(start)
                          ? row.url.substr(start.size() - 1)
                          : row.url);
  return urls;
}

// Crawl a server of three pages, and expect ten seconds between the requests.
void expect_pauses_of_ten_seconds(const std::string& robots,
                                  const spider::crawl_options& options)
{
  const raw_server server(
      [&robots](const std::string& target, int)
      {
        if (target == "/robots.txt")
          return text("text/plain", robots);
        return html(target == "/" ? "<a href=/1><a href=/2>" : "");
      });
  crawl all(server, options);
  all.begin();
  all.run_until(
      [&]
      {
        return all.crawler->pages().visited() == 1 &&
               all.crawler->waiting() == 0;
      });
  for (std::size_t visited = 1; visited != 3; ++visited)
  {
    all.context.poll();
    BOOST_TEST(all.crawler->in_flight() == 0u);
    BOOST_TEST(all.crawler->pages().visited() == visited);
    all.clock.advance(std::chrono::milliseconds(9'999));
    all.context.poll();
    BOOST_TEST(all.crawler->in_flight() == 0u);
    all.clock.advance(std::chrono::milliseconds(1));
    all.run_until(
        [&]
        {
          return all.crawler->pages().visited() == visited + 1;
        });
  }
  all.context.run(); // the end of the crawl ends the last pause
  BOOST_TEST((all.end == spider::crawl_end::complete));
}

} // namespace

BOOST_AUTO_TEST_SUITE(findings_of_a_crawl)

BOOST_AUTO_TEST_CASE(missing_anchors_are_a_kind_of_their_own)
{
  const raw_server server(
      [](const std::string& target, int) -> raw_answer
      {
        if (target == "/")
          return html("<a href=#here id=here><a href=#nowhere><a href=/1#a>"
                      "<a href=/1#b><a href=/moved#a><a href=/moved#c>"
                      "<a href=/file#x><a href=/gone#x><a href=/1#:~:text=x>"
                      "<a href=/1#caf%C3%A9><a href='/1#two words'>"
                      "<a href=/empty#x>");
        if (target == "/1")
          return html("<p id=a><a name='caf\xC3\xA9'><i id='two words'>"
                      "<a href=/1#b>");
        if (target == "/moved")
          return moved_to("/1");
        if (target == "/empty")
          return html("");
        if (target == "/file")
          return text("text/plain", "");
        return not_found();
      });
  crawl all(server);
  const auto report = all.run().report();
  const std::vector<std::string> expected{"/#nowhere", "/1#b", "/empty#x",
                                          "/moved#c"};
  BOOST_TEST(urls_of(report.missing_anchors, all.start) == expected,
             boost::test_tools::per_element());
  BOOST_TEST(report.missing_anchors[1].found_on.size() == 2u);
  BOOST_TEST(urls_of(report.broken, all.start) ==
                 std::vector<std::string>{"/gone"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(links_to_other_hosts_are_not_checked_unless_asked_for)
{
  const raw_server other(
      [](const std::string&, int)
      {
        return html("");
      });
  const raw_server server(
      [&other](const std::string&, int)
      {
        return html("<a href=http://" + other.authority() + "/1>");
      });
  crawl all(server);
  BOOST_TEST(all.run().report().links.off_site == 1u);
  BOOST_TEST(other.requests_for("/1") == 0);
}

BOOST_AUTO_TEST_CASE(links_to_other_hosts_are_checked_and_not_crawled)
{
  const raw_server other(
      [](const std::string& target, int) -> raw_answer
      {
        if (target == "/page")
          return html("<a href=/beyond><p id=a>");
        if (target == "/moved")
          return moved_to("/target");
        if (target == "/large")
          return {"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n",
                  raw_answer::send_on};
        if (target == "/target")
          return html("");
        return not_found();
      });
  const std::string there = "http://" + other.authority();
  const raw_server server(
      [&there](const std::string&, int)
      {
        return html("<a href=" + there + "/page#a><a href=" + there +
                    "/page#b><a href=" + there + "/moved#z><a href=" + there +
                    "/large><a href=" + there + "/gone>");
      });
  auto options = without_robots();
  options.with_external = true;
  options.external_pause = {};
  options.headers = {{"Cookie", "a=b"}};
  options.credentials = "user:secret";
  crawl all(server, options);
  const auto report = all.run().report();
  BOOST_TEST(report.links.external == 5u);
  BOOST_TEST(report.links.off_site == 0u);
  BOOST_TEST(report.external == 5u);
  BOOST_TEST(other.requests_for("/beyond") == 0);
  BOOST_TEST(other.requests_for("/target") == 1);
  BOOST_TEST(urls_of(report.broken, all.start) ==
                 std::vector<std::string>{there + "/gone"},
             boost::test_tools::per_element());
  BOOST_TEST(report.broken_external == 1u);
  BOOST_TEST(
      urls_of(report.missing_anchors, all.start) ==
          (std::vector<std::string>{there + "/moved#z", there + "/page#b"}),
      boost::test_tools::per_element());
  const auto head = other.request_for("/page");
  BOOST_TEST(head.find("Cookie") == std::string::npos);
  BOOST_TEST(head.find("Authorization") == std::string::npos);
  BOOST_TEST(server.request_for("/").find("Cookie: a=b") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_redirect_from_another_host_leads_back_to_the_site)
{
  std::string here;
  const raw_server other(
      [&here](const std::string&, int)
      {
        return moved_to(here + "1");
      });
  const raw_server server(
      [&other](const std::string& target, int) -> raw_answer
      {
        if (target == "/")
          return html("<a href=http://" + other.authority() + "/>");
        return target == "/1" ? html("<a href=/2>") : not_found();
      });
  here = "http://" + server.authority() + '/';
  auto options = without_robots();
  options.with_external = true;
  crawl all(server, options);
  all.run();
  BOOST_TEST(all.visit("/1").status == 200u);
  BOOST_TEST(all.problem("/2") == "404 Not Found");
}

BOOST_AUTO_TEST_CASE(requests_to_one_host_keep_their_pause)
{
  auto options = without_robots();
  options.pause = std::chrono::seconds(10);
  expect_pauses_of_ten_seconds("", options);
}

BOOST_AUTO_TEST_CASE(a_page_that_waits_for_its_turn_does_not_hold_up_the_end)
{
  const raw_server server(
      [](const std::string&, int)
      {
        return html("<a href=/1><a href=/2>");
      });
  auto options = without_robots();
  options.pause = std::chrono::seconds(10);
  crawl all(server, options);
  all.begin();
  all.run_until(
      [&]
      {
        return all.crawler->pages().visited() == 1 &&
               all.crawler->waiting() == 0;
      });
  all.context.poll();
  all.crawler->stop();
  all.context.poll();
  BOOST_TEST((all.end == spider::crawl_end::interrupted));
  BOOST_TEST(all.crawler->pages().visited() == 1u);
  BOOST_TEST(server.requests_for("/1") + server.requests_for("/2") == 0);
}

BOOST_AUTO_TEST_CASE(the_crawl_delay_of_robots_txt_is_kept_up_to_the_limit)
{
  spider::crawl_options options;
  options.longest_crawl_delay = std::chrono::seconds(10);
  expect_pauses_of_ten_seconds("User-agent: *\nCrawl-delay: 10\n", options);
  expect_pauses_of_ten_seconds("User-agent: *\nCrawl-delay: 3600\n", options);
}

BOOST_AUTO_TEST_CASE(a_crawl_delay_is_bounded_and_the_report_says_so)
{
  const raw_server server(
      [](const std::string& target, int)
      {
        if (target == "/robots.txt")
          return text("text/plain", "User-agent: *\nCrawl-delay: 9e99\n"
                                    "Crawl-delay: 3600\n");
        return html(target == "/" ? "<a href=/1>" : "");
      });
  spider::crawl_options options;
  options.longest_crawl_delay = std::chrono::seconds(0);
  crawl all(server, options);
  all.run();
  BOOST_TEST(all.visit("/1").status == 200u);
  BOOST_TEST(all.visit("/").notice ==
             "robots.txt asks for a Crawl-delay of 3600 s, which exceeds "
             "--crawl-delay-limit: that one is kept");
  BOOST_TEST(all.visit("/1").notice == "");
}

BOOST_AUTO_TEST_CASE(what_robots_txt_does_not_allow_is_not_fetched)
{
  const raw_server server(
      [](const std::string& target, int) -> raw_answer
      {
        if (target == "/robots.txt")
          return text("text/plain", "User-agent: *\nDisallow: /1\n");
        return html(home_of("/1", "/2", "/3"));
      });
  crawl all(server, {});
  const auto report = all.run().report();
  BOOST_TEST(server.requests_for("/robots.txt") == 1);
  BOOST_TEST(server.requests_for("/1") == 0);
  BOOST_TEST(server.requests_for("/2") == 1);
  BOOST_TEST(report.disallowed == 1u);
  BOOST_TEST(report.broken.empty());
  BOOST_TEST(all.visit("/1").notice ==
             "not fetched: robots.txt does not allow it");
}

BOOST_AUTO_TEST_CASE(robots_txt_of_any_size_and_kind_is_bounded)
{
  const std::string rules = "User-agent: *\nDisallow: /1\n";
  const raw_server server(
      [&rules](const std::string& target, int) -> raw_answer
      {
        if (target != "/robots.txt")
          return html(home_of("/1", "/2", "/3"));
        return {"HTTP/1.1 200 OK\r\n\r\n" + rules +
                    std::string(10'000'000, '#'),
                raw_answer::send_on};
      });
  crawl all(server, {});
  all.run();
  BOOST_TEST(server.requests_for("/1") == 0);
  BOOST_TEST(all.visit("/2").status == 200u);
}

BOOST_AUTO_TEST_CASE(of_ten_megabytes_of_robots_txt_the_beginning_counts)
{
  std::string rules = "User-agent: *\nDisallow: /1\n";
  while (rules.size() < 10'000'000)
    rules += "Disallow: /a-path-that-no-link-leads-to\n";
  rules += "Disallow: /2\n";
  const raw_server server(
      [&rules](const std::string& target, int)
      {
        if (target == "/robots.txt")
          return text("text/plain", rules);
        return html(home_of("/1", "/2", "/3"));
      });
  crawl all(server, {});
  all.run();
  BOOST_TEST(server.requests_for("/robots.txt") == 1);
  BOOST_TEST(server.requests_for("/1") == 0);
  BOOST_TEST(all.visit("/2").status == 200u);
  BOOST_TEST(all.visit("/3").status == 200u);
}

BOOST_AUTO_TEST_CASE(the_status_of_robots_txt_decides)
{
  for (const auto& [status, is_allowed] :
       {std::pair("404 Not Found", true), std::pair("403 Forbidden", true),
        std::pair("500 Internal Server Error", false)})
  {
    const raw_server server(
        [answer = answer_of(status, "", "")](const std::string& target, int)
        {
          if (target == "/robots.txt")
            return raw_answer{answer};
          return html("<a href=/1>");
        });
    crawl all(server, {});
    const auto report = all.run().report();
    BOOST_TEST(server.requests_for("/") == is_allowed, status);
    if (!is_allowed)
      BOOST_TEST(spider::why_empty(report).ends_with(
          "robots.txt does not allow it (robots.txt answers 500 Internal "
          "Server "
          "Error); "
          "--ignore-robots fetches it"));
  }
}

BOOST_AUTO_TEST_CASE(a_busy_server_is_asked_for_robots_txt_again)
{
  for (const int busy_for : {2, 3})
  {
    const raw_server server(
        [busy_for](const std::string& target, int nth) -> raw_answer
        {
          if (target == "/robots.txt" && nth <= busy_for)
            return busy("503 Service Unavailable", "0");
          if (target == "/robots.txt")
            return text("text/plain", "User-agent: *\nDisallow: /1");
          return html("<a href=/1><a href=/2>");
        });
    crawl all(server, {});
    all.run();
    BOOST_TEST(server.requests_for("/robots.txt") == 3);
    BOOST_TEST(server.requests_for("/1") == 0);
    BOOST_TEST(server.requests_for("/2") == (busy_for == 2 ? 1 : 0));
    if (busy_for == 3)
      BOOST_TEST(all.visit("/").notice.str().ends_with(
          "(robots.txt answers 503 Service Unavailable, tried 3 times)"));
  }
}

BOOST_AUTO_TEST_CASE(the_end_of_a_crawl_ends_the_wait_for_robots_txt)
{
  const raw_server server(
      [](const std::string&, int)
      {
        return busy("503 Service Unavailable", "20");
      });
  crawl all(server, {});
  all.begin();
  all.run_until(
      [&]
      {
        return all.crawler->retrying() == 1 || all.end;
      });
  BOOST_TEST(all.crawler->retrying() == 1u);
  all.crawler->stop();
  all.context.run();
  BOOST_TEST((all.end == spider::crawl_end::interrupted));
  BOOST_TEST(server.requests_for("/") == 0);
  BOOST_TEST(all.crawler->pages().visited() == 0u);
}

// "Disallow: /private" would become "Disallow: /".
BOOST_AUTO_TEST_CASE(a_rule_that_is_cut_off_by_the_limit_does_not_count)
{
  const std::string begin = "User-agent: *\nDisallow: /1\n#";
  const std::string last = "\nDisallow: /";
  const std::string comment(
      spider::max_robots_bytes - begin.size() - last.size(), 'x');
  const raw_server server(
      [&](const std::string& target, int)
      {
        if (target == "/robots.txt")
          return text("text/plain", begin + comment + last + "private\n");
        return html("<a href=/1><a href=/2>");
      });
  crawl all(server, {});
  all.run();
  BOOST_TEST(server.requests_for("/1") == 0);
  BOOST_TEST(server.requests_for("/2") == 1);
}

BOOST_AUTO_TEST_CASE(robots_txt_may_be_moved_within_its_host)
{
  const raw_server server(
      [](const std::string& target, int) -> raw_answer
      {
        if (target == "/robots.txt")
          return moved_to("/r");
        if (target == "/r")
          return text("text/plain", "User-agent: *\nDisallow: /1\n");
        return html("<a href=/1>");
      });
  crawl all(server, {});
  BOOST_TEST(all.run().report().disallowed == 1u);
  const raw_server circle(
      [](const std::string& target, int) -> raw_answer
      {
        return target == "/robots.txt" ? moved_to(target) : html("<a href=/1>");
      });
  crawl other(circle, {});
  BOOST_TEST(other.run().visit("/1").status == 200u);
}

BOOST_AUTO_TEST_CASE(a_sitemap_is_a_start)
{
  std::string here;
  const raw_server server(
      [&here](const std::string& target, int) -> raw_answer
      {
        if (target == "/")
          return text("application/xml",
                      "<sitemapindex><sitemap><loc>" + here +
                          "2</loc></sitemap></sitemapindex>");
        if (target == "/2")
          return text("text/xml",
                      "<urlset><url><loc>" + here + "3</loc></url></urlset>");
        return target == "/3" ? html("") : not_found();
      });
  here = "http://" + server.authority() + '/';
  crawl all(server);
  const auto report = all.run().report();
  BOOST_TEST(all.visit("/3").status == 200u);
  BOOST_TEST(spider::why_empty(report) == "");
}

BOOST_AUTO_TEST_CASE(compressed_sitemaps_are_read)
{
  std::string here;
  const auto sitemap = [&here](const std::string& target)
  {
    return packed("<urlset><url><loc>" + here + target + "</loc></url>");
  };
  const raw_server server(
      [&](const std::string& target, int) -> raw_answer
      {
        if (target == "/index.xml.gz") // as what is in it
          return {answer_of("200 OK",
                            "Content-Type: application/xml\r\n"
                            "Content-Encoding: gzip\r\n",
                            packed("<sitemapindex><loc>" + here +
                                   "1.xml.gz</loc><loc>" + here +
                                   "2.xml.gz?a</loc><loc>" + here +
                                   "index.xml.gz</loc>"))};
        if (target == "/1.xml.gz") // as what it is
          return text("application/gzip", sitemap("3"));
        if (target == "/2.xml.gz?a")
          return {answer_of("200 OK", "", sitemap("4"))};
        return target == "/3" || target == "/4" ? html("") : not_found();
      });
  here = "http://" + server.authority() + '/';
  crawl all(here + "index.xml.gz", without_robots());
  const auto report = all.run().report();
  BOOST_TEST(report.pages == 2u);
  BOOST_TEST(report.visited.size() == 5u);
  BOOST_TEST(report.broken.empty());
  BOOST_TEST(spider::why_empty(report) == "");
  BOOST_TEST(server.requests_for("/index.xml.gz") == 1);
}

BOOST_AUTO_TEST_CASE(gzip_data_is_bounded_and_damage_is_named)
{
  const std::string start = "<urlset><loc>/below</loc>";
  const std::string bomb = packed(start + std::string(20'000'000, ' '));
  const std::string noise = "<urlset>" + std::string(3'000, '\xff');
  const raw_server server(
      [&](const std::string& target, int) -> raw_answer
      {
        if (target == "/")
          return html(home_of("/bomb.xml.gz", "/cut.xml.gz", "/none.xml.gz",
                              "/zip.tar.gz", "/br"));
        if (target == "/bomb.xml.gz")
          return text("application/gzip", bomb);
        if (target == "/cut.xml.gz")
          return text("application/gzip",
                      packed(start).substr(0, start.size() / 2));
        if (target == "/none.xml.gz")
          return text("application/gzip", noise);
        if (target == "/br")
          return {answer_of("200 OK",
                            "Content-Type: text/html\r\n"
                            "Content-Encoding: br\r\n",
                            "<a href=/below>")};
        return text("application/gzip", packed(start)); // no sitemap
      });
  auto options = without_robots();
  options.max_body_bytes = 100'000;
  crawl all(server, options);
  const auto report = all.run().report();
  BOOST_TEST(all.visit("/bomb.xml.gz").too_large);
  BOOST_TEST(all.visit("/bomb.xml.gz").notice ==
             "unpacked, it exceeds --body-limit: its links were not followed");
  for (const char* target : {"/cut.xml.gz", "/none.xml.gz"})
    BOOST_TEST(all.visit(target).notice == "its gzip data is damaged: its "
                                           "links were not followed",
               target);
  BOOST_TEST(all.visit("/br").notice.str().starts_with("the server has enc"));
  BOOST_TEST(all.visit("/zip.tar.gz").notice == "");
  BOOST_TEST(report.broken.empty());
  BOOST_TEST(server.requests_for("/below") == 0);
}

BOOST_AUTO_TEST_CASE(style_sheets_are_read_for_links)
{
  const raw_server server(
      [](const std::string& target, int) -> raw_answer
      {
        if (target == "/")
          return html("<link rel=stylesheet href=/css/a.css>");
        if (target == "/css/a.css")
          return text("text/css", "a{b:url(missing.png)}");
        return not_found();
      });
  crawl all(server);
  all.run();
  BOOST_TEST(all.problem("/css/missing.png") == "404 Not Found");
}

BOOST_AUTO_TEST_CASE(the_links_of_a_page_are_bounded_and_it_is_said)
{
  const raw_server server(
      [](const std::string& target, int)
      {
        std::string body;
        for (int i = 0; target == "/" && i != 50; ++i)
          body += "<a href=/" + std::to_string(i) + '>';
        return html(body);
      });
  auto options = without_robots();
  options.max_links = 10;
  crawl all(server, options);
  const auto report = all.run().report();
  BOOST_TEST(report.visited.size() == 11u);
  BOOST_TEST(all.visit("/").notice.str().find("--links-limit") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_depth_is_the_number_of_links_from_the_start)
{
  const raw_server server(
      [](const std::string& target, int)
      {
        // "/2" is one link away, and "/1" leads there, too.
        return html(target == "/"    ? "<a href=/1><a href=/2>"
                    : target == "/1" ? "<a href=/2>"
                    : target == "/2" ? "<a href=/3>"
                                     : "<a href=/4>");
      });
  for (const std::size_t depth : {0u, 1u, 2u, 3u})
  {
    auto options = without_robots();
    options.depth = depth;
    crawl all(server, options);
    const auto report = all.run().report();
    BOOST_TEST(report.visited.size() == (depth == 0 ? 1 : depth + 2));
    BOOST_TEST(report.links.too_deep != 0u);
  }
}

BOOST_AUTO_TEST_CASE(filters_leave_links_out)
{
  const raw_server server(
      [](const std::string&, int)
      {
        return html(home_of("/a/1", "/a/2", "/b/1"));
      });
  auto options = without_robots();
  options.filter.include("/a/");
  options.filter.exclude("2$");
  crawl all(server, options);
  const auto report = all.run().report();
  const std::vector<std::string> expected{"/", "/a/1"};
  BOOST_TEST(urls_of(report.visited, all.start) == expected,
             boost::test_tools::per_element());
  BOOST_TEST(report.links.excluded == 4u);
}

BOOST_AUTO_TEST_CASE(credentials_and_headers_go_to_their_hosts_only)
{
  const raw_server also(
      [](const std::string&, int)
      {
        return html("");
      });
  const raw_server server(
      [&also](const std::string& target, int)
      {
        return target == "/" ? moved_to("/1")
                             : html("<a href=http://" + also.authority() + '>');
      });
  auto options = without_robots();
  options.more_hosts = {also.authority()};
  options.headers = {{"X-Token", "t"}, {"Accept", "x/y"}};
  options.user_agent = "me/1";
  options.credentials = "Aladdin:open sesame";
  options.credentials_origin = "http://" + server.authority();
  crawl(server, options).run();
  const auto head = server.request_for("/1");
  for (const char* line :
       {"Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n",
        "X-Token: t\r\n", "Accept: x/y\r\n", "User-Agent: me/1\r\n"})
    BOOST_TEST(head.find(line) != std::string::npos, line);
  BOOST_TEST(head.find("text/html") == std::string::npos);
  const auto other = also.request_for("/");
  BOOST_TEST(other.find("X-Token: t") != std::string::npos);
  BOOST_TEST(other.find("Authorization") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_page_that_all_link_to_keeps_a_bounded_number_of_them)
{
  const raw_server server(
      [](const std::string& target, int) -> raw_answer
      {
        std::string body = "<a href=/missing>";
        for (int i = 0; target == "/" && i != 150; ++i)
          body += "<a href=/" + std::to_string(i) + '>';
        return target == "/missing" ? not_found() : html(body);
      });
  const auto report = crawl(server).run().report();
  BOOST_REQUIRE(report.broken.size() == 1u);
  BOOST_TEST(report.broken[0].found_on.size() == 100u);
  BOOST_TEST(report.broken[0].found_on_more == 51u);
}

BOOST_AUTO_TEST_SUITE_END()
