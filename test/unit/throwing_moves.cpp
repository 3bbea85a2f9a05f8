// SPDX-License-Identifier: BSL-1.0
// Items whose move throws, or does what it likes before it is made.
#include <toro/async_result.hpp>
#include <toro/blocking.hpp>
#include <toro/delay_queue.hpp>
#include <toro/eager.hpp>
#include <toro/first_of.hpp>
#include <toro/lifo_queue.hpp>
#include <toro/priority_queue.hpp>
#include <toro/queue.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/version.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/case_template.hpp"
#include "support/primitives.hpp"
#include "support/world.hpp"

#if BOOST_ASIO_VERSION >= 102700
#include <boost/asio/bind_immediate_executor.hpp>
#endif

namespace {

using namespace toro_test;

namespace asio = boost::asio;
using asio::deferred;
using boost::system::error_code;
using toro::async_first_of;

struct move_failed : std::runtime_error
{
  move_failed()
    : std::runtime_error("move")
  {
  }
};

// What the moves of items do.
struct move_plan
{
  int made = 0;

  // Which of the next moves throws, if any.
  int throws_at = 0;

  // Called by the next move before it is made, or throws.
  std::function<void()> meanwhile;
};

move_plan moves;

// The next move throws.
void fail_next_move()
{
  moves.throws_at = 1;
}

// An item whose source is as before if its move throws.
template <bool HasDefault>
class throwing_item
{
public:
  throwing_item() requires HasDefault = default;

  explicit throwing_item(int number) noexcept
    : number_(number)
  {
  }

  throwing_item(throwing_item&& other)
    : number_(other.leave())
  {
  }

  // Zero for none.
  int number() const noexcept
  {
    return number_;
  }

  friend bool operator<(const throwing_item& a, const throwing_item& b)
  {
    return a.number_ < b.number_;
  }

private:
  int leave()
  {
    ++moves.made;
    if (moves.meanwhile)
      std::exchange(moves.meanwhile, nullptr)();
    if (moves.throws_at != 0 && --moves.throws_at == 0)
      throw move_failed();
    return std::exchange(number_, 0);
  }

  int number_ = 0;
};

template <bool HasDefault>
int number_of(const throwing_item<HasDefault>& x)
{
  return x.number();
}

template <bool HasDefault>
int number_of(const std::optional<throwing_item<HasDefault>>& x)
{
  return x ? x->number() : 0;
}

// An item that allocates if it has the default value, as containers may.
class costly_item
{
public:
  costly_item()
  {
    if (std::exchange(next_fails, false))
      throw std::bad_alloc();
  }

  costly_item(costly_item&&) noexcept(false)
  {
  }

  static inline bool next_fails = false;
};

// A queue with its policy, with items that have a default value or not.
template <template <class...> class Queue, class Threading, bool HasDefault>
struct kind
{
  using item = throwing_item<HasDefault>;
  using plain_queue = Queue<item, any_executor, Threading>;
  using queue = idle_at_end<plain_queue>;
  using threading = Threading;
};

template <class T, class Executor, class Threading>
using smallest_first =
    toro::basic_priority_queue<T, std::less<>, Executor, Threading>;

using fifo_safe = kind<toro::basic_queue, toro::thread_safe, true>;
using fifo_bound = kind<toro::basic_queue, toro::strand_bound, false>;
using lifo_safe = kind<toro::basic_lifo_queue, toro::thread_safe, false>;
using lifo_bound = kind<toro::basic_lifo_queue, toro::strand_bound, true>;
using sorted_safe = kind<smallest_first, toro::thread_safe, true>;
using sorted_bound = kind<smallest_first, toro::strand_bound, false>;

using all_kinds = std::tuple<fifo_safe, fifo_bound, lifo_safe, lifo_bound,
                             sorted_safe, sorted_bound>;
using safe_kinds = std::tuple<fifo_safe, lifo_safe, sorted_safe>;
using fifo_kinds = std::tuple<fifo_safe, fifo_bound>;
using sorted_kinds = std::tuple<sorted_safe, sorted_bound>;

struct no_plan
{
  no_plan()
  {
    moves = {};
  }
};

// Gets all that is left.
template <class Queue>
std::string drain(Queue& q)
{
  std::string numbers;
  while (const auto item = q.try_get())
    numbers += std::to_string(item->number());
  return numbers;
}

template <class Kind>
constexpr bool is_lifo =
    std::is_same_v<Kind, lifo_safe> || std::is_same_v<Kind, lifo_bound>;

// Numbers 1 to 3 in the order in which a queue gives them.
template <class Kind>
std::string in_order()
{
  return is_lifo<Kind> ? "321" : "123";
}

// A handler that takes what it gets as it is, without a move.
template <class Name>
auto peek(world& w, Name name)
{
  return [&w, name](boost::system::error_code ec, auto&& item)
  {
    w.note(name + outcome_of(ec) + std::to_string(number_of(item)));
  };
}

std::string shown_result(std::size_t index)
{
  return std::to_string(index);
}

std::string shown_result(const error_code& ec)
{
  return ec ? outcome_of(ec) : ":ok";
}

template <class Item>
std::string shown_result(const Item& item)
{
  return std::to_string(number_of(item));
}

template <class Item>
std::string shown_result(const std::vector<Item>& items)
{
  std::string numbers;
  for (const Item& each : items)
    numbers += std::to_string(number_of(each));
  return numbers;
}

// A handler of an async_first_of that does the same. Notes "won=1 :AB 0 :ok 7".
class peeking_handler
{
public:
  explicit peeking_handler(recorder& records)
    : inner_(records.on("won"))
  {
  }

