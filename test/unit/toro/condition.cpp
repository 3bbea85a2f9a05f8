// SPDX-License-Identifier: BSL-1.0
#include <toro/condition.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>

#include "support/case_template.hpp"
#include "support/primitives.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(toro_condition)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

} // namespace

TORO_TEST_CASE_TEMPLATE(CO1_string_shows_waiters_while_there_are_any, Threading,
                        policies)
{
  world w;
  condition_of<Threading> cv(w.context());
  BOOST_TEST(to_string(cv) == "<condition>");
  cv.async_wait(w.on("wait"));
  BOOST_TEST(to_string(cv) == "<condition waiters[1]>");
  cv.notify();
  BOOST_TEST(to_string(cv) == "<condition>");
  BOOST_TEST(w.poll() == "wait");
}

TORO_TEST_CASE_TEMPLATE(CO2_notify_wakes_a_waiter, Threading, policies)
{
  world w;
  condition_of<Threading> cv(w.context());
  cv.async_wait(w.on("wait"));
  BOOST_TEST(w.advance(100ms) == "");
  cv.notify();
  BOOST_TEST(w.poll() == "wait");
}

TORO_TEST_CASE_TEMPLATE(CO3_notify_one_wakes_the_first_only, Threading,
                        policies)
{
  world w;
  condition_of<Threading> cv(w.context());
  cv.async_wait(w.on("1"));
  cv.async_wait(w.on("2"));
  BOOST_TEST(cv.notify(1) == 1u);
  BOOST_TEST(w.poll() == "1");
  BOOST_TEST(cv.notify(1) == 1u);
  BOOST_TEST(w.poll() == "2");
}

TORO_TEST_CASE_TEMPLATE(CO4_notify_n_wakes_the_first_n, Threading, policies)
{
  world w;
  condition_of<Threading> cv(w.context());
  for (int i = 0; i != 6; ++i)
    cv.async_wait(w.on(std::to_string(i)));
  BOOST_TEST(cv.notify(3) == 3u);
  BOOST_TEST(w.poll() == "0 1 2");
  BOOST_TEST(cv.notify(1) == 1u);
  BOOST_TEST(w.poll() == "3");
  BOOST_TEST(cv.notify(2) == 2u);
  BOOST_TEST(w.poll() == "4 5");
}

TORO_TEST_CASE_TEMPLATE(CO5_notify_all_wakes_everybody_in_order, Threading,
                        policies)
{
  world w;
  condition_of<Threading> cv(w.context());
  for (int i = 0; i != 4; ++i)
    cv.async_wait(w.on(std::to_string(i)));
  BOOST_TEST(cv.notify_all() == 4u);
  BOOST_TEST(w.poll() == "0 1 2 3");
}

TORO_TEST_CASE_TEMPLATE(CO6_wait_times_out_at_its_deadline, Threading, policies)
{
  world w;
  condition_of<Threading> cv(w.context());
  cv.async_wait(100ms, w.on("wait"));
  BOOST_TEST(w.advance(99ms) == "");
  BOOST_TEST(w.advance(1ms) == "wait:TO");
}

TORO_TEST_CASE_TEMPLATE(CO7_notify_before_the_deadline_preempts_it, Threading,
                        policies)
{
  world w;
  condition_of<Threading> cv(w.context());
  cv.async_wait(200ms, w.on("wait"));
  BOOST_TEST(w.advance(100ms) == "");
  cv.notify();
  BOOST_TEST(w.poll() == "wait");
  BOOST_TEST(w.advance(200ms) == "");
}

TORO_TEST_CASE_TEMPLATE(CO8_notify_n_does_not_count_timed_out_waits, Threading,
                        policies)
{
  world w;
  condition_of<Threading> cv(w.context());
  cv.async_wait(w.on("0"));
  cv.async_wait(100ms, w.on("1"));
  cv.async_wait(w.on("2"));
  cv.async_wait(w.on("3"));
  BOOST_TEST(w.advance(100ms) == "1:TO");
  BOOST_TEST(cv.notify(2) == 2u);
  BOOST_TEST(w.poll() == "0 2");
  BOOST_TEST(cv.notify() == 1u);
  BOOST_TEST(w.poll() == "3");
}

TORO_TEST_CASE_TEMPLATE(CO9_notify_all_skips_timed_out_waits, Threading,
                        policies)
{
  world w;
  condition_of<Threading> cv(w.context());
  cv.async_wait(w.on("0"));
  cv.async_wait(100ms, w.on("1"));
  cv.async_wait(w.on("2"));
  BOOST_TEST(w.advance(100ms) == "1:TO");
  BOOST_TEST(cv.notify_all() == 2u);
  BOOST_TEST(w.poll() == "0 2");
}

BOOST_AUTO_TEST_SUITE_END()
