// SPDX-License-Identifier: BSL-1.0
//
// What was wrong with Toro's queues and does not happen here.
#include <toro/lifo_queue.hpp>
#include <toro/priority_queue.hpp>
#include <toro/queue.hpp>
#include <toro/testing/explore.hpp>
#include <toro/testing/simulation.hpp>
#include <toro/testing/timer.hpp>

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>

#include "support/case_template.hpp"
#include "support/counting_allocator.hpp"
#include "support/primitives.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(toro_regressions_queue)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;

// Compares until it is told to fail.
struct faulty_less
{
  const bool* fail;

  bool operator()(int a, int b) const
  {
    if (*fail)
      throw std::domain_error("comparison");
    return a < b;
  }
};

// An item with a priority that others may have as well.
struct ranked
{
  int rank = 0;
  int number = 0;

  friend bool operator<(const ranked& a, const ranked& b)
  {
    return a.rank < b.rank;
  }
};

// A handler whose move fails once it is allowed to.
class fragile_handler
{
public:
  explicit fragile_handler(int& moves_left)
    : moves_left_(&moves_left)
  {
  }

  fragile_handler(fragile_handler&& other)
    : moves_left_(other.moves_left_)
  {
    if ((*moves_left_)-- == 0)
      throw std::domain_error("move");
  }

  void operator()(boost::system::error_code ec, int) const
  {
    BOOST_TEST((ec == asio::error::operation_aborted));
  }

private:
  int* moves_left_;
};

} // namespace

TORO_TEST_CASE_TEMPLATE(N_Q1_putter_that_gets_finds_a_consistent_queue,
                        Threading, policies)
{
  world w;
  queue_of<std::string, Threading> q(w.context(), 1);
  BOOST_TEST(q.try_put("a"));
  q.async_put("b", w.on("put",
                        [&]
                        {
                          BOOST_TEST(q.size() == 1u);
                          BOOST_TEST(q.try_get().value() == "b");
                          BOOST_TEST(!q.try_get().has_value());
                        }));
  q.async_get(w.on("get"));
  BOOST_TEST(q.size() == 1u);
  BOOST_TEST(w.poll() == "put get=a");
}

TORO_TEST_CASE_TEMPLATE(N_Q2_cancelled_get_leaves_the_item, Threading, policies)
{
  world w;
  queue_of<int, Threading> q(w.context());
  asio::cancellation_signal cancel;
  q.async_get(asio::bind_cancellation_slot(cancel.slot(), w.on("get")));
  BOOST_TEST(q.try_put(1));
  BOOST_TEST(q.try_put(2));
  BOOST_TEST(q.size() == 1u);
  cancel.emit(asio::cancellation_type::all);
  BOOST_TEST(q.size() == 2u);
  BOOST_TEST(w.poll() == "get:AB");
  BOOST_TEST(q.try_get().value() == 1);
  BOOST_TEST(q.try_get().value() == 2);

  asio::cancellation_signal again;
  q.async_get(asio::bind_cancellation_slot(again.slot(), w.on("get")));
  again.emit(asio::cancellation_type::all);
  BOOST_TEST(q.try_put(3));
  BOOST_TEST(w.poll() == "get:AB");
  BOOST_TEST(q.size() == 1u);
}

TORO_TEST_CASE_TEMPLATE(N_Q2_cancelled_get_passes_the_item_on, Threading,
                        policies)
{
  world w;
  queue_of<int, Threading> q(w.context());
  asio::cancellation_signal cancel;
  q.async_get(asio::bind_cancellation_slot(cancel.slot(), w.on("first")));
  q.async_get(w.on("second"));
  BOOST_TEST(q.try_put(1));
  cancel.emit(asio::cancellation_type::all);
  BOOST_TEST(w.poll() == "first:AB second=1");
}

