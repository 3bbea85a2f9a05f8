// SPDX-License-Identifier: BSL-1.0
#include <toro/async_result.hpp>
#include <toro/condition.hpp>
#include <toro/event.hpp>
#include <toro/latch.hpp>

#include <boost/test/unit_test.hpp>

#include "worker_threads.hpp"

namespace toro_test {

BOOST_AUTO_TEST_SUITE(notifications)

namespace asio = boost::asio;

BOOST_AUTO_TEST_CASE(event_shared_by_threads_wakes_all_who_wait)
{
  for (const shape form : shapes)
  {
    worker_threads all(form);
    toro::event event(all.object_context());
    std::atomic<std::size_t> waiting = worker_count;
    const std::size_t count = rounds(300);
    all.add(worker_count,
            [&](worker& self) -> asio::awaitable<void>
            {
              for (std::size_t i = 0; i < count; ++i)
              {
                co_await attempt<no_value>(self, any_way(self),
                                           [&](auto... how)
                                           {
                                             return event.async_wait(how...);
                                           });
              }
              --waiting;
            });
    all.add(
        [&](worker& self) -> asio::awaitable<void>
        {
          while (waiting != 0)
          {
            event.set();
            event.clear();
            if (self.one_in(32))
              event.cancel();
            co_await asio::post(asio::use_awaitable);
          }
        });
    all.run();
    BOOST_TEST(event.waiters() == 0u);
  }
}

// However the arrivals end, all of them count.
BOOST_AUTO_TEST_CASE(latch_shared_by_threads_counts_each_arrival)
{
  for (const shape form : shapes)
  {
    const std::size_t count = rounds(30);
    for (std::size_t i = 0; i < count; ++i)
    {
      worker_threads all(form);
      toro::latch latch(all.object_context(), 2 * worker_count);
      std::atomic<std::size_t> through = 0;
      all.add(worker_count,
              [&](worker& self) -> asio::awaitable<void>
              {
                // Not a timer beside a coroutine, which may never begin.
                const auto how = static_cast<way>(self.below(4));
                static_assert(static_cast<int>(way::timer) == 4);
                const auto got = co_await attempt<no_value>(
                    self, how,
                    [&](auto... with)
                    {
                      return latch.async_arrive(with...);
                    });
                if (got)
                  expect(latch.ready(), "an arrival succeeded too early");
              });
      all.add(worker_count,
              [&](worker&) -> asio::awaitable<void>
              {
                latch.count_down();
                co_await latch.async_wait(asio::use_awaitable);
                expect(latch.ready(), "a wait succeeded too early");
                ++through;
              });
      all.run();
      BOOST_TEST(latch.count() == 0u);
      BOOST_TEST(latch.waiters() == 0u);
      BOOST_TEST(through.load() == worker_count);
    }
  }
}

BOOST_AUTO_TEST_CASE(condition_shared_by_threads_wakes_no_more_than_notified)
{
  for (const shape form : shapes)
  {
    worker_threads all(form);
    toro::condition condition(all.object_context());
    std::atomic<std::size_t> waiting = worker_count;
    std::atomic<std::size_t> woken = 0;
    std::atomic<std::size_t> offered = 0;
    const std::size_t count = rounds(300);
    all.add(worker_count,
            [&](worker& self) -> asio::awaitable<void>
            {
              for (std::size_t i = 0; i < count; ++i)
              {
                const auto got = co_await attempt<no_value>(
                    self, any_way(self),
                    [&](auto... how)
                    {
                      return condition.async_wait(how...);
                    });
                if (got)
                  ++woken;
              }
              --waiting;
            });
    all.add(
        [&](worker& self) -> asio::awaitable<void>
        {
          while (waiting != 0)
          {
            if (self.one_in(8))
              offered += condition.notify_all();
            else
              offered += condition.notify(1 + self.below(2));
            if (self.one_in(32))
              condition.cancel();
            co_await asio::post(asio::use_awaitable);
          }
        });
    all.run();
    BOOST_TEST(woken.load() <= offered.load());
    BOOST_TEST(woken.load() > 0u);
    BOOST_TEST(condition.waiters() == 0u);
  }
}

BOOST_AUTO_TEST_CASE(result_shared_by_threads_reaches_all_readers)
{
  for (const shape form : shapes)
  {
    const std::size_t count = rounds(30);
    for (std::size_t i = 0; i < count; ++i)
    {
      worker_threads all(form);
      toro::async_result<std::string> result(all.object_context());
      std::atomic<std::size_t> readers = 0;
      const std::string text(40, 'x');
      all.add(worker_count,
              [&](worker& self) -> asio::awaitable<void>
              {
                for (;;)
                {
                  const auto got = co_await attempt<std::string>(
                      self, any_way(self),
                      [&](auto... how)
                      {
                        return result.async_get(how...);
                      });
                  if (!got)
                    continue;
                  expect(*got.value == text, "the reader got something else");
                  break;
                }
                ++readers;
              });
      all.add(
          [&](worker& self) -> asio::awaitable<void>
          {
            for (std::size_t hops = self.below(8); hops > 0; --hops)
              co_await asio::post(asio::use_awaitable);
            result.set(text);
          });
      all.run();
      BOOST_TEST(readers.load() == worker_count);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
