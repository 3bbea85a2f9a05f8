// SPDX-License-Identifier: BSL-1.0

#include "options.hpp"

#include <boost/test/unit_test.hpp>

#include <initializer_list>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

std::optional<spider::options> parse(std::initializer_list<const char*> words)
{
  std::vector<const char*> argv{"web_spider"};
  argv.insert(argv.end(), words);
  std::ostringstream out;
  return spider::parse_options(static_cast<int>(argv.size()), argv.data(), out);
}

} // namespace

BOOST_AUTO_TEST_SUITE(options)

BOOST_AUTO_TEST_CASE(no_argument_means_the_embedded_site)
{
  const auto chosen = parse({});
  BOOST_REQUIRE(chosen);
  BOOST_TEST(!chosen->start);
  BOOST_TEST(chosen->crawl.read_timeout.count() == 1000);
  BOOST_TEST(chosen->crawl.workers == 12u);
}

BOOST_AUTO_TEST_CASE(options_are_understood)
{
  const auto chosen =
      parse({"-w", "3", "--read-timeout=0.25", "--also", "b", "--also", "c:81",
             "--fail-on-broken", "-j", "-", "http://a:8000"});
  BOOST_REQUIRE(chosen);
  BOOST_TEST(chosen->start.value().buffer() == "http://a:8000/");
  BOOST_TEST(chosen->crawl.workers == 3u);
  BOOST_TEST(chosen->crawl.read_timeout.count() == 250);
  BOOST_TEST(chosen->crawl.more_hosts.size() == 2u);
  BOOST_TEST(chosen->fail_on.broken);
  BOOST_TEST(chosen->fail_on.external);
  BOOST_TEST(!chosen->fail_on.anchors);
  BOOST_TEST(chosen->json_file == "-");
}

BOOST_AUTO_TEST_CASE(what_is_crawled_can_be_chosen)
{
  const auto chosen = parse({"--external", "--depth", "0", "--include", "a",
                             "--include", "b", "--exclude", "^b", "--pause",
                             "0", "--external-pause", "0.5", "--ignore-robots",
                             "--links-limit", "7", "--external-per-host", "1"});
  BOOST_REQUIRE(chosen);
  const auto& crawl = chosen->crawl;
  BOOST_TEST(crawl.with_external);
  BOOST_TEST(crawl.depth.value() == 0u);
  BOOST_TEST(crawl.filter.admits("a"));
  BOOST_TEST(!crawl.filter.admits("b"));
  BOOST_TEST(crawl.filter.admits("cb"));
  BOOST_TEST(crawl.pause.count() == 0);
  BOOST_TEST(crawl.external_pause.count() == 500);
  BOOST_TEST(crawl.external_per_host == 1u);
  BOOST_TEST(crawl.ignore_robots);
  BOOST_TEST(crawl.max_links == 7u);
  BOOST_TEST(!parse({})->crawl.depth.has_value());
}

BOOST_AUTO_TEST_CASE(what_is_sent_can_be_chosen)
{
  const auto chosen =
      parse({"--header", "X-A:  b: c ", "--cookie", "a=1", "--cookie", "b=2",
             "--user-agent", "me", "http://us%65r:p%3Aw@a:81/b"});
  BOOST_REQUIRE(chosen);
  const auto& crawl = chosen->crawl;
  BOOST_REQUIRE(crawl.headers.size() == 2u);
  BOOST_TEST(crawl.headers[0].first == "X-A");
  BOOST_TEST(crawl.headers[0].second == "b: c");
  BOOST_TEST(crawl.headers[1].second == "a=1; b=2");
  BOOST_TEST(crawl.user_agent == "me");
  BOOST_TEST(chosen->start.value().buffer() == "http://a:81/b");
  BOOST_TEST(crawl.credentials == "user:p:w");
  BOOST_TEST(crawl.credentials_origin == "http://a:81");
  BOOST_TEST(parse({"http://user@a/"})->crawl.credentials == "user:");
  BOOST_TEST(parse({"http://a/"})->crawl.credentials == "");
}

BOOST_AUTO_TEST_CASE(findings_to_fail_on_are_named)
{
  const auto chosen = parse({"--fail-on", "broken,anchors"})->fail_on;
  BOOST_TEST((chosen.broken && chosen.anchors));
  BOOST_TEST((!chosen.external && !chosen.notices));
  const auto any = parse({"--fail-on", "any"})->fail_on;
  BOOST_TEST((any.broken && any.anchors && any.external && any.notices));
  const auto two =
      parse({"--fail-on", "external", "--fail-on", "notices"})->fail_on;
  BOOST_TEST((two.external && two.notices && !two.broken));
}

