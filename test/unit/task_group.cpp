// SPDX-License-Identifier: BSL-1.0
#include <toro/eager.hpp>
#include <toro/event.hpp>
#include <toro/first_of.hpp>
#include <toro/task_group.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/spawn.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "support/case_template.hpp"
#include "support/counting_allocator.hpp"
#include "support/primitives.hpp"
#include "support/scripted_executor.hpp"
#include "support/throwing_executor.hpp"
#include "support/world.hpp"

// A namespace of a user's, with functions that fit any pointer. What counts the
// owners of a child that waits for a place must not find them.
namespace greedy_owners {

template <class T>
void intrusive_ptr_add_ref(T*) = delete;
template <class T>
void intrusive_ptr_release(T*) = delete;

struct function
{
  boost::asio::awaitable<void> operator()() const
  {
    ++*calls;
    co_return;
  }

  int* calls;
};

} // namespace greedy_owners

BOOST_AUTO_TEST_SUITE(unit_task_group)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;
using asio::cancellation_type;
using boost::system::error_code;
using toro::failure_policy;

static_assert(std::is_nothrow_move_constructible_v<toro::task_group>);
static_assert(std::is_nothrow_move_assignable_v<toro::task_group>);
static_assert(!std::is_copy_constructible_v<toro::task_group>);
static_assert(std::is_copy_constructible_v<toro::task_group::child_token_type>);

const error_code closed = toro::error::closed;
const error_code full = asio::error::would_block;

// Waits for an event, and notes how that ends.
template <class Event>
asio::awaitable<void> child(world& w, std::string name, Event& event)
{
  w.note(name);
  try
  {
    co_await event.async_wait(asio::use_awaitable);
    w.note(name + ".");
  }
  catch (const boost::system::system_error& e)
  {
    w.note(name + outcome_of(e.code()));
    throw;
  }
}

asio::awaitable<void> fails(const char* what)
{
  co_await asio::post(asio::use_awaitable);
  throw std::runtime_error(what);
}

asio::awaitable<void> returns()
{
  co_return;
}

// An operation whose handler is called within its initiation.
template <class Token>
void async_nothing(error_code ec, Token&& token)
{
  asio::async_initiate<Token, void(error_code)>(
      [ec](auto handler)
      {
        std::move(handler)(ec);
      },
      token);
}

} // namespace

TORO_TEST_CASE_TEMPLATE(join_of_an_empty_group_completes_at_once, Threading,
                        policies)
{
  world w;
  task_group_of<Threading> group(w.context());
  group.async_join(w.on("a"));
  group.async_join(-1s, w.on("b"));
  BOOST_TEST(w.poll() == "a b");
  BOOST_TEST(group.is_open());
  BOOST_TEST(!group.failure());
}

TORO_TEST_CASE_TEMPLATE(joins_end_when_the_last_child_does, Threading, policies)
{
  world w;
  event_of<Threading> event(w.context());
  task_group_of<Threading> group(w.context());
  group.spawn(child(w, "1", event));
  event.async_wait(group.child());
  group.async_join(w.on("a"));
  group.async_join(w.on("b"));
  BOOST_TEST(group.size() == 2u);
  BOOST_TEST(group.waiters() == 2u);
  BOOST_TEST(w.poll() == "1");
  event.set();
  BOOST_TEST(w.poll() == "1. a b");
  BOOST_TEST(group.size() == 0u);
  group.async_join(w.on("again"));
  BOOST_TEST(w.poll() == "again");
}

TORO_TEST_CASE_TEMPLATE(every_join_reports_the_first_failure, Threading,
                        policies)
{
  world w;
  task_group_of<Threading> group(w.context());
  group.async_join(w.on("early"));
  BOOST_TEST(w.poll() == "early");
  group.spawn(fails("first"));
  group.spawn(fails("second"));
  async_nothing(asio::error::eof, group.child());
  group.async_join(w.on("a"));
  BOOST_TEST(w.poll() == "a" + outcome_of(error_code(asio::error::eof)));
  BOOST_TEST(outcome_of(group.failure()) ==
             outcome_of(error_code(asio::error::eof)));
}

TORO_TEST_CASE_TEMPLATE(exception_and_error_code_fail_in_their_order, Threading,
                        policies)
{
  for (const bool exception_first : {false, true})
  {
    world w;
    event_of<Threading> event(w.context());
    task_group_of<Threading> group(w.context(),
                                   {.on_failure = failure_policy::keep_going});
    if (exception_first)
      group.spawn(fails("x"));
    event.async_wait(-1s, group.child());
    if (!exception_first)
      group.spawn(fails("x"));
    group.async_join(w.on("a"));
    group.async_join(w.on("b"));
    // The coroutine takes a turn more.
    BOOST_TEST(w.poll() == "a:TO b:TO");
  }
}

TORO_TEST_CASE_TEMPLATE(failure_cancels_the_others, Threading, policies)
{
  world w;
  event_of<Threading> event(w.context());
  task_group_of<Threading> group(w.context(), {.limit = 3});
  group.spawn(child(w, "1", event));
  event.async_wait(group.child());
  group.spawn(fails("x"));
  group.async_spawn(child(w, "2", event), w.on("spawn"));
  group.async_join(w.on("join"));
  BOOST_TEST(group.waiters() == 2u);
  BOOST_TEST(w.poll() == "1 spawn:AB 1:AB join:x");
  BOOST_TEST(group.is_open());
  // Sticky.
  group.spawn(child(w, "3", event));
  BOOST_TEST(w.poll() == "3 3:AB");
}

TORO_TEST_CASE_TEMPLATE(failure_leaves_the_others_alone_if_told_so, Threading,
                        policies)
{
  world w;
  event_of<Threading> event(w.context());
  task_group_of<Threading> group(
      w.context(), {.limit = 2, .on_failure = failure_policy::keep_going});
  group.spawn(child(w, "1", event));
  group.spawn(fails("x"));
  group.async_spawn(child(w, "2", event), w.on("spawn"));
  group.async_join(w.on("join"));
  BOOST_TEST(w.poll() == "1 spawn 2");
  BOOST_TEST(outcome_of(group.failure()) == ":x");
  event.set();
  BOOST_TEST(w.poll() == "1. 2. join:x");
}

