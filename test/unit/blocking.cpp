// SPDX-License-Identifier: BSL-1.0
#include <toro/async_result.hpp>
#include <toro/bind_name.hpp>
#include <toro/blocking.hpp>
#include <toro/condition.hpp>
#include <toro/diagnostics.hpp>
#include <toro/event.hpp>
#include <toro/first_of.hpp>
#include <toro/lock.hpp>
#include <toro/queue.hpp>
#include <toro/rw_lock.hpp>
#include <toro/semaphore.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/throwing_executor.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_blocking)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;

using boost::system::error_code;

const error_code operation_aborted = asio::error::operation_aborted;
const error_code timed_out = asio::error::timed_out;
const error_code closed = toro::error::closed;

using executor = toro::detail::thread_executor;

static_assert(asio::execution::is_executor_v<executor>);
static_assert(
    asio::can_require_v<executor, asio::execution::blocking_t::never_t>);
// A value that can only be moved, and not be made of nothing.
struct token_of_value
{
  explicit token_of_value(int v)
    : value(std::make_unique<int>(v))
  {
  }

  std::unique_ptr<int> value;
};

// Calls a handler with the arguments of a signature, within the initiation.
template <class Signature, class Token, class... Args>
auto complete_with(Token&& token, Args... args)
{
  return asio::async_initiate<Token, Signature>(
      [](auto handler, auto... values)
      {
        std::move(handler)(std::move(values)...);
      },
      token, std::move(args)...);
}

// Drops a handler.
template <class Signature, class Token>
auto drop(Token&& token)
{
  return asio::async_initiate<Token, Signature>(
      [](auto handler)
      {
        const auto dropped = std::move(handler);
      },
      token);
}

// Lets other threads run until a number of waits wait.
template <class Primitive>
void await_waiters(const Primitive& primitive, std::size_t count)
{
  while (primitive.waiters() != count)
    std::this_thread::yield();
}

// Runs a function in another thread until the end of a scope.
class other_thread
{
public:
  template <class Function>
  explicit other_thread(Function function)
    : thread_(std::move(function))
  {
  }

  ~other_thread()
  {
    thread_.join();
  }

private:
  std::thread thread_;
};

template <class Function>
error_code code_of(Function function)
{
  try
  {
    function();
  }
  catch (const boost::system::system_error& e)
  {
    return e.code();
  }
  return {};
}

} // namespace

BOOST_AUTO_TEST_CASE(results_have_the_shape_of_the_signature)
{
  using std::is_same_v;
  using toro::blocking;
  static_assert(is_same_v<decltype(complete_with<void()>(blocking)), void>);
  complete_with<void()>(blocking);
  complete_with<void(error_code)>(blocking, error_code());
  complete_with<void(std::exception_ptr)>(blocking, nullptr);
  BOOST_TEST(complete_with<void(int)>(blocking, 1) == 1);
  BOOST_TEST(complete_with<void(error_code, int)>(blocking, error_code(), 2) ==
             2);
  BOOST_TEST(
      complete_with<void(std::exception_ptr, int)>(blocking, nullptr, 3) == 3);
  const auto both = complete_with<void(error_code, int, std::string)>(
      blocking, error_code(), 4, std::string("four"));
  static_assert(is_same_v<decltype(both), const std::tuple<int, std::string>>);
  BOOST_TEST((both == std::tuple(4, std::string("four"))));
  const auto plain =
      complete_with<void(int, std::string)>(blocking, 5, std::string("five"));
  BOOST_TEST((plain == std::tuple(5, std::string("five"))));
  const token_of_value moved = complete_with<void(error_code, token_of_value)>(
      blocking, error_code(), token_of_value(6));
  BOOST_TEST(*moved.value == 6);
}

