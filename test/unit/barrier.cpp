// SPDX-License-Identifier: BSL-1.0
#include <toro/barrier.hpp>
#include <toro/eager.hpp>

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

BOOST_AUTO_TEST_SUITE(unit_barrier)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;
using boost::system::error_code;

static_assert(std::is_nothrow_move_constructible_v<toro::barrier>);
static_assert(std::is_nothrow_move_assignable_v<toro::barrier>);
static_assert(!std::is_copy_constructible_v<toro::barrier>);
static_assert(!std::is_constructible_v<toro::barrier, asio::io_context&>);
static_assert(
    !std::is_constructible_v<toro::barrier, asio::io_context&, double>);

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

// A handler's note ends with =1 if its arrival was the last.

TORO_TEST_CASE_TEMPLATE(last_arrival_completes_the_phase, Threading, policies)
{
  world w;
  barrier_of<Threading> barrier(w.context(), 3);
  barrier.async_arrive(w.on("a"));
  barrier.async_arrive(w.on("b"));
  BOOST_TEST(barrier.arrived() == 2u);
  BOOST_TEST(barrier.waiters() == 2u);
  BOOST_TEST(barrier.phase() == 0u);
  BOOST_TEST(w.poll() == "");
  barrier.async_arrive(w.on("c"));
  BOOST_TEST(barrier.arrived() == 0u);
  BOOST_TEST(barrier.phase() == 1u);
  BOOST_TEST(barrier.parties() == 3u);
  BOOST_TEST(w.poll() == "a=0 b=0 c=1");
}

TORO_TEST_CASE_TEMPLATE(phases_follow_each_other, Threading, policies)
{
  world w;
  barrier_of<Threading> barrier(w.context(), 2);
  barrier.async_arrive(w.on("a"));
  barrier.async_arrive(w.on("b"));
  // The next phase does not wait until the handlers of this one have run.
  barrier.async_arrive(w.on("c"));
  BOOST_TEST(barrier.arrived() == 1u);
  BOOST_TEST(w.poll() == "a=0 b=1");
  barrier.async_arrive(w.on("d"));
  BOOST_TEST(barrier.phase() == 2u);
  BOOST_TEST(w.poll() == "c=0 d=1");
}

TORO_TEST_CASE_TEMPLATE(only_party_does_not_wait, Threading, policies)
{
  world w;
  barrier_of<Threading> barrier(w.context(), 1);
  barrier.async_arrive(w.on("a"));
  barrier.async_arrive(-1s, w.on("b"));
  BOOST_TEST(barrier.phase() == 2u);
  BOOST_TEST(w.poll() == "a=1 b=1");
}

BOOST_AUTO_TEST_CASE(number_of_parties_is_checked)
{
  constexpr auto largest = static_cast<std::size_t>(PTRDIFF_MAX);
  world w;
  for (const std::size_t count : {std::size_t(0), largest + 1, SIZE_MAX})
    BOOST_CHECK_THROW(toro::barrier(w.context(), count), std::invalid_argument);
  toro::barrier barrier(w.context(), largest);
  BOOST_TEST(barrier.parties() == largest);
  BOOST_TEST(barrier.drop() == 0u);
  BOOST_TEST(barrier.parties() == largest - 1);
  BOOST_TEST(barrier.phase() == 0u);
}

TORO_TEST_CASE_TEMPLATE(dropped_party_is_not_waited_for, Threading, policies)
{
  world w;
  barrier_of<Threading> barrier(w.context(), 4);
  barrier.async_arrive(w.on("a"));
  barrier.async_arrive(w.on("b"));
  BOOST_TEST(barrier.drop() == 0u);
  BOOST_TEST(w.poll() == "");
  error_code ec = toro::error::closed;
  BOOST_TEST(barrier.drop(ec) == 2u);
  BOOST_TEST(!ec);
  BOOST_TEST(barrier.parties() == 2u);
  BOOST_TEST(barrier.phase() == 1u);
  BOOST_TEST(w.poll() == "a=0 b=1");
  barrier.async_arrive(w.on("c"));
  barrier.async_arrive(w.on("d"));
  BOOST_TEST(w.poll() == "c=0 d=1");
}

