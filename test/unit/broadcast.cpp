// SPDX-License-Identifier: BSL-1.0
#include <toro/broadcast.hpp>
#include <toro/diagnostics.hpp>
#include <toro/eager.hpp>
#include <toro/first_of.hpp>
#include <toro/queue.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/case_template.hpp"
#include "support/primitives.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_broadcast)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;
using boost::system::error_code;
using toro::overflow;

static_assert(std::is_nothrow_move_constructible_v<toro::broadcast<int>>);
static_assert(!std::is_copy_constructible_v<toro::broadcast<int>>);
static_assert(!std::is_copy_constructible_v<toro::subscription<int>>);
static_assert(std::is_nothrow_move_constructible_v<toro::subscription<int>>);
static_assert(std::is_nothrow_move_assignable_v<toro::subscription<int>>);
static_assert(std::is_same_v<toro::broadcast<int>::subscription_type,
                             toro::subscription<int>>);
static_assert(
    !std::is_constructible_v<toro::broadcast<int>, asio::io_context&, double>);

// Counts the items that are alive, and their copies. A copy throws when it is
// told to. It has no default constructor.
struct counted_item
{
  explicit counted_item(int n)
    : number(n)
  {
    ++alive;
  }

  counted_item(const counted_item& other)
    : number(other.number)
  {
    if (copies_until_failure >= 0 && copies_until_failure-- == 0)
      throw std::runtime_error("no copy");
    ++copies;
    ++alive;
  }

  counted_item(counted_item&& other)
    : number(other.number)
  {
    if (std::exchange(next_move_fails, false))
      throw std::runtime_error("no move");
    ++alive;
  }

  ~counted_item()
  {
    --alive;
  }

  int number;

  static inline int alive = 0;
  static inline int copies = 0;
  static inline int copies_until_failure = -1;
  static inline bool next_move_fails = false;
};

// Gets all that there is.
template <class Subscription>
std::string drain(Subscription& s)
{
  std::string result;
  while (const auto item = s.try_get())
    result += (result.empty() ? "" : " ") + std::to_string(*item);
  return result;
}

} // namespace

TORO_TEST_CASE_TEMPLATE(every_subscription_gets_every_item, Threading, policies)
{
  world w;
  broadcast_of<int, Threading> room(w.context(), 4);
  BOOST_TEST(room.put(0) == 0u);
  auto a = room.subscribe();
  auto b = room.subscribe();
  BOOST_TEST(room.subscriptions() == 2u);
  a.async_get(w.on("a"));
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(room.getters() == 1u);
  BOOST_TEST(room.put(1) == 2u);
  BOOST_TEST(room.put(2) == 2u);
  BOOST_TEST(w.poll() == "a=1");
  a.async_get(w.on("a"));
  b.async_get(w.on("b"));
  BOOST_TEST(w.poll() == "a=2 b=1");
  BOOST_TEST(drain(b) == "2");
  BOOST_TEST(room.size() == 0u);
}

TORO_TEST_CASE_TEMPLATE(drop_oldest_overwrites_for_the_slow, Threading,
                        policies)
{
  world w;
  broadcast_of<int, Threading> room(w.context(), 2);
  auto slow = room.subscribe();
  auto fast = room.subscribe();
  for (int i = 1; i != 6; ++i)
  {
    BOOST_TEST(room.put(i) == 2u);
    BOOST_TEST(fast.try_get().value() == i);
  }
  BOOST_TEST(room.size() == 2u);
  BOOST_TEST(slow.size() == 2u);
  BOOST_TEST(slow.lost() == 3u);
  BOOST_TEST(slow.lost() == 0u);
  BOOST_TEST(fast.lost() == 0u);
  BOOST_TEST(drain(slow) == "4 5");
}

