// SPDX-License-Identifier: BSL-1.0
#include <toro/diagnostics.hpp>
#include <toro/eager.hpp>
#include <toro/watch.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "support/case_template.hpp"
#include "support/primitives.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_watch)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;
using boost::system::error_code;

static_assert(std::is_nothrow_move_constructible_v<toro::watch<int>>);
static_assert(!std::is_copy_constructible_v<toro::watch<int>>);
static_assert(std::is_copy_constructible_v<toro::reader<int>>);
static_assert(std::is_nothrow_move_constructible_v<toro::reader<int>>);
static_assert(std::is_same_v<toro::watch<int>::reader_type, toro::reader<int>>);

// Counts the values that are alive. Its copy throws when it is told to.
struct counted_value
{
  explicit counted_value(int n)
    : number(n)
  {
    ++alive;
  }

  counted_value(const counted_value& other)
    : number(other.number)
  {
    if (copies_until_failure >= 0 && copies_until_failure-- == 0)
      throw std::runtime_error("no copy");
    ++alive;
  }

  counted_value(counted_value&& other) noexcept
    : number(other.number)
  {
    ++alive;
  }

  ~counted_value()
  {
    --alive;
  }

  int number;

  static inline int alive = 0;
  static inline int copies_until_failure = -1;
};

} // namespace

TORO_TEST_CASE_TEMPLATE(reader_gets_the_newest_value, Threading, policies)
{
  world w;
  watch_of<int, Threading> level(w.context(), 1);
  auto reader = level.read();
  BOOST_TEST(!reader.has_news());
  BOOST_TEST(level.get() == 1);
  reader.async_next(w.on("next"));
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(level.set(2) == 1u);
  BOOST_TEST(level.set(3) == 0u);
  BOOST_TEST(reader.has_news());
  BOOST_TEST(w.poll() == "next=3");
  BOOST_TEST(!reader.has_news());
  BOOST_TEST(level.version() == 2u);
}

TORO_TEST_CASE_TEMPLATE(what_was_not_seen_is_delivered_at_once, Threading,
                        policies)
{
  world w;
  watch_of<int, Threading> level(w.context());
  auto early = level.read();
  level.set(1);
  auto late = level.read();
  early.async_next(-1s, w.on("early"));
  late.async_next(-1s, w.on("late"));
  BOOST_TEST(w.poll() == "early=1 late:TO");
  level.set(2);
  BOOST_TEST(early.get() == 2);
  BOOST_TEST(!early.has_news());
  BOOST_TEST(late.has_news());
}

TORO_TEST_CASE_TEMPLATE(copy_of_a_reader_goes_on_independently, Threading,
                        policies)
{
  world w;
  watch_of<int, Threading> level(w.context());
  auto one = level.read();
  level.set(1);
  auto two = one;
  BOOST_TEST(two.has_news());
  BOOST_TEST(one.get() == 1);
  BOOST_TEST(!one.has_news());
  BOOST_TEST(two.has_news());
  two = one;
  BOOST_TEST(!two.has_news());

  // A reader of another watch.
  watch_of<int, Threading> other(w.context());
  two = other.read();
  other.set(2);
  BOOST_TEST(two.has_news());
  BOOST_TEST(two.get() == 2);
  level.set(3);
  BOOST_TEST(!two.has_news());
}

TORO_TEST_CASE_TEMPLATE(waits_move_with_their_reader_and_end_with_it, Threading,
                        policies)
{
  world w;
  watch_of<int, Threading> level(w.context());
  auto other = level.read();
  other.async_next(w.on("other"));
  {
    auto reader = level.read();
    reader.async_next(w.on("a"));
    reader.async_next(w.on("b"));
    auto moved = std::move(reader);
    BOOST_TEST(w.poll() == "");
  }
  BOOST_TEST(w.poll() == "a:AB b:AB");
  BOOST_TEST(level.waiters() == 1u);

  // Also what was granted, and by assignment.
  auto reader = level.read();
  reader.async_next(w.on("c"));
  level.set(1);
  reader = other;
  BOOST_TEST(w.poll() == "other=1 c:AB");

  // What was prepared before is not launched.
  auto lazy = [&]
  {
    auto gone = level.read();
    return gone.async_next(asio::deferred);
  }();
  level.set(2);
  std::move(lazy)(w.on("lazy"));
  BOOST_TEST(w.poll() == "lazy:AB");
}

