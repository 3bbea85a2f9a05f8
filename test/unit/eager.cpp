// SPDX-License-Identifier: BSL-1.0
#include <toro/async_result.hpp>
#include <toro/condition.hpp>
#include <toro/eager.hpp>
#include <toro/event.hpp>
#include <toro/lock.hpp>
#include <toro/priority_queue.hpp>
#include <toro/queue.hpp>
#include <toro/semaphore.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "support/case_template.hpp"
#include "support/world.hpp"

using namespace boost::asio::experimental::awaitable_operators;

BOOST_AUTO_TEST_SUITE(unit_eager)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;

template <class A, class B>
concept has_or = requires(A a, B b)
{
  std::move(a) || std::move(b);
};

template <class A, class B>
concept has_and = requires(A a, B b)
{
  std::move(a) && std::move(b);
};

using plain = asio::awaitable<toro::guard>;
using eager_guard = toro::eager_awaitable<toro::guard>;

static_assert(has_or<plain, plain> && has_and<plain, plain>);
static_assert(!has_or<eager_guard, eager_guard>);
static_assert(!has_or<eager_guard, plain> && !has_or<plain, eager_guard>);
static_assert(!has_and<eager_guard, plain> && !has_and<plain, eager_guard>);
static_assert(std::is_same_v<
              decltype(std::declval<toro::lock&>().async_acquire(toro::eager)),
              eager_guard>);

// Notes what happens beside a coroutine that did not yield.
void post_note(world& w, std::string word)
{
  asio::post(w.context(),
             [&w, word = std::move(word)]
             {
               w.note(word);
             });
}

} // namespace

TORO_TEST_CASE_TEMPLATE(what_is_free_is_taken_without_a_turn, Threading,
                        policies)
{
  world w;
  toro::basic_lock<any_executor, Threading> lock(w.context());
  const auto body = [&]() -> asio::awaitable<void>
  {
    post_note(w, "other");
    {
      const auto guard = co_await lock.async_acquire(toro::eager);
      w.note("acquired");
      BOOST_TEST(static_cast<bool>(guard));
      BOOST_TEST(lock.locked());
    }
    BOOST_TEST(!lock.locked());
  };
  w.spawn("done", body());
  BOOST_TEST(w.run().starts_with("acquired "));
}

TORO_TEST_CASE_TEMPLATE(nothing_is_tried_before_the_co_await, Threading,
                        policies)
{
  world w;
  toro::basic_lock<any_executor, Threading> lock(w.context());
  const auto body = [&]() -> asio::awaitable<void>
  {
    auto lazy = lock.async_acquire(toro::eager);
    BOOST_TEST(!lock.locked());
    const auto guard = co_await std::move(lazy);
    BOOST_TEST(lock.locked());
  };
  w.spawn("done", body());
  BOOST_TEST(w.run() == "done");
}

TORO_TEST_CASE_TEMPLATE(nothing_is_tried_after_the_primitive_has_ended,
                        Threading, policies)
{
  world w;
  using event_type = toro::basic_event<any_executor, Threading>;
  std::optional<event_type> event(std::in_place, w.context());
  event->set();
  const auto body = [&]() -> asio::awaitable<void>
  {
    auto lazy = event->async_wait(toro::eager);
    event.reset();
    co_await std::move(lazy);
  };
  w.spawn("done", body());
  BOOST_TEST(w.run() == "done:AB");
}

TORO_TEST_CASE_TEMPLATE(what_is_held_is_waited_for, Threading, policies)
{
  world w;
  toro::basic_lock<any_executor, Threading> lock(w.context());
  auto held = lock.try_acquire();
  const auto body = [&]() -> asio::awaitable<void>
  {
    const auto guard = co_await lock.async_acquire(toro::eager);
    w.note("acquired");
  };
  w.spawn("done", body());
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(lock.waiters() == 1u);
  held.reset();
  BOOST_TEST(w.run() == "acquired done");
}

TORO_TEST_CASE_TEMPLATE(it_does_not_overtake, Threading, policies)
{
  world w;
  toro::basic_semaphore<any_executor, Threading> permits(w.context(), 1);
  permits.async_acquire(2, w.on("two"));
  const auto body = [&]() -> asio::awaitable<void>
  {
    const auto mine = co_await permits.async_acquire(toro::eager);
    w.note("acquired");
  };
  w.spawn("one", body());
  BOOST_TEST(w.poll() == "");
  permits.release();
  BOOST_TEST(w.run() == "two acquired one");
}

TORO_TEST_CASE_TEMPLATE(deadlines_count_only_for_what_waits, Threading,
                        policies)
{
  world w;
  toro::basic_lock<any_executor, Threading> lock(w.context());
  const auto body = [&]() -> asio::awaitable<void>
  {
    const auto guard = co_await lock.async_acquire(-1s, toro::eager);
    w.note("acquired");
    const auto second = co_await lock.async_acquire(1s, toro::eager);
  };
  w.spawn("done", body());
  BOOST_TEST(w.poll() == "acquired");
  BOOST_TEST(w.advance(1s).starts_with("done:"));
}

