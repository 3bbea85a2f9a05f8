// SPDX-License-Identifier: BSL-1.0
#include <toro/delay_queue.hpp>
#include <toro/eager.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/case_template.hpp"
#include "support/faults.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_delay_queue)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;
using boost::system::error_code;

template <class T, class Threading>
using delayed =
    idle_at_end<toro::basic_delay_queue<T, any_executor, Threading>>;

static_assert(std::is_nothrow_move_constructible_v<toro::delay_queue<int>>);
static_assert(!std::is_copy_constructible_v<toro::delay_queue<int>>);
static_assert(std::is_nothrow_copy_constructible_v<toro::delay_key>);

// Without a default value. Its move throws when it is told to.
class heavy
{
public:
  explicit heavy(int number)
    : number_(number)
  {
  }

  heavy(heavy&& other)
    : number_(other.number_)
  {
    if (std::exchange(move_fails, false))
      throw std::runtime_error("move");
    other.number_ = 0;
  }

  int number() const
  {
    return number_;
  }

  static inline bool move_fails = false;

private:
  int number_;
};

// A clock that goes on each time it is read.
class ticking_clock : public manual_clock
{
public:
  time_point now() override
  {
    const time_point result = manual_clock::now();
    advance(step);
    return result;
  }

  duration step = duration::zero();
};

} // namespace

TORO_TEST_CASE_TEMPLATE(items_come_when_they_are_due, Threading, policies)
{
  world w;
  delayed<int, Threading> q(w.context());
  q.put(3, 3s);
  q.put(1, 1s);
  q.put(2, 2s);
  q.put(11, 1s);
  BOOST_TEST(q.size() == 4u);
  BOOST_TEST(!q.try_get());
  q.async_get(w.on("get"));
  q.async_get(w.on("get"));
  BOOST_TEST(q.getters() == 2u);
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(w.advance(1s) == "get=1 get=11");
  BOOST_TEST(w.advance(1s) == "");
  BOOST_TEST((q.try_get() == 2));
  BOOST_TEST(!q.try_get());
  q.async_get(-1s, w.on("late"));
  BOOST_TEST(w.poll() == "late:TO");
  BOOST_TEST(w.advance(10s) == "");
  q.async_get(-1s, w.on("get"));
  BOOST_TEST(w.poll() == "get=3");
  BOOST_TEST(q.empty());
}

TORO_TEST_CASE_TEMPLATE(timer_runs_only_while_a_get_waits, Threading, policies)
{
  world w;
  delayed<int, Threading> q(w.context());
  q.put(1, 1h);
  BOOST_TEST(w.clock.alarms() == 0u);
  BOOST_TEST(w.run() == "");
  q.async_get(w.on("get"));
  BOOST_TEST(w.clock.pending() == 1u);
  BOOST_TEST(q.cancel() == 1u);
  BOOST_TEST(w.run() == "get:AB");
  BOOST_TEST(w.clock.pending() == 0u);
  // The alarm is that of the earliest item.
  q.async_get(w.on("get"));
  const std::size_t before = w.clock.settings();
  q.put(3, 3h);
  BOOST_TEST(w.clock.settings() == before);
  const toro::delay_key key = q.put(0, 1min);
  BOOST_TEST(w.clock.settings() == before + 1);
  BOOST_TEST(q.erase(key));
  BOOST_TEST(w.advance(1min) == "");
  BOOST_TEST(w.advance(59min) == "get=1");
  BOOST_TEST(w.run() == "");
  q.async_get(w.on("get"));
  q.put(4, -1s);
  BOOST_TEST(w.poll() == "get=4");
  BOOST_TEST(q.size() == 1u);
  // What is late has an order as well.
  q.put(6, w.clock.now() - 1s);
  q.put(5, w.clock.now() - 2s);
  BOOST_TEST((q.try_get() == 5));
  BOOST_TEST((q.try_get() == 6));
}

