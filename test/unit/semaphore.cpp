// SPDX-License-Identifier: BSL-1.0
// What semaphores have beyond Toro's: permits that are divided, some of those
// that are free, the end of all waits, and another total.
#include <toro/bounded_semaphore.hpp>
#include <toro/diagnostics.hpp>
#include <toro/eager.hpp>
#include <toro/semaphore.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "support/case_template.hpp"
#include "support/primitives.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_semaphore)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;

template <class Threading>
using permit_of = toro::basic_permit<Threading>;

const std::size_t too_many = static_cast<std::size_t>(PTRDIFF_MAX) + 1;

} // namespace

TORO_TEST_CASE_TEMPLATE(permits_are_divided_and_joined, Threading, policies)
{
  world w;
  semaphore_of<Threading> sem(w.context(), 5);
  auto all = sem.try_acquire(4);
  auto two = all.split(2);
  BOOST_TEST(all.count() == 2u);
  BOOST_TEST(two.count() == 2u);
  BOOST_TEST(sem.value() == 1u);
  two.reset();
  BOOST_TEST(sem.value() == 3u);
  auto one = all.split(1);
  one.merge(std::move(all));
  BOOST_TEST(!all);
  BOOST_TEST(one.count() == 2u);
  BOOST_TEST(sem.value() == 3u);
}

TORO_TEST_CASE_TEMPLATE(all_permits_or_none_are_split_off, Threading, policies)
{
  world w;
  semaphore_of<Threading> sem(w.context(), 2);
  auto some = sem.try_acquire(2);
  BOOST_TEST(!some.split(0));
  BOOST_TEST(some.count() == 2u);
  auto all = some.split(2);
  BOOST_TEST(!some);
  BOOST_TEST(some.count() == 0u);
  BOOST_TEST(all.count() == 2u);
  BOOST_TEST(!some.split(0));
}

TORO_TEST_CASE_TEMPLATE(more_permits_than_there_are_change_nothing, Threading,
                        policies)
{
  world w;
  semaphore_of<Threading> sem(w.context(), 3);
  auto two = sem.try_acquire(2);
  permit_of<Threading> empty;
  for (const std::size_t n : {std::size_t(3), too_many, std::size_t(-1)})
  {
    BOOST_CHECK_THROW(static_cast<void>(two.split(n)), std::invalid_argument);
    BOOST_CHECK_THROW(two.give_back(n), std::invalid_argument);
    BOOST_CHECK_THROW(empty.give_back(n), std::invalid_argument);
  }
  BOOST_TEST(two.count() == 2u);
  BOOST_TEST(sem.value() == 1u);
}

TORO_TEST_CASE_TEMPLATE(permits_of_two_semaphores_do_not_join, Threading,
                        policies)
{
  world w;
  semaphore_of<Threading> a(w.context(), 1);
  semaphore_of<Threading> b(w.context(), 1);
  auto of_a = a.try_acquire();
  auto of_b = b.try_acquire();
  BOOST_CHECK_THROW(of_a.merge(std::move(of_b)), std::invalid_argument);
  BOOST_TEST(of_a.count() == 1u);
  BOOST_TEST(of_b.count() == 1u);

  // An empty one belongs to none.
  permit_of<Threading> empty;
  of_a.merge(std::move(empty));
  BOOST_TEST(of_a.count() == 1u);
  empty.merge(std::move(of_b));
  BOOST_TEST(!of_b);
  empty.reset();
  BOOST_TEST(b.value() == 1u);
  auto& same = of_a;
  of_a.merge(std::move(same));
  BOOST_TEST(of_a.count() == 1u);
}

