// SPDX-License-Identifier: BSL-1.0
#include <toro/async_result.hpp>
#include <toro/barrier.hpp>
#include <toro/bind_name.hpp>
#include <toro/condition.hpp>
#include <toro/diagnostics.hpp>
#include <toro/first_of.hpp>
#include <toro/latch.hpp>
#include <toro/priority_queue.hpp>
#include <toro/queue.hpp>
#include <toro/rw_lock.hpp>
#include <toro/semaphore.hpp>
#include <toro/task_group.hpp>

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/spawn.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <new>
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
#include "support/scripted_executor.hpp"
#include "support/throwing_executor.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_first_of)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;
using asio::deferred;
using boost::system::error_code;
using toro::async_first_of;

using shared = toro::thread_safe;

std::string shown_result(const error_code& ec)
{
  return ec ? outcome_of(ec) : ":ok";
}

template <class T>
std::string shown_result(const T& value)
{
  return shown(value);
}

// Notes "won 1 :AB =0 :ok =7".
class noting_handler
{
public:
  explicit noting_handler(recorder& records)
    : inner_(records.on("won"))
  {
  }

  template <class... Results>
  void operator()(std::size_t index, Results... results)
  {
    std::string text = std::to_string(index);
    ((text += " " + shown_result(results)), ...);
    inner_(error_code(), text);
  }

private:
  decltype(std::declval<recorder&>().on("")) inner_;
};

noting_handler noting(recorder& records)
{
  return noting_handler(records);
}

// How many allocations succeed before one fails, and how many are in use.
struct fuse
{
  std::size_t left;
  std::size_t live = 0;
};

template <class T>
struct fused_allocator
{
  using value_type = T;

  explicit fused_allocator(fuse& f) noexcept
    : of(&f)
  {
  }

  template <class U>
  fused_allocator(const fused_allocator<U>& other) noexcept
    : of(other.of)
  {
  }

  T* allocate(std::size_t n)
  {
    if (of->left-- == 0)
      throw std::bad_alloc();
    ++of->live;
    return std::allocator<T>().allocate(n);
  }

  void deallocate(T* place, std::size_t n) noexcept
  {
    --of->live;
    std::allocator<T>().deallocate(place, n);
  }

  template <class U>
  bool operator==(const fused_allocator<U>& other) const noexcept
  {
    return of == other.of;
  }

  fuse* of;
};

// Operations that end when the test says so, whatever is cancelled.
class held_operations
{
public:
  template <class CompletionToken>
  auto async_hold(CompletionToken&& token)
  {
    return asio::async_initiate<CompletionToken, void(error_code)>(
        [this](auto handler)
        {
          auto slot = asio::get_associated_cancellation_slot(handler);
          if (slot.is_connected())
            slot.assign(
                [this](asio::cancellation_type_t)
                {
                  on_cancel();
                });
          ends_.push_back(
              [own = std::make_shared<decltype(handler)>(std::move(handler))](
                  error_code ec)
              {
                std::move (*own)(ec);
              });
        },
        token);
  }

  void end(error_code ec = {})
  {
    const auto ends = std::exchange(ends_, {});
    for (const auto& each : ends)
      each(ec);
  }

  std::size_t size() const
  {
    return ends_.size();
  }

  void drop()
  {
    ends_.clear();
  }

  // Called when an operation is cancelled.
  std::function<void()> on_cancel = [] {};

private:
  std::vector<std::function<void(error_code)>> ends_;
};

// Throws before it is initiated, so that no handler is destroyed.
struct throwing_operand
{
  struct initiation
  {
    template <class Handler>
    void operator()(Handler&&) const
    {
    }
  };

  template <class Token>
  using result = decltype(asio::async_initiate<Token, void(error_code)>(
      initiation(), std::declval<std::decay_t<Token>&>()));

  template <class Token>
  result<Token> operator()(Token&&) &&
  {
    throw std::bad_alloc();
  }
};

// Has a result without a default constructor.
struct odd_result
{
  explicit odd_result(int n)
    : number(n)
  {
  }

  int number;
};

std::string shown_result(const std::optional<odd_result>& value)
{
  return value ? "odd" + std::to_string(value->number) : "none";
}

template <class CompletionToken>
auto async_odd(asio::io_context& io, CompletionToken&& token)
{
  return asio::async_initiate<CompletionToken, void(odd_result)>(
      [&io](auto handler)
      {
        asio::post(io,
                   [own = std::move(handler)]() mutable
                   {
                     std::move(own)(odd_result(5));
                   });
      },
      token);
}

// Gets an item, and then waits for an event.
template <class Queue, class Event, class CompletionToken>
auto async_get_then_wait(Queue& q, Event& e, int& got, CompletionToken&& token)
{
  return asio::async_compose<CompletionToken, void(error_code)>(
      [&q, &e, &got, step = 0](auto& self, error_code ec = {},
                               int item = 0) mutable
      {
        switch (step++)
        {
        case 0:
          return q.async_get(std::move(self));
        case 1:
          if (ec)
            return self.complete(ec);
          got = item;
          return e.async_wait(std::move(self));
        default:
          self.complete(ec);
        }
      },
      token, q);
}

} // namespace

TORO_TEST_CASE_TEMPLATE(first_to_complete_ends_the_others, Threading, policies)
{
  world w;
  queue_of<int, Threading> a(w.context());
  queue_of<int, Threading> b(w.context());
  async_first_of(a.async_get(deferred), b.async_get(deferred), noting(w));
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(a.getters() == 1u);
  BOOST_TEST(b.getters() == 1u);
  BOOST_TEST(b.try_put(7));
  BOOST_TEST(w.poll() == "won=1 :AB =0 :ok =7");
  BOOST_TEST(a.getters() == 0u);
  BOOST_TEST(b.empty());
}

TORO_TEST_CASE_TEMPLATE(operand_that_completes_immediately_wins_by_order,
                        Threading, policies)
{
  world w;
  queue_of<int, Threading> a(w.context());
  queue_of<int, Threading> b(w.context());
  queue_of<int, Threading> c(w.context());
  BOOST_TEST(b.try_put(1));
  BOOST_TEST(c.try_put(2));
  async_first_of(a.async_get(deferred), b.async_get(deferred),
                 c.async_get(deferred), noting(w));
  // The third was not even started.
  BOOST_TEST(b.size() == 0u);
  BOOST_TEST(c.size() == 1u);
  BOOST_TEST(w.poll() == "won=1 :AB =0 :ok =1 :AB =0");
  BOOST_TEST(c.size() == 1u);
  BOOST_TEST(a.getters() == 0u);
}

TORO_TEST_CASE_TEMPLATE(grants_that_are_refused_go_back, Threading, policies)
{
  world w;
  queue_of<int, Threading> a(w.context());
  queue_of<int, Threading> b(w.context());
  async_first_of(a.async_get(deferred), b.async_get(deferred), noting(w));
  BOOST_TEST(b.try_put(2));
  BOOST_TEST(a.try_put(1));
  BOOST_TEST(a.empty());
  BOOST_TEST(b.empty());
  BOOST_TEST(w.poll() == "won=1 :AB =0 :ok =2");
  BOOST_TEST(a.size() == 1u);
  BOOST_TEST(a.try_get().value() == 1);
}

