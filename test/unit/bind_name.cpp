// SPDX-License-Identifier: BSL-1.0
#include <toro/bind_name.hpp>
#include <toro/diagnostics.hpp>
#include <toro/eager.hpp>
#include <toro/lock.hpp>

#include <boost/asio/append.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/consign.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/experimental/promise.hpp>
#include <boost/asio/experimental/use_promise.hpp>
#include <boost/asio/prepend.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/version.hpp>
#if __has_include(<boost/asio/cancel_after.hpp>)
#include <boost/asio/bind_immediate_executor.hpp>
#include <boost/asio/cancel_after.hpp>
#define TORO_TEST_NEWER_ADAPTERS
#endif
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>

#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_bind_name)

namespace {

using namespace toro_test;
using boost::system::error_code;
using toro::bind_name;

namespace asio = boost::asio;

void take(error_code, const toro::guard&)
{
}

void ring(error_code)
{
}

// A lock that is held, and whose waits tell their names.
class held_lock
{
public:
  held_lock()
  {
    toro::enable_diagnostics(w.context());
  }

  ~held_lock()
  {
    guard.reset();
    mutex.cancel();
    w.run();
  }

  // The names of the waits, in their order.
  std::string names() const
  {
    std::ostringstream out;
    mutex.dump(out);
    const std::string text = out.str();
    const std::string mark = "async_acquire by \"";
    std::string result;
    for (auto at = text.find(mark); at != std::string::npos;
         at = text.find(mark, at))
    {
      at += mark.size();
      result += text.substr(at, text.find('"', at) - at) + ' ';
    }
    return result;
  }

  world w;
  toro::lock mutex{w.context()};
  toro::guard guard{mutex.try_acquire()};
};

} // namespace

BOOST_AUTO_TEST_CASE(adapters_around_a_named_handler_pass_its_name_on)
{
  // These outlive the operations, which end with the lock.
  asio::cancellation_signal signal;
  error_code ec;
  held_lock on;
  auto& io = on.w.context();
  on.mutex.async_acquire(asio::bind_executor(io, bind_name("1", take)));
  on.mutex.async_acquire(
      asio::bind_allocator(std::allocator<void>(), bind_name("2", take)));
  on.mutex.async_acquire(
      asio::bind_cancellation_slot(signal.slot(), bind_name("3", take)));
  on.mutex.async_acquire(asio::consign(bind_name("4", take), 0));
  on.mutex.async_acquire(
      asio::append(bind_name("5", [](error_code, toro::guard, int) {}), 0));
  on.mutex.async_acquire(
      asio::prepend(bind_name("6", [](int, error_code, toro::guard) {}), 0));
  on.mutex.async_acquire(
      asio::redirect_error(bind_name("7", [](toro::guard) {}), ec));
#if defined(TORO_TEST_NEWER_ADAPTERS)
  on.mutex.async_acquire(
      asio::cancel_after(std::chrono::hours(1), bind_name("8", take)));
  on.mutex.async_acquire(
      asio::bind_immediate_executor(io.get_executor(), bind_name("9", take)));
  BOOST_TEST(on.names() == "1 2 3 4 5 6 7 8 9 ");
#else
  BOOST_TEST(on.names() == "1 2 3 4 5 6 7 ");
#endif
}

BOOST_AUTO_TEST_CASE(a_name_around_an_adapter_is_that_of_the_operation)
{
  // These outlive the operations, which end with the lock.
  asio::cancellation_signal signal;
  error_code ec;
  held_lock on;
  auto& io = on.w.context();
  on.mutex.async_acquire(bind_name("1", asio::bind_executor(io, take)));
  on.mutex.async_acquire(
      bind_name("2", asio::bind_allocator(std::allocator<void>(), take)));
  on.mutex.async_acquire(
      bind_name("3", asio::bind_cancellation_slot(signal.slot(), take)));
  on.mutex.async_acquire(bind_name("4", asio::consign(take, 0)));
  on.mutex.async_acquire(
      bind_name("5", asio::append([](error_code, toro::guard, int) {}, 0)));
  on.mutex.async_acquire(
      bind_name("6", asio::redirect_error([](toro::guard) {}, ec)));
#if defined(TORO_TEST_NEWER_ADAPTERS)
  on.mutex.async_acquire(
      bind_name("7", asio::cancel_after(std::chrono::hours(1), take)));
  BOOST_TEST(on.names() == "1 2 3 4 5 6 7 ");
#else
  BOOST_TEST(on.names() == "1 2 3 4 5 6 ");
#endif
}

