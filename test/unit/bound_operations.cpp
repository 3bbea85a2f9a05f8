// SPDX-License-Identifier: BSL-1.0
// bind_cancellation around and inside of each adapter of Asio's, and with
// composed operations: those of Beast, which belongs to Boost's own Asio, and
// those of Asio's SSL streams.

#include <toro/cancellation_source.hpp>
#include <toro/task_group.hpp>
#include <toro/testing/pipe.hpp>
#include <toro/testing/simulation.hpp>
#include <toro/testing/timer.hpp>

#include <boost/asio/append.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/consign.hpp>
#include <boost/asio/prepend.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/unit_test.hpp>

#ifdef TORO_TEST_BEAST
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#endif
#ifdef TORO_TEST_OPENSSL
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#ifdef BOOST_ASIO_SEPARATE_COMPILATION
// The program's only copy.
#include <boost/asio/ssl/impl/src.hpp>
#endif
#endif

#include <cstddef>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

BOOST_AUTO_TEST_SUITE(unit_bound_operations)

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using toro::bind_cancellation;
using toro::testing::simulation;

const error_code aborted = asio::error::operation_aborted;

// What became of an operation.
struct result
{
  // A handler for any arguments, of which one may be an error code.
  auto handler()
  {
    return [this](auto... args)
    {
      ++calls;
      (this->note(args), ...);
    };
  }

  void note(const error_code& error)
  {
    ec = error;
  }

  template <class... T>
  void note(const std::tuple<T...>& values)
  {
    std::apply(
        [this](const auto&... each)
        {
          (this->note(each), ...);
        },
        values);
  }

  template <class T>
  void note(const T&)
  {
  }

  int calls = 0;
  error_code ec;
};

// Cancels an operation that never ends by itself, which a function starts with
// a source: before the start, or later.
template <class Start>
void expect_cancelled(Start start, bool before)
{
  simulation context;
  toro::cancellation_source source(context.get_executor());
  result r;
  if (before)
    source.cancel();
  const auto kept = start(context, source, r);
  context.run();
  BOOST_TEST(r.calls == (before ? 1 : 0));
  BOOST_TEST(source.cancel() == (before ? 0u : 1u));
  context.run();
  BOOST_TEST(r.calls == 1);
  BOOST_TEST(r.ec == aborted);
  BOOST_TEST(source.cancel() == 0u);
}

template <class Start>
void expect_cancellable(Start start)
{
  expect_cancelled(start, false);
  expect_cancelled(start, true);
}

// The same for a wait for a timer, with the token that a function makes of the
// source and the result.
template <class MakeToken>
void expect_cancellable_wait(MakeToken make_token)
{
  expect_cancellable(
      [&](simulation& context, toro::cancellation_source& source, result& r)
      {
        auto timer = std::make_unique<toro::testing::timer>(context);
        timer->expires_at(toro::testing::timer::time_point::max());
        timer->async_wait(make_token(context, source, r));
        return timer;
      });
}

// The adapter is inside, and then outside.
template <class Adapt>
void expect_both_sides(Adapt adapt)
{
  expect_cancellable_wait(
      [&](simulation& context, toro::cancellation_source& source, result& r)
      {
        return bind_cancellation(source, adapt(context, r.handler(), r));
      });
  expect_cancellable_wait(
      [&](simulation& context, toro::cancellation_source& source, result& r)
      {
        return adapt(context, bind_cancellation(source, r.handler()), r);
      });
}

} // namespace

BOOST_AUTO_TEST_CASE(adapters_work_on_both_sides)
{
  expect_both_sides(
      [](simulation& context, auto token, result&)
      {
        return asio::bind_executor(context.make_strand(), std::move(token));
      });
  expect_both_sides(
      [](simulation&, auto token, result&)
      {
        return asio::bind_allocator(std::allocator<int>(), std::move(token));
      });
  expect_both_sides(
      [](simulation&, auto token, result&)
      {
        return asio::as_tuple(std::move(token));
      });
  expect_both_sides(
      [](simulation&, auto token, result& r)
      {
        return asio::redirect_error(std::move(token), r.ec);
      });
  expect_both_sides(
      [](simulation&, auto token, result&)
      {
        return asio::append(std::move(token), 1);
      });
  expect_both_sides(
      [](simulation&, auto token, result&)
      {
        return asio::prepend(std::move(token), 1);
      });
  expect_both_sides(
      [](simulation&, auto token, result&)
      {
        return asio::consign(std::move(token), std::make_unique<int>(1));
      });
  asio::cancellation_signal signal;
  expect_both_sides(
      [&](simulation&, auto token, result&)
      {
        return asio::bind_cancellation_slot(signal.slot(), std::move(token));
      });
}

BOOST_AUTO_TEST_CASE(adapters_may_be_stacked)
{
  asio::cancellation_signal signal;
  expect_both_sides(
      [&](simulation& context, auto token, result& r)
      {
        return asio::bind_executor(
            context.make_strand(),
            asio::bind_cancellation_slot(
                signal.slot(),
                asio::redirect_error(asio::bind_allocator(std::allocator<int>(),
                                                          std::move(token)),
                                     r.ec)));
      });
  expect_both_sides(
      [&](simulation& context, auto token, result&)
      {
        return asio::as_tuple(asio::bind_executor(
            context.make_strand(),
            asio::append(asio::prepend(std::move(token), 1), 2)));
      });
}

