// SPDX-License-Identifier: BSL-1.0

#include "progress.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const spider::rate_meter::time_point start{std::chrono::hours(1)};

} // namespace

BOOST_AUTO_TEST_SUITE(progress)

BOOST_AUTO_TEST_CASE(a_slow_site_has_a_rate)
{
  spider::rate_meter rate(start);
  double last = 0;
  for (int i = 1; i <= 50; ++i) // one page in ten seconds
    last = rate.update(start + i * milliseconds(200), i == 50 ? 1 : 0);
  BOOST_TEST(last == 0.1, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(rate.update(start + milliseconds(10'200), 1) > 0);
}

BOOST_AUTO_TEST_CASE(the_rate_is_that_of_the_last_seconds)
{
  spider::rate_meter rate(start);
  rate.update(start + seconds(10), 1000);
  for (int i = 11; i <= 30; ++i)
    rate.update(start + seconds(i), 1000);
  BOOST_TEST(rate.update(start + seconds(31), 1000) == 0);
  BOOST_TEST(rate.update(start + seconds(32), 1020) > 1);
}

BOOST_AUTO_TEST_CASE(no_time_has_no_rate)
{
  spider::rate_meter rate(start);
  BOOST_TEST(rate.update(start, 5) == 0);
}

BOOST_AUTO_TEST_CASE(a_rate_is_never_written_as_zero)
{
  BOOST_TEST(spider::rate_text(0) == "0");
  BOOST_TEST(spider::rate_text(0.013) == "0.013");
  BOOST_TEST(spider::rate_text(0.4) == "0.4");
  BOOST_TEST(spider::rate_text(123.4) == "123");
}

BOOST_AUTO_TEST_CASE(a_line_names_the_end_of_a_url_that_is_too_long)
{
  BOOST_TEST(spider::with_url("1 URLs", "", 80) == "1 URLs");
  BOOST_TEST(spider::with_url("1 URLs", "http://h/", 80) ==
             "1 URLs: http://h/");
  const std::string url = "http://h/" + std::string(100, 'a') + "/end";
  const auto line = spider::with_url("1 URLs", url, 40);
  BOOST_TEST(line.size() == 39u);
  BOOST_TEST(line.starts_with("1 URLs: ..."));
  BOOST_TEST(line.ends_with("a/end"));
  BOOST_TEST(spider::with_url("1 URLs", url, 10) == "1 URLs");
}

BOOST_AUTO_TEST_SUITE_END()
