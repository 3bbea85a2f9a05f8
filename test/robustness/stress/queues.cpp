// SPDX-License-Identifier: BSL-1.0
#include <toro/error.hpp>
#include <toro/lifo_queue.hpp>
#include <toro/priority_queue.hpp>
#include <toro/queue.hpp>

#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/test/unit_test.hpp>

#include <map>

#include "goods.hpp"
#include "worker_threads.hpp"

namespace toro_test {

BOOST_AUTO_TEST_SUITE(queues)

namespace {

namespace asio = boost::asio;

template <class Queue>
class market
{
public:
  market(shape form, ending how)
    : all_(form),
      queue_(all_.object_context(), 4),
      how_(how)
  {
  }

  void run()
  {
    for (std::size_t n = 0; n < side; ++n)
    {
      all_.add(
          [this](worker& self)
          {
            return produce(self);
          });
      all_.add(
          [this](worker& self)
          {
            return consume(self);
          });
    }
    all_.add(
        [this](worker& self)
        {
          return disturb(self);
        });
    all_.run();
    compare(accounts_, 0);
    BOOST_TEST(queue_.size() == 0u);
    BOOST_TEST(queue_.unfinished() == 0u);
    BOOST_TEST(queue_.waiters() == 0u);
  }

private:
  static constexpr std::size_t side = 3;

  asio::awaitable<void> produce(worker& self)
  {
    for (std::size_t n = 0; n < count_; ++n)
    {
      const int number = static_cast<int>(self.number() * 1'000'000 + n);
      const auto put = co_await attempt<no_value>(
          self, any_way_to_put(self),
          [&](auto... how)
          {
            return queue_.async_put(std::make_unique<int>(number), how...);
          });
      if (put)
        accounts_[self.number()].sent.push_back(number);
      if (put.ec == toro::error::closed)
        break;
    }
    if (--producing_ == 0)
      queue_.close();
  }

  asio::awaitable<void> consume(worker& self)
  {
    for (;;)
    {
      auto got = co_await attempt<item>(self, any_way(self),
                                        [&](auto... how)
                                        {
                                          return queue_.async_get(how...);
                                        });
      if (!got && self.one_in(4))
      {
        if (auto tried = queue_.try_get())
          got.value = std::move(*tried);
      }
      if (got)
      {
        accounts_[self.number()].got.push_back(**got.value);
        **got.value = -1;
        queue_.task_done();
      }
      else if (got.ec == toro::error::closed)
      {
        break;
      }
    }
  }

  // Joins, cancels, and closes.
  asio::awaitable<void> disturb(worker& self)
  {
    for (std::size_t n = 0; n < count_; ++n)
    {
      if (self.one_in(8))
        queue_.cancel();
      if (self.one_in(4))
      {
        co_await attempt<no_value>(self, way::deadline,
                                   [&](auto... how)
                                   {
                                     return queue_.async_join(how...);
                                   });
      }
      co_await asio::post(asio::use_awaitable);
      if (how_ == ending::early && n == count_ / 2)
        queue_.close();
    }
    for (;;)
    {
      const auto joined =
          co_await attempt<no_value>(self, any_way(self),
                                     [&](auto... how)
                                     {
                                       return queue_.async_join(how...);
                                     });
      if (joined)
        break;
    }
  }

  worker_threads all_;
  Queue queue_;
  ending how_;
  std::size_t count_ = rounds(250);
  std::atomic<std::size_t> producing_ = side;

  // Each is its worker's.
  std::vector<account> accounts_ = std::vector<account>(2 * side);
};

template <class Queue>
void trade()
{
  for (const shape form : shapes)
  {
    market<Queue>(form, ending::when_done).run();
    market<Queue>(form, ending::early).run();
  }
}

struct toro_source
{
  explicit toro_source(asio::io_context& context)
    : queue(context)
  {
  }

  bool put(int number)
  {
    return queue.try_put(number);
  }

  auto get()
  {
    return queue.async_get(asio::use_awaitable);
  }

  toro::queue<int> queue;
};

struct channel_source
{
  explicit channel_source(asio::io_context& context)
    : channel(context, 1'000'000)
  {
  }

