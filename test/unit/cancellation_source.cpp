// SPDX-License-Identifier: BSL-1.0
#include <toro/cancellation_source.hpp>
#include <toro/event.hpp>
#include <toro/lock.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/case_template.hpp"
#include "support/counting_allocator.hpp"
#include "support/primitives.hpp"
#include "support/probe_operation.hpp"
#include "support/recording_handler.hpp"
#include "support/scripted_executor.hpp"
#include "support/throwing_executor.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_cancellation_source)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;
using toro::bind_cancellation;

namespace asio = boost::asio;
using boost::system::error_code;
using types = asio::cancellation_type_t;
using io_executor = asio::io_context::executor_type;

static_assert(std::is_nothrow_copy_constructible_v<toro::cancellation_source>);
static_assert(std::is_nothrow_copy_assignable_v<toro::cancellation_source>);
static_assert(std::is_nothrow_move_constructible_v<toro::cancellation_source>);
static_assert(std::is_nothrow_move_assignable_v<toro::cancellation_source>);
static_assert(!std::is_copy_constructible_v<toro::drop_guard>);
static_assert(std::is_nothrow_move_constructible_v<toro::drop_guard>);

using probe = probe_operation<io_executor>;

// The executors of an operation, of its handler and of its source, which run
// one after the other, and a probe with what became of its handler.
struct fixture
{
  void run_all_but(asio::io_context& left_out)
  {
    for (asio::io_context* context : {&io, &other, &source_io})
    {
      if (context != &left_out)
        run(*context);
    }
  }

  static void run(asio::io_context& context)
  {
    context.restart();
    context.poll();
  }

  auto handler()
  {
    return recording_handler(call);
  }

  // Whether what a function starts with the probe gets an emission on the
  // executor of one context, both if it is cancelled later and if it starts
  // cancelled.
  template <class Start>
  bool emits_on(asio::io_context& expected, Start start)
  {
    const auto emits = [&]
    {
      run_all_but(expected);
      const bool too_early = !p.emitted.empty();
      run(expected);
      const bool result = p.emitted.size() == 1;
      p.emitted.clear();
      p.complete();
      return result && !too_early;
    };
    source = toro::cancellation_source(source_io);
    start();
    run(io);
    const bool reached = source.cancel() == 1;
    const bool later = emits();
    start();
    const bool from_the_start = emits();
    return reached && later && from_the_start;
  }

  asio::io_context io;
  asio::io_context other;
  asio::io_context source_io;
  toro::cancellation_source source{source_io};
  probe p{io.get_executor()};
  call_record call;
};

// Does nothing whatever it is called with.
constexpr auto ignored = [](auto&&...) {};

asio::awaitable<void> wait_forever(asio::io_context& context)
{
  asio::steady_timer timer(context, asio::steady_timer::time_point::max());
  co_await timer.async_wait(asio::use_awaitable);
}

// A handler as a function that can be copied.
template <class Handler>
auto share(Handler&& handler)
{
  return [kept = std::make_shared<std::decay_t<Handler>>(
              std::forward<Handler>(handler))](error_code ec)
  {
    std::move (*kept)(std::move(ec));
  };
}

// A composed operation.
template <class Token>
auto async_wait_for_it(asio::steady_timer& timer, Token&& token)
{
  return asio::async_compose<Token, void(error_code)>(
      [&timer, has_started = false](auto& self, error_code ec = {}) mutable
      {
        if (!std::exchange(has_started, true))
          timer.async_wait(std::move(self));
        else
          self.complete(ec);
      },
      token, timer);
}

} // namespace

TORO_TEST_CASE_TEMPLATE(cancel_ends_all_operations_and_counts_them, Threading,
                        policies)
{
  world w;
  toro::basic_cancellation_source<any_executor, Threading> source(w.context());
  asio::steady_timer timer(w.context(), asio::steady_timer::time_point::max());
  asio::steady_timer other(w.context(), asio::steady_timer::time_point::max());
  toro::basic_lock<any_executor, Threading> lock(w.context());
  const auto held = lock.try_acquire();
  timer.async_wait(bind_cancellation(source, w.on("timer")));
  other.async_wait(w.on("not bound"));
  lock.async_acquire(bind_cancellation(source, w.on("lock", let_go())));
  asio::co_spawn(w.context(), wait_forever(w.context()),
                 bind_cancellation(source, asio::detached));
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(!source.cancelled());
  BOOST_TEST(source.cancel(types::none) == 0u);
  BOOST_TEST(!source.cancelled());
  BOOST_TEST(source.cancel() == 3u);
  BOOST_TEST(source.cancelled());
  BOOST_TEST(lock.waiters() == 1u);
  BOOST_TEST(w.poll() == "timer:AB lock:AB");
  BOOST_TEST(lock.waiters() == 0u);
  BOOST_TEST(source.cancel() == 0u);
  other.cancel();
  BOOST_TEST(w.run() == "not bound:AB");
}

BOOST_AUTO_TEST_CASE(copies_are_handles_of_the_same_source)
{
  fixture f;
  toro::cancellation_source copy = f.source;
  const toro::cancellation_source other(f.io);
  BOOST_TEST((copy == f.source));
  BOOST_TEST((copy != other));
  f.p.async_run(bind_cancellation(copy, f.handler()));
  BOOST_TEST(f.source.cancel() == 1u);
  BOOST_TEST(copy.cancelled());
  copy = other;
  BOOST_TEST(!copy.cancelled());
  f.run(f.io);
  f.p.complete();
  BOOST_TEST(f.call.succeeded());
}

