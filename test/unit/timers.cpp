// SPDX-License-Identifier: BSL-1.0
#include <toro/event.hpp>
#include <toro/lock.hpp>
#include <toro/queue.hpp>
#include <toro/semaphore.hpp>

#include <toro/detail/core/shutdown_service.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "support/case_template.hpp"
#include "support/primitives.hpp"
#include "support/throwing_executor.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_timers)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;

// A service that looks, when it is shut down, whether something is still owned.
class owner_watch final : public asio::execution_context::service
{
public:
  inline static asio::execution_context::id id;

  owner_watch(asio::execution_context& context, std::weak_ptr<int> watched,
              bool& was_owned)
    : service(context),
      watched_(std::move(watched)),
      was_owned_(&was_owned)
  {
  }

private:
  void shutdown() override
  {
    *was_owned_ = !watched_.expired();
  }

  std::weak_ptr<int> watched_;
  bool* was_owned_;
};

} // namespace

TORO_TEST_CASE_TEMPLATE(what_succeeds_at_once_needs_no_clock, Threading,
                        policies)
{
  world w;
  event_of<Threading> ev(w.context());
  lock_of<Threading> lk(w.context());
  ev.set();
  ev.async_wait(10ms, w.on("ev"));
  lk.async_acquire(10ms, w.on("lk"));
  BOOST_TEST(w.poll() == "ev lk");
  BOOST_TEST(w.clock.readings() == 0u);
  BOOST_TEST(w.clock.alarms() == 0u);
}

TORO_TEST_CASE_TEMPLATE(wait_without_a_deadline_needs_no_clock, Threading,
                        policies)
{
  world w;
  event_of<Threading> ev(w.context());
  ev.async_wait(w.on("1"));
  ev.async_wait(toro::deadline(), w.on("2"));
  BOOST_TEST(w.clock.readings() == 0u);
  BOOST_TEST(w.clock.alarms() == 0u);
  ev.set();
  BOOST_TEST(w.poll() == "1 2");
}

TORO_TEST_CASE_TEMPLATE(passed_deadline_needs_no_alarm, Threading, policies)
{
  world w;
  event_of<Threading> ev(w.context());
  ev.async_wait(0s, w.on("wait"));
  BOOST_TEST(w.clock.readings() == 1u);
  BOOST_TEST(w.clock.alarms() == 0u);
  BOOST_TEST(w.poll() == "wait:TO");
}

TORO_TEST_CASE_TEMPLATE(alarm_is_set_only_for_an_earlier_deadline, Threading,
                        policies)
{
  world w;
  event_of<Threading> ev(w.context());
  ev.async_wait(30ms, w.on("30"));
  BOOST_TEST(w.clock.alarms() == 1u);
  BOOST_TEST(w.clock.settings() == 1u);
  ev.async_wait(40ms, w.on("40"));
  ev.async_wait(30ms, w.on("30b"));
  BOOST_TEST(w.clock.settings() == 1u);
  ev.async_wait(10ms, w.on("10"));
  BOOST_TEST(w.clock.settings() == 2u);
  BOOST_TEST(w.clock.alarms() == 1u);
  BOOST_TEST(w.advance(10ms) == "10:TO");
  BOOST_TEST(w.clock.settings() == 3u);
  BOOST_TEST(w.advance(20ms) == "30:TO 30b:TO");
  BOOST_TEST(w.advance(10ms) == "40:TO");
  BOOST_TEST(w.clock.pending() == 0u);
}

TORO_TEST_CASE_TEMPLATE(alarm_that_rings_in_vain_looks_again, Threading,
                        policies)
{
  world w;
  event_of<Threading> ev(w.context());
  asio::cancellation_signal cancel;
  ev.async_wait(10ms, asio::bind_cancellation_slot(cancel.slot(), w.on("10")));
  ev.async_wait(30ms, w.on("30"));
  cancel.emit(asio::cancellation_type::all);
  BOOST_TEST(w.poll() == "10:AB");
  BOOST_TEST(w.clock.settings() == 1u);
  BOOST_TEST(w.advance(10ms) == "");
  BOOST_TEST(w.clock.settings() == 2u);
  BOOST_TEST(w.advance(19ms) == "");
  BOOST_TEST(w.advance(1ms) == "30:TO");
}

