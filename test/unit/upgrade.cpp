// SPDX-License-Identifier: BSL-1.0
// A reader that becomes the writer. The operation has two results, which the
// conformance tests cannot express, so what they test stands here, too.
#include <toro/diagnostics.hpp>
#include <toro/eager.hpp>
#include <toro/rw_lock.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <future>
#include <optional>
#include <sstream>
#include <tuple>
#include <utility>

#include "support/case_template.hpp"
#include "support/primitives.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_upgrade)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;
using boost::system::error_code;

const error_code not_locked = toro::error::not_locked;

// Where a handler puts both guards, whatever the error.
template <class Threading>
struct guards
{
  toro::basic_write_guard<Threading> writing;
  toro::basic_read_guard<Threading> reading;
};

// Records how an upgrade has ended, and keeps what it has brought.
template <class Threading>
auto keep_both(world& w, const char* name, guards<Threading>& place)
{
  return [heard = w.on(name),
          &place](error_code ec, toro::basic_write_guard<Threading> writing,
                  toro::basic_read_guard<Threading> reading) mutable
  {
    BOOST_TEST(static_cast<bool>(writing) == !ec);
    place.writing = std::move(writing);
    place.reading = std::move(reading);
    heard(ec);
  };
}

} // namespace

TORO_TEST_CASE_TEMPLATE(only_reader_becomes_the_writer_at_once, Threading,
                        policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context());
  guards<Threading> got;
  rw.async_upgrade(rw.try_acquire_read(), keep_both(w, "a", got));
  BOOST_TEST(rw.write_locked());
  BOOST_TEST(rw.readers() == 0u);
  BOOST_TEST(w.poll() == "a");
  BOOST_TEST(!got.reading);
  got.writing.reset();
  BOOST_TEST(!rw.write_locked());
}

TORO_TEST_CASE_TEMPLATE(upgrade_comes_before_all_who_wait, Threading, policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context());
  auto other = rw.try_acquire_read();
  auto reading = rw.try_acquire_read();
  rw.async_acquire_write(w.on("writer", let_go()));
  rw.async_acquire_read(w.on("reader", let_go()));
  guards<Threading> got;
  rw.async_upgrade(std::move(reading), keep_both(w, "upgrade", got));
  BOOST_TEST(rw.waiters() == 3u);
  BOOST_TEST(w.poll() == "");
  other.reset();
  BOOST_TEST(w.poll() == "upgrade");
  got.writing.reset();
  BOOST_TEST(w.poll() == "writer");
  rw.release_write();
  BOOST_TEST(w.poll() == "reader");
}

TORO_TEST_CASE_TEMPLATE(nobody_enters_while_an_upgrade_waits, Threading,
                        policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context());
  const auto other = rw.try_acquire_read();
  guards<Threading> got;
  rw.async_upgrade(rw.try_acquire_read(), 1s, keep_both(w, "upgrade", got));
  BOOST_TEST(rw.locked());
  BOOST_TEST(!rw.try_acquire_read());
  rw.async_acquire_read(w.on("reader", let_go()));
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(to_string(rw) == "<rw_lock read_locked readers=2 waiters[2]>");

  // Once it gives up, it is a reader among readers.
  BOOST_TEST(w.advance(1s) == "upgrade:TO reader");
  BOOST_TEST(static_cast<bool>(got.reading));
  BOOST_TEST(rw.readers() == 3u);
  rw.release_read();
}

TORO_TEST_CASE_TEMPLATE(second_upgrade_is_impossible, Threading, policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context());
  auto one = rw.try_acquire_read();
  auto two = rw.try_acquire_read();
  guards<Threading> first;
  guards<Threading> second;
  rw.async_upgrade(std::move(one), keep_both(w, "first", first));
  BOOST_TEST(!rw.try_upgrade(two));
  BOOST_TEST(static_cast<bool>(two));
  rw.async_upgrade(std::move(two), keep_both(w, "second", second));
  BOOST_TEST(w.poll() == "second:impossible");
  second.reading.reset();
  BOOST_TEST(w.poll() == "first");
  BOOST_TEST(static_cast<bool>(first.writing));
}

