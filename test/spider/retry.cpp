// SPDX-License-Identifier: BSL-1.0

#include "retry.hpp"

#include <boost/asio/error.hpp>
#include <boost/test/unit_test.hpp>

#include <limits>
#include <string>

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* date = "Sun, 06 Nov 1994 08:49:37 GMT";

// The seconds to wait; -1 for a value that is none.
long long wait_for(std::string_view value)
{
  const auto time = spider::retry_after(value, date);
  return time ? static_cast<long long>(time->count()) : -1;
}

spider::http_reply reply_with(unsigned status, const std::string& wait)
{
  spider::http_reply reply;
  reply.status = status;
  reply.retry_after = wait;
  reply.date = date;
  return reply;
}

struct decisions
{
  spider::retry_decision decide(const spider::http_reply& reply,
                                std::size_t tries = 1)
  {
    return spider::decide_retry(reply, tries, limits, account, now);
  }

  // The milliseconds to wait; -1 if the server is not asked again.
  long long wait(const spider::http_reply& reply, std::size_t tries = 1)
  {
    const auto time = decide(reply, tries).wait;
    return time ? static_cast<long long>(time->count()) : -1;
  }

  spider::retry_limits limits{2, seconds(30), seconds(60)};
  spider::retry_account account;
  spider::retry_account::time_point now{std::chrono::hours(1)};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(retry, decisions)

BOOST_AUTO_TEST_CASE(retry_after_is_a_number_of_seconds_or_a_date)
{
  BOOST_TEST(wait_for("0") == 0);
  BOOST_TEST(wait_for(" 120 ") == 120);
  BOOST_TEST(wait_for("Sun, 06 Nov 1994 08:50:07 GMT") == 30);
  BOOST_TEST(wait_for("Sunday, 06-Nov-94 08:49:38 GMT") == 1);
  BOOST_TEST(wait_for("Sun Nov  6 08:49:47 1994") == 10);
  BOOST_TEST(wait_for("Mon, 07 Nov 1994 08:49:37 GMT") == 86400);
  BOOST_TEST(wait_for("Sun, 06 Nov 1994 08:49:36 GMT") == 0);
}

BOOST_AUTO_TEST_CASE(what_is_neither_is_nothing)
{
  for (const char* text :
       {"", " ", "-1", "+1", "1.5", "1s", "soon", "0x10", "Sun, 06 Nov",
        "Sun, 06 Nov 1994 08:4", "Sun Nov  6 08:49:47",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT x"})
    BOOST_TEST(wait_for(text) == -1, text);
}

BOOST_AUTO_TEST_CASE(a_time_too_long_to_count_is_long)
{
  BOOST_TEST(wait_for("99999999999999999999999") == 1'000'000'000);
  BOOST_TEST(wait_for("18446744073709551615") == 1'000'000'000);
  BOOST_TEST(wait_for("Fri, 31 Dec 9999 23:59:59 GMT") == 1'000'000'000);
}

BOOST_AUTO_TEST_CASE(a_date_is_told_by_the_clock_of_the_server)
{
  const auto wait = spider::retry_after("Sun, 06 Nov 1994 08:49:38 GMT", "?");
  BOOST_REQUIRE(wait); // by the clock of this machine it has passed
  BOOST_TEST(wait->count() == 0);
}

BOOST_AUTO_TEST_CASE(only_a_busy_server_is_asked_again)
{
  for (const unsigned status : {200u, 302u, 404u, 500u, 502u})
    BOOST_TEST(wait(reply_with(status, "1")) == -1, status);
  BOOST_TEST(wait(reply_with(429, "1")) == 1000);
  BOOST_TEST(wait(reply_with(503, "1")) == 1000);
  auto failed = spider::failed_reply("read", boost::asio::error::eof);
  failed.status = 503;
  BOOST_TEST(wait(failed) == -1);
}

BOOST_AUTO_TEST_CASE(without_a_time_the_waits_double)
{
  limits = {100, seconds(30), std::chrono::hours(24)};
  BOOST_TEST(wait(reply_with(503, ""), 1) == 500);
  BOOST_TEST(wait(reply_with(503, "garbage"), 2) == 1000);
  BOOST_TEST(wait(reply_with(503, "-5"), 3) == 2000);
  BOOST_TEST(wait(reply_with(503, ""), 50) == 30'000);
}

BOOST_AUTO_TEST_CASE(the_number_of_tries_is_bounded)
{
  BOOST_TEST(wait(reply_with(429, "0"), 2) == 0);
  BOOST_TEST(wait(reply_with(429, "0"), 3) == -1);
  limits.retries = 0;
  BOOST_TEST(wait(reply_with(429, "0"), 1) == -1);
}

BOOST_AUTO_TEST_CASE(a_wait_that_is_too_long_is_not_begun)
{
  BOOST_TEST(wait(reply_with(503, "30")) == 30'000);
  BOOST_TEST(decide(reply_with(503, "31")).reason ==
             "asks to wait 31 s, which exceeds --retry-wait");
}

BOOST_AUTO_TEST_CASE(the_waits_for_a_host_are_bounded_in_all)
{
  BOOST_TEST(wait(reply_with(503, "30")) == 30'000);
  BOOST_TEST(wait(reply_with(503, "30")) == 30'000); // at the same time
  now += seconds(30);
  BOOST_TEST(wait(reply_with(503, "29")) == 29'000);
  now += seconds(100);
  BOOST_TEST(decide(reply_with(503, "2")).reason ==
             "the waits for this host have used up --retry-total");
  BOOST_TEST(wait(reply_with(503, "1")) == 1000);
  BOOST_TEST(wait(reply_with(503, "0")) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
