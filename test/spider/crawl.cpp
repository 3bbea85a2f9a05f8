// SPDX-License-Identifier: BSL-1.0

// The verdicts of whole crawls of servers that misbehave.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/test/unit_test.hpp>

#include <csignal>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>

#include "crawl_fixture.hpp"
#include "crawler.hpp"
#include "host.hpp"
#include "raw_server.hpp"
#include "session.hpp"
#include "site.hpp"

namespace {

using namespace spider_test;
using std::chrono::seconds;

const std::string home_of_all =
    "<a href=/1></a><a href=/2></a><a href=/3></a><a href=/4></a>";

std::string file_head(const std::string& length)
{
  return "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n" +
         length + "\r\n";
}

std::string page_head(const std::string& length)
{
  return "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + length + "\r\n";
}

} // namespace

BOOST_AUTO_TEST_SUITE(crawl_of_a_server)

BOOST_AUTO_TEST_CASE(the_status_of_a_file_decides_whatever_its_body_is)
{
  const raw_server server(
      [](const std::string& target, int) -> raw_answer
      {
        if (target == "/")
          return html(home_of_all + "<a href=/5>");
        if (target == "/1")
          return {file_head("Content-Length: 20000000\r\n"),
                  raw_answer::send_on};
        if (target == "/2")
          return {file_head(""), raw_answer::send_on};
        if (target == "/3")
          return {file_head("Content-Length: 30000000000\r\n"),
                  raw_answer::hang};
        if (target == "/4")
          return {file_head("Content-Length: 100\r\n") + "cut"};
        return {"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n",
                raw_answer::send_on};
      });
  crawl all(server);
  all.run();
  for (const char* target : {"/1", "/2", "/3", "/4"})
  {
    BOOST_TEST(all.visit(target).status == 200u, target);
    BOOST_TEST(all.problem(target) == "", target);
    BOOST_TEST(!all.visit(target).too_large, target);
    BOOST_TEST(server.requests_for(target) == 1, target);
  }
  BOOST_TEST(all.problem("/5") == "404 Not Found");
}

BOOST_AUTO_TEST_CASE(a_page_over_the_limit_is_no_broken_link)
{
  const raw_server server(
      [](const std::string& target, int) -> raw_answer
      {
        if (target == "/")
          return html(home_of_all);
        const std::string link = "<a href=/below></a>";
        if (target == "/1")
          return {page_head("") + link, raw_answer::send_on};
        if (target == "/2")
          return {page_head("Content-Length: 1000000000000000000\r\n") + link,
                  raw_answer::hang};
        if (target == "/3")
          return {page_head("Transfer-Encoding: chunked\r\n") + "ffffffff\r\n" +
                      link,
                  raw_answer::send_on};
        return html(link);
      });
  spider::crawl_options options = without_robots();
  options.max_body_bytes = 1000;
  crawl all(server, options);
  all.run();
  for (const char* target : {"/1", "/2", "/3"})
  {
    BOOST_TEST(all.problem(target) == "", target);
    BOOST_TEST(all.visit(target).too_large, target);
    BOOST_TEST(all.visit(target).notice.str().find("--body-limit") !=
                   std::string::npos,
               target);
  }
  BOOST_TEST(all.report().links.on_site == 6u); // not theirs
  BOOST_TEST(all.visit("/4").notice == "");
  BOOST_TEST(server.requests_for("/below") == 1);
}

BOOST_AUTO_TEST_CASE(a_busy_server_is_asked_again)
{
  const raw_server server(
      [](const std::string& target, int nth) -> raw_answer
      {
        if (target == "/")
          return html(home_of_all);
        if (target == "/1" && nth == 1)
          return busy("503 Service Unavailable", "0");
        if (target == "/2" && nth < 3)
          return busy("429 Too Many Requests", "Sun, 06 Nov 1994 08:49:37 GMT");
        if (target == "/3")
          return busy("429 Too Many Requests", "0");
        if (target == "/4")
          return busy("503 Service Unavailable", "99999999999999999999");
        return html("here");
      });
  crawl all(server);
  all.run();
  BOOST_TEST(all.problem("/1") == "");
  BOOST_TEST(server.requests_for("/1") == 2);
  BOOST_TEST(all.problem("/2") == "");
  BOOST_TEST(server.requests_for("/2") == 3);
  BOOST_TEST(all.problem("/3") == "429 Too Many Requests, tried 3 times");
  BOOST_TEST(server.requests_for("/3") == 3);
  BOOST_TEST(all.problem("/4") ==
             "503 Service Unavailable; asks to wait 1000000000 s, which "
             "exceeds --retry-wait");
  BOOST_TEST(server.requests_for("/4") == 1);
}

