// SPDX-License-Identifier: BSL-1.0
// Handlers whose type hides what they are associated with, and that have an
// immediate executor: they complete as with Asio's own objects.

#include <boost/asio/version.hpp>

#if BOOST_ASIO_VERSION >= 103700

#include <toro/queue.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/bind_immediate_executor.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/inline_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/system/error_code.hpp>
#include <boost/test/unit_test.hpp>

#include <utility>

BOOST_AUTO_TEST_SUITE(immediate)

namespace {

namespace asio = boost::asio;

using boost::system::error_code;

using any_handler = asio::any_completion_handler<void(error_code, int)>;

template <class Channel>
void receive(Channel& channel, any_handler handler)
{
  channel.async_receive(std::move(handler));
}

template <class Executor, class Threading>
void receive(toro::basic_queue<int, Executor, Threading>& queue,
             any_handler handler)
{
  queue.async_get(std::move(handler));
}

// Calls a function with each kind of source of one item.
template <class Function>
void for_each_source(asio::io_context& io, Function function)
{
  using executor = asio::io_context::executor_type;
  asio::experimental::channel<executor, void(error_code, int)> channel(io, 1);
  BOOST_REQUIRE(channel.try_send(error_code(), 1));
  function("channel", channel);

  toro::queue<int> queue(io);
  BOOST_REQUIRE(queue.try_put(1));
  function("queue", queue);

  toro::basic_queue<int, executor, toro::strand_bound> bound(io);
  BOOST_REQUIRE(bound.try_put(1));
  function("queue of a strand", bound);
}

BOOST_AUTO_TEST_CASE(a_hidden_handler_completes_in_the_initiation)
{
  asio::io_context io;
  for_each_source(io,
                  [&](const char* name, auto& source)
                  {
                    BOOST_TEST_CONTEXT(name)
                    {
                      int got = 0;
                      receive(source, asio::bind_immediate_executor(
                                          asio::inline_executor(),
                                          [&](error_code, int item)
                                          {
                                            got = item;
                                          }));
                      BOOST_TEST(got == 1);
                      io.restart();
                      io.poll();
                    }
                  });
}

BOOST_AUTO_TEST_CASE(a_hidden_handler_with_an_executor_completes_there)
{
  asio::io_context io;
  asio::io_context there;
  for_each_source(io,
                  [&](const char* name, auto& source)
                  {
                    BOOST_TEST_CONTEXT(name)
                    {
                      int got = 0;
                      receive(source, asio::bind_executor(
                                          there, asio::bind_immediate_executor(
                                                     asio::system_executor(),
                                                     [&](error_code, int item)
                                                     {
                                                       got = item;
                                                     })));
                      BOOST_TEST(got == 0);
                      there.restart();
                      there.poll();
                      BOOST_TEST(got == 1);
                      io.restart();
                      io.poll();
                    }
                  });
}

BOOST_AUTO_TEST_CASE(a_hidden_handler_without_any_of_them_is_posted)
{
  asio::io_context io;
  for_each_source(io,
                  [&](const char* name, auto& source)
                  {
                    BOOST_TEST_CONTEXT(name)
                    {
                      int got = 0;
                      receive(source,
                              [&](error_code, int item)
                              {
                                got = item;
                              });
                      BOOST_TEST(got == 0);
                      io.restart();
                      io.poll();
                      BOOST_TEST(got == 1);
                    }
                  });
}

BOOST_AUTO_TEST_CASE(a_hidden_handler_that_waits_is_not_completed_in_place)
{
  asio::io_context io;
  toro::queue<int> queue(io);
  int got = 0;
  receive(queue, asio::bind_immediate_executor(asio::inline_executor(),
                                               [&](error_code, int item)
                                               {
                                                 got = item;
                                               }));
  BOOST_TEST(queue.try_put(1));
  BOOST_TEST(got == 0);
  io.poll();
  BOOST_TEST(got == 1);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace

#endif