TORO_TEST_CASE_TEMPLATE(all_that_are_due_end_in_the_order_of_deadlines,
                        Threading, policies)
{
  world w;
  event_of<Threading> ev(w.context());
  ev.async_wait(20ms, w.on("20"));
  ev.async_wait(10ms, w.on("10"));
  ev.async_wait(15ms, w.on("15"));
  ev.async_wait(10ms, w.on("10b"));
  BOOST_TEST(w.advance(1h) == "10:TO 10b:TO 15:TO 20:TO");
}

// A wait that is due gets nothing that those before it have left.
TORO_TEST_CASE_TEMPLATE(all_that_are_due_end_before_others_are_granted,
                        Threading, policies)
{
  world w;
  toro::basic_semaphore<any_executor, Threading> permits(w.context(), 1);
  permits.async_acquire(2, 10ms, w.on("10"));
  permits.async_acquire(1, 20ms, w.on("20"));
  permits.async_acquire(1, w.on("none"));
  BOOST_TEST(w.advance(1h) == "10:TO 20:TO none");
}

TORO_TEST_CASE_TEMPLATE(far_deadline_does_not_keep_the_context_running,
                        Threading, policies)
{
  world w;
  event_of<Threading> ev(w.context());
  // Each time the timer is idle again, it is unset.
  for (int i = 0; i != 2; ++i)
  {
    ev.async_wait(1h, w.on("wait"));
    BOOST_TEST(w.clock.pending() == 1u);
    ev.set();
    BOOST_TEST(w.run() == "wait");
    BOOST_TEST(w.clock.pending() == 0u);
    BOOST_TEST(w.context().stopped());
    ev.clear();
  }
}

TORO_TEST_CASE_TEMPLATE(cancelled_wait_takes_its_alarm_along, Threading,
                        policies)
{
  world w;
  event_of<Threading> ev(w.context());
  asio::cancellation_signal cancel;
  ev.async_wait(1h, asio::bind_cancellation_slot(cancel.slot(), w.on("wait")));
  cancel.emit(asio::cancellation_type::all);
  BOOST_TEST(w.run() == "wait:AB");
  BOOST_TEST(w.clock.pending() == 0u);
}

// The check for which a timer is unset is posted again if an executor refuses
// it.
TORO_TEST_CASE_TEMPLATE(refused_check_is_posted_again, Threading, policies)
{
  world w;
  planned_throws throws;
  toro::basic_event<throwing_executor, Threading> ev(
      throwing_executor(w.context(), throws));
  asio::cancellation_signal cancel;
  ev.async_wait(1h, asio::bind_cancellation_slot(cancel.slot(), w.on("wait")));
  BOOST_TEST(w.clock.pending() == 1u);
  throws.left = 1;
  cancel.emit(asio::cancellation_type::all);
  BOOST_TEST(throws.left == 0);
  // The delivery is the next entry.
  BOOST_TEST(w.run() == "wait:AB");
  BOOST_TEST(w.clock.pending() == 0u);
}

TORO_TEST_CASE_TEMPLATE(busy_lock_sets_its_alarm_once, Threading, policies)
{
  world w;
  lock_of<Threading> lk(w.context());
  typename lock_of<Threading>::guard_type held = lk.try_acquire();
  // Somebody waits at every moment.
  lk.async_acquire(1h, w.on("x", keep_in(held)));
  for (int i = 0; i != 100; ++i)
  {
    lk.async_acquire(1h, w.on("x", keep_in(held)));
    held.reset();
    BOOST_TEST(w.poll() == "x");
    w.clock.advance(1ns);
  }
  BOOST_TEST(w.clock.settings() == 1u);
  held.reset();
  BOOST_TEST(w.poll() == "x");
}

