// SPDX-License-Identifier: BSL-1.0

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <deque>
#include <random>

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
}

} // namespace bench
