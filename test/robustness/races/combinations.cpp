// SPDX-License-Identifier: BSL-1.0
//
// What Asio's || makes of operations, which no object can change, and how to
// get what one wants instead: a chain of || loses items, one parallel_group
// does not; || waits for its other operand when one fails, but not when the
// operand reports its failure as a value.

#include <toro/event.hpp>
#include <toro/queue.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <utility>

BOOST_AUTO_TEST_SUITE(combinations)

namespace {

namespace asio = boost::asio;

using namespace asio::experimental::awaitable_operators;
using asio::experimental::wait_for_one;
using asio::experimental::wait_for_one_success;
using boost::system::error_code;

constexpr std::size_t rounds = 1'000;

// Three queues that a consumer takes from, whichever has something.
struct three_queues
{
  explicit three_queues(asio::io_context& context)
    : first(context),
      second(context),
      third(context)
  {
  }

  // An item in the first and one in the third; returns how many that makes.
  std::size_t fill()
  {
    return std::size_t(first.try_put(1)) + std::size_t(third.try_put(3));
  }

  // Takes out what is left; returns how many that were.
  std::size_t drain()
  {
    std::size_t left = 0;
    for (toro::queue<int>* each : {&first, &second, &third})
      while (each->try_get())
        ++left;
    return left;
  }

  toro::queue<int> first;
  toro::queue<int> second;
  toro::queue<int> third;
};

// Runs a coroutine to its end; what it waits for must be there.
template <class Body>
void run(asio::io_context& context, Body body)
{
  bool ended = false;
  asio::co_spawn(context, std::move(body),
                 [&](std::exception_ptr failure)
                 {
                   if (failure)
                     std::rethrow_exception(failure);
                   ended = true;
                 });
  context.restart();
  context.run();
  BOOST_REQUIRE(ended);
}

// Takes one item each round, in some way; returns how many went astray.
template <class Take>
std::size_t lost_by(Take take)
{
  asio::io_context context;
  three_queues queues(context);
  std::size_t lost = 0;
  for (std::size_t i = 0; i != rounds; ++i)
  {
    const std::size_t put = queues.fill();
    run(context,
        [&]() -> asio::awaitable<void>
        {
          co_await take(queues);
        });
    lost += put - 1 - queues.drain();
  }
  return lost;
}

template <class Condition>
asio::awaitable<void> take_from_group(three_queues& from, Condition condition)
{
  auto [order, ec1, item1, ec2, item2, ec3, item3] =
      co_await asio::experimental::make_parallel_group(
          from.first.async_get(asio::deferred),
          from.second.async_get(asio::deferred),
          from.third.async_get(asio::deferred))
          .async_wait(condition, asio::use_awaitable);
  BOOST_TEST((!ec1 + !ec2 + !ec3) == 1);
  BOOST_TEST(item1 + item2 + item3 == (ec1 ? 3 : 1));
}

// An operation whose other operand never ends by itself.
struct stoppable
{
  asio::io_context context;
  toro::queue<int> items{context};
  toro::event stop{context};
  bool ended = false;

  template <class Body>
  void start(Body body)
  {
    asio::co_spawn(context, std::move(body),
                   [this](std::exception_ptr)
                   {
                     ended = true;
                   });
    context.poll();
  }

  void set_stop()
  {
    stop.set();
    context.restart();
    context.poll();
  }
};

} // namespace

BOOST_AUTO_TEST_CASE(a_chain_of_or_drops_an_item_each_round)
{
  const std::size_t lost = lost_by(
      [](three_queues& from) -> asio::awaitable<void>
      {
        co_await (from.first.async_get(asio::use_awaitable) ||
                  from.second.async_get(asio::use_awaitable) ||
                  from.third.async_get(asio::use_awaitable));
      });
  BOOST_TEST(lost == rounds);
}

BOOST_AUTO_TEST_CASE(one_or_of_two_operations_drops_nothing)
{
  const std::size_t lost = lost_by(
      [](three_queues& from) -> asio::awaitable<void>
      {
        co_await (from.first.async_get(asio::use_awaitable) ||
                  from.third.async_get(asio::use_awaitable));
      });
  BOOST_TEST(lost == 0u);
}

BOOST_AUTO_TEST_CASE(one_group_of_three_operations_drops_nothing)
{
  BOOST_TEST(lost_by(
                 [](three_queues& from)
                 {
                   return take_from_group(from, wait_for_one());
                 }) == 0u);
  BOOST_TEST(lost_by(
                 [](three_queues& from)
                 {
                   return take_from_group(from, wait_for_one_success());
                 }) == 0u);
}

BOOST_AUTO_TEST_CASE(
    or_waits_for_the_other_operand_of_a_get_from_a_closed_queue)
{
  stoppable s;
  s.items.close();
  s.start(
      [&]() -> asio::awaitable<void>
      {
        co_await (s.items.async_get(asio::use_awaitable) ||
                  s.stop.async_wait(asio::use_awaitable));
      });
  BOOST_TEST(!s.ended);
  s.set_stop();
  BOOST_TEST(s.ended);
}

BOOST_AUTO_TEST_CASE(or_waits_for_the_other_operand_past_a_deadline)
{
  stoppable s;
  s.start(
      [&]() -> asio::awaitable<void>
      {
        co_await (
            s.items.async_get(std::chrono::seconds(0), asio::use_awaitable) ||
            s.stop.async_wait(asio::use_awaitable));
      });
  BOOST_TEST(!s.ended);
  BOOST_TEST(s.items.waiters() == 0u);
  s.set_stop();
  BOOST_TEST(s.ended);
}

BOOST_AUTO_TEST_CASE(or_ends_with_an_operand_that_reports_its_error_as_a_value)
{
  constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
  error_code end;
  const auto get = [&](stoppable& s,
                       toro::deadline limit) -> asio::awaitable<void>
  {
    const auto first = co_await (s.items.async_get(limit, as_result) ||
                                 s.stop.async_wait(as_result));
    BOOST_REQUIRE(first.index() == 0u);
    end = std::get<0>(std::get<0>(first));
  };

  stoppable closed;
  closed.items.close();
  closed.start(
      [&]
      {
        return get(closed, {});
      });
  BOOST_TEST(closed.ended);
  BOOST_CHECK(end == toro::error::closed);
  BOOST_TEST(closed.stop.waiters() == 0u);

  stoppable late;
  late.start(
      [&]
      {
        return get(late, std::chrono::seconds(0));
      });
  BOOST_TEST(late.ended);
  BOOST_CHECK(end == asio::error::timed_out);
  BOOST_TEST(late.stop.waiters() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
