// SPDX-License-Identifier: BSL-1.0
#include <toro/joinable_queue.hpp>
#include <toro/lifo_queue.hpp>
#include <toro/priority_queue.hpp>
#include <toro/queue.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "support/case_template.hpp"
#include "support/primitives.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(toro_queue)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;

const auto task_underflow = make_error_code(toro::error::task_underflow);

// The simple life of a queue of five, twice on the same object.
template <class Queue>
void fill_and_drain(const std::vector<int>& order)
{
  world w;
  Queue q(w.context(), 5);
  for (int round = 0; round != 2; ++round)
  {
    BOOST_TEST(q.empty());
    for (const int item : {111, 333, 222})
      BOOST_TEST(q.try_put(item));
    for (const int expected : order)
      BOOST_TEST(q.try_get().value() == expected);

    for (int i = 0; i != 5; ++i)
    {
      BOOST_TEST(!q.full());
      BOOST_TEST(q.try_put(i));
    }
    BOOST_TEST(q.full());
    BOOST_TEST(!q.try_put(6));
    q.async_put(7, 10ms, w.on("put"));
    BOOST_TEST(w.advance(9ms) == "");
    BOOST_TEST(w.advance(1ms) == "put:TO");
    BOOST_TEST(q.size() == 5u);

    for (int i = 0; i != 5; ++i)
      BOOST_TEST(q.try_get().has_value());
    BOOST_TEST(q.empty());
    BOOST_TEST(!q.try_get().has_value());
    q.async_get(10ms, w.on("get"));
    BOOST_TEST(w.advance(10ms) == "get:TO");
  }
}

template <class Queue>
asio::awaitable<void> add_up(Queue& q, int& sum)
{
  for (;;)
  {
    const int item = co_await q.async_get(asio::use_awaitable);
    q.task_done();
    if (item < 0)
      co_return;
    sum += item;
  }
}

template <class Queue>
asio::awaitable<void> say_hi_and_await_ok(Queue& q, std::string& answer)
{
  co_await q.async_put("hi2", asio::use_awaitable);
  answer = co_await q.async_get(asio::use_awaitable);
}

template <class Queue>
asio::awaitable<void> await_hi_and_say_ok(Queue& q, std::string& heard)
{
  heard = co_await q.async_get(asio::use_awaitable);
  co_await q.async_put("ok", asio::use_awaitable);
}

template <class Queue>
asio::awaitable<void> send_and_die(Queue& q)
{
  co_await q.async_put("sent", asio::use_awaitable);
}

template <class Queue, class Token>
concept gets_with = requires(Queue& q, Token token)
{
  q.async_get(token);
};

template <class Queue, class Size>
concept sized_by = requires(asio::io_context& context, Size size)
{
  Queue{context, size};
};

// The handlers of a queue run in its context, or where they say.
template <class Threading>
void run_where_it_belongs()
{
  world here;
  world there;
  queue_of<int, Threading> q(there.context());
  q.async_get(there.on("get"));
  q.async_get(asio::bind_executor(here.context(), here.on("get")));
  BOOST_TEST(q.try_put(1));
  BOOST_TEST(here.poll() == "");
  BOOST_TEST(there.poll() == "get=1");
  BOOST_TEST(q.try_put(2));
  there.poll();
  BOOST_TEST(here.poll() == "get=2");
}

} // namespace

TORO_TEST_CASE_TEMPLATE(QU1_queue_gives_in_order_and_respects_its_size,
                        Threading, policies)
{
  fill_and_drain<queue_of<int, Threading>>({111, 333, 222});
}

TORO_TEST_CASE_TEMPLATE(QU2_lifo_queue_gives_the_newest_first, Threading,
                        policies)
{
  fill_and_drain<lifo_of<int, Threading>>({222, 333, 111});
}

TORO_TEST_CASE_TEMPLATE(QU3_priority_queue_gives_the_smallest_first, Threading,
                        policies)
{
  fill_and_drain<priority_of<int, Threading>>({111, 222, 333});
}

TORO_TEST_CASE_TEMPLATE(QU4_task_done_of_a_fresh_queue_underflows, Threading,
                        policies)
{
  world w;
  queue_of<int, Threading> q(w.context());
  boost::system::error_code ec;
  q.task_done(ec);
  BOOST_TEST(ec == task_underflow);
  BOOST_TEST(throws_code(
      [&]
      {
        q.task_done();
      },
      task_underflow));
  BOOST_TEST(q.unfinished() == 0u);
}