BOOST_AUTO_TEST_CASE(refused_grant_goes_to_the_next_waiter)
{
  world w;
  queue_of<int, shared> a(w.context());
  lock_of<shared> l(w.context());
  auto held = l.try_acquire();
  async_first_of(a.async_get(deferred), l.async_acquire(deferred), noting(w));
  l.async_acquire(w.on("next"));
  BOOST_TEST(a.try_put(1));
  held.reset();
  BOOST_TEST(w.poll() == "won=0 :ok =1 :AB  next");
  BOOST_TEST(!l.locked());
}

BOOST_AUTO_TEST_CASE(each_kind_of_grant_can_be_refused)
{
  world w;
  queue_of<int, shared> a(w.context());
  semaphore_of<shared> s(w.context(), 2);
  rw_lock_of<shared> rw(w.context());
  condition_of<shared> c(w.context());
  event_of<shared> e(w.context());
  auto permit = s.try_acquire(2);
  auto reader = rw.try_acquire_read();
  async_first_of(a.async_get(deferred), s.async_acquire(2, deferred),
                 rw.async_acquire_write(deferred), c.async_wait(deferred),
                 e.async_wait(deferred), noting(w));
  c.async_wait(w.on("notified"));
  BOOST_TEST(a.try_put(1));
  permit.reset();
  reader.reset();
  c.notify();
  e.set();
  BOOST_TEST(w.poll() == "won=0 :ok =1 :AB  :AB  :AB :AB notified");
  BOOST_TEST(s.value() == 2u);
  BOOST_TEST(!rw.locked());
}

BOOST_AUTO_TEST_CASE(refused_grant_takes_nothing_more)
{
  world w;
  semaphore_of<shared> first(w.context(), 0);
  // Its cancellation comes after its delivery.
  semaphore_of<toro::strand_bound> second(
      any_executor(asio::make_strand(w.context())), 0);
  async_first_of(first.async_acquire(deferred),
                 second.async_acquire_some(1, 5, deferred), noting(w));
  first.release();
  second.release(3);
  BOOST_TEST(w.poll() == "won=0 :ok  :AB ");
  BOOST_TEST(second.value() == 3u);
}

BOOST_AUTO_TEST_CASE(error_wins_as_well)
{
  world w;
  queue_of<int, shared> a(w.context());
  queue_of<int, shared> b(w.context());
  async_first_of(a.async_get(deferred), b.async_get(deferred), noting(w));
  b.close();
  BOOST_TEST(w.poll() == "won=1 :AB =0 :closed =0");
  async_first_of(a.async_get(deferred), b.async_get(deferred), noting(w));
  BOOST_TEST(w.poll() == "won=1 :AB =0 :closed =0");
  BOOST_TEST(a.getters() == 0u);
}

BOOST_AUTO_TEST_CASE(operand_that_fails_beside_one_that_was_granted)
{
  world w;
  queue_of<int, shared> a(w.context());
  queue_of<int, shared> b(w.context());
  async_first_of(a.async_get(deferred), b.async_get(deferred), noting(w));
  b.close();
  BOOST_TEST(a.try_put(1));
  BOOST_TEST(w.poll() == "won=1 :AB =0 :closed =0");
  BOOST_TEST(a.size() == 1u);
}

BOOST_AUTO_TEST_CASE(operands_have_deadlines)
{
  world w;
  queue_of<int, shared> a(w.context());
  queue_of<int, shared> b(w.context());
  async_first_of(a.async_get(2s, deferred), b.async_get(1s, deferred),
                 noting(w));
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(w.advance(1s) == "won=1 :AB =0 :TO =0");
  BOOST_TEST(w.advance(1s) == "");
  async_first_of(a.async_get(-1s, deferred), b.async_get(deferred), noting(w));
  BOOST_TEST(b.getters() == 0u);
  BOOST_TEST(w.poll() == "won=0 :TO =0 :AB =0");
  // The clock that passes a deadline does not take back what was granted.
  async_first_of(a.async_get(1s, deferred), b.async_get(1s, deferred),
                 noting(w));
  BOOST_TEST(b.try_put(3));
  BOOST_TEST(w.advance(2s) == "won=1 :AB =0 :ok =3");
  BOOST_TEST(w.clock.pending() == 0u);
}

// The type of a conditional does not tell which of its operations starts.
TORO_TEST_CASE_TEMPLATE(operand_may_choose_its_operation, Threading, policies)
{
  for (const bool has_deadline : {false, true})
  {
    world w;
    queue_of<int, Threading> a(w.context());
    queue_of<int, Threading> b(w.context());
    async_first_of(deferred.when(has_deadline)
                       .then(a.async_get(1s, deferred))
                       .otherwise(a.async_get(deferred)),
                   b.async_get(deferred), noting(w));
    BOOST_TEST(w.poll() == "");
    BOOST_TEST(w.advance(1s) == (has_deadline ? "won=0 :TO =0 :AB =0" : ""));
    BOOST_TEST(a.try_put(7));
    BOOST_TEST(w.poll() == (has_deadline ? "" : "won=0 :ok =7 :AB =0"));
    BOOST_TEST(a.waiters() + b.waiters() == 0u);
  }
}

TORO_TEST_CASE_TEMPLATE(put_stores_its_item_at_its_commit, Threading, policies)
{
  world w;
  queue_of<int, Threading> a(w.context());
  queue_of<int, Threading> b(w.context(), 1);
  async_first_of(a.async_get(deferred), b.async_put(5, deferred), noting(w));
  BOOST_TEST(b.size() == 0u);
  BOOST_TEST(b.full());
  BOOST_TEST(b.unfinished() == 0u);
  BOOST_TEST(!b.try_put(6));
  BOOST_TEST(!b.try_get().has_value());
  BOOST_TEST(w.poll() == "won=1 :AB =0 :ok");
  BOOST_TEST(b.size() == 1u);
  BOOST_TEST(b.unfinished() == 1u);
  BOOST_TEST(b.try_get().value() == 5);
}

BOOST_AUTO_TEST_CASE(refused_put_gives_its_room_back)
{
  world w;
  queue_of<int, shared> a(w.context());
  queue_of<int, shared> b(w.context(), 1);
  BOOST_TEST(b.try_put(1));
  async_first_of(a.async_get(deferred), b.async_put(5, deferred), noting(w));
  BOOST_TEST(b.putters() == 1u);
  b.async_put(6, w.on("put"));
  BOOST_TEST(a.try_put(1));
  // The blocked put has room now.
  BOOST_TEST(b.try_get().value() == 1);
  BOOST_TEST(b.size() == 0u);
  BOOST_TEST(b.putters() == 1u);
  BOOST_TEST(w.poll() == "won=0 :ok =1 :AB put");
  BOOST_TEST(b.size() == 1u);
  BOOST_TEST(b.unfinished() == 2u);
  BOOST_TEST(b.try_get().value() == 6);
}

