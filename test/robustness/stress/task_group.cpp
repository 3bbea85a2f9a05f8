// SPDX-License-Identifier: BSL-1.0
// Children that start and end in several threads, while others cancel and join
// them, and destroy the group.

#include <toro/cancellation_source.hpp>
#include <toro/event.hpp>
#include <toro/for_each.hpp>
#include <toro/task_group.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <optional>
#include <ranges>
#include <stdexcept>
#include <thread>

#include "runners.hpp"
#include "worker_threads.hpp"

namespace toro_test {

BOOST_AUTO_TEST_SUITE(task_group)

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// What the children of one group have done.
struct tally
{
  std::atomic<std::size_t> admitted = 0;
  std::atomic<std::size_t> ended = 0;
  std::atomic<std::size_t> running = 0;
  std::atomic<std::size_t> most = 0;
  std::atomic<bool> has_failed = false;

  void begin()
  {
    const std::size_t now = ++running;
    std::size_t before = most;
    while (before < now && !most.compare_exchange_weak(before, now))
    {
    }
  }
};

// Is in the frame of a child as long as its coroutine is.
class presence
{
public:
  explicit presence(tally& all)
    : all_(all)
  {
    all_.begin();
  }

  presence(const presence&) = delete;
  presence& operator=(const presence&) = delete;

  ~presence()
  {
    --all_.running;
    ++all_.ended;
  }

private:
  tally& all_;
};

enum class life
{
  short_one,
  waits,
  sleeps,
  fails
};

asio::awaitable<void> run_child(tally& all, toro::event& never, life kind)
{
  const presence here(all);
  const auto executor = co_await asio::this_coro::executor;
  switch (kind)
  {
  case life::short_one:
    break;
  case life::waits:
    co_await never.async_wait(1ms, asio::as_tuple(asio::use_awaitable));
    break;
  case life::sleeps:
  {
    asio::steady_timer timer(executor, 20us);
    co_await timer.async_wait(asio::use_awaitable);
    break;
  }
  case life::fails:
    co_await asio::post(executor, asio::use_awaitable);
    all.has_failed = true;
    throw std::runtime_error("a child");
  }
}

constexpr std::size_t children_of_one = 8;
constexpr std::size_t spawner_count = 3;
constexpr std::size_t limit = 4;

life kind_of(std::size_t n, bool may_fail)
{
  return static_cast<life>(n % (may_fail ? 4 : 3));
}

// Spawns in each of the ways. What is refused must not start.
asio::awaitable<void> spawn_some(asio::io_context& context,
                                 toro::task_group& group, tally& all,
                                 toro::event& never, std::size_t number,
                                 bool may_fail)
{
  for (std::size_t i = 0; i != children_of_one; ++i)
  {
    const auto child = [&all, &never, kind = kind_of(number + i, may_fail)]
    {
      return run_child(all, never, kind);
    };
    count_race();
    switch ((number + i / 2) % 3)
    {
    case 0:
    {
      const auto [ec] = co_await group.async_spawn(
          child, asio::as_tuple(asio::use_awaitable));
      all.admitted += !ec;
      break;
    }
    case 1:
      all.admitted += group.try_spawn(child);
      break;
    default:
      try
      {
        group.spawn(asio::make_strand(context), child);
        ++all.admitted;
      }
      catch (const boost::system::system_error&)
      {
        // It is full or closed.
      }
    }
  }
}

} // namespace

BOOST_AUTO_TEST_CASE(children_of_several_threads_are_cancelled_and_joined)
{
  for (const std::size_t threads : thread_counts)
  {
    runners all(threads);
    const std::size_t count = rounds(150);
    for (std::size_t i = 0; i < count; ++i)
    {
      pending spawning;
      pending open;
      tally children;
      toro::event never(all.context);
      toro::task_group group(asio::make_strand(all.context), {.limit = limit});
      const bool may_fail = i % 4 == 0;
      for (std::size_t n = 0; n != spawner_count; ++n)
        asio::co_spawn(
            asio::make_strand(all.context),
            spawn_some(all.context, group, children, never, n + i, may_fail),
            one_call(spawning));
      group.async_join(one_call(open));
      group.async_join(50us, one_call(open));
      for (std::size_t pause = 0; pause < i % 7; ++pause)
        std::this_thread::yield();
      if (i % 3 != 0)
        group.cancel();
      if (i % 5 == 0)
        group.close();
      spawning.wait();
      group.async_join(one_call(open));
      open.wait();
      BOOST_TEST(group.size() == 0);
      BOOST_TEST(children.running == 0);
      BOOST_TEST(children.most <= limit);
      BOOST_TEST(children.ended == children.admitted);
      if (children.has_failed)
        BOOST_TEST((group.failure() != nullptr));
      else
        BOOST_TEST((group.failure() == nullptr));
    }
  }
  report_failures();
}

