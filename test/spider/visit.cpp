// SPDX-License-Identifier: BSL-1.0

#include "visit.hpp"

#include <boost/asio/error.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/test/unit_test.hpp>

namespace {

spider::http_reply answered(unsigned status)
{
  spider::http_reply reply;
  reply.status = status;
  reply.content_type = "Text/HTML; charset=utf-8";
  reply.body = "12345";
  reply.bytes = 5;
  return reply;
}

std::string problem_of(const spider::http_reply& reply)
{
  return spider::visit_of(reply).problem;
}

} // namespace

BOOST_AUTO_TEST_SUITE(visit)

BOOST_AUTO_TEST_CASE(a_good_answer_has_no_problem)
{
  const auto result = spider::visit_of(answered(200));
  BOOST_CHECK(result.how == spider::ending::answered);
  BOOST_TEST(result.is_html);
  BOOST_TEST(result.bytes == 5u);
  BOOST_TEST(result.problem == "");
}

BOOST_AUTO_TEST_CASE(an_error_is_named)
{
  BOOST_TEST(problem_of(answered(404)) == "404 Not Found");
  BOOST_TEST(problem_of(answered(503)) == "503 Service Unavailable");
  BOOST_TEST(problem_of(answered(999)) == "999 unknown status");
}

BOOST_AUTO_TEST_CASE(a_redirect_needs_a_location)
{
  auto reply = answered(302);
  BOOST_TEST(problem_of(reply) == "redirect without a location");
  reply.location = "/x";
  BOOST_TEST(problem_of(reply) == "");
  BOOST_TEST(spider::visit_of(reply).redirects_to == "/x");
}

BOOST_AUTO_TEST_CASE(a_location_without_a_redirect_means_nothing)
{
  auto reply = answered(201);
  reply.location = "/x";
  BOOST_TEST(spider::visit_of(reply).redirects_to == "");
}

BOOST_AUTO_TEST_CASE(a_page_over_the_limit_has_a_notice_and_no_problem)
{
  auto reply = answered(200);
  reply.too_large = true;
  BOOST_TEST(problem_of(reply) == "");
  BOOST_TEST(spider::visit_of(reply).notice ==
             "the page exceeds --body-limit: its links were not followed");
}

BOOST_AUTO_TEST_CASE(retries_are_named)
{
  auto reply = answered(503);
  reply.tries = 3;
  BOOST_TEST(problem_of(reply) == "503 Service Unavailable, tried 3 times");
  reply.tries = 1;
  reply.no_retry = "asks too much";
  BOOST_TEST(problem_of(reply) == "503 Service Unavailable; asks too much");
}

BOOST_AUTO_TEST_CASE(what_is_not_http_is_called_so)
{
  const auto problem = [](boost::beast::http::error error)
  {
    return problem_of(spider::failed_reply("read", error));
  };
  using boost::beast::http::error;
  BOOST_TEST(problem(error::bad_version)
                 .starts_with("read failed: the server does not speak HTTP"));
  BOOST_TEST(problem(error::bad_content_length) ==
             "read failed: the answer is not valid HTTP (bad Content-Length)");
  BOOST_TEST(problem(error::end_of_stream) ==
             "read failed: the server closed the connection without an answer");
  for (const auto too_long : {error::header_limit, error::buffer_overflow})
    BOOST_TEST(problem(too_long) ==
               "read failed: a header of the answer is too long");
}

BOOST_AUTO_TEST_CASE(a_host_that_is_not_found_is_called_so)
{
  const auto problem = [](const boost::system::error_code& error)
  {
    return problem_of(spider::failed_reply("resolve", error));
  };
  BOOST_TEST(problem(boost::asio::error::host_not_found) ==
             "resolve failed: there is no such host");
  BOOST_TEST(problem(boost::asio::error::no_data) ==
             "resolve failed: there is no such host");
  BOOST_TEST(problem(boost::asio::error::host_not_found_try_again) ==
             "resolve failed: no name server gave an answer");
}

BOOST_AUTO_TEST_CASE(time_outs_and_failures_are_told_apart)
{
  const auto late = spider::visit_of(
      spider::failed_reply("read", boost::beast::error::timeout));
  BOOST_CHECK(late.how == spider::ending::timed_out);
  BOOST_TEST(late.problem == "read timed out");
  const auto refused = spider::visit_of(
      spider::failed_reply("connect", boost::asio::error::connection_refused));
  BOOST_CHECK(refused.how == spider::ending::failed);
  BOOST_TEST(refused.problem == "connect failed: Connection refused");
}

BOOST_AUTO_TEST_SUITE_END()
