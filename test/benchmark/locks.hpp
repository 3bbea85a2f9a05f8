// SPDX-License-Identifier: BSL-1.0
// What serves as a lock, under one interface: try_acquire, async_acquire for
// any token, release. What a guard is for one is nothing at all for another.

#ifndef TORO_TEST_BENCHMARK_LOCKS_HPP
#define TORO_TEST_BENCHMARK_LOCKS_HPP

#include <toro/lock.hpp>
#include <toro/threading.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/error_code.hpp>

#include <concepts>
#include <utility>

#include "row.hpp"

namespace bench {

namespace asio = boost::asio;
using boost::system::error_code;

using io_executor = asio::io_context::executor_type;

template <class Threading>
inline constexpr contender toro_with =
    std::same_as<Threading, toro::strand_bound> ? contender::strand_bound
                                                : contender::thread_safe;

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
template <contender Who, class Channel>
class channel_lock
{
public:
  static constexpr contender who = Who;
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

template <class Executor>
using local_lock = toro_lock<Executor, toro::strand_bound>;

template <class Executor>
using shared_lock = toro_lock<Executor, toro::thread_safe>;

template <class Executor>
using local_channel_lock = channel_lock<
    contender::channel,
    asio::experimental::basic_channel<
        Executor, asio::experimental::channel_traits<>, void(error_code)>>;

template <class Executor>
using shared_channel_lock = channel_lock<
    contender::concurrent_channel,
    asio::experimental::basic_concurrent_channel<
        Executor, asio::experimental::channel_traits<>, void(error_code)>>;

/// Whether co_await of an acquire gives something to hold.
template <class Lock>
inline constexpr bool gives_hold =
    !std::same_as<typename Lock::hold_type, bool>;

/// Calls @p add with each lock that works on an executor of this type.
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