BOOST_AUTO_TEST_CASE(error_is_thrown_or_stored)
{
  BOOST_TEST(code_of(
                 [&]
                 {
                   complete_with<void(error_code)>(toro::blocking, closed);
                 }) == closed);
  error_code ec;
  BOOST_TEST(
      complete_with<void(error_code, int)>(toro::blocking(ec), closed, 7) == 7);
  BOOST_TEST(ec == closed);
  complete_with<void(error_code)>(toro::blocking(ec), error_code());
  BOOST_TEST(!ec);
}

BOOST_AUTO_TEST_CASE(exception_is_thrown_and_the_code_of_one_is_stored)
{
  const auto late =
      std::make_exception_ptr(boost::system::system_error(timed_out));
  const auto other = std::make_exception_ptr(std::domain_error("other"));
  using signature = void(std::exception_ptr);
  BOOST_CHECK_THROW(complete_with<signature>(toro::blocking, other),
                    std::domain_error);
  BOOST_CHECK_THROW(complete_with<signature>(toro::blocking, late),
                    boost::system::system_error);
  // The exception itself is thrown, and only its code is stored.
  struct special : boost::system::system_error
  {
    using system_error::system_error;
  };
  const auto derived = std::make_exception_ptr(special(timed_out));
  BOOST_CHECK_THROW(complete_with<signature>(toro::blocking, derived), special);
  error_code ec;
  complete_with<signature>(toro::blocking(ec), derived);
  BOOST_TEST(ec == timed_out);
  ec.clear();
  complete_with<signature>(toro::blocking(ec), late);
  BOOST_TEST(ec == timed_out);
  BOOST_CHECK_THROW(complete_with<signature>(toro::blocking(ec), other),
                    std::domain_error);
  complete_with<signature>(toro::blocking(ec), std::exception_ptr());
  BOOST_TEST(!ec);
}

BOOST_AUTO_TEST_CASE(handler_destroyed_without_a_call_is_an_abort)
{
  const auto is_abort = [](auto function)
  {
    return code_of(function) == operation_aborted;
  };
  BOOST_TEST(is_abort(
      []
      {
        drop<void()>(toro::blocking);
      }));
  BOOST_TEST(is_abort(
      []
      {
        drop<void(error_code, int)>(toro::blocking);
      }));
  error_code ec;
  BOOST_TEST(drop<void(error_code, int)>(toro::blocking(ec)) == 0);
  BOOST_TEST(ec == operation_aborted);
  // There is no value to return.
  BOOST_TEST(is_abort(
      [&]
      {
        drop<void(error_code, token_of_value)>(toro::blocking(ec));
      }));
  BOOST_TEST(is_abort(
      []
      {
        drop<void(error_code, int)>(asio::as_tuple(toro::blocking));
      }));
}

BOOST_AUTO_TEST_CASE(operation_completes_though_nobody_runs_the_context)
{
  asio::io_context never_run;
  toro::queue<std::unique_ptr<int>> items(never_run, 1);
  items.async_put(std::make_unique<int>(1), toro::blocking);
  BOOST_TEST(*items.async_get(toro::blocking) == 1);

  toro::lock lock(never_run);
  {
    const toro::guard held = lock.async_acquire(toro::blocking);
    BOOST_TEST(lock.locked());
  }
  BOOST_TEST(!lock.locked());
}

BOOST_AUTO_TEST_CASE(stopped_context_is_not_needed_either)
{
  asio::io_context context;
  context.stop();
  toro::basic_queue<int, asio::io_context::executor_type> items(context);
  items.async_put(1, toro::blocking);
  BOOST_TEST(items.async_get(toro::blocking) == 1);
}

BOOST_AUTO_TEST_CASE(object_may_be_bound_to_a_strand_or_a_pool)
{
  asio::io_context context;
  asio::thread_pool pool(1);
  toro::lock on_strand(asio::make_strand(context));
  toro::lock on_pool(pool);
  toro::lock on_pool_strand(asio::make_strand(pool.get_executor()));
  for (toro::lock* lock : {&on_strand, &on_pool, &on_pool_strand})
  {
    const toro::guard held = lock->async_acquire(toro::blocking);
    error_code ec;
    BOOST_TEST(!lock->async_acquire(1ms, toro::blocking(ec)));
    BOOST_TEST(ec == timed_out);
  }
}