  template <class... Results>
  void operator()(std::size_t index, Results&&... results)
  {
    std::string text = shown_result(index);
    ((text += " " + shown_result(results)), ...);
    inner_(error_code(), text);
  }

private:
  decltype(std::declval<recorder&>().on("")) inner_;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(unit_throwing_moves, no_plan)

TORO_TEST_CASE_TEMPLATE(items_whose_move_may_throw_come_and_go, Kind, all_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context(), 3);
  BOOST_TEST(q.try_put(item(1)));
  q.async_put(item(2), w.on("2"));
  BOOST_TEST(w.poll() == "2");
  q.async_put(item(3), w.on("3"));
  BOOST_TEST(w.poll() == "3");
  BOOST_TEST(q.unfinished() == 3u);
  BOOST_TEST(drain(q) == in_order<Kind>());
  q.async_get(peek(w, "get"));
  q.async_put(item(4), w.on("4"));
  BOOST_TEST(w.poll() == "4 get4");
  BOOST_TEST(q.empty());
}

TORO_TEST_CASE_TEMPLATE(refused_item_is_not_moved, Kind, all_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context(), 1);
  BOOST_TEST(q.try_put(item(1)));
  item mine(2);
  moves = {};
  BOOST_TEST(!q.try_put(std::move(mine)));
  BOOST_TEST(drain(q) == "1");
  q.close();
  moves = {};
  BOOST_TEST(!q.try_put(std::move(mine)));
  BOOST_TEST(moves.made == 0);
  BOOST_TEST(mine.number() == 2);
}

TORO_TEST_CASE_TEMPLATE(item_is_moved_once_on_its_way_in_or_out, Kind,
                        all_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context());
  BOOST_TEST(q.try_put(item(1)));
  BOOST_TEST(moves.made == 1);
  BOOST_TEST(q.try_get()->number() == 1);
  BOOST_TEST(moves.made == 2);
  BOOST_TEST(q.try_put(item(2)));
  q.async_get(peek(w, "get"));
  BOOST_TEST(moves.made == 3);
  BOOST_TEST(w.poll() == "get2");
  BOOST_TEST(moves.made == 4);
}

TORO_TEST_CASE_TEMPLATE(put_whose_move_throws_changes_nothing, Kind, all_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context(), 1);
  item mine(1);
  q.async_get(w.on("get"));
  fail_next_move();
  BOOST_CHECK_THROW((void)q.try_put(std::move(mine)), move_failed);
  BOOST_TEST(q.empty());
  BOOST_TEST(q.getters() == 1u);
  BOOST_TEST(q.unfinished() == 0u);
  BOOST_TEST(mine.number() == 1);
  BOOST_TEST(w.poll() == "");
  for (int n = 1; n <= 2; ++n)
  {
    moves.throws_at = n;
    BOOST_CHECK_THROW(q.async_put(item(2), ignore()), move_failed);
  }
  BOOST_TEST(q.getters() == 1u);
  BOOST_TEST(q.unfinished() == 0u);
  BOOST_TEST(q.try_put(std::move(mine)));
  BOOST_TEST(w.poll() == "get");
  BOOST_TEST(q.try_put(item(3)));
  BOOST_TEST(q.full());
  BOOST_TEST(drain(q) == "3");
}

