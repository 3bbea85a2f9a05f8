// SPDX-License-Identifier: BSL-1.0
#include <toro/event.hpp>

#include <boost/asio/bind_executor.hpp>
#include <boost/test/unit_test.hpp>

#include <thread>

#include "worker_threads.hpp"

namespace toro_test {

BOOST_AUTO_TEST_SUITE(broadcasts)

namespace {

namespace asio = boost::asio;

constexpr int waits_per_round = 100;

// Two threads run the context of an event, and two set and clear it all the
// time, of which one cancels as well.
class setting_threads
{
public:
  setting_threads(asio::io_context& context, toro::event& event)
    : runners_(context)
  {
    for (const bool cancels : {true, false})
    {
      setters_.emplace_back(
          [this, &event, cancels]
          {
            while (!over_)
            {
              event.set();
              event.clear();
              if (cancels)
                event.cancel();
              std::this_thread::yield();
            }
          });
    }
  }

  void join()
  {
    over_ = true;
    for (std::thread& t : setters_)
      t.join();
    runners_.join();
  }

private:
  context_threads runners_;
  std::atomic<bool> over_ = false;
  std::vector<std::thread> setters_;
};

} // namespace

// An event on a strand delivers in turns what was set or cancelled in any
// thread, each once, and nothing in two threads at once.
BOOST_AUTO_TEST_CASE(broadcasts_on_a_strand_lose_nobody)
{
  const std::size_t count = rounds(100);
  asio::io_context context(4);
  asio::any_io_executor object_executor = asio::make_strand(context);
  toro::event event(object_executor);
  // Not atomic: the strand guards it.
  std::size_t ended = 0;
  std::atomic<std::size_t> begun = 0;
  setting_threads threads(context, event);
  for (std::size_t i = 0; i < count; ++i)
  {
    for (int k = 0; k < waits_per_round; ++k)
    {
      ++begun;
      event.async_wait(
          [&](error_code)
          {
            ++ended;
            count_race();
          });
    }
  }
  while (event.waiters() != 0)
    std::this_thread::yield();
  threads.join();
  BOOST_TEST(ended == begun);
}

// What does not share a delivery is collected piece by piece, while others set,
// cancel, wait, and pass deadlines.
BOOST_AUTO_TEST_CASE(broadcasts_in_pieces_lose_nobody)
{
  const std::size_t count = rounds(20);
  asio::io_context context(4);
  asio::any_io_executor strand = asio::make_strand(context);
  asio::any_io_executor elsewhere = asio::make_strand(context);
  for (const asio::any_io_executor& object_executor :
       {asio::any_io_executor(context.get_executor()), strand})
  {
    toro::event event(object_executor);
    std::atomic<std::size_t> ended = 0;
    std::atomic<std::size_t> begun = 0;
    context.restart();
    setting_threads threads(context, event);
    const auto count_end = [&](error_code)
    {
      ++ended;
      count_race();
    };
    // One in four waits once more, which may be behind others of a broadcast.
    const auto wait_again = [&](error_code ec)
    {
      if (!ec)
      {
        ++begun;
        event.async_wait(count_end);
      }
      count_end(ec);
    };
    for (std::size_t i = 0; i < count; ++i)
    {
      for (int k = 0; k < waits_per_round; ++k)
      {
        begun += 4;
        event.async_wait(std::chrono::hours(1), count_end);
        event.async_wait(std::chrono::microseconds(k), count_end);
        event.async_wait(asio::bind_executor(elsewhere, count_end));
        event.async_wait(wait_again);
      }
    }
    while (ended != begun)
    {
      event.cancel();
      std::this_thread::yield();
    }
    threads.join();
    BOOST_TEST(ended == begun);
    BOOST_TEST(event.waiters() == 0u);
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
