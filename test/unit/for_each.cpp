// SPDX-License-Identifier: BSL-1.0
#include <toro/cancellation_source.hpp>
#include <toro/event.hpp>
#include <toro/for_each.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
#include <list>
#include <memory>
#include <numeric>
#include <optional>
#include <ranges>
#include <sstream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_for_each)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;
using asio::cancellation_type;

// The loops of a test, and the events that their elements wait for.
struct stage : world
{
  std::list<toro::event> events;
  int pulled = 0;

  // Waits for the event of its number.
  asio::awaitable<int> work(int number)
  {
    note(std::to_string(number));
    toro::event& event = events.emplace_back(context());
    try
    {
      co_await event.async_wait(asio::use_awaitable);
    }
    catch (const boost::system::system_error& e)
    {
      note(std::to_string(number) + outcome_of(e.code()));
      throw;
    }
    co_return number* number;
  }

  auto worker()
  {
    return [this](int number)
    {
      return work(number);
    };
  }

  void end(std::size_t which)
  {
    std::next(events.begin(), static_cast<std::ptrdiff_t>(which))->set();
  }

  // Numbers that count how many of them were pulled.
  auto numbers(int count)
  {
    return std::views::iota(0, count) | std::views::transform(
                                            [this](int number)
                                            {
                                              ++pulled;
                                              return number;
                                            });
  }
};

struct keep_numbers
{
  std::vector<int>& numbers;

  void operator()(std::vector<int> got) const
  {
    numbers = std::move(got);
  }
};

} // namespace

BOOST_AUTO_TEST_CASE(empty_range_succeeds_at_once)
{
  stage s;
  const std::vector<int> none;
  toro::async_for_each(s.context().get_executor(), none, 1, s.worker(),
                       s.on("a"));
  toro::async_for_each(s.context().get_executor(), std::vector<int>(), 1,
                       s.worker(), -1s, s.on("b"));
  toro::async_map(s.context().get_executor(), none, 1, s.worker(), s.on("c"));
  BOOST_TEST(s.poll() == "a b c");
}