TORO_TEST_CASE_TEMPLATE(child_that_was_cancelled_has_not_failed, Threading,
                        policies)
{
  for (const cancellation_type type :
       {cancellation_type::terminal, cancellation_type::partial,
        cancellation_type::total})
  {
    world w;
    event_of<Threading> event(w.context());
    task_group_of<Threading> group(w.context());
    event.async_wait(group.child());
    event.async_wait(group.child());
    group.async_join(w.on("join"));
    BOOST_TEST(group.cancel(type) == 2u);
    BOOST_TEST(group.waiters() == 1u);
    BOOST_TEST(w.poll() == "join");
    event.async_wait(group.child());
    BOOST_TEST(w.poll() == "");
    BOOST_TEST(group.size() == 0u);
    BOOST_TEST(!group.failure());
  }
}

TORO_TEST_CASE_TEMPLATE(child_that_was_aborted_otherwise_has_failed, Threading,
                        policies)
{
  world w;
  event_of<Threading> event(w.context());
  task_group_of<Threading> group(w.context());
  group.spawn(child(w, "1", event));
  group.async_join(w.on("join"));
  BOOST_TEST(w.poll() == "1");
  event.cancel();
  BOOST_TEST(w.poll() == "1:AB join:AB");
}

TORO_TEST_CASE_TEMPLATE(coroutine_ignores_types_that_it_does_not_support,
                        Threading, policies)
{
  world w;
  event_of<Threading> event(w.context());
  task_group_of<Threading> group(w.context());
  group.spawn(child(w, "1", event));
  BOOST_TEST(w.poll() == "1");
  group.cancel(cancellation_type::total);
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(group.size() == 1u);
  group.cancel();
  BOOST_TEST(w.poll() == "1:AB");
}

TORO_TEST_CASE_TEMPLATE(child_may_end_in_its_initiation, Threading, policies)
{
  world w;
  task_group_of<Threading> group(w.context(), {.limit = 1});
  for (int i = 0; i != 3; ++i)
    async_nothing({}, group.child());
  BOOST_TEST(group.size() == 0u);
  asio::post(w.context(),
             [&]
             {
               group.spawn(returns());
             });
  group.async_join(w.on("join"));
  BOOST_TEST(w.poll() == "join");
  BOOST_TEST(group.size() == 0u);
  async_nothing(asio::error::eof, group.child());
  BOOST_TEST(!!group.failure());
}

TORO_TEST_CASE_TEMPLATE(other_signatures_cannot_fail, Threading, policies)
{
  world w;
  event_of<Threading> event(w.context());
  task_group_of<Threading> group(w.context());
  asio::post(w.context(), group.child());
  const auto token = group.child();
  asio::async_initiate<decltype(token), void(int, error_code)>(
      [](auto handler)
      {
        std::move(handler)(1, error_code(asio::error::eof));
      },
      token);
  event.async_wait(-1s, asio::as_tuple(group.child()));
  group.async_join(w.on("join"));
  BOOST_TEST(w.poll() == "join");
}

TORO_TEST_CASE_TEMPLATE(children_may_spawn_while_the_group_is_joined, Threading,
                        policies)
{
  world w;
  event_of<Threading> event(w.context());
  task_group_of<Threading> group(w.context());
  group.spawn(
      [&]() -> asio::awaitable<void>
      {
        co_await event.async_wait(asio::use_awaitable);
        event.clear();
        group.spawn(child(w, "inner", event));
        w.note("outer");
      });
  group.async_join(w.on("join"));
  BOOST_TEST(w.poll() == "");
  event.set();
  BOOST_TEST(w.poll() == "inner outer");
  event.set();
  BOOST_TEST(w.poll() == "inner. join");
}

TORO_TEST_CASE_TEMPLATE(children_may_spawn_while_the_group_is_cancelled,
                        Threading, policies)
{
  world w;
  event_of<Threading> event(w.context());
  task_group_of<Threading> group(w.context());
  group.spawn(
      [&]() -> asio::awaitable<void>
      {
        co_await event.async_wait(asio::as_tuple(asio::use_awaitable));
        group.spawn(child(w, "inner", event));
      });
  group.async_join(w.on("join"));
  w.poll();
  group.cancel();
  BOOST_TEST(w.poll() == "inner inner:AB join");
}

TORO_TEST_CASE_TEMPLATE(join_that_is_not_the_first_cancels_the_children,
                        Threading, policies)
{
  world w;
  event_of<Threading> event(w.context()), never(w.context());
  task_group_of<Threading> group(w.context());
  group.spawn(child(w, "1", never));
  toro::async_first_of(event.async_wait(asio::deferred),
                       group.async_join(asio::deferred),
                       [&](std::size_t first, error_code, std::exception_ptr)
                       {
                         BOOST_TEST(first == 0u);
                         w.note("event");
                       });
  BOOST_TEST(w.poll() == "1");
  event.set();
  BOOST_TEST(w.poll() == "1:AB event");
  BOOST_TEST(group.size() == 0u);
}

TORO_TEST_CASE_TEMPLATE(operation_without_a_place_is_not_started, Threading,
                        policies)
{
  world w;
  event_of<Threading> event(w.context());
  task_group_of<Threading> group(w.context(), {.limit = 1});
  const auto token = group.child();
  event.async_wait(token);
  BOOST_TEST(event.waiters() == 1u);
  const auto start = [&]
  {
    event.async_wait(token);
  };
  const auto spawn = [&]
  {
    group.spawn(returns());
  };
  BOOST_TEST(throws_code(start, full));
  BOOST_TEST(throws_code(spawn, full));
  BOOST_TEST(group.close() == 0u);
  BOOST_TEST(!group.is_open());
  BOOST_TEST(throws_code(start, closed));
  BOOST_TEST(throws_code(spawn, closed));
  BOOST_TEST(event.waiters() == 1u);
  BOOST_TEST(group.size() == 1u);
  event.set();
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(throws_code(spawn, closed));
}

