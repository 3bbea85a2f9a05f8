// SPDX-License-Identifier: BSL-1.0
// Room that is reserved in a queue, and items that leave one without a get.
#include <toro/diagnostics.hpp>
#include <toro/eager.hpp>
#include <toro/first_of.hpp>
#include <toro/lifo_queue.hpp>
#include <toro/priority_queue.hpp>
#include <toro/queue.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "support/case_template.hpp"
#include "support/primitives.hpp"
#include "support/shapes.hpp"
#include "support/world.hpp"

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;
using boost::system::error_code;

// What the moves and comparisons of items do.
struct plan
{
  // Which of the next ones throws, if any.
  int moves_until_throw = 0;
  int comparisons_until_throw = 0;

  static void count(int& until_throw, const char* what)
  {
    if (until_throw != 0 && --until_throw == 0)
      throw std::domain_error(what);
  }
};

plan items;

struct fresh_plan
{
  fresh_plan()
  {
    items = {};
  }
};

// A number that cannot be copied. It is zero if it was moved from.
template <bool Throws>
class number
{
public:
  explicit number(int n) noexcept
    : value_(n)
  {
  }

  number(number&& other) noexcept(!Throws)
  {
    if constexpr (Throws)
      plan::count(items.moves_until_throw, "move");
    value_ = std::exchange(other.value_, 0);
  }

  int value() const noexcept
  {
    return value_;
  }

  friend bool operator<(const number& a, const number& b)
  {
    plan::count(items.comparisons_until_throw, "comparison");
    return a.value_ < b.value_;
  }

private:
  int value_ = 0;
};

// An order of shapes that may throw.
struct by_name
{
  bool operator()(const shape& a, const shape& b) const
  {
    plan::count(items.comparisons_until_throw, "comparison");
    return a.name < b.name;
  }
};

// A queue with its policy.
template <template <class...> class Queue, class Threading, bool Throws>
struct kind
{
  using item = number<Throws>;
  using queue = idle_at_end<Queue<item, any_executor, Threading>>;
  using room = typename queue::room_type;

  static constexpr bool throws = Throws;
};

template <class T, class Executor, class Threading>
using smallest_first =
    toro::basic_priority_queue<T, std::less<>, Executor, Threading>;

template <bool Throws>
using fifo_safe = kind<toro::basic_queue, toro::thread_safe, Throws>;
template <bool Throws>
using fifo_bound = kind<toro::basic_queue, toro::strand_bound, Throws>;
template <bool Throws>
using lifo_safe = kind<toro::basic_lifo_queue, toro::thread_safe, Throws>;
template <bool Throws>
using sorted_safe = kind<smallest_first, toro::thread_safe, Throws>;
template <bool Throws>
using sorted_bound = kind<smallest_first, toro::strand_bound, Throws>;

using all_kinds =
    std::tuple<fifo_safe<false>, fifo_safe<true>, fifo_bound<false>,
               lifo_safe<false>, lifo_safe<true>, sorted_safe<false>,
               sorted_safe<true>, sorted_bound<true>>;
using fifo_kinds =
    std::tuple<fifo_safe<false>, fifo_safe<true>, fifo_bound<false>>;
using throwing_kinds =
    std::tuple<fifo_safe<true>, lifo_safe<true>, sorted_safe<true>>;
using sorted_kinds = std::tuple<sorted_safe<false>, sorted_bound<true>>;
using lifo_kinds = std::tuple<lifo_safe<false>, lifo_safe<true>>;

// Gets all that is left.
template <class Queue>
std::string drain(Queue& q)
{
  std::string numbers;
  while (const auto item = q.try_get())
    numbers += std::to_string(item->value());
  return numbers;
}

// What a queue has displaced.
template <class Item>
int value_of(const std::optional<Item>& item)
{
  return item ? item->value() : 0;
}