BOOST_AUTO_TEST_CASE(group_is_destroyed_while_children_end)
{
  for (const std::size_t threads : thread_counts)
  {
    runners all(threads);
    const std::size_t count = rounds(300);
    for (std::size_t i = 0; i < count; ++i)
    {
      pending open;
      tally children;
      toro::event never(all.context);
      std::optional<toro::task_group> group(asio::make_strand(all.context));
      for (std::size_t n = 0; n != 6; ++n)
        group->spawn(asio::make_strand(all.context),
                     [&children, &never, kind = kind_of(n, false)]
                     {
                       return run_child(children, never, kind);
                     });
      group->async_join(one_call(open));
      for (std::size_t pause = 0; pause < i % 7; ++pause)
        std::this_thread::yield();
      group.reset();
      open.wait();
      while (children.running != 0 || children.ended != 6)
        std::this_thread::yield();
    }
  }
  report_failures();
}

BOOST_AUTO_TEST_CASE(operations_and_a_source_are_cancelled_by_two_threads)
{
  for (const std::size_t threads : thread_counts)
  {
    runners all(threads);
    const std::size_t count = rounds(300);
    for (std::size_t i = 0; i < count; ++i)
    {
      pending open;
      toro::task_group group(all.context);
      toro::cancellation_source source(all.context);
      toro::event never(all.context);
      for (int n = 0; n != 4; ++n)
        never.async_wait(toro::bind_cancellation(
            n % 2 == 0 ? source : source.child(), group.child()));
      asio::post(all.context,
                 [&, call = one_call(open)]() mutable
                 {
                   group.cancel();
                   call();
                 });
      source.cancel();
      group.async_join(one_call(open));
      open.wait();
      BOOST_TEST(group.size() == 0);
      BOOST_TEST(never.waiters() == 0);
    }
  }
  report_failures();
}

namespace {

asio::awaitable<void> take_turns(std::size_t count)
{
  for (std::size_t i = 0; i != count; ++i)
    co_await asio::post(asio::use_awaitable);
}

// The child fails in another thread than the body runs in.
asio::awaitable<void> run_body(asio::io_context& context)
{
  const auto body = [&context](toro::task_group& group) -> asio::awaitable<void>
  {
    group.spawn(asio::make_strand(context),
                []() -> asio::awaitable<void>
                {
                  co_await take_turns(4);
                  throw std::runtime_error("a child");
                });
    co_await take_turns(9);
  };
  co_await toro::with_task_group({}, body);
}

} // namespace

// No strand of the test serializes the loops and bodies.
BOOST_AUTO_TEST_CASE(loops_and_bodies_are_cancelled_by_other_threads)
{
  for (const std::size_t threads : thread_counts)
  {
    runners all(threads);
    const std::size_t count = rounds(150);
    for (std::size_t i = 0; i < count; ++i)
    {
      pending open;
      toro::cancellation_source source(all.context);
      toro::task_group group(all.context);
      const auto numbers = std::views::iota(std::size_t(0), std::size_t(12));
      toro::async_for_each(all.context, numbers, 3, take_turns,
                           toro::bind_cancellation(source, one_call(open)));
      toro::async_for_each(all.context, numbers, 2, take_turns, group.child());
      toro::async_for_each(
          all.context, numbers, 2, take_turns,
          toro::bind_cancellation(
              source, asio::bind_executor(asio::make_strand(all.context),
                                          one_call(open))));
      asio::co_spawn(
          asio::make_strand(all.context), take_turns(9),
          toro::bind_cancellation(
              source, asio::bind_executor(all.context, one_call(open))));
      asio::co_spawn(all.context, run_body(all.context), one_call(open));
      for (std::size_t pause = 0; pause < i % 29; ++pause)
        std::this_thread::yield();
      source.cancel(i % 2 == 0 ? asio::cancellation_type::terminal
                               : asio::cancellation_type::all);
      group.cancel();
      group.async_join(one_call(open));
      open.wait();
      BOOST_TEST(group.size() == 0);
    }
  }
  report_failures();
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
