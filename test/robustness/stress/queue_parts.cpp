// SPDX-License-Identifier: BSL-1.0
// Rooms beside puts, batches beside single gets, and items that are displaced,
// dropped or delayed: nothing is lost, and nothing comes twice.
#include <toro/delay_queue.hpp>
#include <toro/error.hpp>
#include <toro/priority_queue.hpp>
#include <toro/queue.hpp>
#include <toro/weighted_queue.hpp>

#include <boost/test/unit_test.hpp>

#include <iterator>
#include <optional>
#include <vector>

#include "goods.hpp"
#include "worker_threads.hpp"

namespace toro_test {

BOOST_AUTO_TEST_SUITE(queue_parts)

namespace {

namespace asio = boost::asio;

struct weight_of_item
{
  std::size_t operator()(const item& x) const
  {
    return static_cast<std::size_t>(*x % 3) + 1;
  }
};

template <class Queue>
constexpr bool is_weighted = false;
template <>
constexpr bool is_weighted<toro::weighted_queue<item, weight_of_item>> = true;

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
    compare(accounts_, dropped_);
    BOOST_TEST(queue_.size() == 0u);
    BOOST_TEST(!queue_.full());
    BOOST_TEST(queue_.unfinished() == 0u);
    BOOST_TEST(queue_.waiters() == 0u);
  }

private:
  using room = typename Queue::room_type;

  static constexpr std::size_t side = 3;

  asio::awaitable<void> produce(worker& self)
  {
    for (std::size_t n = 0; n < count_ && queue_.is_open(); ++n)
    {
      const int number = static_cast<int>(self.number() * 1'000'000 + n);
      switch (self.below(4))
      {
      case 0:
        co_await put(self, number);
        break;
      case 1:
        if (auto reserved = try_reserve())
          use(self, std::move(reserved), number);
        break;
      case 2:
        if constexpr (!is_weighted<Queue>)
          force_put(self, number);
        break;
      default:
        co_await put_into_room(self, number);
      }
    }
    if (--producing_ == 0)
      queue_.close();
  }

  asio::awaitable<void> put(worker& self, int number)
  {
    const auto done = co_await attempt<no_value>(
        self, any_way_to_put(self),
        [&](auto... how)
        {
          return queue_.async_put(std::make_unique<int>(number), how...);
        });
    if (done)
      account_of(self).sent.push_back(number);
  }

  room try_reserve()
  {
    if constexpr (is_weighted<Queue>)
      return queue_.try_reserve(3);
    else
      return queue_.try_reserve();
  }

  asio::awaitable<void> put_into_room(worker& self, int number)
  {
    auto reserved =
        co_await attempt<room>(self, any_way(self),
                               [&](auto... how)
                               {
                                 if constexpr (is_weighted<Queue>)
                                   return queue_.async_reserve(3, how...);
                                 else
                                   return queue_.async_reserve(how...);
                               });
    if (!reserved)
      co_return;
    co_await asio::post(asio::use_awaitable);
    use(self, std::move(*reserved.value), number);
  }

  // Puts an item into the room, or gives it back.
  void use(worker& self, room reserved, int number)
  {
    if (self.one_in(3))
      return;
    std::move(reserved).put(std::make_unique<int>(number));
    account_of(self).sent.push_back(number);
  }

  void force_put(worker& self, int number)
  {
    error_code ec;
    item mine = std::make_unique<int>(number);
    const std::optional<item> displaced = queue_.force_put(std::move(mine), ec);
    expect(!ec || mine, "a closed queue took an item");
    if (ec)
      return;
    account_of(self).sent.push_back(number);
    if (!displaced)
      return;
    // It may be the item itself, whose task is not counted then.
    if (**displaced == number)
      account_of(self).sent.pop_back();
    else
      take_note(self, *displaced);
  }

  asio::awaitable<void> consume(worker& self)
  {
    for (bool goes_on = true; goes_on;)
    {
      switch (self.below(5))
      {
      case 0:
        goes_on = co_await get(self);
        break;
      case 1:
        goes_on = co_await next(self);
        break;
      case 2:
        goes_on = co_await wait(self);
        break;
      case 3:
        try_get_some(self);
        break;
      default:
        goes_on = co_await get_some(self);
      }
    }
  }

  asio::awaitable<bool> get(worker& self)
  {
    const auto got = co_await attempt<item>(self, any_way(self),
                                            [&](auto... how)
                                            {
                                              return queue_.async_get(how...);
                                            });
    if (got)
      have(self, *got.value);
    co_return got.ec != toro::error::closed;
  }