TORO_TEST_CASE_TEMPLATE(drop_newest_drops_for_all, Threading, policies)
{
  world w;
  broadcast_of<int, Threading> room(w.context(), 2, overflow::drop_newest);
  auto slow = room.subscribe();
  auto fast = room.subscribe();
  BOOST_TEST(room.put(1) == 2u);
  BOOST_TEST(room.put(2) == 2u);
  BOOST_TEST(drain(fast) == "1 2");
  BOOST_TEST(room.put(3) == 0u);
  BOOST_TEST(!room.try_put(3));
  room.async_put(3, w.on("put"));
  BOOST_TEST(w.poll() == "put");
  BOOST_TEST(drain(fast) == "");
  BOOST_TEST(slow.lost() == 0u);
  BOOST_TEST(drain(slow) == "1 2");
  BOOST_TEST(room.try_put(4));
  BOOST_TEST(drain(fast) == "4");
}

TORO_TEST_CASE_TEMPLATE(put_waits_for_the_slowest, Threading, policies)
{
  world w;
  broadcast_of<int, Threading> room(w.context(), 1, overflow::wait);
  auto slow = room.subscribe();
  auto fast = room.subscribe();
  room.async_put(1, w.on("1"));
  room.async_put(2, w.on("2"));
  room.async_put(3, 1s, w.on("3"));
  BOOST_TEST(w.poll() == "1");
  BOOST_TEST(room.putters() == 2u);
  BOOST_TEST(!room.try_put(4));
  BOOST_TEST(drain(fast) == "1");
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(slow.try_get().value() == 1);
  BOOST_TEST(w.poll() == "2");
  BOOST_TEST(w.advance(1s) == "3:TO");
  BOOST_TEST(drain(slow) == "2");
  BOOST_TEST(drain(fast) == "2");
  BOOST_CHECK_THROW(room.put(5), std::logic_error);
  error_code ec;
  BOOST_CHECK_THROW(room.put(5, ec), std::logic_error);
  room.async_put(6, -1s, w.on("6"));
  room.async_put(7, -1s, w.on("7"));
  BOOST_TEST(w.poll() == "6 7:TO");
}

TORO_TEST_CASE_TEMPLATE(end_of_the_slowest_admits_puts, Threading, policies)
{
  world w;
  broadcast_of<int, Threading> room(w.context(), 1, overflow::wait);
  auto fast = room.subscribe();
  {
    auto slow = room.subscribe();
    room.async_put(1, w.on("1"));
    room.async_put(2, w.on("2"));
    BOOST_TEST(drain(fast) == "1");
    BOOST_TEST(w.poll() == "1");
    BOOST_TEST(room.size() == 1u);
  }
  BOOST_TEST(w.poll() == "2");
  BOOST_TEST(drain(fast) == "2");
  BOOST_TEST(room.size() == 0u);
}

TORO_TEST_CASE_TEMPLATE(stored_item_can_be_withdrawn, Threading, policies)
{
  world w;
  broadcast_of<int, Threading> room(w.context(), 1, overflow::wait);
  auto a = room.subscribe();
  auto b = room.subscribe();
  asio::cancellation_signal signal;
  room.async_put(1, asio::bind_cancellation_slot(signal.slot(), w.on("1")));
  room.async_put(2, w.on("2"));
  BOOST_TEST(a.size() == 1u);
  // A subscription that begins behind the item does not change that.
  auto late = room.subscribe();
  signal.emit(asio::cancellation_type::total);
  BOOST_TEST(w.poll() == "1:AB 2");
  BOOST_TEST(drain(a) == "2");
  BOOST_TEST(drain(b) == "2");
  BOOST_TEST(drain(late) == "2");

  // Once one subscription was granted the item, the put has succeeded.
  room.async_put(3, asio::bind_cancellation_slot(signal.slot(), w.on("3")));
  b.async_get(w.on("b"));
  signal.emit(asio::cancellation_type::total);
  BOOST_TEST(w.poll() == "3 b=3");
  BOOST_TEST(drain(a) == "3");
  late.skip_to_newest();
  BOOST_TEST(drain(late) == "3");
}