BOOST_AUTO_TEST_CASE(a_page_that_waits_for_its_retry_holds_no_permit)
{
  const raw_server server(
      [](const std::string& target, int nth) -> raw_answer
      {
        if (target == "/")
          return html("<a href=/1>");
        if (target == "/1" && nth == 1)
          return busy("503 Service Unavailable", "20");
        return html("<a href=/2>");
      });
  spider::crawl_options options = without_robots();
  options.per_host = 1;
  crawl all(server, options);
  all.begin();
  all.run_until(
      [&]
      {
        return all.crawler->retrying() == 1 || all.end;
      });
  BOOST_TEST(all.crawler->retrying() == 1u);
  BOOST_TEST(all.crawler->in_flight() == 0u);
  all.clock.advance(seconds(19));
  all.context.poll();
  BOOST_TEST(all.crawler->retrying() == 1u);
  all.clock.advance(seconds(1));
  all.context.run();
  BOOST_TEST(all.crawler->retrying() == 0u);
  BOOST_TEST(server.requests_for("/1") == 2);
  BOOST_TEST(all.problem("/1") == "");
  BOOST_TEST(all.problem("/2") == "");
  BOOST_TEST((all.end == spider::crawl_end::complete));
}

BOOST_AUTO_TEST_CASE(the_end_of_a_crawl_ends_the_wait_for_a_retry)
{
  const raw_server server(
      [](const std::string& target, int) -> raw_answer
      {
        if (target == "/")
          return html("<a href=/1>");
        return busy("503 Service Unavailable", "20");
      });
  for (const bool is_stopped : {true, false})
  {
    crawl all(server);
    all.begin();
    all.run_until(
        [&]
        {
          return all.crawler->retrying() == 1;
        });
    const int requests = server.requests_for("/1");
    if (is_stopped)
      all.crawler->stop();
    else
      all.clock.advance(spider::crawl_options{}.crawl_timeout);
    all.context.run();
    BOOST_REQUIRE(all.end.has_value());
    BOOST_TEST((*all.end == (is_stopped ? spider::crawl_end::interrupted
                                        : spider::crawl_end::out_of_time)));
    BOOST_TEST(!all.crawler->is_stuck());
    BOOST_TEST(all.crawler->retrying() == 0u);
    if (is_stopped)
    {
      BOOST_TEST(server.requests_for("/1") == requests);
      BOOST_TEST(all.problem("/1") == "not visited");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_server_that_is_no_http_server_is_called_so)
{
  const raw_server server(
      [](const std::string& target, int) -> raw_answer
      {
        if (target == "/")
          return html(home_of_all + "<a href=/5>");
        if (target == "/1")
          return {"SSH-2.0-OpenSSH_9.2\r\n"};
        if (target == "/2")
          return {};
        if (target == "/3")
          return {page_head("Content-Length: 10\r\n") + "half"};
        if (target == "/4")
          return {"HTTP/1.1 200 OK\r\nX: " + std::string(200'000, 'x')};
        return {"HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n"};
      });
  crawl all(server);
  all.run();
  BOOST_TEST(all.problem("/1").starts_with(
      "read failed: the server does not speak HTTP"));
  BOOST_TEST(all.problem("/2") ==
             "read failed: the server closed the connection without an answer");
  BOOST_TEST(all.problem("/3") ==
             "read failed: the server closed the connection within its answer");
  BOOST_TEST(all.problem("/4") ==
             "read failed: a header of the answer is too long");
  BOOST_TEST(all.problem("/5") ==
             "read failed: the answer is not valid HTTP (bad status)");
}

BOOST_AUTO_TEST_CASE(what_follows_an_answer_is_no_answer_to_the_next_request)
{
  const raw_server server(
      [](const std::string& target, int) -> raw_answer
      {
        if (target == "/")
          return html("<a href=/1><a href=/2>");
        if (target == "/2")
          return html("");
        return {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
                "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n",
                raw_answer::hang};
      });
  auto options = without_robots();
  options.workers = 1;
  crawl all(server, options);
  all.run();
  BOOST_TEST(all.visit("/1").status == 200u);
  BOOST_TEST(all.visit("/2").status == 200u);
}

BOOST_AUTO_TEST_CASE(links_with_a_user_are_visited_without_and_counted)
{
  std::string authority;
  const raw_server server(
      [&authority](const std::string& target, int) -> raw_answer
      {
        if (target == "/")
          return html("<a href=http://user:pw@" + authority + "/1>");
        if (target == "/1")
          return {"HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: "
                  "http://user@" +
                  authority + "/2\r\nContent-Length: 0\r\n\r\n"};
        return html("");
      });
  authority = server.authority();
  crawl all(server);
  all.run();
  BOOST_TEST(all.report().links.with_user == 1u);
  BOOST_TEST(all.visit("/1").notice.str().find("not sent") !=
             std::string::npos);
  BOOST_TEST(all.problem("/1") == "");
  BOOST_TEST(all.visit("/2").status == 200u);
}

BOOST_AUTO_TEST_CASE(no_password_of_a_link_is_reported)
{
  const raw_server server(
      [](const std::string& target, int) -> raw_answer
      {
        if (target == "/")
          return html("<a href=/1><a href=/2><a href=http://u:secret@h:x/>"
                      "<a href='http://u:secret@'><a href=//u:secret@h:0>"
                      "<a href=http://u:secret/word@h/>");
        if (target == "/1")
          return {"HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: "
                  "http://u:secret@h:99999/\r\nContent-Length: 0\r\n\r\n"};
        return {"HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: "
                "//u:secret@h/\r\nContent-Length: 0\r\n\r\n"};
      });
  crawl all(server);
  all.run();
  BOOST_TEST(all.visit("/1").redirects_to == "http://...@h:99999/");
  BOOST_TEST(all.visit("/2").redirects_to == "//...@h/");
  const auto report = all.report();
  BOOST_TEST(report.broken.size() == 5u);
  std::ostringstream out;
  spider::write_table(out, report, 10);
  spider::write_json(out, report, 10);
  spider::write_csv(out, report);
  spider::write_junit(out, report);
  BOOST_TEST(out.str().find("...@h") != std::string::npos);
  BOOST_TEST(out.str().find("secret") == std::string::npos, out.str());
}

BOOST_AUTO_TEST_CASE(a_deep_page_is_read_to_its_bottom)
{
  const raw_server server(
      [](const std::string& target, int) -> raw_answer
      {
        std::string body;
        for (int i = 0; target == "/" && i != 200'000; ++i)
          body += "<div><b>";
        return html(body + "<a href=/1>");
      });
  BOOST_TEST(crawl(server).run().visit("/1").status == 200u);
}

BOOST_AUTO_TEST_CASE(a_host_may_be_an_ipv6_address)
{
  std::optional<raw_server> server;
  try
  {
    server.emplace(
        [](const std::string&, int)
        {
          return html("<a href=1>");
        },
        boost::asio::ip::address_v6::loopback());
  }
  catch (const boost::system::system_error&)
  {
    BOOST_TEST_MESSAGE("there is no IPv6 here");
    return;
  }
  BOOST_TEST(crawl(*server).run().visit("/1").status == 200u);
}

BOOST_AUTO_TEST_CASE(a_full_table_keeps_no_further_urls)
{
  const raw_server server(
      [](const std::string& target, int) -> raw_answer
      {
        return html("<a href='" + target + "0'><a href='" + target + "1'>");
      });
  spider::crawl_options options = without_robots();
  options.max_pages = 50;
  crawl all(server, options);
  all.run();
  BOOST_TEST(all.crawler->pages().size() == 50u);
  BOOST_TEST(all.crawler->pages().visited() == 50u);
  BOOST_TEST(all.crawler->pages().is_full());
}

BOOST_AUTO_TEST_CASE(urls_that_grow_with_each_page_end_at_the_limit)
{
  const raw_server server(
      [](const std::string&, int)
      {
        return html("<a href=" + std::string(200, 'x') + "/>");
      });
  spider::crawl_options options = without_robots();
  options.max_pages = 100;
  crawl all(server, options);
  const auto report = all.run().report();
  BOOST_TEST(all.crawler->pages().size() == 41u); // 8192 / 201, and the start
  BOOST_REQUIRE(report.broken.size() == 1u);
  BOOST_TEST(report.broken[0].result.problem ==
             "its URL is longer than 8192 characters");
}

BOOST_AUTO_TEST_CASE(short_links_with_a_long_base_take_a_bounded_memory)
{
  const raw_server server(
      [](const std::string& target, int)
      {
        std::string body = "<base href=/" + std::string(8'000, 'x') + "/>";
        for (int i = 0; target == "/" && i != 5'000; ++i)
          body += "<a href=" + std::to_string(i) + '>';
        return html(body);
      });
  spider::crawl_options options = without_robots();
  options.max_pages = 5;
  crawl all(server, options);
  BOOST_TEST(all.run().visit("/").notice ==
             "the URLs of its links have more than 33554432 characters: the "
             "others were not looked at");
  BOOST_TEST(all.report().links.on_site < 4'200u);
}

BOOST_AUTO_TEST_CASE(a_server_that_switches_to_another_protocol_is_no_server)
{
  const raw_server server(
      [](const std::string& target, int) -> raw_answer
      {
        if (target == "/")
          return html("<a href=/1>");
        return {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"};
      });
  crawl all(server);
  all.run();
  BOOST_TEST(all.problem("/1") ==
             "read failed: the answer is not valid HTTP (bad status)");
}

BOOST_AUTO_TEST_CASE(a_host_name_that_is_not_ascii_is_called_so)
{
  const raw_server server(
      [](const std::string&, int)
      {
        return html("<a href='http://b\xC3\xBC"
                    "cher.invalid/'>");
      });
  spider::crawl_options options = without_robots();
  options.with_external = true;
  const auto report = crawl(server, options).run().report();
  BOOST_REQUIRE(report.broken.size() == 1u);
  BOOST_TEST(report.broken[0].result.problem ==
             "resolve failed: the name of the host is not ASCII; only its form "
             "with \"xn--\" can be looked up");
}

BOOST_AUTO_TEST_CASE(a_signal_is_answered_by_a_message)
{
  const raw_server server(
      [](const std::string& target, int) -> raw_answer
      {
        if (target == "/")
          return html("<a href=/1>");
        std::raise(SIGINT);
        return {"", raw_answer::hang};
      });
  spider::crawl_options options = without_robots();
  options.grace = std::chrono::milliseconds(1);
  boost::asio::io_context context{1};
  const auto start =
      spider::canonical("http://" + server.authority() + '/').value();
  spider::crawler crawler(context.get_executor(), start, options);
  spider::session session(boost::asio::make_strand(context), crawler);
  std::ostringstream printed;
  std::streambuf* const usual = std::cerr.rdbuf(printed.rdbuf());
  co_spawn(context, session.run(false),
           [](std::exception_ptr, spider::crawl_end) {});
  context.run();
  std::cerr.rdbuf(usual);
  BOOST_TEST(session.caught_signal() == SIGINT);
  BOOST_TEST(printed.str().find("web_spider: stopping") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_look_up_does_not_hold_up_the_end)
{
  boost::asio::io_context context{1};
  toro::event end(context.get_executor());
  toro::wait_group look_ups(context.get_executor());
  const auto url = spider::canonical("http://127.0.0.1/").value();
  spider::host host(context.get_executor(), url, {1, {}}, nullptr, end,
                    look_ups);
  end.set();
  boost::system::error_code error;
  co_spawn(context, host.look_up(seconds(10)),
           [&error](std::exception_ptr, const auto& found)
           {
             error = std::get<0>(found);
           });
  context.run();
  BOOST_TEST(error == boost::asio::error::operation_aborted);
}

// Signals that come later, while the report is written, end the program.
BOOST_AUTO_TEST_CASE(signals_are_not_caught_behind_the_crawl)
{
  const raw_server server(
      [](const std::string&, int)
      {
        return html("<a href=/1>");
      });
  boost::asio::io_context context{1};
  const auto start =
      spider::canonical("http://" + server.authority() + '/').value();
  spider::crawler crawler(context.get_executor(), start, without_robots());
  spider::session session(boost::asio::make_strand(context), crawler);
  co_spawn(context, session.run(false),
           [](std::exception_ptr, spider::crawl_end) {});
  context.run();
  for (const int signal : {SIGINT, SIGTERM})
  {
    struct sigaction now
    {
    };
    BOOST_REQUIRE(sigaction(signal, nullptr, &now) == 0);
    BOOST_TEST((now.sa_handler == SIG_DFL));
  }
}

BOOST_AUTO_TEST_SUITE_END()
