// SPDX-License-Identifier: BSL-1.0
#include <toro/testing/pipe.hpp>
#include <toro/testing/simulation.hpp>
#include <toro/testing/timer.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/unit_test.hpp>

#if defined(TORO_TEST_BEAST)
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#endif

#include <chrono>
#include <cstddef>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/throwing_executor.hpp"

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using boost::system::error_code;
using toro::testing::pipe_end;
using toro::testing::simulation;

// A handler that keeps what it was called with.
struct result
{
  auto handler()
  {
    return [this](error_code error, std::size_t n)
    {
      ++calls;
      ec = error;
      count = n;
    };
  }

  int calls = 0;
  error_code ec;
  std::size_t count = 0;
};

void rethrow(std::exception_ptr e)
{
  if (e)
    std::rethrow_exception(e);
}

BOOST_AUTO_TEST_SUITE(pipes)

BOOST_AUTO_TEST_CASE(bytes_get_from_one_end_to_the_other)
{
  simulation context;
  auto [first, second] = toro::testing::pipe(context);
  std::string got(5, ' '), back(3, ' ');
  result write, read, answer, answered;
  asio::async_read(second, asio::buffer(got), read.handler());
  asio::async_write(first, asio::buffer("hello", 5), write.handler());
  asio::async_write(second, asio::buffer("abc", 3), answer.handler());
  asio::async_read(first, asio::buffer(back), answered.handler());
  context.run_to_completion();
  BOOST_TEST(got == "hello");
  BOOST_TEST(back == "abc");
  BOOST_TEST(write.count == 5u);
  BOOST_TEST(read.count == 5u);
  BOOST_TEST(answer.calls == 1);
  BOOST_TEST(answered.calls == 1);
}

BOOST_AUTO_TEST_CASE(no_handler_runs_inside_the_call)
{
  simulation context;
  auto [first, second] = toro::testing::pipe(context);
  result write, read;
  char byte;
  first.async_write_some(asio::buffer("a", 1), write.handler());
  BOOST_TEST(write.calls == 0);
  context.run();
  second.async_read_some(asio::buffer(&byte, 1), read.handler());
  BOOST_TEST(read.calls == 0);
  context.run();
  BOOST_TEST(read.calls == 1);
}

BOOST_AUTO_TEST_CASE(bytes_take_their_time)
{
  simulation context;
  const auto start = context.now();
  auto [first, second] = toro::testing::pipe(context, {.latency = 20ms});
  std::string got(2, ' ');
  result write, read;
  asio::async_read(second, asio::buffer(got), read.handler());
  first.async_write_some(asio::buffer("a", 1), write.handler());
  context.run_for(10ms);
  BOOST_TEST(write.calls == 1);
  first.async_write_some(asio::buffer("b", 1), write.handler());
  context.run_for(15ms);
  BOOST_TEST(read.calls == 0);
  context.run();
  BOOST_TEST(read.count == 2u);
  BOOST_TEST(got == "ab");
  BOOST_TEST((context.now() - start == 30ms));
}

BOOST_AUTO_TEST_CASE(streams_are_fragmented)
{
  simulation context;
  auto [first, second] = toro::testing::pipe(context, {.fragment = 3});
  std::string got(64, ' ');
  result write, read;
  first.async_write_some(asio::buffer("hello", 5), write.handler());
  context.run();
  BOOST_TEST(write.count == 3u);
  first.async_write_some(asio::buffer("lo", 2), write.handler());
  second.async_read_some(asio::buffer(got), read.handler());
  context.run();
  BOOST_TEST(read.count == 3u);
  second.async_read_some(asio::buffer(got), read.handler());
  context.run();
  BOOST_TEST(read.count == 2u);
  BOOST_TEST(got.substr(0, 3) == "lol");
}

BOOST_AUTO_TEST_CASE(a_full_pipe_makes_writes_wait)
{
  simulation context;
  auto [first, second] = toro::testing::pipe(context, {.capacity = 4});
  std::string got(10, ' ');
  result write, read;
  asio::async_write(first, asio::buffer("0123456789", 10), write.handler());
  context.run();
  BOOST_TEST(write.calls == 0);
  BOOST_TEST(context.stuck());
  std::ostringstream out;
  context.dump(out);
  BOOST_TEST(out.str() == "pipe: async_write_some for 0.000 s\n");
  asio::async_read(second, asio::buffer(got), read.handler());
  context.run_to_completion();
  BOOST_TEST(write.count == 10u);
  BOOST_TEST(got == "0123456789");
}