TORO_TEST_CASE_TEMPLATE(put_that_does_not_wait_stays, Threading, policies)
{
  world w;
  broadcast_of<int, Threading> room(w.context(), 1);
  auto s = room.subscribe();
  asio::cancellation_signal signal;
  BOOST_TEST(room.put(1) == 1u);
  room.async_put(2, asio::bind_cancellation_slot(signal.slot(), w.on("2")));
  signal.emit(asio::cancellation_type::total);
  BOOST_TEST(room.cancel() == 0u);
  BOOST_TEST(w.poll() == "2");
  BOOST_TEST(drain(s) == "2");
  BOOST_TEST(s.lost() == 1u);
}

TORO_TEST_CASE_TEMPLATE(revoked_item_is_the_oldest_again, Threading, policies)
{
  world w;
  broadcast_of<int, Threading> room(w.context(), 3);
  auto s = room.subscribe();
  asio::cancellation_signal first;
  asio::cancellation_signal second;
  s.async_get(asio::bind_cancellation_slot(first.slot(), w.on("a")));
  s.async_get(asio::bind_cancellation_slot(second.slot(), w.on("b")));
  for (int i = 1; i != 4; ++i)
    room.put(i);
  BOOST_TEST(s.size() == 1u);
  second.emit(asio::cancellation_type::total);
  first.emit(asio::cancellation_type::total);
  BOOST_TEST(s.size() == 3u);
  BOOST_TEST(w.poll() == "a:AB b:AB");
  // The next item overwrites the one that was returned.
  room.put(4);
  BOOST_TEST(s.lost() == 1u);
  BOOST_TEST(drain(s) == "2 3 4");
}

TORO_TEST_CASE_TEMPLATE(revoked_item_goes_to_the_next_get, Threading, policies)
{
  world w;
  broadcast_of<int, Threading> room(w.context(), 1);
  auto s = room.subscribe();
  asio::cancellation_signal signal;
  s.async_get(asio::bind_cancellation_slot(signal.slot(), w.on("a")));
  s.async_get(w.on("b"));
  room.put(1);
  signal.emit(asio::cancellation_type::total);
  BOOST_TEST(w.poll() == "a:AB b=1");
  BOOST_TEST(s.lost() == 0u);
}

TORO_TEST_CASE_TEMPLATE(revoked_item_without_room_is_lost, Threading, policies)
{
  for (const overflow rule :
       {overflow::drop_oldest, overflow::drop_newest, overflow::wait})
  {
    world w;
    broadcast_of<int, Threading> room(w.context(), 1, rule);
    auto s = room.subscribe();
    asio::cancellation_signal signal;
    s.async_get(asio::bind_cancellation_slot(signal.slot(), w.on("a")));
    BOOST_TEST(room.try_put(1));
    BOOST_TEST(room.try_put(2));
    signal.emit(asio::cancellation_type::total);
    BOOST_TEST(w.poll() == "a:AB");
    BOOST_TEST(s.lost() == 1u);
    BOOST_TEST(drain(s) == "2");
  }
}

// Room that a put was promised is not for an item that returns.
TORO_TEST_CASE_TEMPLATE(revoked_item_leaves_promised_room, Threading, policies)
{
  for (const overflow rule : {overflow::drop_newest, overflow::wait})
  {
    world w;
    queue_of<int, Threading> other(w.context());
    broadcast_of<int, Threading> room(w.context(), 1, rule);
    auto s = room.subscribe();
    asio::cancellation_signal signal;
    s.async_get(asio::bind_cancellation_slot(signal.slot(), w.on("get")));
    BOOST_TEST(room.try_put(1));
    toro::async_first_of(room.async_put(2, asio::deferred),
                         other.async_get(asio::deferred),
                         [](std::size_t, auto&&...) {});
    signal.emit(asio::cancellation_type::total);
    BOOST_TEST(s.size() == 0u);
    BOOST_TEST(s.lost() == 1u);
    BOOST_TEST(w.poll() == "get:AB");
    BOOST_TEST(drain(s) == "2");
  }
}

