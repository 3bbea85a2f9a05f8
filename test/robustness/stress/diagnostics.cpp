// SPDX-License-Identifier: BSL-1.0
#include <toro/bind_name.hpp>
#include <toro/diagnostics.hpp>

#include <boost/asio/execution/context.hpp>
#include <boost/asio/query.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <memory>
#include <sstream>
#include <thread>

#include "fixture.hpp"

namespace toro_test {

namespace asio = boost::asio;

BOOST_AUTO_TEST_SUITE(diagnostics)

// Everybody dumps while others begin, wait, hold and go, and while diagnostics
// are turned on and off.
BOOST_AUTO_TEST_CASE(a_dump_sees_whole_objects_whatever_happens_to_them)
{
  for (const shape form : shapes)
  {
    worker_threads all(form);
    toro::lock mutex(all.object_context());
    mutex.set_name("shared");
    handler_counts counts;
    const std::size_t count = rounds(60);
    const auto body = [&](worker& self) -> asio::awaitable<void>
    {
      for (std::size_t i = 0; i < count; ++i)
      {
        toro::enable_diagnostics(all.object_context(), !self.one_in(4));
        auto made = std::make_unique<fixture>(all.object_context());
        made->start(self, counts,
                    [&]
                    {
                      return asio::make_strand(
                          all.context(self.below(2)).get_executor());
                    });
        auto held = co_await attempt<toro::guard>(
            self, any_way(self),
            [&](auto&&... args)
            {
              return mutex.async_acquire(std::forward<decltype(args)>(args)...);
            });
        if (held)
          held.value->set_name("worker " + std::to_string(self.number()));
        std::ostringstream out;
        toro::dump(all.object_context(), out);
        expect(out.str().find("\"shared\"") != std::string::npos,
               "the dump has the lock");
        asio::post(all.context(self.below(2)),
                   [made = std::move(made), held = std::move(held)]
                   {
                     made->grant();
                   });
        auto named = co_await mutex.async_acquire(
            toro::bind_name(std::to_string(i), asio::use_awaitable));
        co_await asio::post(asio::use_awaitable);
      }
    };
    all.add(4, body);
    all.run();
    BOOST_TEST(counts.called.load() == counts.made.load());
    BOOST_TEST(counts.destroyed.load() == counts.made.load());
  }
}

// The clock goes with the context.
BOOST_AUTO_TEST_CASE(a_guard_may_be_named_while_its_context_ends)
{
  const std::size_t count = rounds(100);
  for (std::size_t i = 0; i < count; ++i)
  {
    auto context = std::make_unique<asio::io_context>();
    toro::enable_diagnostics(*context);
    toro::lock mutex(*context);
    toro::lock other(*context);
    std::atomic<bool> started = false;
    std::thread namer(
        [&, held = mutex.try_acquire(), more = other.try_acquire()]() mutable
        {
          held.set_name("first");
          started = true;
          more.set_name("second");
          held.set_name("third");
        });
    while (!started)
      std::this_thread::yield();
    context.reset();
    namer.join();
  }
}

// A dump asks objects that may be ending in their strand where they are.
BOOST_AUTO_TEST_CASE(an_object_of_a_strand_may_go_during_a_dump)
{
  for (const shape form : shapes)
  {
    worker_threads all(form);
    const std::size_t count = rounds(300);
    all.add(
        4,
        [&](worker& self) -> asio::awaitable<void>
        {
          for (std::size_t i = 0; i < count; ++i)
          {
            toro::basic_lock<asio::any_io_executor, toro::strand_bound> mutex(
                self.strand());
            mutex.set_name("mine");
            auto guard = co_await mutex.async_acquire(
                toro::bind_name("me", asio::use_awaitable));
            std::ostringstream out;
            toro::dump(asio::query(self.strand(), asio::execution::context),
                       out);
            expect(out.str().find("\"mine\"") != std::string::npos,
                   "the dump has the worker's own lock");
          }
        });
    all.run();
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