TORO_TEST_CASE_TEMPLATE(room_is_kept_while_an_item_is_moved_in, Kind, all_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context(), 1);
  item second(2);
  const auto meanwhile = [&]
  {
    BOOST_TEST(!q.try_put(std::move(second)));
    BOOST_TEST(second.number() == 2);
    BOOST_TEST(q.empty());
    BOOST_TEST(!q.try_get());
    q.async_put(item(3), w.on("3"));
    BOOST_TEST(q.putters() == 1u);
  };
  moves.meanwhile = meanwhile;
  BOOST_TEST(q.try_put(item(1)));
  BOOST_TEST(q.full());
  BOOST_TEST(q.putters() == 1u);
  BOOST_TEST(drain(q).size() == 2u);
  BOOST_TEST(w.poll() == "3");

  // Room that is not used goes to the put that waits for it.
  moves.meanwhile = [&]
  {
    meanwhile();
    fail_next_move();
  };
  BOOST_CHECK_THROW((void)q.try_put(item(1)), move_failed);
  BOOST_TEST(q.putters() == 0u);
  BOOST_TEST(w.poll() == "3");
  BOOST_TEST(drain(q) == "3");
}

TORO_TEST_CASE_TEMPLATE(item_that_is_moved_in_while_the_queue_closes_is_put,
                        Kind, all_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context());
  q.async_get(w.on("1st"));
  moves.meanwhile = [&]
  {
    BOOST_TEST(q.close() == 0u);
    q.async_get(w.on("2nd"));
    BOOST_TEST(q.getters() == 2u);
  };
  BOOST_TEST(q.try_put(item(1)));
  BOOST_TEST(w.poll() == "1st 2nd:closed");
}

TORO_TEST_CASE_TEMPLATE(get_of_a_closed_queue_waits_for_an_item_that_may_come,
                        Kind, all_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context());
  moves.meanwhile = [&]
  {
    q.close();
    q.async_get(w.on("get"));
    fail_next_move();
  };
  BOOST_CHECK_THROW((void)q.try_put(item(1)), move_failed);
  BOOST_TEST(w.poll() == "get:closed");
}

TORO_TEST_CASE_TEMPLATE(get_whose_move_throws_leaves_the_item_in_its_place,
                        Kind, all_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context());
  for (const int n : {1, 2, 3})
    BOOST_TEST(q.try_put(item(n)));
  for (int i = 0; i != 2; ++i)
  {
    fail_next_move();
    BOOST_CHECK_THROW((void)q.try_get(), move_failed);
    BOOST_TEST(q.size() == 3u);
    BOOST_TEST(q.unfinished() == 3u);
  }
  BOOST_TEST(drain(q) == in_order<Kind>());
}

TORO_TEST_CASE_TEMPLATE(delivery_whose_move_throws_leaves_the_item_in_its_place,
                        Kind, all_kinds)
{
  using item = typename Kind::item;
  world w;
  w.allow_drops();
  typename Kind::queue q(w.context());
  for (const int n : {1, 2, 3})
    BOOST_TEST(q.try_put(item(n)));
  // The second one waits, and is an operation with memory of its own.
  for (const bool waits : {false, true})
  {
    if (waits)
      BOOST_TEST(drain(q) == in_order<Kind>());
    q.async_get(w.on("get"));
    if (waits)
    {
      for (const int n : {1, 2, 3})
        BOOST_TEST(q.try_put(item(n)));
    }
    BOOST_TEST(q.size() == 2u);
    fail_next_move();
    BOOST_CHECK_THROW(w.poll(), move_failed);
    BOOST_TEST(w.take() == "");
    BOOST_TEST(w.drops() == (waits ? 2u : 1u));
    BOOST_TEST(q.size() == 3u);
    BOOST_TEST(q.unfinished() == (waits ? 6u : 3u));
    BOOST_TEST(w.poll() == "");
  }
  // The item that waited was the first to come.
  BOOST_TEST(drain(q) == in_order<Kind>());
}

TORO_TEST_CASE_TEMPLATE(item_that_returns_goes_to_the_next_get, Kind, all_kinds)
{
  using item = typename Kind::item;
  world w;
  w.allow_drops();
  typename Kind::queue q(w.context());
  q.async_get(w.on("1st"));
  q.async_get(peek(w, "2nd="));
  BOOST_TEST(q.try_put(item(7)));
  fail_next_move();
  BOOST_CHECK_THROW(w.poll(), move_failed);
  BOOST_TEST(q.waiters() == 0u);
  BOOST_TEST(q.empty());
  BOOST_TEST(w.poll() == "2nd=7");
  BOOST_TEST(w.drops() == 1u);
}

