// SPDX-License-Identifier: BSL-1.0

#include <toro/barrier.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
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

  // With what a barrier or a watch adds, or without.
  template <class... Values>
  void operator()(error_code, const Values&...) const
  {
    ++*count;
  }
};

// Many callbacks that begin to wait, are woken and end, in each round.
template <class Event>
class audience
{
public:
  audience(std::size_t size, part measured)
    : size_(size),
      measured_(measured)
  {
    if constexpr (requires { event_.make_readers(size); })
      event_.make_readers(size);
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
void spawn_waits(asio::io_context& context, Event& event, std::size_t number)
{
  for (std::size_t i = 0; i != number; ++i)
    asio::co_spawn(context, wait_repeatedly(event), asio::detached);
  context.poll();
}

// Each round wakes all and runs until all wait again.
template <class Event>
procedure coroutine_rounds(std::size_t number)
{
  return [=](trial& t)
  {
    asio::io_context context;
    Event event(context.get_executor());
    spawn_waits(context, event, number);
    event.wake_all();
    context.poll();

    t.start();
    for (std::size_t done = 0; done != t.operations(); done += number)
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

// All arrive at a barrier, in each round.
template <class Threading>
procedure arrivals(std::size_t parties)
{
  return [=](trial& t)
  {
    asio::io_context context;
    toro::basic_barrier<io_executor, Threading> barrier(context.get_executor(),
                                                        parties);
    std::size_t told = 0;
    t.start();
    for (std::size_t done = 0; done != t.operations(); done += parties)
    {
      for (std::size_t i = 0; i != parties; ++i)
        barrier.async_arrive(woken{&told});
      context.restart();
      context.run();
    }
    t.stop();
    require(told == t.operations());
  };
}

// All wait for an event, which is then set, in each round.
template <class Threading>
procedure waits(std::size_t number)
{
  return [=](trial& t)
  {
    asio::io_context context;
    toro_event<io_executor, Threading> event(context.get_executor());
    std::size_t told = 0;
    t.start();
    for (std::size_t done = 0; done != t.operations(); done += number)
    {
      for (std::size_t i = 0; i != number; ++i)
        event.async_wait(woken{&told});
      event.wake_all();
      context.restart();
      context.run();
    }
    t.stop();
    require(told == t.operations());
  };
}

// Ask a reader that has seen the newest value.
template <class Threading>
void ask_for_news(trial& t)
{
  asio::io_context context;
  toro::basic_watch<int, io_executor, Threading> watch(context.get_executor(),
                                                       0);
  const auto reader = watch.read();
  bool news = false;
  t.start();
  for (std::size_t i = 0; i != t.operations(); ++i)
  {
    news |= reader.has_news();
    // Keeps the compiler from asking once.
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  t.stop();
  require(!news);
}

struct named_number
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

void add_loop_events(rows& all, const named_number& number, targets loop = {})
{
  const std::string of = std::string(" of ") + number.name;
  add_events<io_executor>(
      all, {"W4", "event, call alone" + of, {}, unit::posts, number.count},
      part::call);
  add_events<io_executor>(
      all, {"W4", "event, delivery" + of, loop, unit::posts, number.count},
      part::delivery);
}

void add_callbacks(rows& all, const named_number& number, targets loop = {},
                   targets on_strand = {})
{
  add_loop_events(all, number, loop);
  const std::string of = std::string(" of ") + number.name;
  add_events<strand>(all,
                     {"W4", "event, delivery on a strand" + of, on_strand,
                      unit::posts, number.count},
                     part::delivery);
  add_conditions<io_executor>(
      all, {"W4", "condition, delivery" + of, loop, unit::posts, number.count});
  add_conditions<strand>(all, {"W4", "condition, delivery on a strand" + of,
                               on_strand, unit::posts, number.count});
}

void add_coroutines(rows& all, const named_number& number)
{
  const std::string variant =
      std::string("use_awaitable, delivery and next wait of ") + number.name;
  const work again{"W4", variant, {}, unit::posts, number.count};
  for_each_event<any_executor>(
      [&]<class Event>()
      {
        all.push_back(
            {again, Event::who, coroutine_rounds<Event>(number.count)});
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

template <class Executor, class Threading>
void add_watch(rows& all, const std::string& variant,
               const named_number& number)
{
  const work what{"W4",
                  "watch, " + variant + " of " + number.name +
                      ", against an event",
                  {1.3, 1.3},
                  unit::times_base,
                  number.count};
  all.push_back(
      {what, toro_with<Threading>,
       rounds<toro_watch<Executor, Threading>>(part::delivery, number.count),
       rounds<toro_event<Executor, Threading>>(part::delivery, number.count)});
}

template <class Threading>
void add_relatives(rows& all, const named_number& few, const named_number& many)
{
  add_watch<io_executor, Threading>(all, "delivery", many);
  add_watch<strand, Threading>(all, "delivery on a strand", many);
  const work asking{
      "W4", "watch, ask a reader for news", {}, unit::nanoseconds};
  all.push_back({asking, toro_with<Threading>, ask_for_news<Threading>});
  const work meeting{"W4",
                     std::string("barrier of ") + few.name +
                         ", against waits for an event",
                     {},
                     unit::times_base,
                     few.count};
  all.push_back({meeting, toro_with<Threading>, arrivals<Threading>(few.count),
                 waits<Threading>(few.count)});
}

} // namespace

void add_broadcast(rows& all)
{
  const named_number thousand{1'000, "1 000"};
  const named_number many{100'000, "100 000"};
  const named_number million{1'000'000, "1 000 000"};

  add_callbacks(all, thousand);
  add_callbacks(all, many, {1.0, 2.7}, {1.0, 1.2});
  add_loop_events(all, million);
  add_coroutines(all, thousand);
  add_coroutines(all, many);
  add_sizes(all);
  add_relatives<toro::strand_bound>(all, thousand, many);
  add_relatives<toro::thread_safe>(all, thousand, many);
}

} // namespace bench
