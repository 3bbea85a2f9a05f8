// SPDX-License-Identifier: BSL-1.0
//
// Broadcasts whose waits are collected piece by piece: what may happen to those
// that were granted and are still to be collected.
#include <toro/condition.hpp>
#include <toro/eager.hpp>
#include <toro/event.hpp>
#include <toro/queue.hpp>
#include <toro/semaphore.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/case_template.hpp"
#include "support/interrupted_executor.hpp"
#include "support/throwing_executor.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(pieces)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;

using boost::system::error_code;

// More than two pieces, and not a multiple of one.
constexpr int many = 200;

// One that is collected with others after the first piece.
constexpr int late = 100;

// Where no two waits share a delivery.
struct pool
{
  static any_executor make(world& w)
  {
    return w.context().get_executor();
  }
};

// Where all do but those with executors of their own.
struct strand
{
  static any_executor make(world& w)
  {
    return any_executor(asio::make_strand(w.context().get_executor()));
  }
};

using homes = std::tuple<pool, strand>;

// Waits with numbers, and how they ended. The first one is submitted to an
// executor at which something happens before the others are collected.
template <class Home, class Primitive = toro::event>
class interrupted_broadcast
{
public:
  // Starts all, by a function that is given a number and a handler. The handler
  // of the first one has an executor of its own, and so may others.
  template <class Start>
  void start_all(Start start)
  {
    for (int i = 0; i != many; ++i)
    {
      if (i == 0)
        start(i, asio::bind_executor(elsewhere(), on(i)));
      else
        start(i, on(i));
    }
  }

  void start_all()
  {
    start_all(
        [this](int, auto handler)
        {
          primitive->async_wait(std::move(handler));
        });
  }

  // Starts all. The handler of one has this executor.
  void start_all(int number, const any_executor& executor)
  {
    start_all(
        [&](int i, auto handler)
        {
          if (i == number)
            primitive->async_wait(
                asio::bind_executor(executor, std::move(handler)));
          else
            primitive->async_wait(std::move(handler));
        });
  }

  any_executor elsewhere()
  {
    return any_executor(interrupted_executor(w.context(), interruption));
  }

  std::function<void(error_code)> on(int number)
  {
    return [this, number](error_code ec)
    {
      if (!ec)
        order.push_back(number);
      else if (ec == asio::error::operation_aborted)
        ++aborted;
    };
  }

  // Whether the waits up to this number succeeded, in their order.
  bool all_succeeded(int last = many - 1) const
  {
    return order.size() == static_cast<std::size_t>(last + 1) && in_order();
  }

  bool in_order() const
  {
    return std::is_sorted(order.begin(), order.end());
  }

  world w;
  std::function<void()> interruption;
  std::vector<int> order;
  int aborted = 0;
  std::optional<Primitive> primitive{Home::make(w)};
};

} // namespace

TORO_TEST_CASE_TEMPLATE(later_grant_comes_behind, Home, homes)
{
  interrupted_broadcast<Home> b;
  toro::event& event = *b.primitive;
  b.start_all();
  b.interruption = [&]
  {
    event.clear();
    event.async_wait(b.on(many));
    event.set();
    event.async_wait(b.on(many + 1));
    event.async_wait(b.on(many + 2));
  };
  event.set();
  BOOST_TEST(!b.interruption);
  b.w.poll();
  BOOST_TEST(b.all_succeeded(many + 2));
}

TORO_TEST_CASE_TEMPLATE(clear_takes_nothing_back, Home, homes)
{
  interrupted_broadcast<Home> b;
  toro::event& event = *b.primitive;
  b.start_all();
  b.interruption = [&]
  {
    BOOST_TEST(event.waiters() == 0u);
    event.clear();
    event.async_wait(b.on(many));
    BOOST_TEST(event.waiters() == 1u);
  };
  event.set();
  event.clear();
  b.w.poll();
  BOOST_TEST(b.all_succeeded());
  BOOST_TEST(event.waiters() == 1u);
  event.set();
  b.w.poll();
  BOOST_TEST(b.all_succeeded(many));
}