// The latest arrival is the latest that still waits.
TORO_TEST_CASE_TEMPLATE(drop_passes_over_an_arrival_that_was_withdrawn,
                        Threading, policies)
{
  world w;
  barrier_of<Threading> barrier(w.context(), 3);
  asio::cancellation_signal stop;
  barrier.async_arrive(w.on("a"));
  barrier.async_arrive(asio::bind_cancellation_slot(stop.slot(), w.on("b")));
  stop.emit(asio::cancellation_type::total);
  BOOST_TEST(barrier.drop() == 0u);
  BOOST_TEST(barrier.drop() == 1u);
  BOOST_TEST(w.poll() == "b:AB a=1");
}

TORO_TEST_CASE_TEMPLATE(dropping_more_than_all_changes_nothing, Threading,
                        policies)
{
  const error_code underflow = toro::error::task_underflow;
  world w;
  barrier_of<Threading> barrier(w.context(), 1);
  BOOST_TEST(barrier.drop() == 0u);
  BOOST_TEST(barrier.parties() == 0u);
  BOOST_TEST(barrier.phase() == 1u);
  error_code ec;
  BOOST_TEST(barrier.drop(ec) == 0u);
  BOOST_TEST(ec == underflow);
  BOOST_TEST(throws_code(
      [&]
      {
        barrier.drop();
      },
      underflow));
  BOOST_TEST(barrier.parties() == 0u);
  BOOST_TEST(barrier.phase() == 1u);
}

TORO_TEST_CASE_TEMPLATE(arrival_without_parties_underflows, Threading, policies)
{
  world w;
  barrier_of<Threading> barrier(w.context(), 1);
  barrier.drop();
  barrier.async_arrive(w.on("a"));
  barrier.async_arrive(-1s, w.on("b"));
  BOOST_TEST(w.poll() == "a:underflow b:underflow");
  BOOST_TEST(barrier.phase() == 1u);
}

TORO_TEST_CASE_TEMPLATE(expired_arrival_is_withdrawn, Threading, policies)
{
  world w;
  barrier_of<Threading> barrier(w.context(), 2);
  barrier.async_arrive(1s, w.on("a"));
  BOOST_TEST(w.advance(1s) == "a:TO");
  BOOST_TEST(barrier.arrived() == 0u);
  // Also if the deadline has passed before.
  barrier.async_arrive(-1s, w.on("b"));
  BOOST_TEST(barrier.arrived() == 0u);
  BOOST_TEST(w.poll() == "b:TO");
  barrier.async_arrive(w.on("c"));
  BOOST_TEST(w.poll() == "");
  barrier.async_arrive(-1s, w.on("d"));
  BOOST_TEST(w.poll() == "c=0 d=1");
}

TORO_TEST_CASE_TEMPLATE(cancelled_arrival_is_withdrawn, Threading, policies)
{
  for (const asio::cancellation_type_t type :
       {asio::cancellation_type::total, asio::cancellation_type::partial,
        asio::cancellation_type::terminal})
  {
    world w;
    barrier_of<Threading> barrier(w.context(), 2);
    asio::cancellation_signal stop;
    barrier.async_arrive(asio::bind_cancellation_slot(stop.slot(), w.on("a")));
    stop.emit(type);
    BOOST_TEST(barrier.arrived() == 0u);
    barrier.async_arrive(w.on("b"));
    BOOST_TEST(w.poll() == "a:AB");
    barrier.async_arrive(w.on("c"));
    BOOST_TEST(w.poll() == "b=0 c=1");
  }
}