// Records the value of what a get has brought.
template <class Item>
auto value_into(int& place)
{
  return [&place](std::optional<Item> item)
  {
    place = value_of(item);
  };
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(unit_queue_room, fresh_plan)

TORO_TEST_CASE_TEMPLATE(item_is_put_into_room_later, Kind, all_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context(), 1);
  typename Kind::room room;
  q.async_reserve(w.on("room", keep_in(room)));
  BOOST_TEST(q.full());
  BOOST_TEST(q.empty());
  BOOST_TEST(!q.try_put(item(9)));
  BOOST_TEST(w.poll() == "room");
  BOOST_TEST(static_cast<bool>(room));
  BOOST_TEST(q.full());
  BOOST_TEST(q.unfinished() == 0u);

  std::move(room).put(item(1));
  BOOST_TEST(!room);
  BOOST_TEST(q.size() == 1u);
  BOOST_TEST(q.full());
  BOOST_TEST(q.unfinished() == 1u);
  BOOST_TEST(drain(q) == "1");
  BOOST_TEST(!q.full());
}

TORO_TEST_CASE_TEMPLATE(item_in_room_goes_to_a_waiting_get, Kind, all_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context(), 1);
  auto room = q.try_reserve();
  BOOST_TEST(static_cast<bool>(room));
  BOOST_TEST(!q.try_reserve());
  int got = 0;
  q.async_get(w.on("get", value_into<item>(got)));
  std::move(room).put(item(1));
  BOOST_TEST(w.poll() == "get");
  BOOST_TEST(got == 1);
  BOOST_TEST(q.peak() == 0u);
}

TORO_TEST_CASE_TEMPLATE(unused_room_admits_a_waiting_put, Kind, all_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context(), 1);
  {
    const auto room = q.try_reserve();
    q.async_put(item(1), w.on("put"));
    BOOST_TEST(q.putters() == 1u);
    BOOST_TEST(w.poll() == "");
  }
  BOOST_TEST(w.poll() == "put");
  BOOST_TEST(drain(q) == "1");
}

TORO_TEST_CASE_TEMPLATE(room_and_puts_are_served_in_order, Kind, fifo_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context(), 1);
  BOOST_TEST(q.try_put(item(1)));
  typename Kind::room room;
  q.async_put(item(2), w.on("put 2"));
  q.async_reserve(w.on("room", keep_in(room)));
  q.async_put(item(3), w.on("put 3"));
  BOOST_TEST(q.putters() == 3u);
  BOOST_TEST(!q.try_reserve());

  BOOST_TEST(value_of(q.try_get()) == 1);
  BOOST_TEST(w.poll() == "put 2");
  BOOST_TEST(value_of(q.try_get()) == 2);
  BOOST_TEST(w.poll() == "room");
  BOOST_TEST(!q.try_get());

  // The item comes behind those whose puts started before it was put.
  std::move(room).put(item(4));
  BOOST_TEST(value_of(q.try_get()) == 3);
  BOOST_TEST(w.poll() == "put 3");
  BOOST_TEST(drain(q) == "4");
}

TORO_TEST_CASE_TEMPLATE(wait_for_room_ends_early, Kind, all_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context(), 1);
  BOOST_TEST(q.try_put(item(1)));
  asio::cancellation_signal signal;
  q.async_reserve(1s, w.on("late"));
  q.async_reserve(asio::bind_cancellation_slot(signal.slot(), w.on("by slot")));
  q.async_reserve(w.on("by close"));
  BOOST_TEST(w.advance(1s) == "late:TO");
  signal.emit(asio::cancellation_type::total);
  BOOST_TEST(w.poll() == "by slot:AB");
  BOOST_TEST(q.close() == 1u);
  BOOST_TEST(w.poll() == "by close:closed");
  q.async_reserve(w.on("after"));
  BOOST_TEST(w.poll() == "after:closed");
  BOOST_TEST(!q.try_reserve());
  BOOST_TEST(drain(q) == "1");
}

