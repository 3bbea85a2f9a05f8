// SPDX-License-Identifier: BSL-1.0
#include <boost/test/unit_test.hpp>

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

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