BOOST_AUTO_TEST_CASE(operation_that_starts_later_gets_every_type_so_far)
{
  fixture f;
  f.source.cancel(types::total);
  f.source.cancel(types::partial);
  f.p.on_start = [&]
  {
    BOOST_TEST(f.p.emitted.empty());
  };
  f.p.async_run(bind_cancellation(f.source, f.handler()));
  f.run(f.io);
  BOOST_TEST((f.p.emitted == std::vector{types::total | types::partial}));
  BOOST_TEST(f.source.cancel() == 1u);
  f.run(f.io);
  BOOST_TEST((f.p.emitted ==
              std::vector{types::total | types::partial, types::terminal}));
  f.p.complete();
}

BOOST_AUTO_TEST_CASE(emission_waits_for_the_end_of_the_initiation)
{
  fixture f;
  f.p.on_start = [&]
  {
    BOOST_TEST(f.source.cancel() == 1u);
    f.run(f.io);
    BOOST_TEST(f.p.emitted.empty());
  };
  f.p.async_run(bind_cancellation(f.source, f.handler()));
  f.run(f.io);
  BOOST_TEST(f.p.emitted.size() == 1u);
  f.p.complete();
}

BOOST_AUTO_TEST_CASE(operation_may_complete_or_throw_in_its_initiation)
{
  fixture f;
  f.source.cancel();
  f.p.on_start = [&]
  {
    f.p.complete();
  };
  f.p.async_run(bind_cancellation(f.source, f.handler()));
  BOOST_TEST(f.call.succeeded());
  call_record thrown;
  f.p.on_start = [&]
  {
    f.p.destroy_handler();
    throw std::runtime_error("start");
  };
  BOOST_CHECK_THROW(
      f.p.async_run(bind_cancellation(f.source, recording_handler(thrown))),
      std::runtime_error);
  BOOST_TEST(thrown.was_dropped());
  BOOST_TEST(f.source.cancel() == 0u);
  f.run(f.io);
  BOOST_TEST(f.p.emitted.empty());
}

BOOST_AUTO_TEST_CASE(emission_is_dispatched_to_the_executor_of_the_handler)
{
  using asio::bind_executor;
  fixture f;
  const auto ex = f.other.get_executor();
  const auto strand = asio::make_strand(f.other);
  asio::cancellation_signal signal;
  error_code ec;
  const auto on_other = [&](auto start)
  {
    return f.emits_on(f.other, start);
  };
  BOOST_TEST(on_other(
      [&]
      {
        f.p.async_run(bind_cancellation(f.source, bind_executor(ex, ignored)));
      }));
  BOOST_TEST(on_other(
      [&]
      {
        f.p.async_run(bind_executor(ex, bind_cancellation(f.source, ignored)));
      }));
  BOOST_TEST(on_other(
      [&]
      {
        const auto token =
            bind_executor(strand, bind_cancellation(f.source, ignored));
        f.p.async_run(token);
      }));
  BOOST_TEST(on_other(
      [&]
      {
        f.p.async_run(bind_executor(
            ex,
            asio::as_tuple(asio::redirect_error(
                asio::bind_allocator(
                    std::allocator<int>(),
                    asio::bind_cancellation_slot(
                        signal.slot(), bind_cancellation(f.source, ignored))),
                ec))));
      }));
  BOOST_TEST(on_other(
      [&]
      {
        f.p.async_run(asio::as_tuple(
            bind_cancellation(f.source, bind_executor(ex, ignored))));
      }));
  BOOST_TEST(on_other(
      [&]
      {
        f.p.async_run(bind_cancellation(
            f.source, bind_executor(ex, asio::deferred)))(ignored);
      }));
  BOOST_TEST(on_other(
      [&]
      {
        f.p.async_run(bind_executor(
            ex, bind_cancellation(f.source, asio::deferred)))(ignored);
      }));
  BOOST_TEST(on_other(
      [&]
      {
        asio::any_completion_handler<void(error_code)> erased(
            bind_executor(ex, ignored));
        f.p.async_run(bind_cancellation(f.source, std::move(erased)));
      }));
}

BOOST_AUTO_TEST_CASE(emission_goes_to_the_operation_else_to_the_source)
{
  fixture f;
  BOOST_TEST(f.emits_on(f.io,
                        [&]
                        {
                          f.p.async_run(bind_cancellation(f.source, ignored));
                        }));
  BOOST_TEST(f.emits_on(f.io,
                        [&]
                        {
                          f.p.async_run(asio::as_tuple(
                              bind_cancellation(f.source, ignored)));
                        }));
  // An initiation without an executor.
  BOOST_TEST(
      f.emits_on(f.source_io,
                 [&]
                 {
                   auto token = bind_cancellation(f.source, ignored);
                   asio::async_initiate<decltype(token), void(error_code)>(
                       [&](auto handler)
                       {
                         f.p.async_run(std::move(handler));
                       },
                       token);
                 }));
}

// The executor of use_future runs functions in the thread that submits them.
BOOST_AUTO_TEST_CASE(emission_to_a_future_goes_by_way_of_the_operation)
{
  fixture f;
  std::future<void> future;
  BOOST_TEST(f.emits_on(f.io,
                        [&]
                        {
                          future = f.p.async_run(
                              bind_cancellation(f.source, asio::use_future));
                        }));
}

