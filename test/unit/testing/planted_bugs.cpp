// SPDX-License-Identifier: BSL-1.0
#include <toro/condition.hpp>
#include <toro/eager.hpp>
#include <toro/event.hpp>
#include <toro/lock.hpp>
#include <toro/queue.hpp>
#include <toro/semaphore.hpp>
#include <toro/testing/explore.hpp>
#include <toro/testing/simulation.hpp>
#include <toro/testing/timer.hpp>
#include <toro/wait_group.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>

// Twelve programs, each with a bug that users make, and the same programs
// mended. The explorations find the bugs, and nothing in the mended programs.

BOOST_AUTO_TEST_SUITE(planted_bugs)

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using boost::system::error_code;
using toro::testing::exploration_failed;
using toro::testing::explore;
using toro::testing::explore_all;
using toro::testing::simulation;
using toro::testing::timer;

constexpr asio::use_awaitable_t<> wait;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

enum class version
{
  broken,
  mended
};

void start(const asio::any_io_executor& executor, asio::awaitable<void> program)
{
  asio::co_spawn(executor, std::move(program),
                 [](std::exception_ptr e)
                 {
                   if (e)
                     std::rethrow_exception(e);
                 });
}

// A test of one version of a program, with the version as a parameter.
template <class Program>
void check(Program program)
{
  const auto test = [&](version which)
  {
    return [&program, which](simulation& context)
    {
      return program(context, which);
    };
  };
  try
  {
    explore(test(version::broken));
    BOOST_ERROR("the bug was not found");
  }
  catch (const exploration_failed& e)
  {
    const std::string text = e.what();
    BOOST_TEST_MESSAGE(text);
    BOOST_TEST(text.find("The replay differs") == std::string::npos);
  }
  BOOST_TEST(explore(test(version::mended)) == 256u);
}

asio::awaitable<void> sleep(toro::deadline time)
{
  timer pause(co_await asio::this_coro::executor, time);
  co_await pause.async_wait(wait);
}

asio::awaitable<void> withdraw(int& balance, toro::lock* lock)
{
  toro::guard guard;
  if (lock)
    guard = co_await lock->async_acquire(wait);
  if (balance < 60)
    co_return;
  // The bank is asked.
  co_await sleep(1ms);
  balance -= 60;
}

BOOST_AUTO_TEST_CASE(check_then_act_across_a_wait)
{
  check(
      [](simulation& context, version which)
      {
        int balance = 100;
        toro::lock lock(context);
        for (int i = 0; i != 2; ++i)
          start(context.get_executor(),
                withdraw(balance, which == version::mended ? &lock : nullptr));
        context.run();
        return balance >= 0;
      });
}

asio::awaitable<void> await_ready(const bool& is_ready, timer& condition)
{
  if (!is_ready)
  {
    co_await asio::post(wait);
    co_await condition.async_wait(as_result);
  }
}

asio::awaitable<void> await_event(toro::event& ready)
{
  co_await asio::post(wait);
  co_await ready.async_wait(wait);
}

BOOST_AUTO_TEST_CASE(lost_wake_up_of_a_timer_used_as_a_condition)
{
  check(
      [](simulation& context, version which)
      {
        bool is_ready = false;
        timer condition(context, toro::deadline());
        toro::event ready(context);
        start(context.get_executor(), which == version::mended
                                          ? await_event(ready)
                                          : await_ready(is_ready, condition));
        asio::post(context,
                   [&]
                   {
                     is_ready = true;
                     condition.cancel();
                     ready.set();
                   });
        context.run();
      });
}

asio::awaitable<void> get_in_a_chain(toro::queue<int>& queue,
                                     toro::event& stopped, int& got)
{
  using namespace asio::experimental::awaitable_operators;
  timer late(co_await asio::this_coro::executor, 1s);
  const auto result =
      co_await (queue.async_get(wait) || late.async_wait(wait) ||
                stopped.async_wait(wait));
  if (result.index() == 0)
    got = std::get<0>(result);
}

asio::awaitable<void> get_before(toro::queue<int>& queue, int& got)
{
  const auto [ec, item] = co_await queue.async_get(1s, as_result);
  if (!ec)
    got = item;
}

