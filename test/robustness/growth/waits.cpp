// SPDX-License-Identifier: BSL-1.0
#include <toro/condition.hpp>
#include <toro/event.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <random>
#include <vector>

#include "row.hpp"

namespace {

namespace asio = boost::asio;
using namespace growth;

constexpr auto no = []
{
  return false;
};

// Waits whose predicates say no.
class decliners
{
public:
  explicit decliners(std::size_t n)
    : cancel_(n)
  {
    for (auto& c : cancel_)
      meeting.async_wait(no, asio::bind_cancellation_slot(c.slot(), ignore));
  }

  void cancel(std::size_t i)
  {
    cancel_[i].emit(asio::cancellation_type::total);
  }

  void run(std::size_t handlers)
  {
    for (; handlers != 0; --handlers)
      context.poll_one();
  }

  asio::io_context context;
  toro::condition meeting{context};

private:
  std::vector<asio::cancellation_signal> cancel_;
};

void declined_by_all(std::size_t n)
{
  decliners all(n);
  counted(
      [&]
      {
        all.meeting.notify();
        all.context.poll();
      });
}

void declined_by_each(std::size_t n)
{
  decliners all(n);
  counted(
      [&]
      {
        all.meeting.notify(n);
        all.run(n);
      });
}

// They pass the waits in turns, half the line apart.
void two_notifications(std::size_t n)
{
  decliners all(n);
  all.meeting.notify();
  all.run(n / 2);
  counted(
      [&]
      {
        all.meeting.notify();
        all.context.poll();
      });
}

// Waits join at the end as fast as others decline.
void declined_while_others_join(std::size_t n)
{
  decliners all(n);
  counted(
      [&]
      {
        all.meeting.notify();
        for (std::size_t i = 0; i != n; ++i)
        {
          all.run(1);
          all.meeting.async_wait(ignore);
        }
      });
}

void declined_notify_all(std::size_t n)
{
  decliners all(n);
  counted(
      [&]
      {
        all.meeting.notify_all();
        all.context.poll();
      });
}

// A notification has passed half the waits. The wait that is offered it is
// cancelled, and so the next.
void cancelled_behind_decliners(std::size_t n)
{
  decliners all(n);
  all.meeting.notify();
  all.run(n / 2);
  counted(
      [&]
      {
        for (std::size_t i = n / 2; i != n; ++i)
          all.cancel(i);
      });
}

void plain_waits(std::size_t n)
{
  asio::io_context context;
  toro::condition meeting(context);
  counted(
      [&]
      {
        for (std::size_t i = 0; i != n; ++i)
          meeting.async_wait(ignore);
        meeting.notify(n);
        context.poll();
      });
}

void random_deadlines(std::size_t n)
{
  asio::io_context context;
  toro::event event(context);
  std::mt19937 random(1);
  std::vector<asio::cancellation_signal> cancel(n);
  counted(
      [&]
      {
        for (auto& c : cancel)
        {
          event.async_wait(std::chrono::seconds(100 + random() % 1000000),
                           asio::bind_cancellation_slot(c.slot(), ignore));
        }
        for (auto& c : cancel)
          c.emit(asio::cancellation_type::total);
      });
}

const rows of_waits{
    {"condition: a notification that all decline", n_times, declined_by_all},
    {"condition: n notifications that all decline", n_times, declined_by_each},
    {"condition: two notifications that all decline", n_times,
     two_notifications},
    {"condition: a notification that all decline while others join", n_times,
     declined_while_others_join},
    {"condition: notify_all() that all decline", n_times, declined_notify_all},
    {"condition: notified waits are cancelled behind decliners", n_times,
     cancelled_behind_decliners},
    {"condition: waits are notified", n_times, plain_waits},
    {"event: waits with random deadlines are cancelled", n_times,
     random_deadlines},
};

} // namespace
