// SPDX-License-Identifier: BSL-1.0
//
// Executors that refuse completions: who gets them when, in which order.
#include <toro/eager.hpp>
#include <toro/event.hpp>
#include <toro/lock.hpp>
#include <toro/queue.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "support/case_template.hpp"
#include "support/interrupted_executor.hpp"
#include "support/scripted_executor.hpp"
#include "support/throwing_executor.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_failures)

namespace {

using namespace toro_test;

template <class Threading>
using event_of = idle_at_end<toro::basic_event<throwing_executor, Threading>>;

template <class Threading>
using lock_of = idle_at_end<toro::basic_lock<throwing_executor, Threading>>;

template <class Threading>
using queue_of =
    idle_at_end<toro::basic_queue<int, throwing_executor, Threading>>;

struct refusing_world : world
{
  planned_throws throws;

  throwing_executor executor()
  {
    return throwing_executor(context(), throws);
  }
};

} // namespace

TORO_TEST_CASE_TEMPLATE(refused_completion_of_an_initiation_is_kept, Threading,
                        policies)
{
  refusing_world w;
  lock_of<Threading> lk(w.executor());
  w.throws.left = 1;
  BOOST_CHECK_THROW(lk.async_acquire(w.on("acquire", let_go())),
                    std::domain_error);
  BOOST_TEST(lk.locked());
  BOOST_TEST(w.poll() == "");
  // The next entry hands it over.
  BOOST_TEST(!lk.try_acquire());
  BOOST_TEST(w.poll() == "acquire");
  lk.release();
}

TORO_TEST_CASE_TEMPLATE(refused_completion_does_not_hold_up_the_others,
                        Threading, policies)
{
  refusing_world w;
  event_of<Threading> ev(w.executor());
  for (int i = 0; i != 4; ++i)
    ev.async_wait(w.on(std::to_string(i)));
  w.throws.left = 1;
  BOOST_CHECK_THROW(ev.set(), std::domain_error);
  BOOST_TEST(ev.is_set());
  BOOST_TEST(ev.waiters() == 0u);
  // The delivery of the second one is the next entry.
  BOOST_TEST(w.poll() == "1 2 3 0");
}

// Both completions were accepted.
BOOST_AUTO_TEST_CASE(first_exception_leaves_the_call)
{
  world w;
  idle_at_end<toro::event> ev(w.context());
  std::function<void()> first = []
  {
    throw std::domain_error("first");
  };
  std::function<void()> second = []
  {
    throw std::runtime_error("second");
  };
  for (auto* const what : {&first, &second})
    ev.async_wait(boost::asio::bind_executor(
        any_executor(interrupted_executor(w.context(), *what)), w.on("wait")));
  BOOST_CHECK_THROW(ev.set(), std::domain_error);
  BOOST_TEST(!first);
  BOOST_TEST(!second);
  BOOST_TEST(w.poll() == "wait wait");
}

// The address sanitizer sees who touches an operation that has ended.
BOOST_AUTO_TEST_CASE(executor_may_throw_when_the_completion_has_run)
{
  world w;
  idle_at_end<toro::event> ev(w.context());
  const any_executor executor(
      scripted_executor(std::make_shared<boost::asio::io_context>(),
                        [](task next)
                        {
                          next();
                          throw 1;
                        }));
  int calls = 0;
  for (int i = 0; i != 2; ++i)
    ev.async_wait(boost::asio::bind_executor(executor,
                                             [&](boost::system::error_code)
                                             {
                                               ++calls;
                                             }));
  BOOST_CHECK_THROW(ev.set(), int);
  BOOST_TEST(calls == 2);
}

TORO_TEST_CASE_TEMPLATE(refused_completions_keep_their_order, Threading,
                        policies)
{
  refusing_world w;
  event_of<Threading> ev(w.executor());
  for (int i = 0; i != 3; ++i)
    ev.async_wait(w.on(std::to_string(i)));
  w.throws.left = 6;
  BOOST_CHECK_THROW(ev.set(), std::domain_error);
  BOOST_CHECK_THROW(ev.set(), std::domain_error);
  BOOST_TEST(w.throws.left == 0);
  BOOST_TEST(w.poll() == "");
  ev.async_wait(w.on("3"));
  BOOST_TEST(w.poll() == "0 1 2 3");
}

// One that is refused on its way to the handler's executor was decided before
// one that was refused at its start.
BOOST_AUTO_TEST_CASE(completion_refused_later_keeps_its_place)
{
  refusing_world w;
  planned_throws later;
  const throwing_executor elsewhere(w.context(), later);
  toro::event ev(any_executor(w.executor()));
  ev.set();
  ev.async_wait(boost::asio::bind_executor(elsewhere, w.on("1")));
  w.throws.left = 1;
  BOOST_CHECK_THROW(
      ev.async_wait(boost::asio::bind_executor(elsewhere, w.on("2"))),
      std::domain_error);
  later.left = 1;
  BOOST_CHECK_THROW(w.poll(), std::domain_error);
  BOOST_TEST(w.poll() == "");
  ev.set();
  BOOST_TEST(w.poll() == "1 2");
}

TORO_TEST_CASE_TEMPLATE(refused_completion_can_still_be_cancelled, Threading,
                        policies)
{
  refusing_world w;
  lock_of<Threading> lk(w.executor());
  auto held = lk.try_acquire();
  lk.async_acquire(w.on("acquire"));
  w.throws.left = 1;
  held.reset();
  BOOST_TEST(lk.locked());
  BOOST_TEST(lk.cancel() == 1u);
  BOOST_TEST(!lk.locked());
  BOOST_TEST(w.poll() == "acquire:AB");
}

// What does not wait comes behind what was refused before, without a turn too.
TORO_TEST_CASE_TEMPLATE(eager_operation_does_not_overtake_refused_ones,
                        Threading, policies)
{
  refusing_world w;
  queue_of<Threading> q(w.executor());
  q.async_get(w.on("refused"));
  w.throws.left = 100;
  BOOST_TEST(q.try_put(1));
  BOOST_TEST(q.try_put(2));
  BOOST_TEST(w.throws.left < 100);
  w.throws.left = 0;
  const auto body = [&]() -> boost::asio::awaitable<void>
  {
    const int item = co_await q.async_get(toro::eager);
    w.note("eager=" + std::to_string(item));
  };
  w.spawn("done", body());
  BOOST_TEST(w.poll() == "refused=1 eager=2 done");
}

TORO_TEST_CASE_TEMPLATE(refusal_does_not_lose_what_try_functions_return,
                        Threading, policies)
{
  refusing_world w;
  queue_of<Threading> q(w.executor(), 1);
  BOOST_TEST(q.try_put(1));
  q.async_put(2, w.on("put"));
  w.throws.left = 1;
  BOOST_TEST(q.try_get().value() == 1);
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(q.size() == 1u);
  BOOST_TEST(q.try_get().value() == 2);
  BOOST_TEST(w.poll() == "put");

  q.async_get(w.on("get"));
  w.throws.left = 1;
  BOOST_TEST(q.try_put(3));
  BOOST_TEST(q.empty());
  BOOST_TEST(!q.try_get().has_value());
  BOOST_TEST(w.poll() == "get=3");
}

BOOST_AUTO_TEST_SUITE_END()
