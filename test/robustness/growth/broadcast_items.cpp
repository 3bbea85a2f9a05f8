// SPDX-License-Identifier: BSL-1.0
#include <toro/broadcast.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <vector>

#include "row.hpp"

namespace {

namespace asio = boost::asio;
using namespace growth;

using clients = std::deque<toro::subscription<int>>;

clients subscribe(toro::broadcast<int>& room, std::size_t n)
{
  clients result;
  for (std::size_t i = 0; i != n; ++i)
    result.push_back(room.subscribe());
  return result;
}

// None of them waits.
void put_beside_idle_subscriptions(std::size_t n)
{
  asio::io_context context;
  toro::broadcast<int> room(context, 8);
  const clients idle = subscribe(room, n);
  auto one = room.subscribe();
  counted(
      [&]
      {
        for (int i = 0; i != times; ++i)
        {
          room.put(i);
          static_cast<void>(one.try_get());
        }
      });
}

void put_for_waiting_subscriptions(std::size_t n)
{
  asio::io_context context;
  toro::broadcast<int> room(context, 8);
  clients all = subscribe(room, n);
  for (auto& one : all)
    one.async_get(ignore);
  counted(
      [&]
      {
        room.put(1);
        context.run();
      });
}

// The slowest is found again, beside others that are as slow.
void slowest_that_comes_and_goes(std::size_t n)
{
  asio::io_context context;
  toro::broadcast<int> room(context, n + times, toro::overflow::wait);
  const clients idle = subscribe(room, n);
  for (std::size_t i = 0; i != n; ++i)
    static_cast<void>(room.try_put(1));
  counted(
      [&]
      {
        for (int i = 0; i != times; ++i)
        {
          auto one = room.subscribe();
          static_cast<void>(room.try_put(1));
          static_cast<void>(one.try_get());
        }
      });
}

void items_of_a_long_backlog(std::size_t n)
{
  asio::io_context context;
  toro::broadcast<int> room(context, n, toro::overflow::wait);
  clients all = subscribe(room, 2);
  for (std::size_t i = 0; i != n; ++i)
    static_cast<void>(room.try_put(1));
  counted(
      [&]
      {
        for (int i = 0; i != times; ++i)
        {
          for (auto& one : all)
            static_cast<void>(one.try_get());
        }
      });
}

// Gets that are granted are cancelled, the last one first.
void gets_that_return_their_items(std::size_t n)
{
  asio::io_context context;
  toro::broadcast<int> room(context, n, toro::overflow::wait);
  auto one = room.subscribe();
  std::vector<asio::cancellation_signal> cancel(n);
  for (std::size_t i = 0; i != n; ++i)
  {
    one.async_get(asio::bind_cancellation_slot(cancel[i].slot(), ignore));
    static_cast<void>(room.try_put(1));
  }
  counted(
      [&]
      {
        std::for_each(cancel.rbegin(), cancel.rend(),
                      [](asio::cancellation_signal& signal)
                      {
                        signal.emit(asio::cancellation_type::total);
                      });
        while (one.try_get())
        {
        }
      });
}

// Puts that are granted are withdrawn, the first one first.
void puts_that_are_withdrawn(std::size_t n)
{
  asio::io_context context;
  toro::broadcast<int> room(context, n, toro::overflow::wait);
  const clients idle = subscribe(room, 2);
  std::vector<asio::cancellation_signal> cancel(n);
  for (std::size_t i = 0; i != n; ++i)
    room.async_put(1, asio::bind_cancellation_slot(cancel[i].slot(), ignore));
  counted(
      [&]
      {
        for (asio::cancellation_signal& signal : cancel)
          signal.emit(asio::cancellation_type::total);
      });
}

// Each subscription of a closed broadcast has a get that is granted, and one
// that waits and is cancelled.
void waits_of_a_closed_broadcast(std::size_t n)
{
  asio::io_context context;
  toro::broadcast<int> room(context, 8);
  clients all = subscribe(room, n);
  std::vector<asio::cancellation_signal> cancel(n);
  for (auto& one : all)
    one.async_get(ignore);
  room.put(1);
  for (std::size_t i = 0; i != n; ++i)
    all[i].async_get(asio::bind_cancellation_slot(cancel[i].slot(), ignore));
  room.close();
  counted(
      [&]
      {
        for (asio::cancellation_signal& signal : cancel)
          signal.emit(asio::cancellation_type::total);
      });
}

const rows of_broadcast_items{
    {"broadcast: put() beside full subscriptions", once,
     put_beside_idle_subscriptions},
    {"broadcast: put() for waiting subscriptions", n_times,
     put_for_waiting_subscriptions},
    {"broadcast: a subscription that comes and goes beside others", once,
     slowest_that_comes_and_goes},
    {"broadcast: gets of a long backlog", once_log_squared,
     items_of_a_long_backlog},
    {"broadcast: gets are rolled back", n_times_log_squared,
     gets_that_return_their_items},
    {"broadcast: puts are withdrawn", n_times_log_squared,
     puts_that_are_withdrawn},
    {"broadcast: waits of a closed one are cancelled", n_times,
     waits_of_a_closed_broadcast},
};

} // namespace