BOOST_AUTO_TEST_CASE(a_connection_fails_at_a_byte)
{
  simulation context;
  auto [first, second] = toro::testing::pipe(context, {.fail_after = 7});
  std::string got(10, ' ');
  result write, read;
  asio::async_write(first, asio::buffer("0123456789", 10), write.handler());
  asio::async_read(second, asio::buffer(got), read.handler());
  context.run_to_completion();
  BOOST_TEST(write.ec == asio::error::connection_reset);
  BOOST_TEST(write.count == 7u);
  BOOST_TEST(read.ec == asio::error::connection_reset);
  BOOST_TEST(got == "0123456   ");
}

BOOST_AUTO_TEST_CASE(directions_may_differ)
{
  simulation context;
  auto [first, second] =
      toro::testing::pipe(context.get_executor(), {.fragment = 1},
                          {.fail_after = 0, .error = asio::error::timed_out});
  result there, back;
  first.async_write_some(asio::buffer("abc", 3), there.handler());
  second.async_write_some(asio::buffer("abc", 3), back.handler());
  context.run();
  BOOST_TEST(there.count == 1u);
  BOOST_TEST(back.ec == asio::error::timed_out);
}

BOOST_AUTO_TEST_CASE(the_other_end_is_gone)
{
  simulation context;
  auto [first, second] = toro::testing::pipe(context, {.latency = 1s});
  std::string got(10, ' ');
  result write, read, late;
  first.async_write_some(asio::buffer("abc", 3), write.handler());
  context.poll();
  {
    const pipe_end gone = std::move(first);
  }
  asio::async_read(second, asio::buffer(got), read.handler());
  second.async_write_some(asio::buffer("x", 1), late.handler());
  context.run_to_completion();
  BOOST_TEST(read.ec == asio::error::eof);
  BOOST_TEST(read.count == 3u);
  BOOST_TEST(late.ec == asio::error::broken_pipe);
}

BOOST_AUTO_TEST_CASE(a_write_that_waits_ends_with_the_other_end)
{
  simulation context;
  auto [first, second] = toro::testing::pipe(context, {.capacity = 1});
  result write;
  asio::async_write(first, asio::buffer("abc", 3), write.handler());
  context.run();
  second.close();
  context.run_to_completion();
  BOOST_TEST(write.ec == asio::error::broken_pipe);
  BOOST_TEST(write.count == 1u);
}

BOOST_AUTO_TEST_CASE(a_closed_end_cancels_its_operations)
{
  simulation context;
  auto [first, second] = toro::testing::pipe(context);
  char byte;
  result read, after, written;
  first.async_read_some(asio::buffer(&byte, 1), read.handler());
  context.poll();
  BOOST_TEST(first.is_open());
  first.close();
  first.close();
  BOOST_TEST(!first.is_open());
  BOOST_TEST(second.is_open());
  context.poll();
  BOOST_TEST(read.ec == asio::error::operation_aborted);
  first.async_read_some(asio::buffer(&byte, 1), after.handler());
  first.async_write_some(asio::buffer("a", 1), written.handler());
  context.run_to_completion();
  BOOST_TEST(after.ec == asio::error::bad_descriptor);
  BOOST_TEST(written.ec == asio::error::bad_descriptor);
}

BOOST_AUTO_TEST_CASE(a_closed_end_cancels_a_write_that_waits)
{
  simulation context;
  auto [first, second] = toro::testing::pipe(context, {.capacity = 1});
  result full, waiting;
  first.async_write_some(asio::buffer("a", 1), full.handler());
  context.run();
  first.async_write_some(asio::buffer("b", 1), waiting.handler());
  first.close();
  context.run_to_completion();
  BOOST_TEST(waiting.ec == asio::error::operation_aborted);
}

BOOST_AUTO_TEST_CASE(a_shut_down_end_still_reads)
{
  simulation context;
  auto [first, second] = toro::testing::pipe(context);
  std::string got(1, ' '), back(1, ' ');
  result read, answer, answered;
  first.shutdown();
  asio::async_read(second, asio::buffer(got), read.handler());
  asio::async_write(second, asio::buffer("y", 1), answer.handler());
  asio::async_read(first, asio::buffer(back), answered.handler());
  context.run_to_completion();
  BOOST_TEST(read.ec == asio::error::eof);
  BOOST_TEST(!answer.ec);
  BOOST_TEST(back == "y");
}