BOOST_AUTO_TEST_CASE(item_returns_between_others)
{
  world w;
  broadcast_of<int, toro::thread_safe> room(w.context(), 4);
  auto s = room.subscribe();
  asio::cancellation_signal signal;
  asio::io_context elsewhere;
  error_code slow;
  s.async_get(w.on("a"));
  s.async_get(asio::bind_executor(
      elsewhere, asio::bind_cancellation_slot(signal.slot(),
                                              [&](error_code ec, int)
                                              {
                                                slow = ec;
                                              })));
  s.async_get(w.on("c"));
  for (int i = 1; i != 6; ++i)
    room.put(i);
  BOOST_TEST(w.poll() == "a=1 c=3");
  signal.emit(asio::cancellation_type::total);
  elsewhere.run();
  BOOST_TEST(slow == asio::error::operation_aborted);
  BOOST_TEST(s.size() == 3u);
  BOOST_TEST(drain(s) == "2 4 5");
}

TORO_TEST_CASE_TEMPLATE(replay_of_the_last_items, Threading, policies)
{
  world w;
  broadcast_of<int, Threading> room(w.context(), 3, overflow::drop_oldest, 2);
  auto none = room.subscribe();
  BOOST_TEST(none.size() == 0u);
  for (int i = 1; i != 5; ++i)
    room.put(i);
  BOOST_TEST(drain(none) == "2 3 4");
  BOOST_TEST(none.lost() == 1u);
  BOOST_TEST(room.size() == 2u);
  auto late = room.subscribe();
  late.async_get(w.on("late"));
  BOOST_TEST(w.poll() == "late=3");
  BOOST_TEST(drain(late) == "4");
  room.close();
  auto after = room.subscribe();
  BOOST_TEST(drain(after) == "3 4");
  after.async_get(w.on("after"));
  BOOST_TEST(w.poll() == "after:closed");
}

TORO_TEST_CASE_TEMPLATE(withdrawn_item_pushes_nothing_out_of_the_replay,
                        Threading, policies)
{
  world w;
  broadcast_of<int, Threading> room(w.context(), 1, overflow::wait, 1);
  room.async_put(1, w.on("1"));
  BOOST_TEST(w.poll() == "1");
  room.async_put(2, w.on("2"));
  BOOST_TEST(room.cancel() == 1u);
  BOOST_TEST(w.poll() == "2:AB");
  auto s = room.subscribe();
  BOOST_TEST(drain(s) == "1");
  BOOST_TEST(room.size() == 1u);
}

TORO_TEST_CASE_TEMPLATE(skip_to_the_newest, Threading, policies)
{
  world w;
  broadcast_of<int, Threading> room(w.context(), 3, overflow::wait);
  auto s = room.subscribe();
  BOOST_TEST(s.skip_to_newest() == 0u);
  BOOST_TEST(room.try_put(1));
  BOOST_TEST(s.skip_to_newest() == 0u);
  BOOST_TEST(room.try_put(2));
  BOOST_TEST(room.try_put(3));
  room.async_put(4, w.on("4"));
  BOOST_TEST(s.skip_to_newest() == 2u);
  BOOST_TEST(s.lost() == 0u);
  BOOST_TEST(w.poll() == "4");
  BOOST_TEST(drain(s) == "3 4");

  // Also what was returned.
  s.async_get(w.on("a"));
  s.async_get(w.on("b"));
  BOOST_TEST(room.try_put(5));
  BOOST_TEST(room.try_put(6));
  BOOST_TEST(room.cancel() == 2u);
  BOOST_TEST(w.poll() == "a:AB b:AB");
  BOOST_TEST(s.size() == 2u);
  BOOST_TEST(s.skip_to_newest() == 1u);
  BOOST_TEST(drain(s) == "6");
}