TORO_TEST_CASE_TEMPLATE(QU5_join_waits_until_two_workers_did_all, Threading,
                        policies)
{
  world w;
  queue_of<int, Threading> q(w.context());
  for (int round = 0; round != 2; ++round)
  {
    int sum = 0;
    w.spawn("worker", add_up(q, sum));
    w.spawn("worker", add_up(q, sum));
    for (int i = 0; i != 100; ++i)
      BOOST_TEST(q.try_put(i));
    q.async_join(w.on("join"));
    BOOST_TEST(w.poll() == "join");
    BOOST_TEST(sum == 4950);
    for (int i = 0; i != 2; ++i)
      BOOST_TEST(q.try_put(-1));
    q.async_join(w.on("join"));
    BOOST_TEST(q.unfinished() == 2u);
    const std::string ending = w.poll();
    BOOST_TEST(
        (ending == "worker join worker" || ending == "worker worker join"));
  }
  boost::system::error_code ec;
  q.task_done(ec);
  BOOST_TEST(ec == task_underflow);
}

TORO_TEST_CASE_TEMPLATE(QU6_string_and_output_agree, Threading, policies)
{
  world w;
  queue_of<int, Threading> q(w.context());
  std::ostringstream out;
  out << q;
  BOOST_TEST(out.str() == to_string(q));
  BOOST_TEST(out.str() == "<queue maxsize=0>");
}

TORO_TEST_CASE_TEMPLATE(QU7_item_put_first_is_got, Threading, policies)
{
  world w;
  queue_of<std::string, Threading> q(w.context());
  q.async_put("hi", w.on("put"));
  BOOST_TEST(w.poll() == "put");
  q.async_get(w.on("get"));
  BOOST_TEST(w.poll() == "get=hi");
}

TORO_TEST_CASE_TEMPLATE(QU8_blocked_getter_gets_and_answers, Threading,
                        policies)
{
  world w;
  queue_of<std::string, Threading> q(w.context());
  std::string heard;
  std::string answer;
  w.spawn("listener", await_hi_and_say_ok(q, heard));
  BOOST_TEST(w.poll() == "");
  w.spawn("speaker", say_hi_and_await_ok(q, answer));
  BOOST_TEST(w.poll() == "listener speaker");
  BOOST_TEST(heard == "hi2");
  BOOST_TEST(answer == "ok");
}

TORO_TEST_CASE_TEMPLATE(QU9_put_blocks_until_there_is_room, Threading, policies)
{
  world w;
  queue_of<std::string, Threading> q(w.context(), 2);
  q.async_put("a", w.on("a"));
  q.async_put("b", w.on("b"));
  q.async_put("c", w.on("c"));
  BOOST_TEST(w.poll() == "a b");
  q.async_get(w.on("get"));
  BOOST_TEST(w.poll() == "c get=a");
  BOOST_TEST(q.try_get().value() == "b");
  BOOST_TEST(q.try_get().value() == "c");
}

TORO_TEST_CASE_TEMPLATE(QU10_puts_satisfy_getters_one_for_one, Threading,
                        policies)
{
  world w;
  queue_of<int, Threading> q(w.context());
  for (int i = 0; i != 4; ++i)
    q.async_get(w.on(std::to_string(i)));
  BOOST_TEST(q.try_put(0));
  BOOST_TEST(w.poll() == "0=0");
  BOOST_TEST(q.try_put(1));
  BOOST_TEST(w.poll() == "1=1");
  BOOST_TEST(q.try_put(2));
  BOOST_TEST(q.try_put(3));
  BOOST_TEST(w.poll() == "2=2 3=3");
}

TORO_TEST_CASE_TEMPLATE(QU11_item_outlives_the_coroutine_that_put_it, Threading,
                        policies)
{
  world w;
  queue_of<std::string, Threading> q(w.context());
  w.spawn("sender", send_and_die(q));
  BOOST_TEST(w.poll() == "sender");
  q.async_get(w.on("get"));
  BOOST_TEST(w.poll() == "get=sent");
}

TORO_TEST_CASE_TEMPLATE(QU12_join_of_a_fresh_queue_completes, Threading,
                        policies)
{
  world w;
  queue_of<int, Threading> q(w.context());
  q.async_join(w.on("join"));
  BOOST_TEST(w.poll() == "join");
}