TORO_TEST_CASE_TEMPLATE(cancelled_wait_has_seen_nothing, Threading, policies)
{
  world w;
  watch_of<int, Threading> level(w.context());
  auto reader = level.read();
  asio::cancellation_signal signal;
  reader.async_next(asio::bind_cancellation_slot(signal.slot(), w.on("a")));
  level.set(1);
  signal.emit(asio::cancellation_type::total);
  BOOST_TEST(w.poll() == "a:AB");
  BOOST_TEST(reader.has_news());
  reader.async_next(w.on("b"));
  BOOST_TEST(w.poll() == "b=1");
}

TORO_TEST_CASE_TEMPLATE(last_value_is_seen_before_the_end, Threading, policies)
{
  world w;
  watch_of<int, Threading> level(w.context());
  auto slow = level.read();
  level.set(7);
  auto idle = level.read();
  idle.async_next(w.on("idle"));
  BOOST_TEST(level.close() == 1u);
  BOOST_TEST(level.close() == 0u);
  BOOST_TEST(!level.is_open());
  slow.async_next(w.on("slow"));
  BOOST_TEST(w.poll() == "idle:closed slow=7");
  slow.async_next(w.on("slow"));
  BOOST_TEST(w.poll() == "slow:closed");
  BOOST_TEST(to_string(level) == "<watch closed version=1>");

  error_code ec;
  BOOST_TEST(level.set(8, ec) == 0u);
  BOOST_TEST(ec == make_error_code(toro::error::closed));
  const auto change = [](int& value)
  {
    value = 9;
    return true;
  };
  BOOST_TEST(!level.update(change, ec));
  BOOST_TEST(ec == make_error_code(toro::error::closed));
  BOOST_TEST(throws_code(
      [&]
      {
        level.set(8);
      },
      toro::error::closed));
  BOOST_TEST(throws_code(
      [&]
      {
        level.update(change);
      },
      toro::error::closed));
  BOOST_TEST(level.get() == 7);
}

TORO_TEST_CASE_TEMPLATE(grant_made_before_the_close_stands, Threading, policies)
{
  world w;
  watch_of<int, Threading> level(w.context());
  auto reader = level.read();
  reader.async_next(w.on("a"));
  level.set(1);
  BOOST_TEST(level.close() == 0u);
  BOOST_TEST(w.poll() == "a=1");
}

TORO_TEST_CASE_TEMPLATE(update_changes_a_copy, Threading, policies)
{
  world w;
  watch_of<int, Threading> level(w.context(), 5);
  auto reader = level.read();
  reader.async_next(w.on("next"));
  BOOST_TEST(!level.update(
      [](int& value)
      {
        value = 6;
        return false;
      }));
  BOOST_TEST(level.get() == 5);
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(level.update(
      [](int& value)
      {
        ++value;
        return true;
      }));
  BOOST_TEST(w.poll() == "next=6");
  BOOST_CHECK_THROW(level.update(
                        [](int& value) -> bool
                        {
                          value = 7;
                          throw std::runtime_error("half-way");
                        }),
                    std::runtime_error);
  BOOST_TEST(level.get() == 6);
  BOOST_TEST(level.version() == 1u);
}

