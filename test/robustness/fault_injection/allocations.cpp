// SPDX-License-Identifier: BSL-1.0
#include <toro/bind_name.hpp>
#include <toro/diagnostics.hpp>
#include <toro/event.hpp>
#include <toro/lock.hpp>
#include <toro/rw_lock.hpp>

#include <toro/detail/core/shutdown_service.hpp>

#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <new>
#include <sstream>
#include <string>

#include "robustness/fault_injection/blocks.hpp"

namespace {

// How many allocations succeed before one fails; negative: all do.
thread_local int allocations_left = -1;

// Whether one has failed.
thread_local bool has_failed = false;

} // namespace

void* operator new(std::size_t size)
{
  if (allocations_left == 0)
  {
    allocations_left = -1;
    has_failed = true;
    throw std::bad_alloc();
  }
  if (allocations_left > 0)
    --allocations_left;
  void* const memory = std::malloc(size);
  if (!memory)
    throw std::bad_alloc();
  ++toro_test::live_blocks;
  return memory;
}

void operator delete(void* memory) noexcept
{
  if (memory)
    --toro_test::live_blocks;
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept
{
  operator delete(memory);
}

namespace {

namespace asio = boost::asio;

// Runs a function as often as it has allocations, each time with the number of
// those that succeed, and once more. Returns how many there are.
int fail_each(const std::function<void(int)>& run)
{
  for (int n = 0;; ++n)
  {
    has_failed = false;
    run(n);
    if (!has_failed)
      return n;
  }
}

// Returns whether a function ends without an exception if only so many
// allocations succeed until one fails.
template <class Function>
bool succeeds(int allocations, Function function)
{
  bool result = true;
  allocations_left = allocations;
  try
  {
    function();
  }
  catch (const std::bad_alloc&)
  {
    result = false;
  }
  allocations_left = -1;
  return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(failures_allocations)

// Longer than what a string holds without memory of its own.
const std::string long_name = "a name that does not fit into a string itself";

// The first wait with a deadline makes the timer, and with it the service that
// ends the objects before the reactor.
BOOST_AUTO_TEST_CASE(a_timer_that_cannot_be_made_is_made_by_the_next_wait)
{
  int failed = 0;
  fail_each(
      [&](int allocations)
      {
        asio::io_context context;
        toro::event event(context);
        const auto wait = [&]
        {
          event.async_wait(std::chrono::hours(1),
                           [](boost::system::error_code) {});
        };
        if (!succeeds(allocations, wait))
        {
          ++failed;
          BOOST_TEST(event.waiters() == 0u);
          wait();
        }
        BOOST_TEST(event.waiters() == 1u);
        BOOST_TEST(
            asio::has_service<toro::detail::reactor_shutdown_service>(context));
      });
  BOOST_TEST(failed > 2);
}

BOOST_AUTO_TEST_CASE(a_wait_that_cannot_be_noted_waits_all_the_same)
{
  int unnoted = 0;
  const int count = fail_each(
      [&](int allocations)
      {
        asio::io_context context;
        toro::enable_diagnostics(context);
        toro::lock mutex(context);
        auto guard = mutex.try_acquire();
        bool called = false;
        auto named = toro::bind_name(
            std::string_view(long_name),
            [&](boost::system::error_code ec, const toro::guard& mine)
            {
              called = !ec && mine;
            });
        const bool begun = succeeds(allocations,
                                    [&]
                                    {
                                      mutex.async_acquire(named);
                                    });
        // The operation itself takes memory, too.
        BOOST_TEST(mutex.waiters() == (begun ? 1u : 0u));
        unnoted += begun && has_failed;
        guard.reset();
        context.run();
        BOOST_TEST(called == begun);
        BOOST_TEST(!mutex.locked());
      });
  BOOST_TEST(count > 2);
  BOOST_TEST(unnoted > 2);
}

BOOST_AUTO_TEST_CASE(a_hold_that_cannot_be_noted_is_held_all_the_same)
{
  const int count = fail_each(
      [](int allocations)
      {
        asio::io_context context;
        toro::enable_diagnostics(context);
        toro::lock mutex(context);
        toro::guard mine;
        mutex.async_acquire(
            toro::bind_name(std::string_view(long_name),
                            [&](boost::system::error_code, toro::guard g)
                            {
                              mine = std::move(g);
                            }));
        BOOST_TEST(succeeds(allocations,
                            [&]
                            {
                              context.run();
                            }));
        BOOST_TEST(static_cast<bool>(mine));
        mine.reset();
        BOOST_TEST(!mutex.locked());
      });
  BOOST_TEST(count > 2);
}

BOOST_AUTO_TEST_CASE(a_name_that_cannot_be_kept_changes_nothing)
{
  const int count = fail_each(
      [](int allocations)
      {
        asio::io_context context;
        toro::enable_diagnostics(context);
        toro::rw_lock table(context);
        auto guard = table.try_acquire_write();
        const bool named = succeeds(allocations,
                                    [&]
                                    {
                                      guard.set_name(long_name);
                                    });
        std::ostringstream out;
        table.dump(out);
        BOOST_TEST(named == (out.str().find(long_name) != std::string::npos));
        auto reading = std::move(guard).downgrade();
        BOOST_TEST(table.readers() == 1u);
      });
  BOOST_TEST(count > 2);
}

BOOST_AUTO_TEST_CASE(a_dump_that_fails_writes_nothing_and_holds_nothing)
{
  const int count = fail_each(
      [](int allocations)
      {
        asio::io_context context;
        toro::lock first(context);
        toro::lock second(context);
        first.set_name(long_name);
        std::ostringstream out;
        const bool written = succeeds(allocations,
                                      [&]
                                      {
                                        toro::dump(context, out);
                                      });
        if (!written)
          BOOST_TEST(out.str() == "");
      });
  BOOST_TEST(count > 2);
}

BOOST_AUTO_TEST_SUITE_END()
