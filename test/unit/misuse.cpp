// SPDX-License-Identifier: BSL-1.0
#include <toro.hpp>

#include <boost/asio/error.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include "support/case_template.hpp"
#include "support/primitives.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_misuse)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

constexpr auto largest = static_cast<std::size_t>(PTRDIFF_MAX);
constexpr auto negative = static_cast<std::size_t>(-1);

struct weight_of_number
{
  int operator()(int number) const
  {
    return number;
  }
};

using heavy_queue = toro::weighted_queue<int, weight_of_number>;

// Both forms of a function fail with one code.
template <class Function>
void fails_with(toro::error expected, Function function)
{
  boost::system::error_code ec;
  function(ec);
  BOOST_TEST(ec == make_error_code(expected));
  BOOST_TEST(throws_code(
      [&]
      {
        function();
      },
      expected));
}

} // namespace

BOOST_AUTO_TEST_CASE(counts_above_the_largest_are_invalid_arguments)
{
  world w;
  auto& c = w.context();
  for (const std::size_t count : {negative, largest + 1})
  {
    BOOST_CHECK_THROW(toro::semaphore(c, count), std::invalid_argument);
    BOOST_CHECK_THROW(toro::bounded_semaphore(c, count), std::invalid_argument);
    BOOST_CHECK_THROW(toro::rw_lock(c, count), std::invalid_argument);
    BOOST_CHECK_THROW(toro::latch(c, count), std::invalid_argument);
    BOOST_CHECK_THROW(toro::barrier(c, count), std::invalid_argument);
    BOOST_CHECK_THROW(toro::task_group(c, {.limit = count}),
                      std::invalid_argument);
    BOOST_CHECK_THROW(toro::queue<int>(c, count), std::invalid_argument);
    BOOST_CHECK_THROW(toro::lifo_queue<int>(c, count), std::invalid_argument);
    BOOST_CHECK_THROW(toro::priority_queue<int>(c, count),
                      std::invalid_argument);
    BOOST_CHECK_THROW(heavy_queue(c, count), std::invalid_argument);
  }
  BOOST_TEST(toro::semaphore(c, largest).value() == largest);
  BOOST_TEST(toro::bounded_semaphore(c, largest).value() == largest);
  BOOST_TEST(toro::queue<int>(c, largest).max_size() == largest);
  BOOST_TEST(!toro::rw_lock(c, largest).locked());
}

TORO_TEST_CASE_TEMPLATE(acquiring_more_than_there_can_be_is_impossible,
                        Threading, policies)
{
  world w;
  semaphore_of<Threading> sem(w.context(), 1);
  sem.async_acquire(negative, w.on("negative"));
  sem.async_acquire(largest + 1, 1h, w.on("above"));
  BOOST_TEST(sem.waiters() == 0u);
  BOOST_TEST(w.poll() == "negative:impossible above:impossible");
  BOOST_TEST(!sem.try_acquire(negative));
  sem.async_acquire(largest, w.on("largest"));
  BOOST_TEST(sem.waiters() == 1u);
  sem.cancel();
  BOOST_TEST(w.poll() == "largest:AB");
  BOOST_TEST(sem.value() == 1u);

  bounded_of<Threading> bounded(w.context(), 2);
  bounded.async_acquire(3, w.on("three"));
  BOOST_TEST(!bounded.try_acquire(3));
  BOOST_TEST(w.poll() == "three:impossible");
  BOOST_TEST(bounded.value() == 2u);
}

TORO_TEST_CASE_TEMPLATE(acquiring_nothing_succeeds_at_once, Threading, policies)
{
  world w;
  semaphore_of<Threading> sem(w.context(), 0);
  sem.async_acquire(w.on("one"));
  sem.async_acquire(0, -1s,
                    w.on("none",
                         [](auto permit)
                         {
                           BOOST_TEST(!permit);
                           BOOST_TEST(permit.count() == 0u);
                         }));
  BOOST_TEST(sem.waiters() == 1u);
  BOOST_TEST(w.poll() == "none");
  BOOST_TEST(!sem.try_acquire(0));
  sem.release(0);
  BOOST_TEST(sem.value() == 0u);
  BOOST_TEST(w.poll() == "");
  sem.release();
  BOOST_TEST(w.poll() == "one");
}

TORO_TEST_CASE_TEMPLATE(releasing_too_much_changes_nothing, Threading, policies)
{
  world w;
  semaphore_of<Threading> sem(w.context(), largest - 1);
  const auto held = sem.try_acquire(2);
  for (const std::size_t n : {negative, largest + 1, largest, std::size_t(2)})
  {
    fails_with(toro::error::over_released,
               [&](auto&... ec)
               {
                 sem.release(n, ec...);
               });
    BOOST_TEST(sem.value() == largest - 3);
  }
  sem.release(1);
  BOOST_TEST(sem.value() == largest - 2);

  bounded_of<Threading> bounded(w.context(), 3);
  auto two = bounded.try_acquire(2);
  for (const std::size_t n : {negative, std::size_t(1)})
  {
    fails_with(toro::error::over_released,
               [&](auto&... ec)
               {
                 bounded.release(n, ec...);
               });
    BOOST_TEST(bounded.value() == 1u);
  }
  bounded.release(0);
  two.detach();
  fails_with(toro::error::over_released,
             [&](auto&... ec)
             {
               bounded.release(3, ec...);
             });
  bounded.release(2);
  BOOST_TEST(bounded.value() == 3u);
}

