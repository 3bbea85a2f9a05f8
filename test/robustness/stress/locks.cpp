// SPDX-License-Identifier: BSL-1.0
#include <toro/bounded_semaphore.hpp>
#include <toro/lock.hpp>
#include <toro/rw_lock.hpp>
#include <toro/semaphore.hpp>

#include <boost/test/unit_test.hpp>

#include "worker_threads.hpp"

namespace toro_test {

BOOST_AUTO_TEST_SUITE(locks)

namespace {

namespace asio = boost::asio;

// Gives a guard back here, or in some other thread.
template <class Guard>
void let_go(worker_threads& all, worker& self, Guard guard)
{
  if (self.one_in(3))
    asio::post(all.context(self.below(2)), [guard = std::move(guard)] {});
}

// Cancels everything, now and then.
template <class Object>
void add_canceller(worker_threads& all, Object& object, std::size_t count)
{
  all.add(
      [&object, count](worker& self) -> asio::awaitable<void>
      {
        for (std::size_t n = 0; n < count; ++n)
        {
          if (self.one_in(8))
            object.cancel();
          co_await asio::post(asio::use_awaitable);
        }
      });
}

template <class Semaphore>
void race_for_permits(shape form)
{
  constexpr std::size_t total = 3;
  worker_threads all(form);
  Semaphore permits(all.object_context(), total);
  std::atomic<std::size_t> held = 0;
  const std::size_t count = rounds(250);
  const auto compete = [&](worker& self) -> asio::awaitable<void>
  {
    for (std::size_t n = 0; n < count; ++n)
    {
      const std::size_t wanted = 1 + self.below(total);
      if (self.one_in(8))
      {
        co_await attempt<no_value>(self, any_way(self),
                                   [&](auto... how)
                                   {
                                     return permits.async_wait(how...);
                                   });
        continue;
      }
      auto got = co_await attempt<toro::permit>(self, any_way(self),
                                                [&](auto... how)
                                                {
                                                  return permits.async_acquire(
                                                      wanted, how...);
                                                });
      if (!got && self.one_in(2))
      {
        if (auto permit = permits.try_acquire(wanted))
          got.value = std::move(permit);
      }
      if (!got)
        continue;
      expect(got.value->count() == wanted, "not what was asked for");
      expect((held += wanted) <= total, "too many permits");
      if (self.one_in(4))
        co_await asio::post(asio::use_awaitable);
      held -= wanted;
      if (self.one_in(8))
      {
        got.value->detach();
        permits.release(wanted);
      }
      let_go(all, self, std::move(*got.value));
    }
  };
  all.add(worker_count, compete);
  add_canceller(all, permits, count);
  all.run();
  BOOST_TEST(permits.value() == total);
  BOOST_TEST(permits.waiters() == 0u);
}

} // namespace

BOOST_AUTO_TEST_CASE(lock_shared_by_threads_has_one_holder_at_a_time)
{
  for (const shape form : shapes)
  {
    worker_threads all(form);
    toro::lock lock(all.object_context());
    std::size_t entered = 0;
    std::atomic<std::size_t> succeeded = 0;
    const std::size_t count = rounds(300);
    const auto compete = [&](worker& self) -> asio::awaitable<void>
    {
      for (std::size_t n = 0; n < count; ++n)
      {
        auto got =
            co_await attempt<toro::guard>(self, any_way(self),
                                          [&](auto... how)
                                          {
                                            return lock.async_acquire(how...);
                                          });
        if (!got)
          continue;
        ++succeeded;
        ++entered; // not atomic: the lock guards it
        if (self.one_in(4))
          co_await asio::post(asio::use_awaitable);
        ++entered;
        if (self.one_in(8))
        {
          got.value->detach();
          lock.release();
        }
        let_go(all, self, std::move(*got.value));
      }
    };
    all.add(worker_count, compete);
    add_canceller(all, lock, count);
    all.run();
    BOOST_TEST(entered == 2 * succeeded.load());
    BOOST_TEST(succeeded.load() > 0u);
    BOOST_TEST(!lock.locked());
    BOOST_TEST(lock.waiters() == 0u);
  }
}

BOOST_AUTO_TEST_CASE(semaphore_shared_by_threads_keeps_its_permits)
{
  for (const shape form : shapes)
    race_for_permits<toro::semaphore>(form);
}

BOOST_AUTO_TEST_CASE(bounded_semaphore_shared_by_threads_keeps_its_permits)
{
  for (const shape form : shapes)
    race_for_permits<toro::bounded_semaphore>(form);
}

BOOST_AUTO_TEST_CASE(rw_lock_shared_by_threads_keeps_writers_apart)
{
  for (const shape form : shapes)
  {
    worker_threads all(form);
    toro::rw_lock lock(all.object_context(), 3);
    std::size_t written = 0;
    std::atomic<std::size_t> writes = 0;
    const std::size_t count = rounds(300);
    const auto compete = [&](worker& self) -> asio::awaitable<void>
    {
      for (std::size_t n = 0; n < count; ++n)
      {
        if (self.one_in(3))
        {
          auto got = co_await attempt<toro::write_guard>(
              self, any_way(self),
              [&](auto... how)
              {
                return lock.async_acquire_write(how...);
              });
          if (!got)
            continue;
          ++writes;
          ++written; // not atomic: the lock guards it
          if (self.one_in(4))
            let_go(all, self, std::move(*got.value).downgrade());
          else
            let_go(all, self, std::move(*got.value));
        }
        else
        {
          auto got = co_await attempt<toro::read_guard>(
              self, any_way(self),
              [&](auto... how)
              {
                return lock.async_acquire_read(how...);
              });
          if (!got)
            continue;
          const std::size_t seen = written;
          expect(lock.readers() <= 3, "too many readers");
          if (self.one_in(2))
            co_await asio::post(asio::use_awaitable);
          expect(seen == written, "somebody wrote while others read");
          let_go(all, self, std::move(*got.value));
        }
      }
    };
    all.add(worker_count, compete);
    add_canceller(all, lock, count);
    all.run();
    BOOST_TEST(written == writes.load());
    BOOST_TEST(!lock.locked());
    BOOST_TEST(lock.readers() == 0u);
    BOOST_TEST(lock.waiters() == 0u);
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
