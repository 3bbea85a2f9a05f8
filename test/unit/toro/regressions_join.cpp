// SPDX-License-Identifier: BSL-1.0
//
// What was wrong with Toro's join, and with gets that are ready at once, and
// does not happen here.
#include <toro/queue.hpp>
#include <toro/testing/explore.hpp>
#include <toro/testing/simulation.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/version.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <exception>

#include "support/case_template.hpp"
#include "support/primitives.hpp"
#include "support/world.hpp"

#if BOOST_ASIO_VERSION >= 102700
#include <boost/asio/bind_immediate_executor.hpp>
#include <boost/asio/system_executor.hpp>
#endif

BOOST_AUTO_TEST_SUITE(toro_regressions_join)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;

void rethrow(std::exception_ptr e)
{
  if (e)
    std::rethrow_exception(e);
}

// Toro's example, written three times.
constexpr int example_items = 10;

template <class Queue>
asio::awaitable<void> produce(Queue& q)
{
  for (int i = 0; i != example_items; ++i)
    co_await q.async_put(i, asio::use_awaitable);
}

template <class Queue>
asio::awaitable<void> consume(Queue& q, int& processed)
{
  while (processed != example_items)
  {
    co_await q.async_get(asio::use_awaitable);
    ++processed;
    q.task_done();
  }
}

template <class Queue>
asio::awaitable<void> join(Queue& q, const int& processed, int& at_join)
{
  co_await q.async_join(asio::use_awaitable);
  at_join = processed;
}

template <class Queue>
void put_next(Queue& q, int i)
{
  if (i == example_items)
    return;
  q.async_put(i,
              [&q, i](boost::system::error_code ec)
              {
                BOOST_TEST(!ec);
                put_next(q, i + 1);
              });
}

template <class Queue>
void get_next(Queue& q, int& processed)
{
  if (processed == example_items)
    return;
  q.async_get(
      [&](boost::system::error_code ec, int item)
      {
        BOOST_TEST(!ec);
        BOOST_TEST(item == processed);
        ++processed;
        q.task_done();
        get_next(q, processed);
      });
}

template <class Queue>
asio::awaitable<void> put_with_pauses(Queue& q)
{
  for (int i = 0; i != 5; ++i)
  {
    co_await q.async_put(i, asio::use_awaitable);
    co_await asio::post(asio::use_awaitable);
  }
  q.close();
}

template <class Queue>
asio::awaitable<void> get_until_closed(Queue& q, int& processed)
{
  for (;;)
  {
    try
    {
      co_await q.async_get(asio::use_awaitable);
    }
    catch (const boost::system::system_error& e)
    {
      BOOST_TEST(e.code() == make_error_code(toro::error::closed));
      co_return;
    }
    ++processed;
    q.task_done();
  }
}

template <class Queue>
asio::awaitable<void> get_all(Queue& q, int count, int& got)
{
  for (; got != count; ++got)
    co_await q.async_get(asio::use_awaitable);
}

} // namespace

TORO_TEST_CASE_TEMPLATE(N_J1_example_of_toro_processes_all_items, Threading,
                        policies)
{
  {
    world w;
    queue_of<int, Threading> q(w.context(), 3);
    int processed = 0;
    int at_join = 0;
    w.spawn("producer", produce(q));
    w.spawn("consumer", consume(q, processed));
    w.spawn("join", join(q, processed, at_join));
    w.poll();
    BOOST_TEST(at_join == example_items);
  }
  {
    world w;
    queue_of<int, Threading> q(w.context(), 3);
    int processed = 0;
    put_next(q, 0);
    get_next(q, processed);
    q.async_join(w.on("join",
                      [&]
                      {
                        BOOST_TEST(processed == example_items);
                      }));
    BOOST_TEST(w.poll() == "join");
  }
  {
    world w;
    queue_of<int, Threading> q(w.context(), 3);
    int processed = 0;
    int at_join = 0;
    asio::spawn(
        w.context(),
        [&](asio::yield_context yield)
        {
          for (int i = 0; i != example_items; ++i)
            q.async_put(i, yield);
        },
        w.on("producer"));
    asio::spawn(
        w.context(),
        [&](asio::yield_context yield)
        {
          for (; processed != example_items; q.task_done())
            BOOST_TEST(q.async_get(yield) == processed++);
        },
        w.on("consumer"));
    asio::spawn(
        w.context(),
        [&](asio::yield_context yield)
        {
          q.async_join(yield);
          at_join = processed;
        },
        w.on("join"));
    w.poll();
    BOOST_TEST(at_join == example_items);
  }
}

TORO_TEST_CASE_TEMPLATE(N_J2_join_after_close_sees_all_items, Threading,
                        policies)
{
  int early = 0;
  toro::testing::explore(
      [&](toro::testing::simulation& context)
      {
        queue_of<int, Threading> q(context);
        int processed = 0;
        int at_join = 0;
        asio::co_spawn(context, get_until_closed(q, processed), rethrow);
        asio::co_spawn(context, put_with_pauses(q),
                       [&](std::exception_ptr e)
                       {
                         rethrow(e);
                         q.async_join(
                             [&](boost::system::error_code)
                             {
                               at_join = processed;
                             });
                       });
        // A plain join may come early: the count is zero between two puts.
        asio::post(context,
                   [&]
                   {
                     q.async_join(
                         [&](boost::system::error_code)
                         {
                           early += processed != 0 && processed != 5;
                         });
                   });
        context.run();
        return at_join == 5;
      });
  BOOST_TEST(early > 0);
}

TORO_TEST_CASE_TEMPLATE(N_J3_ready_gets_do_not_starve_a_timer, Threading,
                        policies)
{
  constexpr int count = 100'000;
  world w;
  queue_of<int, Threading> q(w.context());
  for (int i = 0; i != count; ++i)
    BOOST_TEST(q.try_put(int(i)));
  int got = 0;
  int got_at_expiry = count;
  w.spawn("all", get_all(q, count, got));
  asio::steady_timer timer(w.context(),
                           asio::steady_timer::clock_type::time_point::min());
  timer.async_wait(
      [&](boost::system::error_code)
      {
        got_at_expiry = got;
      });
  BOOST_TEST(w.run() == "all");
  BOOST_TEST(got == count);
  BOOST_TEST(got_at_expiry <= 2);
}

#if BOOST_ASIO_VERSION >= 102700
TORO_TEST_CASE_TEMPLATE(N_J3_immediate_executor_completes_in_place, Threading,
                        policies)
{
  world w;
  queue_of<int, Threading> q(w.context());
  BOOST_TEST(q.try_put(1));
  int got = 0;
  q.async_get(
      asio::bind_immediate_executor(asio::system_executor(),
                                    [&](boost::system::error_code ec, int item)
                                    {
                                      BOOST_TEST(!ec);
                                      got = item;
                                    }));
  BOOST_TEST(got == 1);
}
#endif

BOOST_AUTO_TEST_SUITE_END()
