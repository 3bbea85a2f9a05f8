// SPDX-License-Identifier: BSL-1.0

#include <toro/delay_queue.hpp>

#include <boost/asio/experimental/awaitable_operators.hpp>
#if __has_include(<boost/asio/cancel_after.hpp>)
#include <boost/asio/cancel_after.hpp>
#define TORO_BENCHMARK_HAS_CANCEL_AFTER
#endif

#include <algorithm>
#include <chrono>
#include <deque>
#include <numeric>
#include <random>
#include <thread>
#include <vector>

#include "events.hpp"
#include "lock_users.hpp"
#include "workloads.hpp"

namespace bench {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::seconds far_away(30);

// How the library's users give up after a time.
struct within_deadline : patiently
{
  using patiently::patiently;

  template <class Lock, class Token>
  auto operator()(Lock& lock, Token&& token) const
  {
    return lock.async_acquire(far_away, std::forward<Token>(token));
  }
};

// How others do.
class or_timer
{
public:
  explicit or_timer(const any_executor& executor)
    : timer_(executor)
  {
  }

  template <class Lock, class Token>
  auto operator()(Lock& lock, Token token)
  {
    using namespace asio::experimental::awaitable_operators;
    timer_.expires_after(far_away);
    return lock.async_acquire(token) || timer_.async_wait(token);
  }

private:
  asio::steady_timer timer_;
};

#if defined(TORO_BENCHMARK_HAS_CANCEL_AFTER)
// How others do from Boost 1.86 on.
class cancelled_after
{
public:
  explicit cancelled_after(const any_executor& executor)
    : timer_(executor)
  {
  }

  template <class Lock, class Token>
  auto operator()(Lock& lock, Token token)
  {
    return lock.async_acquire(asio::cancel_after(timer_, far_away, token));
  }

private:
  asio::steady_timer timer_;
};
#endif

template <class Lock>
inline constexpr bool has_deadlines = gives_hold<Lock>;

template <class Lock>
using in_time =
    std::conditional_t<has_deadlines<Lock>, within_deadline, or_timer>;

constexpr targets free_of_charge{0, 0};
constexpr targets three_posts{3, 3};

void add_unexpired(rows& all, const std::string& where, targets at_most,
                   sharing how)
{
  const work calling{"W5", "callback, " + where, at_most, unit::posts_beyond};
  for_each_lock<io_executor>(
      [&]<class Lock>()
      {
        if constexpr (has_deadlines<Lock>)
          all.push_back({calling, Lock::who,
                         callbacks<stay::lasting, Lock, within_deadline>(how),
                         callbacks<stay::lasting, Lock>(how)});
      });
  const work awaiting{"W5", "use_awaitable, " + where, at_most,
                      unit::posts_beyond};
  for_each_lock<any_executor>(
      [&]<class Lock>()
      {
        all.push_back({awaiting, Lock::who,
                       coroutines<stay::lasting, Lock, in_time<Lock>>(how),
                       coroutines<stay::lasting, Lock>(how)});
      });
#if defined(TORO_BENCHMARK_HAS_CANCEL_AFTER)
  const work cancelling{"W5", "cancel_after, " + where, at_most,
                        unit::posts_beyond};
  for_each_lock<any_executor>(
      [&]<class Lock>()
      {
        if constexpr (!has_deadlines<Lock>)
          all.push_back({cancelling, Lock::who,
                         coroutines<stay::lasting, Lock, cancelled_after>(how),
                         coroutines<stay::lasting, Lock>(how)});
      });
#endif
}

// As many timers as there are waits.
class timer_each
{
public:
  static constexpr contender who = contender::timer;

  explicit timer_each(const io_executor& executor)
    : executor_(executor)
  {
  }

  template <class Handler>
  void async_wait(clock::time_point when, Handler handler)
  {
    all_.emplace_back(executor_, when).async_wait(handler);
  }

private:
  io_executor executor_;
  std::deque<timer_on<io_executor>> all_;
};

struct expired
{
  std::size_t* count;

