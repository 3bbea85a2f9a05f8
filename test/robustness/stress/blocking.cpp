// SPDX-License-Identifier: BSL-1.0
#include <toro/blocking.hpp>
#include <toro/condition.hpp>
#include <toro/event.hpp>
#include <toro/lock.hpp>
#include <toro/queue.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <thread>

#include "worker_threads.hpp"

namespace toro_test {

BOOST_AUTO_TEST_SUITE(blocking_threads)

namespace {

namespace asio = boost::asio;

using namespace std::chrono_literals;

// Runs a function in four threads until all have returned.
template <class Function>
void run_in_four(Function function)
{
  std::array<std::thread, 4> threads;
  for (std::size_t n = 0; n < threads.size(); ++n)
  {
    threads[n] = std::thread(
        [&function, n]
        {
          worker self(asio::any_io_executor(), n);
          function(self);
        });
  }
  for (std::thread& thread : threads)
    thread.join();
}

} // namespace

// Nobody runs the context. Two threads put, and two get with deadlines that
// often pass.
BOOST_AUTO_TEST_CASE(items_between_threads_are_not_lost)
{
  const std::size_t count = rounds(2000);
  asio::io_context never_run;
  toro::queue<std::size_t> items(never_run, 2);
  std::atomic<std::size_t> sum = 0;
  std::atomic<std::size_t> producers = 2;
  const auto put_all = [&](worker& self)
  {
    error_code ec;
    for (std::size_t i = 1; i <= count;)
    {
      items.async_put(i, self.moment(), toro::blocking(ec));
      count_race();
      if (!ec)
        ++i;
    }
    if (--producers == 0)
      items.close();
  };
  const auto get_all = [&](worker& self)
  {
    for (;;)
    {
      error_code ec;
      const std::size_t item =
          items.async_get(self.moment(), toro::blocking(ec));
      count_race();
      if (ec == toro::error::closed)
        return;
      expect(!ec || ec == asio::error::timed_out, "a get ended otherwise");
      sum += item;
    }
  };
  run_in_four(
      [&](worker& self)
      {
        if (self.number() % 2 == 0)
          put_all(self);
        else
          get_all(self);
      });
  report_failures();
  BOOST_TEST(sum.load() == count * (count + 1));
  BOOST_TEST(items.empty());
}

// A thread runs the context, whose timer decides deadlines, too. Another one
// cancels.
BOOST_AUTO_TEST_CASE(lock_that_threads_share_excludes)
{
  const std::size_t count = rounds(2000);
  asio::io_context context;
  context_threads runner(context);
  toro::lock lock(context);
  std::size_t inside = 0;
  std::size_t entered = 0;
  std::atomic<std::size_t> granted = 0;
  run_in_four(
      [&](worker& self)
      {
        for (std::size_t i = 0; i < count; ++i)
        {
          error_code ec;
          const toro::guard held =
              lock.async_acquire(self.moment(), toro::blocking(ec));
          count_race();
          if (self.one_in(100))
            lock.cancel();
          if (!held)
            continue;
          expect(++inside == 1, "two threads are inside");
          ++entered;
          ++granted;
          --inside;
        }
      });
  runner.join();
  report_failures();
  BOOST_TEST(entered == granted.load());
  BOOST_TEST(!lock.locked());
}

// Threads wait for a broadcast and go on, while its caller still notifies
// others.
BOOST_AUTO_TEST_CASE(broadcast_reaches_threads_that_return_at_once)
{
  const std::size_t count = rounds(1000);
  asio::io_context never_run;
  toro::condition condition(never_run);
  std::atomic<std::size_t> left = 4;
  std::thread notifier(
      [&]
      {
        while (left != 0)
        {
          condition.notify_all();
          condition.notify();
        }
      });
  run_in_four(
      [&](worker& self)
      {
        for (std::size_t i = 0; i < count; ++i)
        {
          std::size_t calls = 0;
          const auto second = [&calls]
          {
            return ++calls > 1;
          };
          count_race();
          if (self.one_in(2))
            condition.async_wait(second, toro::blocking);
          else
            condition.async_wait(toro::blocking);
        }
        --left;
      });
  notifier.join();
  report_failures();
  BOOST_TEST(condition.waiters() == 0u);
}

// The context or the object ends while threads wait. Each of them returns.
BOOST_AUTO_TEST_CASE(context_ends_while_threads_wait)
{
  const std::size_t count = rounds(200);
  for (std::size_t i = 0; i < count; ++i)
  {
    auto context = std::make_unique<asio::io_context>();
    auto event = std::make_unique<toro::event>(*context);
    std::atomic<std::size_t> aborted = 0;
    std::thread ender(
        [&, how = i % 3]
        {
          while (event->waiters() != 4)
            std::this_thread::yield();
          if (how == 1)
            event.reset();
          if (how == 2)
            event->set();
          context.reset();
        });
    run_in_four(
        [&, waits = event.get()](worker&)
        {
          error_code ec;
          waits->async_wait(1h, toro::blocking(ec));
          count_race();
          if (ec == asio::error::operation_aborted)
            ++aborted;
        });
    ender.join();
    expect(i % 3 == 2 || aborted == 4, "a wait ended otherwise");
  }
  report_failures();
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