TORO_TEST_CASE_TEMPLATE(guard_that_owns_another_lock_is_handed_back, Threading,
                        policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context());
  rw_lock_of<Threading> other(w.context());
  guards<Threading> got;
  rw.async_upgrade(other.try_acquire_read(), keep_both(w, "foreign", got));
  BOOST_TEST(w.poll().substr(0, 8) == "foreign:");
  BOOST_TEST(static_cast<bool>(got.reading));
  BOOST_TEST(other.readers() == 1u);

  error_code ec;
  BOOST_TEST(!rw.try_upgrade(got.reading, ec));
  BOOST_TEST(ec == not_locked);
  BOOST_TEST(static_cast<bool>(got.reading));
  toro::basic_read_guard<Threading> empty;
  BOOST_TEST(throws_code(
      [&]
      {
        static_cast<void>(rw.try_upgrade(empty));
      },
      not_locked));
  error_code seen;
  rw.async_upgrade({}, -1s,
                   [&](error_code e, auto writing, auto reading)
                   {
                     seen = e;
                     BOOST_TEST(!writing);
                     BOOST_TEST(!reading);
                   });
  w.poll();
  BOOST_TEST(seen == not_locked);
}

TORO_TEST_CASE_TEMPLATE(try_upgrade_takes_the_guard_if_it_succeeds, Threading,
                        policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context());
  auto other = rw.try_acquire_read();
  auto reading = rw.try_acquire_read();
  BOOST_TEST(!rw.try_upgrade(reading));
  BOOST_TEST(static_cast<bool>(reading));
  other.reset();
  rw.async_acquire_write(w.on("writer", let_go()));
  auto writing = rw.try_upgrade(reading);
  BOOST_TEST(static_cast<bool>(writing));
  BOOST_TEST(!reading);
  BOOST_TEST(w.poll() == "");
  reading = std::move(writing).downgrade();
  BOOST_TEST(w.poll() == "");
  reading.reset();
  BOOST_TEST(w.poll() == "writer");
}

TORO_TEST_CASE_TEMPLATE(cancelled_upgrade_reads_again, Threading, policies)
{
  for (const auto type :
       {asio::cancellation_type::terminal, asio::cancellation_type::partial,
        asio::cancellation_type::total})
  {
    world w;
    rw_lock_of<Threading> rw(w.context());
    auto other = rw.try_acquire_read();
    guards<Threading> got;
    asio::cancellation_signal signal;
    const auto upgrade = [&](auto reading)
    {
      rw.async_upgrade(
          std::move(reading),
          asio::bind_cancellation_slot(signal.slot(), keep_both(w, "up", got)));
    };
    upgrade(rw.try_acquire_read());
    signal.emit(type);
    BOOST_TEST(w.poll() == "up:AB");
    BOOST_TEST(rw.readers() == 2u);

    // Also if it was granted already; then waiting readers come in.
    other.reset();
    upgrade(std::move(got.reading));
    BOOST_TEST(rw.write_locked());
    rw.async_acquire_read(w.on("reader", let_go()));
    signal.emit(type);
    BOOST_TEST(w.poll() == "up:AB reader");
    BOOST_TEST(static_cast<bool>(got.reading));
    BOOST_TEST(rw.readers() == 2u);
    rw.release_read();
  }
}

TORO_TEST_CASE_TEMPLATE(cancel_hands_the_guard_back, Threading, policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context());
  const auto other = rw.try_acquire_read();
  guards<Threading> got;
  rw.async_upgrade(rw.try_acquire_read(), keep_both(w, "upgrade", got));
  rw.async_acquire_write(w.on("writer"));
  BOOST_TEST(rw.cancel() == 2u);
  BOOST_TEST(w.poll() == "upgrade:AB writer:AB");
  BOOST_TEST(rw.readers() == 2u);
}