TORO_TEST_CASE_TEMPLATE(close_leaves_what_is_there, Threading, policies)
{
  world w;
  broadcast_of<int, Threading> room(w.context(), 1, overflow::wait);
  auto slow = room.subscribe();
  auto idle = room.subscribe();
  BOOST_TEST(room.try_put(1));
  BOOST_TEST(drain(idle) == "1");
  idle.async_get(w.on("idle"));
  room.async_put(2, w.on("put"));
  BOOST_TEST(room.close() == 2u);
  BOOST_TEST(room.close() == 0u);
  BOOST_TEST(!room.is_open());
  slow.async_get(w.on("slow"));
  slow.async_get(w.on("slow"));
  BOOST_TEST(w.poll() == "put:closed idle:closed slow=1 slow:closed");
  room.async_put(3, w.on("put"));
  BOOST_TEST(w.poll() == "put:closed");
  BOOST_TEST(!room.try_put(4));

  broadcast_of<int, Threading> other(w.context(), 1);
  other.close();
  error_code ec;
  BOOST_TEST(other.put(1, ec) == 0u);
  BOOST_TEST(ec == make_error_code(toro::error::closed));
  BOOST_TEST(throws_code(
      [&]
      {
        other.put(1);
      },
      toro::error::closed));
  BOOST_TEST(to_string(other) == "<broadcast closed capacity=1 "
                                 "subscriptions=0>");
}

TORO_TEST_CASE_TEMPLATE(get_waits_for_an_item_that_may_return, Threading,
                        policies)
{
  world w;
  broadcast_of<int, Threading> room(w.context(), 1);
  auto s = room.subscribe();
  asio::cancellation_signal signal;
  s.async_get(asio::bind_cancellation_slot(signal.slot(), w.on("a")));
  room.put(1);
  room.close();
  s.async_get(w.on("b"));
  BOOST_TEST(room.getters() == 1u);
  signal.emit(asio::cancellation_type::total);
  BOOST_TEST(w.poll() == "a:AB b=1");
  s.async_get(w.on("c"));
  BOOST_TEST(w.poll() == "c:closed");
}

TORO_TEST_CASE_TEMPLATE(waits_move_with_their_subscription_and_end_with_it,
                        Threading, policies)
{
  world w;
  broadcast_of<int, Threading> room(w.context(), 2);
  auto other = room.subscribe();
  other.async_get(w.on("other"));
  {
    auto s = room.subscribe();
    s.async_get(w.on("a"));
    s.async_get(w.on("b"));
    auto moved = std::move(s);
    BOOST_TEST(w.poll() == "");
    room.put(1);
    moved.async_get(w.on("c"));
    room.put(2);
    BOOST_TEST(w.poll() == "other=1 a=1 b=2");
    moved.async_get(w.on("d"));
  }
  BOOST_TEST(w.poll() == "c:AB d:AB");
  BOOST_TEST(room.subscriptions() == 1u);
  BOOST_TEST(room.waiters() == 0u);

  // Also what was granted, and by assignment.
  auto s = room.subscribe();
  s.async_get(w.on("e"));
  room.put(3);
  s = std::move(other);
  BOOST_TEST(w.poll() == "e:AB");
  BOOST_TEST(room.subscriptions() == 1u);
  BOOST_TEST(drain(s) == "2 3");

  // What was prepared before is not launched.
  auto lazy = [&]
  {
    auto gone = room.subscribe();
    room.put(4);
    return gone.async_get(asio::deferred);
  }();
  std::move(lazy)(w.on("lazy"));
  BOOST_TEST(w.poll() == "lazy:AB");
}

TORO_TEST_CASE_TEMPLATE(one_stored_item_and_one_copy_for_each, Threading,
                        policies)
{
  {
    world w;
    broadcast_of<counted_item, Threading> room(w.context(), 2);
    auto a = room.subscribe();
    auto b = room.subscribe();
    auto c = room.subscribe();
    counted_item::copies = 0;
    room.put(counted_item(1));
    BOOST_TEST(counted_item::alive == 1);
    BOOST_TEST(counted_item::copies == 0);
    int sum = 0;
    const auto add = [&](error_code ec, std::optional<counted_item> item)
    {
      BOOST_TEST(!ec);
      sum += item->number;
    };
    a.async_get(add);
    b.async_get(add);
    w.poll();
    BOOST_TEST(c.try_get()->number == 1);
    BOOST_TEST(sum == 2);
    BOOST_TEST(counted_item::copies == 3);
    BOOST_TEST(counted_item::alive == 0);

    // What nobody needs is destroyed at once.
    room.put(counted_item(2));
    BOOST_TEST(a.try_get()->number == 2);
    b = std::move(a);
    BOOST_TEST(counted_item::alive == 1);
    BOOST_TEST(c.skip_to_newest() == 0u);
    BOOST_TEST(c.try_get()->number == 2);
    BOOST_TEST(counted_item::alive == 0);
    room.put(counted_item(3));
    room.put(counted_item(4));
    room.put(counted_item(5));
    BOOST_TEST(counted_item::alive == 2);
  }
  BOOST_TEST(counted_item::alive == 0);
}