// A coroutine runs on its own executor, wherever its handler does.
BOOST_AUTO_TEST_CASE(coroutine_is_cancelled_on_its_own_executor)
{
  for (const bool is_fiber : {false, true})
  {
    for (const bool ends_first : {false, true})
    {
      world w;
      asio::io_context other;
      toro::cancellation_source source(other);
      toro::event event(w.context());
      const auto strand = asio::make_strand(w.context());
      bool is_over = false;
      const auto start = [&](auto token)
      {
        if (is_fiber)
          asio::spawn(
              strand,
              [&](asio::yield_context yield)
              {
                event.async_wait(yield);
              },
              token);
        else
          asio::co_spawn(
              strand,
              [&]() -> asio::awaitable<void>
              {
                co_await event.async_wait(asio::use_awaitable);
              },
              token);
      };
      const auto handler = [&](std::exception_ptr failure)
      {
        BOOST_TEST((failure == nullptr) == ends_first);
        is_over = true;
      };
      start(bind_cancellation(
          source.child(),
          bind_cancellation(source, asio::bind_executor(other, handler))));
      w.poll();
      if (ends_first)
        event.set();
      BOOST_TEST(source.cancel() == 2u);
      w.poll();
      BOOST_TEST(event.waiters() == 0u);
      BOOST_TEST(!is_over);
      other.poll();
      BOOST_TEST(is_over);
    }
  }
}

// The emission is under way to the strand when the coroutine ends there.
BOOST_AUTO_TEST_CASE(coroutine_may_end_before_it_is_told)
{
  world w;
  toro::cancellation_source source(w.context());
  toro::event event(w.context());
  bool is_over = false;
  asio::co_spawn(
      asio::make_strand(w.context()),
      [&]() -> asio::awaitable<void>
      {
        co_await event.async_wait(asio::use_awaitable);
      },
      bind_cancellation(source, asio::bind_executor(w.context(),
                                                    [&](std::exception_ptr)
                                                    {
                                                      is_over = true;
                                                    })));
  w.poll();
  BOOST_TEST(source.cancel() == 1u);
  event.set();
  w.poll();
  BOOST_TEST(is_over);
}

BOOST_AUTO_TEST_CASE(emission_is_made_at_once_on_the_executor_itself)
{
  fixture f;
  f.p.async_run(bind_cancellation(f.source, f.handler()));
  asio::post(f.io,
             [&]
             {
               f.source.cancel();
               BOOST_TEST(f.p.emitted.size() == 1u);
             });
  f.run(f.io);
  f.p.complete();
}

BOOST_AUTO_TEST_CASE(emission_that_comes_too_late_finds_nothing)
{
  for (const bool is_called : {true, false})
  {
    fixture f;
    f.p.async_run(bind_cancellation(f.source, f.handler()));
    BOOST_TEST(f.source.cancel() == 1u);
    if (is_called)
      f.p.complete();
    else
      f.p.destroy_handler();
    f.run(f.io);
    BOOST_TEST(f.p.emitted.empty());
    BOOST_TEST(f.call.calls == (is_called ? 1 : 0));
    BOOST_TEST(f.source.cancel() == 0u);
  }
}

BOOST_AUTO_TEST_CASE(slot_of_the_handler_keeps_working)
{
  for (const bool is_outside : {false, true})
  {
    fixture f;
    asio::cancellation_signal signal;
    if (is_outside)
      f.p.async_run(asio::bind_cancellation_slot(
          signal.slot(), bind_cancellation(f.source, f.handler())));
    else
      f.p.async_run(bind_cancellation(
          f.source, asio::bind_cancellation_slot(signal.slot(), f.handler())));
    signal.emit(types::partial);
    BOOST_TEST((f.p.emitted == std::vector{types::partial}));
    f.source.cancel(types::total);
    f.run(f.io);
    signal.emit(types::terminal);
    BOOST_TEST((f.p.emitted ==
                std::vector{types::partial, types::total, types::terminal}));
    BOOST_TEST(!f.call.calls);
    f.p.complete();
    BOOST_TEST(f.call.succeeded());
    signal.emit(types::terminal);
    BOOST_TEST(f.p.emitted.size() == 3u);
  }
}

BOOST_AUTO_TEST_CASE(signal_of_the_handler_may_be_destroyed_first)
{
  fixture f;
  {
    asio::cancellation_signal signal;
    f.p.async_run(bind_cancellation(
        f.source, asio::bind_cancellation_slot(signal.slot(), f.handler())));
  }
  BOOST_TEST(f.source.cancel() == 1u);
  f.run(f.io);
  BOOST_TEST(f.p.emitted.size() == 1u);
  f.p.complete();
}

BOOST_AUTO_TEST_CASE(operation_may_be_bound_to_several_sources)
{
  fixture f;
  toro::cancellation_source second(f.io);
  f.p.async_run(
      bind_cancellation(f.source, bind_cancellation(second, f.handler())));
  BOOST_TEST(f.source.cancel(types::partial) == 1u);
  f.run(f.io);
  BOOST_TEST(second.cancel(types::total) == 1u);
  f.run(f.io);
  BOOST_TEST((f.p.emitted == std::vector{types::partial, types::total}));
  f.p.complete();
  BOOST_TEST(f.call.succeeded());
}

BOOST_AUTO_TEST_CASE(memory_is_of_the_handler_and_free_when_that_is_called)
{
  for (const bool is_outside : {false, true})
  {
    fixture f;
    allocations counts;
    f.call.on_call = [&]
    {
      BOOST_TEST(counts.live == 0u);
    };
    const counting_allocator<int> allocator(counts);
    if (is_outside)
      f.p.async_run(asio::bind_allocator(
          allocator, bind_cancellation(f.source, f.handler())));
    else
      f.p.async_run(bind_cancellation(
          f.source, asio::bind_allocator(allocator, f.handler())));
    BOOST_TEST(counts.made != 0u);
    // An emission that is under way has no memory of the handler.
    f.source.cancel();
    f.p.complete();
    BOOST_TEST(f.call.succeeded());
    f.run(f.io);
    counts.fail = true;
    call_record refused;
    BOOST_CHECK_THROW(
        f.p.async_run(bind_cancellation(
            f.source,
            asio::bind_allocator(allocator, recording_handler(refused)))),
        std::bad_alloc);
    BOOST_TEST(refused.was_dropped());
    BOOST_TEST(f.source.cancel() == 0u);
  }
}