TORO_TEST_CASE_TEMPLATE(try_spawn_leaves_its_argument_untouched, Threading,
                        policies)
{
  world w;
  event_of<Threading> event(w.context());
  task_group_of<Threading> group(w.context(), {.limit = 1});
  auto function =
      [&w, number = std::make_unique<int>(7)]() mutable -> asio::awaitable<void>
  {
    w.note(std::to_string(*number));
    co_return;
  };
  event.async_wait(group.child());
  BOOST_TEST(!group.try_spawn(std::move(function)));
  event.set();
  w.poll();
  BOOST_TEST(group.try_spawn(std::move(function)));
  BOOST_TEST(group.size() == 1u);
  BOOST_TEST(w.poll() == "7");
  group.close();
  BOOST_TEST(!group.try_spawn(returns()));
}

TORO_TEST_CASE_TEMPLATE(places_go_to_those_that_wait_in_their_order, Threading,
                        policies)
{
  world w;
  event_of<Threading> first(w.context());
  event_of<Threading> others(w.context());
  task_group_of<Threading> group(w.context(), {.limit = 1});
  group.spawn(child(w, "1", first));
  group.async_spawn(child(w, "2", others), w.on("a"));
  group.async_spawn(child(w, "3", others), w.on("b"));
  BOOST_TEST(group.waiters() == 2u);
  BOOST_TEST(w.poll() == "1");
  first.set();
  BOOST_TEST(w.poll() == "1. a 2");
  BOOST_TEST(group.size() == 1u);
  BOOST_TEST(!group.try_spawn(returns()));
  others.set();
  BOOST_TEST(w.poll() == "2. b 3 3.");
}

TORO_TEST_CASE_TEMPLATE(nothing_overtakes_a_spawn_that_was_granted, Threading,
                        policies)
{
  world w;
  event_of<Threading> event(w.context());
  task_group_of<Threading> group(w.context(), {.limit = 1});
  group.async_spawn(returns(), w.on("a"));
  // Reserved.
  BOOST_TEST(group.size() == 1u);
  BOOST_TEST(!group.try_spawn(returns()));
  group.async_join(w.on("join"));
  BOOST_TEST(w.poll() == "a join");
}

TORO_TEST_CASE_TEMPLATE(spawn_that_ends_early_starts_nothing, Threading,
                        policies)
{
  world w;
  event_of<Threading> event(w.context());
  task_group_of<Threading> group(w.context(), {.limit = 1});
  group.spawn(child(w, "1", event));
  const auto gone = std::make_shared<int>();
  const auto function = [gone, &w]() -> asio::awaitable<void>
  {
    w.note("never");
    co_return;
  };
  asio::cancellation_signal signal;
  group.async_spawn(function, 1s, w.on("late"));
  group.async_spawn(function, -1s, w.on("too late"));
  group.async_spawn(function,
                    asio::bind_cancellation_slot(signal.slot(), w.on("slot")));
  group.async_spawn(function, w.on("cancel"));
  BOOST_TEST(w.poll() == "1 too late:TO");
  BOOST_TEST(w.advance(1s) == "late:TO");
  signal.emit(cancellation_type::total);
  BOOST_TEST(w.poll() == "slot:AB");
  // The spawn and the child.
  BOOST_TEST(group.cancel() == 2u);
  BOOST_TEST(w.poll() == "cancel:AB 1:AB");
  BOOST_TEST(gone.use_count() == 2);
  group.spawn(
      [&event]() -> asio::awaitable<void>
      {
        co_await asio::this_coro::reset_cancellation_state();
        co_await event.async_wait(asio::use_awaitable);
      });
  group.async_spawn(function, w.on("closed"));
  BOOST_TEST(group.close() == 1u);
  group.async_spawn(function, w.on("again"));
  BOOST_TEST(w.poll().find("closed:closed again:closed") != std::string::npos);
  BOOST_TEST(gone.use_count() == 2);
  event.set();
  w.poll();
}

TORO_TEST_CASE_TEMPLATE(granted_place_can_be_revoked, Threading, policies)
{
  world w;
  task_group_of<Threading> group(w.context(), {.limit = 1});
  asio::cancellation_signal signal;
  const auto note = [&w](const char* what)
  {
    return [&w, what]() -> asio::awaitable<void>
    {
      w.note(what);
      co_return;
    };
  };
  group.async_spawn(note("1"),
                    asio::bind_cancellation_slot(signal.slot(), w.on("a")));
  group.async_spawn(note("2"), w.on("b"));
  signal.emit(cancellation_type::terminal);
  BOOST_TEST(w.poll() == "a:AB b 2");
  group.async_spawn(note("3"), w.on("c"));
  BOOST_TEST(group.cancel() == 1u);
  BOOST_TEST(group.size() == 0u);
  BOOST_TEST(w.poll() == "c:AB");
  // A close does not.
  group.async_spawn(note("4"), w.on("d"));
  BOOST_TEST(group.close() == 0u);
  BOOST_TEST(w.poll() == "d 4");
}

TORO_TEST_CASE_TEMPLATE(function_object_outlives_its_coroutine, Threading,
                        policies)
{
  world w;
  event_of<Threading> event(w.context());
  task_group_of<Threading> group(w.context());
  const auto function = [&w, &event,
                         text = std::string(40, 'x')]() -> asio::awaitable<void>
  {
    co_await event.async_wait(asio::use_awaitable);
    w.note(text.substr(38));
  };
  group.spawn(std::decay_t<decltype(function)>(function));
  group.async_spawn(function, w.on("a"));
  BOOST_TEST(w.poll() == "a");
  event.set();
  BOOST_TEST(w.poll() == "xx xx");
}

