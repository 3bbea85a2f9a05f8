// SPDX-License-Identifier: BSL-1.0
#include <toro/eager.hpp>
#include <toro/latch.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <new>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "support/case_template.hpp"
#include "support/primitives.hpp"
#include "support/throwing_executor.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_latch)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;
using boost::system::error_code;

static_assert(std::is_nothrow_move_constructible_v<toro::latch>);
static_assert(std::is_nothrow_move_assignable_v<toro::latch>);
static_assert(!std::is_copy_constructible_v<toro::latch>);
static_assert(!std::is_constructible_v<toro::latch, asio::io_context&>);
static_assert(!std::is_constructible_v<toro::latch, asio::io_context&, double>);

// Has no memory.
template <class T>
struct exhausted_allocator
{
  using value_type = T;

  exhausted_allocator() = default;
  template <class U>
  exhausted_allocator(const exhausted_allocator<U>&) noexcept
  {
  }

  [[noreturn]] T* allocate(std::size_t)
  {
    throw std::bad_alloc();
  }

  void deallocate(T*, std::size_t) noexcept
  {
  }

  template <class U>
  bool operator==(const exhausted_allocator<U>&) const noexcept
  {
    return true;
  }
};

} // namespace

TORO_TEST_CASE_TEMPLATE(waits_end_when_the_count_is_zero, Threading, policies)
{
  world w;
  latch_of<Threading> latch(w.context(), 3);
  latch.async_wait(w.on("a"));
  BOOST_TEST(latch.count_down() == 0u);
  latch.async_wait(w.on("b"));
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(latch.count() == 2u);
  BOOST_TEST(!latch.ready());
  BOOST_TEST(latch.waiters() == 2u);
  BOOST_TEST(latch.count_down(2) == 2u);
  BOOST_TEST(latch.ready());
  latch.async_wait(w.on("c"));
  latch.async_wait(-1s, w.on("d"));
  BOOST_TEST(w.poll() == "a b c d");
}

TORO_TEST_CASE_TEMPLATE(last_arrival_wakes_those_before_it, Threading, policies)
{
  world w;
  latch_of<Threading> latch(w.context(), 3);
  latch.async_arrive(w.on("a"));
  BOOST_TEST(latch.count() == 2u);
  latch.async_wait(w.on("b"));
  latch.async_arrive(w.on("c"));
  BOOST_TEST(w.poll() == "");
  latch.async_arrive(w.on("d"));
  BOOST_TEST(latch.ready());
  BOOST_TEST(latch.waiters() == 0u);
  BOOST_TEST(w.poll() == "a b c d");
}

TORO_TEST_CASE_TEMPLATE(arrivals_wait_for_calls_that_count_down, Threading,
                        policies)
{
  world w;
  latch_of<Threading> latch(w.context(), 3);
  latch.async_arrive(w.on("a"));
  latch.async_arrive(w.on("b"));
  BOOST_TEST(latch.count_down() == 2u);
  BOOST_TEST(w.poll() == "a b");
}

TORO_TEST_CASE_TEMPLATE(latch_of_zero_is_ready, Threading, policies)
{
  world w;
  latch_of<Threading> latch(w.context(), 0);
  BOOST_TEST(latch.ready());
  latch.async_wait(w.on("wait"));
  latch.async_arrive(w.on("arrive"));
  BOOST_TEST(w.poll() == "wait arrive:underflow");
}

TORO_TEST_CASE_TEMPLATE(arrival_below_zero_changes_nothing, Threading, policies)
{
  world w;
  latch_of<Threading> latch(w.context(), 1);
  latch.async_arrive(w.on("a"));
  latch.async_arrive(w.on("b"));
  latch.async_arrive(-1s, w.on("c"));
  BOOST_TEST(w.poll() == "a b:underflow c:underflow");
  BOOST_TEST(latch.count() == 0u);
}

TORO_TEST_CASE_TEMPLATE(counting_down_below_zero_changes_nothing, Threading,
                        policies)
{
  const error_code underflow = toro::error::task_underflow;
  world w;
  latch_of<Threading> latch(w.context(), 2);
  latch.async_wait(w.on("wait"));
  for (const std::size_t n : {std::size_t(3), SIZE_MAX})
  {
    error_code ec;
    BOOST_TEST(latch.count_down(n, ec) == 0u);
    BOOST_TEST(ec == underflow);
    BOOST_TEST(throws_code(
        [&]
        {
          latch.count_down(n);
        },
        underflow));
    BOOST_TEST(latch.count() == 2u);
  }
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(latch.count_down(2) == 1u);
  error_code ec;
  BOOST_TEST(latch.count_down(ec) == 0u);
  BOOST_TEST(ec == underflow);
  BOOST_TEST(latch.count_down(0, ec) == 0u);
  BOOST_TEST(!ec);
  BOOST_TEST(w.poll() == "wait");
}

TORO_TEST_CASE_TEMPLATE(counting_down_by_zero_wakes_nobody, Threading, policies)
{
  world w;
  latch_of<Threading> latch(w.context(), 1);
  latch.async_wait(w.on("wait"));
  BOOST_TEST(latch.count_down(0) == 0u);
  BOOST_TEST(w.poll() == "");
  error_code ec = toro::error::closed;
  BOOST_TEST(latch.count_down(ec) == 1u);
  BOOST_TEST(!ec);
  BOOST_TEST(w.poll() == "wait");
}

