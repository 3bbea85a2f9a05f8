// SPDX-License-Identifier: BSL-1.0
#include <toro/error.hpp>

#include <boost/asio/error.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

BOOST_AUTO_TEST_SUITE(toro_timeout)

BOOST_AUTO_TEST_CASE(TO1_time_out_has_a_message_and_the_category_a_name)
{
  const auto timed_out =
      boost::asio::error::make_error_code(boost::asio::error::timed_out);
  BOOST_TEST(!timed_out.message().empty());
  BOOST_TEST((timed_out == boost::system::errc::timed_out));
  BOOST_TEST(toro::error_category().name() == std::string("toro"));
}

BOOST_AUTO_TEST_SUITE_END()