BOOST_AUTO_TEST_CASE(thread_waits_for_another_thread)
{
  asio::io_context never_run;
  toro::queue<int> items(never_run, 1);
  const other_thread producer(
      [&]
      {
        for (int i = 0; i != 3; ++i)
        {
          await_waiters(items, 1);
          static_cast<void>(items.try_put(i));
        }
        items.close();
      });
  for (int i = 0; i != 3; ++i)
    BOOST_TEST(items.async_get(toro::blocking) == i);
  error_code ec;
  static_cast<void>(items.async_get(toro::blocking(ec)));
  BOOST_TEST(ec == closed);
}

BOOST_AUTO_TEST_CASE(four_threads_use_one_object)
{
  asio::io_context never_run;
  toro::queue<int> items(never_run, 2);
  std::atomic<int> sum = 0;
  {
    std::vector<std::unique_ptr<other_thread>> threads;
    for (int n = 0; n != 2; ++n)
    {
      threads.push_back(std::make_unique<other_thread>(
          [&]
          {
            for (int i = 1; i <= 100; ++i)
              items.async_put(i, toro::blocking);
          }));
      threads.push_back(std::make_unique<other_thread>(
          [&]
          {
            for (int i = 1; i <= 100; ++i)
              sum += items.async_get(toro::blocking);
          }));
    }
  }
  BOOST_TEST(sum == 2 * 5050);
  BOOST_TEST(items.empty());
}

BOOST_AUTO_TEST_CASE(deadline_is_decided_though_nobody_runs_the_context)
{
  asio::io_context never_run;
  toro::event event(never_run);
  BOOST_TEST(code_of(
                 [&]
                 {
                   event.async_wait(1ms, toro::blocking);
                 }) == timed_out);
  BOOST_TEST(event.waiters() == 0u);
  // A second one, when the timer of the object is set already.
  error_code ec;
  event.async_wait(1ms, toro::blocking(ec));
  BOOST_TEST(ec == timed_out);
}

BOOST_AUTO_TEST_CASE(deadline_that_has_passed_never_waits)
{
  asio::io_context never_run;
  toro::event event(never_run);
  error_code ec;
  event.async_wait(-1s, toro::blocking(ec));
  BOOST_TEST(ec == timed_out);
  event.set();
  event.async_wait(-1s, toro::blocking(ec));
  BOOST_TEST(!ec);
}

BOOST_AUTO_TEST_CASE(deadline_that_never_comes_waits)
{
  asio::io_context never_run;
  toro::condition condition(never_run);
  const other_thread notifier(
      [&]
      {
        for (int n = 0; n != 2; ++n)
        {
          await_waiters(condition, 1);
          condition.notify();
        }
      });
  condition.async_wait(toro::deadline(), toro::blocking);
  condition.async_wait(std::chrono::hours::max(), toro::blocking);
}

BOOST_AUTO_TEST_CASE(wait_that_expires_lets_in_those_behind_it)
{
  asio::io_context never_run;
  toro::rw_lock lock(never_run);
  toro::read_guard reader = lock.async_acquire_read(toro::blocking);
  error_code ec;
  bool second_reads = false;
  std::atomic<bool> is_over = false;
  {
    const other_thread second(
        [&]
        {
          // On a busy machine the wait may be over before this thread sees it.
          while (lock.waiters() == 0 && !is_over)
            std::this_thread::yield();
          second_reads = bool(lock.async_acquire_read(toro::blocking));
        });
    static_cast<void>(lock.async_acquire_write(20ms, toro::blocking(ec)));
    is_over = true;
  }
  BOOST_TEST(ec == timed_out);
  BOOST_TEST(second_reads);
}

