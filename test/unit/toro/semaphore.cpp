// SPDX-License-Identifier: BSL-1.0
#include <toro/bounded_semaphore.hpp>
#include <toro/semaphore.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "support/case_template.hpp"
#include "support/primitives.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(toro_semaphore)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

// The cases of the common base run for all of these.
using semaphores =
    std::tuple<semaphore_of<toro::thread_safe>,
               semaphore_of<toro::strand_bound>, bounded_of<toro::thread_safe>,
               bounded_of<toro::strand_bound>>;

template <class Semaphore>
class contender
{
public:
  contender(Semaphore& sem, std::vector<typename Semaphore::permit_type>& held)
    : sem_(sem),
      held_(held)
  {
  }

  boost::asio::awaitable<void> run()
  {
    for (int i = 0; i != 2; ++i)
      held_.push_back(co_await sem_.async_acquire(boost::asio::use_awaitable));
  }

private:
  Semaphore& sem_;
  std::vector<typename Semaphore::permit_type>& held_;
};

} // namespace

TORO_TEST_CASE_TEMPLATE(SE1_SE2_negative_value_is_an_invalid_argument,
                        Semaphore, semaphores)
{
  world w;
  BOOST_CHECK_THROW(Semaphore(w.context(), static_cast<std::size_t>(-1)),
                    std::invalid_argument);
}

TORO_TEST_CASE_TEMPLATE(SE3_SE4_string_shows_the_counter, Semaphore, semaphores)
{
  world w;
  Semaphore sem(w.context(), 5);
  BOOST_TEST(sem.value() == 5u);
  const std::string text = to_string(sem);
  BOOST_TEST((text == "<semaphore counter=5>" ||
              text == "<bounded_semaphore counter=5>"));
}

TORO_TEST_CASE_TEMPLATE(SE5_SE6_acquire_locks_and_wait_sees_the_release,
                        Semaphore, semaphores)
{
  world w;
  Semaphore sem(w.context());
  BOOST_TEST(!sem.locked());
  sem.async_acquire(w.on("acquire", let_go()));
  BOOST_TEST(sem.locked());
  BOOST_TEST(w.poll() == "acquire");
  sem.async_wait(w.on("wait1"));
  BOOST_TEST(w.poll() == "");
  sem.release();
  BOOST_TEST(w.poll() == "wait1");
  sem.async_wait(w.on("wait2"));
  BOOST_TEST(w.poll() == "wait2");

  Semaphore two(w.context(), 2);
  two.async_acquire(w.on("1", let_go()));
  two.async_acquire(w.on("2", let_go()));
  BOOST_TEST(w.poll() == "1 2");
  BOOST_TEST(two.locked());
  two.release();
  two.release();
  BOOST_TEST(two.value() == 2u);
}

TORO_TEST_CASE_TEMPLATE(SE7_SE8_contended_permits_go_round, Semaphore,
                        semaphores)
{
  world w;
  Semaphore sem(w.context(), 7);
  auto mine = sem.try_acquire();
  std::vector<typename Semaphore::permit_type> held;
  contender<Semaphore> c(sem, held);
  for (int i = 0; i != 10; ++i)
    w.spawn("done", c.run());
  w.poll();
  BOOST_TEST(held.size() == 6u);

  std::size_t total = held.size();
  mine.reset();
  auto first = std::exchange(held, {});
  first.clear();
  w.poll();
  total += held.size();
  BOOST_TEST(held.size() == 7u);
  BOOST_TEST(total == 13u);

  auto second = std::exchange(held, {});
  second.resize(1);
  w.poll();
  total += held.size();
  BOOST_TEST(held.size() == 6u);
  BOOST_TEST(total == 19u);
  BOOST_TEST(sem.locked());
  sem.async_acquire(100ms, w.on("late"));
  // It stands behind the task whose second permit is still to come.
  BOOST_TEST(w.advance(100ms) == "late:TO");

  held.pop_back();
  BOOST_TEST(w.poll() == "done");
  BOOST_TEST(total + 1 == 20u);
}