namespace {

// Throws when it is moved for so many times.
class reluctant
{
public:
  explicit reluctant(int moves)
    : left_(moves)
  {
  }

  reluctant(reluctant&& other)
    : left_(other.left_ - 1)
  {
    if (left_ == 0)
      throw std::length_error("moved");
  }

  asio::awaitable<void> operator()()
  {
    return returns();
  }

private:
  int left_;
};

} // namespace

TORO_TEST_CASE_TEMPLATE(spawn_that_throws_takes_no_place, Threading, policies)
{
  world w;
  task_group_of<Threading> group(w.context());
  group.async_join(w.on("join"));
  BOOST_CHECK_THROW(group.spawn(reluctant(1)), std::length_error);
  BOOST_CHECK_THROW(static_cast<void>(group.try_spawn(reluctant(1))),
                    std::length_error);
  BOOST_TEST(group.size() == 0u);
  BOOST_TEST(!group.failure());
  BOOST_TEST(w.poll() == "join");
}

// Moves that come before the start leave through the call, others are failures.
TORO_TEST_CASE_TEMPLATE(child_that_cannot_start_has_failed, Threading, policies)
{
  int failed = 0;
  for (int moves = 1; moves != 12; ++moves)
  {
    world w;
    w.allow_drops();
    task_group_of<Threading> group(w.context());
    try
    {
      group.async_spawn(reluctant(moves), w.on("spawn"));
    }
    catch (const std::length_error&)
    {
      BOOST_TEST(group.size() == 0u);
      continue;
    }
    group.async_join(w.on("join"));
    const std::string history = w.poll();
    failed += history == "spawn join:moved";
    BOOST_TEST((history == "spawn join:moved" || history == "spawn join"));
    BOOST_TEST(group.size() == 0u);
  }
  BOOST_TEST(failed > 0);
}

// The executor refuses the function that starts the child.
BOOST_AUTO_TEST_CASE(child_whose_start_is_refused_has_failed)
{
  world w;
  planned_throws throws;
  task_group_of<toro::thread_safe> group(
      any_executor(throwing_executor(w.context(), throws)));
  bool started = false;
  group.async_spawn(
      [&]() -> asio::awaitable<void>
      {
        started = true;
        co_return;
      },
      asio::bind_executor(w.context(), w.on("spawn")));
  throws.left = 1;
  BOOST_TEST(w.poll() == "spawn");
  BOOST_TEST(throws.left == 0);
  BOOST_TEST(!started);
  BOOST_TEST(group.size() == 0u);
  BOOST_TEST(outcome_of(group.failure()) == ":executor");
}

TORO_TEST_CASE_TEMPLATE(deadline_of_a_join_leaves_the_children_alone, Threading,
                        policies)
{
  world w;
  event_of<Threading> event(w.context());
  task_group_of<Threading> group(w.context());
  group.spawn(child(w, "1", event));
  group.close();
  group.async_join(1s, w.on("grace"));
  BOOST_TEST(w.poll() == "1");
  BOOST_TEST(w.advance(1s) == "grace:TO");
  BOOST_TEST(group.size() == 1u);
  BOOST_TEST(!group.failure());
  group.cancel();
  group.async_join(w.on("join"));
  BOOST_TEST(w.poll() == "1:AB join");
}

TORO_TEST_CASE_TEMPLATE(early_end_of_a_join_consumes_no_failure, Threading,
                        policies)
{
  world w;
  event_of<Threading> event(w.context());
  task_group_of<Threading> group(w.context(),
                                 {.on_failure = failure_policy::keep_going});
  event.async_wait(group.child());
  group.spawn(fails("x"));
  group.async_join(1s, w.on("a"));
  BOOST_TEST(w.advance(1s) == "a:TO");
  BOOST_TEST(outcome_of(group.failure()) == ":x");
  event.set();
  group.async_join(w.on("b"));
  BOOST_TEST(w.poll() == "b:x");
}

TORO_TEST_CASE_TEMPLATE(terminal_cancellation_of_a_join_reaches_children,
                        Threading, policies)
{
  for (const bool one_fails : {false, true})
  {
    world w;
    event_of<Threading> event(w.context());
    task_group_of<Threading> group(w.context(), {.limit = 2});
    group.spawn(
        [&]() -> asio::awaitable<void>
        {
          co_await event.async_wait(asio::as_tuple(asio::use_awaitable));
          if (one_fails)
            throw std::runtime_error("x");
        });
    group.spawn(child(w, "1", event));
    group.async_spawn(returns(), w.on("spawn"));
    asio::cancellation_signal signal;
    group.async_join(asio::bind_cancellation_slot(signal.slot(), w.on("join")));
    group.async_join(w.on("other"));
    BOOST_TEST(w.poll() == "1");
    signal.emit(cancellation_type::all);
    BOOST_TEST(group.waiters() == 2u);
    BOOST_TEST(w.poll() == (one_fails ? "spawn:AB 1:AB join:x other:x"
                                      : "spawn:AB 1:AB join:AB other"));
    // Too late.
    signal.emit(cancellation_type::terminal);
  }
}

TORO_TEST_CASE_TEMPLATE(other_cancellation_of_a_join_ends_the_wait_only,
                        Threading, policies)
{
  for (const cancellation_type type :
       {cancellation_type::partial, cancellation_type::total})
  {
    world w;
    event_of<Threading> event(w.context());
    task_group_of<Threading> group(w.context());
    group.spawn(child(w, "1", event));
    asio::cancellation_signal signal;
    group.async_join(asio::bind_cancellation_slot(signal.slot(), w.on("join")));
    BOOST_TEST(w.poll() == "1");
    signal.emit(type);
    BOOST_TEST(w.poll() == "join:AB");
    event.set();
    BOOST_TEST(w.poll() == "1.");
    // Also after the grant.
    group.async_join(asio::bind_cancellation_slot(signal.slot(), w.on("late")));
    signal.emit(type);
    BOOST_TEST(w.poll() == "late:AB");
    group.async_join(
        asio::bind_cancellation_slot(signal.slot(), w.on("latest")));
    signal.emit(cancellation_type::terminal);
    BOOST_TEST(w.poll() == "latest:AB");
  }
}