TORO_TEST_CASE_TEMPLATE(granted_room_is_given_back, Kind, all_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context(), 1);
  asio::cancellation_signal signal;
  q.async_reserve(asio::bind_cancellation_slot(signal.slot(), w.on("room")));
  q.async_put(item(1), w.on("put"));
  signal.emit(asio::cancellation_type::terminal);
  BOOST_TEST(w.poll() == "room:AB put");
  BOOST_TEST(drain(q) == "1");

  q.async_reserve(w.on("room"));
  BOOST_TEST(q.cancel() == 1u);
  BOOST_TEST(!q.full());
  BOOST_TEST(w.poll() == "room:AB");
}

// Gets wait for room that may still bring an item.
TORO_TEST_CASE_TEMPLATE(closed_queue_waits_for_room, Kind, all_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context());
  auto first = q.try_reserve();
  auto second = q.try_reserve();
  int got = 0;
  q.async_get(w.on("get 1", value_into<item>(got)));
  BOOST_TEST(q.close() == 0u);
  q.async_get(w.on("get 2"));
  BOOST_TEST(w.poll() == "");
  std::move(first).put(item(1));
  BOOST_TEST(w.poll() == "get 1");
  BOOST_TEST(got == 1);
  second.reset();
  BOOST_TEST(w.poll() == "get 2:closed");
  BOOST_TEST(q.unfinished() == 1u);
}

TORO_TEST_CASE_TEMPLATE(room_outlives_its_queue, Kind, all_kinds)
{
  using item = typename Kind::item;
  world w;
  std::optional<typename Kind::queue> q(std::in_place, w.context(), 2);
  auto used = q->try_reserve();
  auto unused = q->try_reserve();
  q->async_reserve(w.on("waits"));
  q->async_get(w.on("get"));
  q->cancel();
  q.reset();
  BOOST_TEST(w.poll() == "get:AB waits:AB");
  std::move(used).put(item(1));
  BOOST_TEST(!used);
  BOOST_TEST(static_cast<bool>(unused));
  unused.reset();
  BOOST_TEST(w.poll() == "");
}

// The value of an item that is put after the end is destroyed at once.
TORO_TEST_CASE_TEMPLATE(late_item_is_dropped, Threading, policies)
{
  world w;
  std::optional<queue_of<std::shared_ptr<int>, Threading>> q(std::in_place,
                                                             w.context(), 2);
  auto room = q->try_reserve();
  const auto other = q->try_reserve();
  q.reset();
  auto value = std::make_shared<int>(1);
  const std::weak_ptr<int> seen = value;
  std::move(room).put(std::move(value));
  BOOST_TEST(seen.expired());
}

TORO_TEST_CASE_TEMPLATE(room_outlives_the_context, Threading, policies)
{
  using queue = toro::basic_queue<int, any_executor, Threading>;
  std::optional<asio::io_context> context(std::in_place);
  typename queue::room_type used;
  typename queue::room_type unused;
  typename queue::room_type later;
  {
    queue q(*context, 3);
    used = q.try_reserve();
    unused = q.try_reserve();
    later = q.try_reserve();
    // Nobody runs these.
    q.async_reserve([](auto&&...) {});
    q.async_get([](auto&&...) {});
    context.reset();
    std::move(used).put(1);
    unused.reset();
    BOOST_TEST(q.size() == 1u);
    BOOST_TEST(q.try_get().value() == 1);
  }
  std::move(later).put(2);
  BOOST_TEST(!later);
}

TORO_TEST_CASE_TEMPLATE(room_is_moved, Kind, all_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context(), 2);
  auto first = q.try_reserve();
  typename Kind::room other(std::move(first));
  BOOST_TEST(!first);
  BOOST_TEST(static_cast<bool>(other));
  auto second = q.try_reserve();
  BOOST_TEST(q.full());
  // Gives back what it had.
  other = std::move(second);
  BOOST_TEST(!second);
  BOOST_TEST(!q.full());
  auto& same = other;
  other = std::move(same);
  BOOST_TEST(static_cast<bool>(other));

  item unmoved(5);
  BOOST_CHECK_THROW(std::move(first).put(std::move(unmoved)), std::logic_error);
  BOOST_TEST(unmoved.value() == 5);

  // The queue moves, its room stays.
  auto plain = [&](auto&& moved)
  {
    std::move(other).put(item(1));
    BOOST_TEST(drain(moved) == "1");
  };
  plain(q);
}