TORO_TEST_CASE_TEMPLATE(get_lets_a_put_of_the_same_queue_in, Threading,
                        policies)
{
  world w;
  queue_of<int, Threading> a(w.context(), 1);
  BOOST_TEST(a.try_put(1));
  async_first_of(a.async_put(2, deferred), a.async_get(deferred), noting(w));
  BOOST_TEST(w.poll() == "won=0 :ok :AB =0");
  // The item of the get has returned to its position.
  BOOST_TEST(a.size() == 2u);
  BOOST_TEST(!a.try_put(3));
  BOOST_TEST(a.try_get().value() == 1);
  BOOST_TEST(a.try_get().value() == 2);
  BOOST_TEST(a.putters() + a.getters() == 0u);
}

BOOST_AUTO_TEST_CASE(waiting_get_gets_the_item_of_a_put_that_won)
{
  world w;
  queue_of<int, shared> a(w.context());
  queue_of<int, shared> b(w.context());
  b.async_get(w.on("get"));
  async_first_of(a.async_get(deferred), b.async_put(5, deferred), noting(w));
  BOOST_TEST(b.getters() == 1u);
  b.close();
  BOOST_TEST(w.poll() == "get=5 won=1 :AB =0 :ok");
}

BOOST_AUTO_TEST_CASE(get_ends_with_closed_once_a_put_was_refused)
{
  world w;
  queue_of<int, shared> a(w.context());
  queue_of<int, shared> b(w.context(), 1);
  BOOST_TEST(b.try_put(1));
  async_first_of(a.async_get(deferred), b.async_put(5, deferred), noting(w));
  BOOST_TEST(a.try_put(1));
  BOOST_TEST(b.try_get().value() == 1);
  b.close();
  b.async_get(w.on("get"));
  BOOST_TEST(b.getters() == 1u);
  BOOST_TEST(w.poll() == "won=0 :ok =1 :AB get:closed");
}

BOOST_AUTO_TEST_CASE(late_put_has_the_position_of_its_start)
{
  world w;
  queue_of<int, shared> a(w.context());
  queue_of<int, shared> b(w.context());
  priority_of<int, shared> p(w.context());
  async_first_of(b.async_put(1, deferred), noting(w));
  BOOST_TEST(b.try_put(2));
  async_first_of(p.async_put(2, deferred), noting(w));
  BOOST_TEST(p.try_put(3));
  BOOST_TEST(p.try_put(1));
  BOOST_TEST(w.poll() == "won=0 :ok won=0 :ok");
  BOOST_TEST(b.try_get().value() == 1);
  BOOST_TEST(b.try_get().value() == 2);
  BOOST_TEST(p.try_get().value() == 1);
  BOOST_TEST(p.try_get().value() == 2);
}

BOOST_AUTO_TEST_CASE(cancel_of_the_object_revokes_a_promised_put)
{
  world w;
  queue_of<int, shared> b(w.context(), 1);
  async_first_of(b.async_put(1, deferred), noting(w));
  BOOST_TEST(b.cancel() == 1u);
  BOOST_TEST(!b.full());
  BOOST_TEST(w.poll() == "won=0 :AB");
  BOOST_TEST(b.empty());
  BOOST_TEST(b.unfinished() == 0u);
}

TORO_TEST_CASE_TEMPLATE(composed_operand_takes_no_claim, Threading, policies)
{
  world w;
  queue_of<int, Threading> a(w.context());
  event_of<Threading> e(w.context());
  queue_of<int, Threading> b(w.context());
  int got = 0;
  async_first_of(async_get_then_wait(a, e, got, deferred),
                 b.async_get(deferred), noting(w));
  BOOST_TEST(a.try_put(1));
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(got == 1);
  BOOST_TEST(b.try_put(2));
  BOOST_TEST(w.poll() == "won=1 :AB :ok =2");
  async_first_of(async_get_then_wait(a, e, got, deferred),
                 b.async_get(deferred), noting(w));
  BOOST_TEST(a.try_put(3));
  e.set();
  BOOST_TEST(w.poll() == "won=0 :ok :AB =0");
  BOOST_TEST(got == 3);
  BOOST_TEST(b.getters() == 0u);
}

BOOST_AUTO_TEST_CASE(coroutine_operand_takes_no_claim)
{
  world w;
  queue_of<int, shared> a(w.context());
  event_of<shared> e(w.context());
  queue_of<int, shared> b(w.context());
  const auto body = [&]() -> asio::awaitable<void>
  {
    co_await a.async_get(asio::use_awaitable);
    co_await e.async_wait(asio::use_awaitable);
  };
  std::size_t index = 9;
  async_first_of(
      asio::co_spawn(w.context(), body(), deferred), b.async_get(deferred),
      [&](std::size_t i, std::exception_ptr failure, error_code ec, int item)
      {
        index = i;
        BOOST_TEST(!!failure);
        BOOST_TEST(!ec);
        BOOST_TEST(item == 2);
      });
  BOOST_TEST(a.try_put(1));
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(a.empty());
  BOOST_TEST(index == 9u);
  BOOST_TEST(b.try_put(2));
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(index == 1u);
}

BOOST_AUTO_TEST_CASE(operand_behind_an_adapter_is_a_foreign_one)
{
  world w;
  queue_of<int, shared> a(w.context());
  queue_of<int, shared> b(w.context());
  async_first_of(a.async_get(asio::bind_executor(w.context(), deferred)),
                 b.async_get(deferred), noting(w));
  BOOST_TEST(a.try_put(1));
  BOOST_TEST(w.poll() == "won=0 :ok =1 :AB =0");
  BOOST_TEST(b.getters() == 0u);
}

BOOST_AUTO_TEST_CASE(nested_operands_share_the_claim)
{
  world w;
  queue_of<int, shared> a(w.context());
  queue_of<int, shared> b(w.context());
  queue_of<int, shared> c(w.context());
  const auto start = [&]
  {
    async_first_of(
        async_first_of(a.async_get(deferred), b.async_get(deferred), deferred),
        c.async_get(deferred), noting(w));
  };
  start();
  BOOST_TEST(c.try_put(3));
  BOOST_TEST(a.try_put(1));
  BOOST_TEST(w.poll() == "won=1 =0 :AB =0 :AB =0 :ok =3");
  BOOST_TEST(a.size() == 1u);
  start();
  // The inner one completes immediately, so that the last is not started.
  BOOST_TEST(c.getters() == 0u);
  BOOST_TEST(w.poll() == "won=0 =0 :ok =1 :AB =0 :AB =0");
  start();
  BOOST_TEST(b.try_put(2));
  BOOST_TEST(c.try_put(3));
  BOOST_TEST(w.poll() == "won=0 =1 :AB =0 :ok =2 :AB =0");
  BOOST_TEST(c.size() == 1u);
}