TORO_TEST_CASE_TEMPLATE(join_that_was_passed_on_still_has_its_deadline,
                        Threading, policies)
{
  world w;
  event_of<Threading> event(w.context());
  task_group_of<Threading> group(w.context());
  group.spawn(
      [&]() -> asio::awaitable<void>
      {
        co_await asio::this_coro::reset_cancellation_state(
            asio::disable_cancellation());
        co_await event.async_wait(asio::use_awaitable);
      });
  asio::cancellation_signal signal;
  group.async_join(1s,
                   asio::bind_cancellation_slot(signal.slot(), w.on("join")));
  w.poll();
  signal.emit(cancellation_type::terminal);
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(w.advance(1s) == "join:TO");
  event.set();
  w.poll();
}

TORO_TEST_CASE_TEMPLATE(group_may_be_destroyed_in_a_child, Threading, policies)
{
  world w;
  event_of<Threading> event(w.context());
  std::optional<toro::basic_task_group<any_executor, Threading>> group(
      std::in_place, w.context());
  group->spawn(child(w, "1", event));
  group->spawn(
      [&]() -> asio::awaitable<void>
      {
        group.reset();
        w.note("destroyed");
        co_return;
      });
  group->async_join(w.on("join"));
  BOOST_TEST(w.poll() == "1 destroyed join:AB 1:AB");
}

TORO_TEST_CASE_TEMPLATE(group_may_be_cancelled_in_a_child, Threading, policies)
{
  world w;
  event_of<Threading> event(w.context());
  task_group_of<Threading> group(w.context());
  group.spawn(child(w, "1", event));
  group.spawn(
      [&]() -> asio::awaitable<void>
      {
        BOOST_TEST(group.cancel() == 2u);
        co_await child(w, "2", event);
      });
  group.async_join(w.on("join"));
  BOOST_TEST(w.poll() == "1 2 1:AB 2:AB join");
}

TORO_TEST_CASE_TEMPLATE(cancellation_of_no_type_does_nothing, Threading,
                        policies)
{
  world w;
  event_of<Threading> event(w.context());
  task_group_of<Threading> group(w.context(), {.limit = 1});
  event.async_wait(group.child());
  group.async_spawn(returns(), w.on("spawn"));
  BOOST_TEST(group.cancel(cancellation_type::none) == 0u);
  BOOST_TEST(to_string(group) == "<task_group size=1 limit=1 spawners[1]>");
  event.set();
  BOOST_TEST(w.poll() == "spawn");
}

TORO_TEST_CASE_TEMPLATE(destructor_cancels_and_does_not_wait, Threading,
                        policies)
{
  using group_type = toro::basic_task_group<any_executor, Threading>;
  world w;
  event_of<Threading> event(w.context());
  std::optional<group_type> group(std::in_place, w.context(),
                                  toro::task_group_options{.limit = 1});
  const auto token = group->child();
  group->spawn(child(w, "1", event));
  group->async_spawn(returns(), w.on("spawn"));
  group->async_join(w.on("join"));
  BOOST_TEST(w.poll() == "1");
  auto late = group->async_join(asio::deferred);
  group.reset();
  BOOST_TEST(w.poll() == "spawn:AB join:AB 1:AB");
  std::move(late)(w.on("late"));
  BOOST_TEST(w.poll() == "late:AB");
  BOOST_TEST(throws_code(
      [&]
      {
        event.async_wait(token);
      },
      closed));
  group.emplace(w.context());
  group->spawn(child(w, "2", event));
  w.poll();
  *group = group_type(w.context());
  BOOST_TEST(w.poll() == "2:AB");
  BOOST_TEST(group->size() == 0u);
}

TORO_TEST_CASE_TEMPLATE(children_and_group_outlive_the_context, Threading,
                        policies)
{
  world w;
  asio::io_context other;
  std::optional<toro::basic_task_group<any_executor, Threading>> group(
      std::in_place, w.context(), toro::task_group_options{.limit = 3});
  toro::event event(other);
  group->spawn(
      [&w]() -> asio::awaitable<void>
      {
        toro::event inner(w.context());
        co_await inner.async_wait(asio::use_awaitable);
      });
  group->async_spawn(returns(), w.on("spawn"));
  event.async_wait(group->child());
  group->async_join(w.on("join"));
  w.allow_drops();
  w.end_context();
  BOOST_TEST(w.drops() == 2u);
  BOOST_TEST(group->size() == 1u);
  BOOST_TEST(!group->is_open());
  event.set();
  other.poll();
  BOOST_TEST(group->size() == 0u);
}

TORO_TEST_CASE_TEMPLATE(handler_that_is_destroyed_leaves_its_place, Threading,
                        policies)
{
  world w;
  task_group_of<Threading> group(w.context());
  {
    asio::io_context other;
    asio::post(other, group.child());
    BOOST_TEST(group.size() == 1u);
    group.async_join(w.on("join"));
  }
  BOOST_TEST(group.size() == 0u);
  BOOST_TEST(w.poll() == "join");
}

TORO_TEST_CASE_TEMPLATE(children_and_waits_move_along, Threading, policies)
{
  using typed =
      toro::basic_task_group<asio::io_context::executor_type, Threading>;
  world w;
  event_of<Threading> event(w.context());
  typed first(w.context().get_executor(), {.limit = 1});
  first.spawn(child(w, "1", event));
  first.async_spawn(child(w, "2", event), w.on("spawn"));
  auto lazy = first.async_spawn(child(w, "3", event), asio::deferred);
  typed second(std::move(first));
  toro::basic_task_group<any_executor, Threading> third(std::move(second));
  BOOST_TEST(third.size() == 1u);
  BOOST_TEST(third.waiters() == 1u);
  std::move(lazy)(w.on("lazy"));
  third.async_join(w.on("join"));
  event.set();
  BOOST_TEST(w.poll() == "1 1. spawn 2 2. lazy 3 3. join");
}