TORO_TEST_CASE_TEMPLATE(deadlines_are_in_time, Home, homes)
{
  interrupted_broadcast<Home> b;
  toro::event& event = *b.primitive;
  b.start_all(
      [&](int i, auto handler)
      {
        event.async_wait(1h + std::chrono::minutes(i % 3), std::move(handler));
      });
  b.interruption = [&]
  {
    event.clear();
    event.async_wait(2h, b.on(many));
    b.w.clock.advance(90min);
    b.w.context().poll();
  };
  event.set();
  b.w.poll();
  BOOST_TEST(b.all_succeeded());
  // The deadline of who waits now counts.
  b.w.advance(1h);
  BOOST_TEST(event.waiters() == 0u);
  BOOST_TEST(b.all_succeeded());
  BOOST_TEST(b.w.clock.pending() == 0u);
}

TORO_TEST_CASE_TEMPLATE(cancel_ends_all_and_counts_them, Home, homes)
{
  interrupted_broadcast<Home> b;
  toro::event& event = *b.primitive;
  b.start_all();
  b.interruption = [&]
  {
    BOOST_TEST(event.cancel() == static_cast<std::size_t>(many));
    BOOST_TEST(event.cancel() == 0u);
  };
  event.set();
  b.w.poll();
  BOOST_TEST(b.order.empty());
  BOOST_TEST(b.aborted == many);
}

TORO_TEST_CASE_TEMPLATE(signal_ends_one, Home, homes)
{
  interrupted_broadcast<Home> b;
  toro::event& event = *b.primitive;
  asio::cancellation_signal signal;
  b.start_all(
      [&](int i, auto handler)
      {
        if (i == late)
          event.async_wait(
              asio::bind_cancellation_slot(signal.slot(), std::move(handler)));
        else
          event.async_wait(std::move(handler));
      });
  b.interruption = [&]
  {
    signal.emit(asio::cancellation_type::total);
  };
  event.set();
  b.w.poll();
  BOOST_TEST(b.aborted == 1);
  BOOST_TEST(b.order.size() == static_cast<std::size_t>(many - 1));
  BOOST_TEST(b.in_order());
}

TORO_TEST_CASE_TEMPLATE(predicates_that_do_not_hold_wait_on, Home, homes)
{
  interrupted_broadcast<Home, toro::condition> b;
  toro::condition& condition = *b.primitive;
  int allowed = 0;
  b.start_all(
      [&](int i, auto handler)
      {
        condition.async_wait(
            [&allowed, i]
            {
              return i < allowed;
            },
            std::move(handler));
      });
  b.interruption = [&]
  {
    BOOST_TEST(condition.waiters() == 0u);
  };
  BOOST_TEST(condition.notify_all() == static_cast<std::size_t>(many));
  b.w.poll();
  BOOST_TEST(condition.waiters() == static_cast<std::size_t>(many));
  allowed = late;
  BOOST_TEST(condition.notify_all() == static_cast<std::size_t>(many));
  b.w.poll();
  BOOST_TEST(b.all_succeeded(late - 1));
  allowed = many;
  BOOST_TEST(condition.notify_all() == static_cast<std::size_t>(many - late));
  b.w.poll();
  BOOST_TEST(b.all_succeeded());
}

TORO_TEST_CASE_TEMPLATE(primitive_may_end, Home, homes)
{
  interrupted_broadcast<Home> b;
  b.start_all();
  b.interruption = [&]
  {
    b.primitive.reset();
  };
  b.primitive->set();
  b.w.poll();
  BOOST_TEST(b.order.empty());
  BOOST_TEST(b.aborted == many);
}

TORO_TEST_CASE_TEMPLATE(refusal_stops_nobody_else, Home, homes)
{
  interrupted_broadcast<Home> b;
  toro::event& event = *b.primitive;
  planned_throws throws;
  const any_executor refusing(throwing_executor(b.w.context(), throws));
  b.start_all(late, refusing);
  throws.left = 1;
  BOOST_CHECK_THROW(event.set(), std::domain_error);
  b.w.poll();
  BOOST_TEST(b.order.size() == static_cast<std::size_t>(many));
  std::erase(b.order, late);
  BOOST_TEST(b.in_order());
}

