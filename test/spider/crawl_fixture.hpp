// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_SPIDER_CRAWL_FIXTURE_HPP
#define TORO_TEST_SPIDER_CRAWL_FIXTURE_HPP

#include <toro/testing/manual_clock.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <exception>
#include <functional>
#include <optional>
#include <string>

#include "crawler.hpp"
#include "raw_server.hpp"
#include "report.hpp"
#include "site.hpp"

namespace spider_test {

// Most scripts know no robots.txt.
inline spider::crawl_options without_robots()
{
  spider::crawl_options options;
  options.ignore_robots = true;
  return options;
}

// One crawl of a server, on a clock that stands still.
struct crawl
{
  explicit crawl(const raw_server& server,
                 const spider::crawl_options& options = without_robots())
    : crawl("http://" + server.authority() + '/', options)
  {
  }

  crawl(const std::string& url, const spider::crawl_options& options)
    : start(url)
  {
    crawler.emplace(context.get_executor(), spider::canonical(start).value(),
                    options);
  }

  void begin()
  {
    co_spawn(context, crawler->run(),
             [this](std::exception_ptr error, spider::crawl_end how)
             {
               BOOST_TEST(!error);
               end = how;
             });
  }

  void run_until(const std::function<bool()>& condition)
  {
    while (!condition() && context.run_one() != 0)
    {
    }
  }

  crawl& run()
  {
    begin();
    context.run();
    return *this;
  }

  spider::visit visit(const std::string& target) const
  {
    for (const auto& row : crawler->pages().rows())
      if (row.url == start + target.substr(1))
        return *row.result;
    spider::visit none;
    none.problem = "not visited";
    return none;
  }

  spider::crawl_report report() const
  {
    auto made = spider::report_of(crawler->pages());
    made.start = start;
    return made;
  }

  std::string problem(const std::string& target) const
  {
    return visit(target).problem;
  }

  std::string start;
  boost::asio::io_context context{1};
  toro::testing::manual_clock clock{context};
  std::optional<spider::crawler> crawler;
  std::optional<spider::crawl_end> end;
};

} // namespace spider_test

#endif // TORO_TEST_SPIDER_CRAWL_FIXTURE_HPP
