// SPDX-License-Identifier: BSL-1.0
#include <toro/semaphore.hpp>
#include <toro/testing/for_each_failure.hpp>

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>

#include <new>
#include <string>

namespace {

namespace asio = boost::asio;
using toro::testing::exploration_failed;
using toro::testing::exploration_incomplete;
using toro::testing::for_each_failure;
using toro::testing::injected_failure;
using toro::testing::simulation;

BOOST_AUTO_TEST_SUITE(injected_failures)

BOOST_AUTO_TEST_CASE(each_call_fails_once)
{
  int completed = 0, runs = 0;
  const std::size_t calls = for_each_failure(
      [&](simulation& context)
      {
        ++runs;
        asio::post(context, [] {});
        (void)context.get_allocator();
        asio::post(context.make_strand(), [] {});
        context.run();
        ++completed;
      });
  BOOST_TEST(calls == 2u);
  BOOST_TEST(runs == 3);
  BOOST_TEST(completed == 1);
}

BOOST_AUTO_TEST_CASE(a_permit_is_not_lost_by_a_failure)
{
  const std::size_t calls = for_each_failure(
      [](simulation& context)
      {
        toro::semaphore semaphore(context, 1);
        const auto acquire = [&]
        {
          semaphore.async_acquire(
              asio::bind_allocator(context.get_allocator(), asio::detached));
        };
        for (int i = 0; i != 3; ++i)
        {
          try
          {
            acquire();
          }
          catch (const injected_failure&)
          {
          }
        }
        context.run();
        // A completion that was refused is submitted by the next call.
        semaphore.release(0);
        context.run();
        return semaphore.value() == 1 && semaphore.waiters() == 0;
      });
  BOOST_TEST(calls >= 4u);
}

BOOST_AUTO_TEST_CASE(a_fault_is_found_and_replayed)
{
  const auto test = [](simulation& context)
  {
    int open = 0;
    try
    {
      ++open;
      asio::post(context,
                 [&]
                 {
                   --open;
                 });
    }
    catch (const std::bad_alloc&)
    {
    }
    context.run();
    return open == 0;
  };
  BOOST_CHECK_EXCEPTION(for_each_failure(test), exploration_failed,
                        [](const exploration_failed& e)
                        {
                          return e.replay() ==
                                 "toro::testing::simulation simulation; "
                                 "simulation.fail_call(1);";
                        });
}

BOOST_AUTO_TEST_CASE(another_exception_is_a_failure)
{
  BOOST_CHECK_THROW(for_each_failure(
                        [](simulation&)
                        {
                          throw std::bad_alloc();
                        }),
                    exploration_failed);
}

BOOST_AUTO_TEST_CASE(a_bound_is_reported)
{
  BOOST_CHECK_THROW(for_each_failure(
                        [](simulation& context)
                        {
                          for (int i = 0; i != 10; ++i)
                            asio::post(context, [] {});
                          context.run();
                        },
                        {.calls = 5}),
                    exploration_incomplete);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