TORO_TEST_CASE_TEMPLATE(update_starts_again_if_another_set_intervenes,
                        Threading, policies)
{
  world w;
  watch_of<int, Threading> level(w.context(), 1);
  std::string seen;
  BOOST_TEST(level.update(
      [&](int& value)
      {
        seen += std::to_string(value) + " ";
        if (value == 1)
          level.set(10);
        ++value;
        return true;
      }));
  BOOST_TEST(seen == "1 10 ");
  BOOST_TEST(level.get() == 11);
}

TORO_TEST_CASE_TEMPLATE(predicate_skips_what_it_rejects, Threading, policies)
{
  world w;
  watch_of<int, Threading> level(w.context());
  auto reader = level.read();
  std::string asked;
  const auto is_even = [&](const int& value)
  {
    asked += std::to_string(value) + " ";
    return value % 2 == 0;
  };
  reader.async_next(is_even, w.on("even"));
  level.set(1);
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(!reader.has_news());
  BOOST_TEST(level.waiters() == 1u);
  level.set(3);
  level.set(4);
  BOOST_TEST(w.poll() == "even=4");
  BOOST_TEST(asked == "1 4 ");

  // A value that was there before is asked about at once.
  level.set(6);
  reader.async_next(is_even, -1s, w.on("at once"));
  BOOST_TEST(w.poll() == "at once=6");
  reader.async_next(is_even, -1s, w.on("too late"));
  BOOST_TEST(w.poll() == "too late:TO");
  level.set(7);
  reader.async_next(is_even, 1s, w.on("closed"));
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(level.close() == 1u);
  BOOST_TEST(w.poll() == "closed:closed");
}

TORO_TEST_CASE_TEMPLATE(value_that_comes_during_a_predicate_is_asked_about,
                        Threading, policies)
{
  world w;
  watch_of<int, Threading> level(w.context());
  auto reader = level.read();
  level.set(1);
  BOOST_TEST(reader.get() == 1);
  const auto is_four = [&](int value)
  {
    if (value == 3)
      level.set(4);
    return value == 4;
  };
  reader.async_next(is_four, w.on("four"));
  BOOST_TEST(w.poll() == "");
  level.set(3);
  BOOST_TEST(w.poll() == "four=4");
}

// The same for the first call, within the initiation. The wait is work of the
// context then, as one that was woken by a value.
TORO_TEST_CASE_TEMPLATE(value_that_comes_during_the_first_call_is_asked_about,
                        Threading, policies)
{
  world w;
  watch_of<int, Threading> level(w.context());
  auto reader = level.read();
  level.set(1);
  const auto is_three = [&](int value)
  {
    if (value == 1)
      level.set(2);
    return value == 3;
  };
  reader.async_next(is_three, w.on("three"));
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(!w.context().stopped());
  BOOST_TEST(level.waiters() == 1u);
  level.set(3);
  BOOST_TEST(w.poll() == "three=3");
  BOOST_TEST(w.context().stopped());

  // What the reader has seen meanwhile is asked about as well.
  const auto is_five = [&](int value)
  {
    if (value == 4)
    {
      level.set(5);
      BOOST_TEST(reader.get() == 5);
    }
    return value == 5;
  };
  level.set(4);
  reader.async_next(is_five, w.on("five"));
  BOOST_TEST(w.poll() == "five=5");
}

TORO_TEST_CASE_TEMPLATE(value_after_the_accepted_one_is_still_news, Threading,
                        policies)
{
  world w;
  watch_of<int, Threading> level(w.context());
  auto reader = level.read();
  level.set(1);
  reader.async_next(
      [](int)
      {
        return true;
      },
      w.on("next"));
  level.set(2);
  BOOST_TEST(w.poll() == "next=1");
  BOOST_TEST(reader.has_news());
  reader.async_next(-1s, w.on("next"));
  BOOST_TEST(w.poll() == "next=2");
  BOOST_TEST(!reader.has_news());

  // Unless the reader has seen that as well.
  level.set(3);
  reader.async_next(
      [](int)
      {
        return true;
      },
      w.on("next"));
  level.set(4);
  BOOST_TEST(reader.get() == 4);
  BOOST_TEST(w.poll() == "next=3");
  BOOST_TEST(!reader.has_news());
}