BOOST_AUTO_TEST_CASE(a_wait_in_a_group_has_its_name)
{
  held_lock on;
  asio::steady_timer timer(on.w.context(),
                           asio::steady_timer::time_point::max());
  asio::experimental::make_parallel_group(
      on.mutex.async_acquire(bind_name("member", asio::deferred)),
      timer.async_wait(bind_name("timer", asio::deferred)))
      .async_wait(asio::experimental::wait_for_all(), [](auto&&...) {});
  on.w.spawn("a",
             [](held_lock& l, asio::steady_timer& t) -> asio::awaitable<void>
             {
               using namespace asio::experimental::awaitable_operators;
               co_await (l.mutex.async_acquire(
                             bind_name("operand", asio::use_awaitable)) ||
                         t.async_wait(bind_name("timer", asio::use_awaitable)));
             }(on, timer));
  asio::spawn(
      on.w.context(),
      [&](asio::yield_context yield)
      {
        error_code ec;
        const auto guard =
            on.mutex.async_acquire(bind_name("fiber", yield[ec]));
      },
      [](std::exception_ptr) {});
  on.w.poll();
  BOOST_TEST(on.names() == "member operand fiber ");
  timer.cancel();
}

BOOST_AUTO_TEST_CASE(behind_a_name_the_eager_token_waits)
{
  held_lock on;
  bool ended = false;
  on.w.spawn("a",
             [](held_lock& l, bool& done) -> asio::awaitable<void>
             {
               static_cast<void>(co_await l.mutex.async_acquire(
                   bind_name("eager", toro::eager)));
               done = true;
             }(on, ended));
  on.w.poll();
  BOOST_TEST(on.names() == "eager ");
  on.guard.reset();
  on.w.poll();
  BOOST_TEST(ended);
}

BOOST_AUTO_TEST_CASE(other_operations_take_named_tokens_as_they_are)
{
  world w;
  asio::steady_timer timer(w.context());
  timer.async_wait(bind_name("x", ring));
  timer.async_wait(bind_name("x", asio::bind_executor(w.context(), ring)));
  timer.async_wait(asio::bind_executor(w.context(), bind_name("x", ring)));
  timer.async_wait(bind_name("x", asio::deferred))(ring);
  auto future = timer.async_wait(bind_name("x", asio::use_future));
  w.spawn("a",
          [](asio::steady_timer& t) -> asio::awaitable<void>
          {
            error_code ec;
            co_await t.async_wait(bind_name("x", asio::use_awaitable));
            co_await t.async_wait(
                asio::redirect_error(bind_name("x", asio::use_awaitable), ec));
          }(timer));
  w.run();
  future.get();

  // Also where they ask the initiation for its executor.
  using plain = decltype(timer.async_wait(asio::experimental::use_promise));
  using named = decltype(timer.async_wait(
      bind_name("x", asio::experimental::use_promise)));
  static_assert(std::is_same_v<plain, named>);
}

BOOST_AUTO_TEST_CASE(a_token_may_be_used_again)
{
  held_lock on;
  const auto shared = std::make_shared<int>(0);
  // Longer than what a string holds without memory of its own.
  auto token = bind_name(std::string("a session from a far away address"),
                         [shared](error_code, toro::guard)
                         {
                           ++*shared;
                         });
  on.mutex.async_acquire(token);
  on.mutex.async_acquire(std::as_const(token));
  on.mutex.async_acquire(std::move(token));
  on.guard.reset();
  on.w.run();
  BOOST_TEST(*shared == 3);
}

static_assert(
    asio::completion_token_for<toro::name_binder<const char*, decltype(&ring)>,
                               void(error_code)>);
static_assert(!asio::completion_token_for<toro::name_binder<const char*, int>,
                                          void(error_code)>);
static_assert(
    std::is_invocable_v<const toro::name_binder<const char*, decltype(&ring)>&,
                        error_code>);

BOOST_AUTO_TEST_SUITE_END()
