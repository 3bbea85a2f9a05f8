// SPDX-License-Identifier: BSL-1.0
// The two ways to write the server-like program: with this library, and with
// Asio's channel and timers. Each offers a limit, which gives passes, and an
// inbox with a bound; whatever takes longer than patience throws.

#ifndef TORO_TEST_BENCHMARK_LOAD_FAMILIES_HPP
#define TORO_TEST_BENCHMARK_LOAD_FAMILIES_HPP

#include <toro/queue.hpp>
#include <toro/semaphore.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <cstddef>
#include <utility>
#include <variant>

namespace bench {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::chrono::seconds patience(1);

struct with_toro
{
  static constexpr const char* name = "toro thread_safe";

  class limit
  {
  public:
    using pass = toro::permit;

    limit(const asio::any_io_executor& executor, std::size_t at_once)
      : semaphore_(executor, at_once)
    {
    }

    asio::awaitable<pass> enter()
    {
      return semaphore_.async_acquire(patience, asio::use_awaitable);
    }

  private:
    toro::semaphore semaphore_;
  };

  template <class T>
  class inbox
  {
  public:
    inbox(const asio::any_io_executor& executor, std::size_t room)
      : queue_(executor, room)
    {
    }

    asio::awaitable<void> put(T item)
    {
      return queue_.async_put(std::move(item), patience, asio::use_awaitable);
    }

    asio::awaitable<T> get()
    {
      return queue_.async_get(patience, asio::use_awaitable);
    }

  private:
    toro::queue<T> queue_;
  };
};

struct with_channels
{
  static constexpr const char* name = "concurrent_channel || timer";

  // The result of the operation, if it ends in time.
  template <class Result>
  static asio::awaitable<Result> in_time(asio::awaitable<Result> operation)
  {
    using namespace asio::experimental::awaitable_operators;
    asio::steady_timer timer(co_await asio::this_coro::executor, patience);
    auto ended = co_await (std::move(operation) ||
                           timer.async_wait(asio::use_awaitable));
    if (ended.index() == 1)
      throw boost::system::system_error(asio::error::timed_out);
    if constexpr (!std::is_void_v<Result>)
      co_return std::get<0>(std::move(ended));
  }

  class limit
  {
    using channel_type =
        asio::experimental::concurrent_channel<void(error_code)>;

  public:
    class pass
    {
    public:
      explicit pass(channel_type& channel)
        : channel_(&channel)
      {
      }

      pass(pass&& other) noexcept
        : channel_(std::exchange(other.channel_, nullptr))
      {
      }

      ~pass()
      {
        if (channel_)
          channel_->try_receive([](error_code) {});
      }

    private:
      channel_type* channel_;
    };

    limit(const asio::any_io_executor& executor, std::size_t at_once)
      : channel_(executor, at_once)
    {
    }

    asio::awaitable<pass> enter()
    {
      co_await in_time(channel_.async_send(error_code(), asio::use_awaitable));
      co_return pass(channel_);
    }

  private:
    channel_type channel_;
  };

  template <class T>
  class inbox
  {
  public:
    inbox(const asio::any_io_executor& executor, std::size_t room)
      : channel_(executor, room)
    {
    }

    asio::awaitable<void> put(T item)
    {
      return in_time(channel_.async_send(error_code(), std::move(item),
                                         asio::use_awaitable));
    }

    asio::awaitable<T> get()
    {
      return in_time(channel_.async_receive(asio::use_awaitable));
    }

  private:
    asio::experimental::concurrent_channel<void(error_code, T)> channel_;
  };
};

} // namespace bench

#endif // TORO_TEST_BENCHMARK_LOAD_FAMILIES_HPP
