// SPDX-License-Identifier: BSL-1.0

#include "options.hpp"

#include <boost/test/unit_test.hpp>

#include <initializer_list>
#include <sstream>
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

BOOST_AUTO_TEST_SUITE_END()
