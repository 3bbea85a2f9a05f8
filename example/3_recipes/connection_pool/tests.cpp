// SPDX-License-Identifier: BSL-1.0

// The tests of the pool: its time-outs, its failures and its races, in virtual
// time, over pipes in place of sockets.

#include <toro/testing/explore.hpp>
#include <toro/testing/pipe.hpp>
#include <toro/testing/simulation.hpp>
#include <toro/testing/timer.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

#include "connection_pool.hpp"

namespace {

namespace asio = boost::asio;
namespace testing = toro::testing;
using namespace std::chrono_literals;
using boost::system::error_code;
using boost::system::system_error;
using testing::simulation;

void rethrow(std::exception_ptr e)
{
  if (e)
    std::rethrow_exception(e);
}

// [backend]
// The server behind the pool. It answers each line, after some time, and closes
// a connection that is idle for a minute.
class backend
{
public:
  explicit backend(simulation& context)
    : context_(context)
  {
  }

  // Returns the other end of a new connection.
  testing::pipe_end connect()
  {
    auto [client, server] = testing::pipe(context_, network);
    asio::co_spawn(context_, serve(std::move(server)), rethrow);
    return std::move(client);
  }

  testing::pipe_options network;
  std::chrono::milliseconds delay = 1s;
  int answers_per_connection = 1000;

private:
  asio::awaitable<void> serve(testing::pipe_end stream)
  {
    using asio::experimental::awaitable_operators::operator||;
    std::string line;
    try
    {
      for (int i = 0; i != answers_per_connection; ++i)
      {
        line.clear();
        testing::timer timer(context_, 1min);
        const auto first =
            co_await (asio::async_read_until(stream, asio::dynamic_buffer(line),
                                             '\n', asio::use_awaitable) ||
                      timer.async_wait(asio::use_awaitable));
        if (first.index() == 1)
          co_return;
        timer.expires_after(delay);
        co_await timer.async_wait(asio::use_awaitable);
        co_await asio::async_write(stream, asio::buffer("yes\n", 4),
                                   asio::use_awaitable);
      }
    }
    catch (const system_error&)
    {
      // The connection has ended.
    }
  }

  simulation& context_;
};

// A connection to it, which the pool lends.
class connection
{
public:
  explicit connection(backend& server)
    : stream_(server.connect())
  {
  }

  asio::awaitable<void> ask(std::chrono::milliseconds limit)
  {
    using asio::experimental::awaitable_operators::operator||;
    is_alive_ = false;
    testing::timer timer(stream_.get_executor(), limit);
    const auto first = co_await (
        exchange() || timer.async_wait(asio::as_tuple(asio::use_awaitable)));
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
      throw system_error(asio::error::operation_aborted);
    if (first.index() == 1)
      throw system_error(asio::error::timed_out);
    if (const error_code ec = std::get<0>(first))
      throw system_error(ec);
    is_alive_ = true;
  }

  bool is_alive() const
  {
    return is_alive_;
  }

private:
  asio::awaitable<error_code> exchange()
  {
    constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
    auto [ec, size] =
        co_await asio::async_write(stream_, asio::buffer("?\n", 2), as_result);
    std::string line;
    if (!ec)
      std::tie(ec, size) = co_await asio::async_read_until(
          stream_, asio::dynamic_buffer(line), '\n', as_result);
    co_return ec;
  }

  testing::pipe_end stream_;
  bool is_alive_ = true;
};
// [backend]

using pool_type = recipes::connection_pool<connection>;

// A pool, and what became of those who used it.
class office
{
public:
  office(simulation& its_context, std::size_t size)
    : context(its_context),
      server(its_context),
      pool(std::make_shared<pool_type>(its_context.get_executor(), size,
                                       [this]
                                       {
                                         return make();
                                       }))
  {
  }

  // Starts a customer, who asks the backend by a connection of the pool.
  template <class Token>
  void start(toro::deadline limit, Token&& token)
  {
    asio::co_spawn(context, serve(limit), std::forward<Token>(token));
  }