BOOST_AUTO_TEST_CASE(count_above_the_largest_is_an_invalid_argument)
{
  constexpr auto largest = static_cast<std::size_t>(PTRDIFF_MAX);
  world w;
  for (const std::size_t count : {largest + 1, SIZE_MAX})
    BOOST_CHECK_THROW(toro::latch(w.context(), count), std::invalid_argument);
  toro::latch latch(w.context(), largest);
  BOOST_TEST(latch.count() == largest);
  BOOST_TEST(latch.count_down(largest) == 0u);
  BOOST_TEST(latch.ready());
}

TORO_TEST_CASE_TEMPLATE(expired_arrival_stays_counted, Threading, policies)
{
  world w;
  latch_of<Threading> latch(w.context(), 4);
  latch.async_arrive(1s, w.on("a"));
  latch.async_wait(1s, w.on("b"));
  BOOST_TEST(w.advance(1s) == "a:TO b:TO");
  BOOST_TEST(latch.count() == 3u);
  // Also if the deadline has passed before.
  latch.async_arrive(-1s, w.on("c"));
  BOOST_TEST(latch.count() == 2u);
  latch.async_wait(-1s, w.on("d"));
  BOOST_TEST(latch.count() == 2u);
  BOOST_TEST(w.poll() == "c:TO d:TO");
  latch.async_wait(w.on("e"));
  BOOST_TEST(latch.count_down(2) == 1u);
  BOOST_TEST(w.poll() == "e");
}

TORO_TEST_CASE_TEMPLATE(last_arrival_succeeds_after_its_deadline, Threading,
                        policies)
{
  world w;
  latch_of<Threading> latch(w.context(), 1);
  latch.async_wait(1s, w.on("wait"));
  latch.async_arrive(-1s, w.on("arrive"));
  BOOST_TEST(w.poll() == "wait arrive");
}

TORO_TEST_CASE_TEMPLATE(cancelled_arrival_stays_counted, Threading, policies)
{
  for (const asio::cancellation_type_t type :
       {asio::cancellation_type::terminal, asio::cancellation_type::partial,
        asio::cancellation_type::all})
  {
    world w;
    latch_of<Threading> latch(w.context(), 2);
    asio::cancellation_signal stop;
    latch.async_arrive(asio::bind_cancellation_slot(stop.slot(), w.on("a")));
    stop.emit(type);
    BOOST_TEST(latch.waiters() == 0u);
    BOOST_TEST(w.poll() == "a:AB");
    BOOST_TEST(latch.count() == 1u);
    latch.async_arrive(w.on("b"));
    BOOST_TEST(w.poll() == "b");
  }
}

TORO_TEST_CASE_TEMPLATE(total_cancellation_does_not_end_an_arrival, Threading,
                        policies)
{
  world w;
  latch_of<Threading> latch(w.context(), 2);
  asio::cancellation_signal arrival;
  asio::cancellation_signal wait;
  latch.async_arrive(asio::bind_cancellation_slot(arrival.slot(), w.on("a")));
  latch.async_wait(asio::bind_cancellation_slot(wait.slot(), w.on("b")));
  arrival.emit(asio::cancellation_type::total);
  BOOST_TEST(latch.waiters() == 2u);
  wait.emit(asio::cancellation_type::total);
  BOOST_TEST(w.poll() == "b:AB");
  latch.count_down();
  arrival.emit(asio::cancellation_type::total);
  BOOST_TEST(w.poll() == "a");
}

TORO_TEST_CASE_TEMPLATE(cancelled_grants_leave_the_latch_ready, Threading,
                        policies)
{
  world w;
  latch_of<Threading> latch(w.context(), 2);
  asio::cancellation_signal stop;
  latch.async_arrive(asio::bind_cancellation_slot(stop.slot(), w.on("a")));
  latch.async_arrive(w.on("b"));
  stop.emit(asio::cancellation_type::terminal);
  BOOST_TEST(latch.ready());
  BOOST_TEST(w.poll() == "a:AB b");
  latch.async_wait(w.on("c"));
  BOOST_TEST(latch.cancel() == 1u);
  BOOST_TEST(w.poll() == "c:AB");
  BOOST_TEST(latch.ready());
}

TORO_TEST_CASE_TEMPLATE(cancel_leaves_the_count, Threading, policies)
{
  world w;
  latch_of<Threading> latch(w.context(), 3);
  latch.async_arrive(w.on("a"));
  latch.async_wait(w.on("b"));
  BOOST_TEST(latch.cancel() == 2u);
  BOOST_TEST(w.poll() == "a:AB b:AB");
  BOOST_TEST(latch.count() == 2u);
}