TORO_TEST_CASE_TEMPLATE(cancellation_after_the_phase_changes_nothing, Threading,
                        policies)
{
  for (const std::size_t parties : {1u, 2u, 3u})
  {
    world w;
    barrier_of<Threading> barrier(w.context(), parties);
    asio::cancellation_signal first;
    asio::cancellation_signal last;
    for (std::size_t i = 1; i < parties; ++i)
      barrier.async_arrive(
          asio::bind_cancellation_slot(first.slot(), w.on("a")));
    barrier.async_arrive(asio::bind_cancellation_slot(last.slot(), w.on("b")));
    first.emit(asio::cancellation_type::terminal);
    last.emit(asio::cancellation_type::terminal);
    BOOST_TEST(barrier.cancel() == 0u);
    BOOST_TEST(w.poll() == (parties == 1   ? "b=1"
                            : parties == 2 ? "a=0 b=1"
                                           : "a=0 a=0 b=1"));
    BOOST_TEST(barrier.phase() == 1u);
  }
}

TORO_TEST_CASE_TEMPLATE(deadline_after_the_phase_changes_nothing, Threading,
                        policies)
{
  world w;
  barrier_of<Threading> barrier(w.context(), 3);
  barrier.async_arrive(1s, w.on("a"));
  barrier.async_arrive(1s, w.on("b"));
  barrier.async_arrive(1s, w.on("c"));
  BOOST_TEST(w.advance(1s) == "a=0 b=0 c=1");
}

TORO_TEST_CASE_TEMPLATE(cancel_withdraws_the_present_phase_only, Threading,
                        policies)
{
  world w;
  barrier_of<Threading> barrier(w.context(), 2);
  barrier.async_arrive(w.on("a"));
  barrier.async_arrive(w.on("b"));
  barrier.async_arrive(w.on("c"));
  BOOST_TEST(barrier.cancel() == 1u);
  BOOST_TEST(barrier.arrived() == 0u);
  BOOST_TEST(w.poll() == "a=0 b=1 c:AB");
}

TORO_TEST_CASE_TEMPLATE(arrival_without_memory_does_not_count, Threading,
                        policies)
{
  world w;
  w.allow_drops();
  for (const std::size_t parties : {1u, 2u})
  {
    barrier_of<Threading> barrier(w.context(), parties);
    BOOST_CHECK_THROW(barrier.async_arrive(asio::bind_allocator(
                          exhausted_allocator<void>(), w.on("a"))),
                      std::bad_alloc);
    BOOST_TEST(barrier.arrived() == 0u);
    BOOST_TEST(barrier.phase() == 0u);
  }
  BOOST_TEST(w.drops() == 2u);
}

// The arrival is kept, as the completions that it has caused are.
TORO_TEST_CASE_TEMPLATE(arrival_that_an_executor_refuses_is_kept, Threading,
                        policies)
{
  world w;
  planned_throws throws;
  toro::basic_barrier<throwing_executor, Threading> barrier(
      throwing_executor(w.context(), throws), 2);
  barrier.async_arrive(w.on("a"));
  throws.left = 1;
  BOOST_CHECK_THROW(barrier.async_arrive(w.on("b")), std::domain_error);
  BOOST_TEST(barrier.phase() == 1u);
  BOOST_TEST(barrier.cancel() == 0u);
  BOOST_TEST(w.poll() == "b=1 a=0");
}

TORO_TEST_CASE_TEMPLATE(arrival_counts_when_it_is_launched, Threading, policies)
{
  world w;
  barrier_of<Threading> barrier(w.context(), 2);
  auto lazy = barrier.async_arrive(asio::deferred);
  BOOST_TEST(barrier.arrived() == 0u);
  std::move(lazy)(w.on("a"));
  BOOST_TEST(barrier.arrived() == 1u);
  barrier.async_arrive(w.on("b"));
  BOOST_TEST(w.poll() == "a=0 b=1");
}

