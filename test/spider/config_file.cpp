// SPDX-License-Identifier: BSL-1.0

// The options that a file holds.

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "options.hpp"

#include <unistd.h>

namespace {

struct config_file
{
  std::optional<spider::options> parse(const std::string& text,
                                       std::vector<const char*> words = {})
  {
    std::ofstream(name, std::ios::binary) << text;
    words.insert(words.begin(), {"web_spider", "--config", name.c_str()});
    std::ostringstream out;
    return spider::parse_options(static_cast<int>(words.size()), words.data(),
                                 out);
  }

  ~config_file()
  {
    std::filesystem::remove(name);
  }

  const std::string name =
      (std::filesystem::temp_directory_path() /
       ("toro_spider_" + std::to_string(::getpid()) + ".conf"))
          .string();
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(configuration, config_file)

BOOST_AUTO_TEST_CASE(a_file_holds_options)
{
  const auto chosen = parse("# a comment\n"
                            "url = http://user:secret@a:8000/\n"
                            "workers=3 # another\n"
                            "external = true\nquiet = false\n"
                            "exclude = b\nexclude = c\n"
                            "header = X-A: b\n"
                            "fail-on = anchors\n");
  BOOST_REQUIRE(chosen);
  BOOST_TEST(chosen->start.value().buffer() == "http://a:8000/");
  BOOST_TEST(chosen->crawl.credentials == "user:secret");
  BOOST_TEST(chosen->crawl.workers == 3u);
  BOOST_TEST(chosen->crawl.with_external);
  BOOST_TEST(!chosen->quiet);
  BOOST_TEST(!chosen->crawl.filter.admits("c"));
  BOOST_TEST(chosen->crawl.headers.size() == 1u);
  BOOST_TEST(chosen->fail_on.anchors);
}

BOOST_AUTO_TEST_CASE(the_command_line_overrides_the_file)
{
  const auto chosen = parse("url = http://a/\nworkers = 3\nexclude = b\n",
                            {"-w", "4", "--exclude", "c", "http://d/"});
  BOOST_TEST(chosen->start.value().buffer() == "http://d/");
  BOOST_TEST(chosen->crawl.workers == 4u);
  BOOST_TEST(!chosen->crawl.filter.admits("b"));
  BOOST_TEST(!chosen->crawl.filter.admits("c"));
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_understood_is_named)
{
  for (const char* text :
       {"", "bogus = 1\n", "workers\n", "workers = x\n", "config = y\n",
        "help = 1\n", "external = perhaps\n", "\xFF\xFE\n",
        "workers = 1\n"
        "workers = 2\n"})
    BOOST_CHECK_EXCEPTION(parse(text), spider::bad_arguments,
                          [this](const auto& error)
                          {
                            const std::string message = error.what();
                            BOOST_TEST_INFO(message);
                            return message.find(name) != std::string::npos;
                          });
  BOOST_CHECK_THROW(parse("workers = 0\n"), spider::bad_arguments);
  BOOST_CHECK_THROW(parse("url = http://a\nurl = http://b\n"),
                    spider::bad_arguments);
}

BOOST_AUTO_TEST_SUITE_END()