BOOST_AUTO_TEST_CASE(help_and_version_end_the_program)
{
  BOOST_TEST(!parse({"--help"}));
  BOOST_TEST(!parse({"-h", "--workers", "0"}));
  BOOST_TEST(!parse({"--version"}));
}

BOOST_AUTO_TEST_CASE(nonsense_is_refused_in_one_line)
{
  const std::initializer_list<const char*> lines[] = {
      {"--bogus"},
      {"--workers", "0"},
      {"--workers", "-1"},
      {"--workers", "x"},
      {"--workers"},
      {"--read-timeout", "nan"},
      {"--read-timeout", "0"},
      {"--crawl-timeout", "1e99"},
      {"http://a/", "http://b/"},
      {"a"},
      {""},
      {"--also", "a/b"},
      {"--json", ""},
      {"--csv", ""},
      {"--junit", "-", "--csv", "-"},
      {"--depth", "-1"},
      {"--depth", ""},
      {"--include", "("},
      {"--exclude", "[a"},
      {"--header", "no colon"},
      {"--header", ": b"},
      {"--header", "a b: c"},
      {"--header", "a: b\r\nc: d"},
      {"--header", "host: b"},
      {"--header", "Transfer-Encoding: chunked"},
      {"--cookie", "a"},
      {"--cookie", "a=b\n"},
      {"--user-agent", ""},
      {"--user-agent", "a\rb"},
      {"--fail-on", "everything"},
      {"--fail-on", ""},
      {"--fail-on", "broken,,anchors"},
      {"--external-pause", "-1"},
      {"--pause", "nan"},
      {"--crawl-delay-limit", "-1"},
      {"--external=1"},
      {"--config", "/nowhere"},
      {"--config", "/"},
      {"--links-limit", "0"}};
  for (const auto& line : lines)
    BOOST_CHECK_EXCEPTION(parse(line), spider::bad_arguments,
                          [](const auto& error)
                          {
                            const std::string text = error.what();
                            return !text.empty() &&
                                   text.find('\n') == std::string::npos;
                          });
}

BOOST_AUTO_TEST_CASE(a_url_that_is_refused_is_explained)
{
  const std::string long_url = "http://a/" + std::string(9'000, 'x');
  const std::pair<const char*, const char*> lines[] = {
      {long_url.c_str(), "the URL is longer than 8192 characters"},
      {"http://a b/", "is not a URL"},
      {"ftp://a/", "is not an http:// URL"},
      {"localhost:8000", "write http://HOST"},
      {"http://a:99999/", "port 99999 is not between 1 and 65535"},
      {"http://a:65536", "port 65536 is not between"},
      {"http://a:0/", "port 0 is not between"},
      {"http://a:18446744073709551697/", "is not between"},
      {"http://[::1]:99999/", "port 99999 is not between"},
      {"http://a:x/", "port 'x' is not a number"},
      {"http://a:-1/", "port '-1' is not a number"},
      {"http://::1/", "brackets"},
      {"http://[::1/", "is not a URL"},
      {"http:///a", "names no host"},
      {"http://user:secret@a:0/", "port 0 is not between"},
      {"http://user:secret%0A@a/", "control character"},
      {"user:secret@a", "is not an http:// URL"},
      {"http:\\\\user:secret@a", "is not an http:// URL"}};
  for (const auto& [url, text] : lines)
    BOOST_CHECK_EXCEPTION(parse({url}), spider::bad_arguments,
                          [expected = text](const auto& error)
                          {
                            const std::string message = error.what();
                            BOOST_TEST_INFO(message);
                            BOOST_TEST(message.find("secret") ==
                                       std::string::npos);
                            return message.find(expected) != std::string::npos;
                          });
}

BOOST_AUTO_TEST_CASE(a_host_that_is_refused_is_explained)
{
  for (const auto& [host, text] :
       {std::pair("a:0", "port 0 is not between 1 and 65535"),
        std::pair("a:x", "port 'x' is not a number"),
        std::pair("http://a", "takes HOST or HOST:PORT"),
        std::pair("u:secret@a", "takes HOST or HOST:PORT")})
    BOOST_CHECK_EXCEPTION(parse({"--also", host}), spider::bad_arguments,
                          [expected = text](const auto& error)
                          {
                            const std::string message = error.what();
                            BOOST_TEST(message.find("secret") ==
                                       std::string::npos);
                            return message.find(expected) != std::string::npos;
                          });
}

BOOST_AUTO_TEST_CASE(urls_without_a_port_or_with_an_ipv6_address_are_taken)
{
  for (const char* url : {"http://a", "http://a:", "http://a:65535/",
                          "http://[::1]/", "http://[::1]:8000/a@b"})
    BOOST_TEST(parse({url})->start.has_value(), url);
}

BOOST_AUTO_TEST_SUITE_END()
