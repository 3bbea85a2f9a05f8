// SPDX-License-Identifier: BSL-1.0
#include <toro/event.hpp>
#include <toro/lock.hpp>
#include <toro/queue.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "support/case_template.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_moves)

namespace {

using namespace toro_test;

namespace asio = boost::asio;

template <class Threading>
using event_of = toro::basic_event<any_executor, Threading>;

template <class Threading>
using queue_of = toro::basic_queue<int, any_executor, Threading>;

static_assert(std::is_nothrow_move_constructible_v<toro::event>);
static_assert(std::is_nothrow_move_assignable_v<toro::queue<int>>);
static_assert(!std::is_copy_constructible_v<toro::lock>);

template <class Event>
asio::awaitable<void> wait_for(Event& ev)
{
  co_await ev.async_wait();
}

} // namespace

TORO_TEST_CASE_TEMPLATE(waiters_move_along, Threading, policies)
{
  world w;
  event_of<Threading> first(w.context());
  first.async_wait(w.on("wait"));
  event_of<Threading> second(std::move(first));
  BOOST_TEST(second.waiters() == 1u);
  second.set();
  BOOST_TEST(w.poll() == "wait");
}

TORO_TEST_CASE_TEMPLATE(grants_under_way_move_along, Threading, policies)
{
  world w;
  queue_of<Threading> first(w.context(), 1);
  first.async_get(w.on("get"));
  first.async_put(1, w.on("put"));
  queue_of<Threading> second(std::move(first));
  BOOST_TEST(w.poll() == "put get=1");
  BOOST_TEST(second.try_put(2));
  BOOST_TEST(second.full());
}

TORO_TEST_CASE_TEMPLATE(move_assignment_ends_the_waits_of_the_target, Threading,
                        policies)
{
  world w;
  event_of<Threading> first(w.context());
  event_of<Threading> second(w.context());
  first.async_wait(w.on("first"));
  second.async_wait(w.on("second"));
  second = std::move(first);
  BOOST_TEST(w.poll() == "second:AB");
  BOOST_TEST(second.waiters() == 1u);
  second.set();
  BOOST_TEST(w.poll() == "first");

  // What was moved from may be assigned to.
  first = event_of<Threading>(w.context());
  first.async_wait(w.on("again"));
  first.set();
  BOOST_TEST(w.poll() == "again");
}

TORO_TEST_CASE_TEMPLATE(self_move_assignment_changes_nothing, Threading,
                        policies)
{
  world w;
  event_of<Threading> ev(w.context());
  ev.async_wait(w.on("wait"));
  auto& same = ev;
  ev = std::move(same);
  BOOST_TEST(ev.waiters() == 1u);
  ev.set();
  BOOST_TEST(w.poll() == "wait");
}

TORO_TEST_CASE_TEMPLATE(guard_of_a_moved_lock_gives_back_to_it, Threading,
                        policies)
{
  world w;
  toro::basic_lock<any_executor, Threading> first(w.context());
  auto held = first.try_acquire();
  auto second = std::move(first);
  BOOST_TEST(second.locked());
  held.reset();
  BOOST_TEST(!second.locked());
}

TORO_TEST_CASE_TEMPLATE(waiters_survive_a_change_of_the_executor_type,
                        Threading, policies)
{
  world w;
  event_of<Threading> first(w.context());
  first.async_wait(w.on("old"));
  auto operation = first.async_wait(asio::deferred);
  auto second = asio::use_awaitable_t<>::as_default_on(std::move(first));
  static_assert(!std::is_same_v<decltype(second), event_of<Threading>>);
  BOOST_TEST(second.waiters() == 1u);
  std::move(operation)(w.on("prepared before"));
  w.spawn("new", wait_for(second));
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(second.waiters() == 3u);
  second.set();
  BOOST_TEST(w.poll() == "old prepared before new");
}

TORO_TEST_CASE_TEMPLATE(nothing_happens_before_a_deferred_launch, Threading,
                        policies)
{
  world w;
  toro::basic_lock<any_executor, Threading> lk(w.context());
  auto operation = lk.async_acquire(asio::deferred);
  BOOST_TEST(!lk.locked());
  std::move(operation)(w.on("acquire", let_go()));
  BOOST_TEST(lk.locked());
  BOOST_TEST(w.poll() == "acquire");
  auto never_launched = lk.async_acquire(asio::deferred);
  BOOST_TEST(lk.waiters() == 0u);
}

TORO_TEST_CASE_TEMPLATE(deferred_launch_follows_a_move, Threading, policies)
{
  world w;
  event_of<Threading> first(w.context());
  auto operation = first.async_wait(asio::deferred);
  auto second = std::move(first);
  std::move(operation)(w.on("wait"));
  BOOST_TEST(second.waiters() == 1u);
  second.set();
  BOOST_TEST(w.poll() == "wait");
}

TORO_TEST_CASE_TEMPLATE(deferred_launch_after_destruction_is_aborted, Threading,
                        policies)
{
  world w;
  std::optional<queue_of<Threading>> q(std::in_place, w.context());
  auto get = q->async_get(asio::deferred);
  auto put = q->async_put(1, asio::deferred);
  auto timed = q->async_join(std::chrono::hours(1), asio::deferred);
  BOOST_TEST(q->try_put(2));
  q.reset();
  std::move(get)(w.on("get"));
  std::move(put)(w.on("put"));
  std::move(timed)(w.on("join"));
  BOOST_TEST(w.run() == "get:AB put:AB join:AB");
}

BOOST_AUTO_TEST_SUITE_END()