BOOST_AUTO_TEST_CASE(item_lost_in_a_chain_of_operators)
{
  check(
      [](simulation& context, version which)
      {
        toro::queue<int> queue(context);
        toro::event stopped(context);
        int got = 0;
        start(context.get_executor(),
              which == version::mended ? get_before(queue, got)
                                       : get_in_a_chain(queue, stopped, got));
        timer put(context, 1s);
        put.async_wait(
            [&](error_code)
            {
              (void)queue.try_put(7);
            });
        timer stop(context, 1s);
        stop.async_wait(
            [&](error_code)
            {
              stopped.set();
            });
        context.run();
        return got == 7 || queue.size() == 1;
      });
}

asio::awaitable<void> hold_both(toro::lock& first, toro::lock& second)
{
  const toro::guard outer = co_await first.async_acquire(wait);
  co_await asio::post(wait);
  const toro::guard inner = co_await second.async_acquire(wait);
}

BOOST_AUTO_TEST_CASE(deadlock_of_two_locks)
{
  check(
      [](simulation& context, version which)
      {
        toro::lock a(context), b(context);
        start(context.get_executor(), hold_both(a, b));
        if (which == version::broken)
          start(context.get_executor(), hold_both(b, a));
        else
          start(context.get_executor(), hold_both(a, b));
        context.run();
      });
}

asio::awaitable<void> work(toro::lock& worker, toro::deadline limit, int& done)
{
  const auto [ec, guard] = co_await worker.async_acquire(limit, as_result);
  if (ec)
    co_return;
  co_await sleep(400ms);
  ++done;
}

BOOST_AUTO_TEST_CASE(time_out_shorter_than_the_work_that_it_bounds)
{
  check(
      [](simulation& context, version which)
      {
        toro::lock worker(context);
        int done = 0;
        // The third request waits for the work of two.
        const toro::deadline limit = which == version::mended ? 2s : 800ms;
        for (int i = 0; i != 3; ++i)
          start(context.get_executor(), work(worker, limit, done));
        context.run();
        return done == 3;
      });
}

asio::awaitable<void> retry(toro::semaphore& places, version which,
                            std::size_t& attempts)
{
  for (;;)
  {
    ++attempts;
    if (const toro::permit place = places.try_acquire())
    {
      co_await sleep(1s);
      co_return;
    }
    if (which == version::mended)
      co_await sleep(500ms);
    else
      co_await asio::post(wait);
  }
}

BOOST_AUTO_TEST_CASE(retry_storm)
{
  check(
      [](simulation& context, version which)
      {
        context.limit_handlers(1000);
        toro::semaphore places(context, 1);
        std::size_t attempts = 0;
        for (int i = 0; i != 3; ++i)
          start(context.get_executor(), retry(places, which, attempts));
        context.run();
        return attempts < 20;
      });
}

asio::awaitable<void> use_connection(toro::semaphore& connections,
                                     toro::event& failed, version which)
{
  toro::permit permit = co_await connections.async_acquire(wait);
  if (which == version::broken)
    permit.detach();
  co_await asio::post(wait);
  if (failed.is_set())
    co_return;
  if (which == version::broken)
    connections.release();
}

BOOST_AUTO_TEST_CASE(permit_leaked_on_an_error_path)
{
  check(
      [](simulation& context, version which)
      {
        toro::semaphore connections(context, 2);
        toro::event failed(context);
        for (int i = 0; i != 3; ++i)
          start(context.get_executor(),
                use_connection(connections, failed, which));
        asio::post(context,
                   [&]
                   {
                     failed.set();
                   });
        context.run();
        return connections.value() == 2;
      });
}

asio::awaitable<void> produce(toro::queue<int>& queue,
                              toro::wait_group& producers, toro::work own,
                              version which, int items)
{
  for (int i = 0; i != items; ++i)
    co_await queue.async_put(i, wait);
  own.reset();
  if (which == version::broken || producers.count() == 0)
    queue.close();
}

asio::awaitable<void> consume(toro::queue<int>& queue, int& count)
{
  for (;;)
  {
    const auto [ec, item] = co_await queue.async_get(as_result);
    if (ec)
      co_return;
    ++count;
  }
}

BOOST_AUTO_TEST_CASE(close_before_the_last_put)
{
  check(
      [](simulation& context, version which)
      {
        toro::queue<int> queue(context, 1);
        toro::wait_group producers(context);
        int count = 0;
        start(context.get_executor(), consume(queue, count));
        for (const int items : {2, 3})
          start(context.get_executor(),
                produce(queue, producers, producers.enter(), which, items));
        context.run();
        return count == 5;
      });
}