TORO_TEST_CASE_TEMPLATE(last_eager_arrival_returns_without_a_turn, Threading,
                        policies)
{
  world w;
  barrier_of<Threading> barrier(w.context(), 2);
  const auto body = [&]() -> asio::awaitable<void>
  {
    const bool last = co_await barrier.async_arrive(toro::eager);
    w.note(last ? "last" : "first");
  };
  w.spawn("done", body());
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(barrier.arrived() == 1u);
  w.spawn("done", body());
  BOOST_TEST(w.poll() == "last first done done");
}

TORO_TEST_CASE_TEMPLATE(destroyed_barrier_ends_its_waits, Threading, policies)
{
  using barrier_type = toro::basic_barrier<any_executor, Threading>;
  world w;
  std::optional<barrier_type> barrier(std::in_place, w.context(), 2);
  barrier->async_arrive(w.on("a"));
  barrier->async_arrive(w.on("b"));
  barrier->async_arrive(w.on("c"));
  auto late = barrier->async_arrive(asio::deferred);
  barrier.reset();
  std::move(late)(w.on("d"));
  BOOST_TEST(w.poll() == "a=0 b=1 c:AB d:AB");
  barrier.emplace(w.context(), 2);
  barrier->async_arrive(w.on("e"));
  *barrier = barrier_type(w.context(), 5);
  BOOST_TEST(w.poll() == "e:AB");
  BOOST_TEST(barrier->parties() == 5u);
}

TORO_TEST_CASE_TEMPLATE(context_that_ends_drops_the_handlers, Threading,
                        policies)
{
  world w;
  toro::basic_barrier<any_executor, Threading> barrier(w.context(), 2);
  barrier.async_arrive(w.on("a"));
  barrier.async_arrive(w.on("b"));
  barrier.async_arrive(w.on("c"));
  w.allow_drops();
  w.end_context();
  BOOST_TEST(w.drops() == 3u);
  BOOST_TEST(barrier.arrived() == 0u);
  BOOST_TEST(barrier.drop() == 0u);
  BOOST_TEST(barrier.parties() == 1u);
}

TORO_TEST_CASE_TEMPLATE(waits_and_phase_move_along, Threading, policies)
{
  using typed = toro::basic_barrier<asio::io_context::executor_type, Threading>;
  world w;
  typed first(w.context().get_executor(), 2);
  first.async_arrive(w.on("a"));
  first.async_arrive(w.on("b"));
  first.async_arrive(w.on("c"));
  typed second(std::move(first));
  BOOST_TEST(second.phase() == 1u);
  toro::basic_barrier<any_executor, Threading> third(std::move(second));
  BOOST_TEST(third.arrived() == 1u);
  third.async_arrive(w.on("d"));
  BOOST_TEST(w.poll() == "a=0 b=1 c=0 d=1");
}

BOOST_AUTO_TEST_CASE(text_shows_the_parties_the_phase_and_the_waiters)
{
  world w;
  toro::barrier barrier(w.context(), 2);
  BOOST_TEST(to_string(barrier) == "<barrier parties=2 phase=0>");
  barrier.async_arrive(w.on("a"));
  std::ostringstream text;
  text << barrier;
  BOOST_TEST(text.str() == "<barrier parties=2 phase=0 waiters[1]>");
  barrier.drop();
  BOOST_TEST(to_string(barrier) == "<barrier parties=1 phase=1>");
  BOOST_TEST(w.poll() == "a=1");
}

BOOST_AUTO_TEST_CASE(dump_lists_the_arrivals)
{
  world w;
  toro::barrier barrier(w.context(), 2);
  barrier.set_name("step");
  barrier.async_arrive(w.on("a"));
  std::ostringstream text;
  barrier.dump(text);
  BOOST_TEST(text.str() == "<barrier parties=2 phase=0 waiters[1]> \"step\"\n"
                           "  async_arrive, no deadline\n");
  barrier.async_arrive(w.on("b"));
  BOOST_TEST(w.poll() == "a=0 b=1");
}

BOOST_AUTO_TEST_SUITE_END()
