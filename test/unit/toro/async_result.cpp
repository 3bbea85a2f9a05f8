// SPDX-License-Identifier: BSL-1.0
#include <toro/async_result.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>

#include "support/case_template.hpp"
#include "support/primitives.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(toro_async_result)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

} // namespace

TORO_TEST_CASE_TEMPLATE(AR1_string_shows_state_and_waiters, Threading, policies)
{
  world w;
  result_of<std::string, Threading> ar(w.context());
  BOOST_TEST(to_string(ar) == "<async_result unset>");
  ar.async_get(w.on("get"));
  BOOST_TEST(to_string(ar) == "<async_result unset waiters[1]>");
  ar.set("fizzle");
  BOOST_TEST(to_string(ar) == "<async_result set>");
  BOOST_TEST(w.poll() == "get=fizzle");
}

TORO_TEST_CASE_TEMPLATE(AR2_get_of_an_unset_result_is_not_ready, Threading,
                        policies)
{
  world w;
  result_of<std::string, Threading> ar(w.context());
  boost::system::error_code ec;
  BOOST_TEST(!ar.get(ec).has_value());
  BOOST_TEST(ec == make_error_code(toro::error::not_ready));
  BOOST_TEST(throws_code(
      [&]
      {
        ar.get();
      },
      toro::error::not_ready));
  BOOST_TEST(!ar.try_get().has_value());
  BOOST_TEST(!ar.ready());
}

TORO_TEST_CASE_TEMPLATE(AR3_get_times_out_at_its_deadline, Threading, policies)
{
  world w;
  result_of<std::string, Threading> ar(w.context());
  ar.async_get(100ms, w.on("get"));
  BOOST_TEST(w.advance(99ms) == "");
  BOOST_TEST(w.advance(1ms) == "get:TO");
}

TORO_TEST_CASE_TEMPLATE(AR4_set_wakes_and_settles_for_good, Threading, policies)
{
  world w;
  result_of<std::string, Threading> ar(w.context());
  BOOST_TEST(!ar.ready());
  ar.async_get(w.on("get1"));
  BOOST_TEST(w.advance(100ms) == "");
  ar.set("hello");
  BOOST_TEST(w.poll() == "get1=hello");
  BOOST_TEST(ar.ready());
  ar.async_get(w.on("get2"));
  ar.async_get(w.on("get3"));
  BOOST_TEST(w.poll() == "get2=hello get3=hello");
  BOOST_TEST(ar.try_get().value() == "hello");

  boost::system::error_code ec;
  ar.set("x", ec);
  BOOST_TEST(ec == make_error_code(toro::error::already_set));
  BOOST_TEST(throws_code(
      [&]
      {
        ar.set("y");
      },
      toro::error::already_set));
  BOOST_TEST(ar.get() == "hello");
}

TORO_TEST_CASE_TEMPLATE(AR5_get_callbacks_run_in_order_after_set, Threading,
                        policies)
{
  world w;
  result_of<std::string, Threading> ar(w.context());
  ar.async_get(w.on("get1"));
  ar.async_get(w.on("get2"));
  ar.set("x");
  w.note("set");
  BOOST_TEST(w.poll() == "set get1=x get2=x");
}

TORO_TEST_CASE_TEMPLATE(AR6_timed_out_get_does_not_spoil_the_result, Threading,
                        policies)
{
  world w;
  result_of<std::string, Threading> ar(w.context());
  ar.async_get(100ms, w.on("get1"));
  BOOST_TEST(w.advance(100ms) == "get1:TO");
  BOOST_TEST(!ar.ready());
  BOOST_TEST(ar.waiters() == 0u);
  ar.set("foo");
  ar.async_get(10ms, w.on("get2"));
  BOOST_TEST(w.poll() == "get2=foo");
}

BOOST_AUTO_TEST_SUITE_END()