TORO_TEST_CASE_TEMPLATE(detached_room_makes_the_queue_smaller, Kind, all_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context(), 2);
  auto room = q.try_reserve();
  room.detach();
  BOOST_TEST(!room);
  BOOST_TEST(q.try_put(item(1)));
  BOOST_TEST(q.full());
  BOOST_TEST(drain(q) == "1");
  BOOST_TEST(!q.full());

  // Gets do not wait for it.
  room = q.try_reserve();
  q.async_get(w.on("get"));
  q.close();
  BOOST_TEST(w.poll() == "");
  room.detach();
  BOOST_TEST(w.poll() == "get:closed");
}

TORO_TEST_CASE_TEMPLATE(moved_queue_takes_its_room_along, Threading, policies)
{
  using queue = toro::basic_queue<int, any_executor, Threading>;
  world w;
  queue q(w.context(), 1);
  auto room = q.try_reserve();
  queue moved(std::move(q));
  BOOST_TEST(moved.full());
  const int item = 1;
  std::move(room).put(item);
  BOOST_TEST(moved.try_get().value() == 1);

  // Assigning over it ends the queue of the room.
  room = moved.try_reserve();
  moved = queue(w.context(), 1);
  BOOST_TEST(!moved.full());
  std::move(room).put(2);
  BOOST_TEST(moved.empty());
}

TORO_TEST_CASE_TEMPLATE(comparison_that_throws_keeps_the_room, Kind,
                        sorted_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context(), 2);
  BOOST_TEST(q.try_put(item(1)));
  auto room = q.try_reserve();
  item two(2);
  items.comparisons_until_throw = 1;
  BOOST_CHECK_THROW(std::move(room).put(std::move(two)), std::domain_error);
  BOOST_TEST(static_cast<bool>(room));
  BOOST_TEST(q.full());
  BOOST_TEST(q.unfinished() == 1u);
  BOOST_TEST(two.value() == (Kind::throws ? 0 : 2));
  std::move(room).put(item(3));
  BOOST_TEST(drain(q) == "13");
}

// The item of a put may be a part of an object, which must stay what it is.
TORO_TEST_CASE_TEMPLATE(item_that_returns_stays_part_of_its_object, Threading,
                        policies)
{
  using queue =
      toro::basic_priority_queue<shape, by_name, any_executor, Threading>;
  world w;
  queue q(w.context());
  BOOST_TEST(q.try_put(shape()));
  auto room = q.try_reserve();
  circle item;
  const auto is_whole = [&]
  {
    const shape& seen = item;
    return seen.kind() == "circle" && item.name == shape().name &&
           item.color == circle().color;
  };
  items.comparisons_until_throw = 1;
  BOOST_CHECK_THROW(std::move(room).put(std::move(item)), std::domain_error);
  BOOST_TEST(is_whole());
  items.comparisons_until_throw = 1;
  BOOST_CHECK_THROW((void)q.try_put(std::move(item)), std::domain_error);
  BOOST_TEST(is_whole());
  items.comparisons_until_throw = 1;
  BOOST_CHECK_THROW((void)q.force_put(std::move(item)), std::domain_error);
  BOOST_TEST(is_whole());
  BOOST_TEST(q.size() == 1u);
}

// An item that cannot be moved back is destroyed, although the room is kept.
BOOST_AUTO_TEST_CASE(item_whose_comparison_throws_is_destroyed)
{
  struct owner
  {
    explicit owner(std::shared_ptr<int> t)
      : token(std::move(t))
    {
    }

    owner(owner&& other) noexcept(false)
      : token(std::move(other.token))
    {
    }

    bool operator<(const owner&) const
    {
      throw std::domain_error("comparison");
    }

    std::shared_ptr<int> token;
  };

  world w;
  toro::priority_queue<owner, std::less<>> q(w.context(), 2);
  BOOST_TEST(q.try_put(owner(nullptr)));
  auto room = q.try_reserve();
  const auto token = std::make_shared<int>();
  BOOST_CHECK_THROW(std::move(room).put(owner(token)), std::domain_error);
  BOOST_TEST(static_cast<bool>(room));
  BOOST_TEST(token.use_count() == 1);
}

