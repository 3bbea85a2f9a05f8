// SPDX-License-Identifier: BSL-1.0
#include <toro/event.hpp>
#include <toro/testing/manual_clock.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using boost::system::error_code;
using toro::testing::manual_clock;

BOOST_AUTO_TEST_SUITE(manual_clocks)

BOOST_AUTO_TEST_CASE(deadlines_pass_when_the_clock_is_moved)
{
  asio::io_context context;
  manual_clock clock(context);
  const auto start = clock.now();
  toro::event early(context), late(asio::make_strand(context));
  std::string notes;
  late.async_wait(2h,
                  [&](error_code)
                  {
                    notes += 'b';
                  });
  early.async_wait(1h,
                   [&](error_code)
                   {
                     notes += 'a';
                   });
  context.poll();
  BOOST_TEST(notes == "");
  clock.advance(30min);
  context.poll();
  BOOST_TEST(notes == "");
  clock.advance(30min);
  context.poll();
  BOOST_TEST(notes == "a");
  clock.advance(start + 2h);
  context.run();
  BOOST_TEST(notes == "ab");
  BOOST_TEST((clock.now() - start == 2h));
}

BOOST_AUTO_TEST_CASE(a_wait_is_work_until_its_deadline)
{
  asio::io_context context;
  manual_clock clock(context);
  toro::event done(context);
  error_code result;
  done.async_wait(1h,
                  [&](error_code ec)
                  {
                    result = ec;
                  });
  std::thread runs(
      [&]
      {
        context.run();
      });
  clock.advance(1h);
  runs.join();
  BOOST_TEST(result == asio::error::timed_out);
}

BOOST_AUTO_TEST_CASE(a_wait_that_ends_early_leaves_no_alarm)
{
  asio::io_context context;
  manual_clock clock(context);
  toro::event done(context);
  error_code result = asio::error::timed_out;
  done.async_wait(1h,
                  [&](error_code ec)
                  {
                    result = ec;
                  });
  done.set();
  context.run();
  BOOST_TEST(!result);
  clock.advance(2h);
  context.restart();
  BOOST_TEST(context.run() == 0u);
}

BOOST_AUTO_TEST_CASE(clock_and_context_end_in_any_order)
{
  const auto token = std::make_shared<int>();
  auto context = std::make_unique<asio::io_context>();
  std::optional<manual_clock> clock(std::in_place, *context);
  toro::event done(*context);
  done.async_wait(1h, [token](error_code) {});
  clock.reset();
  done.async_wait(1h, [token](error_code) {});
  context.reset();
  BOOST_TEST(token.use_count() == 1);

  context = std::make_unique<asio::io_context>();
  clock.emplace(*context);
  context.reset();
  clock->advance(1h);
}

BOOST_AUTO_TEST_CASE(a_context_with_primitives_has_a_clock_already)
{
  asio::io_context context;
  toro::event event(context);
  BOOST_CHECK_THROW(manual_clock{context}, asio::service_already_exists);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
