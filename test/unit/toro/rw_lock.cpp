// SPDX-License-Identifier: BSL-1.0
#include <toro/rw_lock.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <utility>

#include "support/case_template.hpp"
#include "support/primitives.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(toro_rw_lock)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

const auto not_locked = make_error_code(toro::error::not_locked);

} // namespace

TORO_TEST_CASE_TEMPLATE(RW1_read_locks_at_once_and_release_unlocks, Threading,
                        policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context(), 1);
  BOOST_TEST(!rw.locked());
  rw.async_acquire_read(w.on("read", let_go()));
  BOOST_TEST(rw.readers() == 1u);
  BOOST_TEST(rw.locked());
  BOOST_TEST(w.poll() == "read");
  rw.release_read();
  BOOST_TEST(rw.readers() == 0u);
  BOOST_TEST(!rw.locked());
}

TORO_TEST_CASE_TEMPLATE(RW2_release_read_of_a_fresh_lock_is_not_locked,
                        Threading, policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context(), 1);
  boost::system::error_code ec;
  rw.release_read(ec);
  BOOST_TEST(ec == not_locked);
  BOOST_TEST(throws_code(
      [&]
      {
        rw.release_read();
      },
      not_locked));
}

TORO_TEST_CASE_TEMPLATE(RW3_contended_readers_are_all_served, Threading,
                        policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context(), 1);
  rw.try_acquire_read().detach();
  for (int i = 0; i != 5; ++i)
  {
    rw.async_acquire_read(w.on(std::to_string(i),
                               [&](auto)
                               {
                                 BOOST_TEST(rw.readers() == 1u);
                               }));
  }
  BOOST_TEST(w.poll() == "");
  rw.release_read();
  BOOST_TEST(w.poll() == "0 1 2 3 4");
  BOOST_TEST(!rw.locked());
}

TORO_TEST_CASE_TEMPLATE(RW4_second_read_waits_for_a_release, Threading,
                        policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context(), 1);
  rw.async_acquire_read(w.on("phase1",
                             [&](auto first)
                             {
                               first.detach();
                               rw.async_acquire_read(w.on("phase2", let_go()));
                             }));
  BOOST_TEST(w.poll() == "phase1");
  BOOST_TEST(rw.locked());
  rw.release_read();
  BOOST_TEST(w.poll() == "phase2");
  BOOST_TEST(rw.locked());
  rw.release_read();
}

TORO_TEST_CASE_TEMPLATE(RW5_write_locks_at_once_and_release_unlocks, Threading,
                        policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context(), 10);
  rw.async_acquire_write(w.on("write", let_go()));
  BOOST_TEST(rw.write_locked());
  BOOST_TEST(w.poll() == "write");
  rw.release_write();
  BOOST_TEST(!rw.write_locked());
}

TORO_TEST_CASE_TEMPLATE(RW6_contended_writers_enter_one_by_one, Threading,
                        policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context(), 10);
  rw.try_acquire_write().detach();
  int inside = 0;
  for (int i = 0; i != 5; ++i)
  {
    rw.async_acquire_write(w.on(std::to_string(i),
                                [&](auto guard)
                                {
                                  guard.detach();
                                  ++inside;
                                  BOOST_TEST(inside == 1);
                                }));
  }
  rw.release_write();
  for (int i = 0; i != 5; ++i)
  {
    BOOST_TEST(w.poll() == std::to_string(i));
    BOOST_TEST(rw.write_locked());
    --inside;
    rw.release_write();
  }
  BOOST_TEST(!rw.locked());
}

TORO_TEST_CASE_TEMPLATE(RW7_second_write_waits_for_a_release, Threading,
                        policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context(), 10);
  rw.async_acquire_write(w.on("phase1",
                              [&](auto first)
                              {
                                first.detach();
                                rw.async_acquire_write(
                                    w.on("phase2", let_go()));
                              }));
  BOOST_TEST(w.poll() == "phase1");
  BOOST_TEST(rw.write_locked());
  rw.release_write();
  BOOST_TEST(w.poll() == "phase2");
  BOOST_TEST(rw.write_locked());
  rw.release_write();
}