TORO_TEST_CASE_TEMPLATE(N_Q2b_items_that_race_with_deadlines_are_kept,
                        Threading, policies)
{
  std::size_t answered = 0;
  // A deadline, two puts and a cancellation at one instant, in every order.
  const auto done = toro::testing::explore_all(
      [&](toro::testing::simulation& context)
      {
        queue_of<int, Threading> q(context);
        asio::cancellation_signal cancel;
        std::size_t put = 0;
        std::size_t got = 0;
        std::size_t ended = 0;
        q.async_get(1ms, asio::bind_cancellation_slot(
                             cancel.slot(),
                             [&](boost::system::error_code ec, int)
                             {
                               ++ended;
                               got += !ec;
                             }));
        toro::testing::timer first(context, 1ms);
        toro::testing::timer second(context, 1ms);
        toro::testing::timer third(context, 1ms);
        const auto put_one = [&](boost::system::error_code)
        {
          put += q.try_put(1);
        };
        first.async_wait(put_one);
        second.async_wait(put_one);
        third.async_wait(
            [&](boost::system::error_code)
            {
              cancel.emit(asio::cancellation_type::all);
            });
        context.run();
        answered += got;
        return ended == 1 && put == 2 && put == got + q.size();
      });
  BOOST_TEST(answered != 0u);
  BOOST_TEST(answered < done.schedules);
}

TORO_TEST_CASE_TEMPLATE(N_Q3_initiation_that_throws_leaves_no_waiter, Threading,
                        policies)
{
  world w;
  queue_of<int, Threading> q(w.context(), 1);
  allocations counts;
  counts.fail = true;
  w.allow_drops();
  const counting_allocator<void*> allocator(counts);
  BOOST_CHECK_THROW(q.async_get(asio::bind_allocator(allocator, w.on("get"))),
                    std::bad_alloc);
  BOOST_TEST(q.getters() == 0u);
  // A handler is moved a few times before it is where it stays.
  int moves_left = 0;
  int failures = 0;
  for (int moves = 0; q.getters() == 0; ++moves)
  {
    moves_left = moves;
    try
    {
      q.async_get(fragile_handler(moves_left));
    }
    catch (const std::domain_error&)
    {
      BOOST_TEST(q.getters() == 0u);
      ++failures;
    }
  }
  BOOST_TEST(failures > 1);
  moves_left = -1;
  BOOST_TEST(q.cancel() == 1u);
  w.poll();
  BOOST_TEST(q.try_put(1));
  BOOST_TEST(q.size() == 1u);
  BOOST_CHECK_THROW(
      q.async_put(2, asio::bind_allocator(allocator, w.on("put"))),
      std::bad_alloc);
  BOOST_TEST(q.putters() == 0u);
  BOOST_TEST(q.unfinished() == 1u);
  BOOST_TEST(q.try_get().value() == 1);
  BOOST_TEST(q.empty());
  BOOST_TEST(counts.live == 0u);
}

TORO_TEST_CASE_TEMPLATE(N_Q4_throwing_comparison_changes_nothing, Threading,
                        policies)
{
  world w;
  bool fail = false;
  priority_of<int, Threading, faulty_less> q(w.context(), 2,
                                             faulty_less{&fail});
  q.async_get(w.on("waiting"));
  BOOST_TEST(q.try_put(5));
  BOOST_TEST(w.poll() == "waiting=5");
  q.task_done();
  BOOST_TEST(q.try_put(3));

  fail = true;
  BOOST_CHECK_THROW(static_cast<void>(q.try_put(4)), std::domain_error);
  BOOST_TEST(q.size() == 1u);
  BOOST_TEST(q.unfinished() == 1u);
  w.allow_drops();
  BOOST_CHECK_THROW(q.async_put(4, w.on("put")), std::domain_error);
  BOOST_TEST(w.drops() == 1u);
  BOOST_TEST(q.size() == 1u);
  BOOST_TEST(q.unfinished() == 1u);
  BOOST_TEST(w.poll() == "");

  fail = false;
  BOOST_TEST(q.try_put(4));
  q.async_put(1, w.on("blocked"));
  BOOST_TEST(q.putters() == 1u);
  fail = true;
  // The blocked item was compared when its put started.
  q.async_get(w.on("get"));
  BOOST_TEST(w.poll() == "blocked get=1");
  fail = false;
  BOOST_TEST(q.try_get().value() == 3);
  BOOST_TEST(q.try_get().value() == 4);
  BOOST_TEST(q.unfinished() == 3u);
}

