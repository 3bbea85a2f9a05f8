// SPDX-License-Identifier: BSL-1.0
//
// What was wrong with Toro, and with its successors, and does not happen here:
// memory, deadlines, misuse, and what makes a good citizen of Asio.
#include <toro.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/spawn.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "support/case_template.hpp"
#include "support/counting_allocator.hpp"
#include "support/primitives.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(toro_regressions)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;

// Starts many waits behind one that stays, and ends them in both ways.
template <class Start>
void come_and_go(world& w, allocations& counts, Start start)
{
  const counting_allocator<void*> allocator(counts);
  const auto token = [&](asio::cancellation_slot slot)
  {
    return asio::bind_allocator(allocator,
                                asio::bind_cancellation_slot(slot, w.on("x")));
  };
  start(toro::deadline(), token({}));
  for (int i = 0; i != 1000; ++i)
  {
    start(1ms, token({}));
    BOOST_REQUIRE(w.advance(1ms) == "x:TO");
    BOOST_REQUIRE(counts.live == 1u);
  }
  for (int i = 0; i != 1000; ++i)
  {
    asio::cancellation_signal cancel;
    start(toro::deadline(), token(cancel.slot()));
    cancel.emit(asio::cancellation_type::all);
    BOOST_REQUIRE(w.poll() == "x:AB");
    BOOST_REQUIRE(counts.live == 1u);
  }
}

} // namespace

TORO_TEST_CASE_TEMPLATE(N_M1_ended_waits_leave_nothing_behind, Threading,
                        policies)
{
  world w;
  event_of<Threading> ev(w.context());
  condition_of<Threading> cv(w.context());
  lock_of<Threading> lk(w.context());
  semaphore_of<Threading> sem(w.context(), 0);
  semaphore_of<Threading> watched(w.context(), 0);
  rw_lock_of<Threading> rw(w.context());
  queue_of<int, Threading> empty(w.context());
  queue_of<int, Threading> full(w.context(), 1);
  queue_of<int, Threading> busy(w.context());
  result_of<int, Threading> ar(w.context());
  const auto held = lk.try_acquire();
  const auto read = rw.try_acquire_read();
  BOOST_TEST(full.try_put(1));
  BOOST_TEST(busy.try_put(1));

  const auto check = [&](auto& object, auto start)
  {
    allocations counts;
    come_and_go(w, counts, start);
    BOOST_TEST(object.waiters() == 1u);
    object.cancel();
    BOOST_TEST(w.poll() == "x:AB");
    BOOST_TEST(counts.live == 0u);
  };
  check(ev,
        [&](toro::deadline limit, auto token)
        {
          ev.async_wait(limit, std::move(token));
        });
  check(cv,
        [&](toro::deadline limit, auto token)
        {
          cv.async_wait(limit, std::move(token));
        });
  check(lk,
        [&](toro::deadline limit, auto token)
        {
          lk.async_acquire(limit, std::move(token));
        });
  check(sem,
        [&](toro::deadline limit, auto token)
        {
          sem.async_acquire(limit, std::move(token));
        });
  check(watched,
        [&](toro::deadline limit, auto token)
        {
          watched.async_wait(limit, std::move(token));
        });
  check(rw,
        [&](toro::deadline limit, auto token)
        {
          rw.async_acquire_write(limit, std::move(token));
        });
  check(empty,
        [&](toro::deadline limit, auto token)
        {
          empty.async_get(limit, std::move(token));
        });
  check(full,
        [&](toro::deadline limit, auto token)
        {
          full.async_put(2, limit, std::move(token));
        });
  check(busy,
        [&](toro::deadline limit, auto token)
        {
          busy.async_join(limit, std::move(token));
        });
  check(ar,
        [&](toro::deadline limit, auto token)
        {
          ar.async_get(limit, std::move(token));
        });
}

TORO_TEST_CASE_TEMPLATE(N_M3_largest_semaphore_neither_grows_nor_wraps,
                        Threading, policies)
{
  constexpr auto largest = static_cast<std::size_t>(PTRDIFF_MAX);
  world w;
  semaphore_of<Threading> sem(w.context(), largest);
  BOOST_TEST(sem.value() == largest);
  boost::system::error_code ec;
  sem.release(ec);
  BOOST_TEST(ec == make_error_code(toro::error::over_released));
  BOOST_TEST(sem.value() == largest);
  const auto all = sem.try_acquire(largest);
  BOOST_TEST(all.count() == largest);
  BOOST_TEST(sem.locked());
}

