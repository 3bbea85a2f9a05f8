// SPDX-License-Identifier: BSL-1.0
#include <toro/condition.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/case_template.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_condition_predicate)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;

template <class Threading>
using condition_of =
    idle_at_end<toro::basic_condition<any_executor, Threading>>;

// A predicate that notes its calls and answers as it is told.
struct question
{
  world* w;
  std::string name;
  const bool* answer;
  const bool* fail = nullptr;

  bool operator()() const
  {
    w->note(name);
    if (fail && *fail)
      throw std::domain_error("predicate");
    return *answer;
  }
};

} // namespace

TORO_TEST_CASE_TEMPLATE(true_predicate_completes_at_once, Threading, policies)
{
  world w;
  condition_of<Threading> cv(w.context());
  const bool yes = true;
  cv.async_wait(question{&w, "?", &yes}, w.on("wait"));
  BOOST_TEST(cv.waiters() == 0u);
  cv.async_wait(question{&w, "?", &yes}, -1s, w.on("late"));
  BOOST_TEST(w.take() == "? ?");
  BOOST_TEST(w.poll() == "wait late");
}

TORO_TEST_CASE_TEMPLATE(false_predicate_with_a_passed_deadline_times_out,
                        Threading, policies)
{
  world w;
  condition_of<Threading> cv(w.context());
  const bool no = false;
  cv.async_wait(question{&w, "?", &no}, -1s, w.on("late"));
  BOOST_TEST(cv.waiters() == 0u);
  BOOST_TEST(w.poll() == "? late:TO");
}

TORO_TEST_CASE_TEMPLATE(false_predicate_goes_back_to_its_place, Threading,
                        policies)
{
  world w;
  condition_of<Threading> cv(w.context());
  bool answer = false;
  cv.async_wait(question{&w, "a?", &answer}, w.on("a"));
  BOOST_TEST(w.take() == "a?");
  BOOST_TEST(cv.notify() == 1u);
  BOOST_TEST(w.poll() == "a?");
  BOOST_TEST(cv.waiters() == 1u);

  cv.async_wait(w.on("b"));
  answer = true;
  BOOST_TEST(cv.notify() == 1u);
  BOOST_TEST(w.poll() == "a? a");
  BOOST_TEST(cv.notify() == 1u);
  BOOST_TEST(w.poll() == "b");
}

TORO_TEST_CASE_TEMPLATE(wait_goes_back_with_its_deadline, Threading, policies)
{
  world w;
  condition_of<Threading> cv(w.context());
  bool answer = false;
  cv.async_wait(question{&w, "?", &answer}, 100ms, w.on("wait"));
  BOOST_TEST(w.advance(50ms) == "?");
  cv.notify();
  BOOST_TEST(w.poll() == "?");
  BOOST_TEST(w.advance(49ms) == "");
  // Expiry does not ask, whatever the answer would be.
  answer = true;
  BOOST_TEST(w.advance(1ms) == "wait:TO");
}

TORO_TEST_CASE_TEMPLATE(deadline_that_passes_while_asked_ends_the_wait,
                        Threading, policies)
{
  world w;
  condition_of<Threading> cv(w.context());
  const bool no = false;
  cv.async_wait(question{&w, "?", &no}, 100ms, w.on("wait"));
  cv.notify();
  BOOST_TEST(w.advance(200ms) == "? ?");
  BOOST_TEST(w.advance(0ms) == "wait:TO");
}

TORO_TEST_CASE_TEMPLATE(notification_visits_the_waits_in_order, Threading,
                        policies)
{
  world w;
  condition_of<Threading> cv(w.context());
  bool answer = false;
  bool last = false;
  cv.async_wait(question{&w, "a?", &answer}, w.on("a"));
  cv.async_wait(question{&w, "b?", &answer}, w.on("b"));
  cv.async_wait(question{&w, "c?", &last}, w.on("c"));
  w.take();
  last = true;
  BOOST_TEST(cv.notify(1) == 1u);
  BOOST_TEST(w.poll() == "a? b? c? c");
  BOOST_TEST(cv.waiters() == 2u);

  BOOST_TEST(cv.notify(1) == 1u);
  cv.async_wait(w.on("came later"));
  BOOST_TEST(w.poll() == "a? b?");
  BOOST_TEST(cv.waiters() == 3u);
  answer = true;
  BOOST_TEST(cv.notify_all() == 3u);
  BOOST_TEST(w.poll() == "a? a b? b came later");
}

