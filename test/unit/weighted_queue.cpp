// SPDX-License-Identifier: BSL-1.0
#include <toro/eager.hpp>
#include <toro/first_of.hpp>
#include <toro/weighted_queue.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/case_template.hpp"
#include "support/primitives.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_weighted_queue)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;
using boost::system::error_code;

// Counts its calls, and throws if it is told to.
struct length
{
  int* calls;
  bool* fails;

  std::size_t operator()(const std::string& text) const
  {
    ++*calls;
    if (*fails)
      throw std::domain_error("weigh");
    return text.size();
  }
};

// Texts by their lengths.
template <class Threading>
struct texts : world
{
  using queue = idle_at_end<
      toro::basic_weighted_queue<std::string, length, any_executor, Threading>>;
  using room = typename queue::room_type;

  explicit texts(std::size_t max_weight)
    : q(context(), max_weight, length{&calls, &fails})
  {
  }

  int calls = 0;
  bool fails = false;
  queue q;
};

// An item whose move may throw.
struct fragile
{
  explicit fragile(std::size_t n)
    : weight(n)
  {
  }

  fragile(fragile&& other) noexcept(false)
    : weight(std::exchange(other.weight, 0))
  {
  }

  std::size_t weight;
};

struct weight_of_fragile
{
  std::size_t operator()(const fragile& item) const noexcept
  {
    return item.weight;
  }
};

struct identity
{
  int operator()(int item) const noexcept
  {
    return item;
  }
};

template <class Queue>
concept can_force_put = requires(Queue& q)
{
  q.force_put(std::string());
};

template <class Queue>
concept has_max_size = requires(Queue& q)
{
  q.max_size();
};

} // namespace

TORO_TEST_CASE_TEMPLATE(bound_is_one_of_the_sum, Threading, policies)
{
  texts<Threading> t(10);
  BOOST_TEST(t.q.max_weight() == 10u);
  BOOST_TEST(t.q.try_put("1234567"));
  BOOST_TEST(!t.q.try_put("1234"));
  BOOST_TEST(t.q.try_put("123"));
  BOOST_TEST(t.q.full());
  BOOST_TEST(t.q.size() == 2u);
  BOOST_TEST(t.q.weight() == 10u);
  // What weighs nothing always has room.
  BOOST_TEST(t.q.try_put(""));
  BOOST_TEST(t.q.size() == 3u);
  BOOST_TEST(to_string(t.q) ==
             "<weighted_queue maxweight=10 weight=10 size=3 tasks=3>");
  BOOST_TEST(t.q.try_get().value() == "1234567");
  BOOST_TEST(t.q.weight() == 3u);
  BOOST_TEST(!t.q.full());
  BOOST_TEST(t.q.clear() == 2u);
  BOOST_TEST(t.q.weight() == 0u);
  BOOST_TEST(t.q.peak() == 3u);
}

TORO_TEST_CASE_TEMPLATE(heavier_item_than_the_bound_is_admitted_alone,
                        Threading, policies)
{
  texts<Threading> t(3);
  BOOST_TEST(t.q.try_put("1"));
  t.q.async_put("12345", t.on("heavy"));
  t.q.async_put("1", t.on("light"));
  BOOST_TEST(t.poll() == "");
  BOOST_TEST(t.q.try_get().value() == "1");
  BOOST_TEST(t.poll() == "heavy");
  BOOST_TEST(t.q.weight() == 5u);
  BOOST_TEST(!t.q.try_put("1"));
  BOOST_TEST(t.q.try_get().value() == "12345");
  BOOST_TEST(t.poll() == "light");
  BOOST_TEST(t.q.try_get().value() == "1");
}

TORO_TEST_CASE_TEMPLATE(one_get_may_admit_several_puts, Threading, policies)
{
  texts<Threading> t(4);
  BOOST_TEST(t.q.try_put("1234"));
  t.q.async_put("12", t.on("a"));
  t.q.async_put("1", t.on("b"));
  t.q.async_put("12", t.on("c"));
  t.q.async_get(t.on("get"));
  BOOST_TEST(t.poll() == "a b get=1234");
  BOOST_TEST(t.q.putters() == 1u);
  BOOST_TEST(t.q.try_get().value() == "12");
  BOOST_TEST(t.poll() == "c");
  BOOST_TEST(t.q.weight() == 3u);
  t.q.clear();
}