TORO_TEST_CASE_TEMPLATE(RW8_string_shows_readers, Threading, policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context());
  BOOST_TEST(to_string(rw) == "<rw_lock unlocked>");
  auto held = rw.try_acquire_read();
  BOOST_TEST(to_string(rw) == "<rw_lock read_locked readers=1>");
}

TORO_TEST_CASE_TEMPLATE(RW9_read_times_out_and_the_reader_stays, Threading,
                        policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context(), 1);
  auto held = rw.try_acquire_read();
  rw.async_acquire_read(100ms, w.on("read"));
  BOOST_TEST(w.advance(99ms) == "");
  BOOST_TEST(w.advance(1ms) == "read:TO");
  BOOST_TEST(rw.readers() == 1u);
}

TORO_TEST_CASE_TEMPLATE(RW10_read_callbacks_run_in_order, Threading, policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context(), 1);
  rw.async_acquire_read(w.on("acquire1", let_go()));
  rw.async_acquire_read(w.on("acquire2", let_go()));
  BOOST_TEST(w.poll() == "acquire1");
  rw.release_read();
  BOOST_TEST(rw.locked());
  w.note("release");
  BOOST_TEST(w.poll() == "release acquire2");
  rw.release_read();
}

TORO_TEST_CASE_TEMPLATE(RW11_second_release_read_is_not_locked, Threading,
                        policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context(), 1);
  rw.try_acquire_read().detach();
  rw.release_read();
  boost::system::error_code ec;
  rw.release_read(ec);
  BOOST_TEST(ec == not_locked);
  BOOST_TEST(rw.readers() == 0u);
}

TORO_TEST_CASE_TEMPLATE(RW12_string_shows_the_writer_and_waiters, Threading,
                        policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context(), 10);
  BOOST_TEST(to_string(rw) == "<rw_lock unlocked>");
  auto held = rw.try_acquire_write();
  rw.async_acquire_write(w.on("write"));
  BOOST_TEST(to_string(rw) == "<rw_lock write_locked waiters[1]>");
  held.reset();
  BOOST_TEST(w.poll() == "write");
}

TORO_TEST_CASE_TEMPLATE(RW13_write_times_out_and_the_writer_stays, Threading,
                        policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context(), 10);
  auto held = rw.try_acquire_write();
  rw.async_acquire_write(100ms, w.on("write"));
  BOOST_TEST(w.advance(99ms) == "");
  BOOST_TEST(w.advance(1ms) == "write:TO");
  BOOST_TEST(rw.write_locked());
}

TORO_TEST_CASE_TEMPLATE(RW14_write_callbacks_run_in_order, Threading, policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context(), 10);
  rw.async_acquire_write(w.on("acquire1", let_go()));
  rw.async_acquire_write(w.on("acquire2", let_go()));
  BOOST_TEST(w.poll() == "acquire1");
  rw.release_write();
  BOOST_TEST(rw.write_locked());
  w.note("release");
  BOOST_TEST(w.poll() == "release acquire2");
  rw.release_write();
}

TORO_TEST_CASE_TEMPLATE(RW15_second_release_write_is_not_locked, Threading,
                        policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context(), 10);
  rw.try_acquire_write().detach();
  rw.release_write();
  boost::system::error_code ec;
  rw.release_write(ec);
  BOOST_TEST(ec == not_locked);
  BOOST_TEST(throws_code(
      [&]
      {
        rw.release_write();
      },
      not_locked));
}

TORO_TEST_CASE_TEMPLATE(RW28_readers_enter_up_to_the_limit, Threading, policies)
{
  world w;
  constexpr std::size_t limit = 4;
  rw_lock_of<Threading> rw(w.context(), limit);
  for (std::size_t i = 0; i != limit; ++i)
  {
    BOOST_TEST(!rw.locked());
    rw.async_acquire_read(w.on("read", let_go()));
    BOOST_TEST(w.poll() == "read");
  }
  BOOST_TEST(rw.locked());
  rw.async_acquire_read(w.on("more"));
  BOOST_TEST(w.poll() == "");
  rw.release_read();
  BOOST_TEST(w.poll() == "more");
}

