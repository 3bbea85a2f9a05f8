// SPDX-License-Identifier: BSL-1.0
#include <toro/event.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <barrier>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "fixture.hpp"

namespace toro_test {

namespace asio = boost::asio;

BOOST_AUTO_TEST_SUITE(context_end)

// The context of the primitives goes while what they granted runs elsewhere.
BOOST_AUTO_TEST_CASE(context_that_goes_while_deliveries_run_elsewhere)
{
  handler_counts counts;
  asio::io_context elsewhere;
  context_threads threads(elsewhere);
  worker self(elsewhere.get_executor(), 0);
  const std::size_t count = rounds(400);
  for (std::size_t i = 0; i < count; ++i)
  {
    auto context = std::make_unique<asio::io_context>();
    std::optional<fixture> made(*context);
    made->start(self, counts,
                [&]
                {
                  return asio::make_strand(elsewhere.get_executor());
                });
    std::thread runner;
    if (self.one_in(4))
    {
      runner = std::thread(
          [&]
          {
            context->run();
          });
    }
    made->grant();
    if (self.one_in(3))
      made.reset();
    if (runner.joinable())
    {
      context->stop();
      runner.join();
    }
    context.reset();
    if (made)
      made->grant();
  }
  threads.join();
  report_failures();
  BOOST_TEST(counts.called.load() <= counts.made.load());
  BOOST_TEST(counts.called.load() > 0u);
  BOOST_TEST(counts.destroyed.load() == counts.made.load());
}

// Asio makes services for the first timer of a context, here in both threads.
BOOST_AUTO_TEST_CASE(two_threads_set_the_first_timer_of_a_context)
{
  const std::size_t count = rounds(2000);
  std::atomic<std::size_t> called = 0;
  std::unique_ptr<asio::io_context> context;
  std::unique_ptr<toro::event> events[2];
  std::barrier both(3);
  const auto set_timers = [&](const std::unique_ptr<toro::event>& ev)
  {
    for (std::size_t i = 0; i < count; ++i)
    {
      both.arrive_and_wait();
      ev->async_wait(std::chrono::hours(1),
                     [&](error_code ec)
                     {
                       expect(!ec, "a wait was not granted");
                       ++called;
                     });
      both.arrive_and_wait();
    }
  };
  std::thread first(set_timers, std::cref(events[0]));
  std::thread second(set_timers, std::cref(events[1]));
  for (std::size_t i = 0; i < count; ++i)
  {
    context = std::make_unique<asio::io_context>();
    for (auto& ev : events)
      ev = std::make_unique<toro::event>(*context);
    both.arrive_and_wait();
    count_race();
    both.arrive_and_wait();
    for (auto& ev : events)
      ev->set();
    context->run();
  }
  first.join();
  second.join();
  report_failures();
  BOOST_TEST(called.load() == 2 * count);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