TORO_TEST_CASE_TEMPLATE(nobody_takes_back_an_item_that_is_moved_out, Kind,
                        all_kinds)
{
  using item = typename Kind::item;
  world w;
  w.allow_drops();
  typename Kind::queue q(w.context(), 1);
  q.async_get(w.on("1st"));
  q.async_put(item(1), w.on("put"));
  moves.meanwhile = [&]
  {
    BOOST_TEST(q.empty());
    BOOST_TEST(!q.try_get());
    // Its put has succeeded, which no cancellation changes.
    BOOST_TEST(q.cancel() == 0u);
    q.close();
    q.async_get(w.on("2nd"));
    BOOST_TEST(q.getters() == 1u);
    fail_next_move();
  };
  BOOST_CHECK_THROW(w.poll(), move_failed);
  BOOST_TEST(w.take() == "put");
  BOOST_TEST(w.poll() == "2nd");
  q.async_get(w.on("3rd"));
  BOOST_TEST(w.poll() == "3rd:closed");
}

TORO_TEST_CASE_TEMPLATE(get_of_a_closed_queue_ends_when_the_item_has_left, Kind,
                        all_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context());
  BOOST_TEST(q.try_put(item(1)));
  moves.meanwhile = [&]
  {
    q.close();
    q.async_get(w.on("get"));
    BOOST_TEST(q.getters() == 1u);
  };
  BOOST_TEST(q.try_get()->number() == 1);
  BOOST_TEST(w.poll() == "get:closed");
}

TORO_TEST_CASE_TEMPLATE(item_that_returns_may_exceed_the_bound, Kind, all_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context(), 1);
  BOOST_TEST(q.try_put(item(1)));
  q.async_put(item(2), w.on("2"));
  q.async_put(item(3), w.on("3"));
  fail_next_move();
  BOOST_CHECK_THROW((void)q.try_get(), move_failed);
  BOOST_TEST(q.size() == 2u);
  BOOST_TEST(q.putters() == 1u);
  BOOST_TEST(w.poll() == "2");
  BOOST_TEST(q.try_get().has_value());
  BOOST_TEST(q.putters() == 1u);
  BOOST_TEST(q.try_get().has_value());
  BOOST_TEST(w.poll() == "3");
  BOOST_TEST(drain(q).size() == 1u);
}

TORO_TEST_CASE_TEMPLATE(eager_get_whose_move_throws_leaves_the_item, Kind,
                        all_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context());
  BOOST_TEST(q.try_put(item(1)));
  BOOST_TEST(q.try_put(item(2)));
  const auto get = [&](int throws_at) -> asio::awaitable<void>
  {
    moves.throws_at = throws_at;
    const auto got = co_await q.async_get(toro::eager);
    w.note("got" + std::to_string(number_of(got)));
  };
  w.spawn("1st", get(1));
  BOOST_TEST(w.poll() == "1st:move");
  BOOST_TEST(q.size() == 2u);
  w.spawn("2nd", get(0));
  BOOST_TEST(w.poll() == (is_lifo<Kind> ? "got2 2nd" : "got1 2nd"));
  w.spawn("3rd", get(0));
  BOOST_TEST(w.poll() == (is_lifo<Kind> ? "got1 3rd" : "got2 3rd"));
  const auto put = [&](int throws_at) -> asio::awaitable<void>
  {
    item mine(3);
    moves.throws_at = throws_at;
    co_await q.async_put(std::move(mine), toro::eager);
  };
  w.spawn("4th", put(2));
  BOOST_TEST(w.poll() == "4th:move");
  BOOST_TEST(q.empty());
  w.spawn("5th", put(0));
  BOOST_TEST(w.poll() == "5th");
  BOOST_TEST(drain(q) == "3");
}