TORO_TEST_CASE_TEMPLATE(item_that_is_due_at_the_deadline_is_given, Threading,
                        policies)
{
  world w;
  delayed<int, Threading> q(w.context());
  q.put(1, 2s);
  q.async_get(1s, w.on("early"));
  q.async_get(2s, w.on("just"));
  q.async_get(3s, w.on("late"));
  BOOST_TEST(w.advance(1s) == "early:TO");
  BOOST_TEST(w.advance(1s) == "just=1");
  BOOST_TEST(w.advance(1s) == "late:TO");
  // The same with a timer that is late.
  q.put(1, 2s);
  q.put(2, 4s);
  q.async_get(1s, w.on("early"));
  q.async_get(2s, w.on("just"));
  q.async_get(3s, w.on("late"));
  q.async_get(4s, w.on("last"));
  BOOST_TEST(w.advance(10s) == "early:TO just=1 late:TO last=2");
}

// The time may pass while a get begins. Its deadline is then what counts.
TORO_TEST_CASE_TEMPLATE(get_asks_what_is_due, Threading, policies)
{
  world w;
  delayed<int, Threading> q(w.context());
  error_code ec = toro::error::closed;
  q.put(1, 1s, ec);
  BOOST_TEST(!ec);
  w.clock.advance(1s);
  q.async_get(w.on("get"));
  BOOST_TEST(q.getters() == 0u);
  BOOST_TEST(w.clock.pending() == 0u);
  BOOST_TEST(w.poll() == "get=1");
}

TORO_TEST_CASE_TEMPLATE(item_that_falls_due_while_a_get_begins_is_given,
                        Threading, policies)
{
  ticking_clock clock;
  asio::io_context context;
  clock.install(context);
  delayed<int, Threading> q(context);
  const auto start = clock.now();
  q.put(1, start + 1s);
  q.put(2, start + 1h);
  clock.step = 2s;
  std::vector<int> items;
  std::vector<error_code> results;
  for (int i = 0; i != 2; ++i)
    q.async_get(start + 2s,
                [&](error_code ec, int item)
                {
                  results.push_back(ec);
                  items.push_back(item);
                });
  context.poll();
  const std::vector<error_code> expected{{}, asio::error::timed_out};
  BOOST_TEST((results == expected));
  BOOST_TEST(items.front() == 1);
}

TORO_TEST_CASE_TEMPLATE(cancelled_get_returns_its_item, Threading, policies)
{
  world w;
  delayed<int, Threading> q(w.context());
  asio::cancellation_signal signal;
  const toro::delay_key first = q.put(1, 1s);
  q.put(2, 1s);
  q.async_get(asio::bind_cancellation_slot(signal.slot(), w.on("get")));
  w.clock.advance(1s);
  BOOST_TEST(w.poll_one() == "");
  BOOST_TEST(q.size() == 1u);
  BOOST_TEST(!q.erase(first));
  signal.emit(asio::cancellation_type::total);
  BOOST_TEST(q.size() == 2u);
  BOOST_TEST(w.poll() == "get:AB");
  BOOST_TEST((q.try_get() == 1));
  BOOST_TEST(!q.erase(first));
  BOOST_TEST((q.try_get() == 2));
  // No item is on its way any more.
  q.close();
  q.async_get(w.on("last"));
  BOOST_TEST(w.poll() == "last:closed");
}