  void operator()(error_code) const
  {
    ++*count;
  }
};

using order = std::vector<std::size_t>;

order rising(std::size_t size)
{
  order all(size);
  std::iota(all.begin(), all.end(), std::size_t(0));
  return all;
}

order shuffled(std::size_t size)
{
  order all = rising(size);
  std::ranges::shuffle(all, std::minstd_rand());
  return all;
}

// Begin to wait until as many points in time, none the same.
template <class Event>
void wait_all(Event& event, clock::time_point from, const order& all,
              std::size_t& count)
{
  for (const std::size_t i : all)
    event.async_wait(from + std::chrono::nanoseconds(i), expired{&count});
}

template <class Event>
procedure registering(const order& all)
{
  return [all](trial& t)
  {
    for (std::size_t done = 0; done != t.operations(); done += all.size())
    {
      asio::io_context context;
      Event event(context.get_executor());
      std::size_t count = 0;
      t.start();
      wait_all(event, clock::now() + far_away, all, count);
      t.stop();
    }
  };
}

template <class Event>
procedure expiring(const order& all)
{
  return [all](trial& t)
  {
    for (std::size_t done = 0; done != t.operations(); done += all.size())
    {
      asio::io_context context;
      Event event(context.get_executor());
      std::size_t count = 0;
      // Late enough for all to be waiting by then.
      const auto when = clock::now() + std::chrono::milliseconds(5) +
                        std::chrono::microseconds(2) * all.size();
      wait_all(event, when, all, count);
      std::this_thread::sleep_until(when + std::chrono::milliseconds(1));
      t.start();
      context.run();
      t.stop();
      require(count == all.size());
    }
  };
}

// Calls @p add with the library's events and with timers.
template <class Add>
void for_each_alarm(Add add)
{
  add.template operator()<toro_event<io_executor, toro::strand_bound>>();
  add.template operator()<toro_event<io_executor, toro::thread_safe>>();
  add.template operator()<timer_each>();
}

void add_registering(rows& all, const std::string& name, const order& in)
{
  const work what{"W5", "begin " + name, {}, unit::posts, in.size()};
  for_each_alarm(
      [&]<class Alarm>()
      {
        all.push_back({what, Alarm::who, registering<Alarm>(in)});
      });
}

void add_expiring(rows& all, const std::string& name, const order& in)
{
  const work what{"W5", "end " + name, {}, unit::posts, in.size(), false};
  for_each_alarm(
      [&]<class Alarm>()
      {
        all.push_back({what, Alarm::who, expiring<Alarm>(in)});
      });
}

// What is done with an item beside many that are not due.
enum class use
{
  get,
  erase
};

template <class Threading>
procedure beside_items(std::size_t many, use what)
{
  return [=](trial& t)
  {
    asio::io_context context;
    toro::basic_delay_queue<int, io_executor, Threading> queue(
        context.get_executor());
    const auto from = clock::now() + std::chrono::hours(1);
    for (const std::size_t i : shuffled(many))
      queue.put(1, from + std::chrono::microseconds(i));
    // In the middle, or before all others.
    const toro::deadline due = what == use::erase
                                   ? from + std::chrono::microseconds(many / 2)
                                   : toro::deadline(std::chrono::seconds(0));
    t.start();
    for (std::size_t done = 0; done != t.operations(); ++done)
    {
      const toro::delay_key key = queue.put(1, due);
      require(what == use::erase ? queue.erase(key)
                                 : queue.try_get().has_value());
    }
    t.stop();
    require(queue.size() == many);
  };
}

// How many times as deep as for a thousand a tree of a million is.
constexpr targets logarithmic{2, 2};

template <class Threading>
void add_delay_queue(rows& all)
{
  constexpr std::size_t many = 1'000'000;
  constexpr std::size_t few = 1'000;
  const auto add = [&](const char* name, use what)
  {
    const work beside{"W5",
                      std::string("delay_queue, ") + name +
                          " beside 1 000 000 items, against 1 000",
                      logarithmic, unit::times_base};
    all.push_back({beside, toro_with<Threading>,
                   beside_items<Threading>(many, what),
                   beside_items<Threading>(few, what)});
  };
  add("put and get", use::get);
  add("put and erase", use::erase);
}

} // namespace

void add_deadlines(rows& all)
{
  add_unexpired(all, "free", free_of_charge, {});
  add_unexpired(all, "2 users, beside a reactor", three_posts,
                {.users = 2, .beside_reactor = true});

  const order few = rising(1'000);
  const order many = rising(100'000);
  const order any = shuffled(100'000);
  add_registering(all, "1 000 deadlines", few);
  add_registering(all, "100 000 deadlines", many);
  add_registering(all, "100 000 deadlines in any order", any);
  add_expiring(all, "1 000 deadlines", few);
  add_expiring(all, "100 000 deadlines", many);
  add_delay_queue<toro::strand_bound>(all);
  add_delay_queue<toro::thread_safe>(all);
}

} // namespace bench
