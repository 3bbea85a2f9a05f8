// SPDX-License-Identifier: BSL-1.0
#include <toro/delay_queue.hpp>
#include <toro/lifo_queue.hpp>
#include <toro/priority_queue.hpp>
#include <toro/queue.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <random>
#include <utility>
#include <vector>

#include "row.hpp"

namespace {

namespace asio = boost::asio;
using namespace growth;

int as_int(std::size_t n)
{
  return static_cast<int>(n);
}

// The numbers below n in a random order, which is always the same.
std::vector<std::size_t> shuffled(std::size_t n)
{
  std::mt19937 random(1);
  std::vector<std::size_t> order(n);
  for (std::size_t i = 0; i < n; ++i)
  {
    order[i] = i;
    std::swap(order[i], order[random() % (i + 1)]);
  }
  return order;
}

template <class Queue>
void put(Queue& q, int item, std::size_t count = 1)
{
  for (; count != 0; --count)
    (void)q.try_put(item);
}

template <class Queue>
void get(Queue& q, std::size_t count = 1)
{
  for (; count != 0; --count)
    (void)q.try_get();
}

// Gets that can be cancelled.
template <class Queue>
class gets
{
public:
  gets(Queue& q, std::size_t n)
    : cancel_(n)
  {
    for (std::size_t i = 0; i < n; ++i)
      start(q, i);
  }

  void start(Queue& q, std::size_t i)
  {
    q.async_get(asio::bind_cancellation_slot(cancel_[i].slot(), ignore));
  }

