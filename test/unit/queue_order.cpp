// SPDX-License-Identifier: BSL-1.0
//
// A grant is an offer until the handler runs: what a queue looks like when
// offers are taken back.
#include <toro/lifo_queue.hpp>
#include <toro/priority_queue.hpp>
#include <toro/queue.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/case_template.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_queue_order)

namespace {

using namespace toro_test;

namespace asio = boost::asio;

template <class Threading>
using queue_of = idle_at_end<toro::basic_queue<int, any_executor, Threading>>;

template <class Threading>
using lifo_of =
    idle_at_end<toro::basic_lifo_queue<int, any_executor, Threading>>;

template <class Threading>
using priority_of = idle_at_end<
    toro::basic_priority_queue<int, std::less<int>, any_executor, Threading>>;

constexpr auto all = asio::cancellation_type::all;

template <class Queue>
std::vector<int> drain(Queue& q)
{
  std::vector<int> items;
  while (auto item = q.try_get())
    items.push_back(*item);
  return items;
}

// Gets four of six items, takes the gets back in any order, and looks whether
// the queue is as before.
template <class Queue>
void roll_back(const std::vector<int>& order)
{
  world w;
  Queue untouched(w.context());
  Queue q(w.context());
  for (const int i : {3, 1, 4, 1, 5, 9})
  {
    BOOST_TEST(untouched.try_put(i));
    BOOST_TEST(q.try_put(i));
  }
  asio::cancellation_signal cancel[4];
  for (auto& c : cancel)
    q.async_get(asio::bind_cancellation_slot(c.slot(), w.on("get")));
  BOOST_TEST(q.size() == 2u);
  for (const int i : order)
    cancel[i].emit(all);
  BOOST_TEST(q.size() == 6u);
  BOOST_TEST(drain(q) == drain(untouched), boost::test_tools::per_element());
  BOOST_TEST(w.poll() == "get:AB get:AB get:AB get:AB");
}

// Gets what five puts brought, takes back every other get, withdraws a put
// whose item that brought back, and takes back the rest.
template <class Queue>
std::vector<int> withdraw_one_of_five()
{
  world w;
  Queue q(w.context());
  asio::cancellation_signal withdraw;
  for (const int i : {1, 2})
    BOOST_TEST(q.try_put(i));
  q.async_put(3, asio::bind_cancellation_slot(withdraw.slot(), w.on("put")));
  for (const int i : {4, 5})
    BOOST_TEST(q.try_put(i));
  asio::cancellation_signal cancel[5];
  for (auto& c : cancel)
    q.async_get(asio::bind_cancellation_slot(c.slot(), w.on("get")));
  BOOST_TEST(q.empty());
  for (const int i : {0, 4, 2})
    cancel[i].emit(all);
  withdraw.emit(all);
  for (const int i : {3, 1})
    cancel[i].emit(all);
  BOOST_TEST(w.poll() == "put:AB get:AB get:AB get:AB get:AB get:AB");
  return drain(q);
}

// The tens come first in an order of digits.
struct by_tens
{
  bool operator()(int a, int b) const
  {
    return a / 10 < b / 10;
  }
};

template <class Threading>
using tens_of = idle_at_end<
    toro::basic_priority_queue<int, by_tens, any_executor, Threading>>;

// Puts, and gets that are taken back, in a random order. The queue gives out
// what a plain table does, where the items stand in their order, and the number
// of the get that an item is on offer to.
template <class Queue, class IsBefore>
void roll_back_at_random(IsBefore is_before, unsigned seed)
{
  constexpr std::size_t gets = 300;
  constexpr std::size_t none = gets;

  struct entry
  {
    int item;
    std::size_t get;
  };

  world w;
  Queue q(w.context());
  std::mt19937 random(seed);
  std::vector<asio::cancellation_signal> cancel(gets);
  std::vector<std::size_t> offers;
  std::vector<entry> table;
  const auto first = [&]
  {
    return std::find_if(table.begin(), table.end(),
                        [](const entry& e)
                        {
                          return e.get == none;
                        });
  };
  const auto take_back = [&]
  {
    std::swap(offers[random() % offers.size()], offers.back());
    cancel[offers.back()].emit(all);
    std::find_if(table.begin(), table.end(),
                 [&](const entry& e)
                 {
                   return e.get == offers.back();
                 })
        ->get = none;
    offers.pop_back();
  };

  int count = 0;
  for (std::size_t started = 0; started != gets;)
  {
    switch (random() % 8)
    {
    case 0:
    case 1:
    case 2:
    {
      // Different items, many of them equal where the tens count.
      const int item = static_cast<int>(random() % 30) * 10 + count++ % 10;
      BOOST_TEST(q.try_put(item));
      table.insert(std::find_if(table.begin(), table.end(),
                                [&](const entry& e)
                                {
                                  return is_before(item, e.item);
                                }),
                   {item, none});
      break;
    }
    case 3:
    case 4:
    case 5:
      if (first() == table.end())
        break;
      first()->get = started;
      offers.push_back(started);
      q.async_get(
          asio::bind_cancellation_slot(cancel[started].slot(), w.on("")));
      ++started;
      break;
    case 6:
      if (!offers.empty())
        take_back();
      break;
    default:
      if (first() == table.end())
        break;
      BOOST_TEST(q.try_get().value() == first()->item);
      table.erase(first());
      break;
    }
  }
  while (!offers.empty())
    take_back();
  std::vector<int> expected;
  for (const entry& e : table)
    expected.push_back(e.item);
  BOOST_TEST(drain(q) == expected, boost::test_tools::per_element());
  w.poll();
}

// Of the items of puts that wait, each is admitted to its place between those
// that come back.
template <class Queue>
std::vector<int> admit_between()
{
  world w;
  Queue q(w.context(), 2);
  for (const int i : {2, 6})
    BOOST_TEST(q.try_put(i));
  for (const int i : {5, 1, 3, 7, 4})
    q.async_put(i, w.on(std::to_string(i)));
  asio::cancellation_signal cancel[3];
  for (auto& c : cancel)
    q.async_get(asio::bind_cancellation_slot(c.slot(), w.on("get")));
  BOOST_TEST(q.putters() == 2u);
  for (const int i : {1, 0, 2})
    cancel[i].emit(all);
  BOOST_TEST(q.size() == 5u);
  std::vector<int> items = drain(q);
  BOOST_TEST(w.poll() == "5 get:AB 1 get:AB 3 get:AB 7 4");
  return items;
}

} // namespace