TORO_TEST_CASE_TEMPLATE(notification_of_all_is_not_passed_on, Threading,
                        policies)
{
  world w;
  condition_of<Threading> cv(w.context());
  const bool no = false;
  cv.async_wait(question{&w, "a?", &no}, w.on("a"));
  cv.async_wait(question{&w, "b?", &no}, w.on("b"));
  w.take();
  BOOST_TEST(cv.notify_all() == 2u);
  BOOST_TEST(w.poll() == "a? b?");
  BOOST_TEST(cv.waiters() == 2u);
  cv.cancel();
  BOOST_TEST(w.poll() == "a:AB b:AB");
}

TORO_TEST_CASE_TEMPLATE(predicate_that_throws_at_first_leaves_no_wait,
                        Threading, policies)
{
  world w;
  condition_of<Threading> cv(w.context());
  const bool no = false;
  const bool fail = true;
  w.allow_drops();
  BOOST_CHECK_THROW(cv.async_wait(question{&w, "?", &no, &fail}, w.on("wait")),
                    std::domain_error);
  BOOST_TEST(cv.waiters() == 0u);
  BOOST_TEST(w.drops() == 1u);
  BOOST_TEST(w.poll() == "?");
  BOOST_TEST(w.context().stopped());
}

TORO_TEST_CASE_TEMPLATE(predicate_that_throws_later_waits_on, Threading,
                        policies)
{
  world w;
  condition_of<Threading> cv(w.context());
  bool answer = false;
  bool fail = false;
  cv.async_wait(question{&w, "a?", &answer, &fail}, 1h, w.on("a"));
  cv.async_wait(w.on("b"));
  w.take();
  fail = true;
  BOOST_TEST(cv.notify(1) == 1u);
  BOOST_CHECK_THROW(w.poll(), std::domain_error);
  BOOST_TEST(cv.waiters() == 1u);
  BOOST_TEST(w.poll() == "a? b");

  fail = false;
  answer = true;
  BOOST_TEST(cv.notify(1) == 1u);
  BOOST_TEST(w.poll() == "a? a");
}

TORO_TEST_CASE_TEMPLATE(cancelled_notification_is_not_asked_about, Threading,
                        policies)
{
  world w;
  condition_of<Threading> cv(w.context());
  const bool no = false;
  asio::cancellation_signal cancel;
  cv.async_wait(question{&w, "a?", &no},
                asio::bind_cancellation_slot(cancel.slot(), w.on("a")));
  cv.async_wait(w.on("b"));
  w.take();
  BOOST_TEST(cv.notify(1) == 1u);
  cancel.emit(asio::cancellation_type::total);
  BOOST_TEST(w.poll() == "a:AB b");
}

// The answer decides whether the handler is called, wherever that runs.
TORO_TEST_CASE_TEMPLATE(predicate_is_asked_before_a_handler_elsewhere,
                        Threading, policies)
{
  world w;
  asio::io_context elsewhere;
  condition_of<Threading> cv(w.context());
  bool answer = false;
  bool called = false;
  cv.async_wait(
      [&]
      {
        return answer;
      },
      asio::bind_executor(elsewhere.get_executor(),
                          [&](boost::system::error_code ec)
                          {
                            called = !ec;
                          }));
  for (const bool expected : {false, true})
  {
    answer = expected;
    BOOST_TEST(cv.notify() == 1u);
    w.poll();
    elsewhere.restart();
    elsewhere.poll();
    BOOST_TEST(called == expected);
    BOOST_TEST(cv.waiters() == (expected ? 0u : 1u));
  }
}

