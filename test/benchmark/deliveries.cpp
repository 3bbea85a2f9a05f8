// SPDX-License-Identifier: BSL-1.0

#include <toro/broadcast.hpp>
#include <toro/queue.hpp>
#include <toro/threading.hpp>

#include <cstddef>
#include <deque>

#include "contenders.hpp"
#include "workloads.hpp"

namespace bench {

namespace {

constexpr std::size_t subscription_count = 1'000;

// Counts the items that arrive.
struct counting
{
  std::size_t* count;

  void operator()(error_code, int) const
  {
    ++*count;
  }
};

// One broadcast, and a subscription for each get.
template <class Threading>
class subscriptions
{
public:
  explicit subscriptions(asio::io_context& context)
    : room_(context.get_executor(), 8)
  {
    for (std::size_t i = 0; i != subscription_count; ++i)
      all_.push_back(room_.subscribe());
  }

  void put()
  {
    room_.put(1);
  }

  void get(std::size_t* count)
  {
    for (auto& one : all_)
      one.async_get(counting{count});
  }

private:
  using room_type = toro::basic_broadcast<int, io_executor, Threading>;

  room_type room_;
  std::deque<typename room_type::subscription_type> all_;
};

// One queue, with an item for each get.
template <class Threading>
class items_of_a_queue
{
public:
  explicit items_of_a_queue(asio::io_context& context)
    : queue_(context.get_executor())
  {
  }

  void put()
  {
    for (std::size_t i = 0; i != subscription_count; ++i)
      require(queue_.try_put(1));
  }

  void get(std::size_t* count)
  {
    for (std::size_t i = 0; i != subscription_count; ++i)
      queue_.async_get(counting{count});
  }

private:
  toro::basic_queue<int, io_executor, Threading> queue_;
};

// Gets that find their items. The first round is not counted: each subscription
// makes the record then that it keeps for later gets.
template <class Source>
void get_at_once(trial& t)
{
  asio::io_context context;
  Source source(context);
  std::size_t got = 0;
  const auto round = [&](trial& counted)
  {
    source.put();
    context.restart();
    counted.start();
    source.get(&got);
    context.run();
    counted.stop();
  };
  trial warm_up(subscription_count);
  round(warm_up);
  for (std::size_t done = 0; done != t.operations(); done += subscription_count)
    round(t);
  require(got == subscription_count + t.operations());
}

// Gets that wait. Their items come while the time is taken.
template <class Source>
void get_later(trial& t)
{
  asio::io_context context;
  Source source(context);
  std::size_t got = 0;
  for (std::size_t done = 0; done != t.operations(); done += subscription_count)
  {
    source.get(&got);
    context.restart();
    t.start();
    source.put();
    context.run();
    t.stop();
  }
  require(got == t.operations());
}

// How often one of these was copied.
struct copied_item
{
  explicit copied_item(std::size_t* count) noexcept
    : copies(count)
  {
  }

  copied_item(const copied_item& other) noexcept
    : copies(other.copies)
  {
    ++*copies;
  }

  copied_item(copied_item&&) noexcept = default;
  copied_item& operator=(const copied_item&) = delete;
  copied_item& operator=(copied_item&&) = delete;
  ~copied_item() = default;

  std::size_t* copies;
};

// Items that no subscription has got yet.
template <class Threading>
void store(trial& t)
{
  asio::io_context context;
  toro::basic_broadcast<copied_item, io_executor, Threading> room(
      context.get_executor(), t.operations());
  std::deque<typename decltype(room)::subscription_type> all;
  for (std::size_t i = 0; i != subscription_count; ++i)
    all.push_back(room.subscribe());
  std::size_t copies = 0;
  t.start();
  for (std::size_t i = 0; i != t.operations(); ++i)
    room.put(copied_item(&copies));
  t.stop();
  require(copies == 0);
}

template <class Threading>
void add(rows& all)
{
  // The target is one copy of an item, whatever the number of subscriptions.
  const work stored{"W10",
                    "bytes of an item for 1 000 subscriptions",
                    {128, 128},
                    unit::bytes,
                    1'000};
  all.push_back({stored, toro_with<Threading>, store<Threading>});

  const targets most{1.2, 1.2};
  // More gets are under way than operations have memory in reserve.
  const targets no_more_memory{1.2, 1.2, 0.0};
  const work at_once{"W10",
                     "a get of each of 1 000 subscriptions, against a "
                     "queue's",
                     no_more_memory, unit::times_base, subscription_count};
  const work later{"W10",
                   "an item for 1 000 waiting subscriptions, against "
                   "items of a queue",
                   most, unit::times_base, subscription_count};
  all.push_back({at_once, toro_with<Threading>,
                 get_at_once<subscriptions<Threading>>,
                 get_at_once<items_of_a_queue<Threading>>});
  all.push_back({later, toro_with<Threading>,
                 get_later<subscriptions<Threading>>,
                 get_later<items_of_a_queue<Threading>>});
}

} // namespace

void add_deliveries(rows& all)
{
  add<toro::strand_bound>(all);
  add<toro::thread_safe>(all);
}

} // namespace bench