TORO_TEST_CASE_TEMPLATE(QU13_string_counts_what_is_there, Threading, policies)
{
  world w;
  queue_of<int, Threading> q(w.context(), 11);
  for (int i = 0; i != 7; ++i)
    q.async_get(w.on("get"));
  BOOST_TEST(q.max_size() == 11u);
  BOOST_TEST(q.getters() == 7u);
  BOOST_TEST(to_string(q) == "<queue maxsize=11 getters[7]>");
  q.cancel();
  w.poll();

  queue_of<int, Threading> full(w.context(), 1);
  BOOST_TEST(full.try_put(0));
  for (int i = 0; i != 4; ++i)
    full.async_put(i, w.on("put"));
  BOOST_TEST(full.putters() == 4u);
  BOOST_TEST(to_string(full) == "<queue maxsize=1 size=1 putters[4] tasks=1>");
  full.cancel();
  w.poll();
}

TORO_TEST_CASE_TEMPLATE(QU14_size_is_a_count, Threading, policies)
{
  using queue = queue_of<int, Threading>;
  static_assert(!sized_by<queue, std::nullptr_t>);
  world w;
  BOOST_CHECK_THROW(queue(w.context(), static_cast<std::size_t>(-1)),
                    std::invalid_argument);
}

TORO_TEST_CASE_TEMPLATE(QU15_only_a_bounded_queue_is_ever_full, Threading,
                        policies)
{
  world w;
  queue_of<int, Threading> unbounded(w.context());
  BOOST_TEST(unbounded.max_size() == 0u);
  BOOST_TEST(!unbounded.full());
  BOOST_TEST(unbounded.try_put(1));
  BOOST_TEST(!unbounded.full());

  queue_of<int, Threading> one(w.context(), 1);
  BOOST_TEST(!one.full());
  one.async_put(1, w.on("put"));
  BOOST_TEST(one.full());
  BOOST_TEST(w.poll() == "put");
}

TORO_TEST_CASE_TEMPLATE(QU16_what_is_no_token_is_rejected, Threading, policies)
{
  using queue = queue_of<int, Threading>;
  static_assert(!gets_with<queue, int>);
  static_assert(!gets_with<queue, std::nullptr_t>);
  static_assert(!gets_with<queue, void (*)(std::string)>);
  static_assert(gets_with<queue, void (*)(boost::system::error_code, int)>);
  world w;
  queue q(w.context());
  BOOST_TEST(q.getters() == 0u);
}

TORO_TEST_CASE_TEMPLATE(QU17_handlers_run_in_the_context_of_the_queue,
                        Threading, policies)
{
  run_where_it_belongs<Threading>();
}

TORO_TEST_CASE_TEMPLATE(QU18_fraction_is_no_size, Threading, policies)
{
  using queue = queue_of<int, Threading>;
  static_assert(!sized_by<queue, double>);
  static_assert(sized_by<queue, std::size_t>);
  world w;
  queue q(w.context(), 2);
  BOOST_TEST(q.max_size() == 2u);
}

TORO_TEST_CASE_TEMPLATE(QU19_try_get_lets_a_blocked_putter_in, Threading,
                        policies)
{
  world w;
  queue_of<int, Threading> q(w.context(), 1);
  BOOST_TEST(q.try_put(1));
  q.async_put(2, 1s, w.on("put"));
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(q.try_get().value() == 1);
  BOOST_TEST(w.poll() == "put");
  BOOST_TEST(q.size() == 1u);
}

TORO_TEST_CASE_TEMPLATE(QU20_try_put_serves_a_waiting_getter, Threading,
                        policies)
{
  world w;
  queue_of<int, Threading> q(w.context(), 1);
  q.async_get(1s, w.on("get"));
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(q.try_put(1));
  BOOST_TEST(q.empty());
  BOOST_TEST(w.poll() == "get=1");
}

TORO_TEST_CASE_TEMPLATE(QU21_timed_out_get_leaves_the_queue_usable, Threading,
                        policies)
{
  world w;
  queue_of<int, Threading> q(w.context());
  for (int round = 0; round != 2; ++round)
  {
    q.async_get(10ms, w.on("get"));
    BOOST_TEST(w.advance(10ms) == "get:TO");
    BOOST_TEST(q.getters() == 0u);
    q.async_put(1, w.on("put"));
    q.async_get(w.on("get"));
    BOOST_TEST(w.poll() == "put get=1");
  }
}