TORO_TEST_CASE_TEMPLATE(blocking_get_whose_move_throws_leaves_the_item, Kind,
                        safe_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context());
  for (const int n : {1, 2, 3})
    BOOST_TEST(q.try_put(item(n)));
  boost::system::error_code ec;
  fail_next_move();
  BOOST_CHECK_THROW(q.async_get(toro::blocking), move_failed);
  fail_next_move();
  BOOST_CHECK_THROW(q.async_get(toro::blocking(ec)), move_failed);
  fail_next_move();
  BOOST_CHECK_THROW(q.async_next(toro::blocking), move_failed);
  BOOST_TEST(q.size() == 3u);
  BOOST_TEST(q.unfinished() == 3u);
  moves = {};
  ec = toro::error::closed;
  const auto first = q.async_get(toro::blocking(ec));
  BOOST_TEST(moves.made == 1);
  BOOST_TEST(!ec);
  const auto second = q.async_next(toro::blocking);
  BOOST_TEST(moves.made == 2);
  q.close();
  const auto third = q.async_get(toro::blocking);
  BOOST_TEST(std::to_string(number_of(first)) +
                 std::to_string(number_of(second)) +
                 std::to_string(number_of(third)) ==
             in_order<Kind>());
  BOOST_TEST(!q.async_next(toro::blocking).has_value());
}

TORO_TEST_CASE_TEMPLATE(blocking_wait_whose_move_throws_leaves_the_item, Kind,
                        safe_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context());
  // The first move is that into the queue.
  moves.throws_at = 2;
  std::thread other(
      [&]
      {
        while (q.getters() == 0)
          std::this_thread::yield();
        static_cast<void>(q.try_put(item(7)));
      });
  BOOST_CHECK_THROW(q.async_get(toro::blocking), move_failed);
  other.join();
  BOOST_TEST(drain(q) == "7");
}

BOOST_AUTO_TEST_CASE(blocking_get_of_a_delay_queue_leaves_the_item)
{
  using item = throwing_item<false>;
  world w;
  idle_at_end<toro::basic_delay_queue<item, any_executor>> q(w.context());
  q.put(item(1), std::chrono::seconds(0));
  fail_next_move();
  BOOST_CHECK_THROW(q.async_get(toro::blocking), move_failed);
  BOOST_TEST(q.size() == 1u);
  moves = {};
  BOOST_TEST(number_of(q.async_get(toro::blocking)) == 1);
  BOOST_TEST(moves.made == 1);
  BOOST_TEST(q.empty());
}

TORO_TEST_CASE_TEMPLATE(first_of_whose_move_throws_leaves_the_item, Kind,
                        all_kinds)
{
  using item = typename Kind::item;
  world w;
  w.allow_drops();
  typename Kind::queue a(w.context());
  typename Kind::queue b(w.context());
  const auto put_all = [&]
  {
    for (const int n : {1, 2, 3})
      BOOST_TEST(b.try_put(item(n)));
  };
  const auto start = [&]
  {
    async_first_of(a.async_get(deferred), b.async_get(deferred),
                   peeking_handler(w));
  };
  for (const bool waits : {false, true})
  {
    if (waits)
    {
      start();
      BOOST_TEST(w.poll() == "");
      put_all();
    }
    else
    {
      put_all();
      start();
    }
    fail_next_move();
    BOOST_CHECK_THROW(w.poll(), move_failed);
    BOOST_TEST(w.poll() == "");
    BOOST_TEST(w.drops() == (waits ? 2u : 1u));
    BOOST_TEST(a.getters() == 0u);
    BOOST_TEST(drain(b) == in_order<Kind>());
  }
  put_all();
  start();
  moves = {};
  BOOST_TEST(w.poll() == "won=1 :AB 0 :ok " + in_order<Kind>().substr(0, 1));
  BOOST_TEST(moves.made == 1);
  BOOST_TEST(drain(b) == in_order<Kind>().substr(1));
}

TORO_TEST_CASE_TEMPLATE(nested_first_of_whose_move_throws_leaves_the_item, Kind,
                        all_kinds)
{
  using item = typename Kind::item;
  world w;
  w.allow_drops();
  typename Kind::queue a(w.context());
  typename Kind::queue b(w.context());
  typename Kind::queue c(w.context());
  const auto start = [&]
  {
    async_first_of(
        c.async_get(deferred),
        async_first_of(a.async_get(deferred), b.async_get(deferred), deferred),
        peeking_handler(w));
    BOOST_TEST(b.try_put(item(7)));
    moves = {};
  };
  start();
  fail_next_move();
  BOOST_CHECK_THROW(w.poll(), move_failed);
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(w.drops() == 1u);
  BOOST_TEST(a.getters() + c.getters() == 0u);
  BOOST_TEST(drain(b) == "7");
  start();
  BOOST_TEST(w.poll() == "won=1 :AB 0 1 :AB 0 :ok 7");
  BOOST_TEST(moves.made == 1);
  BOOST_TEST(b.empty());
}