TORO_TEST_CASE_TEMPLATE(releasing_what_is_not_held_is_not_locked, Threading,
                        policies)
{
  world w;
  toro::basic_lock<any_executor, Threading> lk(w.context());
  toro::basic_rw_lock<any_executor, Threading> rw(w.context());
  const auto check = [&]
  {
    fails_with(toro::error::not_locked,
               [&](auto&... ec)
               {
                 lk.release(ec...);
               });
    fails_with(toro::error::not_locked,
               [&](auto&... ec)
               {
                 rw.release_read(ec...);
               });
    fails_with(toro::error::not_locked,
               [&](auto&... ec)
               {
                 rw.release_write(ec...);
               });
  };
  check();
  const auto held = lk.try_acquire();
  auto reader = rw.try_acquire_read();
  check();
  BOOST_TEST(lk.locked());
  BOOST_TEST(rw.readers() == 1u);
  reader.reset();
  const auto writer = rw.try_acquire_write();
  check();
  BOOST_TEST(rw.write_locked());
}

TORO_TEST_CASE_TEMPLATE(task_done_below_zero_underflows, Threading, policies)
{
  world w;
  toro::basic_queue<int, any_executor, Threading> q(w.context());
  BOOST_TEST(q.try_put(1));
  q.task_done();
  fails_with(toro::error::task_underflow,
             [&](auto&... ec)
             {
               q.task_done(ec...);
             });
  BOOST_TEST(q.unfinished() == 0u);
  BOOST_TEST(q.size() == 1u);
}

TORO_TEST_CASE_TEMPLATE(closed_queues_refuse_items, Threading, policies)
{
  world w;
  toro::basic_queue<int, any_executor, Threading> q(w.context(), 1);
  q.close();
  fails_with(toro::error::closed,
             [&](auto&... ec)
             {
               q.force_put(1, ec...);
             });
  BOOST_TEST(!q.try_reserve());
  BOOST_TEST(q.empty());
  toro::basic_delay_queue<int, any_executor, Threading> later(w.context());
  later.close();
  fails_with(toro::error::closed,
             [&](auto&... ec)
             {
               later.put(1, 1h, ec...);
             });
  BOOST_TEST(later.empty());
}

TORO_TEST_CASE_TEMPLATE(room_is_used_once, Threading, policies)
{
  world w;
  toro::basic_queue<int, any_executor, Threading> q(w.context(), 1);
  auto room = q.try_reserve();
  BOOST_TEST(!q.try_reserve());
  std::move(room).put(1);
  BOOST_CHECK_THROW(std::move(room).put(2), std::logic_error);
  room.reset();
  room.detach();
  BOOST_TEST(q.size() == 1u);
  BOOST_TEST(q.full());
}

BOOST_AUTO_TEST_CASE(item_that_is_too_heavy_for_its_room_is_refused)
{
  world w;
  heavy_queue q(w.context(), 4);
  auto room = q.try_reserve(2);
  BOOST_CHECK_THROW(std::move(room).put(3), std::invalid_argument);
  BOOST_CHECK_THROW(std::move(room).put(-1), std::invalid_argument);
  BOOST_CHECK_THROW(static_cast<void>(q.try_put(-1)), std::invalid_argument);
  BOOST_TEST(static_cast<bool>(room));
  std::move(room).put(2);
  BOOST_TEST(q.weight() == 2u);
  // As heavy as weights can be.
  BOOST_TEST(!q.try_reserve(negative));
  BOOST_TEST(q.try_get().value() == 2);
  BOOST_TEST(static_cast<bool>(q.try_reserve(negative)));
  BOOST_TEST(q.weight() == 0u);
}

TORO_TEST_CASE_TEMPLATE(key_of_another_queue_names_nothing, Threading, policies)
{
  world w;
  toro::basic_delay_queue<int, any_executor, Threading> q(w.context());
  toro::basic_delay_queue<int, any_executor, Threading> other(w.context());
  const toro::delay_key key = q.put(1, 1h);
  BOOST_TEST(!other.erase(key));
  BOOST_TEST(!q.erase(toro::delay_key()));
  BOOST_TEST(q.size() == 1u);
  BOOST_TEST(q.erase(key));
  BOOST_TEST(!q.erase(key));
}

TORO_TEST_CASE_TEMPLATE(latch_below_zero_underflows, Threading, policies)
{
  world w;
  toro::basic_latch<any_executor, Threading> latch(w.context(), 1);
  fails_with(toro::error::task_underflow,
             [&](auto&... ec)
             {
               latch.count_down(2, ec...);
             });
  BOOST_TEST(latch.count() == 1u);
  latch.count_down();
  fails_with(toro::error::task_underflow,
             [&](auto&... ec)
             {
               latch.count_down(ec...);
             });
}

