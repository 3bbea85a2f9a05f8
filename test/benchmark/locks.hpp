// SPDX-License-Identifier: BSL-1.0
// What serves as a lock, under one interface: try_acquire, async_acquire,
// release. What a guard is for one is nothing at all for another.

#ifndef TORO_TEST_BENCHMARK_LOCKS_HPP
#define TORO_TEST_BENCHMARK_LOCKS_HPP

#include <toro/lock.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <concepts>
#include <utility>

#include "contenders.hpp"

namespace bench {

template <class Executor, class Threading>
class toro_lock
{
public:
  static constexpr contender who = toro_with<Threading>;
  using hold_type = toro::basic_guard<Threading>;

  explicit toro_lock(const Executor& executor)
    : lock_(executor)
  {
  }

  hold_type try_acquire()
  {
    return lock_.try_acquire();
  }

  // Takes a deadline before the token, or none.
  template <class... Arguments>
  auto async_acquire(Arguments&&... arguments)
  {
    return lock_.async_acquire(std::forward<Arguments>(arguments)...);
  }

  void release(hold_type& hold)
  {
    hold.reset();
  }

private:
  toro::basic_lock<Executor, Threading> lock_;
};

/// A lock as one makes it of a channel: whose message is in has it.
template <class Channel>
class channel_lock
{
public:
  static constexpr contender who = channel_as<Channel>;
  using hold_type = bool;

  explicit channel_lock(const typename Channel::executor_type& executor)
    : channel_(executor, 1)
  {
  }

  hold_type try_acquire()
  {
    return channel_.try_send(error_code());
  }

  template <class Token>
  auto async_acquire(Token&& token)
  {
    return channel_.async_send(error_code(), std::forward<Token>(token));
  }

  void release(hold_type&)
  {
    channel_.try_receive([](error_code) {});
  }

private:
  Channel channel_;
};

/// A lock as one makes it of a timer, for coroutines.
class timer_lock
{
public:
  static constexpr contender who = contender::timer;
  using hold_type = bool;

  explicit timer_lock(const any_executor& executor)
    : timer_(endless_timer(executor))
  {
  }

  asio::awaitable<void> async_acquire(asio::use_awaitable_t<>)
  {
    while (held_)
      co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    held_ = true;
  }

  void release(hold_type&)
  {
    held_ = false;
    timer_.cancel_one();
  }

private:
  asio::steady_timer timer_;
  bool held_ = false;
};

template <class Executor>
using local_lock = toro_lock<Executor, toro::strand_bound>;

template <class Executor>
using shared_lock = toro_lock<Executor, toro::thread_safe>;

template <class Executor>
using local_channel_lock =
    channel_lock<local_channel<Executor, void(error_code)>>;

template <class Executor>
using shared_channel_lock =
    channel_lock<shared_channel<Executor, void(error_code)>>;

/// Whether co_await of an acquire gives something to hold.
template <class Lock>
inline constexpr bool gives_hold =
    !std::same_as<typename Lock::hold_type, bool>;

/// Calls @p add with each lock on an executor of this type.
template <class Executor, class Add>
void for_each_lock(Add add)
{
  add.template operator()<local_lock<Executor>>();
  add.template operator()<shared_lock<Executor>>();
  add.template operator()<local_channel_lock<Executor>>();
  add.template operator()<shared_channel_lock<Executor>>();
}

} // namespace bench

#endif // TORO_TEST_BENCHMARK_LOCKS_HPP