BOOST_AUTO_TEST_CASE(cancellation_of_any_kind_is_an_abort)
{
  asio::io_context never_run;
  std::optional<toro::event> event(never_run);
  asio::cancellation_signal signal;
  const other_thread canceller(
      [&]
      {
        await_waiters(*event, 1);
        event->cancel();
        await_waiters(*event, 1);
        signal.emit(asio::cancellation_type::total);
        await_waiters(*event, 1);
        event.reset();
      });
  error_code ec;
  event->async_wait(toro::blocking(ec));
  BOOST_TEST(ec == operation_aborted);
  event->async_wait(
      asio::bind_cancellation_slot(signal.slot(), toro::blocking(ec)));
  BOOST_TEST(ec == operation_aborted);
  event->async_wait(toro::blocking(ec));
  BOOST_TEST(ec == operation_aborted);
}

BOOST_AUTO_TEST_CASE(end_of_the_context_is_an_abort)
{
  std::optional<asio::io_context> context(std::in_place);
  toro::event event(*context);
  {
    const other_thread ender(
        [&]
        {
          await_waiters(event, 1);
          context.reset();
        });
    BOOST_TEST(code_of(
                   [&]
                   {
                     event.async_wait(1h, toro::blocking);
                   }) == operation_aborted);
  }
  // Nothing waits from now on.
  BOOST_TEST(code_of(
                 [&]
                 {
                   event.async_wait(toro::blocking);
                 }) == operation_aborted);
}

BOOST_AUTO_TEST_CASE(initiation_that_throws_ends_the_call)
{
  using signature = void(error_code);
  BOOST_CHECK_THROW((asio::async_initiate<const toro::blocking_t&, signature>(
                        [](auto)
                        {
                          throw std::domain_error("initiation");
                        },
                        toro::blocking)),
                    std::domain_error);
  // The operation goes on, so the call does.
  asio::thread_pool pool(1);
  const int result =
      asio::async_initiate<const toro::blocking_t&, void(error_code, int)>(
          [&](auto handler)
          {
            asio::post(pool,
                       [handler = std::move(handler)]() mutable
                       {
                         std::move(handler)(error_code(), 8);
                       });
            throw std::domain_error("initiation");
          },
          toro::blocking);
  BOOST_TEST(result == 8);
}

BOOST_AUTO_TEST_CASE(executor_that_refuses_another_operation_loses_no_item)
{
  asio::io_context context;
  planned_throws throws;
  toro::basic_queue<int, throwing_executor> items(
      throwing_executor(context, throws), 1);
  BOOST_TEST(items.try_put(1));
  bool was_put = false;
  items.async_put(2,
                  [&](error_code ec)
                  {
                    was_put = !ec;
                  });
  throws.left = 1;
  BOOST_TEST(items.async_get(toro::blocking) == 1);
  BOOST_TEST(throws.left == 0);
  BOOST_TEST(items.async_get(toro::blocking) == 2);
  context.poll();
  BOOST_TEST(was_put);
}

BOOST_AUTO_TEST_CASE(predicate_that_throws_ends_the_wait)
{
  asio::io_context never_run;
  toro::condition condition(never_run);
  int calls = 0;
  const auto throws_at = [&](int which)
  {
    calls = 0;
    return [&calls, which]
    {
      if (++calls == which)
        throw std::domain_error("predicate");
      return false;
    };
  };
  BOOST_CHECK_THROW(condition.async_wait(throws_at(1), toro::blocking),
                    std::domain_error);
  error_code ec;
  std::atomic<bool> done = false;
  {
    const other_thread notifier(
        [&]
        {
          while (!done)
          {
            condition.notify();
            std::this_thread::yield();
          }
        });
    BOOST_CHECK_THROW(condition.async_wait(throws_at(3), toro::blocking(ec)),
                      std::domain_error);
    BOOST_CHECK_THROW(
        condition.async_wait(throws_at(3), asio::as_tuple(toro::blocking)),
        std::domain_error);
    done = true;
  }
  BOOST_TEST(condition.waiters() == 0u);
}