TORO_TEST_CASE_TEMPLATE(move_that_throws_keeps_the_room, Kind, throwing_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context(), 1);
  auto room = q.try_reserve();
  item one(1);
  items.moves_until_throw = 1;
  BOOST_CHECK_THROW(std::move(room).put(std::move(one)), std::domain_error);
  BOOST_TEST(static_cast<bool>(room));
  BOOST_TEST(one.value() == 1);
  std::move(room).put(std::move(one));
  BOOST_TEST(drain(q) == "1");
}

TORO_TEST_CASE_TEMPLATE(room_is_reserved_by_other_tokens, Threading, policies)
{
  world w;
  queue_of<int, Threading> q(w.context(), 1);
  w.spawn("eager",
          [](auto& queue) -> asio::awaitable<void>
          {
            auto room = co_await queue.async_reserve(toro::eager);
            std::move(room).put(1);
          }(q));
  BOOST_TEST(w.poll() == "eager");
  BOOST_TEST(q.full());

  auto prepared = q.async_reserve(asio::deferred);
  BOOST_TEST(q.try_get().value() == 1);
  std::move(prepared)(w.on("deferred"));
  BOOST_TEST(w.poll() == "deferred");
  BOOST_TEST(!q.full());
}

BOOST_AUTO_TEST_CASE(room_takes_part_in_first_of)
{
  world w;
  toro::queue<int> q(w.context(), 1);
  toro::queue<int> others(w.context());
  toro::queue<int>::room_type room;
  toro::async_first_of(others.async_get(asio::deferred),
                       q.async_reserve(asio::deferred),
                       [&](std::size_t index, error_code, int, error_code ec,
                           toro::queue<int>::room_type got)
                       {
                         BOOST_TEST(index == 1u);
                         BOOST_TEST(!ec);
                         room = std::move(got);
                       });
  w.poll();
  BOOST_TEST(static_cast<bool>(room));
  BOOST_TEST(q.full());

  // Room that is refused goes back.
  BOOST_TEST(others.try_put(1));
  room.reset();
  toro::async_first_of(others.async_get(asio::deferred),
                       q.async_reserve(asio::deferred),
                       [&](std::size_t index, error_code, int, error_code,
                           toro::queue<int>::room_type got)
                       {
                         BOOST_TEST(index == 0u);
                         BOOST_TEST(!got);
                       });
  w.poll();
  BOOST_TEST(!q.full());
}

TORO_TEST_CASE_TEMPLATE(room_is_shown, Threading, policies)
{
  world w;
  toro::enable_diagnostics(w.context());
  queue_of<int, Threading> q(w.context(), 1);
  auto room = q.try_reserve();
  room.set_name("parser");
  q.async_reserve(w.on("room"));
  BOOST_TEST(to_string(q) == "<queue maxsize=1 reserved=1 putters[1]>");
  std::ostringstream out;
  q.dump(out);
  BOOST_TEST(out.str().find("parser") != std::string::npos);
  BOOST_TEST(out.str().find("async_reserve") != std::string::npos);
  std::move(room).put(1);
  std::ostringstream after;
  q.dump(after);
  BOOST_TEST(after.str().find("parser") == std::string::npos);
  q.cancel();
  BOOST_TEST(w.poll() == "room:AB");
}

TORO_TEST_CASE_TEMPLATE(forced_put_displaces_the_oldest, Kind, fifo_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context(), 2);
  BOOST_TEST(!q.force_put(item(1)));
  BOOST_TEST(!q.force_put(item(2)));
  q.async_put(item(3), w.on("put"));
  BOOST_TEST(value_of(q.force_put(item(4))) == 1);
  BOOST_TEST(q.size() == 2u);
  BOOST_TEST(q.unfinished() == 2u);
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(value_of(q.try_get()) == 2);
  BOOST_TEST(w.poll() == "put");
  // Behind the put that waited.
  BOOST_TEST(drain(q) == "34");
  BOOST_TEST(q.unfinished() == 3u);
  BOOST_TEST(q.peak() == 2u);
}