TORO_TEST_CASE_TEMPLATE(errors_that_come_at_once_are_thrown_at_once, Threading,
                        policies)
{
  world w;
  toro::basic_queue<int, any_executor, Threading> items(w.context());
  items.close();
  const auto body = [&]() -> asio::awaitable<void>
  {
    post_note(w, "other");
    try
    {
      co_await items.async_get(toro::eager);
    }
    catch (const boost::system::system_error& e)
    {
      w.note("get" + outcome_of(e.code()));
    }
    try
    {
      co_await items.async_put(1, toro::eager);
    }
    catch (const boost::system::system_error& e)
    {
      w.note("put" + outcome_of(e.code()));
    }
  };
  w.spawn("done", body());
  BOOST_TEST(w.run().starts_with("get:closed put:closed "));
}

TORO_TEST_CASE_TEMPLATE(items_that_only_move_go_both_ways, Threading, policies)
{
  using item = std::unique_ptr<int>;
  world w;
  toro::basic_queue<item, any_executor, Threading> items(w.context(), 1);
  const auto put_all = [&]() -> asio::awaitable<void>
  {
    for (int i = 0; i < 3; ++i)
    {
      item next = std::make_unique<int>(i);
      co_await items.async_put(std::move(next), toro::eager);
    }
  };
  w.spawn("put", put_all());
  const auto get_all = [&]() -> asio::awaitable<void>
  {
    for (int i = 0; i < 3; ++i)
    {
      const item next = co_await items.async_get(toro::eager);
      w.note(std::to_string(*next));
    }
  };
  w.spawn("got", get_all());
  BOOST_TEST(w.run() == "0 1 put 2 got");
  BOOST_TEST(items.empty());
}

TORO_TEST_CASE_TEMPLATE(every_other_primitive_can_be_tried, Threading, policies)
{
  world w;
  toro::basic_event<any_executor, Threading> event(w.context());
  toro::basic_condition<any_executor, Threading> condition(w.context());
  toro::basic_async_result<int, any_executor, Threading> result(w.context());
  event.set();
  result.set(7);
  const auto body = [&]() -> asio::awaitable<void>
  {
    post_note(w, "other");
    co_await event.async_wait(toro::eager);
    BOOST_TEST(co_await result.async_get(toro::eager) == 7);
    const auto holds = []
    {
      return true;
    };
    co_await condition.async_wait(holds, toro::eager);
    w.note("all");
  };
  w.spawn("done", body());
  BOOST_TEST(w.run().starts_with("all "));
}

TORO_TEST_CASE_TEMPLATE(predicate_that_does_not_hold_makes_it_wait, Threading,
                        policies)
{
  world w;
  toro::basic_condition<any_executor, Threading> condition(w.context());
  bool flag = false;
  const auto body = [&]() -> asio::awaitable<void>
  {
    co_await condition.async_wait(
        [&]
        {
          return flag;
        },
        toro::eager);
  };
  w.spawn("done", body());
  BOOST_TEST(w.poll() == "");
  flag = true;
  condition.notify();
  BOOST_TEST(w.run() == "done");
}

TORO_TEST_CASE_TEMPLATE(comparison_that_throws_leaves_the_queue_alone,
                        Threading, policies)
{
  struct failing
  {
    bool operator()(int a, int b) const
    {
      if (a == 13 || b == 13)
        throw std::runtime_error("comparison");
      return a < b;
    }
  };
  world w;
  toro::basic_priority_queue<int, failing, any_executor, Threading> items(
      w.context());
  BOOST_TEST(items.try_put(1));
  const auto put_all = [&]() -> asio::awaitable<void>
  {
    co_await items.async_put(13, toro::eager);
  };
  w.spawn("put", put_all());
  BOOST_TEST(w.run() == "put:comparison");
  BOOST_TEST(items.size() == 1u);
}

TORO_TEST_CASE_TEMPLATE(behind_an_adapter_it_waits_as_others_do, Threading,
                        policies)
{
  world w;
  toro::basic_lock<any_executor, Threading> lock(w.context());
  const auto body = [&]() -> asio::awaitable<void>
  {
    post_note(w, "other");
    const auto [ec, guard] =
        co_await lock.async_acquire(asio::as_tuple(toro::eager));
    BOOST_TEST(!ec);
    BOOST_TEST(static_cast<bool>(guard));
    w.note("acquired");
  };
  w.spawn("done", body());
  BOOST_TEST(w.run() == "other acquired done");
}

TORO_TEST_CASE_TEMPLATE(it_can_be_the_default_token, Threading, policies)
{
  using lock_type = toro::eager_t<>::as_default_on_t<
      toro::basic_lock<any_executor, Threading>>;
  world w;
  lock_type lock(w.context().get_executor());
  const auto body = [&]() -> asio::awaitable<void>
  {
    const auto guard = co_await lock.async_acquire();
    BOOST_TEST(static_cast<bool>(guard));
  };
  w.spawn("done", body());
  BOOST_TEST(w.run() == "done");
}

BOOST_AUTO_TEST_SUITE_END()