TORO_TEST_CASE_TEMPLATE(all_tokens_take_both_guards, Threading, policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context());
  std::future<std::tuple<toro::basic_write_guard<Threading>,
                         toro::basic_read_guard<Threading>>>
      future = rw.async_upgrade(rw.try_acquire_read(), asio::use_future);
  w.poll();
  BOOST_TEST(static_cast<bool>(std::get<0>(future.get())));

  const auto upgrade = [&](auto token) -> asio::awaitable<void>
  {
    auto reading = co_await rw.async_acquire_read(asio::use_awaitable);
    auto [writing, none] =
        co_await rw.async_upgrade(std::move(reading), 1s, token);
    BOOST_TEST(static_cast<bool>(writing));
    BOOST_TEST(!none);
    BOOST_TEST(rw.write_locked());
  };
  w.spawn("awaitable", upgrade(asio::use_awaitable));
  BOOST_TEST(w.poll() == "awaitable");
  w.spawn("deferred", upgrade(asio::deferred));
  BOOST_TEST(w.poll() == "deferred");
  w.spawn("eager", upgrade(toro::eager));
  BOOST_TEST(w.poll() == "eager");
  BOOST_TEST(!rw.write_locked());
}

TORO_TEST_CASE_TEMPLATE(operation_that_is_not_launched_keeps_the_guard,
                        Threading, policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context());
  {
    const auto lazy = rw.async_upgrade(rw.try_acquire_read(), asio::deferred);
    BOOST_TEST(rw.readers() == 1u);
  }
  BOOST_TEST(rw.readers() == 0u);
}

TORO_TEST_CASE_TEMPLATE(upgrade_outlives_the_lock, Threading, policies)
{
  world w;
  std::optional<toro::basic_rw_lock<any_executor, Threading>> rw(std::in_place,
                                                                 w.context());
  auto other = rw->try_acquire_read();
  guards<Threading> got;
  rw->async_upgrade(rw->try_acquire_read(), keep_both(w, "upgrade", got));
  rw.reset();
  BOOST_TEST(w.poll() == "upgrade:AB");
  BOOST_TEST(static_cast<bool>(got.reading));
  other.reset();
}

TORO_TEST_CASE_TEMPLATE(guard_ends_with_the_context, Threading, policies)
{
  world w;
  toro::basic_rw_lock<any_executor, Threading> rw(w.context());
  const auto other = rw.try_acquire_read();
  rw.async_upgrade(rw.try_acquire_read(), [](auto...) {});
  w.end_context();
  BOOST_TEST(rw.readers() == 1u);
}

BOOST_AUTO_TEST_CASE(upgrade_completes_on_the_executor_of_its_handler)
{
  world w;
  toro::rw_lock rw(w.context());
  auto strand = asio::make_strand(w.context());
  bool is_there = false;
  rw.async_upgrade(rw.try_acquire_read(),
                   asio::bind_executor(strand,
                                       [&](auto...)
                                       {
                                         is_there =
                                             strand.running_in_this_thread();
                                       }));
  w.poll();
  BOOST_TEST(is_there);
}

BOOST_AUTO_TEST_CASE(dump_shows_the_upgrade_and_keeps_the_owner)
{
  world w;
  toro::enable_diagnostics(w.context());
  toro::rw_lock rw(w.context());
  auto reading = rw.try_acquire_read();
  reading.set_name("owner");
  auto other = rw.try_acquire_read();
  guards<toro::thread_safe> got;
  rw.async_upgrade(std::move(reading), 1s, keep_both(w, "upgrade", got));
  const auto text = [&]
  {
    std::ostringstream out;
    rw.dump(out);
    return out.str();
  };
  BOOST_TEST(text() == "<rw_lock read_locked readers=2 waiters[1]>\n"
                       "  held for reading by \"owner\" for 0.000 s\n"
                       "  async_upgrade for 0.000 s, deadline in 1.000 s\n");
  other.reset();
  w.poll();
  BOOST_TEST(text() == "<rw_lock write_locked>\n"
                       "  held for writing by \"owner\" for 0.000 s\n");
}

BOOST_AUTO_TEST_SUITE_END()