// Part of what it waits for has come.
BOOST_AUTO_TEST_CASE(read_of_a_composed_operation_is_cancelled)
{
  expect_cancellable(
      [](simulation& context, toro::cancellation_source& source, result& r)
      {
        auto ends = std::make_shared<decltype(toro::testing::pipe(context))>(
            toro::testing::pipe(context));
        const auto text = std::make_shared<std::string>(5, ' ');
        asio::async_write(ends->second, asio::buffer("ab", 2),
                          [](error_code, std::size_t) {});
        asio::async_read(ends->first, asio::buffer(*text),
                         bind_cancellation(source, r.handler()));
        return std::pair(ends, text);
      });
}

#ifdef TORO_TEST_BEAST
BOOST_AUTO_TEST_CASE(operations_of_beast_are_cancelled)
{
  namespace beast = boost::beast;
  namespace http = beast::http;
  struct connection
  {
    explicit connection(simulation& context)
      : ends(toro::testing::pipe(context))
    {
    }

    decltype(toro::testing::pipe(std::declval<simulation&>())) ends;
    beast::flat_buffer buffer;
    http::request<http::string_body> request;
  };
  const auto read =
      [](simulation& context, toro::cancellation_source& source, result& r)
  {
    auto it = std::make_shared<connection>(context);
    http::async_read(it->ends.first, it->buffer, it->request,
                     bind_cancellation(source, r.handler()));
    return it;
  };
  expect_cancellable(read);
  // Half of the request has come. If it had been there before the start, the
  // first step would have ignored the cancellation, and Beast would forget it.
  expect_cancelled(
      [&](simulation& context, toro::cancellation_source& source, result& r)
      {
        auto it = read(context, source, r);
        asio::async_write(it->ends.second, asio::buffer("GET / HT", 8),
                          [](error_code, std::size_t) {});
        return it;
      },
      false);
  // Nobody answers a handshake.
  expect_cancellable(
      [](simulation& context, toro::cancellation_source& source, result& r)
      {
        using stream_type = beast::websocket::stream<toro::testing::pipe_end>;
        auto [near, far] = toro::testing::pipe(context);
        auto stream = std::make_shared<stream_type>(std::move(near));
        stream->async_handshake(
            "example.com", "/",
            asio::as_tuple(bind_cancellation(source, r.handler())));
        return std::pair(
            stream, std::make_shared<toro::testing::pipe_end>(std::move(far)));
      });
}

BOOST_AUTO_TEST_CASE(operation_of_beast_is_a_child)
{
  namespace http = boost::beast::http;
  simulation context;
  toro::task_group group(context.get_executor());
  auto [near, far] = toro::testing::pipe(context);
  boost::beast::flat_buffer buffer;
  http::request<http::string_body> request;
  http::async_read(near, buffer, request, group.child());
  context.run();
  BOOST_TEST(group.size() == 1u);
  BOOST_TEST(group.cancel() == 1u);
  context.run();
  BOOST_TEST(group.size() == 0u);
  BOOST_TEST(!group.failure());
}
#endif

#ifdef TORO_TEST_OPENSSL
namespace {

// An SSL stream asks for the lowest layer of what is below it.
class lowest_end : public toro::testing::pipe_end
{
public:
  using lowest_layer_type = toro::testing::pipe_end;

  explicit lowest_end(toro::testing::pipe_end&& end)
    : pipe_end(std::move(end))
  {
  }

  lowest_layer_type& lowest_layer() noexcept
  {
    return *this;
  }

  const lowest_layer_type& lowest_layer() const noexcept
  {
    return *this;
  }
};

} // namespace

BOOST_AUTO_TEST_CASE(operations_of_ssl_streams_are_cancelled)
{
  asio::ssl::context settings(asio::ssl::context::tls);
  // Nobody answers a handshake.
  const auto start_with = [&](simulation& context, auto token)
  {
    using stream_type = asio::ssl::stream<lowest_end>;
    auto [near, far] = toro::testing::pipe(context);
    auto stream =
        std::make_shared<stream_type>(lowest_end(std::move(near)), settings);
    stream->async_handshake(stream_type::client, std::move(token));
    return std::pair(stream,
                     std::make_shared<toro::testing::pipe_end>(std::move(far)));
  };
  expect_cancellable(
      [&](simulation& context, toro::cancellation_source& source, result& r)
      {
        return start_with(context, bind_cancellation(source, r.handler()));
      });
  expect_cancellable(
      [&](simulation& context, toro::cancellation_source& source, result& r)
      {
        return start_with(context, asio::bind_executor(
                                       context.make_strand(),
                                       bind_cancellation(source, r.handler())));
      });
}
#endif

BOOST_AUTO_TEST_SUITE_END()
