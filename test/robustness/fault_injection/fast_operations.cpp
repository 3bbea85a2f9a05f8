// SPDX-License-Identifier: BSL-1.0
// Operations that complete immediately have no memory of their own if their
// handlers have the default allocator. They leave none behind if they fail, or
// have to wait after all.
#include <toro/lock.hpp>
#include <toro/priority_queue.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <functional>

#include "robustness/fault_injection/blocks.hpp"
#include "robustness/fault_injection/item.hpp"
#include "support/case_template.hpp"
#include "support/faults.hpp"
#include "support/world.hpp"

namespace toro_test {

BOOST_AUTO_TEST_SUITE(failures_of_fast_operations)

namespace {

namespace asio = boost::asio;

constexpr auto ignore = [](auto&&...) noexcept {};

} // namespace

TORO_TEST_CASE_TEMPLATE(comparison_that_throws_leaves_no_block, Threading,
                        policies)
{
  const std::size_t before = live_blocks;
  {
    asio::io_context context;
    toro::basic_priority_queue<item, std::less<item>, any_executor, Threading>
        queue(context);
    queue.async_put(item(1), ignore);
    context.run();
    for (int n = 0; n != 3; ++n)
    {
      faults.plan(failing::comparison, 1);
      BOOST_CHECK_THROW(queue.async_put(item(2), ignore), injected);
      faults.spare_all();
    }
    BOOST_TEST(queue.size() == 1u);
  }
  BOOST_TEST(live_blocks == before);
}

TORO_TEST_CASE_TEMPLATE(wait_after_none_leaves_no_block, Threading, policies)
{
  const std::size_t before = live_blocks;
  {
    asio::io_context context;
    toro::basic_lock<any_executor, Threading> mutex(context);
    for (int n = 0; n != 3; ++n)
    {
      mutex.async_acquire(ignore);
      context.run();
      context.restart();
      auto held = mutex.try_acquire();
      mutex.async_acquire(ignore);
      BOOST_TEST(mutex.waiters() == 1u);
      held.reset();
      context.run();
      context.restart();
    }
    BOOST_TEST(!mutex.locked());
  }
  BOOST_TEST(live_blocks == before);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