  asio::awaitable<bool> next(worker& self)
  {
    const auto got = co_await attempt<std::optional<item>>(
        self, any_way(self),
        [&](auto... how)
        {
          return queue_.async_next(how...);
        });
    if (!got)
      co_return true;
    if (*got.value)
      have(self, **got.value);
    co_return got.value->has_value();
  }

  asio::awaitable<bool> wait(worker& self)
  {
    const auto there =
        co_await attempt<no_value>(self, any_way(self),
                                   [&](auto... how)
                                   {
                                     return queue_.async_wait(how...);
                                   });
    co_return there.ec != toro::error::closed;
  }

  asio::awaitable<bool> get_some(worker& self)
  {
    const std::size_t most = 1 + self.below(5);
    const auto got = co_await attempt<std::vector<item>>(
        self, any_way(self),
        [&](auto... how)
        {
          return queue_.async_get_some(most, how...);
        });
    if (got)
    {
      expect(!got.value->empty() && got.value->size() <= most,
             "a batch has another size");
      for (const item& x : *got.value)
        have(self, x);
    }
    co_return got.ec != toro::error::closed;
  }

  void try_get_some(worker& self)
  {
    std::vector<item> some;
    queue_.try_get_some(self.below(5), std::back_inserter(some));
    for (const item& x : some)
      have(self, x);
  }

  void have(worker& self, const item& x)
  {
    take_note(self, x);
    queue_.task_done();
  }

  void take_note(worker& self, const item& x)
  {
    account_of(self).got.push_back(*x);
    *x = -1;
  }

  // Cancels, drops what is there, and closes.
  asio::awaitable<void> disturb(worker& self)
  {
    for (std::size_t n = 0; n < count_; ++n)
    {
      if (self.one_in(8))
        queue_.cancel();
      if (self.one_in(16))
        dropped_ += queue_.clear();
      co_await asio::post(asio::use_awaitable);
      if (how_ == ending::early && n == count_ / 2)
        queue_.close();
    }
    co_await queue_.async_join(asio::use_awaitable);
  }

  account& account_of(const worker& self)
  {
    return accounts_[self.number()];
  }

  worker_threads all_;
  Queue queue_;
  ending how_;
  std::size_t count_ = rounds(250);
  std::atomic<std::size_t> producing_ = side;

  // Each is its worker's.
  std::vector<account> accounts_ = std::vector<account>(2 * side);

  // What was dropped, and not given to anybody.
  std::size_t dropped_ = 0;
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

} // namespace

BOOST_AUTO_TEST_CASE(parts_of_a_queue_lose_nothing)
{
  trade<toro::queue<item>>();
}

BOOST_AUTO_TEST_CASE(parts_of_a_priority_queue_lose_nothing)
{
  trade<toro::priority_queue<item, smaller>>();
}

BOOST_AUTO_TEST_CASE(parts_of_a_weighted_queue_lose_nothing)
{
  trade<toro::weighted_queue<item, weight_of_item>>();
}

BOOST_AUTO_TEST_CASE(delayed_items_are_had_or_erased_once)
{
  for (const shape form : shapes)
  {
    constexpr std::size_t side = 3;
    worker_threads all(form);
    toro::delay_queue<item> queue(all.object_context());
    const std::size_t count = rounds(250);
    std::atomic<std::size_t> producing = side;
    std::vector<account> accounts(2 * side);
    all.add(side,
            [&](worker& self) -> asio::awaitable<void>
            {
              account& mine = accounts[self.number()];
              for (std::size_t n = 0; n < count; ++n)
              {
                const int number =
                    static_cast<int>(self.number() * 1'000'000 + n);
                const toro::delay_key key =
                    queue.put(std::make_unique<int>(number), self.moment());
                mine.sent.push_back(number);
                if (self.one_in(2))
                  co_await asio::post(asio::use_awaitable);
                if (self.one_in(2) && queue.erase(key))
                  mine.got.push_back(number);
                if (self.one_in(16))
                  queue.cancel();
              }
              if (--producing == 0)
                queue.close();
            });
    all.add(side,
            [&](worker& self) -> asio::awaitable<void>
            {
              account& mine = accounts[self.number()];
              for (;;)
              {
                auto got =
                    co_await attempt<item>(self, any_way(self),
                                           [&](auto... how)
                                           {
                                             return queue.async_get(how...);
                                           });
                if (got.ec == toro::error::closed)
                  break;
                if (!got && self.one_in(2))
                {
                  if (auto tried = queue.try_get())
                    got.value = std::move(*tried);
                }
                if (!got)
                  continue;
                mine.got.push_back(**got.value);
                **got.value = -1;
              }
            });
    all.run();
    compare(accounts, 0);
    BOOST_TEST(queue.empty());
    BOOST_TEST(queue.waiters() == 0u);
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