  void cancel(std::size_t i)
  {
    cancel_[i].emit(asio::cancellation_type::total);
  }

private:
  std::vector<asio::cancellation_signal> cancel_;
};

void descending_runs(std::size_t n)
{
  asio::io_context context;
  toro::priority_queue<int> q(context);
  counted(
      [&]
      {
        put(q, 2, n);
        put(q, 1, n);
        put(q, 0, n);
        get(q, 3 * n);
      });
}

void urgent_items(std::size_t n)
{
  asio::io_context context;
  toro::priority_queue<int> q(context);
  put(q, 9, n);
  put(q, 1, 2);
  counted(
      [&]
      {
        for (int i = 0; i != times; ++i)
        {
          put(q, 1);
          get(q);
        }
      });
}

void alternating(std::size_t n)
{
  asio::io_context context;
  toro::priority_queue<int> q(context);
  counted(
      [&]
      {
        for (std::size_t i = 0; i != n; ++i)
          put(q, i % 2 == 0 ? 1 : 2);
        get(q, n);
      });
}

// Each item comes between the last two.
void towards_the_middle(std::size_t n)
{
  asio::io_context context;
  toro::priority_queue<int> q(context);
  counted(
      [&]
      {
        for (int i = 0; i != as_int(n); ++i)
          put(q, i % 2 == 0 ? i : -i);
        get(q, n);
      });
}

void random_items(std::size_t n)
{
  asio::io_context context;
  toro::priority_queue<int> q(context);
  const std::vector<std::size_t> order = shuffled(n);
  counted(
      [&]
      {
        for (const std::size_t i : order)
          put(q, as_int(i));
        get(q, n);
      });
}

// Items come right behind one that is on offer, and before others that are.
void among_granted_items(std::size_t n)
{
  asio::io_context context;
  toro::priority_queue<int> q(context);
  put(q, 1, n);
  put(q, 3, n);
  gets taken(q, 2 * n);
  counted(
      [&]
      {
        for (int i = 0; i != times; ++i)
        {
          put(q, 2);
          taken.cancel(n + static_cast<std::size_t>(i));
        }
      });
}

void blocked_puts(std::size_t n)
{
  asio::io_context context;
  toro::priority_queue<int> q(context, n / 4);
  const std::vector<std::size_t> order = shuffled(n);
  counted(
      [&]
      {
        for (const std::size_t i : order)
          q.async_put(as_int(i), ignore);
        get(q, n);
      });
}

// One more put waits among n, all at one place, and is withdrawn.
void put_among_blocked_ones(std::size_t n)
{
  asio::io_context context;
  toro::priority_queue<int> q(context, 1);
  for (std::size_t i = 0; i != n; ++i)
    q.async_put(as_int(i % 2), ignore);
  asio::cancellation_signal cancel[times];
  counted(
      [&]
      {
        for (auto& c : cancel)
          q.async_put(0, asio::bind_cancellation_slot(c.slot(), ignore));
        for (auto& c : cancel)
          c.emit(asio::cancellation_type::total);
      });
}

// All gets are rolled back.
template <class Queue>
void roll_back(std::size_t n)
{
  asio::io_context context;
  Queue q(context);
  const std::vector<std::size_t> order = shuffled(n);
  for (const std::size_t i : order)
    put(q, as_int(i));
  gets taken(q, n);
  counted(
      [&]
      {
        for (const std::size_t i : order)
          taken.cancel(i);
        get(q, n);
      });
}

// One get of n is rolled back, and got again.
template <class Queue>
void roll_back_the_middle(std::size_t n)
{
  asio::io_context context;
  Queue q(context);
  for (std::size_t i = 0; i != n; ++i)
    put(q, as_int(i));
  gets taken(q, n);
  taken.cancel(n - 1);
  counted(
      [&]
      {
        for (int i = 0; i != times; ++i)
        {
          taken.cancel(0);
          taken.cancel(n / 2);
          taken.start(q, 0);
          taken.start(q, n / 2);
        }
      });
}

// Puts that are granted are withdrawn.
template <class Queue>
void withdraw(std::size_t n)
{
  asio::io_context context;
  Queue q(context);
  const std::vector<std::size_t> order = shuffled(n);
  std::vector<asio::cancellation_signal> cancel(n);
  for (std::size_t i = 0; i != n; ++i)
  {
    q.async_put(as_int(i),
                asio::bind_cancellation_slot(cancel[i].slot(), ignore));
  }
  counted(
      [&]
      {
        for (const std::size_t i : order)
          cancel[i].emit(asio::cancellation_type::total);
      });
}

// Items are displaced.
template <class Queue>
void displace(std::size_t n)
{
  asio::io_context context;
  Queue q(context, n);
  for (const std::size_t i : shuffled(n))
    put(q, as_int(i));
  counted(
      [&]
      {
        for (const std::size_t i : shuffled(n))
          (void)q.force_put(as_int(i));
      });
}

// Room is reserved and used, or given back, while puts wait.
void reserve(std::size_t n)
{
  asio::io_context context;
  toro::queue<int> q(context, n);
  std::vector<toro::queue<int>::room_type> rooms;
  for (std::size_t i = 0; i != n; ++i)
    rooms.push_back(q.try_reserve());
  for (std::size_t i = 0; i != n; ++i)
    q.async_put(as_int(i), ignore);
  counted(
      [&]
      {
        for (std::size_t i = 0; i != n; ++i)
        {
          if (i % 2 == 0)
            std::move(rooms[i]).put(as_int(i));
          else
            rooms[i].reset();
        }
      });
}

template <class Queue>
void clear(std::size_t n)
{
  asio::io_context context;
  Queue q(context);
  for (const std::size_t i : shuffled(n))
    put(q, as_int(i));
  counted(
      [&]
      {
        q.clear();
      });
}

void one_get_of_all(std::size_t n)
{
  asio::io_context context;
  toro::queue<int> q(context);
  put(q, 1, n);
  q.async_get_some(n, ignore);
  counted(
      [&]
      {
        context.run();
      });
}

// Part of n items is set aside, and returns.
void batch_that_returns(std::size_t n)
{
  struct failing_iterator
  {
    using difference_type = std::ptrdiff_t;

    failing_iterator& operator*()
    {
      return *this;
    }

    failing_iterator& operator++()
    {
      return *this;
    }

    failing_iterator operator++(int)
    {
      return *this;
    }

    failing_iterator& operator=(int)
    {
      throw 1;
    }
  };
  asio::io_context context;
  toro::priority_queue<int> q(context);
  put(q, 1, n);
  counted(
      [&]
      {
        try
        {
          q.try_get_some(n, failing_iterator());
        }
        catch (int)
        {
        }
      });
}

// An item is put and erased, another one is put and got, among n that are not
// due.
void delayed_items(std::size_t n)
{
  asio::io_context context;
  toro::delay_queue<int> q(context);
  const auto due = toro::deadline::clock_type::now() + std::chrono::hours(1);
  for (const std::size_t i : shuffled(n))
    q.put(1, due + std::chrono::seconds(i));
  counted(
      [&]
      {
        for (int i = 0; i != times; ++i)
        {
          q.erase(q.put(1, due + std::chrono::seconds(i)));
          q.put(2, std::chrono::seconds(0));
          (void)q.try_get();
        }
      });
}

const rows of_queues{
    {"queue: one get of all items", n_times, one_get_of_all},
    {"priority_queue: a batch that returns", once_log_squared,
     batch_that_returns},
    {"delay_queue: an item among others", once_log_squared, delayed_items},
    {"priority_queue: puts in descending runs", n_times_log_squared,
     descending_runs, 4000},
    {"priority_queue: urgent items over a backlog", once_log_squared,
     urgent_items, 4000},
    {"priority_queue: alternating items", n_times_log_squared, alternating,
     4000},
    {"priority_queue: items towards the middle", n_times_log_squared,
     towards_the_middle, 4000},
    {"priority_queue: random items", n_times_log_squared, random_items},
    {"priority_queue: items among granted ones", once_log_squared,
     among_granted_items},
    {"priority_queue: blocked puts are admitted", n_times_log_squared,
     blocked_puts},
    {"priority_queue: a put among blocked ones", once_log_squared,
     put_among_blocked_ones},
    {"priority_queue: gets are rolled back", n_times_log_squared,
     roll_back<toro::priority_queue<int>>},
    {"priority_queue: a get in the middle is rolled back", once_log_squared,
     roll_back_the_middle<toro::priority_queue<int>>},
    {"priority_queue: puts are withdrawn", n_times_log_squared,
     withdraw<toro::priority_queue<int>>},
    {"priority_queue: items are displaced", n_times_log_squared,
     displace<toro::priority_queue<int>>},
    {"priority_queue: all items are dropped", n_times_log_squared,
     clear<toro::priority_queue<int>>},
    {"queue: gets are rolled back", n_times_log_squared,
     roll_back<toro::queue<int>>},
    {"queue: a get in the middle is rolled back", once_log_squared,
     roll_back_the_middle<toro::queue<int>>},
    {"queue: puts are withdrawn", n_times, withdraw<toro::queue<int>>},
    {"queue: items are displaced", n_times, displace<toro::queue<int>>},
    {"queue: room is used or given back", n_times, reserve},
    {"queue: all items are dropped", n_times, clear<toro::queue<int>>},
    {"lifo_queue: gets are rolled back", n_times_log_squared,
     roll_back<toro::lifo_queue<int>>},
    {"lifo_queue: a get in the middle is rolled back", once_log_squared,
     roll_back_the_middle<toro::lifo_queue<int>>},
    {"lifo_queue: puts are withdrawn", n_times,
     withdraw<toro::lifo_queue<int>>},
};

} // namespace
