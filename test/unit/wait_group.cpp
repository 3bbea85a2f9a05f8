// SPDX-License-Identifier: BSL-1.0
#include <toro/diagnostics.hpp>
#include <toro/eager.hpp>
#include <toro/wait_group.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <new>
#include <optional>
#include <sstream>
#include <type_traits>
#include <utility>

#include "support/case_template.hpp"
#include "support/primitives.hpp"
#include "support/throwing_executor.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_wait_group)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;
using boost::system::error_code;

static_assert(std::is_nothrow_move_constructible_v<toro::wait_group>);
static_assert(std::is_nothrow_move_assignable_v<toro::wait_group>);
static_assert(!std::is_copy_constructible_v<toro::wait_group>);
static_assert(std::is_nothrow_move_constructible_v<toro::work>);
static_assert(!std::is_copy_constructible_v<toro::work>);
static_assert(!std::is_convertible_v<const toro::work&, bool>);

const error_code closed = toro::error::closed;
const error_code underflow = toro::error::task_underflow;

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

TORO_TEST_CASE_TEMPLATE(waits_end_when_the_last_guard_does, Threading, policies)
{
  world w;
  wait_group_of<Threading> group(w.context());
  auto one = group.enter();
  auto two = group.try_enter();
  BOOST_TEST(static_cast<bool>(two));
  group.async_wait(w.on("a"));
  group.async_wait(w.on("b"));
  BOOST_TEST(group.count() == 2u);
  BOOST_TEST(group.waiters() == 2u);
  one.reset();
  BOOST_TEST(w.poll() == "");
  {
    const auto last = std::move(two);
  }
  BOOST_TEST(group.count() == 0u);
  BOOST_TEST(group.waiters() == 0u);
  BOOST_TEST(w.poll() == "a b");
}

TORO_TEST_CASE_TEMPLATE(wait_for_nothing_succeeds_at_once, Threading, policies)
{
  world w;
  wait_group_of<Threading> group(w.context());
  group.async_wait(w.on("a"));
  group.async_wait(-1s, w.on("b"));
  BOOST_TEST(w.poll() == "a b");
  BOOST_TEST(group.is_open());
  group.async_close(-1s, w.on("c"));
  BOOST_TEST(!group.is_open());
  group.async_wait(w.on("d"));
  group.async_close(w.on("e"));
  BOOST_TEST(w.poll() == "c d e");
}

TORO_TEST_CASE_TEMPLATE(what_enters_during_a_wait_is_awaited, Threading,
                        policies)
{
  world w;
  wait_group_of<Threading> group(w.context());
  auto first = group.enter();
  group.async_wait(w.on("wait"));
  auto second = group.enter();
  first.reset();
  BOOST_TEST(w.poll() == "");
  second.reset();
  // The wait has ended already.
  const auto third = group.enter();
  BOOST_TEST(w.poll() == "wait");
}

TORO_TEST_CASE_TEMPLATE(closed_group_admits_no_more, Threading, policies)
{
  world w;
  wait_group_of<Threading> group(w.context());
  error_code ec = underflow;
  auto one = group.enter(ec);
  BOOST_TEST(!ec);
  BOOST_TEST(group.close() == 1u);
  BOOST_TEST(group.close() == 1u);
  BOOST_TEST(!group.is_open());
  BOOST_TEST(!group.enter(ec));
  BOOST_TEST(ec == closed);
  BOOST_TEST(!group.try_enter());
  BOOST_TEST(throws_code(
      [&]
      {
        static_cast<void>(group.enter());
      },
      closed));
  BOOST_TEST(group.count() == 1u);
  group.async_wait(w.on("wait"));
  one.reset();
  BOOST_TEST(group.close() == 0u);
  BOOST_TEST(w.poll() == "wait");
}

TORO_TEST_CASE_TEMPLATE(closing_leaves_the_waits_alone, Threading, policies)
{
  world w;
  wait_group_of<Threading> group(w.context());
  auto one = group.enter();
  group.async_wait(w.on("a"));
  group.async_close(w.on("b"));
  BOOST_TEST(group.close() == 1u);
  BOOST_TEST(group.waiters() == 2u);
  BOOST_TEST(w.poll() == "");
  one.reset();
  BOOST_TEST(w.poll() == "a b");
}

TORO_TEST_CASE_TEMPLATE(detached_work_leaves_by_hand, Threading, policies)
{
  world w;
  wait_group_of<Threading> group(w.context());
  auto one = group.enter();
  one.detach();
  BOOST_TEST(!one);
  BOOST_TEST(group.count() == 1u);
  group.async_wait(w.on("a"));
  group.async_wait(w.on("b"));
  BOOST_TEST(group.leave() == 2u);
  BOOST_TEST(group.count() == 0u);
  BOOST_TEST(w.poll() == "a b");
}