  bool put(int number)
  {
    return channel.try_send(error_code(), number);
  }

  auto get()
  {
    return channel.async_receive(asio::use_awaitable);
  }

  asio::experimental::concurrent_channel<void(error_code, int)> channel;
};

struct score
{
  std::size_t lost = 0;
  std::size_t sent = 0;
};

// Four consumers that do not wait for long, each on its strand.
template <class Source>
score get_or_timer(shape form, std::size_t count)
{
  worker_threads all(form);
  Source source(all.object_context());
  std::atomic<bool> done = false;
  std::atomic<std::size_t> received = 0;
  std::size_t sent = 0;
  all.add(4,
          [&](worker& self) -> asio::awaitable<void>
          {
            for (;;)
            {
              const bool last = done;
              count_race();
              const auto got = co_await race_timer<int>(self, source.get());
              if (got)
                ++received;
              else if (last)
                break;
            }
          });
  all.add(
      [&](worker& self) -> asio::awaitable<void>
      {
        asio::steady_timer timer(self.strand());
        for (std::size_t n = 0; n < count; ++n)
        {
          sent += source.put(static_cast<int>(n));
          timer.expires_after(self.moment() / 2);
          co_await timer.async_wait(asio::use_awaitable);
        }
        done = true;
      });
  all.run();
  return {sent - received, sent};
}

} // namespace

BOOST_AUTO_TEST_CASE(queue_shared_by_threads_delivers_each_item_once)
{
  trade<toro::queue<item>>();
}

BOOST_AUTO_TEST_CASE(lifo_queue_shared_by_threads_delivers_each_item_once)
{
  trade<toro::lifo_queue<item>>();
}

BOOST_AUTO_TEST_CASE(priority_queue_shared_by_threads_delivers_each_item_once)
{
  trade<toro::priority_queue<item, smaller>>();
}

BOOST_AUTO_TEST_CASE(single_consumer_that_gives_up_often_sees_the_order)
{
  for (const shape form : shapes)
  {
    worker_threads all(form);
    toro::queue<int> queue(all.object_context(), 8);
    std::atomic<std::size_t> producing = 2;
    const std::size_t count = rounds(500);
    std::map<int, int> next;
    all.add(2,
            [&](worker& self) -> asio::awaitable<void>
            {
              for (std::size_t i = 0; i < count; ++i)
              {
                const auto number =
                    static_cast<int>(self.number() * 1'000'000 + i);
                co_await queue.async_put(number, asio::use_awaitable);
              }
              if (--producing == 0)
                queue.close();
            });
    all.add(
        [&](worker& self) -> asio::awaitable<void>
        {
          while (queue.is_open() || !queue.empty())
          {
            const auto got =
                co_await attempt<int>(self, any_early_way(self),
                                      [&](auto... how)
                                      {
                                        return queue.async_get(how...);
                                      });
            if (!got)
              continue;
            int& expected = next[*got.value / 1'000'000];
            expect(*got.value % 1'000'000 == expected, "out of order, or lost");
            ++expected;
          }
        });
    all.run();
    BOOST_TEST(static_cast<std::size_t>(next[0]) == count);
    BOOST_TEST(static_cast<std::size_t>(next[1]) == count);
  }
}

BOOST_AUTO_TEST_CASE(where_a_concurrent_channel_loses_messages_a_queue_does_not)
{
  score channel;
  score queue;
  for (const shape form : shapes)
  {
    const std::size_t count = rounds(800);
    const score theirs = get_or_timer<channel_source>(form, count);
    const score ours = get_or_timer<toro_source>(form, count);
    channel.lost += theirs.lost;
    channel.sent += theirs.sent;
    queue.lost += ours.lost;
    queue.sent += ours.sent;
  }
  BOOST_TEST(queue.lost == 0u);
  announce("get || timer on threads: concurrent_channel lost " +
           std::to_string(channel.lost) + " of " +
           std::to_string(channel.sent) + ", toro lost " +
           std::to_string(queue.lost) + " of " + std::to_string(queue.sent));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