// The first result of an async_first_of is no error code.
// The last operand may end in another context.
TORO_TEST_CASE_TEMPLATE(
    handler_runs_on_the_executor_of_the_first_operand_of_the_first, Threading,
    policies)
{
  world w;
  asio::io_context other;
  event_of<Threading> a(w.context());
  event_of<Threading> b(other);
  async_first_of(
      async_first_of(async_first_of(a.async_wait(deferred), deferred),
                     deferred),
      b.async_wait(deferred),
      [&](std::size_t index, auto&&...)
      {
        BOOST_TEST(w.context().get_executor().running_in_this_thread());
        w.note(std::to_string(index));
      });
  a.set();
  const std::string early = w.poll();
  other.poll();
  BOOST_TEST(early + w.poll() == "0");
}

BOOST_AUTO_TEST_CASE(nested_operands_that_were_not_started_have_no_success)
{
  world w;
  queue_of<int, shared> a(w.context());
  queue_of<int, shared> b(w.context());
  queue_of<int, shared> c(w.context());
  BOOST_TEST(a.try_put(1));
  async_first_of(a.async_get(deferred),
                 async_first_of(async_first_of(b.async_get(deferred), deferred),
                                c.async_get(deferred), deferred),
                 noting(w));
  BOOST_TEST(b.getters() == 0u);
  BOOST_TEST(w.poll() == "won=0 :ok =1 =0 =0 :AB =0 :AB =0");
}

BOOST_AUTO_TEST_CASE(arrivals_are_not_withdrawn)
{
  world w;
  queue_of<int, shared> a(w.context());
  latch_of<shared> l(w.context(), 2);
  async_first_of(l.async_arrive(deferred), a.async_get(deferred), noting(w));
  BOOST_TEST(l.count() == 1u);
  BOOST_TEST(a.try_put(1));
  BOOST_TEST(w.poll() == "won=1 :AB :ok =1");
  BOOST_TEST(l.count() == 1u);
  // The grants of a barrier are final, so that both take effect.
  barrier_of<shared> both(w.context(), 2);
  async_first_of(a.async_get(deferred), both.async_arrive(deferred), noting(w));
  BOOST_TEST(a.try_put(1));
  both.async_arrive(w.on("other"));
  BOOST_TEST(w.poll() == "won=0 :ok =1 :ok =0 other=1");
}

BOOST_AUTO_TEST_CASE(single_operand_is_enough)
{
  world w;
  queue_of<std::unique_ptr<int>, shared> a(w.context());
  std::optional<int> got;
  async_first_of(a.async_get(deferred),
                 [&](std::size_t index, error_code ec, std::unique_ptr<int> p)
                 {
                   BOOST_TEST(index == 0u);
                   BOOST_TEST(!ec);
                   got = *p;
                 });
  BOOST_TEST(a.try_put(std::make_unique<int>(4)));
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(got.value() == 4);
}

BOOST_AUTO_TEST_CASE(foreign_operands_take_part)
{
  world w;
  held_operations held;
  queue_of<int, shared> a(w.context());
  async_first_of(held.async_hold(deferred), a.async_get(deferred), noting(w));
  held.end();
  BOOST_TEST(w.poll() == "won=0 :ok :AB =0");
  BOOST_TEST(a.getters() == 0u);
  // A grant that was still under way is refused.
  async_first_of(held.async_hold(deferred), a.async_get(deferred), noting(w));
  BOOST_TEST(a.try_put(1));
  held.end();
  BOOST_TEST(w.poll() == "won=0 :ok :AB =0");
  BOOST_TEST(a.size() == 1u);
}

// What comes after an operand that completes in its initiation is not started.
BOOST_AUTO_TEST_CASE(operand_behind_a_foreign_winner_is_not_started)
{
  world w;
  held_operations held;
  const auto instant =
      asio::async_initiate<const asio::deferred_t&, void(error_code)>(
          [](auto handler)
          {
            std::move(handler)(error_code());
          },
          deferred);
  async_first_of(instant, held.async_hold(deferred),
                 asio::bind_executor(w.context(), noting(w)));
  BOOST_TEST(held.size() == 0u);
  BOOST_TEST(w.poll() == "won=0 :ok :AB");
}

// Nothing is emitted to an operand that has ended.
BOOST_AUTO_TEST_CASE(winner_is_not_cancelled)
{
  world w;
  toro::queue<int> a(w.context());
  int emitted = 0;
  const auto foreign =
      asio::async_initiate<const asio::deferred_t&, void(error_code)>(
          [&](auto handler)
          {
            asio::get_associated_cancellation_slot(handler).assign(
                [&](asio::cancellation_type_t)
                {
                  ++emitted;
                });
            asio::post(w.context(),
                       [own = std::move(handler)]() mutable
                       {
                         std::move(own)(error_code());
                       });
          },
          deferred);
  async_first_of(a.async_get(deferred), foreign, noting(w));
  BOOST_TEST(w.poll() == "won=1 :AB =0 :ok");
  BOOST_TEST(emitted == 0);
}

// Nor is an emission given to its executor, which may end with it.
BOOST_AUTO_TEST_CASE(executor_of_a_winner_gets_no_emission)
{
  world w;
  toro::queue<int> a(w.context());
  const auto context = std::make_shared<asio::io_context>();
  int given = 0;
  probe_operation probe{scripted_executor(context,
                                          [&](task)
                                          {
                                            ++given;
                                          })};
  async_first_of(a.async_get(deferred), probe.async_run(deferred), noting(w));
  probe.complete();
  BOOST_TEST(w.poll() == "won=1 :AB =0 :ok");
  BOOST_TEST(given == 0);
}

// An operand that ends before an emission gets to its executor.
BOOST_AUTO_TEST_CASE(late_emission_finds_an_operand_that_has_ended)
{
  world w;
  asio::io_context elsewhere;
  toro::queue<int> a(w.context());
  probe_operation probe{elsewhere.get_executor()};
  async_first_of(a.async_get(deferred), probe.async_run(deferred), noting(w));
  BOOST_TEST(a.try_put(1));
  BOOST_TEST(w.poll() == "");
  probe.complete();
  elsewhere.poll();
  BOOST_TEST(w.poll() == "won=0 :ok =1 :ok");
  BOOST_TEST(probe.emitted.empty());
}

// Nothing is emitted to an operand whose handler was destroyed.
BOOST_AUTO_TEST_CASE(dropped_operand_is_not_cancelled)
{
  world w;
  w.allow_drops();
  toro::queue<int> a(w.context());
  probe_operation probe{w.context().get_executor()};
  async_first_of(a.async_get(deferred), probe.async_run(deferred), noting(w));
  probe.destroy_handler();
  w.poll();
  BOOST_TEST(probe.emitted.empty());
  BOOST_TEST(a.getters() == 0u);
}

