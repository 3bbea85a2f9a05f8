// SPDX-License-Identifier: BSL-1.0
// Debug builds notice when a thread blocks on an object whose context it runs,
// whatever the kind of the object's executor.

#include <toro/blocking.hpp>
#include <toro/event.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/assert.hpp>

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace asio = boost::asio;

namespace {

struct noticed
{
};

int unnoticed = 0;

} // namespace

namespace boost {

void assertion_failed(const char* expression, const char*, const char*, long)
{
  std::puts(expression);
  std::abort();
}

void assertion_failed_msg(const char*, const char* message, const char*,
                          const char*, long)
{
  if (std::string_view(message).find("runs the object's context") !=
      std::string_view::npos)
    throw noticed();
  std::puts(message);
  std::abort();
}

} // namespace boost

namespace {

// Blocks in a function of an executor.
template <class Executor, class Function>
void is_noticed(const char* what, Executor&& executor, Function block)
{
  asio::post(executor,
             [what, block]() mutable
             {
               try
               {
                 block();
               }
               catch (const noticed&)
               {
                 return;
               }
               std::printf("%s was not noticed\n", what);
               ++unnoticed;
             });
}

template <class Event, class Executor>
auto wait_for(const Executor& executor)
{
  return [executor]
  {
    Event event(executor);
    event.async_wait(std::chrono::seconds(0), toro::blocking);
  };
}

} // namespace

int main()
{
  using any_event = toro::event;
  using context_event = toro::basic_event<asio::io_context::executor_type>;
  asio::io_context io;
  asio::io_context other;
  const auto strand = asio::make_strand(io);
  is_noticed("a context", io, wait_for<context_event>(io.get_executor()));
  is_noticed("any executor", io, wait_for<any_event>(io.get_executor()));
  is_noticed("a strand", strand, wait_for<any_event>(strand));
  is_noticed("a strand of the context", io, wait_for<any_event>(strand));
  is_noticed("an adapter", io,
             [&]
             {
               any_event event(io);
               event.async_wait(std::chrono::seconds(0),
                                asio::as_tuple(toro::blocking));
             });
  is_noticed("a timer", io,
             [&]
             {
               asio::steady_timer timer(io);
               timer.async_wait(toro::blocking);
             });
  // Another context is none of this thread's business.
  asio::post(io,
             [&]
             {
               any_event event(other);
               event.set();
               event.async_wait(toro::blocking);
             });
  io.run();

  asio::thread_pool pool(1);
  is_noticed("a pool", pool, wait_for<any_event>(pool.get_executor()));
  is_noticed("a strand of a pool", pool,
             wait_for<any_event>(asio::make_strand(pool.get_executor())));
  pool.join();
  return unnoticed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