TORO_TEST_CASE_TEMPLATE(forced_put_into_a_lifo_queue, Kind, lifo_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context(), 2);
  BOOST_TEST(!q.force_put(item(1)));
  BOOST_TEST(!q.force_put(item(2)));
  BOOST_TEST(value_of(q.force_put(item(3))) == 1);
  BOOST_TEST(value_of(q.force_put(item(4))) == 2);
  BOOST_TEST(drain(q) == "43");
}

TORO_TEST_CASE_TEMPLATE(forced_put_displaces_the_largest, Kind, sorted_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context(), 2);
  BOOST_TEST(!q.force_put(item(3)));
  BOOST_TEST(!q.force_put(item(1)));
  BOOST_TEST(value_of(q.force_put(item(2))) == 3);
  BOOST_TEST(value_of(q.force_put(item(4))) == 4);
  BOOST_TEST(q.unfinished() == 2u);
  item five(5);
  items.comparisons_until_throw = 1;
  BOOST_CHECK_THROW(static_cast<void>(q.force_put(std::move(five))),
                    std::domain_error);
  BOOST_TEST(five.value() == (Kind::throws ? 0 : 5));
  BOOST_TEST(drain(q) == "12");
}

TORO_TEST_CASE_TEMPLATE(closed_queue_refuses_a_forced_put, Kind, all_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context(), 1);
  BOOST_TEST(q.try_put(item(1)));
  q.close();
  item two(2);
  BOOST_TEST(throws_code(
      [&]
      {
        static_cast<void>(q.force_put(std::move(two)));
      },
      toro::error::closed));
  BOOST_TEST(two.value() == 2);
  error_code ec;
  BOOST_TEST(!q.force_put(std::move(two), ec));
  BOOST_TEST((ec == toro::error::closed));
  BOOST_TEST(two.value() == 2);
  BOOST_TEST(drain(q) == "1");
}

// There is nothing to displace.
TORO_TEST_CASE_TEMPLATE(forced_put_beside_room_gives_the_item_back, Kind,
                        all_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context(), 1);
  auto room = q.try_reserve();
  q.async_get(w.on("get"));
  BOOST_TEST(value_of(q.force_put(item(1))) == 1);
  BOOST_TEST(q.unfinished() == 0u);
  BOOST_TEST(w.poll() == "");
  std::move(room).put(item(2));
  BOOST_TEST(w.poll() == "get");
}

TORO_TEST_CASE_TEMPLATE(forced_put_beside_a_get_that_is_revoked, Kind,
                        fifo_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context(), 1);
  asio::cancellation_signal signal;
  BOOST_TEST(q.try_put(item(1)));
  q.async_get(asio::bind_cancellation_slot(signal.slot(), w.on("get")));
  BOOST_TEST(!q.force_put(item(2)));
  signal.emit(asio::cancellation_type::terminal);
  BOOST_TEST(w.poll() == "get:AB");
  // Over its bound, in the old order.
  BOOST_TEST(q.size() == 2u);
  BOOST_TEST(q.peak() == 2u);
  BOOST_TEST(value_of(q.force_put(item(3))) == 1);
  BOOST_TEST(drain(q) == "23");
}

// A put whose handler has not run yet succeeds if its item is displaced.
TORO_TEST_CASE_TEMPLATE(put_of_a_displaced_item_has_succeeded, Kind, fifo_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context(), 1);
  asio::cancellation_signal signal;
  q.async_put(item(1),
              asio::bind_cancellation_slot(signal.slot(), w.on("put")));
  BOOST_TEST(value_of(q.force_put(item(2))) == 1);
  signal.emit(asio::cancellation_type::terminal);
  BOOST_TEST(w.poll() == "put");
  BOOST_TEST(drain(q) == "2");
}