TORO_TEST_CASE_TEMPLATE(N_Q4_getter_is_served_after_a_put_that_failed,
                        Threading, policies)
{
  world w;
  bool fail = false;
  priority_of<int, Threading, faulty_less> q(w.context(), 0,
                                             faulty_less{&fail});
  q.async_get(w.on("first"));
  q.async_get(w.on("second"));
  BOOST_TEST(q.try_put(1));
  fail = true;
  BOOST_CHECK_THROW(static_cast<void>(q.try_put(2)), std::domain_error);
  BOOST_TEST(q.getters() == 1u);
  fail = false;
  BOOST_TEST(q.try_put(3));
  BOOST_TEST(w.poll() == "first=1 second=3");
  q.task_done();
  q.task_done();
  q.async_join(w.on("join"));
  BOOST_TEST(w.poll() == "join");
}

TORO_TEST_CASE_TEMPLATE(N_Q5_equal_priorities_keep_their_order, Threading,
                        policies)
{
  world w;
  priority_of<ranked, Threading> q(w.context(), 4);
  for (int i = 0; i != 8; ++i)
    q.async_put(ranked{7, i}, w.on("put"));
  BOOST_TEST(q.putters() == 4u);
  w.poll();
  for (int i = 0; i != 8; ++i)
    BOOST_TEST(q.try_get().value().number == i);
  w.poll();
}

TORO_TEST_CASE_TEMPLATE(N_Q6_queues_of_every_order_count_tasks, Threading,
                        policies)
{
  const auto check = [](auto& q, world& w, int first)
  {
    q.async_join(w.on("fresh"));
    BOOST_TEST(w.poll() == "fresh");
    BOOST_TEST(q.try_put(1));
    BOOST_TEST(q.try_put(2));
    BOOST_TEST(q.unfinished() == 2u);
    q.async_join(10ms, w.on("late"));
    q.async_join(w.on("join"));
    BOOST_TEST(w.advance(10ms) == "late:TO");
    BOOST_TEST(q.try_get().value() == first);
    BOOST_TEST(q.try_get().has_value());
    q.task_done();
    BOOST_TEST(w.poll() == "");
    q.task_done();
    BOOST_TEST(w.poll() == "join");
    boost::system::error_code ec;
    q.task_done(ec);
    BOOST_TEST(ec == make_error_code(toro::error::task_underflow));
  };
  world w;
  priority_of<int, Threading, std::greater<int>> greatest(w.context());
  check(greatest, w, 2);
  priority_of<int, Threading> smallest(w.context());
  check(smallest, w, 1);
  lifo_of<int, Threading> newest(w.context());
  check(newest, w, 2);
}

TORO_TEST_CASE_TEMPLATE(N_Q7_task_done_counts_items_not_gets, Threading,
                        policies)
{
  // As in Toro: nothing ties task_done to a get, but it cannot underflow.
  world w;
  queue_of<int, Threading> q(w.context());
  BOOST_TEST(q.try_put(1));
  q.async_join(w.on("join"));
  q.task_done();
  BOOST_TEST(w.poll() == "join");
  BOOST_TEST(q.size() == 1u);
  boost::system::error_code ec;
  q.task_done(ec);
  BOOST_TEST(ec == make_error_code(toro::error::task_underflow));
}

TORO_TEST_CASE_TEMPLATE(N_Q8_close_ends_consumers_and_blocked_puts, Threading,
                        policies)
{
  world w;
  queue_of<std::shared_ptr<int>, Threading> empty(w.context());
  for (int i = 0; i != 3; ++i)
    empty.async_get(w.on(std::to_string(i)));
  BOOST_TEST(empty.close() == 3u);
  BOOST_TEST(!empty.is_open());
  BOOST_TEST(empty.close() == 0u);
  BOOST_TEST(w.poll() == "0:closed 1:closed 2:closed");
  empty.async_get(w.on("later"));
  BOOST_TEST(w.poll() == "later:closed");

  queue_of<std::shared_ptr<int>, Threading> full(w.context(), 1);
  BOOST_TEST(full.try_put(std::make_shared<int>(1)));
  auto item = std::make_shared<int>(2);
  const std::weak_ptr<int> watch = item;
  full.async_put(std::move(item), w.on("put"));
  BOOST_TEST(full.close() == 1u);
  BOOST_TEST(w.poll() == "put:closed");
  BOOST_TEST(watch.expired());
  full.async_put(std::make_shared<int>(3), w.on("later"));
  BOOST_TEST(w.poll() == "later:closed");
  BOOST_TEST(!full.try_put(std::make_shared<int>(4)));
  BOOST_TEST(*full.try_get().value() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
