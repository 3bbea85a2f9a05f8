// SPDX-License-Identifier: BSL-1.0
//
// What was wrong with Toro's RWLock and does not happen here.
#include <toro/rw_lock.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

#include "support/case_template.hpp"
#include "support/primitives.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(toro_regressions_rw_lock)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;

const auto not_locked = make_error_code(toro::error::not_locked);

} // namespace

TORO_TEST_CASE_TEMPLATE(N_R1_timed_out_writer_held_nothing, Threading, policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context(), 3);
  auto reader = rw.try_acquire_read();
  rw.async_acquire_write(20ms, w.on("write"));
  BOOST_TEST(w.advance(20ms) == "write:TO");
  BOOST_TEST(rw.readers() == 1u);
  {
    auto second = rw.try_acquire_read();
    auto third = rw.try_acquire_read();
    BOOST_TEST(static_cast<bool>(third));
    BOOST_TEST(rw.readers() == 3u);
  }
  reader.reset();
  rw.async_acquire_write(w.on("write"));
  BOOST_TEST(w.poll() == "write");
}

TORO_TEST_CASE_TEMPLATE(N_R2_writer_behind_a_timed_out_one_gets_in, Threading,
                        policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context(), 3);
  auto reader = rw.try_acquire_read();
  rw.async_acquire_write(20ms, w.on("w1"));
  rw.async_acquire_write(w.on("w2"));
  BOOST_TEST(w.advance(20ms) == "w1:TO");
  reader.reset();
  BOOST_TEST(w.poll() == "w2");
}

TORO_TEST_CASE_TEMPLATE(N_R3_release_of_the_wrong_side_is_refused, Threading,
                        policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context(), 2);
  boost::system::error_code ec;
  rw.try_acquire_read().detach();
  rw.try_acquire_read().detach();
  rw.release_write(ec);
  BOOST_TEST(ec == not_locked);
  BOOST_TEST(rw.readers() == 2u);
  rw.release_read();
  rw.release_read();

  rw.try_acquire_write().detach();
  rw.async_acquire_read(w.on("read"));
  rw.release_read(ec);
  BOOST_TEST(ec == not_locked);
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(rw.write_locked());
  rw.release_write();
  BOOST_TEST(w.poll() == "read");
}

TORO_TEST_CASE_TEMPLATE(N_R4_waiting_writer_changes_nothing_visible, Threading,
                        policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context(), 3);
  rw.try_acquire_read().detach();
  rw.async_acquire_write(w.on("write"));
  BOOST_TEST(!rw.write_locked());
  BOOST_TEST(!rw.locked());
  BOOST_TEST(rw.readers() == 1u);
  boost::system::error_code ec;
  rw.release_write(ec);
  BOOST_TEST(ec == not_locked);
  rw.release_read();
  BOOST_TEST(w.poll() == "write");
}

TORO_TEST_CASE_TEMPLATE(N_R5_default_lock_admits_any_number_of_readers,
                        Threading, policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context());
  std::vector<typename rw_lock_of<Threading>::read_guard_type> held;
  for (int i = 0; i != 1000; ++i)
  {
    held.push_back(rw.try_acquire_read());
    BOOST_TEST(static_cast<bool>(held.back()));
  }
  BOOST_TEST(rw.readers() == 1000u);
  BOOST_TEST(!rw.locked());
}

TORO_TEST_CASE_TEMPLATE(N_R5_lock_for_no_readers_takes_writers_only, Threading,
                        policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context(), 0);
  rw.async_acquire_read(w.on("read"));
  rw.async_acquire_write(w.on("write"));
  BOOST_TEST(w.poll() == "read:impossible write");
  BOOST_TEST(!rw.try_acquire_read());
}

TORO_TEST_CASE_TEMPLATE(N_R6_writer_that_leaves_lets_the_readers_in, Threading,
                        policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context());
  const auto reader = rw.try_acquire_read();

  rw.async_acquire_write(10ms, w.on("w2"));
  rw.async_acquire_read(w.on("r3"));
  rw.async_acquire_read(w.on("r4"));
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(w.advance(10ms) == "w2:TO r3 r4");

  asio::cancellation_signal cancel;
  rw.async_acquire_write(
      asio::bind_cancellation_slot(cancel.slot(), w.on("w2")));
  rw.async_acquire_read(w.on("r3"));
  rw.async_acquire_read(w.on("r4"));
  BOOST_TEST(w.poll() == "");
  cancel.emit(asio::cancellation_type::terminal);
  BOOST_TEST(w.poll() == "w2:AB r3 r4");
}

TORO_TEST_CASE_TEMPLATE(N_R6_cancel_ends_all_and_grants_nothing_anew, Threading,
                        policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context());
  const auto reader = rw.try_acquire_read();
  rw.async_acquire_write(w.on("w2"));
  rw.async_acquire_read(w.on("r3"));
  BOOST_TEST(rw.cancel() == 2u);
  BOOST_TEST(w.poll() == "w2:AB r3:AB");
  BOOST_TEST(rw.readers() == 1u);
}

TORO_TEST_CASE_TEMPLATE(N_R7_deadline_does_not_take_a_grant_back, Threading,
                        policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context());
  auto reader = rw.try_acquire_read();
  rw.async_acquire_write(10ms, w.on("write"));
  reader.reset();
  BOOST_TEST(w.advance(1h) == "write");
}

BOOST_AUTO_TEST_SUITE_END()