TORO_TEST_CASE_TEMPLATE(predicate_that_cancels_its_wait_may_throw, Threading,
                        policies)
{
  world w;
  asio::io_context elsewhere;
  condition_of<Threading> cv(w.context());
  int thrown = 0;
  const auto run = [&](asio::io_context& context)
  {
    context.restart();
    for (bool again = true; again;)
    {
      again = false;
      try
      {
        context.poll();
      }
      catch (const std::domain_error&)
      {
        ++thrown;
        again = true;
      }
    }
  };
  for (asio::io_context* where : {&w.context(), &elsewhere})
  {
    int calls = 0;
    int cancelled = 0;
    thrown = 0;
    cv.async_wait(
        [&]
        {
          if (++calls != 2)
            return false;
          cv.cancel();
          throw std::domain_error("predicate");
        },
        asio::bind_executor(where->get_executor(),
                            [&](boost::system::error_code ec)
                            {
                              cancelled += ec == asio::error::operation_aborted;
                            }));
    cv.notify();
    run(w.context());
    run(elsewhere);
    BOOST_TEST(calls == 2);
    BOOST_TEST(cancelled == 1);
    BOOST_TEST(thrown == 1);
  }
}

// Something may change while a predicate is called, and be notified of then.
TORO_TEST_CASE_TEMPLATE(notification_during_the_predicate_asks_again, Threading,
                        policies)
{
  world w;
  condition_of<Threading> cv(w.context());
  int calls = 0;
  cv.async_wait(
      [&]
      {
        if (++calls == 2)
          cv.notify();
        return calls == 3;
      },
      w.on("wait"));
  BOOST_TEST(calls == 1);
  BOOST_TEST(cv.notify() == 1u);
  BOOST_TEST(w.poll() == "wait");
  BOOST_TEST(calls == 3);
  BOOST_TEST(cv.waiters() == 0u);
  cv.cancel();
  w.poll();
}

TORO_TEST_CASE_TEMPLATE(predicate_may_look_at_the_condition, Threading,
                        policies)
{
  world w;
  condition_of<Threading> cv(w.context());
  cv.async_wait(w.on("b"));
  cv.async_wait(
      [&]
      {
        return cv.waiters() == 0;
      },
      w.on("a"));
  BOOST_TEST(cv.waiters() == 2u);
  BOOST_TEST(cv.notify(1) == 1u);
  BOOST_TEST(w.poll() == "b");
  BOOST_TEST(cv.notify(1) == 1u);
  BOOST_TEST(w.poll() == "a");
}

// Waits with and without a predicate, notified in the middle of their calls. Of
// those that are left all are told in the order in which they began.
TORO_TEST_CASE_TEMPLATE(declined_waits_keep_their_order, Threading, policies)
{
  for (unsigned seed = 1; seed != 41; ++seed)
  {
    world w;
    condition_of<Threading> cv(w.context());
    std::mt19937 random(seed);
    std::vector<int> told;
    bool answer = false;
    int begun = 0;
    const auto note = [&](int number)
    {
      return [&told, number](boost::system::error_code)
      {
        told.push_back(number);
      };
    };
    for (int i = 0; i != 400; ++i)
    {
      switch (random() % 8)
      {
      case 0:
        cv.async_wait(note(begun++));
        break;
      case 1:
      case 2:
        cv.async_wait(
            [&]
            {
              return answer;
            },
            note(begun++));
        break;
      case 3:
        // Notified as it begins.
        cv.async_wait(
            [&, first = true]() mutable
            {
              if (std::exchange(first, false))
                cv.notify(random() % 3);
              return answer;
            },
            note(begun++));
        break;
      case 4:
        cv.notify(random() % 4);
        break;
      default:
        w.poll_one();
        break;
      }
    }
    w.poll();
    told.clear();
    answer = true;
    const std::size_t waiters = cv.waiters();
    BOOST_TEST(cv.notify_all() == waiters);
    w.poll();
    BOOST_TEST(told.size() == waiters);
    BOOST_TEST(std::is_sorted(told.begin(), told.end()));
  }
}

BOOST_AUTO_TEST_SUITE_END()