TORO_TEST_CASE_TEMPLATE(rolled_back_gets_leave_the_order_as_it_was, Threading,
                        policies)
{
  std::vector<int> order{0, 1, 2, 3};
  do
  {
    roll_back<queue_of<Threading>>(order);
    roll_back<lifo_of<Threading>>(order);
    roll_back<priority_of<Threading>>(order);
  } while (std::ranges::next_permutation(order).found);
}

TORO_TEST_CASE_TEMPLATE(put_withdrawn_among_rolled_back_gets_leaves_a_gap,
                        Threading, policies)
{
  BOOST_TEST(withdraw_one_of_five<queue_of<Threading>>() ==
                 (std::vector<int>{1, 2, 4, 5}),
             boost::test_tools::per_element());
  BOOST_TEST(withdraw_one_of_five<lifo_of<Threading>>() ==
                 (std::vector<int>{5, 4, 2, 1}),
             boost::test_tools::per_element());
  BOOST_TEST(withdraw_one_of_five<priority_of<Threading>>() ==
                 (std::vector<int>{1, 2, 4, 5}),
             boost::test_tools::per_element());
}

TORO_TEST_CASE_TEMPLATE(rolled_back_items_go_between_admitted_ones, Threading,
                        policies)
{
  BOOST_TEST(admit_between<queue_of<Threading>>() ==
                 (std::vector<int>{2, 6, 5, 1, 3, 7, 4}),
             boost::test_tools::per_element());
  BOOST_TEST(admit_between<lifo_of<Threading>>() ==
                 (std::vector<int>{3, 1, 5, 7, 4, 6, 2}),
             boost::test_tools::per_element());
  BOOST_TEST(admit_between<priority_of<Threading>>() ==
                 (std::vector<int>{1, 2, 3, 5, 4, 6, 7}),
             boost::test_tools::per_element());
}