// Puts that wait are admitted one after the other while the get takes more.
TORO_TEST_CASE_TEMPLATE(get_of_several_admits_puts, Threading, policies)
{
  texts<Threading> t(2);
  BOOST_TEST(t.q.try_put("ab"));
  t.q.async_put("cd", t.on("cd"));
  t.q.async_put("ef", t.on("ef"));
  t.q.async_put("gh", t.on("gh"));
  std::vector<std::string> got;
  t.q.async_get_some(3, t.on("some", keep_in(got)));
  BOOST_TEST(t.poll() == "cd some ef gh");
  const std::vector<std::string> expected{"ab", "cd", "ef"};
  BOOST_TEST(got == expected, boost::test_tools::per_element());
  BOOST_TEST(t.q.try_get().value() == "gh");

  BOOST_TEST(t.q.try_put("a"));
  BOOST_TEST(t.q.try_put("b"));
  t.q.async_put("c", t.on("c"));
  BOOST_TEST(t.q.try_get_some(1, got.begin()) == 1u);
  BOOST_TEST(t.q.putters() == 0u);
  BOOST_TEST(t.poll() == "c");
  t.q.clear();
}

TORO_TEST_CASE_TEMPLATE(put_is_withdrawn_with_its_weight, Threading, policies)
{
  texts<Threading> t(4);
  asio::cancellation_signal signal;
  t.q.async_put("1234",
                asio::bind_cancellation_slot(signal.slot(), t.on("put")));
  t.q.async_put("12", t.on("next"));
  signal.emit(asio::cancellation_type::terminal);
  BOOST_TEST(t.q.weight() == 2u);
  BOOST_TEST(t.poll() == "put:AB next");
  t.q.clear();
}

TORO_TEST_CASE_TEMPLATE(room_is_reserved_for_a_weight, Threading, policies)
{
  texts<Threading> t(10);
  auto room = t.q.try_reserve(6);
  BOOST_TEST(static_cast<bool>(room));
  BOOST_TEST(t.q.weight() == 0u);
  BOOST_TEST(!t.q.try_reserve(5));
  BOOST_TEST(to_string(t.q) == "<weighted_queue maxweight=10 reserved=6>");
  typename texts<Threading>::room other;
  t.q.async_reserve(8, t.on("room", keep_in(other)));
  t.q.async_put("12345", t.on("put"));
  BOOST_TEST(t.poll() == "");

  // It is too heavy for the room, which stays.
  std::string seven("1234567");
  BOOST_CHECK_THROW(std::move(room).put(std::move(seven)),
                    std::invalid_argument);
  BOOST_TEST(seven == "1234567");
  BOOST_TEST(static_cast<bool>(room));

  // What is left of the room is given back.
  std::move(room).put("12");
  BOOST_TEST(t.q.weight() == 2u);
  BOOST_TEST(t.poll() == "room");
  BOOST_TEST(t.q.full());
  other.reset();
  BOOST_TEST(t.poll() == "put");
  BOOST_TEST(t.q.weight() == 7u);
  t.q.clear();

  t.q.async_reserve(11, 1s, t.on("heavy", keep_in(other)));
  BOOST_TEST(t.poll() == "heavy");
  t.q.async_reserve(1, 1s, t.on("late"));
  BOOST_TEST(t.advance(1s) == "late:TO");
  std::move(other).put("12345678901");
  BOOST_TEST(t.q.weight() == 11u);
  t.q.clear();
}