TORO_TEST_CASE_TEMPLATE(guards_keep_what_they_own, Threading, policies)
{
  world w;
  wait_group_of<Threading> group(w.context());
  const auto underflows = [&]
  {
    const std::size_t count = group.count();
    error_code ec;
    BOOST_TEST(group.leave(ec) == 0u);
    BOOST_TEST(ec == underflow);
    BOOST_TEST(throws_code(
        [&]
        {
          group.leave();
        },
        underflow));
    BOOST_TEST(group.count() == count);
  };
  underflows();
  auto one = group.enter();
  auto two = group.enter();
  group.async_wait(w.on("wait"));
  underflows();
  one.detach();
  error_code ec = closed;
  BOOST_TEST(group.leave(ec) == 0u);
  BOOST_TEST(!ec);
  underflows();
  BOOST_TEST(w.poll() == "");
  two.reset();
  underflows();
  BOOST_TEST(w.poll() == "wait");
}

TORO_TEST_CASE_TEMPLATE(expired_close_stays_closed, Threading, policies)
{
  for (const auto limit : {1s, -1s})
  {
    world w;
    wait_group_of<Threading> group(w.context());
    auto one = group.enter();
    group.async_wait(limit, w.on("wait"));
    BOOST_TEST(group.is_open());
    group.async_close(limit, w.on("close"));
    BOOST_TEST(!group.is_open());
    BOOST_TEST(w.advance(1s) == "wait:TO close:TO");
    BOOST_TEST(!group.is_open());
    BOOST_TEST(group.count() == 1u);
    group.async_close(w.on("again"));
    one.reset();
    BOOST_TEST(w.poll() == "again");
  }
}

TORO_TEST_CASE_TEMPLATE(cancelled_close_stays_closed, Threading, policies)
{
  for (const asio::cancellation_type_t type :
       {asio::cancellation_type::terminal, asio::cancellation_type::partial,
        asio::cancellation_type::all})
  {
    world w;
    wait_group_of<Threading> group(w.context());
    const auto one = group.enter();
    asio::cancellation_signal stop;
    group.async_close(asio::bind_cancellation_slot(stop.slot(), w.on("a")));
    stop.emit(type);
    BOOST_TEST(group.waiters() == 0u);
    BOOST_TEST(w.poll() == "a:AB");
    BOOST_TEST(!group.is_open());
  }
}

TORO_TEST_CASE_TEMPLATE(total_cancellation_does_not_end_a_close, Threading,
                        policies)
{
  world w;
  wait_group_of<Threading> group(w.context());
  auto one = group.enter();
  asio::cancellation_signal close;
  asio::cancellation_signal wait;
  group.async_close(asio::bind_cancellation_slot(close.slot(), w.on("a")));
  group.async_wait(asio::bind_cancellation_slot(wait.slot(), w.on("b")));
  close.emit(asio::cancellation_type::total);
  BOOST_TEST(group.waiters() == 2u);
  wait.emit(asio::cancellation_type::total);
  BOOST_TEST(w.poll() == "b:AB");
  one.reset();
  close.emit(asio::cancellation_type::total);
  BOOST_TEST(w.poll() == "a");
}

TORO_TEST_CASE_TEMPLATE(cancel_ends_the_waits_only, Threading, policies)
{
  world w;
  wait_group_of<Threading> group(w.context());
  auto one = group.enter();
  group.async_wait(w.on("a"));
  BOOST_TEST(group.cancel() == 1u);
  BOOST_TEST(group.is_open());
  group.async_close(w.on("b"));
  one.reset();
  // Granted already.
  BOOST_TEST(group.cancel() == 1u);
  BOOST_TEST(!group.is_open());
  BOOST_TEST(w.poll() == "a:AB b:AB");
}

TORO_TEST_CASE_TEMPLATE(close_without_memory_does_not_close, Threading,
                        policies)
{
  world w;
  w.allow_drops();
  wait_group_of<Threading> group(w.context());
  for (const bool waits : {false, true})
  {
    auto one = waits ? group.enter() : toro::basic_work<Threading>();
    BOOST_CHECK_THROW(group.async_close(asio::bind_allocator(
                          exhausted_allocator<void>(), w.on("a"))),
                      std::bad_alloc);
    BOOST_TEST(group.is_open());
  }
  BOOST_TEST(w.drops() == 2u);
}

// The close is kept, since the group is closed.
TORO_TEST_CASE_TEMPLATE(close_that_an_executor_refuses_is_kept, Threading,
                        policies)
{
  world w;
  planned_throws throws;
  toro::basic_wait_group<throwing_executor, Threading> group(
      throwing_executor(w.context(), throws));
  throws.left = 1;
  BOOST_CHECK_THROW(group.async_close(w.on("close")), std::domain_error);
  BOOST_TEST(!group.is_open());
  group.close();
  BOOST_TEST(w.poll() == "close");
}

