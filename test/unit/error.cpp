// SPDX-License-Identifier: BSL-1.0
#include <toro/error.hpp>

#include <boost/system/errc.hpp>
#include <boost/test/unit_test.hpp>

#include <set>
#include <string>
#include <system_error>

BOOST_AUTO_TEST_SUITE(unit_error)

namespace {

using toro::error;

constexpr error all_errors[] = {error::not_locked,     error::over_released,
                                error::already_set,    error::not_ready,
                                error::task_underflow, error::closed,
                                error::impossible,     error::failed};

// As another shared library of the same program may have it.
constexpr toro::error_category_type second_category;

} // namespace

BOOST_AUTO_TEST_CASE(codes_convert_from_the_enumerators)
{
  const boost::system::error_code ec = error::closed;
  BOOST_TEST(ec.value() == static_cast<int>(error::closed));
  BOOST_TEST((ec.category() == toro::error_category()));
  BOOST_TEST(ec.failed());
}

BOOST_AUTO_TEST_CASE(every_code_fails_and_has_a_message_of_its_own)
{
  std::set<std::string> messages;
  for (const error e : all_errors)
  {
    const auto ec = make_error_code(e);
    BOOST_TEST(ec.failed());
    BOOST_TEST(!ec.message().empty());
    BOOST_TEST(ec.message().back() != '.');
    messages.insert(ec.message());
  }
  BOOST_TEST(messages.size() == std::size(all_errors));
  BOOST_TEST(messages.count(toro::error_category().message(0)) == 0u);
  BOOST_TEST(!toro::error_category().message(1000).empty());
}

BOOST_AUTO_TEST_CASE(second_instance_of_the_category_is_equal)
{
  BOOST_TEST((second_category == toro::error_category()));
  BOOST_TEST((boost::system::error_code(1, second_category) ==
              make_error_code(error::not_locked)));
  BOOST_TEST((toro::error_category() != boost::system::generic_category()));
}

BOOST_AUTO_TEST_CASE(codes_match_portable_conditions)
{
  namespace errc = boost::system::errc;
  BOOST_TEST(
      (make_error_code(error::not_locked) == errc::operation_not_permitted));
  BOOST_TEST((make_error_code(error::not_ready) ==
              errc::resource_unavailable_try_again));
  BOOST_TEST((make_error_code(error::closed) == errc::broken_pipe));
  for (const error e : {error::over_released, error::already_set,
                        error::task_underflow, error::impossible})
    BOOST_TEST((make_error_code(e) == errc::invalid_argument));
  BOOST_TEST((make_error_code(error::closed) != errc::invalid_argument));
  const boost::system::error_condition failed(static_cast<int>(error::failed),
                                              toro::error_category());
  BOOST_TEST((make_error_code(error::failed) == failed));
  const boost::system::error_condition unknown(1000, toro::error_category());
  BOOST_TEST((toro::error_category().default_error_condition(1000) == unknown));
}

BOOST_AUTO_TEST_CASE(codes_become_standard_ones)
{
  const std::error_code ec = make_error_code(error::closed);
  BOOST_TEST(ec.value() == static_cast<int>(error::closed));
  BOOST_TEST(ec.category().name() == std::string("toro"));
  BOOST_TEST(ec.message() == make_error_code(error::closed).message());
  BOOST_TEST((ec == std::errc::broken_pipe));
}

BOOST_AUTO_TEST_SUITE_END()