TORO_TEST_CASE_TEMPLATE(N_T1_odd_deadlines_are_not_for_ever, Threading,
                        policies)
{
  using time_point = toro::deadline::time_point;
  using duration = toro::deadline::duration;
  world w;
  event_of<Threading> ev(w.context());
  const toro::deadline passed[] = {0s,
                                   -1s,
                                   duration::min(),
                                   time_point::min(),
                                   w.clock.now() - 1ns,
                                   w.clock.now()};
  for (const toro::deadline limit : passed)
  {
    ev.async_wait(limit, w.on("wait"));
    BOOST_TEST(ev.waiters() == 0u);
    BOOST_TEST(w.poll() == "wait:TO");
    ev.set();
    ev.async_wait(limit, w.on("wait"));
    BOOST_TEST(w.poll() == "wait");
    ev.clear();
  }
  const toro::deadline never[] = {toro::deadline(), duration::max(),
                                  time_point::max(), std::chrono::hours::max()};
  for (const toro::deadline limit : never)
  {
    ev.async_wait(limit, w.on("wait"));
    BOOST_TEST(w.clock.pending() == 0u);
    BOOST_TEST(w.advance(1h) == "");
    ev.set();
    BOOST_TEST(w.poll() == "wait");
    ev.clear();
  }
}

TORO_TEST_CASE_TEMPLATE(N_T2_absolute_and_relative_deadlines_agree, Threading,
                        policies)
{
  world w;
  event_of<Threading> ev(w.context());
  ev.async_wait(w.clock.now() + 10ms, w.on("absolute"));
  ev.async_wait(10ms, w.on("relative"));
  BOOST_TEST(w.advance(10ms - 1ns) == "");
  BOOST_TEST(w.advance(1ns) == "absolute:TO relative:TO");
}

TORO_TEST_CASE_TEMPLATE(N_S1_notify_takes_a_count, Threading, policies)
{
  world w;
  condition_of<Threading> cv(w.context());
  cv.async_wait(w.on("1"));
  cv.async_wait(w.on("2"));
  BOOST_TEST(cv.notify(0) == 0u);
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(cv.notify(std::numeric_limits<std::size_t>::max()) == 2u);
  BOOST_TEST(w.poll() == "1 2");
}

TORO_TEST_CASE_TEMPLATE(N_S2_result_can_be_an_error, Threading, policies)
{
  world w;
  result_of<int, Threading> ar(w.context());
  const auto failure = make_error_code(toro::error::closed);
  ar.async_get(w.on("pending"));
  ar.set_error(failure);
  ar.async_get(w.on("later"));
  BOOST_TEST(w.poll() == "pending:closed later:closed");
  BOOST_TEST(throws_code(
      [&]
      {
        ar.get();
      },
      failure));
  boost::system::error_code ec;
  ar.set(1, ec);
  BOOST_TEST(ec == make_error_code(toro::error::already_set));
}

TORO_TEST_CASE_TEMPLATE(N_S3_guard_gives_back_exactly_once, Threading, policies)
{
  world w;
  std::optional<semaphore_of<Threading>> sem(std::in_place, w.context(), 1);
  {
    auto first = sem->try_acquire();
    auto second = std::move(first);
    BOOST_TEST(!first);
    BOOST_TEST(static_cast<bool>(second));
    second.reset();
    BOOST_TEST(sem->value() == 1u);
    second.reset();
  }
  BOOST_TEST(sem->value() == 1u);
  auto outliving = sem->try_acquire();
  sem.reset();
  BOOST_TEST(static_cast<bool>(outliving));
  outliving.reset();
  BOOST_TEST(!outliving);
}

TORO_TEST_CASE_TEMPLATE(N_S4_bounded_semaphore_of_none_is_impossible, Threading,
                        policies)
{
  world w;
  bounded_of<Threading> sem(w.context(), 0);
  BOOST_TEST(!sem.try_acquire());
  sem.async_acquire(w.on("acquire"));
  BOOST_TEST(sem.waiters() == 0u);
  BOOST_TEST(w.poll() == "acquire:impossible");
  boost::system::error_code ec;
  sem.release(ec);
  BOOST_TEST(ec == make_error_code(toro::error::over_released));
}

TORO_TEST_CASE_TEMPLATE(N_S5_nobody_releases_what_another_guard_holds,
                        Threading, policies)
{
  world w;
  lock_of<Threading> lk(w.context());
  typename lock_of<Threading>::guard_type guard;
  lk.async_acquire(w.on("b", keep_in(guard)));
  boost::system::error_code ec;
  lk.release(ec);
  BOOST_TEST(ec == make_error_code(toro::error::not_locked));
  BOOST_TEST(w.poll() == "b");
  lk.release(ec);
  BOOST_TEST(ec == make_error_code(toro::error::not_locked));
  BOOST_TEST(lk.locked());
}