TORO_TEST_CASE_TEMPLATE(RW29_write_locks_whatever_the_limit, Threading,
                        policies)
{
  world w;
  for (const std::size_t limit : {1u, 2u, 7u, 100u})
  {
    rw_lock_of<Threading> rw(w.context(), limit);
    rw.async_acquire_write(w.on("write", let_go()));
    BOOST_TEST(rw.write_locked());
    BOOST_TEST(rw.locked());
    BOOST_TEST(w.poll() == "write");
  }
}

TORO_TEST_CASE_TEMPLATE(RW30_write_after_read_waits_for_the_reader, Threading,
                        policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context(), 10);
  rw.async_acquire_read(w.on("read",
                             [&](auto guard)
                             {
                               guard.detach();
                               rw.async_acquire_write(w.on("write", let_go()));
                             }));
  BOOST_TEST(w.poll() == "read");
  BOOST_TEST(rw.waiters() == 1u);
  rw.release_read();
  BOOST_TEST(w.poll() == "write");
  rw.release_write();
}

TORO_TEST_CASE_TEMPLATE(RW31_two_writers_follow_ten_readers_in_turn, Threading,
                        policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context(), 10);
  for (int i = 0; i != 10; ++i)
    rw.try_acquire_read().detach();
  rw.async_acquire_write(w.on("w1", let_go()));
  rw.async_acquire_write(w.on("w2", let_go()));
  for (int i = 0; i != 9; ++i)
    rw.release_read();
  BOOST_TEST(w.poll() == "");
  rw.release_read();
  BOOST_TEST(w.poll() == "w1");
  rw.release_write();
  BOOST_TEST(w.poll() == "w2");
  rw.release_write();
  BOOST_TEST(!rw.locked());
}

TORO_TEST_CASE_TEMPLATE(RW32_nested_read_guards_count, Threading, policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context(), 2);
  {
    auto outer = rw.try_acquire_read();
    BOOST_TEST(rw.readers() == 1u);
    BOOST_TEST(!rw.locked());
    {
      auto inner = rw.try_acquire_read();
      BOOST_TEST(rw.readers() == 2u);
      BOOST_TEST(rw.locked());
    }
    BOOST_TEST(rw.readers() == 1u);
    BOOST_TEST(!rw.locked());
  }
  BOOST_TEST(rw.readers() == 0u);
}

TORO_TEST_CASE_TEMPLATE(RW33_write_guard_locks_until_its_scope_ends, Threading,
                        policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context(), 5);
  {
    typename rw_lock_of<Threading>::write_guard_type guard;
    rw.async_acquire_write(w.on("write", keep_in(guard)));
    BOOST_TEST(w.poll() == "write");
    BOOST_TEST(rw.write_locked());
  }
  BOOST_TEST(!rw.locked());
}

TORO_TEST_CASE_TEMPLATE(RW34_timed_out_write_leaves_nothing_behind, Threading,
                        policies)
{
  world w;
  for (const std::size_t limit : {1u, 3u, 50u})
  {
    rw_lock_of<Threading> rw(w.context(), limit);
    rw.try_acquire_write().detach();
    rw.async_acquire_write(100ms, w.on("late"));
    BOOST_TEST(w.advance(100ms) == "late:TO");
    BOOST_TEST(rw.write_locked());
    rw.release_write();
    rw.async_acquire_write(w.on("write"));
    BOOST_TEST(w.poll() == "write");
  }
}

TORO_TEST_CASE_TEMPLATE(RW35_as_many_releases_as_reads_let_a_writer_in,
                        Threading, policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context(), 10);
  for (int i = 0; i != 5; ++i)
    rw.try_acquire_read().detach();
  for (int i = 0; i != 5; ++i)
    rw.release_read();
  rw.async_acquire_write(w.on("write"));
  BOOST_TEST(rw.write_locked());
  BOOST_TEST(w.poll() == "write");
}

TORO_TEST_CASE_TEMPLATE(RW36_one_release_more_than_reads_is_not_locked,
                        Threading, policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context(), 10);
  for (int i = 0; i != 5; ++i)
    rw.try_acquire_read().detach();
  for (int i = 0; i != 5; ++i)
    rw.release_read();
  boost::system::error_code ec;
  rw.release_read(ec);
  BOOST_TEST(ec == not_locked);
  BOOST_TEST(rw.readers() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