BOOST_AUTO_TEST_CASE(none_at_once_is_invalid)
{
  stage s;
  for (const std::size_t at_once :
       {std::size_t(0), static_cast<std::size_t>(-1)})
    BOOST_CHECK_THROW(static_cast<void>(toro::async_for_each(
                          s.context().get_executor(), std::vector<int>(),
                          at_once, s.worker(), asio::deferred)),
                      std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(as_many_at_once_as_can_be_counted_are_valid)
{
  stage s;
  toro::async_for_each(s.context().get_executor(), std::vector<int>(),
                       PTRDIFF_MAX, s.worker(), s.on("a"));
  BOOST_TEST(s.poll() == "a");
  BOOST_CHECK_THROW(
      static_cast<void>(toro::async_for_each(
          s.context().get_executor(), std::vector<int>(),
          std::size_t(PTRDIFF_MAX) + 1, s.worker(), asio::deferred)),
      std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(so_many_run_at_a_time)
{
  stage s;
  toro::async_for_each(s.context().get_executor(), s.numbers(4), 2, s.worker(),
                       s.on("end"));
  BOOST_TEST(s.poll() == "0 1");
  s.end(1);
  BOOST_TEST(s.poll() == "2");
  s.end(0);
  s.end(2);
  BOOST_TEST(s.poll() == "3");
  s.end(3);
  BOOST_TEST(s.poll() == "end");
}

BOOST_AUTO_TEST_CASE(results_are_in_the_order_of_the_input)
{
  stage s;
  std::vector<int> results;
  toro::async_map(s.context().get_executor(), s.numbers(4), 4, s.worker(),
                  s.on("end", keep_numbers{results}));
  s.poll();
  for (const std::size_t which : {2u, 0u, 3u, 1u})
  {
    s.end(which);
    s.poll();
  }
  BOOST_TEST(results == (std::vector<int>{0, 1, 4, 9}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(lazy_range_is_pulled_one_by_one)
{
  stage s;
  std::istringstream in("0 1 2");
  toro::async_for_each(s.context().get_executor(), std::views::istream<int>(in),
                       1, s.worker(), s.on("end"));
  BOOST_TEST(s.poll() == "0");
  BOOST_TEST(in.tellg() == 1);
  s.end(0);
  BOOST_TEST(s.poll() == "1");
  BOOST_TEST(in.tellg() == 3);
  s.end(1);
  s.poll();
  s.end(2);
  BOOST_TEST(s.poll() == "end");
}

// An iterator of a single pass has only one element at a time.
BOOST_AUTO_TEST_CASE(elements_that_a_range_makes_are_kept)
{
  stage s;
  std::istringstream in("one two three");
  std::string seen;
  const auto note = [&](std::string& text) -> asio::awaitable<void>
  {
    co_await asio::post(asio::use_awaitable);
    seen += text + " ";
  };
  toro::async_for_each(s.context().get_executor(),
                       std::views::istream<std::string>(in), 3, note,
                       s.on("a"));
  BOOST_TEST(s.poll() == "a");
  BOOST_TEST(seen == "one two three ");
  toro::async_for_each(
      s.context().get_executor(),
      std::views::iota(1, 4) | std::views::transform(
                                   [](int number)
                                   {
                                     return std::string(20, '0') +
                                            std::to_string(number);
                                   }),
      3,
      [&](const std::string& text) -> asio::awaitable<void>
      {
        co_await asio::post(asio::use_awaitable);
        seen += text.substr(20);
      },
      s.on("b"));
  BOOST_TEST(s.poll() == "b");
  BOOST_TEST(seen == "one two three 123");
}

// An iterator of a single pass, to an element that has to be moved.
class only_moved
{
public:
  only_moved() = default;
  only_moved(only_moved&&) = default;
  only_moved& operator=(only_moved&&) = default;

  int number = 0;

  friend std::istream& operator>>(std::istream& in, only_moved& n)
  {
    return in >> n.number;
  }
};

BOOST_AUTO_TEST_CASE(elements_of_a_single_pass_are_moved_if_not_copied)
{
  stage s;
  std::istringstream in("1 2 4");
  int sum = 0;
  const auto add = [&](only_moved& n) -> asio::awaitable<void>
  {
    co_await asio::post(asio::use_awaitable);
    sum += n.number;
  };
  toro::async_for_each(s.context().get_executor(),
                       std::views::istream<only_moved>(in), 3, add, s.on("a"));
  BOOST_TEST(s.poll() == "a");
  BOOST_TEST(sum == 7);
}

BOOST_AUTO_TEST_CASE(lvalue_range_is_referred_to)
{
  stage s;
  std::list<std::unique_ptr<int>> numbers;
  for (int i = 0; i != 3; ++i)
    numbers.push_back(std::make_unique<int>(i));
  toro::async_for_each(
      s.context().get_executor(), numbers, 2,
      [](std::unique_ptr<int>& number) -> asio::awaitable<void>
      {
        co_await asio::post(asio::use_awaitable);
        *number += 10;
      },
      s.on("end"));
  BOOST_TEST(s.poll() == "end");
  BOOST_TEST(*numbers.front() == 10);
  BOOST_TEST(*numbers.back() == 12);
}

BOOST_AUTO_TEST_CASE(rvalue_range_is_moved_in)
{
  stage s;
  std::vector<std::unique_ptr<int>> numbers;
  numbers.push_back(std::make_unique<int>(7));
  int sum = 0;
  auto lazy = toro::async_for_each(
      s.context().get_executor(), std::move(numbers), 2,
      [&sum](const std::unique_ptr<int>& number) -> asio::awaitable<void>
      {
        co_await asio::post(asio::use_awaitable);
        sum += *number;
      },
      asio::deferred);
  BOOST_TEST(s.poll() == "");
  std::move(lazy)(s.on("end"));
  BOOST_TEST(s.poll() == "end");
  BOOST_TEST(sum == 7);
}

BOOST_AUTO_TEST_CASE(elements_may_be_moved_from_the_range)
{
  stage s;
  std::vector<std::unique_ptr<int>> numbers(2);
  for (auto& number : numbers)
    number = std::make_unique<int>(4);
  std::vector<std::unique_ptr<int>> results;
  toro::async_map(
      s.context().get_executor(),
      std::ranges::subrange(std::move_iterator(numbers.begin()),
                            std::move_iterator(numbers.end())),
      2,
      [](std::unique_ptr<int> number) -> asio::awaitable<std::unique_ptr<int>>
      {
        co_await asio::post(asio::use_awaitable);
        co_return std::make_unique<int>(*number + 1);
      },
      s.on("end",
           [&](std::vector<std::unique_ptr<int>> got)
           {
             results = std::move(got);
           }));
  BOOST_TEST(s.poll() == "end");
  BOOST_REQUIRE(results.size() == 2u);
  BOOST_TEST(*results[1] == 5);
  BOOST_TEST(!numbers[0]);
}

BOOST_AUTO_TEST_CASE(values_need_no_default)
{
  struct value
  {
    explicit value(int n)
      : number(std::make_unique<int>(n))
    {
    }

    std::unique_ptr<int> number;
  };

  static_assert(!std::is_default_constructible_v<value>);
  static_assert(!std::is_copy_constructible_v<value>);
  stage s;
  int sum = 0;
  toro::async_map(
      s.context().get_executor(), std::views::iota(0, 4), 4,
      [](int number) -> asio::awaitable<value>
      {
        co_return value(number);
      },
      s.on("end",
           [&](std::vector<value> got)
           {
             for (const auto& each : got)
               sum += *each.number;
           }));
  BOOST_TEST(s.poll() == "end");
  BOOST_TEST(sum == 6);
}

BOOST_AUTO_TEST_CASE(first_failure_stops_and_cancels)
{
  for (const bool in_coroutine : {false, true})
  {
    stage s;
    toro::async_for_each(
        s.context().get_executor(), s.numbers(9), 3,
        [&](int number)
        {
          if (!in_coroutine && number == 2)
            throw std::runtime_error("x");
          return s.work(number);
        },
        s.on("end"));
    if (in_coroutine)
    {
      BOOST_TEST(s.poll() == "0 1 2");
      std::next(s.events.begin(), 2)->cancel();
      BOOST_TEST(s.poll() == "2:AB 0:AB 1:AB end:AB");
    }
    else
    {
      BOOST_TEST(s.poll() == "0 1 0:AB 1:AB end:x");
    }
    BOOST_TEST(s.pulled == 3);
  }
}

BOOST_AUTO_TEST_CASE(range_that_throws_stops_and_cancels)
{
  stage s;
  std::vector<int> results = {1};
  toro::async_map(s.context().get_executor(),
                  std::views::iota(0, 9) |
                      std::views::transform(
                          [](int number)
                          {
                            if (number == 2)
                              throw std::runtime_error("range");
                            return number;
                          }),
                  5, s.worker(), s.on("end", keep_numbers{results}));
  BOOST_TEST(s.poll() == "0 1 0:AB 1:AB end:range");
}

BOOST_AUTO_TEST_CASE(deadline_stops_and_cancels)
{
  stage s;
  toro::async_for_each(s.context().get_executor(), s.numbers(9), 2, s.worker(),
                       2s, s.on("waits for a place"));
  BOOST_TEST(s.poll() == "0 1");
  s.clock.advance(1s);
  toro::async_for_each(s.context().get_executor(), s.numbers(1), 2, s.worker(),
                       s.clock.now() + 2s, s.on("joins"));
  BOOST_TEST(s.poll() == "0");
  BOOST_TEST(s.advance(1s) == "0:AB 1:AB waits for a place:TO");
  BOOST_TEST(s.advance(1s) == "0:AB joins:TO");
  toro::async_for_each(s.context().get_executor(), s.numbers(3), 2, s.worker(),
                       -1s, s.on("too late"));
  BOOST_TEST(s.poll() == "too late:TO");
}

// A relative deadline begins with the loop, not with each wait for a place.
BOOST_AUTO_TEST_CASE(deadline_is_that_of_the_whole)
{
  stage s;
  toro::async_for_each(s.context().get_executor(), s.numbers(9), 1, s.worker(),
                       3s, s.on("end"));
  BOOST_TEST(s.poll() == "0");
  s.clock.advance(2s);
  s.end(0);
  BOOST_TEST(s.poll() == "1");
  BOOST_TEST(s.advance(1s) == "1:AB end:TO");
}

BOOST_AUTO_TEST_CASE(cancellation_of_any_type_stops_and_cancels)
{
  for (const cancellation_type type :
       {cancellation_type::terminal, cancellation_type::partial,
        cancellation_type::total, cancellation_type::all})
  {
    // The loop waits for its coroutines, or for a place.
    for (const int count : {1, 2, 9})
    {
      stage s;
      asio::cancellation_signal signal;
      toro::async_for_each(
          s.context().get_executor(), s.numbers(count), 2, s.worker(),
          asio::bind_cancellation_slot(signal.slot(), s.on("end")));
      BOOST_TEST(s.poll() == (count == 1 ? "0" : "0 1"));
      signal.emit(type);
      BOOST_TEST(s.poll() == (count == 1 ? "0:AB end:AB" : "0:AB 1:AB end:AB"));
      BOOST_TEST(s.pulled == std::min(count, 2));
    }
  }
}

// The first reason stands, and the loop only waits from then on.
BOOST_AUTO_TEST_CASE(loop_waits_for_a_coroutine_that_goes_on)
{
  stage s;
  asio::cancellation_signal signal;
  toro::event over(s.context());
  const auto stubborn = [&](auto&&) -> asio::awaitable<void>
  {
    co_await asio::this_coro::reset_cancellation_state(
        asio::disable_cancellation());
    co_await over.async_wait(asio::use_awaitable);
  };
  toro::async_for_each(
      s.context().get_executor(), s.numbers(1), 2, stubborn, 1s,
      asio::bind_cancellation_slot(signal.slot(), s.on("end")));
  BOOST_TEST(s.poll() == "");
  s.clock.advance(1s);
  int steps = 0;
  s.context().restart();
  while (steps != 1000 && s.context().poll_one() != 0)
    ++steps;
  BOOST_TEST(steps < 1000);
  signal.emit(cancellation_type::terminal);
  BOOST_TEST(s.poll() == "");
  over.set();
  BOOST_TEST(s.poll() == "end:TO");
}

BOOST_AUTO_TEST_CASE(cancellation_before_the_start_starts_nothing)
{
  for (const cancellation_type type :
       {cancellation_type::terminal, cancellation_type::partial,
        cancellation_type::total})
  {
    stage s;
    asio::cancellation_signal signal;
    toro::async_for_each(
        s.context().get_executor(), s.numbers(9), 2, s.worker(),
        asio::bind_cancellation_slot(signal.slot(), s.on("end")));
    signal.emit(type);
    BOOST_TEST(s.poll() == "end:AB");
    BOOST_TEST(s.pulled == 0);
    toro::async_for_each(
        s.context().get_executor(), s.numbers(1), 2, s.worker(),
        asio::bind_cancellation_slot(signal.slot(), s.on("none")));
    signal.emit(cancellation_type::none);
    BOOST_TEST(s.poll() == "0");
    s.end(0);
    BOOST_TEST(s.poll() == "none");
  }
}

// The strand of the loop, and not the executor of the handler, serializes the
// coroutine with its cancellation.
BOOST_AUTO_TEST_CASE(loop_is_cancelled_on_its_strand)
{
  stage s;
  asio::io_context other;
  toro::cancellation_source source(other);
  bool is_over = false;
  toro::async_for_each(
      s.context(), s.numbers(9), 2, s.worker(),
      toro::bind_cancellation(
          source, asio::bind_executor(other,
                                      [&](std::exception_ptr failure)
                                      {
                                        BOOST_TEST(outcome_of(failure) ==
                                                   ":AB");
                                        is_over = true;
                                      })));
  BOOST_TEST(s.poll() == "0 1");
  BOOST_TEST(source.cancel() == 1u);
  other.poll();
  // The loop ends before it is told.
  s.end(0);
  BOOST_TEST(s.poll() == "1:AB");
  BOOST_TEST(s.pulled == 2);
  other.restart();
  other.poll();
  BOOST_TEST(is_over);
}

BOOST_AUTO_TEST_CASE(signal_may_outlive_the_context)
{
  asio::cancellation_signal signal;
  stage s;
  for (const bool ends : {true, false})
  {
    toro::async_for_each(
        s.context(), s.numbers(1), 2, s.worker(),
        asio::bind_cancellation_slot(signal.slot(), s.on("end")));
    BOOST_TEST(s.poll() == "0");
    if (ends)
    {
      s.end(0);
      BOOST_TEST(s.poll() == "end");
      signal.emit(cancellation_type::terminal);
      s.events.clear();
    }
  }
  s.allow_drops();
  s.end_context();
  signal.emit(cancellation_type::terminal);
}

BOOST_AUTO_TEST_CASE(failure_after_a_cancellation_is_reported)
{
  stage s;
  toro::event event(s.context());
  asio::cancellation_signal signal;
  toro::async_for_each(
      s.context().get_executor(), std::vector<int>{1}, 2,
      [&](int) -> asio::awaitable<void>
      {
        co_await event.async_wait(asio::as_tuple(asio::use_awaitable));
        throw std::runtime_error("x");
      },
      asio::bind_cancellation_slot(signal.slot(), s.on("end")));
  s.poll();
  signal.emit(cancellation_type::partial);
  BOOST_TEST(s.poll() == "end:x");
}

BOOST_AUTO_TEST_CASE(function_outlives_its_coroutines)
{
  stage s;
  std::string seen;
  {
    const auto function = [&seen, text = std::string(20, 'x')](
                              int number) -> asio::awaitable<void>
    {
      co_await asio::post(asio::use_awaitable);
      seen += text.substr(19) + std::to_string(number);
    };
    toro::async_for_each(s.context().get_executor(), std::vector<int>{1, 2}, 2,
                         function, s.on("end"));
  }
  BOOST_TEST(s.poll() == "end");
  BOOST_TEST(seen == "x1x2");
}

BOOST_AUTO_TEST_CASE(coroutine_that_is_destroyed_has_no_result)
{
  stage s;
  std::optional<asio::io_context> other(std::in_place);
  toro::event event(*other);
  const auto function = [&](int number) -> asio::awaitable<std::string>
  {
    if (number == 1)
      co_await event.async_wait(asio::use_awaitable);
    co_return "x";
  };
  const std::vector<int> numbers = {0, 1, 2};
  toro::async_map(s.context(), numbers, 3, function, s.on("map"));
  toro::async_for_each(s.context(), numbers, 3, function, s.on("each"));
  BOOST_TEST(s.poll() == "");
  other.reset();
  BOOST_TEST(s.poll() == "map:AB each:AB");
}

BOOST_AUTO_TEST_CASE(loop_is_destroyed_with_its_context)
{
  stage s;
  const auto text = std::make_shared<std::string>("text");
  toro::async_for_each(
      s.context().get_executor(), std::vector<std::string>{"a", "b"}, 2,
      [text, &s](const std::string& element) -> asio::awaitable<void>
      {
        // Uses what belongs to the loop in its destructor.
        const std::shared_ptr<void> uses(nullptr,
                                         [text, &element](void*)
                                         {
                                           *text += element;
                                         });
        toro::event event(s.context());
        co_await event.async_wait(asio::use_awaitable);
      },
      s.on("end"));
  BOOST_TEST(s.poll() == "");
  s.allow_drops();
  s.end_context();
  BOOST_TEST(text->size() == 6u);
  BOOST_TEST(text.use_count() == 1);
}

// Whether a loop takes an argument as its executor.
template <class Executor>
constexpr bool takes = requires(Executor executor, std::vector<int> range,
                                asio::awaitable<int> (*function)(int))
{
  toro::async_for_each(executor, range, 1, function, asio::detached);
  toro::async_map(executor, range, 1, function, asio::detached);
};

BOOST_AUTO_TEST_CASE(loop_takes_an_executor_or_a_context)
{
  BOOST_TEST(takes<asio::any_io_executor>);
  BOOST_TEST(takes<const asio::thread_pool::executor_type&>);
  BOOST_TEST(takes<asio::thread_pool&>);
  BOOST_TEST(!takes<int>);
  BOOST_TEST(!takes<const asio::thread_pool&>);

  stage s;
  toro::async_for_each(s.context(), std::vector<int>{2}, 1, s.worker(),
                       s.on("a"));
  toro::async_map(s.context(), std::vector<int>(), 1, s.worker(), -1s,
                  s.on("b"));
  BOOST_TEST(s.poll() == "2 b");
  s.end(0);
  BOOST_TEST(s.poll() == "a");
}

BOOST_AUTO_TEST_CASE(loop_runs_on_a_pool)
{
  asio::thread_pool pool(2);
  std::atomic<int> sum = 0;
  auto done = toro::async_map(
      pool.get_executor(), std::views::iota(0, 1000), 8,
      [&](int number) -> asio::awaitable<int>
      {
        co_await asio::post(asio::use_awaitable);
        sum += number;
        co_return number;
      },
      asio::use_future);
  const std::vector<int> results = done.get();
  BOOST_TEST(sum == 999 * 500);
  BOOST_TEST(results.size() == 1000u);
  BOOST_TEST(results[999] == 999);
}

BOOST_AUTO_TEST_SUITE_END()