TORO_TEST_CASE_TEMPLATE(erase_finds_what_is_stored, Threading, policies)
{
  world w;
  delayed<int, Threading> q(w.context());
  delayed<int, Threading> other(w.context());
  const toro::delay_key first = q.put(1, 1s);
  const toro::delay_key second = q.put(2, 1s);
  const toro::delay_key never = q.put(3, toro::deadline());
  BOOST_TEST((other.put(1, 1s) != first));
  BOOST_TEST((first != second));
  BOOST_TEST(!other.erase(first));
  BOOST_TEST(!q.erase(toro::delay_key()));
  BOOST_TEST(q.erase(second));
  BOOST_TEST(!q.erase(second));
  w.advance(100h);
  BOOST_TEST((q.try_get() == 1));
  BOOST_TEST(!q.try_get());
  BOOST_TEST(q.erase(never));
  BOOST_TEST(q.empty());
  for (int n = 0; n != 1000; ++n)
    q.put(n, std::chrono::seconds(n * 7 % 1000));
  std::string wrong;
  for (int n = 0; n != 1000; ++n)
  {
    q.async_get(w.on(""));
    wrong += w.advance(1s).substr(0, 1) == "=" ? "" : "!";
  }
  BOOST_TEST(wrong == "");
  BOOST_TEST(q.empty());
}

TORO_TEST_CASE_TEMPLATE(erased_item_may_own_the_queue, Threading, policies)
{
  world w;
  auto owner =
      std::make_shared<delayed<std::shared_ptr<void>, Threading>>(w.context());
  auto& q = *owner;
  const toro::delay_key key = q.put(std::move(owner), toro::deadline());
  BOOST_TEST(q.erase(key));
}

// A queue may be where an earlier one was.
TORO_TEST_CASE_TEMPLATE(key_of_a_queue_that_has_ended_names_nothing, Threading,
                        policies)
{
  world w;
  std::vector<toro::delay_key> earlier;
  for (int i = 0; i < 10; ++i)
  {
    delayed<int, Threading> q(w.context());
    const toro::delay_key key = q.put(1, toro::deadline());
    for (const toro::delay_key& old : earlier)
    {
      BOOST_TEST(!q.erase(old));
      BOOST_TEST((old != key));
    }
    BOOST_TEST(q.size() == 1u);
    earlier.push_back(key);
  }
}

TORO_TEST_CASE_TEMPLATE(closed_queue_gives_what_is_left, Threading, policies)
{
  world w;
  delayed<std::unique_ptr<int>, Threading> q(w.context());
  auto item = std::make_unique<int>(1);
  const toro::delay_key key = q.put(std::move(item), 1s);
  q.put(std::make_unique<int>(2), 2s);
  q.async_get(w.on("1st"));
  q.async_get(w.on("2nd"));
  q.async_get(w.on("3rd"));
  BOOST_TEST(q.close() == 0u);
  BOOST_TEST(!q.is_open());
  item = std::make_unique<int>(3);
  error_code ec;
  BOOST_TEST((q.put(std::move(item), 1s, ec) == toro::delay_key()));
  BOOST_TEST((ec == toro::error::closed));
  BOOST_TEST(item);
  BOOST_CHECK_THROW(q.put(std::move(item), 1s), boost::system::system_error);
  BOOST_TEST(item);
  BOOST_TEST(w.advance(1s) == "1st");
  BOOST_TEST(!q.erase(key));
  BOOST_TEST(w.advance(1s) == "2nd 3rd:closed");
  q.async_get(w.on("4th"));
  BOOST_TEST(w.poll() == "4th:closed");
}

TORO_TEST_CASE_TEMPLATE(gets_end_when_the_last_item_is_erased, Threading,
                        policies)
{
  world w;
  delayed<int, Threading> q(w.context());
  const toro::delay_key key = q.put(1, 1s);
  q.close();
  q.async_get(w.on("get"));
  BOOST_TEST(q.erase(key));
  BOOST_TEST(w.run() == "get:closed");
}

TORO_TEST_CASE_TEMPLATE(timer_that_cannot_be_set_changes_nothing, Threading,
                        policies)
{
  world w;
  w.allow_drops();
  delayed<std::unique_ptr<int>, Threading> q(w.context());
  q.put(std::make_unique<int>(2), 2h);
  faults.plan(failing::alarm, 1);
  BOOST_CHECK_THROW(q.async_get(w.on("get")), injected);
  faults.spare_all();
  BOOST_TEST(q.waiters() == 0u);
  q.async_get(w.on("get"));
  auto item = std::make_unique<int>(1);
  faults.plan(failing::alarm, 1);
  BOOST_CHECK_THROW(q.put(std::move(item), 1h), injected);
  faults.spare_all();
  BOOST_TEST(item);
  BOOST_TEST(q.size() == 1u);
  // The get still has its alarm.
  BOOST_TEST(w.advance(2h) == "get");
}

