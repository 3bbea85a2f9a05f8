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
struct lock_fixture : fixture
{
  lock_fixture(trial& t, const sharing& how)
    : fixture(t),
      lock(context.get_executor())
  {
    if (how.beside_reactor)
      add_reactor();
  }

  Lock lock;
};

/// How long a lock is held.
enum class stay
{
  brief,  // it is given back where it was granted
  lasting // for a turn of the loop
};

/// Takes the lock again and again, with callbacks.
template <stay Stay, class Lock, class Attempt>
class caller
{
public:
  explicit caller(lock_fixture<Lock>& on)
    : on_(on),
      attempt_(on.context.get_executor())
  {
  }

  void next()
  {
    attempt_(on_.lock, acquired{this});
  }

private:
  using hold_type = typename Lock::hold_type;

  struct acquired
  {
    caller* self;

    void operator()(error_code, hold_type hold = {}) const
    {
      if constexpr (Stay == stay::brief)
        return self->give_back(hold);
      self->hold_ = std::move(hold);
      asio::post(self->on_.context, done{self});
    }
  };

  struct done
  {
    caller* self;

    void operator()() const
    {
      self->give_back(self->hold_);
    }
  };

  void give_back(hold_type& hold)
  {
    on_.lock.release(hold);
    if (on_.again())
      next();
  }

  lock_fixture<Lock>& on_;
  hold_type hold_{};
  [[no_unique_address]] Attempt attempt_;
};

template <stay Stay, class Lock, class Attempt = patiently>
procedure callbacks(sharing how = {})
{
  return [=](trial& t)
  {
    lock_fixture<Lock> on(t, how);
    std::deque<caller<Stay, Lock, Attempt>> users;
    for (std::size_t i = 0; i != how.users; ++i)
      users.emplace_back(on).next();
    on.run(how.warm_up());
  };
}

/// Takes the lock as long as @p again says so, in a coroutine.
template <stay Stay, class Attempt, class Lock, class Token, class Again>
asio::awaitable<void> take_turns(Lock& lock, Token token, Again again)
{
  const auto executor = co_await asio::this_coro::executor;
  Attempt attempt(executor);
  do
  {
    typename Lock::hold_type hold{};
    if constexpr (gives_hold<Lock>)
      hold = co_await attempt(lock, token);
    else
      co_await attempt(lock, token);
    if constexpr (Stay == stay::lasting)
      co_await asio::post(executor, token);
    lock.release(hold);
  } while (again());
}

template <stay Stay, class Lock, class Attempt = patiently,
          class Token = asio::use_awaitable_t<>>
procedure coroutines(sharing how = {}, Token token = {})
{
  return [=](trial& t)
  {
    lock_fixture<Lock> on(t, how);
    const auto again = [&on]
    {
      return on.again();
    };
    for (std::size_t i = 0; i != how.users; ++i)
      asio::co_spawn(on.context,
                     take_turns<Stay, Attempt>(on.lock, token, again),
                     asio::detached);
    on.run(how.warm_up());
  };
}

} // namespace bench

#endif // TORO_TEST_BENCHMARK_LOCK_USERS_HPP