TORO_TEST_CASE_TEMPLATE(each_item_is_weighed_once, Threading, policies)
{
  texts<Threading> t(4);
  BOOST_TEST(t.q.try_put("123"));
  BOOST_TEST(t.calls == 1);
  t.q.async_put("12", t.on("put"));
  BOOST_TEST(t.calls == 2);
  auto prepared = t.q.async_put("1", asio::deferred);
  BOOST_TEST(t.calls == 3);
  BOOST_TEST(t.q.try_get().has_value());
  std::move(prepared)(t.on("prepared"));
  BOOST_TEST(t.poll() == "put prepared");
  auto room = t.q.try_reserve(1);
  std::move(room).put("1");
  BOOST_TEST(t.calls == 4);
  t.q.clear();
  BOOST_TEST(t.calls == 4);
}

TORO_TEST_CASE_TEMPLATE(weighing_that_throws_changes_nothing, Threading,
                        policies)
{
  texts<Threading> t(4);
  auto room = t.q.try_reserve(2);
  t.fails = true;
  std::string item("1");
  BOOST_CHECK_THROW(static_cast<void>(t.q.try_put(std::move(item))),
                    std::domain_error);
  BOOST_CHECK_THROW(static_cast<void>(t.q.async_put("1", asio::deferred)),
                    std::domain_error);
  BOOST_CHECK_THROW(std::move(room).put(std::move(item)), std::domain_error);
  BOOST_TEST(item == "1");
  BOOST_TEST(static_cast<bool>(room));
  BOOST_TEST(t.q.empty());
  t.fails = false;
  std::move(room).put(std::move(item));
  BOOST_TEST(t.q.try_get().value() == "1");
}

TORO_TEST_CASE_TEMPLATE(items_whose_move_may_throw, Threading, policies)
{
  world w;
  idle_at_end<toro::basic_weighted_queue<fragile, weight_of_fragile,
                                         any_executor, Threading>>
      q(w.context(), 4);
  BOOST_TEST(q.try_put(fragile(3)));
  BOOST_TEST(!q.try_put(fragile(2)));
  q.async_put(fragile(2), w.on("put"));
  BOOST_TEST(q.try_get()->weight == 3u);
  BOOST_TEST(w.poll() == "put");
  BOOST_TEST(q.weight() == 2u);
  auto room = q.try_reserve(2);
  std::move(room).put(fragile(1));
  BOOST_TEST(q.weight() == 3u);
  q.async_get(w.on("get"));
  BOOST_TEST(w.poll() == "get");
  BOOST_TEST(q.weight() == 1u);
}

BOOST_AUTO_TEST_CASE(put_with_a_claim_keeps_its_weight)
{
  texts<toro::thread_safe> t(4);
  toro::queue<int> other(t.context());
  asio::any_io_executor ex = t.context().get_executor();
  toro::async_first_of(other.async_get(asio::deferred),
                       t.q.async_put("123", asio::deferred),
                       [&](std::size_t index, auto&&...)
                       {
                         BOOST_TEST(index == 1u);
                       });
  BOOST_TEST(!t.q.try_put("12"));
  t.poll();
  BOOST_TEST(t.q.weight() == 3u);
  t.q.clear();
}

BOOST_AUTO_TEST_CASE(members_that_have_no_meaning_are_deleted)
{
  using queue = texts<toro::thread_safe>::queue;
  static_assert(!can_force_put<queue>);
  static_assert(!has_max_size<queue>);
  static_assert(!std::is_constructible_v<queue, asio::io_context&, double>);
  asio::io_context c;
  BOOST_CHECK_THROW(
      (toro::weighted_queue<int, identity>(c, static_cast<std::size_t>(-1))),
      std::invalid_argument);
}

TORO_TEST_CASE_TEMPLATE(negative_weight_is_refused, Threading, policies)
{
  world w;
  idle_at_end<
      toro::basic_weighted_queue<int, identity, any_executor, Threading>>
      q(w.context(), 4);
  BOOST_CHECK_THROW(static_cast<void>(q.try_put(-1)), std::invalid_argument);
  BOOST_CHECK_THROW(static_cast<void>(q.async_put(-1, asio::deferred)),
                    std::invalid_argument);
  BOOST_TEST(q.empty());
  BOOST_TEST(q.try_put(4));
  BOOST_TEST(q.full());
}

BOOST_AUTO_TEST_SUITE_END()