TORO_TEST_CASE_TEMPLATE(copy_that_throws_returns_the_item, Threading, policies)
{
  {
    world w;
    broadcast_of<counted_item, Threading> room(w.context(), 1);
    auto s = room.subscribe();
    auto other = room.subscribe();
    int sum = 0;
    const auto add = [&](error_code ec, std::optional<counted_item> item)
    {
      BOOST_TEST(!ec);
      sum += item->number;
    };
    s.async_get(add);
    other.async_get(add);
    room.put(counted_item(1));
    counted_item::copies_until_failure = 0;
    BOOST_CHECK_THROW(w.poll(), std::runtime_error);
    w.poll();
    BOOST_TEST(sum == 1);
    BOOST_TEST(s.size() == 1u);
    counted_item::copies_until_failure = 0;
    BOOST_CHECK_THROW(static_cast<void>(s.try_get()), std::runtime_error);
    BOOST_TEST(s.size() == 1u);
    BOOST_TEST(s.try_get()->number == 1);
    BOOST_TEST(s.lost() == 0u);
    BOOST_TEST(counted_item::alive == 0);

    // A move that throws on the way in changes nothing.
    counted_item item(2);
    counted_item::next_move_fails = true;
    BOOST_CHECK_THROW(static_cast<void>(room.try_put(std::move(item))),
                      std::runtime_error);
    BOOST_TEST(s.size() == 0u);
    BOOST_TEST(room.try_put(std::move(item)));
    BOOST_TEST(s.size() == 1u);
  }
  BOOST_TEST(counted_item::alive == 0);
}

TORO_TEST_CASE_TEMPLATE(copy_is_not_moved_on_its_way, Threading, policies)
{
  world w;
  asio::io_context other;
  broadcast_of<counted_item, Threading> room(w.context(), 4);
  auto s = room.subscribe();
  for (const int n : {1, 10, 100})
    room.put(counted_item(n));
  int sum = 0;
  const auto add = [&](auto&&... results)
  {
    sum += std::get<sizeof...(results) - 1>(std::tie(results...))->number;
  };
  counted_item::next_move_fails = true;
  s.async_get(asio::bind_executor(other, add));
  toro::async_first_of(s.async_get(asio::deferred),
                       asio::bind_executor(w.context(), add));
  toro::async_first_of(
      toro::async_first_of(s.async_get(asio::deferred), asio::deferred),
      asio::bind_executor(w.context(), add));
  w.poll();
  other.poll();
  BOOST_TEST(sum == 111);
  BOOST_TEST(std::exchange(counted_item::next_move_fails, false));
}