TORO_TEST_CASE_TEMPLATE(child_has_a_slot_of_its_own_as_well, Threading,
                        policies)
{
  world w;
  event_of<Threading> event(w.context());
  task_group_of<Threading> group(w.context(),
                                 {.on_failure = failure_policy::keep_going});
  event.async_wait(group.child());
  BOOST_TEST(event.waiters() == 1u);
  BOOST_TEST(event.cancel() == 1u);
  group.async_join(w.on("join"));
  BOOST_TEST(w.poll() == "join:AB");
}

// An adapter hides the executor of an initiation (Boost before 1.87), on which
// a child is cancelled.
BOOST_AUTO_TEST_CASE(adapters_may_be_around_the_token_of_a_child)
{
  for (const bool binds_executor : {false, true})
  {
    world w;
    asio::io_context other;
    asio::io_context of_group;
    toro::task_group group(of_group, {.limit = 1});
    toro::event event(w.context());
    const auto start = [&](auto token)
    {
      asio::co_spawn(asio::make_strand(w.context()), child(w, "1", event),
                     token);
    };
    const auto start_with_adapter = [&]
    {
      if (binds_executor)
        start(asio::bind_executor(other, group.child()));
      else
        start(asio::bind_allocator(std::allocator<int>(), group.child()));
    };
    start_with_adapter();
    BOOST_TEST(group.size() == 1u);
    BOOST_TEST(throws_code(start_with_adapter, full));
    BOOST_TEST(w.poll() == "1");
    BOOST_TEST(group.cancel() == 1u);
    BOOST_TEST(w.poll() == "1:AB");
    other.poll();
    BOOST_TEST(group.size() == 0u);
    BOOST_TEST(!group.failure());
    group.close();
    BOOST_TEST(throws_code(start_with_adapter, closed));
  }
}

// However many children come and go, there is memory for those that run.
BOOST_AUTO_TEST_CASE(memory_of_a_child_is_free_when_that_ends)
{
  world w;
  toro::task_group group(w.context());
  toro::event event(w.context());
  allocations counts;
  const auto token =
      asio::bind_allocator(counting_allocator<int>(counts), group.child());
  event.async_wait(token);
  const std::size_t one = counts.live;
  BOOST_TEST(one != 0u);
  for (int i = 0; i != 1000; ++i)
  {
    asio::post(w.context(), token);
    w.poll();
    BOOST_REQUIRE(counts.live == one);
  }
  BOOST_TEST(counts.made > 1000u);
  BOOST_TEST(group.size() == 1u);
  event.set();
  w.poll();
  BOOST_TEST(counts.live == 0u);
  BOOST_TEST(group.size() == 0u);
}

// The cancellation is under way to the strand when the coroutine ends there.
BOOST_AUTO_TEST_CASE(child_may_end_before_it_is_told)
{
  world w;
  toro::task_group group(w.context());
  toro::event event(w.context());
  asio::co_spawn(asio::make_strand(w.context()), child(w, "1", event),
                 asio::bind_executor(w.context(), group.child()));
  BOOST_TEST(w.poll() == "1");
  group.cancel();
  event.set();
  BOOST_TEST(w.poll() == "1:AB");
  BOOST_TEST(group.size() == 0u);
}

BOOST_AUTO_TEST_CASE(children_may_run_elsewhere)
{
  world w;
  asio::thread_pool pool(2);
  toro::task_group group(w.context(), {.limit = 8});
  int count = 0;
  auto strand = asio::make_strand(pool);
  for (int i = 0; i != 100; ++i)
  {
    const auto function = [&count]() -> asio::awaitable<void>
    {
      ++count;
      co_await asio::post(asio::use_awaitable);
      ++count;
    };
    while (true)
    {
      try
      {
        group.spawn(strand, function);
        break;
      }
      catch (const boost::system::system_error& e)
      {
        BOOST_TEST((e.code() == full));
      }
    }
  }
  group.async_join(w.on("join"));
  BOOST_TEST(w.run() == "join");
  BOOST_TEST(count == 200);
  pool.join();
}

TORO_TEST_CASE_TEMPLATE(eager_operations_return_without_a_turn, Threading,
                        policies)
{
  world w;
  task_group_of<Threading> group(w.context(), {.limit = 1});
  w.spawn("test",
          [](world& notes, auto& children) -> asio::awaitable<void>
          {
            co_await children.async_join(toro::eager);
            co_await children.async_spawn(fails("x"), toro::eager);
            notes.note("spawned");
            BOOST_TEST(children.size() == 1u);
            co_await asio::post(asio::use_awaitable);
            co_await asio::post(asio::use_awaitable);
            co_await children.async_join(toro::eager);
          }(w, group));
  BOOST_TEST(w.poll() == "spawned test:x");
}

BOOST_AUTO_TEST_CASE(limit_must_be_in_range)
{
  world w;
  const auto make = [&](std::size_t limit)
  {
    const toro::task_group group(w.context(), {.limit = limit});
  };
  BOOST_CHECK_THROW(make(0), std::invalid_argument);
  BOOST_CHECK_THROW(make(static_cast<std::size_t>(-1)), std::invalid_argument);
  make(toro::task_group::unlimited);
}

BOOST_AUTO_TEST_CASE(text_shows_what_has_happened)
{
  world w;
  toro::event event(w.context());
  toro::task_group group(w.context(), {.limit = 1});
  BOOST_TEST(to_string(toro::task_group(w.context())) == "<task_group size=0>");
  group.set_name("uploads");
  event.async_wait(group.child());
  group.async_spawn(returns(), w.on("spawn"));
  group.async_join(2s, w.on("join"));
  std::ostringstream text;
  group.dump(text);
  BOOST_TEST(text.str() == "<task_group size=1 limit=1 spawners[1] joiners[1]>"
                           " \"uploads\"\n"
                           "  async_spawn, no deadline\n"
                           "  async_join, deadline in 2.000 s\n");
  group.close();
  BOOST_TEST(to_string(group) ==
             "<task_group size=1 limit=1 joiners[1] closed>");
  group.cancel();
  BOOST_TEST(w.poll() == "spawn:closed join");
  BOOST_TEST(to_string(group) ==
             "<task_group size=0 limit=1 closed cancelled>");
}