TORO_TEST_CASE_TEMPLATE(part_of_the_permits_is_given_back, Threading, policies)
{
  world w;
  bounded_of<Threading> sem(w.context(), 3);
  auto three = sem.try_acquire(3);
  sem.async_acquire(2, w.on("two", let_go()));
  three.give_back(0);
  three.give_back(1);
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(sem.value() == 1u);
  three.give_back(1);
  BOOST_TEST(three.count() == 1u);
  BOOST_TEST(sem.value() == 0u);
  BOOST_TEST(w.poll() == "two");
  three.give_back(1);
  BOOST_TEST(!three);
  BOOST_TEST(sem.value() == 1u);
  sem.release(2);
}

TORO_TEST_CASE_TEMPLATE(permits_are_divided_when_the_semaphore_is_gone,
                        Threading, policies)
{
  world w;
  permit_of<Threading> three;
  {
    semaphore_of<Threading> sem(w.context(), 3);
    three = sem.try_acquire(3);
  }
  w.end_context();
  auto one = three.split(1);
  three.give_back(1);
  one.merge(std::move(three));
  BOOST_TEST(one.count() == 2u);
}

BOOST_AUTO_TEST_CASE(dump_shows_what_is_left_to_an_owner)
{
  world w;
  toro::enable_diagnostics(w.context());
  toro::semaphore sem(w.context(), 30);
  auto many = sem.try_acquire(30);
  many.set_name("owner");
  auto two = many.split(2);
  const auto text = [&]
  {
    std::ostringstream out;
    sem.dump(out);
    return out.str();
  };
  BOOST_TEST(text() == "<semaphore counter=0>\n"
                       "  28 permits held by \"owner\" for 0.000 s\n");
  two.set_name("second");
  many.merge(std::move(two));
  BOOST_TEST(text() == "<semaphore counter=0>\n"
                       "  30 permits held by \"owner\" for 0.000 s\n");
  many.give_back(29);
  BOOST_TEST(text() == "<semaphore counter=29>\n"
                       "  held by \"owner\" for 0.000 s\n");
  const auto last = many.split(1);
  many.set_name("nobody");
  BOOST_TEST(text() == "<semaphore counter=29>\n"
                       "  held by \"owner\" for 0.000 s\n");
}

TORO_TEST_CASE_TEMPLATE(some_of_the_free_permits_are_acquired, Threading,
                        policies)
{
  world w;
  semaphore_of<Threading> sem(w.context(), 3);
  permit_of<Threading> some;
  sem.async_acquire_some(1, 8, w.on("3 of 8", keep_in(some)));
  BOOST_TEST(w.poll() == "3 of 8");
  BOOST_TEST(some.count() == 3u);
  sem.async_acquire_some(2, 2, w.on("2 of 2", keep_in(some)));
  sem.release(4);
  // Only what it waits for is reserved until the handler runs.
  BOOST_TEST(sem.value() == 2u);
  BOOST_TEST(w.poll() == "2 of 2");
  BOOST_TEST(some.count() == 2u);
  BOOST_TEST(sem.value() == 5u);
}

TORO_TEST_CASE_TEMPLATE(permits_that_others_wait_for_are_left, Threading,
                        policies)
{
  world w;
  semaphore_of<Threading> sem(w.context(), 0);
  permit_of<Threading> some;
  sem.async_acquire_some(1, 3, w.on("some", keep_in(some)));
  sem.async_acquire(3, w.on("three", let_go()));
  sem.release(3);
  BOOST_TEST(sem.value() == 2u);
  BOOST_TEST(w.poll() == "some");
  BOOST_TEST(some.count() == 1u);
  some.reset();
  BOOST_TEST(w.poll() == "three");
}

TORO_TEST_CASE_TEMPLATE(none_at_least_waits_for_nobody, Threading, policies)
{
  world w;
  semaphore_of<Threading> sem(w.context(), 1);
  permit_of<Threading> some;
  sem.async_acquire_some(0, 2, w.on("a", keep_in(some)));
  BOOST_TEST(w.poll() == "a");
  BOOST_TEST(some.count() == 1u);
  sem.async_acquire(w.on("waits", let_go()));
  permit_of<Threading> none;
  sem.async_acquire_some(0, 2, w.on("b", keep_in(none)));
  BOOST_TEST(w.poll() == "b");
  BOOST_TEST(!none);
  some.reset();
  BOOST_TEST(w.poll() == "waits");
}