TORO_TEST_CASE_TEMPLATE(primitive_takes_its_alarm_along, Threading, policies)
{
  world w;
  {
    toro::basic_event<any_executor, Threading> ev(w.context());
    ev.async_wait(1h, w.on("wait"));
    BOOST_TEST(w.clock.alarms() == 1u);
  }
  BOOST_TEST(w.run() == "wait:AB");
  BOOST_TEST(w.clock.alarms() == 0u);
}

TORO_TEST_CASE_TEMPLATE(moved_primitive_keeps_its_deadlines, Threading,
                        policies)
{
  world w;
  toro::basic_event<any_executor, Threading> first(w.context());
  first.async_wait(10ms, w.on("wait"));
  auto second = std::move(first);
  BOOST_TEST(w.advance(9ms) == "");
  BOOST_TEST(second.waiters() == 1u);
  BOOST_TEST(w.advance(1ms) == "wait:TO");
}

TORO_TEST_CASE_TEMPLATE(deadline_of_one_wait_leaves_the_others, Threading,
                        policies)
{
  world w;
  idle_at_end<toro::basic_queue<int, any_executor, Threading>> q(w.context());
  q.async_get(w.on("1"));
  q.async_get(10ms, w.on("2"));
  q.async_get(w.on("3"));
  BOOST_TEST(w.advance(10ms) == "2:TO");
  BOOST_TEST(q.try_put(7));
  BOOST_TEST(q.try_put(8));
  BOOST_TEST(w.poll() == "1=7 3=8");
}

TORO_TEST_CASE_TEMPLATE(steady_clock_is_used_where_no_other_is_given, Threading,
                        policies)
{
  asio::io_context context;
  event_of<Threading> ev(context);
  boost::system::error_code ended;
  ev.async_wait(1ms,
                [&](boost::system::error_code ec)
                {
                  ended = ec;
                });
  // The timer fires once, and the wait completes.
  BOOST_TEST(context.run() == 2u);
  BOOST_TEST((ended == asio::error::timed_out));

  ev.async_wait(1h,
                [&](boost::system::error_code ec)
                {
                  ended = ec;
                });
  asio::post(context,
             [&]
             {
               ev.set();
             });
  context.restart();
  context.run();
  BOOST_TEST(!ended);
}

// A service that is older than the first timer, as Asio's reactor may be, is
// shut down after the objects that have timers.
TORO_TEST_CASE_TEMPLATE(objects_end_before_what_their_timers_use, Threading,
                        policies)
{
  std::optional<asio::io_context> context(std::in_place);
  event_of<Threading> ev(*context);
  auto owned = std::make_shared<int>();
  bool was_owned = true;
  asio::make_service<owner_watch>(*context, std::weak_ptr<int>(owned),
                                  was_owned);
  ev.async_wait(1h,
                [owned = std::move(owned)](boost::system::error_code)
                {
                  static_cast<void>(owned);
                });
  context.reset();
  BOOST_TEST(!was_owned);
}

// Asio makes a service in each thread that is the first to ask for it, and
// destroys all but one of them while the context is in use.
TORO_TEST_CASE_TEMPLATE(service_that_asio_does_not_keep_ends_nothing, Threading,
                        policies)
{
  asio::io_context context;
  event_of<Threading> ev(context);
  int called = 0;
  const auto count = [&](boost::system::error_code ec)
  {
    if (!ec)
      ++called;
  };
  ev.async_wait(1h, count);
  {
    const toro::detail::shutdown_service not_kept(context);
    const toro::detail::reactor_shutdown_service not_kept_either(context);
  }
  ev.async_wait(1h, count);
  ev.set();
  context.run();
  BOOST_TEST(called == 2);
}

BOOST_AUTO_TEST_SUITE_END()