BOOST_AUTO_TEST_CASE(a_second_read_is_refused)
{
  simulation context;
  auto [first, second] = toro::testing::pipe(context);
  char byte, other;
  result read, refused, write;
  second.async_read_some(asio::buffer(&byte, 1), read.handler());
  second.async_read_some(asio::buffer(&other, 1), refused.handler());
  first.async_write_some(asio::buffer("a", 1), write.handler());
  context.run_to_completion();
  BOOST_TEST(refused.ec == asio::error::already_started);
  BOOST_TEST(!read.ec);
  BOOST_TEST(byte == 'a');
}

BOOST_AUTO_TEST_CASE(operations_can_be_cancelled)
{
  simulation context;
  auto [first, second] = toro::testing::pipe(context);
  char byte;
  result read, again, write;
  asio::cancellation_signal signal;
  second.async_read_some(
      asio::buffer(&byte, 1),
      asio::bind_cancellation_slot(signal.slot(), read.handler()));
  signal.emit(asio::cancellation_type::total);
  context.run();
  BOOST_TEST(read.ec == asio::error::operation_aborted);
  second.async_read_some(asio::buffer(&byte, 1), again.handler());
  BOOST_TEST(second.cancel() == 1u);
  BOOST_TEST(second.cancel() == 0u);
  context.run();
  BOOST_TEST(again.ec == asio::error::operation_aborted);
  first.async_write_some(asio::buffer("a", 1), write.handler());
  second.async_read_some(asio::buffer(&byte, 1), again.handler());
  context.run_to_completion();
  BOOST_TEST(!again.ec);
}

BOOST_AUTO_TEST_CASE(cancel_ends_a_read_and_a_write)
{
  simulation context;
  auto [first, second] = toro::testing::pipe(context, {.capacity = 1});
  char byte;
  result full, read, write;
  first.async_write_some(asio::buffer("a", 1), full.handler());
  context.run();
  first.async_write_some(asio::buffer("b", 1), write.handler());
  first.async_read_some(asio::buffer(&byte, 1), read.handler());
  BOOST_TEST(first.cancel() == 2u);
  context.run_to_completion();
  BOOST_TEST(read.ec == asio::error::operation_aborted);
  BOOST_TEST(write.ec == asio::error::operation_aborted);
}

// A write that waits for room goes on.
BOOST_AUTO_TEST_CASE(an_executor_that_throws_ends_the_read)
{
  simulation context;
  toro_test::planned_throws throws;
  auto [first, second] = toro::testing::pipe(context, {.capacity = 1});
  char byte = ' ';
  result full, refused, write, read;
  first.async_write_some(asio::buffer("a", 1), full.handler());
  context.run();
  first.async_write_some(asio::buffer("b", 1), write.handler());
  context.run();
  BOOST_TEST(write.calls == 0);
  throws.left = 1;
  second.async_read_some(
      asio::buffer(&byte, 1),
      asio::bind_executor(toro_test::basic_throwing_executor(context, throws),
                          refused.handler()));
  BOOST_CHECK_THROW(context.run(), std::domain_error);
  BOOST_TEST(byte == 'a');
  context.run_to_completion();
  BOOST_TEST(refused.calls == 0);
  BOOST_TEST(write.count == 1u);
  second.async_read_some(asio::buffer(&byte, 1), read.handler());
  context.run_to_completion();
  BOOST_TEST(byte == 'b');
}

BOOST_AUTO_TEST_CASE(empty_buffers_complete_at_once)
{
  simulation context;
  auto [first, second] = toro::testing::pipe(context);
  result read, write;
  first.async_write_some(asio::buffer("", 0), write.handler());
  second.async_read_some(asio::mutable_buffer(), read.handler());
  context.run_to_completion();
  BOOST_TEST(!write.ec);
  BOOST_TEST(!read.ec);
  BOOST_TEST(read.calls == 1);
}

BOOST_AUTO_TEST_CASE(operations_end_with_the_simulation)
{
  const auto token = std::make_shared<int>();
  auto context = std::make_unique<simulation>();
  auto [first, outside] = toro::testing::pipe(*context);
  const auto owned = std::make_shared<pipe_end>(std::move(first));
  char byte;
  owned->async_read_some(asio::buffer(&byte, 1),
                         [owned, token](error_code, std::size_t) {});
  outside.async_read_some(asio::buffer(&byte, 1),
                          [token](error_code, std::size_t) {});
  context.reset();
  BOOST_TEST(token.use_count() == 1);
  BOOST_TEST(owned.use_count() == 1);
  outside.async_write_some(asio::buffer("a", 1),
                           [token](error_code, std::size_t) {});
  BOOST_TEST(token.use_count() == 1);
  BOOST_TEST(outside.cancel() == 0u);
}

