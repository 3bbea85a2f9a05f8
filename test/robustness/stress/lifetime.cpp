// SPDX-License-Identifier: BSL-1.0
#include <boost/asio/bind_executor.hpp>
#include <boost/test/unit_test.hpp>

#include "fixture.hpp"

namespace toro_test {

namespace asio = boost::asio;

BOOST_AUTO_TEST_SUITE(lifetime)

// Each fixture moves, and dies in another thread than it was made in, while
// its completions and deadlines run in all of them.
BOOST_AUTO_TEST_CASE(primitive_that_goes_while_others_run_ends_every_wait)
{
  for (const shape form : shapes)
  {
    worker_threads all(form);
    handler_counts counts;
    const std::size_t count = rounds(60);
    all.add(4,
            [&](worker& self) -> asio::awaitable<void>
            {
              for (std::size_t i = 0; i < count; ++i)
              {
                auto made = std::make_unique<fixture>(all.object_context());
                made->start(self, counts,
                            [&]
                            {
                              return asio::make_strand(
                                  all.context(self.below(2)).get_executor());
                            });
                if (self.one_in(2))
                {
                  auto moved = std::make_unique<fixture>(std::move(*made));
                  made = std::move(moved);
                }
                if (self.one_in(4))
                  *made = fixture(all.object_context());
                made->grant();
                asio::post(all.context(self.below(2)),
                           [made = std::move(made)]
                           {
                             made->grant();
                           });
                co_await asio::post(asio::use_awaitable);
              }
            });
    all.run();
    BOOST_TEST(counts.called.load() == counts.made.load());
    BOOST_TEST(counts.destroyed.load() == counts.made.load());
  }
}

// The signals of operations that are over, or whose primitive is gone, do
// nothing.
BOOST_AUTO_TEST_CASE(signal_may_come_at_any_time)
{
  for (const shape form : shapes)
  {
    worker_threads all(form);
    handler_counts counts;
    const std::size_t count = rounds(200);
    all.add(4,
            [&](worker& self) -> asio::awaitable<void>
            {
              for (std::size_t i = 0; i < count; ++i)
              {
                auto queue =
                    std::make_unique<toro::queue<int>>(all.object_context());
                for (std::size_t k = 0; k < 3; ++k)
                {
                  auto signal = std::make_shared<asio::cancellation_signal>();
                  queue->async_get(
                      toro::deadline(self.moment()),
                      asio::bind_cancellation_slot(
                          signal->slot(),
                          asio::bind_executor(self.strand(),
                                              counted_handler(counts))));
                  self.emit_soon(signal);
                }
                static_cast<void>(queue->try_put(1));
                asio::post(all.context(self.below(2)),
                           [queue = std::move(queue)]
                           {
                             static_cast<void>(queue->try_put(2));
                           });
                co_await asio::post(asio::use_awaitable);
              }
            });
    all.run();
    BOOST_TEST(counts.called.load() == counts.made.load());
    BOOST_TEST(counts.destroyed.load() == counts.made.load());
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