TORO_TEST_CASE_TEMPLATE(roll_back_may_leave_the_queue_over_its_bound, Threading,
                        policies)
{
  world w;
  queue_of<Threading> q(w.context(), 1);
  BOOST_TEST(q.try_put(1));
  asio::cancellation_signal cancel;
  q.async_get(asio::bind_cancellation_slot(cancel.slot(), w.on("get")));
  BOOST_TEST(q.empty());
  BOOST_TEST(q.try_put(2));
  cancel.emit(all);
  BOOST_TEST(q.size() == 2u);
  BOOST_TEST(q.full());
  BOOST_TEST(!q.try_put(3));
  q.async_put(3, w.on("put"));
  BOOST_TEST(w.poll() == "get:AB");
  BOOST_TEST(q.putters() == 1u);
  // No room yet: the queue drains to its bound first.
  BOOST_TEST(q.try_get().value() == 1);
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(q.try_get().value() == 2);
  BOOST_TEST(w.poll() == "put");
  BOOST_TEST(q.try_get().value() == 3);
}

TORO_TEST_CASE_TEMPLATE(room_of_a_reserved_item_admits_a_blocked_put, Threading,
                        policies)
{
  world w;
  queue_of<Threading> q(w.context(), 1);
  BOOST_TEST(q.try_put(1));
  q.async_put(2, w.on("put"));
  asio::cancellation_signal cancel;
  q.async_get(asio::bind_cancellation_slot(cancel.slot(), w.on("get")));
  BOOST_TEST(q.putters() == 0u);
  cancel.emit(all);
  BOOST_TEST(w.poll() == "put get:AB");
  BOOST_TEST(q.size() == 2u);
  BOOST_TEST(drain(q) == (std::vector<int>{1, 2}),
             boost::test_tools::per_element());
}

TORO_TEST_CASE_TEMPLATE(late_cancellation_withdraws_a_put, Threading, policies)
{
  world w;
  queue_of<Threading> q(w.context());
  asio::cancellation_signal cancel;
  q.async_put(1, asio::bind_cancellation_slot(cancel.slot(), w.on("put")));
  BOOST_TEST(q.size() == 1u);
  BOOST_TEST(q.unfinished() == 1u);
  q.async_join(w.on("join"));
  cancel.emit(all);
  BOOST_TEST(q.empty());
  BOOST_TEST(q.unfinished() == 0u);
  BOOST_TEST(w.poll() == "put:AB join");
}

TORO_TEST_CASE_TEMPLATE(put_is_committed_once_its_item_is_granted, Threading,
                        policies)
{
  world w;
  queue_of<Threading> q(w.context());
  asio::cancellation_signal cancel;
  q.async_get(w.on("get"));
  q.async_put(1, asio::bind_cancellation_slot(cancel.slot(), w.on("put")));
  cancel.emit(all);
  BOOST_TEST(w.poll() == "put get=1");
}

TORO_TEST_CASE_TEMPLATE(put_is_committed_once_its_item_is_taken, Threading,
                        policies)
{
  world w;
  queue_of<Threading> q(w.context());
  asio::cancellation_signal cancel;
  q.async_put(1, asio::bind_cancellation_slot(cancel.slot(), w.on("put")));
  BOOST_TEST(q.try_get().value() == 1);
  cancel.emit(all);
  BOOST_TEST(q.cancel() == 0u);
  BOOST_TEST(w.poll() == "put");
  BOOST_TEST(q.unfinished() == 1u);
}