BOOST_AUTO_TEST_CASE(another_context_is_refused)
{
  asio::io_context other;
  BOOST_CHECK_THROW(toro::testing::pipe(other.get_executor()),
                    std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(lines_are_read_and_answered)
{
  simulation context;
  auto [client, server] =
      toro::testing::pipe(context, {.latency = 5ms, .fragment = 2});
  std::string answer;
  asio::co_spawn(
      context,
      [](pipe_end& stream) -> asio::awaitable<void>
      {
        std::string line;
        const std::size_t size = co_await asio::async_read_until(
            stream, asio::dynamic_buffer(line), '\n', asio::use_awaitable);
        co_await asio::async_write(stream, asio::buffer(line, size),
                                   asio::use_awaitable);
      }(server),
      rethrow);
  asio::co_spawn(
      context,
      [](pipe_end& stream, std::string& body) -> asio::awaitable<void>
      {
        co_await asio::async_write(stream, asio::buffer("a line\n", 7),
                                   asio::use_awaitable);
        co_await asio::async_read_until(stream, asio::dynamic_buffer(body),
                                        '\n', asio::use_awaitable);
      }(client, answer),
      rethrow);
  context.run_to_completion();
  BOOST_TEST(answer == "a line\n");
}

#if defined(TORO_TEST_BEAST)
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;

BOOST_AUTO_TEST_CASE(http_runs_over_it)
{
  simulation context;
  auto [client, server] = toro::testing::pipe(context, {.fragment = 7});
  std::string answer;
  asio::co_spawn(
      context,
      [](pipe_end& stream) -> asio::awaitable<void>
      {
        beast::flat_buffer buffer;
        http::request<http::string_body> request;
        co_await http::async_read(stream, buffer, request, asio::use_awaitable);
        http::response<http::string_body> response(http::status::ok, 11);
        response.body() = "you said " + request.body();
        response.prepare_payload();
        co_await http::async_write(stream, response, asio::use_awaitable);
        stream.close();
      }(server),
      rethrow);
  asio::co_spawn(
      context,
      [](pipe_end& stream, std::string& body) -> asio::awaitable<void>
      {
        http::request<http::string_body> request(http::verb::post, "/", 11);
        request.body() = "hello";
        request.prepare_payload();
        co_await http::async_write(stream, request, asio::use_awaitable);
        beast::flat_buffer buffer;
        http::response<http::string_body> response;
        co_await http::async_read(stream, buffer, response,
                                  asio::use_awaitable);
        body = response.body();
      }(client, answer),
      rethrow);
  context.run_to_completion();
  BOOST_TEST(answer == "you said hello");
}

BOOST_AUTO_TEST_CASE(websockets_run_over_it)
{
  simulation context;
  auto [client, server] =
      toro::testing::pipe(context, {.latency = 1ms, .fragment = 5});
  std::string answer;
  bool closed = false;
  asio::co_spawn(
      context,
      [](pipe_end& stream, bool& ended) -> asio::awaitable<void>
      {
        websocket::stream<pipe_end> socket(std::move(stream));
        co_await socket.async_accept(asio::use_awaitable);
        beast::flat_buffer buffer;
        co_await socket.async_read(buffer, asio::use_awaitable);
        co_await socket.async_write(buffer.data(), asio::use_awaitable);
        try
        {
          co_await socket.async_read(buffer, asio::use_awaitable);
        }
        catch (const boost::system::system_error& e)
        {
          ended = e.code() == websocket::error::closed;
        }
      }(server, closed),
      rethrow);
  asio::co_spawn(
      context,
      [](pipe_end& stream, std::string& body) -> asio::awaitable<void>
      {
        websocket::stream<pipe_end> socket(std::move(stream));
        co_await socket.async_handshake("host", "/", asio::use_awaitable);
        co_await socket.async_write(asio::buffer("hello", 5),
                                    asio::use_awaitable);
        beast::flat_buffer buffer;
        co_await socket.async_read(buffer, asio::use_awaitable);
        body = beast::buffers_to_string(buffer.data());
        co_await socket.async_close(websocket::close_code::normal,
                                    asio::use_awaitable);
      }(client, answer),
      rethrow);
  context.run_to_completion();
  BOOST_TEST(answer == "hello");
  BOOST_TEST(closed);
}
#endif

BOOST_AUTO_TEST_SUITE_END()

} // namespace