TORO_TEST_CASE_TEMPLATE(item_whose_move_throws_returns, Threading, policies)
{
  world w;
  w.allow_drops();
  delayed<heavy, Threading> q(w.context());
  heavy item(1);
  heavy::move_fails = true;
  BOOST_CHECK_THROW(q.put(std::move(item), 0s), std::runtime_error);
  BOOST_TEST(item.number() == 1);
  BOOST_TEST(q.empty());
  q.put(std::move(item), 0s);
  q.put(heavy(2), 0s);
  heavy::move_fails = true;
  BOOST_CHECK_THROW(static_cast<void>(q.try_get()), std::runtime_error);
  BOOST_TEST(q.size() == 2u);
  q.async_get(w.on("get"));
  heavy::move_fails = true;
  BOOST_CHECK_THROW(w.poll(), std::runtime_error);
  BOOST_TEST(q.size() == 2u);
  const auto note = [&](std::optional<heavy> got)
  {
    w.note(std::to_string(got->number()));
  };
  q.async_get(w.on("get", note));
  BOOST_TEST(w.poll() == "get 1");
  BOOST_TEST(q.try_get()->number() == 2);
  const auto get = [&](int number) -> asio::awaitable<void>
  {
    q.put(heavy(number), 0s);
    const std::optional<heavy> got = co_await q.async_get(toro::eager);
    w.note(std::to_string(got->number()));
  };
  w.spawn("3rd", get(3));
  BOOST_TEST(w.poll() == "3 3rd");
  // No item is on its way any more.
  q.close();
  q.async_get(w.on("last"));
  BOOST_TEST(w.poll() == "last:closed");
}

TORO_TEST_CASE_TEMPLATE(queue_ends_with_its_items, Threading, policies)
{
  const auto shared = std::make_shared<int>(1);
  {
    world w;
    w.allow_drops();
    toro::basic_delay_queue<std::shared_ptr<int>, any_executor, Threading> q(
        w.context());
    q.put(shared, 1s);
    q.async_get(w.on("1st"));
    auto moved = std::move(q);
    w.clock.advance(1s);
    BOOST_TEST(w.poll_one() == "");
    moved.put(shared, 1s);
    moved.async_get(w.on("2nd"));
    q = std::move(moved);
    BOOST_TEST(q.waiters() == 1u);
    q = decltype(q)(w.context());
    BOOST_TEST(w.poll() == "1st:AB 2nd:AB");
    BOOST_TEST(shared.use_count() == 1);
    q.put(shared, 1s);
    q.async_get(w.on("3rd"));
    w.end_context();
    BOOST_TEST(w.drops() == 1u);
    BOOST_TEST(q.size() == 1u);
  }
  BOOST_TEST(shared.use_count() == 1);
}

TORO_TEST_CASE_TEMPLATE(delay_queue_describes_itself, Threading, policies)
{
  world w;
  delayed<int, Threading> q(w.context());
  BOOST_TEST(to_string(q) == "<delay_queue size=0>");
  q.put(1, 1s);
  q.async_get(w.on("get"));
  BOOST_TEST(to_string(q) == "<delay_queue size=1 getters[1]>");
  std::ostringstream dump;
  q.dump(dump);
  BOOST_TEST(dump.str().find("async_get") != std::string::npos);
  q.close();
  BOOST_TEST(w.advance(1s) == "get=1");
  BOOST_TEST(to_string(q) == "<delay_queue size=0 closed>");
}

BOOST_AUTO_TEST_SUITE_END()