TORO_TEST_CASE_TEMPLATE(drop_stops_nobody_else, Home, homes)
{
  interrupted_broadcast<Home> b;
  toro::event& event = *b.primitive;
  planned_throws throws;
  const any_executor dropping(throwing_executor(b.w.context(), throws));
  const auto token = std::make_shared<int>();
  b.start_all(
      [&](int i, auto handler)
      {
        if (i == late)
          event.async_wait(
              asio::bind_executor(dropping, [token](error_code) {}));
        else
          event.async_wait(std::move(handler));
      });
  faults.plan(failing::delivery, 1);
  event.set();
  faults.spare_all();
  BOOST_TEST(token.use_count() == 1);
  b.w.poll();
  BOOST_TEST(b.order.size() == static_cast<std::size_t>(many - 1));
  BOOST_TEST(b.in_order());
}

// Its completion comes by no executor, so that it has no order with others.
TORO_TEST_CASE_TEMPLATE(eager_wait_does_not_wait, Home, homes)
{
  interrupted_broadcast<Home> b;
  toro::event& event = *b.primitive;
  b.start_all();
  asio::io_context other;
  bool passed = false;
  const auto pass = [&]() -> asio::awaitable<void>
  {
    co_await event.async_wait(toro::eager);
    passed = true;
  };
  b.interruption = [&]
  {
    asio::co_spawn(other, pass(), asio::detached);
    other.poll();
  };
  event.set();
  BOOST_TEST(passed);
  b.w.poll();
  BOOST_TEST(b.all_succeeded());
}

// A turn that ends by an exception leaves the rest in its order.
TORO_TEST_CASE_TEMPLATE(order_holds_when_a_handler_throws, Home, homes)
{
  interrupted_broadcast<Home> b;
  toro::event& event = *b.primitive;
  b.start_all(
      [&](int i, auto handler)
      {
        event.async_wait(std::move(handler));
        if (i == 3)
          event.async_wait(
              [&](error_code)
              {
                event.async_wait(b.on(many));
                throw 1;
              });
      });
  event.set();
  BOOST_CHECK_THROW(b.w.poll(), int);
  b.w.poll();
  BOOST_TEST(b.all_succeeded(many));
}

TORO_TEST_CASE_TEMPLATE(context_may_end_before_they_are_delivered, Home, homes)
{
  const auto token = std::make_shared<int>();
  interrupted_broadcast<Home> b;
  b.start_all(
      [&](int i, auto handler)
      {
        b.primitive->async_wait(std::move(handler));
        if (i == late)
          b.primitive->async_wait([token](error_code) {});
      });
  b.primitive->set();
  BOOST_TEST(token.use_count() == 2);
  b.w.end_context();
  BOOST_TEST(token.use_count() == 1);
  BOOST_TEST(b.order.empty());
}

// The address sanitizer sees who touches what is gone.
TORO_TEST_CASE_TEMPLATE(context_may_end_in_another_thread, Home, homes)
{
  const auto token = std::make_shared<int>();
  std::promise<void> begin;
  asio::io_context elsewhere;
  std::optional<world> w(std::in_place);
  // Whoever calls is counted only where other threads are.
  std::thread other(
      [&]
      {
        begin.get_future().wait();
        w->end_context();
      });
  toro::event event(Home::make(*w));
  std::function<void()> interruption = [&]
  {
    begin.set_value();
    // Until a wait that begins is destroyed at once.
    std::weak_ptr<int> probe;
    do
    {
      auto fresh = std::make_shared<int>();
      probe = fresh;
      event.async_wait([fresh = std::move(fresh)](error_code) {});
    } while (!probe.expired());
  };
  event.async_wait(asio::bind_executor(
      any_executor(interrupted_executor(elsewhere, interruption)),
      [](error_code) {}));
  for (int i = 1; i != many; ++i)
    event.async_wait([token](error_code) {});
  event.set();
  other.join();
  BOOST_TEST(token.use_count() == 1);
  elsewhere.poll();
}

// Those that were granted before the broadcast, by the same call, are more than
// are submitted at a time. None of them shares a delivery.
TORO_TEST_CASE_TEMPLATE(rest_of_the_others_goes_first, Home, homes)
{
  interrupted_broadcast<Home, toro::semaphore> b;
  b.primitive.emplace(Home::make(b.w), 0);
  toro::semaphore& semaphore = *b.primitive;
  for (int i = 0; i != late; ++i)
    semaphore.async_acquire(
        asio::bind_executor(any_executor(b.w.context().get_executor()),
                            [&, i](error_code, toro::permit permit)
                            {
                              permit.detach();
                              b.order.push_back(i);
                            }));
  semaphore.async_wait(b.on(late));
  semaphore.async_wait(b.on(late + 1));
  BOOST_TEST(semaphore.release(late + 1) == static_cast<std::size_t>(late + 2));
  b.w.poll();
  BOOST_TEST(b.all_succeeded(late + 1));
}