TORO_TEST_CASE_TEMPLATE(some_permits_can_be_impossible, Threading, policies)
{
  world w;
  bounded_of<Threading> sem(w.context(), 2);
  sem.async_acquire_some(2, 1, w.on("a"));
  sem.async_acquire_some(3, 4, w.on("b"));
  sem.async_acquire_some(too_many, too_many, w.on("c"));
  sem.async_acquire_some(0, too_many, w.on("d"));
  BOOST_TEST(w.poll() == "a:impossible b:impossible c:impossible d");
  BOOST_TEST(sem.value() == 2u);
}

TORO_TEST_CASE_TEMPLATE(cancelled_grant_of_some_returns_all, Threading,
                        policies)
{
  world w;
  semaphore_of<Threading> sem(w.context(), 0);
  asio::cancellation_signal signal;
  sem.async_acquire_some(
      1, 9, 1s, asio::bind_cancellation_slot(signal.slot(), w.on("some")));
  sem.release(4);
  signal.emit(asio::cancellation_type::total);
  BOOST_TEST(w.poll() == "some:AB");
  BOOST_TEST(sem.value() == 4u);
}

TORO_TEST_CASE_TEMPLATE(eager_acquires_some, Threading, policies)
{
  world w;
  semaphore_of<Threading> sem(w.context(), 5);
  std::size_t got = 0;
  const auto acquire = [&]() -> asio::awaitable<void>
  {
    const auto some = co_await sem.async_acquire_some(1, 4, toro::eager);
    got = some.count();
    BOOST_TEST(sem.value() == 1u);
  };
  w.spawn("done", acquire());
  BOOST_TEST(w.poll() == "done");
  BOOST_TEST(got == 4u);
}

TORO_TEST_CASE_TEMPLATE(closed_semaphore_gives_no_permits, Threading, policies)
{
  world w;
  semaphore_of<Threading> sem(w.context(), 2);
  auto held = sem.try_acquire(2);
  sem.async_acquire(w.on("acquire"));
  sem.async_acquire_some(1, 2, w.on("some"));
  sem.async_wait(w.on("wait"));
  BOOST_TEST(sem.is_open());
  BOOST_TEST(sem.close() == 3u);
  BOOST_TEST(sem.close() == 0u);
  BOOST_TEST(!sem.is_open());
  BOOST_TEST(w.poll() == "acquire:closed some:closed wait:closed");

  held.reset();
  sem.release(1);
  BOOST_TEST(sem.value() == 3u);
  BOOST_TEST(to_string(sem) == "<semaphore closed counter=3>");
  BOOST_TEST(!sem.try_acquire());
  sem.async_acquire(0, w.on("none"));
  sem.async_acquire(-1s, w.on("acquire"));
  sem.async_acquire_some(0, 2, w.on("some"));
  sem.async_wait(w.on("wait"));
  BOOST_TEST(w.poll() == "none:closed acquire:closed some:closed wait:closed");
}

TORO_TEST_CASE_TEMPLATE(grant_made_before_the_close_stands, Threading, policies)
{
  world w;
  semaphore_of<Threading> sem(w.context(), 0);
  sem.async_acquire(w.on("granted", let_go()));
  sem.async_acquire(w.on("waits"));
  sem.release(1);
  BOOST_TEST(sem.close() == 1u);
  BOOST_TEST(w.poll() == "granted waits:closed");
}

TORO_TEST_CASE_TEMPLATE(larger_total_grants_at_once, Threading, policies)
{
  world w;
  bounded_of<Threading> sem(w.context(), 0);
  BOOST_TEST(sem.resize(1) == 0u);
  sem.async_acquire(w.on("a", let_go()));
  sem.async_acquire(w.on("b", let_go()));
  sem.async_wait(w.on("w"));
  BOOST_TEST(sem.resize(3) == 2u);
  BOOST_TEST(w.poll() == "a b w");
  BOOST_TEST(sem.value() == 1u);
}