TORO_TEST_CASE_TEMPLATE(cancel_takes_back_gets_before_puts, Threading, policies)
{
  world w;
  queue_of<Threading> q(w.context());
  q.async_get(w.on("get"));
  q.async_put(1, w.on("put"));
  BOOST_TEST(q.cancel() == 2u);
  BOOST_TEST(q.empty());
  BOOST_TEST(q.unfinished() == 0u);
  BOOST_TEST(w.poll() == "put:AB get:AB");
}

TORO_TEST_CASE_TEMPLATE(rolled_back_item_goes_to_the_next_getter, Threading,
                        policies)
{
  world w;
  queue_of<Threading> q(w.context());
  asio::cancellation_signal cancel;
  q.async_get(asio::bind_cancellation_slot(cancel.slot(), w.on("1")));
  q.async_get(w.on("2"));
  q.async_get(w.on("3"));
  BOOST_TEST(q.try_put(10));
  BOOST_TEST(q.try_put(20));
  cancel.emit(all);
  BOOST_TEST(w.poll() == "1:AB 2=20 3=10");
}

TORO_TEST_CASE_TEMPLATE(closed_queue_waits_for_an_undelivered_get, Threading,
                        policies)
{
  world w;
  queue_of<Threading> q(w.context());
  for (const bool roll_back : {true, false})
  {
    idle_at_end<queue_of<Threading>> closing(w.context());
    asio::cancellation_signal cancel;
    closing.async_get(
        asio::bind_cancellation_slot(cancel.slot(), w.on("first")));
    closing.async_get(w.on("second"));
    BOOST_TEST(closing.try_put(1));
    BOOST_TEST(closing.close() == 0u);
    closing.async_get(w.on("third"));
    BOOST_TEST(closing.getters() == 2u);
    if (roll_back)
      cancel.emit(all);
    const std::string history = w.poll();
    if (roll_back)
      BOOST_TEST(history == "first:AB second=1 third:closed");
    else
      BOOST_TEST(history == "first=1 second:closed third:closed");
  }
}

TORO_TEST_CASE_TEMPLATE(closed_queue_gives_out_what_it_has, Threading, policies)
{
  world w;
  queue_of<Threading> q(w.context());
  BOOST_TEST(q.try_put(1));
  BOOST_TEST(q.try_put(2));
  q.async_join(w.on("join"));
  BOOST_TEST(q.close() == 0u);
  BOOST_TEST(!q.try_put(3));
  q.async_get(w.on("get"));
  q.async_get(w.on("get"));
  q.async_get(w.on("get"));
  BOOST_TEST(w.poll() == "get=1 get=2 get:closed");
  q.task_done();
  q.task_done();
  BOOST_TEST(w.poll() == "join");
}

TORO_TEST_CASE_TEMPLATE(putter_is_told_before_the_getter_it_makes_room_for,
                        Threading, policies)
{
  world w;
  queue_of<Threading> q(w.context(), 1);
  q.async_put(1, w.on("put1"));
  q.async_put(2, w.on("put2"));
  q.async_get(w.on("get"));
  q.async_get(w.on("get"));
  BOOST_TEST(w.poll() == "put1 put2 get=1 get=2");
}

TORO_TEST_CASE_TEMPLATE(lifo_queue_admits_blocked_puts_one_by_one, Threading,
                        policies)
{
  world w;
  lifo_of<Threading> q(w.context(), 2);
  BOOST_TEST(q.try_put(1));
  BOOST_TEST(q.try_put(0));
  q.async_put(3, w.on("put3"));
  q.async_put(2, w.on("put2"));
  BOOST_TEST(q.try_get().value() == 3);
  q.async_get(w.on("get"));
  BOOST_TEST(w.poll() == "put3 put2 get=2");
  BOOST_TEST(drain(q) == (std::vector<int>{0, 1}),
             boost::test_tools::per_element());
}