// While a thread collects, others leave their waits to it.
BOOST_AUTO_TEST_CASE(one_thread_collects_at_a_time)
{
  interrupted_broadcast<pool> b;
  toro::event& event = *b.primitive;
  b.start_all();
  b.interruption = [&]
  {
    std::thread other(
        [&]
        {
          event.clear();
          event.async_wait(b.on(many));
          event.set();
        });
    other.join();
  };
  event.set();
  b.w.poll();
  BOOST_TEST(b.all_succeeded(many));
}

// Once it has collected as many as it found, the next thread takes over.
BOOST_AUTO_TEST_CASE(next_thread_takes_over)
{
  interrupted_broadcast<pool> b;
  toro::event& event = *b.primitive;
  std::thread::id other_thread;
  std::thread::id collector;
  std::function<void()> at_the_last = [&]
  {
    std::thread other(
        [&]
        {
          other_thread = std::this_thread::get_id();
          event.clear();
          event.async_wait(b.on(2 * many));
          event.set();
        });
    other.join();
  };
  std::function<void()> at_the_end = [&]
  {
    collector = std::this_thread::get_id();
  };
  const auto at = [&](std::function<void()>& what)
  {
    return any_executor(interrupted_executor(b.w.context(), what));
  };
  b.start_all(many - 1, at(at_the_last));
  b.interruption = [&]
  {
    event.clear();
    for (int i = many; i != 2 * many - 1; ++i)
      event.async_wait(b.on(i));
    event.async_wait(asio::bind_executor(at(at_the_end), b.on(2 * many - 1)));
    event.set();
  };
  event.set();
  b.w.poll();
  BOOST_TEST(b.order.size() == static_cast<std::size_t>(2 * many + 1));
  BOOST_TEST((collector == other_thread));
  BOOST_TEST(b.in_order());
}

// Waits that complete elsewhere do not join a turn, neither those of an earlier
// broadcast nor those that begin later.
BOOST_AUTO_TEST_CASE(turn_takes_no_waits_that_complete_elsewhere)
{
  interrupted_broadcast<strand> b;
  toro::event& event = *b.primitive;
  asio::io_context context;
  const any_executor elsewhere(context.get_executor());
  b.start_all(late, elsewhere);
  b.interruption = [&]
  {
    event.clear();
    event.async_wait(b.on(many));
    event.async_wait(b.on(many));
    event.set();
  };
  event.set();
  context.poll();
  BOOST_TEST(b.order == std::vector{late}, boost::test_tools::per_element());
  b.w.poll();
  BOOST_TEST(b.order.size() == static_cast<std::size_t>(many + 2));

  b.order.clear();
  event.clear();
  event.async_wait(b.on(0));
  event.async_wait(b.on(0));
  event.set();
  event.async_wait(asio::bind_executor(elsewhere, b.on(1)));
  context.restart();
  context.poll();
  BOOST_TEST(b.order == std::vector{1}, boost::test_tools::per_element());
  b.w.poll();
  BOOST_TEST(b.order.size() == 3u);
}

// What completes in other contexts needs no turn of the object's.
BOOST_AUTO_TEST_CASE(waits_elsewhere_need_no_turn_here)
{
  world w;
  asio::io_context elsewhere;
  toro::event event(strand::make(w));
  int here = 0;
  int there = 0;
  for (int i = 0; i != many; ++i)
  {
    event.async_wait(
        [&](error_code)
        {
          ++here;
        });
    event.async_wait(asio::bind_executor(any_executor(elsewhere.get_executor()),
                                         [&](error_code)
                                         {
                                           ++there;
                                         }));
  }
  event.set();
  elsewhere.poll();
  BOOST_TEST(there == many);
  BOOST_TEST(here == 0);
  w.poll();
  BOOST_TEST(here == many);
}

BOOST_AUTO_TEST_SUITE_END()