#if BOOST_ASIO_VERSION >= 102700
TORO_TEST_CASE_TEMPLATE(immediate_first_of_loses_no_item, Kind, all_kinds)
{
  using item = typename Kind::item;
  world w;
  w.allow_drops();
  typename Kind::queue q(w.context());
  BOOST_TEST(q.try_put(item(7)));
  async_first_of(q.async_get(deferred),
                 asio::bind_immediate_executor(w.context().get_executor(),
                                               peeking_handler(w)));
  fail_next_move();
  if constexpr (std::is_same_v<typename Kind::threading, toro::thread_safe>)
  {
    BOOST_CHECK_THROW(w.poll(), move_failed);
    BOOST_TEST(drain(q) == "7");
  }
  else
  {
    // The item travels without being moved.
    BOOST_TEST(w.poll() == "won=0 :ok 7");
    BOOST_TEST(moves.throws_at == 1);
  }
}
#endif

TORO_TEST_CASE_TEMPLATE(first_of_loses_no_item_whichever_move_throws, Kind,
                        all_kinds)
{
  using item = typename Kind::item;
  for (int n = 1; n <= 8; ++n)
  {
    world w;
    w.allow_drops();
    typename Kind::queue a(w.context());
    typename Kind::queue b(w.context());
    async_first_of(b.async_get(deferred),
                   async_first_of(a.async_next(deferred), deferred),
                   peeking_handler(w));
    BOOST_TEST(b.try_put(item(2)));
    BOOST_TEST(a.try_put(item(1)));
    moves.throws_at = n;
    bool fails = false;
    std::string result;
    do
    {
      fails = false;
      try
      {
        result += w.poll();
      }
      catch (const move_failed&)
      {
        fails = true;
      }
    } while (fails);
    moves = {};
    BOOST_TEST(drain(a) == "1");
    if (w.drops() == 0)
      BOOST_TEST(result == "won=0 :ok 2 0 :AB 0");
    BOOST_TEST(drain(b) == (w.drops() == 0 ? "" : "2"));
  }
}

TORO_TEST_CASE_TEMPLATE(item_of_a_first_of_goes_to_the_next_get, Kind,
                        all_kinds)
{
  using item = typename Kind::item;
  world w;
  w.allow_drops();
  typename Kind::queue a(w.context());
  typename Kind::queue b(w.context());
  async_first_of(a.async_get(deferred), b.async_get(deferred),
                 peeking_handler(w));
  b.async_get(peek(w, "2nd="));
  BOOST_TEST(b.try_put(item(7)));
  fail_next_move();
  BOOST_CHECK_THROW(w.poll(), move_failed);
  BOOST_TEST(w.poll() == "2nd=7");
  BOOST_TEST(w.drops() == 1u);
}

TORO_TEST_CASE_TEMPLATE(each_get_of_a_first_of_leaves_its_item, Threading,
                        policies)
{
  using item = throwing_item<true>;
  world w;
  w.allow_drops();
  queue_of<item, Threading> q(w.context());
  delay_queue_of<item, Threading> delayed(w.context());
  const auto fails = [&](auto operation)
  {
    async_first_of(operation, peeking_handler(w));
    fail_next_move();
    BOOST_CHECK_THROW(w.poll(), move_failed);
    async_first_of(operation, peeking_handler(w));
    return w.poll();
  };
  delayed.put(item(1), std::chrono::seconds(0));
  BOOST_TEST(fails(delayed.async_get(deferred)) == "won=0 :ok 1");
  for (const int n : {2, 3, 4})
    BOOST_TEST(q.try_put(item(n)));
  BOOST_TEST(fails(q.async_get(deferred)) == "won=0 :ok 2");
  BOOST_TEST(fails(q.async_next(deferred)) == "won=0 :ok 3");
  BOOST_TEST(fails(q.async_get_some(9, deferred)) == "won=0 :ok 4");
  q.close();
  async_first_of(q.async_next(deferred), peeking_handler(w));
  BOOST_TEST(w.poll() == "won=0 :ok 0");
  BOOST_TEST(w.drops() == 4u);
}