TORO_TEST_CASE_TEMPLATE(moves_that_throw_in_a_forced_put, Kind, throwing_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context(), 1);
  BOOST_TEST(!q.force_put(item(2)));
  item one(1);
  items.moves_until_throw = 1;
  BOOST_CHECK_THROW(static_cast<void>(q.force_put(std::move(one))),
                    std::domain_error);
  BOOST_TEST(one.value() == 1);
  BOOST_TEST(q.size() == 1u);

  // The item that is displaced cannot be moved out.
  items.moves_until_throw = 2;
  BOOST_CHECK_THROW(static_cast<void>(q.force_put(std::move(one))),
                    std::domain_error);
  BOOST_TEST(one.value() == 0);
  BOOST_TEST(q.size() == 2u);
  BOOST_TEST(q.unfinished() == 2u);
  BOOST_TEST(drain(q).size() == 2u);

  // A close in the meantime waits for the item.
  BOOST_TEST(!q.force_put(item(3)));
  BOOST_TEST(drain(q) == "3");
}

// A put whose item has left the queue has succeeded, and a late cancellation of
// it does not touch the next item, which may have the same memory.
TORO_TEST_CASE_TEMPLATE(put_of_an_item_that_is_gone_has_succeeded, Kind,
                        all_kinds)
{
  using item = typename Kind::item;
  for (const bool by_clear : {true, false})
  {
    world w;
    typename Kind::queue q(w.context(), 1);
    asio::cancellation_signal signal;
    q.async_put(item(1),
                asio::bind_cancellation_slot(signal.slot(), w.on("put")));
    if (by_clear)
      BOOST_TEST(q.clear() == 1u);
    else
      BOOST_TEST(q.try_get().value().value() == 1);
    BOOST_TEST(q.try_put(item(2)));
    signal.emit(asio::cancellation_type::total);
    BOOST_TEST(q.size() == 1u);
    BOOST_TEST(w.poll() == "put");
    BOOST_TEST(drain(q) == "2");
  }
}

TORO_TEST_CASE_TEMPLATE(clear_drops_what_is_stored, Kind, all_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context(), 2);
  BOOST_TEST(q.clear() == 0u);
  q.async_put(item(1), w.on("put 1"));
  q.async_put(item(2), w.on("put 2"));
  q.async_put(item(3), w.on("put 3"));
  q.async_join(w.on("join"));
  BOOST_TEST(q.unfinished() == 2u);
  BOOST_TEST(q.clear() == 2u);
  BOOST_TEST(q.size() == 1u);
  BOOST_TEST(q.unfinished() == 1u);
  BOOST_TEST(w.poll() == "put 1 put 2 put 3");
  BOOST_TEST(q.clear() == 1u);
  BOOST_TEST(w.poll() == "join");
  BOOST_TEST(q.empty());
  BOOST_TEST(q.peak() == 2u);

  // Also after more tasks were counted as done than items were got.
  BOOST_TEST(q.try_put(item(4)));
  q.task_done();
  BOOST_TEST(q.clear() == 1u);
  BOOST_TEST(q.unfinished() == 0u);

  // Granted items and room stay.
  BOOST_TEST(q.try_put(item(5)));
  int got = 0;
  q.async_get(w.on("get", value_into<item>(got)));
  auto room = q.try_reserve();
  q.close();
  BOOST_TEST(q.clear() == 0u);
  BOOST_TEST(w.poll() == "get");
  BOOST_TEST(got == 5);
}

TORO_TEST_CASE_TEMPLATE(values_are_destroyed_by_clear, Threading, policies)
{
  world w;
  queue_of<std::shared_ptr<int>, Threading> q(w.context());
  const auto value = std::make_shared<int>(1);
  for (int i = 0; i != 300; ++i)
    BOOST_TEST_REQUIRE(q.try_put(value));
  BOOST_TEST(value.use_count() == 301);
  BOOST_TEST(q.clear() == 300u);
  BOOST_TEST(value.use_count() == 1);
  BOOST_TEST(q.peak() == 300u);
  static_cast<void>(q.force_put(value));
  BOOST_TEST(q.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