// An item that loses its last owner is destroyed by the operation that this
// happens to, and not later.
TORO_TEST_CASE_TEMPLATE(item_is_destroyed_with_its_last_owner, Threading,
                        policies)
{
  {
    world w;
    broadcast_of<counted_item, Threading> room(w.context(), 3);
    std::optional<typename decltype(room)::subscription_type> s(
        room.subscribe());
    for (int i = 0; i != 3; ++i)
      room.put(counted_item(i));
    BOOST_TEST(s->skip_to_newest() == 2u);
    BOOST_TEST(counted_item::alive == 1);
    s.reset();
    BOOST_TEST(counted_item::alive == 0);
  }
  {
    // A copy that throws, and a get that is cancelled, return an item that
    // finds no room.
    world w;
    broadcast_of<counted_item, Threading> room(w.context(), 1);
    auto s = room.subscribe();
    s.async_get([](error_code, std::optional<counted_item>) {});
    room.put(counted_item(1));
    room.put(counted_item(2));
    counted_item::copies_until_failure = 0;
    BOOST_CHECK_THROW(w.poll(), std::runtime_error);
    BOOST_TEST(counted_item::alive == 1);
    BOOST_TEST(s.try_get()->number == 2);

    asio::cancellation_signal signal;
    s.async_get(asio::bind_cancellation_slot(
        signal.slot(), [](error_code, std::optional<counted_item>) {}));
    room.put(counted_item(3));
    room.put(counted_item(4));
    signal.emit(asio::cancellation_type::total);
    w.poll();
    BOOST_TEST(counted_item::alive == 1);

    // Overwritten by a put that could have waited.
    room.async_put(counted_item(5), [](error_code) {});
    w.poll();
    BOOST_TEST(counted_item::alive == 1);
    BOOST_TEST(s.lost() == 3u);
  }
  {
    // Kept for later subscriptions, as long as the put behind it may be
    // withdrawn.
    world w;
    broadcast_of<counted_item, Threading> room(w.context(), 2, overflow::wait,
                                               1);
    auto s = room.subscribe();
    BOOST_TEST(room.try_put(counted_item(1)));
    BOOST_TEST(s.try_get()->number == 1);
    room.async_put(counted_item(2), [](error_code) {});
    BOOST_TEST(counted_item::alive == 2);
    BOOST_TEST(s.try_get()->number == 2);
    BOOST_TEST(counted_item::alive == 1);
    w.poll();
  }
  BOOST_TEST(counted_item::alive == 0);
}

// The address sanitizer sees who touches what is gone.
BOOST_AUTO_TEST_CASE(copy_may_end_broadcast_and_subscription)
{
  struct ending
  {
    explicit ending(std::function<void()>& f)
      : on_copy(&f)
    {
    }

    ending(const ending& other)
      : on_copy(other.on_copy)
    {
      if (*on_copy)
        std::exchange(*on_copy, nullptr)();
    }

    std::function<void()>* on_copy;
  };

  world w;
  std::function<void()> on_copy;
  std::optional<toro::broadcast<ending>> room(std::in_place, w.context(), 1u);
  std::optional s(room->subscribe());
  room->put(ending(on_copy));
  on_copy = [&]
  {
    s.reset();
    room.reset();
  };
  BOOST_TEST(s->try_get().has_value());
  BOOST_TEST(!room);
}

BOOST_AUTO_TEST_CASE(arguments_out_of_range)
{
  world w;
  using room = toro::broadcast<int>;
  BOOST_CHECK_THROW(room(w.context(), 0), std::invalid_argument);
  BOOST_CHECK_THROW(room(w.context(), static_cast<std::size_t>(-1)),
                    std::invalid_argument);
  BOOST_CHECK_THROW(room(w.context(), std::size_t(PTRDIFF_MAX) + 1),
                    std::invalid_argument);
  BOOST_CHECK_THROW(room(w.context(), 2, overflow::drop_oldest, 3),
                    std::invalid_argument);
  const room all(w.context(), std::size_t(PTRDIFF_MAX), overflow::wait,
                 std::size_t(PTRDIFF_MAX));
  BOOST_TEST(all.capacity() == std::size_t(PTRDIFF_MAX));
}

TORO_TEST_CASE_TEMPLATE(all_tokens_get_the_item, Threading, policies)
{
  world w;
  broadcast_of<int, Threading> room(w.context(), 8, overflow::wait);
  auto s = room.subscribe();
  auto future = s.async_get(asio::use_future);
  auto put = room.async_put(1, asio::use_future);
  w.poll();
  put.get();
  BOOST_TEST(future.get() == 1);
  const auto pass = [&](auto token, int expected) -> asio::awaitable<void>
  {
    co_await room.async_put(expected, token);
    co_await room.async_put(expected + 1, 1s, token);
    const int item = co_await s.async_get(token);
    BOOST_TEST(item == expected);
    const int next = co_await s.async_get(1s, token);
    BOOST_TEST(next == expected + 1);
  };
  w.spawn("awaitable", pass(asio::use_awaitable, 2));
  BOOST_TEST(w.poll() == "awaitable");
  w.spawn("deferred", pass(asio::deferred, 4));
  BOOST_TEST(w.poll() == "deferred");
  w.spawn("eager", pass(toro::eager, 6));
  BOOST_TEST(w.poll() == "eager");
}

