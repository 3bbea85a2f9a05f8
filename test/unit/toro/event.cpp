// SPDX-License-Identifier: BSL-1.0
#include <toro/event.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>

#include "support/case_template.hpp"
#include "support/primitives.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(toro_event)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

// Waits of a number of handlers that an event set and cleared at once wakes.
template <class Threading>
void set_then_clear(int count)
{
  world w;
  event_of<Threading> ev(w.context());
  std::string expected;
  for (int i = 0; i != count; ++i)
  {
    ev.async_wait(w.on(std::to_string(i)));
    expected += (i == 0 ? "" : " ") + std::to_string(i);
  }
  BOOST_TEST(w.poll() == "");
  ev.set();
  ev.clear();
  BOOST_TEST(!ev.is_set());
  BOOST_TEST(w.poll() == expected);
  BOOST_TEST(!ev.is_set());
}

} // namespace

TORO_TEST_CASE_TEMPLATE(EV1_string_says_clear_or_set, Threading, policies)
{
  world w;
  event_of<Threading> ev(w.context());
  BOOST_TEST(to_string(ev) == "<event clear>");
  ev.set();
  BOOST_TEST(to_string(ev) == "<event set>");
}

TORO_TEST_CASE_TEMPLATE(EV2_clear_right_after_set_still_wakes, Threading,
                        policies)
{
  set_then_clear<Threading>(1);
}

TORO_TEST_CASE_TEMPLATE(EV3_a_hundred_waiters_wake_in_order, Threading,
                        policies)
{
  set_then_clear<Threading>(100);
}

TORO_TEST_CASE_TEMPLATE(EV4_timed_out_wait_leaves_the_event_usable, Threading,
                        policies)
{
  world w;
  event_of<Threading> ev(w.context());
  ev.async_wait(100ms, w.on("first"));
  BOOST_TEST(w.advance(99ms) == "");
  BOOST_TEST(w.advance(1ms) == "first:TO");
  ev.async_wait(1s, w.on("second"));
  BOOST_TEST(w.advance(100ms) == "");
  ev.set();
  BOOST_TEST(w.poll() == "second");
}

TORO_TEST_CASE_TEMPLATE(EV5_wait_on_a_set_event_completes_at_once, Threading,
                        policies)
{
  world w;
  event_of<Threading> ev(w.context());
  ev.set();
  BOOST_TEST(ev.is_set());
  ev.async_wait(w.on("plain"));
  ev.async_wait(w.clock.now() - 1h, w.on("past"));
  BOOST_TEST(ev.waiters() == 0u);
  BOOST_TEST(w.poll() == "plain past");
}

BOOST_AUTO_TEST_SUITE_END()