// The whole does not wait for an emission that an executor has dropped.
BOOST_AUTO_TEST_CASE(dropped_emission_is_over)
{
  world w;
  toro::queue<int> a(w.context());
  probe_operation probe{
      scripted_executor(std::make_shared<asio::io_context>(), [](task) {})};
  async_first_of(a.async_get(deferred), probe.async_run(deferred), noting(w));
  BOOST_TEST(a.try_put(1));
  BOOST_TEST(w.poll() == "");
  probe.complete();
  BOOST_TEST(w.poll() == "won=0 :ok =1 :ok");
  BOOST_TEST(probe.emitted.empty());
}

// The executor of the handler drops it.
BOOST_AUTO_TEST_CASE(dropped_handler_is_destroyed_with_the_whole)
{
  world w;
  probe_operation probe{w.context().get_executor()};
  const auto token = std::make_shared<int>();
  async_first_of(
      probe.async_run(deferred),
      asio::bind_executor(
          scripted_executor(std::make_shared<asio::io_context>(), [](task) {}),
          [token](std::size_t, error_code) {}));
  BOOST_TEST(token.use_count() == 2);
  probe.complete();
  w.poll();
  BOOST_TEST(token.use_count() == 1);
}

// It owns the memory, which is freed before.
BOOST_AUTO_TEST_CASE(memory_is_free_before_a_dropped_handler_is_destroyed)
{
  struct arena : allocations
  {
    explicit arena(bool& is_over)
      : over(is_over)
    {
    }

    ~arena()
    {
      over = true;
      BOOST_TEST(live == 0u);
    }

    bool& over;
  };

  struct handler
  {
    using allocator_type = counting_allocator<void>;

    allocator_type get_allocator() const noexcept
    {
      return allocator_type(*memory);
    }

    void operator()(std::size_t, error_code)
    {
    }

    std::shared_ptr<arena> memory;
  };

  bool is_over = false;
  asio::io_context context;
  probe_operation probe{context.get_executor()};
  async_first_of(probe.async_run(deferred),
                 handler{std::make_shared<arena>(is_over)});
  BOOST_TEST(!is_over);
  probe.destroy_handler();
  BOOST_TEST(is_over);
}

BOOST_AUTO_TEST_CASE(operand_that_was_not_started_has_an_exception)
{
  world w;
  toro::queue<int> a(w.context());
  toro::task_group group(w.context());
  BOOST_TEST(a.try_put(1));
  std::exception_ptr joined;
  async_first_of(
      a.async_get(deferred), group.async_join(deferred),
      [&](std::size_t index, error_code, int, std::exception_ptr failure)
      {
        BOOST_TEST(index == 0u);
        joined = failure;
      });
  w.poll();
  BOOST_TEST(outcome_of(joined) == ":AB");
}

// A cancellation during the initiation comes after it.
BOOST_AUTO_TEST_CASE(cancellation_waits_for_the_initiation)
{
  world w;
  toro::queue<int> a(w.context());
  asio::cancellation_signal signal;
  held_operations held;
  const auto canceller =
      asio::async_initiate<const asio::deferred_t&, void(error_code)>(
          [&](auto handler)
          {
            held.async_hold(std::move(handler));
            signal.emit(asio::cancellation_type::terminal);
            BOOST_TEST(a.getters() == 1u);
          },
          deferred);
  async_first_of(a.async_get(deferred), canceller,
                 asio::bind_cancellation_slot(signal.slot(), noting(w)));
  BOOST_TEST(a.getters() == 0u);
  held.end();
  BOOST_TEST(w.poll() == "won=1 :AB =0 :ok");
}

// The exception leaves through run(), and the whole ends.
BOOST_AUTO_TEST_CASE(result_whose_move_throws_ends_the_whole)
{
  struct fragile
  {
    fragile() = default;

    fragile(fragile&&)
    {
      throw std::domain_error("move");
    }
  };

  world w;
  toro::queue<int> a(w.context());
  auto owned = std::make_shared<int>();
  const std::weak_ptr<int> seen = owned;
  const auto foreign =
      asio::async_initiate<const asio::deferred_t&, void(fragile)>(
          [&](auto handler)
          {
            asio::post(w.context(),
                       [own = std::move(handler)]() mutable
                       {
                         std::move(own)(fragile());
                       });
          },
          deferred);
  async_first_of(a.async_get(deferred), foreign,
                 [owned = std::move(owned)](auto&&...)
                 {
                   static_cast<void>(owned);
                 });
  BOOST_CHECK_THROW(w.poll(), std::domain_error);
  w.poll();
  BOOST_TEST(a.getters() == 0u);
  BOOST_TEST(seen.expired());
}

BOOST_AUTO_TEST_CASE(results_without_default_constructor_are_optional)
{
  world w;
  toro::queue<int> a(w.context());
  BOOST_TEST(a.try_put(1));
  async_first_of(a.async_get(deferred), async_odd(w.context(), deferred),
                 noting(w));
  BOOST_TEST(w.poll() == "won=0 :ok =1 none");
  async_first_of(a.async_get(deferred), async_odd(w.context(), deferred),
                 noting(w));
  BOOST_TEST(w.poll() == "won=1 :AB =0 odd5");
  static_assert(std::is_same_v<toro::detail::first_of_signature_t<
                                   decltype(a.async_get(deferred)),
                                   decltype(async_odd(w.context(), deferred))>,
                               void(std::size_t, error_code, int,
                                    std::optional<odd_result>)>);
}

BOOST_AUTO_TEST_CASE(cancellation_is_passed_to_all_operands)
{
  for (const auto type :
       {asio::cancellation_type::terminal, asio::cancellation_type::partial,
        asio::cancellation_type::total})
  {
    world w;
    asio::cancellation_signal signal;
    queue_of<int, shared> a(w.context());
    queue_of<int, shared> b(w.context());
    async_first_of(a.async_get(deferred), b.async_get(deferred),
                   asio::bind_cancellation_slot(signal.slot(), noting(w)));
    signal.emit(type);
    BOOST_TEST(a.waiters() + b.waiters() == 0u);
    BOOST_TEST(w.poll() == "won=0 :AB =0 :AB =0");
    signal.emit(type);
    // A grant whose handler has not run is revoked.
    async_first_of(a.async_get(deferred), b.async_get(deferred),
                   asio::bind_cancellation_slot(signal.slot(), noting(w)));
    BOOST_TEST(b.try_put(1));
    signal.emit(type);
    BOOST_TEST(b.size() == 1u);
    BOOST_TEST(w.poll() == "won=1 :AB =0 :AB =0");
  }
}

BOOST_AUTO_TEST_CASE(cancellation_is_dispatched_to_objects_without_a_lock)
{
  world w;
  asio::cancellation_signal signal;
  queue_of<int, toro::strand_bound> a(w.context());
  event_of<shared> e(w.context());
  async_first_of(a.async_get(deferred), e.async_wait(deferred),
                 asio::bind_cancellation_slot(signal.slot(), noting(w)));
  signal.emit(asio::cancellation_type::total);
  BOOST_TEST(a.getters() == 1u);
  BOOST_TEST(e.waiters() == 0u);
  BOOST_TEST(w.poll() == "won=1 :AB =0 :AB");
  BOOST_TEST(a.getters() == 0u);
}