TORO_TEST_CASE_TEMPLATE(rejected_value_is_asked_about_once, Threading, policies)
{
  world w;
  watch_of<int, Threading> level(w.context());
  auto reader = level.read();
  std::string asked;
  level.set(1);
  reader.async_next(
      [&](int value)
      {
        asked += std::to_string(value) + " ";
        return value == 2;
      },
      w.on("two"));
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(asked == "1 ");
  level.set(2);
  BOOST_TEST(w.poll() == "two=2");
  BOOST_TEST(asked == "1 2 ");
}

// What one wait of a reader has seen or rejected is still news for another one.
TORO_TEST_CASE_TEMPLATE(each_wait_of_a_reader_asks_its_own_predicate, Threading,
                        policies)
{
  world w;
  watch_of<int, Threading> level(w.context());
  auto reader = level.read();
  const auto is_above = [](int bound)
  {
    return [bound](const int& value)
    {
      return value > bound;
    };
  };
  reader.async_next(is_above(5), w.on("above 5"));
  reader.async_next(is_above(3), w.on("above 3"));
  reader.async_next(is_above(2), w.on("above 2"));
  reader.async_next(w.on("any"));
  level.set(4);
  BOOST_TEST(w.poll() == "above 3=4 above 2=4 any=4");
  reader.async_next(is_above(3), -1s, w.on("too late"));
  BOOST_TEST(w.poll() == "too late:TO");
  level.set(6);
  BOOST_TEST(w.poll() == "above 5=6");
}

TORO_TEST_CASE_TEMPLATE(predicate_that_ends_its_reader_ends_the_wait, Threading,
                        policies)
{
  for (const bool at_once : {true, false})
  {
    world w;
    watch_of<int, Threading> level(w.context());
    std::optional reader(level.read());
    if (at_once)
      level.set(1);
    reader->async_next(
        [&](int)
        {
          reader.reset();
          return true;
        },
        w.on("wait"));
    if (!at_once)
      level.set(1);
    BOOST_TEST(w.poll() == "wait:AB");
    BOOST_TEST(!reader);
  }
}

TORO_TEST_CASE_TEMPLATE(predicate_that_throws_keeps_the_wait, Threading,
                        policies)
{
  world w;
  watch_of<int, Threading> level(w.context());
  auto reader = level.read();
  reader.async_next(
      [](int value)
      {
        if (value == 1)
          throw std::runtime_error("no answer");
        return true;
      },
      w.on("next"));
  level.set(1);
  BOOST_CHECK_THROW(w.poll(), std::runtime_error);
  BOOST_TEST(level.waiters() == 1u);
  level.set(2);
  BOOST_TEST(w.poll() == "next=2");
}

TORO_TEST_CASE_TEMPLATE(rejection_after_the_close_ends_the_wait, Threading,
                        policies)
{
  world w;
  watch_of<int, Threading> level(w.context());
  auto reader = level.read();
  reader.async_next(
      [](int)
      {
        return false;
      },
      1s, w.on("next"));
  level.set(1);
  level.close();
  BOOST_TEST(w.poll() == "next:closed");
  BOOST_TEST(w.clock.pending() == 0u);
}