// Calls a function when an event is set or a timer expires, whichever is first.
class first_of_both : public std::enable_shared_from_this<first_of_both>
{
public:
  first_of_both(simulation& context, version which,
                std::function<void(bool)> done)
    : late_(context, 1s),
      which_(which),
      done_(std::move(done))
  {
  }

  void start(toro::event& event)
  {
    const auto self = shared_from_this();
    event.async_wait(
        [self](error_code ec)
        {
          if (!ec)
            self->complete(true);
          self->late_.cancel();
        });
    late_.async_wait(
        [self](error_code ec)
        {
          if (!ec)
            self->complete(false);
        });
  }

private:
  void complete(bool in_time)
  {
    if (which_ == version::mended && std::exchange(is_done_, true))
      return;
    done_(in_time);
  }

  timer late_;
  const version which_;
  const std::function<void(bool)> done_;
  bool is_done_ = false;
};

BOOST_AUTO_TEST_CASE(double_completion)
{
  check(
      [](simulation& context, version which)
      {
        toro::event event(context);
        int calls = 0;
        std::make_shared<first_of_both>(context, which,
                                        [&](bool)
                                        {
                                          ++calls;
                                        })
            ->start(event);
        timer sets(context, 1s);
        sets.async_wait(
            [&](error_code)
            {
              event.set();
            });
        context.run();
        return calls == 1;
      });
}

asio::awaitable<void> poll_until(const bool& is_stopped, toro::lock& lock,
                                 version which, int& polls)
{
  while (!is_stopped && polls != 1000)
  {
    ++polls;
    if (which == version::broken)
      const auto guard = co_await lock.async_acquire(toro::eager);
    else
      const auto guard = co_await lock.async_acquire(wait);
  }
}

BOOST_AUTO_TEST_CASE(starvation_by_eager_waits)
{
  check(
      [](simulation& context, version which)
      {
        bool is_stopped = false;
        toro::lock lock(context);
        int polls = 0;
        start(context.get_executor(),
              poll_until(is_stopped, lock, which, polls));
        asio::post(context,
                   [&]
                   {
                     is_stopped = true;
                   });
        context.run();
        return polls < 1000;
      });
}

// An object of a frame. It tells whether another one refers to it after its
// end, which is undefined for a real one.
class frame_object
{
public:
  explicit frame_object(std::set<int>& living)
    : living_(living)
  {
    living_.insert(1);
  }

  frame_object(const frame_object&) = delete;
  frame_object& operator=(const frame_object&) = delete;

  ~frame_object()
  {
    living_.erase(1);
  }

private:
  std::set<int>& living_;
};

asio::awaitable<void> report(simulation& context, std::set<int>& living,
                             version which, bool& used_after_end)
{
  const frame_object local(living);
  toro::event reported(context);
  asio::post(context,
             [&living, &used_after_end, &reported, which]
             {
               // Stands for a use of the local object.
               used_after_end = living.empty();
               if (which == version::mended)
                 reported.set();
             });
  if (which == version::mended)
    co_await reported.async_wait(wait);
  else
    co_await asio::post(wait);
}

BOOST_AUTO_TEST_CASE(use_after_the_end_of_a_frame)
{
  check(
      [](simulation& context, version which)
      {
        std::set<int> living;
        bool used_after_end = false;
        start(context.get_executor(),
              report(context, living, which, used_after_end));
        context.run();
        return !used_after_end;
      });
}

BOOST_AUTO_TEST_CASE(order_that_only_one_schedule_shows)
{
  const auto program = [](simulation& context, version which)
  {
    // Stands for a fault that shows in one order of seven handlers.
    std::string order;
    for (char c = 'a'; c != 'h'; ++c)
      asio::post(context,
                 [&order, c]
                 {
                   order += c;
                 });
    context.run();
    return which == version::mended || order != "dgbface";
  };
  const auto test = [&](version which)
  {
    return [&program, which](simulation& context)
    {
      return program(context, which);
    };
  };
  explore(test(version::broken));
  BOOST_CHECK_THROW(explore_all(test(version::broken)), exploration_failed);
  const auto done = explore_all(test(version::mended));
  BOOST_TEST(done.schedules == 5040u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