BOOST_AUTO_TEST_CASE(cancel_may_be_called_in_the_handler_and_in_an_emission)
{
  fixture f;
  f.call.on_call = [&]
  {
    BOOST_TEST(f.source.cancel() == 0u);
  };
  f.p.on_emit = [&]
  {
    // The type that is being emitted is not emitted again.
    BOOST_TEST(f.source.cancel() == 1u);
    f.source.cancel(types::partial);
  };
  f.p.async_run(bind_cancellation(f.source, f.handler()));
  f.source.cancel();
  f.run(f.io);
  BOOST_TEST((f.p.emitted == std::vector{types::terminal, types::partial}));
  f.p.complete();
  BOOST_TEST(f.call.succeeded());
}

// It starts cancelled, which is enough.
BOOST_AUTO_TEST_CASE(cancel_does_not_reach_what_is_bound_in_its_emissions)
{
  for (const bool to_child : {false, true})
  {
    fixture f;
    probe second(f.io.get_executor());
    call_record second_call;
    std::optional<toro::cancellation_source> source;
    f.p.on_emit = [&]
    {
      source = to_child ? f.source.child() : f.source;
      second.async_run(
          bind_cancellation(*source, recording_handler(second_call)));
    };
    f.p.async_run(bind_cancellation(f.source, f.handler()));
    std::size_t reached = 0;
    // There the emissions are made within the call.
    asio::post(f.io,
               [&]
               {
                 reached = f.source.cancel();
               });
    f.run(f.io);
    BOOST_TEST(reached == 1u);
    BOOST_TEST(f.p.emitted.size() == 1u);
    BOOST_TEST(second.emitted.size() == 1u);
    f.p.complete();
    second.complete();
    BOOST_TEST(second_call.succeeded());
  }
}

namespace {

// Cancels an operation by the slot of its handler or by the source.
void emit_once(fixture& f, asio::cancellation_signal& signal, bool by_slot)
{
  if (by_slot)
    signal.emit(types::terminal);
  else
    f.source.cancel();
  f.run(f.io);
  BOOST_TEST(f.p.emitted.size() == 1u);
}

} // namespace

