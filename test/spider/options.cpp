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
  BOOST_TEST(chosen->fail_on_broken);
  BOOST_TEST(chosen->json_file == "-");
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
      {"https://a/"},
      {"--also", "a/b"},
      {"--json", ""}};
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
  const std::pair<const char*, const char*> lines[] = {
      {"https://a/", "has no TLS"},
      {"HTTPS://a/", "has no TLS"},
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
      {"http://user:secret@a/", "names a user or a password"},
      {"https://user:secret@a/", "has no TLS"},
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
