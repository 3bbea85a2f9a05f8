// SPDX-License-Identifier: BSL-1.0
#include <toro/condition.hpp>

#include <boost/test/unit_test.hpp>

#include "worker_threads.hpp"

namespace toro_test {

BOOST_AUTO_TEST_SUITE(predicates)

namespace asio = boost::asio;

// Who waits for a level that was announced is told, even where the predicate
// is being called in the very moment of the notification.
BOOST_AUTO_TEST_CASE(predicate_that_becomes_true_ends_the_wait_in_any_thread)
{
  for (const shape form : shapes)
  {
    worker_threads all(form);
    toro::condition condition(all.object_context());
    std::atomic<std::size_t> level = 0;
    std::atomic<std::size_t> reached[worker_count] = {};
    const std::size_t count = rounds(200);
    all.add(worker_count,
            [&](worker& self) -> asio::awaitable<void>
            {
              for (std::size_t i = 1; i <= count; ++i)
              {
                for (;;)
                {
                  const auto got =
                      co_await attempt<no_value>(self, any_way(self),
                                                 [&](auto... how)
                                                 {
                                                   return condition.async_wait(
                                                       [&level, i]
                                                       {
                                                         return level >= i;
                                                       },
                                                       how...);
                                                 });
                  if (!got)
                    continue;
                  expect(level >= i, "the predicate does not hold");
                  break;
                }
                reached[self.number()] = i;
              }
            });
    all.add(
        [&](worker&) -> asio::awaitable<void>
        {
          for (std::size_t i = 1; i <= count; ++i)
          {
            level = i;
            condition.notify_all();
            // The next level comes once all have reached this one: nobody
            // else would wake one who was forgotten.
            for (const auto& one : reached)
            {
              while (one < i)
                co_await asio::post(asio::use_awaitable);
            }
          }
        });
    all.run();
    BOOST_TEST(condition.waiters() == 0u);
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
