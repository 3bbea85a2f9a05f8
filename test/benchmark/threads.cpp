// SPDX-License-Identifier: BSL-1.0

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/strand.hpp>

#include <thread>

#include "lock_users.hpp"
#include "workloads.hpp"

namespace bench {

namespace {

// How often one coroutine goes round.
struct laps
{
  std::size_t left;

  bool operator()() noexcept
  {
    return --left != 0;
  }
};

// Whether it may be used on both threads at once; if not, its users share a
// strand with it.
constexpr bool is_shared(contender who)
{
  return who == contender::thread_safe ||
         who == contender::concurrent_channel || who == contender::asio;
}

any_executor executor_for(contender who, asio::io_context& context)
{
  if (is_shared(who))
    return context.get_executor();
  return asio::make_strand(context);
}

void run_on_two_threads(asio::io_context& context, trial& t)
{
  t.measure_wall_time();
  t.start();
  {
    const std::jthread other(
        [&]
        {
          context.run();
        });
    context.run();
  }
  t.stop();
}

template <class Lock>
asio::awaitable<void> try_first(Lock& lock, laps again)
{
  const auto executor = co_await asio::this_coro::executor;
  do
  {
    auto hold = lock.try_acquire();
    if (!hold)
    {
      if constexpr (gives_hold<Lock>)
        hold = co_await lock.async_acquire(asio::use_awaitable);
      else
        co_await lock.async_acquire(asio::use_awaitable);
    }
    lock.release(hold);
    co_await asio::post(executor, asio::use_awaitable);
  } while (again());
}

template <class Lock, class Use>
procedure on_two_threads(std::size_t users, Use use)
{
  return [=](trial& t)
  {
    asio::io_context context;
    const any_executor executor = executor_for(Lock::who, context);
    Lock lock(executor);
    for (std::size_t i = 0; i != users; ++i)
      asio::co_spawn(executor, use(lock, laps{t.operations() / users}),
                     asio::detached);
    run_on_two_threads(context, t);
  };
}

// No lock at all: what the turns of the loop alone take.
struct nothing
{
  static constexpr contender who = contender::asio;
  using hold_type = bool;

  explicit nothing(const any_executor& executor)
    : executor_(executor)
  {
  }

  bool try_acquire() noexcept
  {
    return true;
  }

  template <class Token>
  auto async_acquire(Token&& token)
  {
    return asio::post(executor_, std::forward<Token>(token));
  }

  void release(bool) noexcept
  {
  }

private:
  any_executor executor_;
};

template <class Use>
void add_users(rows& all, const std::string& variant, std::size_t users,
               Use use)
{
  const work what{"W6", variant, {}, unit::posts, users, false};
  const auto add = [&]<class Lock>()
  {
    all.push_back({what, Lock::who, on_two_threads<Lock>(users, use)});
  };
  for_each_lock<any_executor>(add);
  add.template operator()<nothing>();
}

} // namespace

void add_threads(rows& all)
{
  const auto holding = [](auto& lock, laps again)
  {
    return take_turns<stay::lasting, patiently>(lock, asio::use_awaitable,
                                                again);
  };
  const auto trying = [](auto& lock, laps again)
  {
    return try_first(lock, again);
  };
  add_users(all, "use_awaitable, 2 users", 2, holding);
  add_users(all, "use_awaitable, 32 users", 32, holding);
  add_users(all, "use_awaitable, 2 users, trying first", 2, trying);
}

} // namespace bench
