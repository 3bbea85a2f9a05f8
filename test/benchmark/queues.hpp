// SPDX-License-Identifier: BSL-1.0
// What serves as a queue, under one interface.

#ifndef TORO_TEST_BENCHMARK_QUEUES_HPP
#define TORO_TEST_BENCHMARK_QUEUES_HPP

#include <toro/queue.hpp>
#include <toro/weighted_queue.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include "contenders.hpp"

namespace bench {

/// A queue of the library; its items are of a type T.
template <class T, class Queue, class Threading>
class queue_of_toro
{
public:
  using executor_type = typename Queue::executor_type;
  static constexpr contender who = toro_with<Threading>;
  using item_type = T;

  queue_of_toro(const executor_type& executor, std::size_t capacity)
    : queue_(executor, capacity)
  {
  }

  bool try_put(T& item)
  {
    return queue_.try_put(std::move(item));
  }

  std::optional<T> try_get()
  {
    return queue_.try_get();
  }

  bool empty() const
  {
    return queue_.empty();
  }

  template <class Token>
  auto async_put(T item, Token&& token)
  {
    return queue_.async_put(std::move(item), std::forward<Token>(token));
  }

  template <class Token>
  auto async_get(Token&& token)
  {
    return queue_.async_get(std::forward<Token>(token));
  }

private:
  Queue queue_;
};

template <class T, class Executor, class Threading>
using toro_queue =
    queue_of_toro<T, toro::basic_queue<T, Executor, Threading>, Threading>;

/// Each item weighs one.
struct weigh_one
{
  std::size_t operator()(const auto&) const noexcept
  {
    return 1;
  }
};

template <class T, class Executor, class Threading>
using toro_weighted_queue =
    queue_of_toro<T,
                  toro::basic_weighted_queue<T, weigh_one, Executor, Threading>,
                  Threading>;

template <class Channel, class T>
class channel_queue
{
public:
  static constexpr contender who = channel_as<Channel>;
  using item_type = T;

  channel_queue(const typename Channel::executor_type& executor,
                std::size_t capacity)
    : channel_(executor, capacity)
  {
  }

  bool try_put(T& item)
  {
    return channel_.try_send(error_code(), std::move(item));
  }

  std::optional<T> try_get()
  {
    std::optional<T> got;
    channel_.try_receive(
        [&](error_code, T item)
        {
          got.emplace(std::move(item));
        });
    return got;
  }

  bool empty() const
  {
    return !channel_.ready();
  }

  template <class Token>
  auto async_put(T item, Token&& token)
  {
    return channel_.async_send(error_code(), std::move(item),
                               std::forward<Token>(token));
  }

  template <class Token>
  auto async_get(Token&& token)
  {
    return channel_.async_receive(std::forward<Token>(token));
  }

private:
  Channel channel_;
};

/// A queue as one makes it of two timers, for coroutines.
template <class T>
class timer_queue
{
public:
  static constexpr contender who = contender::timer;
  using item_type = T;

  timer_queue(const any_executor& executor, std::size_t capacity)
    : getters_(endless_timer(executor)),
      putters_(endless_timer(executor)),
      capacity_(capacity)
  {
  }

  bool try_put(T& item)
  {
    if (items_.size() >= capacity_)
      return false;
    items_.push_back(std::move(item));
    getters_.cancel_one();
    return true;
  }

  std::optional<T> try_get()
  {
    if (items_.empty())
      return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    putters_.cancel_one();
    return item;
  }

  asio::awaitable<void> async_put(T item, asio::use_awaitable_t<>)
  {
    while (!try_put(item))
      co_await putters_.async_wait(asio::as_tuple(asio::use_awaitable));
  }

  asio::awaitable<T> async_get(asio::use_awaitable_t<>)
  {
    std::optional<T> item;
    while (!(item = try_get()))
      co_await getters_.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return std::move(*item);
  }

private:
  asio::steady_timer getters_;
  asio::steady_timer putters_;
  std::deque<T> items_;
  std::size_t capacity_;
};

/// Calls @p add with each queue of items of this type, on such an executor.
template <class T, class Executor, class Add>
void for_each_queue(Add add)
{
  using signature = void(error_code, T);
  add.template operator()<toro_queue<T, Executor, toro::strand_bound>>();
  add.template operator()<toro_queue<T, Executor, toro::thread_safe>>();
  add.template
  operator()<channel_queue<local_channel<Executor, signature>, T>>();
  add.template
  operator()<channel_queue<shared_channel<Executor, signature>, T>>();
}

} // namespace bench

#endif // TORO_TEST_BENCHMARK_QUEUES_HPP