// Such as those of Boost.Beast.
BOOST_AUTO_TEST_CASE(operand_without_an_executor_is_cancelled_on_the_handler_s)
{
  world w;
  asio::io_context mine;
  held_operations held;
  queue_of<int, toro::strand_bound> a(w.context());
  std::size_t index = 9;
  bool is_cancelled = false;
  held.on_cancel = [&]
  {
    is_cancelled = true;
    BOOST_TEST(mine.get_executor().running_in_this_thread());
  };
  async_first_of(a.async_get(deferred), held.async_hold(deferred),
                 asio::bind_executor(mine,
                                     [&](std::size_t i, auto&&...)
                                     {
                                       index = i;
                                     }));
  BOOST_TEST(a.try_put(1));
  w.poll();
  BOOST_TEST(!is_cancelled);
  mine.poll();
  BOOST_TEST(is_cancelled);
  BOOST_TEST(index == 9u);
  held.end();
  mine.restart();
  mine.poll();
  BOOST_TEST(index == 0u);
}

BOOST_AUTO_TEST_CASE(types_that_an_operand_ignores_are_no_end_of_it)
{
  world w;
  asio::cancellation_signal signal;
  latch_of<shared> l(w.context(), 2);
  async_first_of(l.async_arrive(deferred),
                 asio::bind_cancellation_slot(signal.slot(), noting(w)));
  signal.emit(asio::cancellation_type::total);
  BOOST_TEST(w.poll() == "");
  signal.emit(asio::cancellation_type::partial);
  BOOST_TEST(w.poll() == "won=0 :AB");
}

BOOST_AUTO_TEST_CASE(cancellation_after_the_commit_is_too_late)
{
  world w;
  asio::cancellation_signal signal;
  held_operations held;
  queue_of<int, shared> a(w.context());
  async_first_of(a.async_get(deferred), held.async_hold(deferred),
                 asio::bind_cancellation_slot(signal.slot(), noting(w)));
  BOOST_TEST(a.try_put(1));
  BOOST_TEST(w.poll() == "");
  signal.emit(asio::cancellation_type::terminal);
  BOOST_TEST(a.cancel() == 0u);
  BOOST_TEST(w.poll() == "");
  held.end(asio::error::operation_aborted);
  BOOST_TEST(w.poll() == "won=0 :ok =1 :AB");
}

// The address sanitizer sees whether it looks for what is gone.
BOOST_AUTO_TEST_CASE(cancellation_after_the_end_finds_nothing)
{
  world w;
  asio::cancellation_signal signal;
  const auto at_once = [](auto handler)
  {
    std::move(handler)();
  };
  async_first_of(
      asio::async_initiate<const asio::deferred_t&, void()>(at_once, deferred),
      asio::bind_executor(
          w.context(), asio::bind_cancellation_slot(signal.slot(), noting(w))));
  signal.emit(asio::cancellation_type::terminal);
  BOOST_TEST(w.poll() == "won=0");
  signal.emit(asio::cancellation_type::terminal);
  BOOST_TEST(w.poll() == "");
}

BOOST_AUTO_TEST_CASE(signal_may_end_before_the_operation)
{
  world w;
  std::optional<asio::cancellation_signal> signal(std::in_place);
  queue_of<int, shared> a(w.context());
  async_first_of(a.async_get(deferred),
                 asio::bind_cancellation_slot(signal->slot(), noting(w)));
  signal.reset();
  BOOST_TEST(a.try_put(1));
  BOOST_TEST(w.poll() == "won=0 :ok =1");
}

BOOST_AUTO_TEST_CASE(object_may_end_before_the_operation)
{
  world w;
  queue_of<int, shared> b(w.context());
  {
    toro::queue<int> a(w.context());
    async_first_of(b.async_get(deferred), a.async_get(deferred), noting(w));
  }
  BOOST_TEST(w.poll() == "won=1 :AB =0 :AB =0");
  BOOST_TEST(b.getters() == 0u);
}

BOOST_AUTO_TEST_CASE(nothing_happens_before_the_launch)
{
  world w;
  toro::queue<int> a(w.context());
  BOOST_TEST(a.try_put(1));
  auto op = async_first_of(a.async_get(deferred), deferred);
  BOOST_TEST(a.size() == 1u);
  std::move(op)(noting(w));
  BOOST_TEST(a.size() == 0u);
  BOOST_TEST(w.poll() == "won=0 :ok =1");
}

BOOST_AUTO_TEST_CASE(each_kind_of_token_works)
{
  world w;
  toro::queue<int> a(w.context());
  toro::queue<std::unique_ptr<int>> b(w.context());
  auto future = async_first_of(a.async_get(deferred), b.async_get(deferred),
                               asio::use_future);
  BOOST_TEST(b.try_put(std::make_unique<int>(1)));
  w.run();
  auto got = future.get();
  BOOST_TEST(std::get<0>(got) == 1u);
  BOOST_TEST(*std::get<4>(got) == 1);

  w.spawn("coroutine",
          [](auto& one, auto& two) -> asio::awaitable<void>
          {
            const auto [index, ec, item, ec2, item2] = co_await async_first_of(
                one.async_get(deferred), two.async_get(deferred),
                asio::use_awaitable);
            BOOST_TEST(index == 0u);
            BOOST_TEST(item == 2);
          }(a, b));
  w.poll();
  BOOST_TEST(a.try_put(2));
  BOOST_TEST(w.poll() == "coroutine");

  asio::spawn(
      w.context(),
      [&](asio::yield_context yield)
      {
        const auto won =
            async_first_of(a.async_get(deferred), b.async_get(deferred), yield);
        BOOST_TEST(std::get<0>(won) == 0u);
        BOOST_TEST(std::get<2>(won) == 3);
      },
      w.on("fibre"));
  w.poll();
  BOOST_TEST(a.try_put(3));
  BOOST_TEST(w.poll() == "fibre");
}