TORO_TEST_CASE_TEMPLATE(queue_may_end_while_a_first_of_moves_its_item, Kind,
                        all_kinds)
{
  using queue = typename Kind::plain_queue;
  using item = typename Kind::item;
  for (const bool fails : {false, true})
  {
    for (const bool is_closed : {false, true})
    {
      world w;
      w.allow_drops();
      std::optional<queue> q(std::in_place, w.context());
      typename Kind::queue other(w.context());
      async_first_of(q->async_get(deferred), other.async_get(deferred),
                     peeking_handler(w));
      q->async_get(peek(w, "2nd="));
      BOOST_TEST(q->try_put(item(7)));
      moves.meanwhile = [&]
      {
        if (is_closed)
          q->close();
        else
          q.reset();
        moves.throws_at = fails ? 1 : 0;
      };
      if (fails)
      {
        BOOST_CHECK_THROW(w.poll(), move_failed);
        BOOST_TEST(w.poll() == (is_closed ? "2nd=7" : "2nd=:AB0"));
      }
      else
      {
        BOOST_TEST(w.poll() == (is_closed ? "2nd=:closed0 won=0 :ok 7 :AB 0"
                                          : "2nd=:AB0 won=0 :ok 7 :AB 0"));
      }
    }
  }
}

TORO_TEST_CASE_TEMPLATE(context_may_end_while_a_first_of_has_an_item, Kind,
                        all_kinds)
{
  using item = typename Kind::item;
  for (const bool ends_with_item : {false, true})
  {
    world w;
    w.allow_drops();
    std::optional<asio::io_context> other_context(std::in_place);
    typename Kind::queue q(w.context());
    // Its cancellation waits for a context that does not run.
    queue_of<item, toro::strand_bound> other(*other_context);
    async_first_of(q.async_get(deferred), other.async_get(deferred),
                   peeking_handler(w));
    BOOST_TEST(q.try_put(item(7)));
    BOOST_TEST(w.poll() == "");
    BOOST_TEST(q.empty());
    other_context.reset();
    if (ends_with_item)
      w.end_context();
    else
      BOOST_TEST(w.poll() == "won=0 :ok 7 :AB 0");
    BOOST_TEST(w.drops() == (ends_with_item ? 1u : 0u));
  }
}

// Of an item whose default constructor throws as well.
TORO_TEST_CASE_TEMPLATE(first_of_needs_no_default_value_later, Threading,
                        policies)
{
  world w;
  w.allow_drops();
  queue_of<costly_item, Threading> a(w.context());
  queue_of<costly_item, Threading> b(w.context());
  const auto start = [&]
  {
    async_first_of(a.async_get(deferred), b.async_get(deferred),
                   [handler = w.on("won")](std::size_t index, auto&&...) mutable
                   {
                     handler(error_code(), index);
                   });
  };
  costly_item::next_fails = true;
  BOOST_CHECK_THROW(start(), std::bad_alloc);
  BOOST_TEST(a.getters() + b.getters() == 0u);
  BOOST_TEST(w.drops() == 1u);
  start();
  BOOST_TEST(b.try_put(costly_item()));
  costly_item::next_fails = true;
  // That is the get that was cancelled.
  BOOST_CHECK_THROW(w.poll(), std::bad_alloc);
  BOOST_TEST(w.poll() == "won=1");
  BOOST_TEST(w.drops() == 1u);
}

TORO_TEST_CASE_TEMPLATE(handler_elsewhere_loses_no_item, Kind, all_kinds)
{
  using item = typename Kind::item;
  constexpr bool is_safe =
      std::is_same_v<typename Kind::threading, toro::thread_safe>;
  world w;
  w.allow_drops();
  asio::io_context other;
  typename Kind::queue q(w.context());
  const auto everywhere = [&]
  {
    BOOST_TEST(w.poll() == "");
    other.restart();
    other.poll();
    return w.take();
  };
  q.async_get(asio::bind_executor(other, peek(w, "1st=")));
  q.async_get(asio::bind_executor(asio::make_strand(other), peek(w, "2nd=")));
  BOOST_TEST(q.try_put(item(1)));
  BOOST_TEST(q.try_put(item(2)));
  fail_next_move();
  if constexpr (is_safe)
  {
    BOOST_CHECK_THROW(everywhere(), move_failed);
    BOOST_TEST(q.size() == 1u);
    BOOST_TEST(everywhere() == "2nd=2");
    BOOST_TEST(drain(q) == "1");
  }
  else
  {
    // The item travels without being moved, so that nothing fails on the way.
    BOOST_TEST(everywhere() == "1st=1 2nd=2");
    BOOST_TEST(moves.throws_at == 1);
  }
}

