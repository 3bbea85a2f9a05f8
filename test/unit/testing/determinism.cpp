// SPDX-License-Identifier: BSL-1.0
//
// A program of many parts has one history for each seed, to the last handler:
// in every run, with every compiler, optimised or not, with sanitizers or
// without.
#include <toro/cancellation_source.hpp>
#include <toro/condition.hpp>
#include <toro/event.hpp>
#include <toro/first_of.hpp>
#include <toro/queue.hpp>
#include <toro/semaphore.hpp>
#include <toro/task_group.hpp>
#include <toro/testing/pipe.hpp>
#include <toro/testing/simulation.hpp>
#include <toro/testing/timer.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/version.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

BOOST_AUTO_TEST_SUITE(determinism)

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using boost::system::error_code;
using toro::testing::simulation;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

// A program, and the hash of its steps: what happened, when, and in which
// handler.
class program
{
public:
  explicit program(std::uint64_t seed)
    : context_(seed)
  {
  }

  std::uint64_t run()
  {
    for (int i = 0; i != 3; ++i)
    {
      start(context_.get_executor(), produce(i));
      start(asio::make_strand(context_.get_executor()), consume(i));
      start(context_.make_strand(), work(i));
      borrow(i);
      tasks_.async_spawn(
          [this, i]
          {
            return child(i);
          },
          2ms,
          [this, i](error_code ec)
          {
            note(200 + i, ec);
          });
    }
    start(context_.get_executor(), ask());
    start(context_.get_executor(), answer());
    start(context_.get_executor(), end());
    context_.run_to_completion();
    note(0);
    return hash_;
  }

private:
  void note(int what, error_code ec = {})
  {
    mix(static_cast<std::uint64_t>(what));
    mix(ec ? 1 : 0);
    mix(static_cast<std::uint64_t>((context_.now() - start_) / 1ns));
    mix(context_.handlers());
  }

  // FNV-1a, by words.
  void mix(std::uint64_t word)
  {
    hash_ = (hash_ ^ word) * 0x100000001b3U;
  }

  void start(const asio::any_io_executor& executor,
             asio::awaitable<void> coroutine)
  {
    asio::co_spawn(executor, std::move(coroutine),
                   [this](std::exception_ptr e)
                   {
                     if (e)
                       std::rethrow_exception(e);
                     note(1);
                   });
  }

  asio::awaitable<void> produce(int number)
  {
    toro::testing::timer timer(context_);
    for (int i = 0; i != 3; ++i)
    {
      const auto [ec] = co_await items_.async_put(i, 2ms, as_result);
      note(10 * number + i, ec);
      timer.expires_after(std::chrono::milliseconds(number));
      co_await timer.async_wait(asio::use_awaitable);
      changed_.notify_all();
    }
  }

  asio::awaitable<void> consume(int number)
  {
    toro::testing::timer timer(co_await asio::this_coro::executor);
    for (int i = 0; i != 4; ++i)
    {
      timer.expires_after(1ms);
      const auto [first, ec, item, timer_ec] = co_await toro::async_first_of(
          items_.async_get(asio::deferred), timer.async_wait(asio::deferred),
          asio::use_awaitable);
      note(100 + 10 * number + static_cast<int>(first), ec);
      note(item, timer_ec);
    }
  }

  asio::awaitable<void> work(int number)
  {
    const auto [ec] = co_await changed_.async_wait(
        3ms, toro::bind_cancellation(stop_, as_result));
    note(300 + number, ec);
    co_await asio::post(asio::use_awaitable);
    note(310 + number);
  }

  asio::awaitable<void> child(int number)
  {
    toro::testing::timer timer(context_, std::chrono::milliseconds(number + 1));
    const auto [ec] = co_await timer.async_wait(as_result);
    note(320 + number, ec);
  }

  void borrow(int number)
  {
    permits_.async_acquire(1ms,
                           [this, number](error_code ec, toro::permit permit)
                           {
                             note(330 + number, ec);
                             asio::post(context_,
                                        [this, number, held = std::move(permit)]
                                        {
                                          note(340 + number);
                                        });
                           });
  }

  asio::awaitable<void> ask()
  {
    auto [client, server] =
        toro::testing::pipe(context_, {.latency = 1ms, .fragment = 3});
    server_ = std::move(server);
    connected_.set();
    std::string line;
    co_await asio::async_write(client, asio::buffer("question\n", 9),
                               asio::use_awaitable);
    const std::size_t size = co_await asio::async_read_until(
        client, asio::dynamic_buffer(line), '\n', asio::use_awaitable);
    note(static_cast<int>(size));
  }

  asio::awaitable<void> answer()
  {
    co_await connected_.async_wait(asio::use_awaitable);
    std::string line;
    co_await asio::async_read_until(*server_, asio::dynamic_buffer(line), '\n',
                                    asio::use_awaitable);
    note(350);
    co_await asio::async_write(*server_, asio::buffer("answer\n", 7),
                               asio::use_awaitable);
  }

  asio::awaitable<void> end()
  {
    toro::testing::timer timer(context_, 2ms);
    co_await timer.async_wait(asio::use_awaitable);
    note(360 + static_cast<int>(stop_.cancel()));
    tasks_.close();
    co_await tasks_.async_join(asio::use_awaitable);
    note(370);
  }

  simulation context_;
  const simulation::time_point start_ = context_.now();
  std::uint64_t hash_ = 0xcbf29ce484222325U;
  toro::queue<int> items_{context_, 2};
  toro::semaphore permits_{context_, 1};
  toro::condition changed_{context_};
  toro::event connected_{context_};
  toro::cancellation_source stop_{context_};
  toro::task_group tasks_{context_, {.limit = 2}};
  std::optional<toro::testing::pipe_end> server_;
};

BOOST_AUTO_TEST_CASE(ten_thousand_runs_have_the_recorded_histories)
{
  std::uint64_t expected[] = {0x4c3750b62a1484ceU, 0x17b343a72738c3aaU,
                              0x99c43e7a2a94a61bU, 0xb881ecc6e788b053U,
                              0x9f7cadcbd93c3fbcU, 0x25f107adf5767fafU,
                              0x5b494f2135a7cbf2U, 0xe39e23c5ed2c0788U,
                              0x3c718064d817b2feU, 0x4acafd72b1fce67fU};
  for (std::uint64_t seed = 0; seed != std::size(expected); ++seed)
  {
    // Coroutines take another number of handlers in other versions of Asio.
    if (BOOST_ASIO_VERSION != 102600)
      expected[seed] = program(seed).run();
    for (int i = 0; i != 1000; ++i)
      BOOST_REQUIRE(program(seed).run() == expected[seed]);
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