TORO_TEST_CASE_TEMPLATE(N_S6_cancel_aborts_all_and_keeps_the_state, Threading,
                        policies)
{
  world w;
  queue_of<int, Threading> q(w.context(), 1);
  BOOST_TEST(q.try_put(1));
  q.async_put(2, w.on("put1"));
  q.async_put(3, w.on("put2"));
  q.async_join(w.on("join"));
  BOOST_TEST(q.cancel() == 3u);
  BOOST_TEST(w.poll() == "put1:AB put2:AB join:AB");
  BOOST_TEST(q.size() == 1u);
  BOOST_TEST(q.unfinished() == 1u);

  semaphore_of<Threading> sem(w.context(), 1);
  sem.async_acquire(2, w.on("acquire"));
  BOOST_TEST(sem.cancel() == 1u);
  BOOST_TEST(w.poll() == "acquire:AB");
  BOOST_TEST(sem.value() == 1u);
}

TORO_TEST_CASE_TEMPLATE(N_S6_destruction_aborts_all_in_order, Threading,
                        policies)
{
  world w;
  {
    toro::basic_event<any_executor, Threading> ev(w.context());
    ev.async_wait(w.on("1"));
    ev.async_wait(w.on("2"));
    ev.async_wait(1h, w.on("3"));
  }
  BOOST_TEST(w.poll() == "1:AB 2:AB 3:AB");
}

TORO_TEST_CASE_TEMPLATE(N_X1_every_usual_token_works, Threading, policies)
{
  using item = std::unique_ptr<int>;
  world w;
  queue_of<item, Threading> q(w.context());
  const auto put = [&](int value)
  {
    BOOST_TEST(q.try_put(std::make_unique<int>(value)));
  };

  put(1);
  int seen = 0;
  q.async_get(
      [&seen, owned = std::make_unique<int>(5)](boost::system::error_code ec,
                                                item got)
      {
        seen = ec ? 0 : *got + *owned;
      });
  w.poll();
  BOOST_TEST(seen == 6);

  put(2);
  std::future<item> future = q.async_get(asio::use_future);
  w.poll();
  BOOST_TEST(*future.get() == 2);

  put(3);
  auto operation = q.async_get(asio::deferred);
  BOOST_TEST(q.size() == 1u);
  std::move(operation)(w.on("deferred"));
  BOOST_TEST(q.size() == 0u);
  BOOST_TEST(w.poll() == "deferred");

  put(4);
  w.spawn("awaitable",
          [](auto& queue) -> asio::awaitable<void>
          {
            const item got = co_await queue.async_get(asio::use_awaitable);
            BOOST_TEST(*got == 4);
            const auto [ec, none] = co_await queue.async_get(
                0s, asio::as_tuple(asio::use_awaitable));
            BOOST_TEST((ec == asio::error::timed_out));
            BOOST_TEST(!none);
          }(q));
  BOOST_TEST(w.poll() == "awaitable");

  put(5);
  asio::spawn(
      w.context(),
      [&](asio::yield_context yield)
      {
        BOOST_TEST(*q.async_get(yield) == 5);
        boost::system::error_code ec;
        BOOST_TEST(!q.async_get(0s, yield[ec]));
        BOOST_TEST((ec == asio::error::timed_out));
      },
      w.on("yield"));
  BOOST_TEST(w.poll() == "yield");

  put(6);
  q.async_get(asio::detached);
  w.poll();
  BOOST_TEST(q.empty());

  allocations counts;
  asio::cancellation_signal cancel;
  const auto strand = asio::make_strand(w.context());
  q.async_get(asio::bind_cancellation_slot(
      cancel.slot(),
      asio::bind_executor(
          strand, asio::bind_allocator(
                      counting_allocator<void*>(counts),
                      w.on("bound",
                           [&](item got)
                           {
                             BOOST_TEST(*got == 7);
                             BOOST_TEST(strand.running_in_this_thread());
                           })))));
  BOOST_TEST(counts.made != 0u);
  put(7);
  BOOST_TEST(w.poll() == "bound");
  BOOST_TEST(counts.live == 0u);
}

TORO_TEST_CASE_TEMPLATE(N_X2_context_runs_while_an_operation_waits, Threading,
                        policies)
{
  world w;
  event_of<Threading> ev(w.context());
  ev.async_wait(w.on("set"));
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(!w.context().stopped());
  ev.set();
  BOOST_TEST(w.run() == "set");

  ev.clear();
  ev.async_wait(1h, w.on("cancelled"));
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(!w.context().stopped());
  ev.cancel();
  BOOST_TEST(w.run() == "cancelled:AB");
  BOOST_TEST(w.context().stopped());
}

BOOST_AUTO_TEST_SUITE_END()