BOOST_AUTO_TEST_CASE(handler_may_be_called_or_destroyed_in_an_emission)
{
  for (const bool is_called : {true, false})
  {
    for (const bool by_slot : {true, false})
    {
      fixture f;
      asio::cancellation_signal signal;
      f.p.on_emit = [&]
      {
        f.source.cancel(types::total);
        if (is_called)
          f.p.complete(aborted());
        else
          f.p.destroy_handler();
        f.source = toro::cancellation_source(f.io);
      };
      f.p.async_run(bind_cancellation(
          f.source, asio::bind_cancellation_slot(signal.slot(), f.handler())));
      emit_once(f, signal, by_slot);
      BOOST_TEST(f.call.has(aborted()) == is_called);
      BOOST_TEST(f.call.was_dropped() == !is_called);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_in_the_slot_goes_with_the_operation)
{
  for (const bool in_emission : {true, false})
  {
    fixture f;
    f.call.on_call = [&]
    {
      BOOST_TEST(f.p.in_slot.expired() != in_emission);
    };
    if (in_emission)
      f.p.on_emit = [&]
      {
        f.p.complete();
      };
    f.p.async_run(bind_cancellation(f.source, f.handler()));
    BOOST_TEST(!f.p.in_slot.expired());
    f.source.cancel();
    // An emission that comes too late keeps nothing.
    if (!in_emission)
      f.p.complete();
    BOOST_TEST(f.p.in_slot.expired() != in_emission);
    f.run(f.io);
    BOOST_TEST(f.p.in_slot.expired());
    BOOST_TEST(f.call.succeeded());
    BOOST_TEST(f.p.emitted.size() == (in_emission ? 1u : 0u));
  }
}

BOOST_AUTO_TEST_CASE(operations_may_come_and_go_while_others_are_cancelled)
{
  asio::io_context io;
  toro::cancellation_source source(io);
  probe first(io.get_executor());
  probe second(io.get_executor());
  probe third(io.get_executor());
  probe late(io.get_executor());
  first.on_emit = [&]
  {
    if (first.emitted.size() != 1)
      return;
    second.complete();
    late.async_run(bind_cancellation(source, ignored));
  };
  third.on_emit = [&]
  {
    if (third.emitted.size() == 1)
      BOOST_TEST(source.cancel(types::partial) == 3u);
  };
  for (probe* each : {&first, &second, &third})
    each->async_run(bind_cancellation(source, ignored));
  asio::post(io,
             [&]
             {
               BOOST_TEST(source.cancel() == 2u);
             });
  io.run();
  BOOST_TEST((first.emitted == std::vector{types::terminal, types::partial}));
  BOOST_TEST(second.emitted.empty());
  BOOST_TEST((third.emitted == std::vector{types::terminal, types::partial}));
  BOOST_TEST((late.emitted == std::vector{types::terminal, types::partial}));
  for (probe* each : {&first, &third, &late})
    each->complete();
  BOOST_TEST(source.cancel() == 0u);
}

// The slot is the initiation's until that returns or throws, as for a parallel
// group, whose initiation uses the slot last.
BOOST_AUTO_TEST_CASE(what_is_in_the_slot_stays_until_the_initiation_is_over)
{
  for (const bool throws : {true, false})
  {
    fixture f;
    asio::cancellation_slot slot;
    std::weak_ptr<int> in_slot;
    int emissions = 0;
    const auto fill = [&]
    {
      const auto content = std::make_shared<int>();
      in_slot = content;
      slot.assign(
          [content, &emissions](types)
          {
            ++emissions;
          });
    };
    const auto starts_and_ends = [&](auto handler)
    {
      slot = asio::get_associated_cancellation_slot(handler);
      fill();
      std::move(handler)(error_code());
      BOOST_TEST(!in_slot.expired());
      fill();
      if (throws)
        throw std::runtime_error("start");
    };
    const auto start = [&](auto initiation)
    {
      auto token = bind_cancellation(f.source, f.handler());
      asio::async_initiate<decltype(token), void(error_code)>(initiation,
                                                              token);
    };
    if (throws)
      BOOST_CHECK_THROW(start(starts_and_ends), std::runtime_error);
    else
      start(starts_and_ends);
    BOOST_TEST(in_slot.expired());
    BOOST_TEST(f.call.succeeded());
    // The next operation has that memory, and nothing in its slot.
    std::function<void(error_code)> next;
    f.call = {};
    start(
        [&](auto handler)
        {
          BOOST_TEST((asio::get_associated_cancellation_slot(handler) == slot));
          next = share(std::move(handler));
        });
    BOOST_TEST(f.source.cancel() == 1u);
    for (asio::io_context* each : {&f.io, &f.source_io})
      f.run(*each);
    BOOST_TEST(emissions == 0);
    next({});
  }
}

// The memory of an operation is used again.
BOOST_AUTO_TEST_CASE(memory_of_an_operation_keeps_nothing_of_it)
{
  fixture f;
  toro::event event(f.io);
  // It ends within an emission.
  f.p.on_emit = [&]
  {
    f.p.complete(aborted());
  };
  f.p.async_run(bind_cancellation(f.source, f.handler()));
  f.source.cancel();
  f.run(f.io);
  BOOST_TEST(f.p.emitted.size() == 1u);
  error_code result;
  event.async_wait(bind_cancellation(f.source,
                                     [&](error_code ec)
                                     {
                                       result = ec;
                                     }));
  f.run(f.io);
  BOOST_TEST(result == aborted());
  BOOST_TEST(event.waiters() == 0u);
}

// What its handler's own slot contains does not reach the next operation.
BOOST_AUTO_TEST_CASE(own_slot_of_an_operation_ends_with_it)
{
  fixture f;
  toro::event event(f.io);
  asio::cancellation_signal signal;
  event.async_wait(bind_cancellation(
      f.source, asio::bind_cancellation_slot(signal.slot(), ignored)));
  event.set();
  f.run(f.io);
  f.p.async_run(bind_cancellation(f.source, f.handler()));
  signal.emit(types::terminal);
  f.run(f.io);
  BOOST_TEST(f.p.emitted.empty());
  f.p.complete();
  BOOST_TEST(f.call.succeeded());
}

// The handler is not called before an emission in another thread is over.
BOOST_AUTO_TEST_CASE(end_of_an_operation_waits_for_an_emission)
{
  fixture f;
  std::promise<void> emitting;
  std::atomic<bool> is_ending = false;
  std::atomic<bool> is_over = false;
  f.p.on_emit = [&]
  {
    emitting.set_value();
    while (!is_ending)
      std::this_thread::yield();
    // Gives the other thread many occasions to go on.
    for (int i = 0; i != 2000; ++i)
      std::this_thread::yield();
    is_over = true;
  };
  f.call.on_call = [&]
  {
    BOOST_TEST(is_over.load());
  };
  f.p.async_run(bind_cancellation(f.source, f.handler()));
  f.source.cancel();
  std::thread other(
      [&]
      {
        f.run(f.io);
      });
  emitting.get_future().wait();
  is_ending = true;
  f.p.complete();
  other.join();
  BOOST_TEST(f.call.succeeded());
}

BOOST_AUTO_TEST_CASE(guard_that_is_assigned_has_the_other_type)
{
  fixture f;
  const toro::cancellation_source other(f.io);
  toro::drop_guard guard = other.drop_guard();
  guard = f.source.drop_guard(types::total);
  f.p.async_run(bind_cancellation(f.source, f.handler()));
  guard.reset();
  f.run(f.io);
  BOOST_TEST((f.p.emitted == std::vector{types::total}));
  f.p.complete();
}

// It was not started, but an executor may have thrown and kept it.
BOOST_AUTO_TEST_CASE(operation_whose_initiation_has_thrown_is_not_bound)
{
  fixture f;
  f.p.on_start = []
  {
    throw std::runtime_error("start");
  };
  BOOST_CHECK_THROW(f.p.async_run(bind_cancellation(f.source, f.handler())),
                    std::runtime_error);
  BOOST_TEST(f.source.cancel() == 0u);
  f.run(f.io);
  BOOST_TEST(f.p.emitted.empty());
  BOOST_TEST(!f.p.in_slot.expired());
  f.p.complete();
  BOOST_TEST(f.p.in_slot.expired());
  BOOST_TEST(f.call.succeeded());
}

// The memory goes with the handler, which may be gone before the emission has
// returned.
BOOST_AUTO_TEST_CASE(memory_is_free_when_an_emission_calls_or_drops_the_handler)
{
  for (const bool is_called : {true, false})
  {
    for (const bool by_slot : {true, false})
    {
      fixture f;
      asio::cancellation_signal signal;
      auto counts = std::make_unique<allocations>();
      f.p.on_emit = [&]
      {
        f.source.cancel(types::total);
        BOOST_TEST(counts->live != 0u);
        f.call.on_call = [&]
        {
          BOOST_TEST(counts->live == 0u);
        };
        if (is_called)
          f.p.complete(aborted());
        else
          f.p.destroy_handler();
        BOOST_TEST(counts->live == 0u);
        counts.reset();
      };
      f.p.async_run(bind_cancellation(
          f.source, asio::bind_allocator(counting_allocator<int>(*counts),
                                         asio::bind_cancellation_slot(
                                             signal.slot(), f.handler()))));
      emit_once(f, signal, by_slot);
      BOOST_TEST(f.call.has(aborted()) == is_called);
      BOOST_TEST(f.call.was_dropped() == !is_called);
    }
  }
}

BOOST_AUTO_TEST_CASE(exception_of_an_emission_leaves_the_operation_in_place)
{
  fixture f;
  f.p.on_emit = []
  {
    throw std::runtime_error("emission");
  };
  f.p.async_run(bind_cancellation(f.source, f.handler()));
  f.source.cancel();
  BOOST_CHECK_THROW(f.run(f.io), std::runtime_error);
  f.p.on_emit = [] {};
  BOOST_TEST(f.source.cancel() == 1u);
  f.run(f.io);
  BOOST_TEST(f.p.emitted.size() == 2u);
  f.p.complete();
  BOOST_TEST(f.call.succeeded());
}

BOOST_AUTO_TEST_CASE(executor_that_throws_does_not_hold_back_the_others)
{
  fixture f;
  planned_throws throws;
  const throwing_executor thrower(f.io, throws);
  probe second(f.io.get_executor());
  f.p.async_run(asio::bind_executor(any_executor(thrower),
                                    bind_cancellation(f.source, f.handler())));
  second.async_run(bind_cancellation(f.source, ignored));
  throws.left = 1;
  BOOST_CHECK_THROW(f.source.cancel(), std::domain_error);
  BOOST_TEST(f.source.cancelled());
  f.run(f.io);
  BOOST_TEST(f.p.emitted.empty());
  BOOST_TEST(second.emitted.size() == 1u);
  BOOST_TEST(f.source.cancel() == 2u);
  f.run(f.io);
  BOOST_TEST(f.p.emitted.size() == 1u);
  f.p.complete();
  second.complete();
  // An operation that starts cancelled has started all the same.
  throws.left = 1;
  call_record late;
  f.p.emitted.clear();
  f.p.async_run(asio::bind_executor(
      any_executor(thrower),
      bind_cancellation(f.source, recording_handler(late))));
  f.run(f.io);
  BOOST_TEST(f.p.emitted.empty());
  BOOST_TEST(f.source.cancel() == 1u);
  f.run(f.io);
  BOOST_TEST(f.p.emitted.size() == 1u);
  f.p.complete();
  BOOST_TEST(late.succeeded());
}

BOOST_AUTO_TEST_CASE(executor_may_destroy_an_emission)
{
  fixture f;
  bool drops = true;
  const scripted_executor ex(
      std::shared_ptr<asio::io_context>(&f.io, [](auto*) {}),
      [&](task what)
      {
        if (!drops)
          what();
      });
  f.p.async_run(asio::bind_executor(any_executor(ex),
                                    bind_cancellation(f.source, f.handler())));
  BOOST_TEST(f.source.cancel() == 1u);
  BOOST_TEST(f.p.emitted.empty());
  drops = false;
  BOOST_TEST(f.source.cancel() == 1u);
  BOOST_TEST(f.p.emitted.size() == 1u);
  f.p.complete();
}

BOOST_AUTO_TEST_CASE(child_is_cancelled_with_its_parent_and_not_the_other_way)
{
  fixture f;
  toro::cancellation_source child = f.source.child();
  toro::cancellation_source grandchild = child.child();
  toro::cancellation_source sibling = f.source.child();
  probe inner(f.io.get_executor());
  f.p.async_run(bind_cancellation(f.source, f.handler()));
  inner.async_run(bind_cancellation(grandchild, ignored));
  BOOST_TEST(child.cancel(types::total) == 1u);
  BOOST_TEST(child.cancelled());
  BOOST_TEST(grandchild.cancelled());
  BOOST_TEST(!f.source.cancelled());
  BOOST_TEST(!sibling.cancelled());
  f.run(f.io);
  BOOST_TEST(f.p.emitted.empty());
  BOOST_TEST(inner.emitted.size() == 1u);
  BOOST_TEST(f.source.cancel() == 2u);
  BOOST_TEST(sibling.cancelled());
  f.run(f.io);
  f.p.complete();
  inner.complete();
  inner.emitted.clear();
  inner.async_run(bind_cancellation(grandchild, ignored));
  f.run(f.io);
  BOOST_TEST((inner.emitted == std::vector{types::total | types::terminal}));
  inner.complete();
  BOOST_TEST(f.source.child().child().cancelled());
}

BOOST_AUTO_TEST_CASE(parent_reaches_through_children_whose_handles_are_gone)
{
  fixture f;
  f.p.async_run(bind_cancellation(f.source.child().child(), f.handler()));
  BOOST_TEST(f.source.cancel() == 1u);
  f.run(f.io);
  BOOST_TEST(f.p.emitted.size() == 1u);
  f.source = toro::cancellation_source(f.io);
  f.p.complete();
  BOOST_TEST(f.call.succeeded());
}

BOOST_AUTO_TEST_CASE(chain_of_children_may_be_long)
{
  fixture f;
  toro::cancellation_source last = f.source;
  for (int i = 0; i < 20'000; ++i)
    last = last.child();
  BOOST_TEST(!last.cancelled());
  f.p.async_run(bind_cancellation(last, f.handler()));
  BOOST_TEST(f.source.cancel() == 1u);
  BOOST_TEST(last.cancelled());
  f.run(f.io);
  BOOST_TEST(f.p.emitted.size() == 1u);
  f.p.complete();
}

TORO_TEST_CASE_TEMPLATE(waits_succeed_when_the_source_is_cancelled, Threading,
                        policies)
{
  world w;
  toro::basic_cancellation_source<any_executor, Threading> source(w.context());
  auto child = source.child();
  source.async_wait(w.on("a"));
  child.async_wait(1s, w.on("b"));
  child.async_wait(3s, w.on("c"));
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(source.waiters() == 1u);
  BOOST_TEST(child.waiters() == 2u);
  BOOST_TEST(w.advance(2s) == "b:TO");
  BOOST_TEST(source.cancel(types::partial) == 0u);
  BOOST_TEST(w.poll() == "a c");
  source.async_wait(w.on("d"));
  child.async_wait(-1s, w.on("e"));
  auto late_child = source.child();
  late_child.async_wait(w.on("f"));
  BOOST_TEST(w.poll() == "d e f");
}

BOOST_AUTO_TEST_CASE(last_handle_ends_the_waits)
{
  world w;
  std::optional<toro::cancellation_source> source(w.context());
  std::optional<toro::cancellation_source> copy(*source);
  toro::cancellation_source child = source->child();
  source->async_wait(w.on("a"));
  child.async_wait(w.on("b"));
  source.reset();
  BOOST_TEST(w.poll() == "");
  copy.reset();
  BOOST_TEST(w.poll() == "a:AB");
  BOOST_TEST(!child.cancelled());
  child = toro::cancellation_source(w.context());
  BOOST_TEST(w.poll() == "b:AB");
}

BOOST_AUTO_TEST_CASE(drop_guard_cancels_at_the_end_of_a_scope)
{
  fixture f;
  toro::cancellation_source kept(f.io);
  {
    const toro::drop_guard guard = f.source.drop_guard(types::partial);
    BOOST_TEST(static_cast<bool>(guard));
    toro::drop_guard other(kept);
    toro::drop_guard moved(std::move(other));
    BOOST_TEST(!other);
    moved.detach();
    BOOST_TEST(!moved);
    f.p.async_run(bind_cancellation(f.source, f.handler()));
    BOOST_TEST(!f.source.cancelled());
  }
  BOOST_TEST(f.source.cancelled());
  BOOST_TEST(!kept.cancelled());
  f.run(f.io);
  BOOST_TEST((f.p.emitted == std::vector{types::partial}));
  toro::drop_guard guard(kept);
  guard = toro::drop_guard();
  BOOST_TEST(kept.cancelled());
  f.p.complete();
}

#if defined(__cpp_lib_jthread)
BOOST_AUTO_TEST_CASE(source_follows_a_stop_token)
{
  fixture f;
  std::stop_source stop;
  std::optional<toro::cancellation_source> source(std::in_place, f.io,
                                                  stop.get_token());
  toro::cancellation_source child = source->child();
  toro::cancellation_source late(f.source_io);
  f.p.async_run(bind_cancellation(child, f.handler()));
  // The operations and children still follow it then.
  source.reset();
  BOOST_TEST(stop.request_stop());
  BOOST_TEST(child.cancelled());
  f.run(f.io);
  BOOST_TEST((f.p.emitted == std::vector{types::terminal}));
  f.p.complete();
  BOOST_TEST(
      toro::cancellation_source(f.io, stop.get_token()).child().cancelled());
  BOOST_TEST(!toro::cancellation_source(f.io, std::stop_token()).cancelled());
}

BOOST_AUTO_TEST_CASE(stop_token_cancels_operations)
{
  fixture f;
  std::stop_source stop;
  const auto ex = f.other.get_executor();
  f.p.async_run(bind_cancellation(stop.get_token(), f.handler()));
  probe second(f.io.get_executor());
  second.async_run(
      asio::bind_executor(ex, bind_cancellation(stop.get_token(), ignored)));
  probe ended(f.io.get_executor());
  ended.async_run(bind_cancellation(stop.get_token(), ignored));
  ended.complete();
  probe never(f.io.get_executor());
  never.async_run(bind_cancellation(std::stop_token(), ignored));
  stop.request_stop();
  f.run(f.io);
  BOOST_TEST((f.p.emitted == std::vector{types::terminal}));
  BOOST_TEST(second.emitted.empty());
  f.run(f.other);
  BOOST_TEST((second.emitted == std::vector{types::terminal}));
  BOOST_TEST(ended.emitted.empty());
  BOOST_TEST(never.emitted.empty());
  ended.async_run(bind_cancellation(stop.get_token(), ignored));
  f.run(f.io);
  BOOST_TEST((ended.emitted == std::vector{types::terminal}));
  for (probe* p : {&f.p, &second, &ended, &never})
    p->complete();
  // An initiation without an executor.
  auto token =
      asio::bind_executor(ex, bind_cancellation(stop.get_token(), ignored));
  asio::async_initiate<decltype(token), void(error_code)>(
      [&](auto handler)
      {
        f.p.emitted.clear();
        f.p.async_run(std::move(handler));
      },
      token);
  f.run(f.other);
  BOOST_TEST((f.p.emitted == std::vector{types::terminal}));
  f.p.complete();
}
#endif

BOOST_AUTO_TEST_CASE(objects_may_be_destroyed_in_any_order)
{
  enum
  {
    the_source,
    the_operation,
    the_context,
    end
  };
  for (const bool cancels : {false, true})
  {
    for (int first = 0; first != end; ++first)
    {
      for (int second = 0; second != end; ++second)
      {
        auto io = std::make_unique<asio::io_context>();
        auto source = std::make_unique<toro::cancellation_source>(*io);
        auto child =
            std::make_unique<toro::cancellation_source>(source->child());
        auto timer = std::make_unique<asio::steady_timer>(
            *io, asio::steady_timer::time_point::max());
        auto kept = std::make_shared<int>();
        const std::weak_ptr<int> handler = kept;
        call_record woken;
        timer->async_wait(asio::bind_executor(
            asio::make_strand(*io),
            bind_cancellation(*child,
                              [kept = std::move(kept)](error_code) {})));
        child->async_wait(recording_handler(woken));
        asio::co_spawn(*io, wait_forever(*io),
                       bind_cancellation(*source,
                                         [keeps = *source](std::exception_ptr)
                                         {
                                           static_cast<void>(keeps);
                                         }));
        io->poll();
        if (cancels)
          source->cancel();
        for (const int which : {first, second, 0, 1, 2})
        {
          if (which == the_source)
          {
            source.reset();
            child.reset();
          }
          else if (which == the_operation)
          {
            timer.reset();
          }
          else
          {
            timer.reset();
            io.reset();
          }
        }
        BOOST_TEST(handler.expired());
        BOOST_TEST(woken.was_dropped());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(source_serves_other_contexts_after_its_own_is_gone)
{
  asio::io_context io;
  probe p(io.get_executor());
  auto own = std::make_unique<asio::io_context>();
  toro::cancellation_source source(*own);
  own.reset();
  p.async_run(bind_cancellation(source, ignored));
  BOOST_TEST(source.cancel() == 1u);
  io.poll();
  BOOST_TEST(p.emitted.size() == 1u);
  p.complete();
  call_record call;
  auto token = bind_cancellation(source, recording_handler(call));
  asio::async_initiate<decltype(token), void(error_code)>(
      [&](auto handler)
      {
        p.async_run(std::move(handler));
      },
      token);
  BOOST_TEST(call.was_dropped());
}

BOOST_AUTO_TEST_CASE(tokens_of_all_kinds_can_be_bound)
{
  world w;
  toro::cancellation_source source(w.context());
  asio::steady_timer timer(w.context(), asio::steady_timer::time_point::max());
  const auto is_aborted = [](auto function)
  {
    return throws_code(function, aborted());
  };
  auto future = timer.async_wait(bind_cancellation(source, asio::use_future));
  auto operation = timer.async_wait(bind_cancellation(source, asio::deferred));
  static_assert(std::is_copy_constructible_v<decltype(operation)>);
  operation(w.on("deferred"));
  std::move(operation)(w.on("again"));
  asio::co_spawn(
      w.context(),
      [&]() -> asio::awaitable<void>
      {
        auto [ec] = co_await timer.async_wait(
            bind_cancellation(source, asio::as_tuple(asio::use_awaitable)));
        BOOST_TEST((ec == aborted()));
        auto [later] = co_await timer.async_wait(
            asio::as_tuple(bind_cancellation(source, asio::use_awaitable)));
        BOOST_TEST((later == aborted()));
        w.note("coroutine");
      },
      asio::detached);
  asio::spawn(
      w.context(),
      [&](asio::yield_context yield)
      {
        error_code ec;
        timer.async_wait(bind_cancellation(source, yield[ec]));
        BOOST_TEST((ec == aborted()));
        w.note("fiber");
      },
      asio::detached);
  async_wait_for_it(timer, bind_cancellation(source, w.on("composed")));
  asio::experimental::make_parallel_group(
      timer.async_wait(bind_cancellation(source, asio::deferred)),
      timer.async_wait(asio::deferred))
      .async_wait(asio::experimental::wait_for_one(),
                  [&](auto order, error_code, error_code)
                  {
                    BOOST_TEST(order[0] == 0u);
                    w.note("group");
                  });
  w.poll();
  BOOST_TEST(source.cancel() == 7u);
  BOOST_TEST(w.run() == "deferred:AB again:AB composed:AB fiber group "
                        "coroutine");
  BOOST_TEST(is_aborted(
      [&]
      {
        future.get();
      }));
}

BOOST_AUTO_TEST_CASE(source_shows_its_state)
{
  world w;
  toro::cancellation_source source(w.context());
  source.set_name("shutdown");
  source.async_wait(w.on("a"));
  BOOST_TEST(to_string(source) == "<cancellation_source active waiters[1]>");
  std::ostringstream out;
  source.dump(out);
  BOOST_TEST(out.str() ==
             "<cancellation_source active waiters[1]> \"shutdown\"\n"
             "  async_wait, no deadline\n");
  source.cancel();
  out.str("");
  out << source;
  BOOST_TEST(out.str() == "<cancellation_source cancelled>");
  BOOST_TEST(w.poll() == "a");
}

BOOST_AUTO_TEST_CASE(handle_can_be_moved_from_another_type_of_executor)
{
  world w;
  toro::basic_cancellation_source<io_executor> native(
      w.context().get_executor());
  auto copy = native;
  toro::cancellation_source general(std::move(native));
  general.async_wait(w.on("a"));
  copy.cancel();
  BOOST_TEST(general.cancelled());
  BOOST_TEST((general.get_executor() == w.context().get_executor()));
  BOOST_TEST(w.poll() == "a");
}

BOOST_AUTO_TEST_SUITE_END()
