// SPDX-License-Identifier: BSL-1.0
// What many can wait for at once, under one interface: async_wait and wake_all.

#ifndef TORO_TEST_BENCHMARK_EVENTS_HPP
#define TORO_TEST_BENCHMARK_EVENTS_HPP

#include <toro/condition.hpp>
#include <toro/event.hpp>
#include <toro/watch.hpp>

#include <cstddef>
#include <deque>
#include <utility>

#include "contenders.hpp"

namespace bench {

template <class Executor, class Threading>
class toro_event
{
public:
  static constexpr contender who = toro_with<Threading>;
  using executor_type = Executor;

  explicit toro_event(const Executor& executor)
    : event_(executor)
  {
  }

  // Takes a deadline before the token, or none.
  template <class... Arguments>
  auto async_wait(Arguments&&... arguments)
  {
    return event_.async_wait(std::forward<Arguments>(arguments)...);
  }

  void wake_all()
  {
    event_.set();
    event_.clear();
  }

private:
  toro::basic_event<Executor, Threading> event_;
};

template <class Executor, class Threading>
class toro_condition
{
public:
  static constexpr contender who = toro_with<Threading>;
  using executor_type = Executor;

  explicit toro_condition(const Executor& executor)
    : condition_(executor)
  {
  }

  template <class Token>
  auto async_wait(Token&& token)
  {
    return condition_.async_wait(std::forward<Token>(token));
  }

  void wake_all()
  {
    condition_.notify_all();
  }

private:
  toro::basic_condition<Executor, Threading> condition_;
};

/// A watch with a reader for each wait. The value comes before the waits end.
/// The readers are made first, so that the waits lie beside each other in
/// memory, as those of the other contenders do.
template <class Executor, class Threading>
class toro_watch
{
public:
  static constexpr contender who = toro_with<Threading>;
  using executor_type = Executor;

  explicit toro_watch(const Executor& executor)
    : watch_(executor, 0)
  {
  }

  void make_readers(std::size_t number)
  {
    while (readers_.size() != number)
      readers_.push_back(watch_.read());
  }

  template <class Token>
  auto async_wait(Token&& token)
  {
    return readers_[waits_++].async_next(std::forward<Token>(token));
  }

  void wake_all()
  {
    watch_.set(1);
    waits_ = 0;
  }

private:
  using watch_type = toro::basic_watch<int, Executor, Threading>;

  watch_type watch_;
  std::deque<typename watch_type::reader_type> readers_;
  std::size_t waits_ = 0;
};

/// A channel that nobody sends to, only cancelled.
template <class Channel>
class channel_event
{
public:
  static constexpr contender who = channel_as<Channel>;
  using executor_type = typename Channel::executor_type;

  explicit channel_event(const executor_type& executor)
    : channel_(executor)
  {
  }

  template <class Token>
  auto async_wait(Token&& token)
  {
    return channel_.async_receive(std::forward<Token>(token));
  }

  void wake_all()
  {
    channel_.cancel();
  }

private:
  Channel channel_;
};

template <class Executor>
class timer_event
{
public:
  static constexpr contender who = contender::timer;
  using executor_type = Executor;

  explicit timer_event(const Executor& executor)
    : timer_(endless_timer(executor))
  {
  }

  template <class Token>
  auto async_wait(Token&& token)
  {
    return timer_.async_wait(std::forward<Token>(token));
  }

  void wake_all()
  {
    timer_.cancel();
  }

private:
  timer_on<Executor> timer_;
};

/// Calls @p add with the library's events and with what serves as one.
template <class Executor, class Add>
void for_each_event(Add add)
{
  add.template operator()<toro_event<Executor, toro::strand_bound>>();
  add.template operator()<toro_event<Executor, toro::thread_safe>>();
  add.template
  operator()<channel_event<local_channel<Executor, void(error_code)>>>();
  add.template
  operator()<channel_event<shared_channel<Executor, void(error_code)>>>();
  add.template operator()<timer_event<Executor>>();
}

/// Calls @p add with the library's conditions.
template <class Executor, class Add>
void for_each_condition(Add add)
{
  add.template operator()<toro_condition<Executor, toro::strand_bound>>();
  add.template operator()<toro_condition<Executor, toro::thread_safe>>();
}

} // namespace bench

#endif // TORO_TEST_BENCHMARK_EVENTS_HPP