TORO_TEST_CASE_TEMPLATE(close_closes_when_it_is_launched, Threading, policies)
{
  world w;
  wait_group_of<Threading> group(w.context());
  auto lazy = group.async_close(asio::deferred);
  BOOST_TEST(group.is_open());
  std::move(lazy)(w.on("a"));
  BOOST_TEST(!group.is_open());
  BOOST_TEST(w.poll() == "a");
}

TORO_TEST_CASE_TEMPLATE(eager_close_returns_without_a_turn, Threading, policies)
{
  world w;
  wait_group_of<Threading> group(w.context());
  auto one = group.enter();
  const auto body = [&]() -> asio::awaitable<void>
  {
    co_await group.async_close(toro::eager);
    w.note("closed");
  };
  w.spawn("first", body());
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(!group.is_open());
  one.reset();
  w.spawn("second", body());
  BOOST_TEST(w.poll() == "closed first closed second");
}

TORO_TEST_CASE_TEMPLATE(guards_outlive_the_group, Threading, policies)
{
  using group_type = toro::basic_wait_group<any_executor, Threading>;
  world w;
  std::optional<group_type> group(std::in_place, w.context());
  auto one = group->enter();
  auto two = group->enter();
  group->async_wait(w.on("a"));
  group->async_close(w.on("b"));
  auto late = group->async_close(asio::deferred);
  group.reset();
  std::move(late)(w.on("c"));
  BOOST_TEST(w.poll() == "a:AB b:AB c:AB");
  one.reset();
  two.detach();
  group.emplace(w.context());
  one = group->enter();
  group->async_wait(w.on("d"));
  *group = group_type(w.context());
  BOOST_TEST(w.poll() == "d:AB");
  BOOST_TEST(group->count() == 0u);
  one.reset();
  BOOST_TEST(group->count() == 0u);
}

TORO_TEST_CASE_TEMPLATE(guards_outlive_the_context, Threading, policies)
{
  world w;
  std::optional<toro::basic_wait_group<any_executor, Threading>> group(
      std::in_place, w.context());
  auto one = group->enter();
  auto two = group->enter();
  group->async_close(w.on("a"));
  w.allow_drops();
  w.end_context();
  BOOST_TEST(w.drops() == 1u);
  one.reset();
  BOOST_TEST(group->count() == 1u);
  BOOST_TEST(!group->is_open());
  group.reset();
  two.reset();
}

TORO_TEST_CASE_TEMPLATE(waits_and_work_move_along, Threading, policies)
{
  using typed =
      toro::basic_wait_group<asio::io_context::executor_type, Threading>;
  world w;
  typed first(w.context().get_executor());
  auto one = first.enter();
  first.async_wait(w.on("a"));
  typed second(std::move(first));
  BOOST_TEST(second.count() == 1u);
  toro::basic_wait_group<any_executor, Threading> third(std::move(second));
  BOOST_TEST(third.waiters() == 1u);
  third.async_close(w.on("b"));
  one.reset();
  BOOST_TEST(third.count() == 0u);
  BOOST_TEST(w.poll() == "a b");
}

BOOST_AUTO_TEST_CASE(text_shows_the_count_and_the_waiters)
{
  world w;
  toro::wait_group group(w.context());
  BOOST_TEST(to_string(group) == "<wait_group count=0>");
  auto one = group.enter();
  group.async_close(w.on("a"));
  std::ostringstream text;
  text << group;
  BOOST_TEST(text.str() == "<wait_group count=1 waiters[1] closed>");
  one.reset();
  BOOST_TEST(w.poll() == "a");
}

BOOST_AUTO_TEST_CASE(dump_tells_who_keeps_the_group_open)
{
  world w;
  toro::enable_diagnostics(w.context());
  toro::wait_group group(w.context());
  group.set_name("sessions");
  auto one = group.enter();
  auto two = group.enter();
  one.set_name("upload");
  two.set_name("download");
  two.reset();
  group.async_wait(w.on("a"));
  group.async_close(w.on("b"));
  w.clock.advance(2s);
  std::ostringstream text;
  group.dump(text);
  BOOST_TEST(text.str() ==
             "<wait_group count=1 waiters[2] closed> \"sessions\"\n"
             "  entered by \"upload\" for 2.000 s\n"
             "  async_wait for 2.000 s, no deadline\n"
             "  async_close for 2.000 s, no deadline\n");
  one.reset();
  BOOST_TEST(w.poll() == "a b");
}

BOOST_AUTO_TEST_SUITE_END()