namespace {

// The body runs in a group, which a handler tells of.
template <class Body>
void run_with_group(world& w, toro::task_group_options options, Body body)
{
  w.spawn("end", toro::with_task_group(options, std::move(body)));
}

} // namespace

BOOST_AUTO_TEST_CASE(group_of_a_body_is_joined)
{
  world w;
  toro::event event(w.context());
  run_with_group(w, {.limit = 1},
                 [&](toro::task_group& group) -> asio::awaitable<void>
                 {
                   co_await group.async_spawn(child(w, "1", event),
                                              asio::use_awaitable);
                   w.note("body");
                 });
  BOOST_TEST(w.poll() == "body 1");
  event.set();
  BOOST_TEST(w.poll() == "1. end");
}

BOOST_AUTO_TEST_CASE(body_may_join_and_return)
{
  world w;
  w.spawn("end",
          [](world& notes) -> asio::awaitable<void>
          {
            const auto number = co_await toro::with_task_group(
                {},
                [&notes](toro::task_group& group)
                    -> asio::awaitable<std::unique_ptr<int>>
                {
                  group.spawn(returns());
                  co_await group.async_join(asio::use_awaitable);
                  notes.note("joined");
                  co_return std::make_unique<int>(7);
                });
            notes.note(std::to_string(*number));
          }(w));
  BOOST_TEST(w.poll() == "joined 7 end");
}

BOOST_AUTO_TEST_CASE(failure_of_the_body_cancels_and_comes_first)
{
  world w;
  toro::event event(w.context());
  run_with_group(w, {},
                 [&](toro::task_group& group) -> asio::awaitable<void>
                 {
                   group.spawn(
                       [&event]() -> asio::awaitable<void>
                       {
                         co_await event.async_wait(
                             asio::as_tuple(asio::use_awaitable));
                         throw std::runtime_error("child");
                       });
                   co_await asio::post(asio::use_awaitable);
                   throw std::runtime_error("body");
                 });
  BOOST_TEST(w.poll() == "end:body");
}

// Nobody has cancelled the group, so the abortion is the failure of the body.
BOOST_AUTO_TEST_CASE(abortion_by_the_body_itself_comes_first)
{
  world w;
  toro::event event(w.context());
  run_with_group(w, {},
                 [&](toro::task_group& group) -> asio::awaitable<void>
                 {
                   group.spawn(
                       [&]() -> asio::awaitable<void>
                       {
                         try
                         {
                           co_await child(w, "child", event);
                         }
                         catch (const boost::system::system_error&)
                         {
                           throw std::runtime_error("other");
                         }
                       });
                   co_await asio::post(asio::use_awaitable);
                   throw boost::system::system_error(
                       asio::error::operation_aborted);
                 });
  BOOST_TEST(w.poll() == "child child:AB end:AB");
}

BOOST_AUTO_TEST_CASE(failure_of_the_body_ends_spawns_that_wait)
{
  world w;
  toro::event event(w.context());
  run_with_group(w, {.limit = 1},
                 [&](toro::task_group& group) -> asio::awaitable<void>
                 {
                   group.spawn(child(w, "child", event));
                   group.async_spawn(returns, w.on("spawn"));
                   co_await fails("body");
                 });
  BOOST_TEST(w.poll() == "child spawn:AB child:AB end:body");
}

BOOST_AUTO_TEST_CASE(failure_of_a_child_cancels_the_body)
{
  world w;
  toro::event event(w.context());
  run_with_group(w, {},
                 [&](toro::task_group& group) -> asio::awaitable<void>
                 {
                   group.spawn(fails("x"));
                   co_await child(w, "body", event);
                 });
  BOOST_TEST(w.poll() == "body body:AB end:x");
  run_with_group(w, {.on_failure = failure_policy::keep_going},
                 [&](toro::task_group& group) -> asio::awaitable<void>
                 {
                   group.spawn(fails("x"));
                   co_await child(w, "body", event);
                 });
  BOOST_TEST(w.poll() == "body");
  event.set();
  BOOST_TEST(w.poll() == "body. end:x");
}

BOOST_AUTO_TEST_CASE(cancellation_of_the_caller_reaches_body_and_children)
{
  world w;
  toro::event event(w.context());
  asio::cancellation_signal signal;
  asio::co_spawn(
      w.context(),
      toro::with_task_group({},
                            [&](toro::task_group& group) -> asio::awaitable<int>
                            {
                              group.spawn(child(w, "child", event));
                              co_await child(w, "body", event);
                              co_return 1;
                            }),
      asio::bind_cancellation_slot(signal.slot(), w.on("end")));
  BOOST_TEST(w.poll() == "child body");
  signal.emit(cancellation_type::terminal);
  BOOST_TEST(w.poll() == "body:AB child:AB end:AB");
}

BOOST_AUTO_TEST_CASE(caller_that_catches_a_cancellation_goes_on)
{
  world w;
  toro::event event(w.context());
  asio::cancellation_signal signal;
  asio::co_spawn(
      w.context(),
      [](world& notes, toro::event& set_later) -> asio::awaitable<void>
      {
        try
        {
          co_await toro::with_task_group(
              {},
              [&](toro::task_group&) -> asio::awaitable<void>
              {
                co_await child(notes, "body", set_later);
              });
        }
        catch (const boost::system::system_error& e)
        {
          notes.note("caught" + outcome_of(e.code()));
        }
        BOOST_TEST((co_await asio::this_coro::throw_if_cancelled()));
        BOOST_TEST(
            ((co_await asio::this_coro::cancellation_state).cancelled() ==
             cancellation_type::terminal));
      }(w, event),
      asio::bind_cancellation_slot(signal.slot(), w.on("end")));
  BOOST_TEST(w.poll() == "body");
  signal.emit(cancellation_type::terminal);
  BOOST_TEST(w.poll() == "body:AB caught:AB end");
}