TORO_TEST_CASE_TEMPLATE(arrival_without_memory_is_not_counted, Threading,
                        policies)
{
  world w;
  w.allow_drops();
  latch_of<Threading> latch(w.context(), 1);
  for (int attempt = 0; attempt != 2; ++attempt)
  {
    BOOST_CHECK_THROW(latch.async_arrive(asio::bind_allocator(
                          exhausted_allocator<void>(), w.on("a"))),
                      std::bad_alloc);
    BOOST_TEST(latch.count() == 1u);
  }
  BOOST_TEST(w.drops() == 2u);
}

// The arrival is kept, as the completions that it has caused are.
TORO_TEST_CASE_TEMPLATE(arrival_that_an_executor_refuses_is_kept, Threading,
                        policies)
{
  world w;
  planned_throws throws;
  toro::basic_latch<throwing_executor, Threading> latch(
      throwing_executor(w.context(), throws), 1);
  latch.async_wait(w.on("wait"));
  throws.left = 1;
  BOOST_CHECK_THROW(latch.async_arrive(w.on("arrive")), std::domain_error);
  BOOST_TEST(latch.ready());
  latch.count_down(0);
  BOOST_TEST(w.poll() == "arrive wait");
}

TORO_TEST_CASE_TEMPLATE(arrival_counts_when_it_is_launched, Threading, policies)
{
  world w;
  latch_of<Threading> latch(w.context(), 2);
  auto lazy = latch.async_arrive(asio::deferred);
  BOOST_TEST(latch.count() == 2u);
  std::move(lazy)(w.on("a"));
  BOOST_TEST(latch.count() == 1u);
  latch.count_down();
  BOOST_TEST(w.poll() == "a");
}

TORO_TEST_CASE_TEMPLATE(last_eager_arrival_returns_without_a_turn, Threading,
                        policies)
{
  world w;
  latch_of<Threading> latch(w.context(), 2);
  const auto body = [&]() -> asio::awaitable<void>
  {
    const std::size_t before = latch.count();
    co_await latch.async_arrive(toro::eager);
    w.note(before == 1 ? "last" : "first");
  };
  w.spawn("done", body());
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(latch.count() == 1u);
  w.spawn("done", body());
  BOOST_TEST(w.poll() == "last first done done");
}

TORO_TEST_CASE_TEMPLATE(destroyed_latch_ends_its_waits, Threading, policies)
{
  using latch_type = toro::basic_latch<any_executor, Threading>;
  world w;
  std::optional<latch_type> latch(std::in_place, w.context(), 2);
  latch->async_arrive(w.on("a"));
  latch->async_wait(w.on("b"));
  auto late = latch->async_arrive(asio::deferred);
  latch.reset();
  std::move(late)(w.on("c"));
  BOOST_TEST(w.poll() == "a:AB b:AB c:AB");
  latch.emplace(w.context(), 2);
  latch->async_arrive(w.on("d"));
  *latch = latch_type(w.context(), 5);
  BOOST_TEST(w.poll() == "d:AB");
  BOOST_TEST(latch->count() == 5u);
}

TORO_TEST_CASE_TEMPLATE(context_that_ends_drops_the_handlers, Threading,
                        policies)
{
  world w;
  toro::basic_latch<any_executor, Threading> latch(w.context(), 3);
  latch.async_arrive(w.on("a"));
  w.allow_drops();
  w.end_context();
  BOOST_TEST(w.drops() == 1u);
  BOOST_TEST(latch.count() == 2u);
  BOOST_TEST(latch.count_down(2) == 0u);
}

TORO_TEST_CASE_TEMPLATE(waits_and_count_move_along, Threading, policies)
{
  using typed = toro::basic_latch<asio::io_context::executor_type, Threading>;
  world w;
  typed first(w.context().get_executor(), 3);
  first.async_arrive(w.on("a"));
  typed second(std::move(first));
  BOOST_TEST(second.count() == 2u);
  toro::basic_latch<any_executor, Threading> third(std::move(second));
  BOOST_TEST(third.waiters() == 1u);
  third.async_wait(w.on("b"));
  BOOST_TEST(third.count_down(2) == 2u);
  BOOST_TEST(w.poll() == "a b");
}

BOOST_AUTO_TEST_CASE(text_shows_the_count_and_the_waiters)
{
  world w;
  toro::latch latch(w.context(), 2);
  BOOST_TEST(to_string(latch) == "<latch count=2>");
  latch.async_arrive(w.on("a"));
  std::ostringstream text;
  text << latch;
  BOOST_TEST(text.str() == "<latch count=1 waiters[1]>");
  latch.count_down();
  BOOST_TEST(to_string(latch) == "<latch count=0>");
  BOOST_TEST(w.poll() == "a");
}

BOOST_AUTO_TEST_CASE(dump_tells_arrivals_from_waits)
{
  world w;
  toro::latch latch(w.context(), 2);
  latch.set_name("start");
  latch.async_arrive(w.on("a"));
  latch.async_wait(w.on("b"));
  std::ostringstream text;
  latch.dump(text);
  BOOST_TEST(text.str() == "<latch count=1 waiters[2]> \"start\"\n"
                           "  async_arrive, no deadline\n"
                           "  async_wait, no deadline\n");
  latch.count_down();
  BOOST_TEST(w.poll() == "a b");
}

BOOST_AUTO_TEST_SUITE_END()