TORO_TEST_CASE_TEMPLATE(barrier_without_parties_underflows, Threading, policies)
{
  world w;
  BOOST_CHECK_THROW(toro::barrier(w.context(), 0), std::invalid_argument);
  toro::basic_barrier<any_executor, Threading> barrier(w.context(), 1);
  barrier.drop();
  fails_with(toro::error::task_underflow,
             [&](auto&... ec)
             {
               barrier.drop(ec...);
             });
  BOOST_TEST(barrier.parties() == 0u);
  BOOST_TEST(barrier.phase() == 1u);
}

TORO_TEST_CASE_TEMPLATE(leaving_without_detached_work_underflows, Threading,
                        policies)
{
  world w;
  toro::basic_wait_group<any_executor, Threading> group(w.context());
  const auto leave = [&](auto&... ec)
  {
    group.leave(ec...);
  };
  fails_with(toro::error::task_underflow, leave);
  const auto owned = group.enter();
  fails_with(toro::error::task_underflow, leave);
  BOOST_TEST(group.count() == 1u);
}

TORO_TEST_CASE_TEMPLATE(closed_group_cannot_be_entered, Threading, policies)
{
  world w;
  toro::basic_wait_group<any_executor, Threading> group(w.context());
  group.close();
  fails_with(toro::error::closed,
             [&](auto&... ec)
             {
               static_cast<void>(group.enter(ec...));
             });
  BOOST_TEST(group.count() == 0u);
}

// Functions of Asio's take the token, so there is no form with an error code.
TORO_TEST_CASE_TEMPLATE(task_group_without_a_place_starts_nothing, Threading,
                        policies)
{
  world w;
  toro::basic_event<any_executor, Threading> e(w.context());
  toro::basic_task_group<any_executor, Threading> group(w.context(),
                                                        {.limit = 1});
  const auto start = [&]
  {
    e.async_wait(group.child());
  };
  start();
  BOOST_TEST(throws_code(start, boost::asio::error::would_block));
  BOOST_TEST(e.waiters() == 1u);
  BOOST_TEST(group.size() == 1u);
  group.close();
  BOOST_TEST(throws_code(start, toro::error::closed));
  e.set();
  w.poll();
  BOOST_TEST(throws_code(start, toro::error::closed));
  BOOST_TEST(group.size() == 0u);
  BOOST_TEST(!group.failure());
}

TORO_TEST_CASE_TEMPLATE(result_is_set_once, Threading, policies)
{
  world w;
  toro::basic_async_result<int, any_executor, Threading> ar(w.context());
  fails_with(toro::error::not_ready,
             [&](auto&... ec)
             {
               ar.get(ec...);
             });
  boost::system::error_code ec;
  BOOST_CHECK_THROW(ar.set_error({}), std::invalid_argument);
  BOOST_CHECK_THROW(ar.set_error({}, ec), std::invalid_argument);
  BOOST_TEST(!ar.ready());
  ar.set(1);
  fails_with(toro::error::already_set,
             [&](auto&... code)
             {
               ar.set(2, code...);
             });
  fails_with(toro::error::already_set,
             [&](auto&... code)
             {
               ar.set_error(toro::error::closed, code...);
             });
  BOOST_TEST(ar.get(ec).value() == 1);
  BOOST_TEST(!ec);
  BOOST_TEST(ar.try_get().value() == 1);
}

TORO_TEST_CASE_TEMPLATE(failed_result_throws_its_error, Threading, policies)
{
  world w;
  toro::basic_async_result<void, any_executor, Threading> ar(w.context());
  BOOST_TEST(!ar.try_get());
  fails_with(toro::error::not_ready,
             [&](auto&... ec)
             {
               ar.get(ec...);
             });
  ar.set_error(toro::error::closed);
  fails_with(toro::error::closed,
             [&](auto&... ec)
             {
               ar.get(ec...);
             });
  BOOST_TEST(throws_code(
      [&]
      {
        static_cast<void>(ar.try_get());
      },
      toro::error::closed));
  fails_with(toro::error::already_set,
             [&](auto&... ec)
             {
               ar.set(ec...);
             });

  toro::basic_async_result<void, any_executor, Threading> good(w.context());
  good.async_get(w.on("get"));
  good.set();
  BOOST_TEST(good.try_get());
  BOOST_TEST(w.poll() == "get");
}

TORO_TEST_CASE_TEMPLATE(weighted_acquire_at_the_head_holds_others_back,
                        Threading, policies)
{
  world w;
  semaphore_of<Threading> sem(w.context(), 2);
  sem.async_acquire(5, 10ms, w.on("five"));
  sem.async_acquire(1, w.on("one"));
  sem.async_wait(w.on("wait"));
  BOOST_TEST(!sem.try_acquire());
  BOOST_TEST(sem.value() == 2u);
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(w.advance(10ms) == "five:TO one wait");
}

BOOST_AUTO_TEST_SUITE_END()