TORO_TEST_CASE_TEMPLATE(QU22_timed_out_put_inserts_nothing, Threading, policies)
{
  world w;
  queue_of<std::shared_ptr<int>, Threading> q(w.context(), 1);
  BOOST_TEST(q.try_put(std::make_shared<int>(1)));
  for (int round = 0; round != 2; ++round)
  {
    auto item = std::make_shared<int>(2);
    const std::weak_ptr<int> watch = item;
    q.async_put(std::move(item), 10ms, w.on("put"));
    BOOST_TEST(!watch.expired());
    BOOST_TEST(w.advance(10ms) == "put:TO");
    BOOST_TEST(watch.expired());
    BOOST_TEST(q.size() == 1u);
    BOOST_TEST(*q.try_get().value() == 1);
    q.async_put(std::make_shared<int>(1), w.on("put"));
    BOOST_TEST(w.poll() == "put");
  }
}

TORO_TEST_CASE_TEMPLATE(QU23_string_shows_tasks_while_there_are_any, Threading,
                        policies)
{
  static_assert(std::is_same_v<toro::joinable_queue<int>, toro::queue<int>>);
  world w;
  queue_of<int, Threading> q(w.context());
  BOOST_TEST(to_string(q) == "<queue maxsize=0>");
  BOOST_TEST(q.try_put(1));
  BOOST_TEST(q.try_get().has_value());
  BOOST_TEST(to_string(q) == "<queue maxsize=0 tasks=1>");
}

TORO_TEST_CASE_TEMPLATE(QU24_join_completes_after_the_last_task, Threading,
                        policies)
{
  world w;
  queue_of<int, Threading> q(w.context());
  BOOST_TEST(q.try_put(1));
  BOOST_TEST(q.try_put(2));
  BOOST_TEST(q.unfinished() == 2u);
  q.async_join(w.on("join"));
  q.task_done();
  BOOST_TEST(q.unfinished() == 1u);
  BOOST_TEST(w.poll() == "");
  q.task_done();
  BOOST_TEST(q.unfinished() == 0u);
  BOOST_TEST(w.poll() == "join");
}

TORO_TEST_CASE_TEMPLATE(QU25_join_callback_runs_after_the_last_task_done,
                        Threading, policies)
{
  world w;
  queue_of<int, Threading> q(w.context());
  BOOST_TEST(q.try_put(1));
  BOOST_TEST(q.try_put(2));
  q.async_join(w.on("join"));
  q.task_done();
  BOOST_TEST(w.poll() == "");
  q.task_done();
  w.note("task_done");
  BOOST_TEST(w.poll() == "task_done join");
}

TORO_TEST_CASE_TEMPLATE(QU26_join_times_out_and_counts_on, Threading, policies)
{
  world w;
  queue_of<int, Threading> q(w.context());
  BOOST_TEST(q.try_put(1));
  q.async_join(100ms, w.on("join"));
  BOOST_TEST(w.advance(99ms) == "");
  BOOST_TEST(w.advance(1ms) == "join:TO");
  BOOST_TEST(q.unfinished() == 1u);
}

TORO_TEST_CASE_TEMPLATE(QU27_join_runs_in_the_context_of_the_queue, Threading,
                        policies)
{
  world here;
  world there;
  queue_of<int, Threading> q(there.context());
  q.async_join(there.on("join"));
  BOOST_TEST(here.poll() == "");
  BOOST_TEST(there.poll() == "join");
}

TORO_TEST_CASE_TEMPLATE(QU28_join_blocks_again_after_a_new_item, Threading,
                        policies)
{
  world w;
  queue_of<int, Threading> q(w.context());
  q.async_join(w.on("1"));
  q.async_join(w.on("2"));
  BOOST_TEST(w.poll() == "1 2");
  BOOST_TEST(q.try_put(1));
  q.async_join(10ms, w.on("3"));
  BOOST_TEST(w.advance(10ms) == "3:TO");
  q.task_done();
  q.async_join(w.on("4"));
  BOOST_TEST(w.poll() == "4");
}

BOOST_AUTO_TEST_SUITE_END()
