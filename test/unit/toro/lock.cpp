// SPDX-License-Identifier: BSL-1.0
#include <toro/lock.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>

#include "support/case_template.hpp"
#include "support/primitives.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(toro_lock)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

} // namespace

TORO_TEST_CASE_TEMPLATE(LK1_acquire_locks_at_once_and_release_unlocks,
                        Threading, policies)
{
  world w;
  lock_of<Threading> lk(w.context());
  BOOST_TEST(!lk.locked());
  lk.async_acquire(w.on("acquire", let_go()));
  BOOST_TEST(lk.locked());
  BOOST_TEST(w.poll() == "acquire");
  BOOST_TEST(lk.locked());
  lk.release();
  BOOST_TEST(!lk.locked());
}

TORO_TEST_CASE_TEMPLATE(LK2_contended_acquires_are_all_served, Threading,
                        policies)
{
  world w;
  lock_of<Threading> lk(w.context());
  lk.try_acquire().detach();
  for (int i = 0; i != 5; ++i)
    lk.async_acquire(w.on(std::to_string(i)));
  BOOST_TEST(w.poll() == "");
  lk.release();
  BOOST_TEST(w.poll() == "0 1 2 3 4");
  BOOST_TEST(!lk.locked());
}

TORO_TEST_CASE_TEMPLATE(LK3_second_acquire_waits_for_a_release, Threading,
                        policies)
{
  world w;
  lock_of<Threading> lk(w.context());
  lk.async_acquire(w.on("phase1",
                        [&](auto first)
                        {
                          first.detach();
                          lk.async_acquire(w.on("phase2", let_go()));
                        }));
  BOOST_TEST(w.poll() == "phase1");
  BOOST_TEST(lk.locked());
  BOOST_TEST(lk.waiters() == 1u);
  lk.release();
  BOOST_TEST(w.poll() == "phase2");
  BOOST_TEST(lk.locked());
  lk.release();
  BOOST_TEST(!lk.locked());
}

TORO_TEST_CASE_TEMPLATE(LK4_string_says_unlocked_or_locked, Threading, policies)
{
  world w;
  lock_of<Threading> lk(w.context());
  BOOST_TEST(to_string(lk) == "<lock unlocked>");
  auto held = lk.try_acquire();
  BOOST_TEST(to_string(lk) == "<lock locked>");
  lk.async_acquire(w.on("acquire"));
  BOOST_TEST(to_string(lk) == "<lock locked waiters[1]>");
  held.reset();
  BOOST_TEST(w.poll() == "acquire");
}

TORO_TEST_CASE_TEMPLATE(LK5_acquire_times_out_and_the_lock_stays_locked,
                        Threading, policies)
{
  world w;
  lock_of<Threading> lk(w.context());
  auto held = lk.try_acquire();
  lk.async_acquire(100ms, w.on("acquire"));
  BOOST_TEST(w.advance(99ms) == "");
  BOOST_TEST(w.advance(1ms) == "acquire:TO");
  BOOST_TEST(lk.locked());
}

TORO_TEST_CASE_TEMPLATE(LK6_acquire_callbacks_run_in_order, Threading, policies)
{
  world w;
  lock_of<Threading> lk(w.context());
  lk.async_acquire(w.on("acquire1", let_go()));
  lk.async_acquire(w.on("acquire2", let_go()));
  BOOST_TEST(w.poll() == "acquire1");
  lk.release();
  BOOST_TEST(lk.locked());
  w.note("release");
  BOOST_TEST(w.poll() == "release acquire2");
  lk.release();
}

TORO_TEST_CASE_TEMPLATE(LK7_second_release_is_not_locked, Threading, policies)
{
  world w;
  lock_of<Threading> lk(w.context());
  lk.try_acquire().detach();
  lk.release();
  boost::system::error_code ec;
  lk.release(ec);
  BOOST_TEST(ec == make_error_code(toro::error::not_locked));
  BOOST_TEST(throws_code(
      [&]
      {
        lk.release();
      },
      toro::error::not_locked));
  BOOST_TEST(!lk.locked());
}

BOOST_AUTO_TEST_SUITE_END()