BOOST_AUTO_TEST_CASE(predicate_is_called_by_the_thread_that_waits)
{
  asio::io_context never_run;
  toro::condition condition(never_run);
  const std::thread::id id = std::this_thread::get_id();
  bool ready = false;
  bool all_here = true;
  const other_thread notifier(
      [&]
      {
        await_waiters(condition, 1);
        condition.notify();
        condition.notify();
      });
  const auto predicate = [&]
  {
    all_here = all_here && std::this_thread::get_id() == id;
    return std::exchange(ready, true);
  };
  condition.async_wait(predicate, toro::blocking);
  BOOST_TEST(all_here);
  error_code ec;
  condition.async_wait(
      []
      {
        return false;
      },
      1ms, toro::blocking(ec));
  BOOST_TEST(ec == timed_out);
}

// The thread sees to the deadline before the predicate is called, in vain, and
// once more after the call.
BOOST_AUTO_TEST_CASE(wait_expires_if_its_deadline_passes_in_the_predicate)
{
  world w;
  // As early as a clock can be, so that the deadline has passed in real time.
  w.clock.set_back(24h);
  toro::condition condition(w.context());
  const other_thread notifier(
      [&]
      {
        await_waiters(condition, 1);
        std::this_thread::yield();
        condition.notify();
      });
  int calls = 0;
  const auto predicate = [&]
  {
    if (++calls == 2)
      w.clock.advance(1s);
    return false;
  };
  error_code ec;
  condition.async_wait(predicate, 1ms, toro::blocking(ec));
  BOOST_TEST(ec == timed_out);
  BOOST_TEST(calls == 2);
}

BOOST_AUTO_TEST_CASE(copy_that_throws_leaves_through_the_call)
{
  struct throws_when_copied
  {
    throws_when_copied() = default;

    throws_when_copied(const throws_when_copied&)
    {
      throw std::domain_error("copy");
    }

    throws_when_copied(throws_when_copied&&) = default;
  };

  asio::io_context never_run;
  toro::async_result<throws_when_copied> result(never_run);
  result.set(throws_when_copied());
  BOOST_CHECK_THROW(static_cast<void>(result.async_get(toro::blocking)),
                    std::domain_error);
}

BOOST_AUTO_TEST_CASE(adapters_work_around_the_token)
{
  asio::io_context context;
  toro::queue<int> items(context);
  BOOST_TEST(items.try_put(1));
  const auto [ec, item] = items.async_get(1s, asio::as_tuple(toro::blocking));
  BOOST_TEST((!ec && item == 1));

  error_code late;
  BOOST_TEST(items.async_get(1ms, asio::redirect_error(toro::blocking, late)) ==
             0);
  BOOST_TEST(late == timed_out);
  const auto [ec_too, none] =
      items.async_get(1ms, asio::as_tuple(toro::blocking));
  BOOST_TEST((ec_too == timed_out && none == 0));

  BOOST_TEST(items.try_put(2));
  auto deferred = items.async_get(asio::deferred);
  BOOST_TEST(items.size() == 1u);
  BOOST_TEST(std::move(deferred)(toro::blocking) == 2);

  BOOST_TEST(items.try_put(3));
  BOOST_TEST(items.async_get(asio::bind_allocator(std::allocator<void>(),
                                                  toro::blocking)) == 3);
}

