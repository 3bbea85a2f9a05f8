// SPDX-License-Identifier: BSL-1.0
// The mutex of the objects, and how long it keeps a thread waiting. Compiled
// a second time with the mutex of systems that have no futex.

#include <toro/detail/core/futex_mutex.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

#ifdef __linux__
#include <sched.h>
#endif

BOOST_AUTO_TEST_SUITE(stress_mutex)

namespace {

using toro::detail::futex_mutex;

template <class Function>
void on_threads(std::size_t count, Function function)
{
  std::vector<std::thread> threads;
  for (; count != 0; --count)
    threads.emplace_back(function);
  for (std::thread& t : threads)
    t.join();
}

// Keeps a thread, and those that it starts, to the processor that it is on.
class pinned
{
public:
#ifdef __linux__
  pinned()
  {
    sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(static_cast<std::size_t>(sched_getcpu()), &here);
    sched_setaffinity(0, sizeof here, &here);
  }

  ~pinned()
  {
    sched_setaffinity(0, sizeof before_, &before_);
  }

private:
  cpu_set_t before_;
#endif
};

// How often one thread locks a mutex in a loop while another, which came when
// it was taken, waits for it, on one processor: the median of many times.
template <class Mutex>
std::size_t laps_during_a_wait()
{
  const pinned together;
  Mutex contended;
  std::mutex mutex;
  std::condition_variable changed;
  bool due = false;
  std::atomic<bool> done = false;
  std::atomic<std::size_t> laps = 0;
  std::thread worker(
      [&]
      {
        while (!done)
        {
          const std::lock_guard inside(contended);
          if (++laps % 1000 != 0)
            continue;
          const std::lock_guard lock(mutex);
          due = true;
          changed.notify_one();
        }
      });
  std::vector<std::size_t> all(101);
  for (std::size_t& passed : all)
  {
    {
      std::unique_lock lock(mutex);
      changed.wait(lock,
                   [&]
                   {
                     return due;
                   });
      due = false;
    }
    const std::size_t before = laps;
    const std::lock_guard inside(contended);
    passed = laps - before;
  }
  done = true;
  worker.join();
  const auto middle = all.begin() + 50;
  std::ranges::nth_element(all, middle);
  return *middle;
}

} // namespace

BOOST_AUTO_TEST_CASE(two_threads_are_never_inside_at_once)
{
  constexpr std::size_t threads = 4;
  constexpr std::size_t rounds = 5000;
  futex_mutex mutex;
  std::size_t count = 0;
  on_threads(threads,
             [&]
             {
               for (std::size_t n = 0; n != rounds; ++n)
               {
                 const std::lock_guard lock(mutex);
                 ++count;
                 // So that others find it taken for long, and sleep.
                 if (n % 16 == 0)
                   std::this_thread::yield();
               }
             });
  BOOST_TEST(count == threads * rounds);
}

BOOST_AUTO_TEST_CASE(whoever_unlocks_last_may_find_the_mutex_destroyed)
{
  struct shared
  {
    futex_mutex mutex;
    int owners = 2;
  };
  for (int n = 0; n != 300; ++n)
  {
    auto* const object = new shared;
    on_threads(2,
               [object]
               {
                 object->mutex.lock();
                 const bool last = --object->owners == 0;
                 object->mutex.unlock();
                 if (last)
                   delete object;
               });
  }
}

BOOST_AUTO_TEST_CASE(a_thread_waits_no_longer_than_for_a_standard_mutex)
{
  const std::size_t standard = laps_during_a_wait<std::mutex>();
  const std::size_t own = laps_during_a_wait<futex_mutex>();
  BOOST_TEST_MESSAGE(own << " laps during a wait, " << standard
                         << " with std::mutex");
  BOOST_TEST(own <= 4 * standard + 1000);
}

BOOST_AUTO_TEST_SUITE_END()
