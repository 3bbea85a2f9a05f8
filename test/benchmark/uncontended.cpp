// SPDX-License-Identifier: BSL-1.0

#include <boost/asio/deferred.hpp>

#include <atomic>

#include "fibers.hpp"
#include "lock_users.hpp"
#include "workloads.hpp"

#if __has_include(<toro/eager.hpp>)
#include <toro/eager.hpp>
#define TORO_BENCHMARK_EAGER
#endif

namespace bench {

namespace {

template <class Lock>
void try_acquire(trial& t)
{
  asio::io_context context;
  Lock lock(context.get_executor());
  t.start();
  for (std::size_t i = 0; i != t.operations(); ++i)
  {
    auto hold = lock.try_acquire();
    // Keeps the compiler from leaving out what comes to nothing.
    std::atomic_signal_fence(std::memory_order_seq_cst);
    lock.release(hold);
  }
  t.stop();
}

template <class Executor>
void add_callbacks(rows& all, const work& what)
{
  for_each_lock<Executor>(
      [&]<class Lock>()
      {
        all.push_back({what, Lock::who, callbacks<stay::brief, Lock>()});
      });
}

template <class Token>
void add_coroutines(rows& all, const work& what, Token token)
{
  for_each_lock<any_executor>(
      [&]<class Lock>()
      {
        all.push_back(
            {what, Lock::who, coroutines<stay::brief, Lock>({}, token)});
      });
}

} // namespace

void add_uncontended(rows& all)
{
  const work trying{"W1", "try_acquire", {1.5, 13}, unit::nanoseconds};
  for_each_lock<io_executor>(
      [&]<class Lock>()
      {
        all.push_back({trying, Lock::who, try_acquire<Lock>});
      });

  add_callbacks<io_executor>(all, {"W1", "callback, io_context", {1.2, 1.6}});
  add_callbacks<any_executor>(all, {"W1", "callback, any_io_executor"});

  add_coroutines(all, {"W1", "use_awaitable", {3.0, 3.5}}, asio::use_awaitable);
  add_coroutines(all, {"W1", "deferred"}, asio::deferred);

  // Those that go on at once where they need not wait.
  const work eagerly{"W1", "eager", {0.9, 1.1}};
#ifdef TORO_BENCHMARK_EAGER
  all.push_back(
      {eagerly, contender::strand_bound,
       coroutines<stay::brief, local_lock<any_executor>>({}, toro::eager)});
  all.push_back(
      {eagerly, contender::thread_safe,
       coroutines<stay::brief, shared_lock<any_executor>>({}, toro::eager)});
#endif
  all.push_back(
      {eagerly, timer_lock::who, coroutines<stay::brief, timer_lock>()});
  add_fibers(all, eagerly, fibers_with_lock(1));
}

} // namespace bench