TORO_TEST_CASE_TEMPLATE(SE9_SE10_acquire_works_after_a_time_out, Semaphore,
                        semaphores)
{
  world w;
  Semaphore sem(w.context(), 2);
  auto first = sem.try_acquire();
  auto second = sem.try_acquire();
  BOOST_TEST(static_cast<bool>(second));
  BOOST_TEST(!sem.try_acquire());
  sem.async_acquire(100ms, w.on("acquire"));
  BOOST_TEST(w.advance(99ms) == "");
  BOOST_TEST(w.advance(1ms) == "acquire:TO");
  first.reset();
  sem.async_acquire(w.on("acquire"));
  BOOST_TEST(w.poll() == "acquire");
  BOOST_TEST(static_cast<bool>(sem.try_acquire()));
}

TORO_TEST_CASE_TEMPLATE(SE11_SE12_default_value_is_one, Semaphore, semaphores)
{
  world w;
  Semaphore sem(w.context());
  BOOST_TEST(sem.value() == 1u);
  auto held = sem.try_acquire();
  sem.async_acquire(w.on("acquire"));
  BOOST_TEST(w.poll() == "");
  held.reset();
  BOOST_TEST(w.poll() == "acquire");
}

TORO_TEST_CASE_TEMPLATE(SE13_SE14_wait_times_out_while_locked, Semaphore,
                        semaphores)
{
  world w;
  Semaphore sem(w.context());
  auto held = sem.try_acquire();
  sem.async_wait(100ms, w.on("wait"));
  BOOST_TEST(w.advance(99ms) == "");
  BOOST_TEST(w.advance(1ms) == "wait:TO");
}

TORO_TEST_CASE_TEMPLATE(SE15_unbounded_release_adds_a_permit, Threading,
                        policies)
{
  world w;
  semaphore_of<Threading> sem(w.context());
  sem.release();
  BOOST_TEST(sem.value() == 2u);
  sem.async_acquire(w.on("1", let_go()));
  sem.async_acquire(w.on("2", let_go()));
  BOOST_TEST(w.poll() == "1 2");
}

TORO_TEST_CASE_TEMPLATE(SE16_bounded_release_above_the_start_is_an_error,
                        Threading, policies)
{
  world w;
  bounded_of<Threading> sem(w.context());
  boost::system::error_code ec;
  sem.release(ec);
  BOOST_TEST(ec == make_error_code(toro::error::over_released));
  BOOST_TEST(sem.value() == 1u);
  sem.try_acquire().detach();
  sem.release();
  BOOST_TEST(throws_code(
      [&]
      {
        sem.release();
      },
      toro::error::over_released));
  BOOST_TEST(sem.value() == 1u);
}

TORO_TEST_CASE_TEMPLATE(SE17_acquire_of_nothing_free_times_out, Threading,
                        policies)
{
  world w;
  semaphore_of<Threading> sem(w.context(), 0);
  sem.async_acquire(10ms, w.on("acquire"));
  BOOST_TEST(w.advance(10ms) == "acquire:TO");
  BOOST_TEST(sem.value() == 0u);
}

TORO_TEST_CASE_TEMPLATE(SE18_two_releases_serve_two_acquires_in_order,
                        Threading, policies)
{
  world w;
  semaphore_of<Threading> sem(w.context(), 0);
  sem.async_acquire(w.on("a", let_go()));
  sem.async_acquire(w.on("b", let_go()));
  BOOST_TEST(w.poll() == "");
  sem.release();
  sem.release();
  BOOST_TEST(w.poll() == "a b");
}

TORO_TEST_CASE_TEMPLATE(SE19_string_shows_waiters, Threading, policies)
{
  world w;
  semaphore_of<Threading> sem(w.context(), 0);
  sem.async_acquire(w.on("acquire"));
  sem.async_wait(w.on("wait"));
  BOOST_TEST(to_string(sem) == "<semaphore counter=0 waiters[2]>");
  sem.release();
  BOOST_TEST(w.poll() == "acquire wait");
}

TORO_TEST_CASE_TEMPLATE(SE20_acquires_go_first_then_all_waits_together,
                        Threading, policies)
{
  world w;
  semaphore_of<Threading> sem(w.context(), 0);
  sem.async_acquire(w.on("acq1", let_go()));
  sem.async_wait(w.on("wait1"));
  sem.async_acquire(w.on("acq2", let_go()));
  sem.async_wait(w.on("wait2"));
  sem.release();
  BOOST_TEST(w.poll() == "acq1");
  sem.release();
  BOOST_TEST(w.poll() == "acq2");
  BOOST_TEST(sem.locked());
  sem.release();
  BOOST_TEST(w.poll() == "wait1 wait2");
  BOOST_TEST(!sem.locked());
}

BOOST_AUTO_TEST_SUITE_END()
