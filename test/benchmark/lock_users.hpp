// SPDX-License-Identifier: BSL-1.0
// Those who use a lock, again and again. An Attempt is how they ask for it: a
// callable that starts the operation, made for each of them of an executor.

#ifndef TORO_TEST_BENCHMARK_LOCK_USERS_HPP
#define TORO_TEST_BENCHMARK_LOCK_USERS_HPP

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstddef>
#include <deque>
#include <utility>

#include "locks.hpp"

namespace bench {

/// Asks without a deadline.
struct patiently
{
  explicit patiently(const any_executor&)
  {
  }

  template <class Lock, class Token>
  auto operator()(Lock& lock, Token&& token) const
  {
    return lock.async_acquire(std::forward<Token>(token));
  }
};

/// How a lock is shared.
struct sharing
{
  std::size_t users = 1;
  bool beside_reactor = false;

  /// How much everybody does before the measurement begins.
  std::size_t warm_up() const noexcept
  {
    return 100 + 4 * users;
  }
};

template <class Lock>
struct lock_stage : stage
{
  lock_stage(trial& t, const sharing& how)
    : stage(t),
      lock(context.get_executor())
  {
    if (how.beside_reactor)
      add_reactor();
  }

  Lock lock;
};

/// Takes the lock and gives it back in the handler.
template <class Lock, class Attempt>
class brief_user
{
public:
  explicit brief_user(lock_stage<Lock>& on)
    : on_(on),
      attempt_(on.context.get_executor())
  {
  }

  void next()
  {
    attempt_(on_.lock, acquired{this});
  }

private:
  struct acquired
  {
    brief_user* self;

    void operator()(error_code, typename Lock::hold_type hold = {}) const
    {
      self->on_.lock.release(hold);
      if (self->on_.again())
        self->next();
    }
  };

  lock_stage<Lock>& on_;
  [[no_unique_address]] Attempt attempt_;
};

/// Takes the lock, keeps it for a turn of the loop, and queues up again.
template <class Lock, class Attempt>
class lasting_user
{
public:
  explicit lasting_user(lock_stage<Lock>& on)
    : on_(on),
      attempt_(on.context.get_executor())
  {
  }

  void next()
  {
    attempt_(on_.lock, acquired{this});
  }

private:
  struct acquired
  {
    lasting_user* self;

    void operator()(error_code, typename Lock::hold_type hold = {}) const
    {
      self->hold_ = std::move(hold);
      asio::post(self->on_.context, done{self});
    }
  };

  struct done
  {
    lasting_user* self;

    void operator()() const
    {
      self->on_.lock.release(self->hold_);
      if (self->on_.again())
        self->next();
    }
  };

  lock_stage<Lock>& on_;
  typename Lock::hold_type hold_{};
  [[no_unique_address]] Attempt attempt_;
};

/// Has users of a lock run as callbacks.
template <template <class, class> class User, class Lock,
          class Attempt = patiently>
procedure callbacks(sharing how = {})
{
  return [=](trial& t)
  {
    lock_stage<Lock> on(t, how);
    std::deque<User<Lock, Attempt>> users;
    for (std::size_t i = 0; i != how.users; ++i)
      users.emplace_back(on).next();
    on.run(how.warm_up());
  };
}

/// Takes and gives back a lock as long as @p again says so.
template <class Attempt, class Lock, class Token, class Again>
asio::awaitable<void> use_briefly(Lock& lock, Token token, Again again)
{
  Attempt attempt(co_await asio::this_coro::executor);
  do
  {
    typename Lock::hold_type hold{};
    if constexpr (gives_hold<Lock>)
      hold = co_await attempt(lock, token);
    else
      co_await attempt(lock, token);
    lock.release(hold);
  } while (again());
}

/// Keeps the lock for a turn of the loop in between.
template <class Attempt, class Lock, class Again>
asio::awaitable<void> use_lastingly(Lock& lock, Again again)
{
  const auto executor = co_await asio::this_coro::executor;
  Attempt attempt(executor);
  do
  {
    typename Lock::hold_type hold{};
    if constexpr (gives_hold<Lock>)
      hold = co_await attempt(lock, asio::use_awaitable);
    else
      co_await attempt(lock, asio::use_awaitable);
    co_await asio::post(executor, asio::use_awaitable);
    lock.release(hold);
  } while (again());
}

/// Has coroutines use a lock: those that @p use makes.
template <class Lock, class Use>
procedure coroutines(sharing how, Use use)
{
  return [=](trial& t)
  {
    lock_stage<Lock> on(t, how);
    const auto again = [&on]
    {
      return on.again();
    };
    for (std::size_t i = 0; i != how.users; ++i)
      asio::co_spawn(on.context, use(on.lock, again), asio::detached);
    on.run(how.warm_up());
  };
}

template <class Lock, class Attempt = patiently,
          class Token = asio::use_awaitable_t<>>
procedure brief_coroutines(Token token = {})
{
  return coroutines<Lock>({},
                          [token](Lock& lock, auto again)
                          {
                            return use_briefly<Attempt>(lock, token, again);
                          });
}

template <class Lock, class Attempt = patiently>
procedure lasting_coroutines(sharing how)
{
  return coroutines<Lock>(how,
                          [](Lock& lock, auto again)
                          {
                            return use_lastingly<Attempt>(lock, again);
                          });
}

} // namespace bench

#endif // TORO_TEST_BENCHMARK_LOCK_USERS_HPP
