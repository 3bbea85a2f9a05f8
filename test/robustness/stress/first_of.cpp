// SPDX-License-Identifier: BSL-1.0
// Selections whose operands complete in different threads.

#include <toro/first_of.hpp>
#include <toro/queue.hpp>
#include <toro/semaphore.hpp>

#include <boost/asio/thread_pool.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "worker_threads.hpp"

namespace toro_test {

BOOST_AUTO_TEST_SUITE(first_of)

namespace {

namespace asio = boost::asio;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

// What a selection of two gets gave: which was the first, and how both ended.
struct selection
{
  std::size_t index;
  error_code ec[2];
};

// Each of these waits for an item of either queue.
struct by_first_of
{
  static asio::awaitable<selection> run(toro::queue<int>& a,
                                        toro::queue<int>& b)
  {
    const auto [index, ec, item, ec2, item2] = co_await toro::async_first_of(
        a.async_get(asio::deferred), b.async_get(asio::deferred),
        asio::use_awaitable);
    co_return selection{index, {ec, ec2}};
  }
};

struct by_group
{
  static asio::awaitable<selection> run(toro::queue<int>& a,
                                        toro::queue<int>& b)
  {
    const auto [order, ec, item, ec2, item2] =
        co_await asio::experimental::make_parallel_group(
            a.async_get(asio::deferred), b.async_get(asio::deferred))
            .async_wait(asio::experimental::wait_for_one(),
                        asio::use_awaitable);
    co_return selection{order[0], {ec, ec2}};
  }
};

// Tells only of one.
struct by_or
{
  static asio::awaitable<selection> run(toro::queue<int>& a,
                                        toro::queue<int>& b)
  {
    using asio::experimental::awaitable_operators::operator||;
    const auto first =
        co_await (a.async_get(as_result) || b.async_get(as_result));
    const error_code aborted = asio::error::operation_aborted;
    if (first.index() == 0)
      co_return selection{0, {std::get<0>(std::get<0>(first)), aborted}};
    co_return selection{1, {aborted, std::get<0>(std::get<1>(first))}};
  }
};

struct score
{
  std::size_t sent = 0;
  std::size_t received = 0;

  // How often both operands took effect, as far as the selection tells.
  std::size_t both = 0;
};

// Four workers select among two queues of two pools, into which two others put.
// Counts what the first operands got.
template <class Way>
score select_on_threads(shape form, std::size_t count)
{
  worker_threads all(form);
  asio::thread_pool pool(1);
  toro::queue<int> a(asio::make_strand(all.object_context()), 2);
  toro::queue<int> b(pool, 2);
  std::atomic<std::size_t> received = 0;
  std::atomic<std::size_t> both = 0;
  all.add(4,
          [&](worker& self) -> asio::awaitable<void>
          {
            toro::queue<int>* const queues[] = {&a, &b};
            for (;;)
            {
              toro::queue<int>& one = *queues[self.below(2)];
              toro::queue<int>& two = &one == &a ? b : a;
              count_race();
              const selection s = co_await Way::run(one, two);
              received += !s.ec[s.index];
              both += !s.ec[0] && !s.ec[1];
              if (s.ec[s.index])
                break;
            }
            for (toro::queue<int>* rest : queues)
            {
              for (;;)
              {
                const auto last = co_await rest->async_get(as_result);
                if (std::get<0>(last))
                  break;
                ++received;
              }
            }
          });
  std::atomic<std::size_t> producing = 2;
  const auto produce = [&](toro::queue<int>& q) -> asio::awaitable<void>
  {
    for (std::size_t n = 0; n != count; ++n)
      co_await q.async_put(1, asio::use_awaitable);
    if (--producing == 0)
    {
      a.close();
      b.close();
    }
  };
  all.add(
      [&](worker&) -> asio::awaitable<void>
      {
        return produce(a);
      });
  all.add(
      [&](worker&) -> asio::awaitable<void>
      {
        return produce(b);
      });
  all.run();
  pool.join();
  return {2 * count, received, both};
}

std::string told(const std::string& name, const score& s)
{
  return name + " lost " + std::to_string(s.sent - s.received) + " of " +
         std::to_string(s.sent);
}

} // namespace

BOOST_AUTO_TEST_CASE(selection_among_queues_of_two_pools_loses_nothing)
{
  std::array<score, 3> scores;
  const auto add = [](score& sum, const score& more)
  {
    sum.sent += more.sent;
    sum.received += more.received;
    sum.both += more.both;
  };
  for (const shape form : shapes)
  {
    const std::size_t count = rounds(1'000);
    add(scores[0], select_on_threads<by_first_of>(form, count));
    add(scores[1], select_on_threads<by_group>(form, count / 4));
    add(scores[2], select_on_threads<by_or>(form, count / 4));
  }
  BOOST_TEST(scores[0].sent == scores[0].received);
  BOOST_TEST(scores[0].both == 0u);
  announce("select on threads: " + told("parallel_group", scores[1]) + ", " +
           told("||", scores[2]) + ", " + told("toro", scores[0]));
}

// Puts and gets as operands of one selection, of queues that are full or empty
// most of the time, with signals and with cancel() in between.
BOOST_AUTO_TEST_CASE(puts_and_gets_in_one_selection_have_one_effect)
{
  for (const shape form : shapes)
  {
    worker_threads all(form);
    asio::thread_pool pool(1);
    toro::queue<int> a(asio::make_strand(all.object_context()), 1);
    toro::queue<int> b(pool, 1);
    toro::semaphore permits(pool, 1);
    std::atomic<std::size_t> put = 0;
    std::atomic<std::size_t> got = 0;
    std::atomic<std::size_t> busy = worker_count;
    const std::size_t count = rounds(300);
    all.add(worker_count,
            [&](worker& self) -> asio::awaitable<void>
            {
              for (std::size_t n = 0; n != count; ++n)
              {
                const auto signal =
                    std::make_shared<asio::cancellation_signal>();
                self.emit_soon(signal);
                count_race();
                const bool swaps = self.one_in(2);
                toro::queue<int>& from = swaps ? a : b;
                toro::queue<int>& to = swaps ? b : a;
                const auto [index, ec, ec2, item, ec3, permit] =
                    co_await toro::async_first_of(
                        to.async_put(1, asio::deferred),
                        from.async_get(asio::deferred),
                        permits.async_acquire(self.moment(), asio::deferred),
                        asio::bind_cancellation_slot(signal->slot(),
                                                     asio::use_awaitable));
                expect(!ec + !ec2 + !ec3 <= 1, "several have had an effect");
                expect(!ec3 == !!permit, "a permit without success");
                put += !ec;
                got += !ec2;
                if (self.one_in(16))
                  to.cancel();
                if (self.one_in(16) && from.try_get())
                  ++got;
              }
              --busy;
            });
    all.run();
    pool.join();
    BOOST_TEST(put == got + a.size() + b.size());
    BOOST_TEST(a.unfinished() + b.unfinished() == put);
    BOOST_TEST(permits.value() == 1u);
    BOOST_TEST(a.waiters() + b.waiters() + permits.waiters() == 0u);
    while (a.try_get() || b.try_get())
    {
    }
    BOOST_TEST(a.try_put(1));
    BOOST_TEST(b.try_put(1));
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