  void start(toro::deadline limit = {})
  {
    start(limit, rethrow);
  }

  asio::awaitable<void> serve(toro::deadline limit)
  {
    bool has_connection = false;
    try
    {
      auto mine = co_await pool->check_out("customer", limit);
      has_connection = true;
      ++inside;
      most_inside = std::max(most_inside, inside);
      co_await mine->ask(patience);
      ++served;
    }
    catch (const system_error& e)
    {
      refused += !has_connection && e.code() == asio::error::timed_out;
      late += has_connection && e.code() == asio::error::timed_out;
      broken += has_connection && e.code() != asio::error::timed_out;
      cancelled += e.code() == asio::error::operation_aborted;
    }
    inside -= has_connection;
  }

  void start_health_checks()
  {
    pool->start_health_checks(
        [this](connection& idle) -> asio::awaitable<bool>
        {
          ++checks;
          co_await idle.ask(patience);
          co_return true;
        },
        10s);
  }

  simulation& context;
  backend server;
  std::shared_ptr<pool_type> pool;
  std::chrono::milliseconds patience = 5s;
  int made = 0, unmade = 0, checks = 0;
  int served = 0, refused = 0, late = 0, broken = 0, cancelled = 0;
  int inside = 0, most_inside = 0;

private:
  std::unique_ptr<connection> make()
  {
    if (unmade != 0 && unmade-- != 0)
      throw system_error(asio::error::no_descriptors);
    ++made;
    return std::make_unique<connection>(server);
  }
};

BOOST_AUTO_TEST_SUITE(recipe_connection_pool)

// [timeout]
BOOST_AUTO_TEST_CASE(who_gets_no_connection_in_time_is_refused)
{
  simulation context;
  office bank(context, 1);
  bank.start();
  bank.start(300ms);
  context.run_for(299ms);
  BOOST_TEST(bank.refused == 0);
  context.run_for(1ms);
  BOOST_TEST(bank.refused == 1);
  // Who can wait gets the connection.
  bank.start(701ms);
  context.run_to_completion();
  BOOST_TEST(bank.served == 2);
  BOOST_TEST(bank.made == 1);
}
// [timeout]

BOOST_AUTO_TEST_CASE(an_answer_that_comes_too_late_ends_its_connection)
{
  simulation context;
  office bank(context, 1);
  bank.server.delay = 6s;
  bank.start();
  context.run_for(5s);
  BOOST_TEST(bank.late == 1);
  // Else the next customer would get the answer to another question.
  bank.server.delay = 1s;
  bank.start();
  context.run_for(1s);
  BOOST_TEST(bank.served == 1);
  BOOST_TEST(bank.made == 2);
  context.run_to_completion();
}

BOOST_AUTO_TEST_CASE(a_connection_breaks_at_each_byte_and_leaves_the_pool)
{
  // Two bytes are asked, four are answered, and again.
  for (std::size_t byte = 0; byte != 8; ++byte)
  {
    simulation context;
    office bank(context, 1);
    bank.server.network = {.latency = 5ms, .fail_after = byte};
    for (int i = 0; i != 3; ++i)
      bank.start();
    context.run_for(20s);
    bank.server.network = {};
    for (int i = 0; i != 3; ++i)
      bank.start();
    context.run_to_completion();
    BOOST_TEST(bank.broken > 0);
    BOOST_TEST(bank.served + bank.broken == 6);
    BOOST_TEST(bank.served >= 3);
    BOOST_TEST(bank.most_inside == 1);
  }
}

BOOST_AUTO_TEST_CASE(a_connection_that_cannot_be_made_takes_no_place)
{
  simulation context;
  office bank(context, 1);
  bank.unmade = 1;
  bank.start();
  bank.start();
  context.run_to_completion();
  BOOST_TEST(bank.served == 1);
}

BOOST_AUTO_TEST_CASE(health_checks_find_a_connection_that_has_ended)
{
  simulation context;
  office bank(context, 2);
  bank.server.answers_per_connection = 2;
  bank.start_health_checks();
  bank.start();
  context.run_for(9s);
  BOOST_TEST(bank.checks == 0);
  context.run_for(2s);
  BOOST_TEST(bank.checks > 0);
  context.run_for(20s);
  // It was dropped, and no customer has noticed.
  bank.start();
  context.run_for(2s);
  BOOST_TEST(bank.served == 2);
  BOOST_TEST(bank.made == 2);
  bank.pool->close();
  context.run_to_completion();
}

// [races]
BOOST_AUTO_TEST_CASE(there_are_no_more_connections_than_places_in_any_order)
{
  const auto done = testing::explore_all(
      [](simulation& context)
      {
        office bank(context, 2);
        for (int i = 0; i != 3; ++i)
          asio::post(context,
                     [&]
                     {
                       bank.start();
                     });
        context.run();
        return bank.served == 3 && bank.made == 2 && bank.most_inside == 2;
      },
      {.handlers = 5, .allow_incomplete = true});
  BOOST_TEST(done.schedules > 100u);
}

BOOST_AUTO_TEST_CASE(a_deadline_at_the_instant_of_the_return_ends_either_way)
{
  int served = 0, refused = 0;
  testing::explore(
      [&](simulation& context)
      {
        office bank(context, 1);
        bank.start();
        bank.start(1s);
        context.run_for(10s);
        served += bank.served;
        refused += bank.refused;
        // Whichever was first, the connection is in the pool again.
        bank.start();
        context.run();
        return bank.served + bank.refused == 3 && bank.made == 1;
      });
  BOOST_TEST(served > 256);
  BOOST_TEST(refused > 0);
}
// [races]

BOOST_AUTO_TEST_CASE(a_cancellation_at_that_instant_loses_nothing)
{
  int served = 0, cancelled = 0;
  testing::explore(
      [&](simulation& context)
      {
        office bank(context, 1);
        asio::cancellation_signal signal;
        bank.start();
        bank.start({}, asio::bind_cancellation_slot(signal.slot(), rethrow));
        testing::timer timer(context, 1s);
        timer.async_wait(
            [&](error_code)
            {
              signal.emit(asio::cancellation_type::terminal);
            });
        context.run_for(10s);
        served += bank.served;
        cancelled += bank.cancelled;
        bank.start();
        context.run();
        return bank.served + bank.cancelled == 3;
      });
  BOOST_TEST(served > 256);
  BOOST_TEST(cancelled > 0);
}

BOOST_AUTO_TEST_CASE(close_ends_the_health_checks_at_any_time)
{
  for (const auto when : {0ms, 9'999ms, 10'000ms, 10'500ms, 11'000ms, 20'000ms})
  {
    const auto seeds = testing::explore(64,
                                        [&](simulation& context)
                                        {
                                          office bank(context, 2);
                                          bank.start_health_checks();
                                          bank.start();
                                          testing::timer timer(context, when);
                                          timer.async_wait(
                                              [&](error_code)
                                              {
                                                bank.pool->close();
                                              });
                                          context.run();
                                          return bank.served == 1;
                                        });
    BOOST_TEST(seeds == 64u);
  }
}

// [stuck]
BOOST_AUTO_TEST_CASE(a_lease_that_is_never_given_back_is_seen)
{
  simulation context;
  office bank(context, 1);
  std::unique_ptr<pool_type::lease> forgotten;
  asio::co_spawn(
      context,
      [&]() -> asio::awaitable<void>
      {
        auto mine =
            co_await bank.pool->check_out("forgotten", toro::deadline());
        forgotten = std::make_unique<pool_type::lease>(std::move(mine));
      },
      rethrow);
  context.run();
  bank.start();
  context.run();
  BOOST_TEST(context.stuck());
  std::ostringstream out;
  context.dump(out);
  BOOST_TEST(out.str().find("held by \"forgotten\"") != std::string::npos);
}
// [stuck]

BOOST_AUTO_TEST_SUITE_END()

} // namespace