TORO_TEST_CASE_TEMPLATE(operand_that_is_not_the_first_puts_nothing, Threading,
                        policies)
{
  for (const overflow rule :
       {overflow::drop_oldest, overflow::drop_newest, overflow::wait})
  {
    world w;
    broadcast_of<int, Threading> room(w.context(), 1, rule);
    toro::basic_queue<int, any_executor, Threading> other(w.context());
    auto s = room.subscribe();
    BOOST_TEST(other.try_put(9));
    std::size_t first = 7;
    toro::async_first_of(other.async_get(asio::deferred),
                         room.async_put(1, asio::deferred),
                         [&](std::size_t index, auto&&...)
                         {
                           first = index;
                         });
    w.poll();
    BOOST_TEST(first == 0u);
    BOOST_TEST(s.size() == 0u);
    toro::async_first_of(other.async_get(asio::deferred),
                         room.async_put(1, asio::deferred),
                         [&](std::size_t index, auto&&...)
                         {
                           first = index;
                         });
    w.poll();
    BOOST_TEST(first == 1u);
    BOOST_TEST(drain(s) == "1");
  }
}

TORO_TEST_CASE_TEMPLATE(subscription_outlives_broadcast_and_context, Threading,
                        policies)
{
  {
    world w;
    std::optional<toro::basic_broadcast<counted_item, any_executor, Threading>>
        room(std::in_place, w.context(), 2);
    auto s = room->subscribe();
    auto other = room->subscribe();
    int ended = 0;
    const auto note = [&](error_code ec, std::optional<counted_item> item)
    {
      ended += ec == asio::error::operation_aborted && !item;
    };
    s.async_get(note);
    other.async_get(note);
    other.async_get(note);
    room->put(counted_item(1));
    room->put(counted_item(2));
    room.reset();
    BOOST_TEST(counted_item::alive == 0);
    w.poll();
    BOOST_TEST(ended == 3);
    BOOST_TEST(!s.try_get());
    s.async_get(note);
    w.poll();
    BOOST_TEST(ended == 4);
    w.end_context();
    BOOST_TEST(s.lost() == 0u);
    BOOST_TEST(s.skip_to_newest() == 0u);
    other = std::move(s);
  }
  BOOST_TEST(counted_item::alive == 0);
}

TORO_TEST_CASE_TEMPLATE(broadcast_moves_with_its_subscriptions, Threading,
                        policies)
{
  world w;
  toro::basic_broadcast<int, any_executor, Threading> room(w.context(), 1);
  auto s = room.subscribe();
  s.async_get(w.on("get"));
  auto moved = std::move(room);
  moved.put(2);
  BOOST_TEST(w.poll() == "get=2");
  moved = toro::basic_broadcast<int, any_executor, Threading>(w.context(), 1);
  s.async_get(w.on("gone"));
  BOOST_TEST(w.poll() == "gone:AB");
}

BOOST_AUTO_TEST_CASE(dump_shows_the_waits)
{
  world w;
  toro::enable_diagnostics(w.context());
  toro::broadcast<int> room(w.context(), 1, overflow::wait);
  room.set_name("room");
  auto slow = room.subscribe();
  auto fast = room.subscribe();
  BOOST_TEST(room.try_put(1));
  BOOST_TEST(drain(fast) == "1");
  fast.async_get(1s, toro::bind_name("client", w.on("get")));
  room.async_put(2, toro::bind_name("server", w.on("put")));
  std::ostringstream out;
  room.dump(out);
  BOOST_TEST(out.str() ==
             "<broadcast capacity=1 subscriptions=2 size=1 getters[1] "
             "putters[1]> \"room\"\n"
             "  async_get by \"client\" for 0.000 s, deadline in 1.000 s\n"
             "  async_put by \"server\" for 0.000 s, no deadline\n");
  room.cancel();
  w.poll();
}

BOOST_AUTO_TEST_SUITE_END()