TORO_TEST_CASE_TEMPLATE(queue_may_end_while_an_item_is_moved, Kind, all_kinds)
{
  using queue = typename Kind::plain_queue;
  using item = typename Kind::item;
  for (const bool fails : {false, true})
  {
    world w;
    w.allow_drops();
    std::optional<queue> q(std::in_place, w.context());
    q->async_get(peek(w, "1st="));
    q->async_get(w.on("2nd"));
    BOOST_TEST(q->try_put(item(7)));
    moves.meanwhile = [&]
    {
      q.reset();
      moves.throws_at = fails ? 1 : 0;
    };
    if (fails)
    {
      BOOST_CHECK_THROW(w.poll(), move_failed);
      BOOST_TEST(w.poll() == "2nd:AB");
    }
    else
    {
      BOOST_TEST(w.poll() == "1st=7 2nd:AB");
    }

    q.emplace(w.context());
    moves.meanwhile = [&]
    {
      q.reset();
      moves.throws_at = fails ? 1 : 0;
    };
    if (fails)
      BOOST_CHECK_THROW((void)q->try_put(item(7)), move_failed);
    else
      BOOST_TEST(q->try_put(item(7)));
  }
}

TORO_TEST_CASE_TEMPLATE(context_may_end_while_an_item_is_moved, Kind,
                        fifo_kinds)
{
  using item = typename Kind::item;
  for (const bool fails : {false, true})
  {
    world w;
    w.allow_drops();
    std::optional<asio::io_context> object_context(std::in_place);
    typename Kind::queue q(*object_context);
    BOOST_TEST(q.try_put(item(1)));
    BOOST_TEST(q.try_put(item(2)));
    moves.meanwhile = [&]
    {
      q.async_get(w.on("get"));
      object_context.reset();
      moves.throws_at = fails ? 1 : 0;
    };
    if (fails)
      BOOST_CHECK_THROW((void)q.try_get(), move_failed);
    else
      BOOST_TEST(q.try_get()->number() == 1);
    BOOST_TEST(w.drops() == 1u);
    BOOST_TEST(drain(q) == (fails ? "12" : "2"));
  }
}

TORO_TEST_CASE_TEMPLATE(item_that_is_moved_is_not_compared, Kind, sorted_kinds)
{
  using item = typename Kind::item;
  world w;
  typename Kind::queue q(w.context());
  for (const int n : {3, 5, 9})
    BOOST_TEST(q.try_put(item(n)));
  BOOST_TEST(q.try_get()->number() == 3);
  // What comes meanwhile is sorted among the others, and after that one.
  moves.meanwhile = [&]
  {
    for (const int n : {7, 4, 9, 1})
      BOOST_TEST(q.try_put(item(n)));
    fail_next_move();
  };
  BOOST_CHECK_THROW((void)q.try_get(), move_failed);
  BOOST_TEST(q.size() == 6u);
  for (const int n : {8, 2})
    BOOST_TEST(q.try_put(item(n)));
  // Once more, as it has left the comparisons already.
  fail_next_move();
  BOOST_CHECK_THROW((void)q.try_get(), move_failed);
  BOOST_TEST(drain(q) == "51247899");
  BOOST_TEST(q.try_put(item(2)));
  BOOST_TEST(q.try_put(item(1)));
  BOOST_TEST(drain(q) == "12");
}

TORO_TEST_CASE_TEMPLATE(comparison_that_throws_changes_no_queue, Threading,
                        policies)
{
  struct failing_less
  {
    bool operator()(const throwing_item<true>&,
                    const throwing_item<true>&) const
    {
      throw std::domain_error("comparison");
    }
  };
  world w;
  w.allow_drops();
  toro::basic_priority_queue<throwing_item<true>, failing_less, any_executor,
                             Threading>
      q(w.context(), 2);
  BOOST_TEST(q.try_put(throwing_item<true>(1)));
  BOOST_CHECK_THROW((void)q.try_put(throwing_item<true>(2)), std::domain_error);
  BOOST_TEST(q.size() == 1u);
  BOOST_TEST(q.unfinished() == 1u);
  BOOST_CHECK_THROW(q.async_put(throwing_item<true>(2), w.on("put")),
                    std::domain_error);
}

BOOST_AUTO_TEST_SUITE_END()
