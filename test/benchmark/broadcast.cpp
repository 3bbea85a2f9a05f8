// SPDX-License-Identifier: BSL-1.0

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <string>

#include "events.hpp"
#include "workloads.hpp"

namespace bench {

namespace {

using strand = asio::strand<io_executor>;

// What of a round is measured.
enum class part
{
  waiting,  // that all begin to wait
  call,     // the call that wakes them
  delivery, // the call, and that all are told
};

struct woken
{
  std::size_t* count;

  void operator()(error_code) const
  {
    ++*count;
  }
};

// A crowd of callbacks that begin to wait, are woken and end, in each round.
template <class Event>
class audience
{
public:
  audience(std::size_t size, part measured)
    : size_(size),
      measured_(measured)
  {
  }

  void round(trial& t)
  {
    context_.restart();
    when(part::waiting, t,
         [&]
         {
           for (std::size_t i = 0; i != size_; ++i)
             event_.async_wait(woken{&told_});
         });
    context_.poll();
    context_.restart();
    told_ = 0;
    when(part::delivery, t,
         [&]
         {
           when(part::call, t,
                [&]
                {
                  event_.wake_all();
                });
           context_.run();
         });
    require(told_ == size_);
  }

private:
  template <class Step>
  void when(part what, trial& t, Step step)
  {
    if (what == measured_)
      t.start();
    step();
    if (what == measured_)
      t.stop();
  }

  using executor_type = typename Event::executor_type;

  asio::io_context context_;
  Event event_{executor_type(context_.get_executor())};
  std::size_t size_;
  part measured_;
  std::size_t told_ = 0;
};

template <class Event>
procedure rounds(part measured, std::size_t size)
{
  return [=](trial& t)
  {
    audience<Event> all(size, measured);
    trial warm_up(size);
    all.round(warm_up);
    for (std::size_t done = 0; done != t.operations(); done += size)
      all.round(t);
  };
}

template <class Event>
asio::awaitable<void> wait_repeatedly(Event& event)
{
  for (;;)
    co_await event.async_wait(asio::as_tuple(asio::use_awaitable));
}

template <class Event>
void spawn_waits(asio::io_context& context, Event& event, std::size_t crowd)
{
  for (std::size_t i = 0; i != crowd; ++i)
    asio::co_spawn(context, wait_repeatedly(event), asio::detached);
  context.poll();
}

// Each round wakes all and runs until all wait again.
template <class Event>
procedure coroutine_rounds(std::size_t crowd)
{
  return [=](trial& t)
  {
    asio::io_context context;
    Event event(context.get_executor());
    spawn_waits(context, event, crowd);
    event.wake_all();
    context.poll();

    t.start();
    for (std::size_t done = 0; done != t.operations(); done += crowd)
    {
      event.wake_all();
      context.poll();
    }
    t.stop();
  };
}

template <class Event>
void coroutine_bytes(trial& t)
{
  asio::io_context context;
  Event event(context.get_executor());
  t.start();
  spawn_waits(context, event, t.operations());
  t.stop();
}

struct crowd_size
{
  std::size_t count;
  const char* name;
};

template <class Executor>
void add_events(rows& all, const work& what, part measured)
{
  for_each_event<Executor>(
      [&]<class Event>()
      {
        all.push_back({what, Event::who, rounds<Event>(measured, what.batch)});
      });
}

template <class Executor>
void add_conditions(rows& all, const work& what)
{
  for_each_condition<Executor>(
      [&]<class Condition>()
      {
        all.push_back({what, Condition::who,
                       rounds<Condition>(part::delivery, what.batch)});
      });
}

void add_loop_events(rows& all, const crowd_size& crowd, targets loop = {})
{
  const std::string of = std::string(" of ") + crowd.name;
  add_events<io_executor>(
      all, {"W4", "event, call alone" + of, {}, unit::posts, crowd.count},
      part::call);
  add_events<io_executor>(
      all, {"W4", "event, delivery" + of, loop, unit::posts, crowd.count},
      part::delivery);
}

void add_callbacks(rows& all, const crowd_size& crowd, targets loop = {},
                   targets on_strand = {})
{
  add_loop_events(all, crowd, loop);
  const std::string of = std::string(" of ") + crowd.name;
  add_events<strand>(all,
                     {"W4", "event, delivery on a strand" + of, on_strand,
                      unit::posts, crowd.count},
                     part::delivery);
  add_conditions<io_executor>(
      all, {"W4", "condition, delivery" + of, loop, unit::posts, crowd.count});
  add_conditions<strand>(all, {"W4", "condition, delivery on a strand" + of,
                               on_strand, unit::posts, crowd.count});
}

void add_coroutines(rows& all, const crowd_size& crowd)
{
  const std::string variant =
      std::string("use_awaitable, delivery and next wait of ") + crowd.name;
  const work again{"W4", variant, {}, unit::posts, crowd.count};
  for_each_event<any_executor>(
      [&]<class Event>()
      {
        all.push_back(
            {again, Event::who, coroutine_rounds<Event>(crowd.count)});
      });
}

void add_sizes(rows& all)
{
  // 96 and 112 bytes beyond the handler, which has 8.
  const work callback{
      "W4", "bytes of a callback that waits", {104, 120}, unit::bytes, 100'000};
  add_events<io_executor>(all, callback, part::waiting);
  const work coroutine{
      "W4", "bytes of a coroutine that waits", {}, unit::bytes, 10'000};
  for_each_event<any_executor>(
      [&]<class Event>()
      {
        all.push_back({coroutine, Event::who, coroutine_bytes<Event>});
      });
}

} // namespace

void add_broadcast(rows& all)
{
  const crowd_size thousand{1'000, "1 000"};
  const crowd_size many{100'000, "100 000"};
  const crowd_size million{1'000'000, "1 000 000"};

  add_callbacks(all, thousand);
  add_callbacks(all, many, {1.0, 2.7}, {1.0, 1.2});
  add_loop_events(all, million);
  add_coroutines(all, thousand);
  add_coroutines(all, many);
  add_sizes(all);
}

} // namespace bench
