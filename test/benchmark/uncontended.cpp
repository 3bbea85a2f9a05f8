// SPDX-License-Identifier: BSL-1.0

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>

#include "locks.hpp"
#include "workloads.hpp"

#if __has_include(<toro/eager.hpp>)
#include <toro/eager.hpp>
#define TORO_BENCHMARK_EAGER
#endif

namespace bench {

namespace {

constexpr std::size_t warm_up = 100;

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

template <class Lock>
class acquirer
{
public:
  acquirer(asio::io_context& context, trial& t)
    : trial_(t),
      lock_(context.get_executor())
  {
  }

  void next()
  {
    lock_.async_acquire(acquired{this});
  }

private:
  struct acquired
  {
    acquirer* self;

    void operator()(error_code, typename Lock::hold_type hold = {}) const
    {
      self->lock_.release(hold);
      if (self->trial_.again())
        self->next();
    }
  };

  trial& trial_;
  Lock lock_;
};

template <class Lock>
void callback(trial& t)
{
  asio::io_context context;
  acquirer<Lock> user(context, t);
  t.begin(warm_up);
  user.next();
  context.run();
}

template <class Lock, class Token>
asio::awaitable<void> acquire_repeatedly(trial& t, Lock& lock, Token token)
{
  while (t.again())
  {
    typename Lock::hold_type hold{};
    if constexpr (gives_hold<Lock>)
      hold = co_await lock.async_acquire(token);
    else
      co_await lock.async_acquire(token);
    lock.release(hold);
  }
}

template <class Lock, class Token>
procedure coroutine(Token token)
{
  return [token](trial& t)
  {
    asio::io_context context;
    Lock lock(context.get_executor());
    t.begin(warm_up);
    asio::co_spawn(context, acquire_repeatedly(t, lock, token), asio::detached);
    context.run();
  };
}

template <class Token>
void add_coroutines(rows& all, const work& what, Token token)
{
  for_each_lock<asio::any_io_executor>(
      [&]<class Lock>()
      {
        all.push_back(row{what, Lock::who, coroutine<Lock>(token)});
      });
}

} // namespace

void add_uncontended(rows& all)
{
  const work trying{"W1", "try_acquire", {1.5, 13}, unit::nanoseconds};
  const work direct{"W1", "callback, io_context", {1.2, 1.6}};
  const work erased{"W1", "callback, any_io_executor"};
  for_each_lock<io_executor>(
      [&]<class Lock>()
      {
        all.push_back(row{trying, Lock::who, try_acquire<Lock>});
      });
  for_each_lock<io_executor>(
      [&]<class Lock>()
      {
        all.push_back(row{direct, Lock::who, callback<Lock>});
      });
  for_each_lock<asio::any_io_executor>(
      [&]<class Lock>()
      {
        all.push_back(row{erased, Lock::who, callback<Lock>});
      });
  add_coroutines(all, {"W1", "use_awaitable", {3.0, 3.5}}, asio::use_awaitable);
  add_coroutines(all, {"W1", "deferred"}, asio::deferred);
#ifdef TORO_BENCHMARK_EAGER
  const work eager{"W1", "eager", {0.9, 1.1}};
  all.push_back(row{eager, contender::strand_bound,
                    coroutine<local_lock<asio::any_io_executor>>(toro::eager)});
  all.push_back(
      row{eager, contender::thread_safe,
          coroutine<shared_lock<asio::any_io_executor>>(toro::eager)});
#endif
}

} // namespace bench