TORO_TEST_CASE_TEMPLATE(all_tokens_get_the_value, Threading, policies)
{
  world w;
  watch_of<int, Threading> level(w.context());
  auto reader = level.read();
  auto future = reader.async_next(asio::use_future);
  level.set(1);
  w.poll();
  BOOST_TEST(future.get() == 1);
  const auto next = [&](auto token, int expected) -> asio::awaitable<void>
  {
    level.set(expected);
    const int value = co_await reader.async_next(token);
    BOOST_TEST(value == expected);
    const auto is_there = [](int)
    {
      return true;
    };
    level.set(expected + 1);
    const int other = co_await reader.async_next(is_there, 1s, token);
    BOOST_TEST(other == expected + 1);
  };
  w.spawn("awaitable", next(asio::use_awaitable, 2));
  BOOST_TEST(w.poll() == "awaitable");
  w.spawn("deferred", next(asio::deferred, 4));
  BOOST_TEST(w.poll() == "deferred");
  w.spawn("eager", next(toro::eager, 6));
  BOOST_TEST(w.poll() == "eager");
}

TORO_TEST_CASE_TEMPLATE(one_copy_for_each_reader_and_none_kept, Threading,
                        policies)
{
  {
    world w;
    watch_of<counted_value, Threading> level(w.context(), counted_value(1));
    auto one = level.read();
    auto two = level.read();
    int sum = 0;
    const auto add = [&](error_code ec, std::optional<counted_value> value)
    {
      BOOST_TEST(!ec);
      sum += value->number;
    };
    one.async_next(add);
    two.async_next(add);
    level.set(counted_value(5));
    w.poll();
    BOOST_TEST(sum == 10);
    BOOST_TEST(counted_value::alive == 1);

    // A copy that fails concerns its reader alone.
    counted_value::copies_until_failure = 0;
    one.async_next(add);
    two.async_next(add);
    level.set(counted_value(7));
    BOOST_CHECK_THROW(w.poll(), std::runtime_error);
    w.poll();
    BOOST_TEST(sum == 17);
    BOOST_TEST(counted_value::alive == 1);
    counted_value::copies_until_failure = 0;
    const auto change = [](counted_value&)
    {
      return true;
    };
    BOOST_CHECK_THROW(level.update(change), std::runtime_error);
    BOOST_TEST(level.version() == 2u);
  }
  BOOST_TEST(counted_value::alive == 0);
}

TORO_TEST_CASE_TEMPLATE(reader_outlives_watch_and_context, Threading, policies)
{
  world w;
  std::optional<toro::basic_watch<int, any_executor, Threading>> level(
      std::in_place, w.context(), 3);
  auto reader = level->read();
  reader.async_next(w.on("a"));
  level->set(4);
  level.reset();
  BOOST_TEST(w.poll() == "a:AB");
  BOOST_TEST(reader.has_news());
  BOOST_TEST(reader.get() == 4);
  reader.async_next(w.on("b"));
  BOOST_TEST(w.poll() == "b:AB");
  w.end_context();
  auto copy = reader;
  BOOST_TEST(copy.get() == 4);
}

TORO_TEST_CASE_TEMPLATE(watch_moves_with_its_readers, Threading, policies)
{
  world w;
  toro::basic_watch<int, any_executor, Threading> level(w.context(), 1);
  auto reader = level.read();
  reader.async_next(w.on("next"));
  auto moved = std::move(level);
  moved.set(2);
  BOOST_TEST(w.poll() == "next=2");
  moved = toro::basic_watch<int, any_executor, Threading>(w.context(), 9);
  reader.async_next(w.on("gone"));
  BOOST_TEST(w.poll() == "gone:AB");
  BOOST_TEST(reader.get() == 2);
}

BOOST_AUTO_TEST_CASE(dump_shows_the_version_and_the_waits)
{
  world w;
  toro::enable_diagnostics(w.context());
  toro::watch<int> level(w.context());
  level.set_name("level");
  auto reader = level.read();
  reader.async_next(1s, toro::bind_name("meter", w.on("next")));
  std::ostringstream out;
  level.dump(out);
  BOOST_TEST(out.str() ==
             "<watch version=0 waiters[1]> \"level\"\n"
             "  async_next by \"meter\" for 0.000 s, deadline in 1.000 s\n");
  level.set(1);
  w.poll();
}

BOOST_AUTO_TEST_SUITE_END()
