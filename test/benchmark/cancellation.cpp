// SPDX-License-Identifier: BSL-1.0

#include <toro/cancellation_source.hpp>
#include <toro/event.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <deque>
#include <random>
#include <utility>

#include "events.hpp"
#include "workloads.hpp"

namespace bench {

namespace {

constexpr std::size_t few = 1'000;
constexpr std::size_t many = 100'000;

// Waits, one of which is cancelled at a time and begins anew.
template <class Event>
class crowd : fixture
{
public:
  crowd(trial& t, std::size_t size)
    : fixture(t),
      event_(context.get_executor()),
      signals_(size)
  {
  }

  void run()
  {
    for (asio::cancellation_signal& signal : signals_)
      wait(signal);
    cancel_one();
    fixture::run(10);
  }

private:
  struct cancelled
  {
    crowd* self;
    asio::cancellation_signal* signal;

    void operator()(error_code) const
    {
      self->wait(*signal);
      if (self->again())
        self->cancel_one();
    }
  };

  void wait(asio::cancellation_signal& signal)
  {
    event_.async_wait(
        asio::bind_cancellation_slot(signal.slot(), cancelled{this, &signal}));
  }

  void cancel_one()
  {
    signals_[random_() % signals_.size()].emit(
        asio::cancellation_type::terminal);
  }

  Event event_;
  std::deque<asio::cancellation_signal> signals_;
  std::minstd_rand random_;
};

template <class Event>
procedure cancelling(std::size_t size)
{
  return [=](trial& t)
  {
    crowd<Event>(t, size).run();
  };
}

void add_crowd(rows& all, const work& what, std::size_t size)
{
  for_each_event<io_executor>(
      [&]<class Event>()
      {
        all.push_back({what, Event::who, cancelling<Event>(size)});
      });
}

// How a wait can be cancelled.
template <class Threading>
struct by_source
{
  explicit by_source(const io_executor& executor)
    : source(executor)
  {
  }

  auto operator()(auto handler)
  {
    return toro::bind_cancellation(source, std::move(handler));
  }

  toro::basic_cancellation_source<io_executor, Threading> source;
};

struct by_slot
{
  explicit by_slot(const io_executor&)
  {
  }

  auto operator()(auto handler)
  {
    return asio::bind_cancellation_slot(signal.slot(), std::move(handler));
  }

  asio::cancellation_signal signal;
};

// Waits that nobody cancels, one after the other.
template <class Threading, class Way>
class cancellable_waits : fixture
{
public:
  explicit cancellable_waits(trial& t)
    : fixture(t),
      event_(context.get_executor()),
      way_(context.get_executor())
  {
  }

  void run()
  {
    wait();
    fixture::run(10);
  }

private:
  struct woken
  {
    cancellable_waits* self;

    void operator()(error_code) const
    {
      if (self->again())
        self->wait();
    }
  };

  void wait()
  {
    event_.async_wait(way_(woken{this}));
    event_.set();
    event_.clear();
  }

  toro::basic_event<io_executor, Threading> event_;
  Way way_;
};

template <class Threading, class Way>
procedure waiting()
{
  return [](trial& t)
  {
    cancellable_waits<Threading, Way>(t).run();
  };
}

template <class Threading>
void add_bound(rows& all, contender who)
{
  const work what{"W7",
                  "bind_cancellation against bind_cancellation_slot",
                  {1.3, 1.3},
                  unit::times_base};
  all.push_back({what, who, waiting<Threading, by_source<Threading>>(),
                 waiting<Threading, by_slot>()});
}

} // namespace

void add_cancellation(rows& all)
{
  add_crowd(all, {"W7", "one of 1 000"}, few);
  add_crowd(all, {"W7", "one of 100 000"}, many);
  const work growth{
      "W7", "one of 100 000 against one of 1 000", {6, 6}, unit::times_base};
  for_each_event<io_executor>(
      [&]<class Event>()
      {
        all.push_back({growth, Event::who, cancelling<Event>(many),
                       cancelling<Event>(few)});
      });
  add_bound<toro::strand_bound>(all, contender::strand_bound);
  add_bound<toro::thread_safe>(all, contender::thread_safe);
}

} // namespace bench
