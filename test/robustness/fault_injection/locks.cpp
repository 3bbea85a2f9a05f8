// SPDX-License-Identifier: BSL-1.0
// Locks and semaphores whose holders and waiters fail: no permit is lost, and
// none is made.
#include <toro/bounded_semaphore.hpp>
#include <toro/lock.hpp>
#include <toro/rw_lock.hpp>
#include <toro/semaphore.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <utility>

#include "robustness/fault_injection/trial.hpp"
#include "support/case_template.hpp"
#include "support/world.hpp"

namespace toro_test {

BOOST_AUTO_TEST_SUITE(failures_of_locks)

namespace {

// Starts an acquire of so many permits.
template <class Semaphore>
auto acquire(Semaphore& sem, std::size_t n)
{
  return [&sem, n](auto handler)
  {
    sem.async_acquire(n, std::move(handler));
  };
}

} // namespace

TORO_TEST_CASE_TEMPLATE(lock_goes_from_holder_to_holder, Threading, policies)
{
  fail_each_call(
      usual_calls,
      [](trial& t)
      {
        toro::basic_lock<throwing_executor, Threading> lk(t.executor());
        t.watch(lk);
        const auto acquire = [&](auto handler)
        {
          lk.async_acquire(std::move(handler));
        };
        for (int i = 0; i < 4; ++i)
          t.start(acquire);
        t.poll();
        t.let_go();
        t.poll();
        // A hold that was detached is given back by the lock, which
        // may fail.
        if (auto* held = t[1].template kept<toro::basic_guard<Threading>>())
        {
          held->detach();
          if (lk.locked())
            t.act(
                [&]
                {
                  lk.release();
                });
        }
        t.poll();
        t.recover(
            [&]
            {
              static_cast<void>(lk.try_acquire());
            });
        t.pass_on();
        t.check_successes();
        BOOST_TEST(!lk.locked());
        t.serve(acquire);
      });
}

TORO_TEST_CASE_TEMPLATE(semaphore_keeps_its_permits, Threading, policies)
{
  fail_each_call(usual_calls,
                 [](trial& t)
                 {
                   toro::basic_semaphore<throwing_executor, Threading> sem(
                       t.executor(), 3);
                   t.watch(sem);
                   auto held = sem.try_acquire(2);
                   t.start(acquire(sem, 3));
                   t.start(acquire(sem, 1));
                   t.start(
                       [&](auto handler)
                       {
                         sem.async_wait(std::move(handler));
                       });
                   // The head goes, and lets in who is behind it.
                   t.emit(0);
                   t.poll();
                   t.start(acquire(sem, 2));
                   held.reset();
                   t.act(
                       [&]
                       {
                         sem.release(1);
                       });
                   t.start(acquire(sem, 4));
                   t.poll();
                   t.recover(
                       [&]
                       {
                         static_cast<void>(sem.try_acquire());
                       });
                   t.pass_on();
                   t.check_ends();
                   BOOST_TEST(sem.waiters() == 0u);
                   BOOST_TEST(sem.value() == 4u);
                   t.serve(acquire(sem, 4));
                 });
}

TORO_TEST_CASE_TEMPLATE(bounded_semaphore_keeps_its_permits, Threading,
                        policies)
{
  fail_each_call(
      usual_calls,
      [](trial& t)
      {
        toro::basic_bounded_semaphore<throwing_executor, Threading> sem(
            t.executor(), 3);
        t.watch(sem);
        const call_record& impossible = t.start(acquire(sem, 4));
        t.start(acquire(sem, 3));
        t.start(acquire(sem, 1));
        t.start(acquire(sem, 2));
        t.poll();
        t.emit(1);
        t.emit(2);
        t.let_go();
        t.poll();
        t.recover(
            [&]
            {
              static_cast<void>(sem.try_acquire());
            });
        t.pass_on();
        t.check_ends();
        BOOST_TEST((impossible.was_dropped() ||
                    impossible.has(make_error_code(toro::error::impossible))));
        BOOST_TEST(sem.waiters() == 0u);
        BOOST_TEST(sem.value() == 3u);
        t.serve(acquire(sem, 3));
      });
}

TORO_TEST_CASE_TEMPLATE(rw_lock_lets_everyone_in_and_out, Threading, policies)
{
  fail_each_call(
      timed_calls,
      [](trial& t)
      {
        toro::basic_rw_lock<throwing_executor, Threading> rw(t.executor(), 2);
        t.watch(rw);
        const auto write = [&](auto handler)
        {
          rw.async_acquire_write(1s, std::move(handler));
        };
        const auto read = [&](auto handler)
        {
          rw.async_acquire_read(std::move(handler));
        };
        t.start(write);
        t.start(read);
        t.start(read);
        t.start(write);
        t.start(read);
        t.poll();
        toro::basic_read_guard<Threading> reading;
        if (auto* held =
                t[0].template kept<toro::basic_write_guard<Threading>>())
          reading = std::move(*held).downgrade();
        t.poll();
        t.let_go(1);
        t.poll();
        // The writer has waited for too long.
        t.advance(1s);
        reading.reset();
        t.poll();
        t.recover(
            [&]
            {
              static_cast<void>(rw.try_acquire_read());
            });
        t.pass_on();
        t.check_ends();
        BOOST_TEST(rw.waiters() == 0u);
        BOOST_TEST(rw.readers() == 0u);
        BOOST_TEST(!rw.write_locked());
        t.serve(write);
      });
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