BOOST_AUTO_TEST_CASE(handler_runs_on_its_executor)
{
  world w;
  asio::io_context other;
  held_operations held;
  toro::queue<int> a(w.context());
  toro::basic_queue<int, asio::io_context::executor_type, toro::strand_bound> b(
      w.context());
  bool done = false;
  const auto start = [&](auto&&... operands)
  {
    done = false;
    other.restart();
    async_first_of(std::move(operands)...,
                   asio::bind_executor(
                       other,
                       [&](auto&&...)
                       {
                         BOOST_TEST(
                             other.get_executor().running_in_this_thread());
                         done = true;
                       }));
  };
  const auto run_other = [&]
  {
    BOOST_TEST(!done);
    other.restart();
    other.poll();
  };
  start(a.async_get(deferred), b.async_get(deferred));
  BOOST_TEST(b.try_put(1));
  w.poll();
  run_other();
  w.poll();
  other.poll();
  BOOST_TEST(done);
  start(a.async_get(deferred), b.async_get(deferred));
  BOOST_TEST(a.try_put(1));
  w.poll();
  run_other();
  w.poll();
  other.restart();
  other.poll();
  BOOST_TEST(done);
  start(held.async_hold(deferred), a.async_get(deferred));
  held.end();
  run_other();
  BOOST_TEST(done);
  // What completes within the initiation does not call the handler there.
  start(asio::async_initiate<const asio::deferred_t&, void()>(
      [](auto handler)
      {
        std::move(handler)();
      },
      deferred));
  run_other();
  BOOST_TEST(done);
}

// Also if the last to use the operation is an emission, which runs on the
// executor of its operand.
BOOST_AUTO_TEST_CASE(emission_that_comes_last_leaves_the_handler_its_executor)
{
  asio::io_context here;
  asio::io_context elsewhere;
  toro::queue<int> a(here);
  toro::basic_queue<int, asio::io_context::executor_type, toro::strand_bound> b(
      elsewhere);
  int calls = 0;
  async_first_of(a.async_get(deferred), b.async_get(deferred),
                 asio::bind_executor(
                     here,
                     [&](std::size_t winner, auto&&...)
                     {
                       BOOST_TEST(winner == 0u);
                       BOOST_TEST(here.get_executor().running_in_this_thread());
                       ++calls;
                     }));
  // The delivery of the second stands before the emission.
  BOOST_TEST(a.try_put(1));
  BOOST_TEST(b.try_put(2));
  here.poll();
  BOOST_TEST(calls == 0);
  elsewhere.poll();
  BOOST_TEST(calls == 0);
  here.restart();
  here.poll();
  BOOST_TEST(calls == 1);
  BOOST_TEST(b.size() == 1u);
}

BOOST_AUTO_TEST_CASE(handler_without_executor_runs_on_that_of_the_first_operand)
{
  asio::io_context one;
  asio::io_context two;
  toro::queue<int> a(one);
  toro::queue<int> b(two);
  bool done = false;
  async_first_of(a.async_get(deferred), b.async_get(deferred),
                 [&](auto&&...)
                 {
                   BOOST_TEST(one.get_executor().running_in_this_thread());
                   done = true;
                 });
  BOOST_TEST(b.try_put(1));
  two.poll();
  BOOST_TEST(!done);
  one.poll();
  BOOST_TEST(done);
}

BOOST_AUTO_TEST_CASE(work_is_counted_until_the_handler_has_run)
{
  asio::io_context io;
  asio::io_context other;
  held_operations held;
  toro::queue<int> a(io);
  bool done = false;
  async_first_of(a.async_get(deferred), held.async_hold(deferred),
                 asio::bind_executor(other,
                                     [&](auto&&...)
                                     {
                                       done = true;
                                     }));
  BOOST_TEST(a.try_put(1));
  io.poll();
  other.poll();
  BOOST_TEST(!other.stopped());
  held.end();
  other.poll();
  BOOST_TEST(done);
  BOOST_TEST(other.stopped());
}

BOOST_AUTO_TEST_CASE(memory_is_the_handler_s_and_free_before_the_call)
{
  world w;
  allocations counts;
  toro::queue<int> a(w.context());
  toro::queue<int> b(w.context());
  bool done = false;
  async_first_of(a.async_get(deferred), b.async_get(deferred),
                 asio::bind_allocator(counting_allocator<void>(counts),
                                      [&](auto&&...)
                                      {
                                        BOOST_TEST(counts.live == 0u);
                                        done = true;
                                      }));
  BOOST_TEST(counts.live == 3u);
  BOOST_TEST(b.try_put(1));
  w.poll();
  BOOST_TEST(done);
}

// Each allocation of a selection fails once.
BOOST_AUTO_TEST_CASE(allocation_that_fails_loses_nothing)
{
  std::size_t failures = 0;
  for (bool fails = true; fails; ++failures)
  {
    fuse left{failures};
    world w;
    w.allow_drops();
    toro::queue<int> a(w.context());
    toro::queue<int> b(w.context(), 1);
    BOOST_TEST(b.try_put(1));
    try
    {
      async_first_of(
          a.async_get(deferred), b.async_put(2, deferred),
          asio::bind_allocator(fused_allocator<void>(left), noting(w)));
      fails = false;
      left.left = SIZE_MAX;
      a.cancel();
      BOOST_TEST(w.poll() == "won=0 :AB =0 :AB");
    }
    catch (const std::bad_alloc&)
    {
      BOOST_TEST(a.waiters() + b.waiters() == 0u);
      BOOST_TEST(a.try_put(7));
      BOOST_TEST(w.poll() == "");
      BOOST_TEST(w.pending() == 0u);
      BOOST_TEST(a.size() == 1u);
      BOOST_TEST(b.size() == 1u);
      BOOST_TEST(left.live == 0u);
    }
  }
  // The selection itself, and its operands.
  BOOST_TEST(failures == 4u);
}

TORO_TEST_CASE_TEMPLATE(initiation_that_throws_loses_nothing, Threading,
                        policies)
{
  using queue_type = toro::basic_queue<int, any_executor, Threading>;

  for (std::size_t n = 0; n != 4; ++n)
  {
    world w;
    w.allow_drops();
    queue_type a(w.context());
    queue_type b(w.context(), 1);
    BOOST_TEST(b.try_put(1));
    const auto thrower = [](auto)
    {
      throw std::bad_alloc();
    };
    const auto operand =
        asio::async_initiate<const asio::deferred_t&, void(error_code)>(
            thrower, deferred);
    const auto start = [&]
    {
      switch (n)
      {
      case 0:
        return async_first_of(operand, a.async_get(deferred),
                              b.async_put(2, deferred), noting(w));
      case 1:
        return async_first_of(a.async_get(deferred), operand,
                              b.async_put(2, deferred), noting(w));
      case 2:
        return async_first_of(a.async_get(deferred), b.async_put(2, deferred),
                              operand, noting(w));
      default:
        return async_first_of(a.async_get(deferred), b.async_put(2, deferred),
                              throwing_operand(), noting(w));
      }
    };
    BOOST_CHECK_THROW(start(), std::bad_alloc);
    if (std::is_same_v<Threading, shared>)
      BOOST_TEST(a.waiters() + b.waiters() == 0u);
    // Nothing takes effect any more.
    BOOST_TEST(a.try_put(7));
    BOOST_TEST(b.try_get().value() == 1);
    BOOST_TEST(w.poll() == "");
    BOOST_TEST(w.pending() == 0u);
    BOOST_TEST(w.drops() == 1u);
    BOOST_TEST(a.size() == 1u);
    BOOST_TEST(b.empty());
  }
}