TORO_TEST_CASE_TEMPLATE(smaller_total_is_a_debt, Threading, policies)
{
  world w;
  bounded_of<Threading> sem(w.context(), 4);
  auto three = sem.try_acquire(3);
  sem.resize(1);
  BOOST_TEST(sem.value() == 0u);
  BOOST_TEST(three.count() == 3u);
  three.give_back(1);
  BOOST_TEST(sem.value() == 0u);
  three.give_back(1);
  BOOST_TEST(sem.value() == 0u);
  three.give_back(1);
  BOOST_TEST(sem.value() == 1u);

  // What is detached pays as well, and no more can be released than that.
  sem.resize(2);
  sem.try_acquire(2).detach();
  sem.resize(0);
  boost::system::error_code ec;
  sem.release(3, ec);
  BOOST_TEST(ec == make_error_code(toro::error::over_released));
  BOOST_TEST(sem.release(2) == 0u);
  sem.release(1, ec);
  BOOST_TEST(ec == make_error_code(toro::error::over_released));
  BOOST_TEST(sem.value() == 0u);
  sem.resize(2);
  BOOST_TEST(sem.value() == 2u);
}

TORO_TEST_CASE_TEMPLATE(debt_is_cancelled_by_a_larger_total, Threading,
                        policies)
{
  world w;
  bounded_of<Threading> sem(w.context(), 4);
  const auto three = sem.try_acquire(3);
  sem.resize(1);
  sem.resize(3);
  BOOST_TEST(sem.value() == 0u);
  sem.resize(4);
  BOOST_TEST(sem.value() == 1u);
}

TORO_TEST_CASE_TEMPLATE(waits_above_the_new_total_are_impossible, Threading,
                        policies)
{
  world w;
  bounded_of<Threading> sem(w.context(), 3);
  auto held = sem.try_acquire(3);
  sem.async_acquire(3, w.on("three"));
  sem.async_acquire(2, w.on("two", let_go()));
  sem.async_acquire_some(3, 9, w.on("some"));
  BOOST_TEST(sem.resize(2) == 0u);
  BOOST_TEST(w.poll() == "three:impossible some:impossible");
  held.reset();
  BOOST_TEST(w.poll() == "two");
}

TORO_TEST_CASE_TEMPLATE(grants_join_the_debt, Threading, policies)
{
  world w;
  bounded_of<Threading> sem(w.context(), 2);
  auto held = sem.try_acquire(2);
  permit_of<Threading> two;
  asio::cancellation_signal signal;
  sem.async_acquire(2, asio::bind_cancellation_slot(signal.slot(),
                                                    w.on("two", keep_in(two))));
  held.reset();
  sem.resize(1);
  BOOST_TEST(sem.value() == 0u);

  // A revoked grant pays.
  sem.async_acquire(w.on("one", let_go()));
  signal.emit(asio::cancellation_type::terminal);
  BOOST_TEST(w.poll() == "two:AB one");
  sem.release(1);
  BOOST_TEST(sem.value() == 1u);
}

TORO_TEST_CASE_TEMPLATE(total_out_of_range_changes_nothing, Threading, policies)
{
  world w;
  bounded_of<Threading> sem(w.context(), 2);
  BOOST_CHECK_THROW(sem.resize(too_many), std::invalid_argument);
  BOOST_CHECK_THROW(sem.resize(static_cast<std::size_t>(-1)),
                    std::invalid_argument);
  BOOST_TEST(sem.value() == 2u);
  sem.resize(PTRDIFF_MAX);
  BOOST_TEST(sem.value() == static_cast<std::size_t>(PTRDIFF_MAX));
}

BOOST_AUTO_TEST_SUITE_END()