BOOST_AUTO_TEST_CASE(name_of_a_thread_that_waits_is_dumped)
{
  asio::io_context never_run;
  toro::enable_diagnostics(never_run);
  toro::event event(never_run);
  std::string text;
  const other_thread observer(
      [&]
      {
        await_waiters(event, 1);
        std::ostringstream out;
        event.dump(out);
        text = out.str();
        event.set();
      });
  event.async_wait(1h, toro::bind_name("worker 7", toro::blocking));
  BOOST_TEST(text.find("worker 7") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(handler_bound_to_an_executor_runs_there)
{
  asio::io_context never_run;
  asio::thread_pool pool(1);
  toro::queue<int> items(never_run);
  BOOST_TEST(items.try_put(1));
  BOOST_TEST(items.async_get(asio::bind_executor(pool.get_executor(),
                                                 toro::blocking)) == 1);
}

BOOST_AUTO_TEST_CASE(operations_of_others_need_a_running_context)
{
  asio::thread_pool pool(1);
  asio::post(pool, toro::blocking);
  asio::steady_timer timer(pool, 0s);
  timer.async_wait(toro::blocking);

  timer.expires_after(1h);
  error_code ec;
  asio::async_initiate<const toro::blocking_t, void(error_code)>(
      [&](auto handler)
      {
        timer.async_wait(std::move(handler));
        asio::post(pool,
                   [&]
                   {
                     timer.cancel();
                   });
      },
      toro::blocking(ec));
  BOOST_TEST(ec == operation_aborted);

  const auto twice = [](int n) -> asio::awaitable<int>
  {
    co_await asio::post(asio::use_awaitable);
    co_return 2 * n;
  };
  BOOST_TEST(asio::co_spawn(pool, twice(4), toro::blocking) == 8);

  const auto fails = []() -> asio::awaitable<void>
  {
    throw std::domain_error("coroutine");
    co_return;
  };
  BOOST_CHECK_THROW(asio::co_spawn(pool, fails(), toro::blocking),
                    std::domain_error);
}

BOOST_AUTO_TEST_CASE(timer_whose_context_ends_is_an_abort)
{
  std::optional<asio::io_context> context(std::in_place);
  std::atomic<bool> started = false;
  const other_thread ender(
      [&]
      {
        while (!started)
          std::this_thread::yield();
        context.reset();
      });
  const auto start = [&](auto handler)
  {
    const auto timer = std::make_shared<asio::steady_timer>(*context, 1h);
    timer->async_wait(
        [timer, handler = std::move(handler)](error_code ec) mutable
        {
          std::move(handler)(ec);
        });
    started = true;
  };
  error_code ec;
  asio::async_initiate<const toro::blocking_t, void(error_code)>(
      start, toro::blocking(ec));
  BOOST_TEST(ec == operation_aborted);
}

// A composed operation whose steps run in the thread that waits.
namespace {

template <class Token>
auto async_pass(toro::queue<int>& from, toro::queue<int>& to, Token&& token)
{
  return asio::async_compose<Token, void(error_code)>(
      [&from, &to, step = 0](auto& self, error_code ec = {},
                             int item = 0) mutable
      {
        if (ec || step == 2)
          return self.complete(ec);
        if (step++ == 0)
          return from.async_get(1ms, std::move(self));
        to.async_put(item, std::move(self));
      },
      token, from);
}

} // namespace

BOOST_AUTO_TEST_CASE(composed_operation_needs_no_context_either)
{
  asio::io_context never_run;
  toro::queue<int> from(never_run);
  toro::queue<int> to(never_run);
  BOOST_TEST(from.try_put(1));
  async_pass(from, to, toro::blocking);
  BOOST_TEST(to.size() == 1u);
  error_code ec;
  async_pass(from, to, toro::blocking(ec));
  BOOST_TEST(ec == timed_out);
}

BOOST_AUTO_TEST_CASE(first_of_several_needs_no_context_either)
{
  asio::io_context context;
  toro::queue<int> a(context);
  toro::queue<int> b(context);
  BOOST_TEST(b.try_put(7));
  const auto [ready, ec1, none, ec2, item] = toro::async_first_of(
      a.async_get(asio::deferred), b.async_get(asio::deferred), toro::blocking);
  BOOST_TEST((ready == 1 && ec1 == operation_aborted && !ec2 && item == 7));

  const auto [expired, ec3, item3, ec4, item4] =
      toro::async_first_of(a.async_get(1ms, asio::deferred),
                           b.async_get(asio::deferred), toro::blocking);
  BOOST_TEST((expired == 0 && ec3 == timed_out && ec4 == operation_aborted));

  // The earlier deadline ends the wait, whichever comes first.
  const auto [early, ec7, item7, ec8, item8] =
      toro::async_first_of(a.async_get(1ms, asio::deferred),
                           b.async_get(1h, asio::deferred), toro::blocking);
  BOOST_TEST((early == 0 && ec7 == timed_out && ec8 == operation_aborted));
  const auto [early2, ec9, item9, ec10, item10] =
      toro::async_first_of(a.async_get(1h, asio::deferred),
                           b.async_get(1ms, asio::deferred), toro::blocking);
  BOOST_TEST((early2 == 1 && ec9 == operation_aborted && ec10 == timed_out));

  std::thread other(
      [&]
      {
        BOOST_TEST(b.try_put(8));
      });
  const auto [late, ec5, item5, ec6, item6] = toro::async_first_of(
      a.async_get(asio::deferred), b.async_get(asio::deferred), toro::blocking);
  other.join();
  BOOST_TEST((late == 1 && ec5 == operation_aborted && !ec6 && item6 == 8));
  BOOST_TEST(a.waiters() + b.waiters() == 0);
}

BOOST_AUTO_TEST_CASE(executor_of_the_handler_never_blocks)
{
  asio::async_initiate<const toro::blocking_t&, void()>(
      [](auto handler)
      {
        const auto executor = asio::get_associated_executor(handler);
        using asio::execution::blocking;
        BOOST_TEST((asio::query(executor, blocking) == blocking.never));
        BOOST_TEST((asio::require(executor, blocking.never) == executor));
        BOOST_TEST(executor.running_in_this_thread());
        bool ran = false;
        asio::prefer(executor, blocking.possibly)
            .execute(
                [&]
                {
                  ran = true;
                });
        BOOST_TEST(!ran);
        std::move(handler)();
      },
      toro::blocking);
}

BOOST_AUTO_TEST_CASE(functions_left_behind_are_destroyed)
{
  auto alive = std::make_shared<int>();
  bool ran = false;
  asio::async_initiate<const toro::blocking_t&, void()>(
      [&](auto handler)
      {
        const auto executor = asio::get_associated_executor(handler);
        executor.execute(
            [&ran, alive]
            {
              ran = true;
            });
        std::move(handler)();
      },
      toro::blocking);
  BOOST_TEST(!ran);
  BOOST_TEST(alive.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(memory_of_the_handler_is_on_the_stack)
{
  asio::async_initiate<const toro::blocking_t&, void()>(
      [](auto handler)
      {
        const auto& thread = asio::get_associated_executor(handler).thread();
        const auto is_there = [&](const int* place)
        {
          const auto* const begin = reinterpret_cast<const char*>(&thread);
          const auto* const here = reinterpret_cast<const char*>(place);
          return std::less_equal<>()(begin, here) &&
                 std::less<>()(here, begin + sizeof(thread));
        };
        auto allocator = asio::get_associated_allocator(handler);
        using traits = std::allocator_traits<decltype(allocator)>;
        typename traits::template rebind_alloc<int> ints(allocator);
        // As much as there is, in the places for a function and an operation.
        int* const function = ints.allocate(64 / sizeof(int));
        int* const operation = ints.allocate(512 / sizeof(int));
        int* const other = ints.allocate(1);
        BOOST_TEST(is_there(function));
        BOOST_TEST(is_there(operation));
        BOOST_TEST(!is_there(other));
        ints.deallocate(other, 1);
        ints.deallocate(operation, 512 / sizeof(int));
        ints.deallocate(function, 64 / sizeof(int));
        int* const large = ints.allocate(10'000);
        BOOST_TEST(!is_there(large));
        ints.deallocate(large, 10'000);
        std::move(handler)();
      },
      toro::blocking);
}

BOOST_AUTO_TEST_SUITE_END()