BOOST_AUTO_TEST_CASE(body_that_cancels_its_group_is_aborted)
{
  world w;
  toro::event event(w.context());
  run_with_group(w, {},
                 [&](toro::task_group& group) -> asio::awaitable<void>
                 {
                   group.spawn(child(w, "child", event));
                   group.cancel();
                   co_await child(w, "body", event);
                 });
  BOOST_TEST(w.poll() == "child body child:AB body:AB end:AB");
}

// A body must not run while it is cancelled.
BOOST_AUTO_TEST_CASE(body_runs_on_a_strand)
{
  world w;
  run_with_group(w, {},
                 [&](toro::task_group& group) -> asio::awaitable<void>
                 {
                   const auto executor = co_await asio::this_coro::executor;
                   BOOST_TEST(executor.target<asio::strand<any_executor>>() !=
                              nullptr);
                   BOOST_TEST((group.get_executor() ==
                               any_executor(w.context().get_executor())));
                 });
  BOOST_TEST(w.poll() == "end");
}

BOOST_AUTO_TEST_CASE(body_that_is_destroyed_is_aborted)
{
  world w;
  std::optional<asio::io_context> other(std::in_place);
  toro::event event(w.context());
  toro::event gone(*other);
  run_with_group(w, {},
                 [&](toro::task_group& group) -> asio::awaitable<void>
                 {
                   group.spawn(child(w, "child", event));
                   co_await gone.async_wait(asio::use_awaitable);
                 });
  asio::co_spawn(w.context(),
                 toro::with_task_group(
                     {},
                     [&](toro::task_group&) -> asio::awaitable<std::string>
                     {
                       co_await gone.async_wait(asio::use_awaitable);
                       co_return "x";
                     }),
                 w.on("value"));
  BOOST_TEST(w.poll() == "child");
  other.reset();
  BOOST_TEST(w.poll() == "value:AB child:AB end:AB");
}

// Also if other threads run the body and the caller.
BOOST_AUTO_TEST_CASE(function_of_a_body_is_destroyed_before_the_caller_goes_on)
{
  const auto context = std::make_shared<asio::io_context>();
  bool at_once = false;
  const scripted_executor executor(context,
                                   [&](task function)
                                   {
                                     if (at_once)
                                       function();
                                     else
                                       asio::post(*context,
                                                  std::move(function));
                                   });
  toro::event event(*context);
  std::weak_ptr<int> in_body;
  bool is_over = false;
  const auto caller = [&]() -> asio::awaitable<void>
  {
    auto kept = std::make_shared<int>();
    in_body = kept;
    auto body = [kept = std::move(kept),
                 &event](toro::task_group&) -> asio::awaitable<void>
    {
      co_await event.async_wait(asio::use_awaitable);
    };
    co_await toro::with_task_group({}, std::move(body));
    BOOST_TEST(in_body.expired());
    is_over = true;
  };
  asio::co_spawn(any_executor(executor), caller(), asio::detached);
  context->poll();
  BOOST_TEST(!in_body.expired());
  at_once = true;
  event.set();
  context->restart();
  context->poll();
  BOOST_TEST(is_over);
}

BOOST_AUTO_TEST_CASE(body_is_not_called_if_the_limit_is_out_of_range)
{
  world w;
  run_with_group(w, {.limit = 0},
                 [&](toro::task_group&) -> asio::awaitable<void>
                 {
                   w.note("body");
                   co_return;
                 });
  BOOST_TEST(w.poll() == "end:toro: a task_group's limit is zero");
}

BOOST_AUTO_TEST_CASE(body_is_destroyed_with_the_context)
{
  world w;
  toro::event event(w.context());
  run_with_group(w, {},
                 [&](toro::task_group& group) -> asio::awaitable<void>
                 {
                   // Uses the group in its destructor.
                   const auto closes = std::shared_ptr<void>(nullptr,
                                                             [&group](void*)
                                                             {
                                                               group.close();
                                                             });
                   group.spawn(child(w, "child", event));
                   co_await child(w, "body", event);
                 });
  BOOST_TEST(w.poll() == "child body");
  w.allow_drops();
  w.end_context();
  BOOST_TEST(w.drops() == 1u);
}

// A yield_context alone would rethrow a null exception before Asio 1.29, and
// does not compile there.
BOOST_AUTO_TEST_CASE(stackful_coroutine_joins_by_a_tuple)
{
  world w;
  toro::task_group group(w.context());
  asio::spawn(
      w.context(),
      [&](asio::yield_context yield)
      {
        group.spawn(
            []() -> asio::awaitable<void>
            {
              co_return;
            });
        const auto [none] = group.async_join(asio::as_tuple(yield));
        BOOST_TEST(!none);
        group.spawn(
            []() -> asio::awaitable<void>
            {
              throw std::runtime_error("failure");
              co_return;
            });
        const auto [failure] = group.async_join(asio::as_tuple(yield));
        BOOST_TEST(!!failure);
        BOOST_TEST((failure == group.failure()));
      },
      w.on("fibre"));
  BOOST_TEST(w.poll() == "fibre");
}

BOOST_AUTO_TEST_CASE(functions_of_users_do_not_count_the_owners_of_a_child)
{
  world w;
  toro::task_group group(w.context(), {.limit = 1});
  int calls = 0;
  for (int i = 0; i != 2; ++i)
    group.async_spawn(greedy_owners::function{&calls}, w.on("spawned"));
  BOOST_TEST(w.run() == "spawned spawned");
  BOOST_TEST(calls == 2);
  BOOST_TEST(group.size() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