BOOST_AUTO_TEST_CASE(initiation_that_throws_after_a_winner_completes)
{
  world w;
  held_operations held;
  // The second operand ends the first one, as another thread could, and throws.
  const auto thrower = [&](auto)
  {
    held.end();
    throw std::bad_alloc();
  };
  async_first_of(
      held.async_hold(deferred),
      asio::async_initiate<const asio::deferred_t&, void(error_code)>(thrower,
                                                                      deferred),
      asio::bind_executor(w.context(), noting(w)));
  BOOST_TEST(w.poll() == "won=0 :ok :AB");
}

BOOST_AUTO_TEST_CASE(handler_of_an_operand_destroyed_ends_the_whole)
{
  world w;
  w.allow_drops();
  held_operations held;
  toro::queue<int> a(w.context());
  async_first_of(a.async_get(deferred), held.async_hold(deferred), noting(w));
  held.drop();
  BOOST_TEST(a.getters() == 0u);
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(w.drops() == 1u);
  // A grant that was under way returns.
  async_first_of(a.async_get(deferred), held.async_hold(deferred), noting(w));
  BOOST_TEST(a.try_put(1));
  held.drop();
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(w.drops() == 2u);
  BOOST_TEST(a.size() == 1u);
}

BOOST_AUTO_TEST_CASE(loser_whose_handler_is_destroyed_does_not_lose_the_result)
{
  world w;
  held_operations held;
  toro::queue<int> a(w.context());
  async_first_of(a.async_get(deferred), held.async_hold(deferred), noting(w));
  BOOST_TEST(a.try_put(1));
  BOOST_TEST(w.poll() == "");
  held.drop();
  BOOST_TEST(w.poll() == "won=0 :ok =1 :AB");
}

BOOST_AUTO_TEST_CASE(contexts_may_end_in_any_order)
{
  for (const bool first : {false, true})
  {
    for (const bool granted : {false, true})
    {
      std::optional<asio::io_context> one(std::in_place);
      std::optional<asio::io_context> two(std::in_place);
      asio::io_context mine;
      toro::queue<int> a(*one);
      toro::queue<int> b(*two);
      auto alive = std::make_shared<int>();
      const std::weak_ptr<int> seen = alive;
      bool called = false;
      async_first_of(
          a.async_get(deferred), b.async_get(deferred),
          asio::bind_executor(mine,
                              [alive = std::move(alive), &called](auto&&...)
                              {
                                called = true;
                              }));
      if (granted)
        BOOST_TEST((first ? b : a).try_put(1));
      (first ? one : two).reset();
      mine.poll();
      (first ? two : one).reset();
      mine.restart();
      mine.poll();
      BOOST_TEST(!called);
      BOOST_TEST(seen.expired());
    }
  }
}

BOOST_AUTO_TEST_CASE(executor_that_refuses_a_delivery_keeps_the_operand)
{
  world w;
  planned_throws throws;
  const throwing_executor executor(w.context(), throws);
  toro::basic_queue<int, throwing_executor> a(executor);
  toro::queue<int> b(w.context());
  async_first_of(a.async_get(deferred), b.async_get(deferred), noting(w));
  throws.left = 1;
  BOOST_TEST(a.try_put(1));
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(a.try_put(2));
  BOOST_TEST(w.poll() == "won=0 :ok =1 :AB =0");
  BOOST_TEST(a.size() == 1u);
}

BOOST_AUTO_TEST_CASE(executor_that_drops_a_delivery_ends_the_whole)
{
  const auto io = std::make_shared<asio::io_context>();
  world w;
  w.allow_drops();
  const scripted_executor executor(io, [](task) {});
  toro::basic_queue<int, scripted_executor> a(executor);
  toro::queue<int> b(w.context());
  async_first_of(a.async_get(deferred), b.async_get(deferred), noting(w));
  BOOST_TEST(a.try_put(1));
  w.poll();
  BOOST_TEST(w.drops() == 1u);
  BOOST_TEST(a.size() == 1u);
  BOOST_TEST(b.getters() == 0u);
}

BOOST_AUTO_TEST_CASE(predicates_are_asked_before_the_claim)
{
  world w;
  bool ready = false;
  toro::condition c(w.context());
  toro::queue<int> a(w.context());
  async_first_of(a.async_get(deferred),
                 c.async_wait(
                     [&]
                     {
                       return ready;
                     },
                     deferred),
                 noting(w));
  c.notify();
  BOOST_TEST(w.poll() == "");
  ready = true;
  c.notify();
  BOOST_TEST(a.try_put(1));
  BOOST_TEST(w.poll() == "won=1 :AB =0 :ok");
  BOOST_TEST(a.size() == 1u);
}

BOOST_AUTO_TEST_CASE(dump_shows_the_name_of_the_whole)
{
  world w;
  toro::queue<int> a(w.context());
  toro::enable_diagnostics(w.context());
  async_first_of(a.async_get(deferred), toro::bind_name("selector", noting(w)));
  std::ostringstream out;
  a.dump(out);
  BOOST_TEST(out.str().find("selector") != std::string::npos);
  a.cancel();
  BOOST_TEST(w.poll() == "won=0 :AB =0");
}

BOOST_AUTO_TEST_CASE(handler_that_throws_has_got_its_results)
{
  asio::io_context io;
  toro::queue<int> a(io);
  BOOST_TEST(a.try_put(1));
  BOOST_TEST(a.try_put(2));
  async_first_of(a.async_get(deferred),
                 [](auto&&...)
                 {
                   throw std::domain_error("handler");
                 });
  BOOST_CHECK_THROW(io.run(), std::domain_error);
  BOOST_TEST(a.size() == 1u);
}

BOOST_AUTO_TEST_CASE(strands_of_objects_without_a_lock_are_kept)
{
  using strand = asio::strand<asio::io_context::executor_type>;
  using queue = toro::basic_queue<int, strand, toro::strand_bound>;
  asio::io_context io;
  const strand on_a = asio::make_strand(io);
  const strand on_b = asio::make_strand(io);
  const strand mine = asio::make_strand(io);
  queue a(on_a);
  queue b(on_b);
  std::size_t index = 9;
  async_first_of(a.async_get(deferred), b.async_get(deferred),
                 asio::bind_executor(mine,
                                     [&](std::size_t i, auto&&...)
                                     {
                                       BOOST_TEST(
                                           mine.running_in_this_thread());
                                       index = i;
                                     }));
  asio::post(on_b,
             [&]
             {
               BOOST_TEST(b.try_put(1));
             });
  std::thread helper(
      [&]
      {
        io.run();
      });
  io.run();
  helper.join();
  BOOST_TEST(index == 1u);
  BOOST_TEST(a.getters() == 0u);
}

static_assert(toro::detail::async_operation<
              decltype(std::declval<toro::queue<int>&>().async_get(deferred))>);
static_assert(!toro::detail::async_operation<asio::awaitable<void>>);

BOOST_AUTO_TEST_SUITE_END()