TORO_TEST_CASE_TEMPLATE(blocked_put_takes_part_in_the_order_at_once, Threading,
                        policies)
{
  world w;
  priority_of<Threading> q(w.context(), 1);
  BOOST_TEST(q.try_put(5));
  q.async_put(1, w.on("put"));
  q.async_get(w.on("get"));
  BOOST_TEST(w.poll() == "put get=1");

  q.async_put(9, w.on("put9"));
  q.async_put(2, w.on("put2"));
  // The first that is blocked enters first, smaller or not.
  BOOST_TEST(q.try_get().value() == 5);
  BOOST_TEST(q.try_get().value() == 2);
  BOOST_TEST(q.try_get().value() == 9);
  BOOST_TEST(w.poll() == "put9 put2");
}

TORO_TEST_CASE_TEMPLATE(cancelled_blocked_put_leaves_the_others_in_line,
                        Threading, policies)
{
  world w;
  queue_of<Threading> q(w.context(), 1);
  BOOST_TEST(q.try_put(1));
  asio::cancellation_signal cancel;
  q.async_put(2, asio::bind_cancellation_slot(cancel.slot(), w.on("put2")));
  q.async_put(3, w.on("put3"));
  cancel.emit(all);
  BOOST_TEST(w.poll() == "put2:AB");
  BOOST_TEST(drain(q) == (std::vector<int>{1, 3}),
             boost::test_tools::per_element());
  BOOST_TEST(w.poll() == "put3");
}

// Each item comes between the first and the second, which are on offer
// meanwhile.
TORO_TEST_CASE_TEMPLATE(crowded_items_keep_their_order, Threading, policies)
{
  constexpr int count = 200;
  world w;
  priority_of<Threading> q(w.context());
  BOOST_TEST(q.try_put(0));
  BOOST_TEST(q.try_put(count));
  asio::cancellation_signal cancel[2];
  for (auto& c : cancel)
    q.async_get(asio::bind_cancellation_slot(c.slot(), w.on("get")));
  for (int i = count - 1; i > 0; --i)
    BOOST_TEST(q.try_put(i));
  cancel[1].emit(all);
  cancel[0].emit(all);
  std::vector<int> expected(count + 1);
  std::iota(expected.begin(), expected.end(), 0);
  BOOST_TEST(drain(q) == expected, boost::test_tools::per_element());
  BOOST_TEST(w.poll() == "get:AB get:AB");
}

TORO_TEST_CASE_TEMPLATE(random_roll_backs_leave_the_order_as_it_was, Threading,
                        policies)
{
  const auto never = [](int, int)
  {
    return false;
  };
  const auto always = [](int, int)
  {
    return true;
  };
  for (unsigned seed = 1; seed != 21; ++seed)
  {
    roll_back_at_random<queue_of<Threading>>(never, seed);
    roll_back_at_random<lifo_of<Threading>>(always, seed);
    roll_back_at_random<tens_of<Threading>>(by_tens(), seed);
  }
}

// A get admits the oldest put that waits, and takes the smallest item.
TORO_TEST_CASE_TEMPLATE(random_puts_that_wait_keep_their_order, Threading,
                        policies)
{
  constexpr std::size_t count = 300;
  constexpr std::size_t room = 20;
  world w;
  priority_of<Threading> q(w.context(), room);
  std::mt19937 random(1);
  std::vector<int> items(count);
  for (int& item : items)
  {
    item = static_cast<int>(random() % 100);
    q.async_put(item, w.on(""));
  }
  BOOST_TEST(q.putters() == count - room);
  std::multiset<int> present(items.begin(), items.begin() + room);
  for (std::size_t i = room; !present.empty(); ++i)
  {
    if (i < count)
      present.insert(items[i]);
    BOOST_TEST(q.try_get().value() == *present.begin());
    present.erase(present.begin());
  }
  w.poll();
}

BOOST_AUTO_TEST_SUITE_END()
