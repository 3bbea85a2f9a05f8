// SPDX-License-Identifier: BSL-1.0
// Programs as users write them, whose context is destroyed after each of their
// handlers, from the first to the last.

#include <toro.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/manual_clock.hpp"

namespace asio = boost::asio;

namespace toro_test {

BOOST_AUTO_TEST_SUITE(programs)

namespace {

using namespace std::chrono_literals;
using asio::awaitable;
using asio::use_awaitable;
using asio::experimental::awaitable_operators::operator||;

constexpr auto quietly = asio::as_tuple(use_awaitable);

// What the coroutines of a program have done, and how many there are.
struct census
{
  std::size_t residents = 0;
  std::size_t late_steps = 0;
  bool context_is_gone = false;
  int achieved = 0;
};

// Lives in the frame of a coroutine, which calls it after each wait.
class resident
{
public:
  explicit resident(census& all)
    : all_(all)
  {
    ++all_.residents;
  }

  resident(const resident&) = delete;
  resident& operator=(const resident&) = delete;

  ~resident()
  {
    --all_.residents;
  }

  void wakes()
  {
    all_.late_steps += all_.context_is_gone;
  }

  void achieves()
  {
    wakes();
    ++all_.achieved;
  }

private:
  census& all_;
};

void spawn(asio::io_context& io, awaitable<void> body)
{
  asio::co_spawn(asio::make_strand(io), std::move(body), asio::detached);
}

// Items go through two stages, of which the first may do two at once.
class pipeline
{
public:
  static constexpr int to_achieve = 5;

  explicit pipeline(asio::io_context& io)
    : raw_(io, 2),
      cooked_(io, 1),
      stoves_(io, 2)
  {
  }

  static void start(asio::io_context& io, std::shared_ptr<pipeline> p,
                    census& all)
  {
    spawn(io, p->produce(p, all));
    for (int cooks = 3; cooks > 0; --cooks)
      spawn(io, p->cook(p, all));
    spawn(io, p->serve(p, all));
    spawn(io, p->close_when_done(p, all));
  }

private:
  using item = std::unique_ptr<int>;

  awaitable<void> produce(std::shared_ptr<pipeline>, census& all)
  {
    resident here(all);
    for (int n = 0; n < to_achieve; ++n)
    {
      co_await raw_.async_put(std::make_unique<int>(n), use_awaitable);
      here.wakes();
    }
    raw_.close();
  }

  awaitable<void> cook(std::shared_ptr<pipeline>, census& all)
  {
    resident here(all);
    for (;;)
    {
      auto [ec, food] = co_await raw_.async_get(quietly);
      here.wakes();
      if (ec)
        break;
      auto stove = co_await stoves_.async_acquire(use_awaitable);
      co_await asio::post(use_awaitable);
      here.wakes();
      co_await cooked_.async_put(std::move(food), use_awaitable);
      raw_.task_done();
    }
  }

  awaitable<void> serve(std::shared_ptr<pipeline>, census& all)
  {
    resident here(all);
    for (;;)
    {
      auto [ec, food] = co_await cooked_.async_get(quietly);
      here.wakes();
      if (ec)
        break;
      here.achieves();
    }
  }

  awaitable<void> close_when_done(std::shared_ptr<pipeline>, census& all)
  {
    resident here(all);
    // Order: the first put is made before there can be nothing to do.
    co_await asio::post(use_awaitable);
    co_await raw_.async_join(use_awaitable);
    here.wakes();
    cooked_.close();
  }

  toro::queue<item> raw_;
  toro::queue<item> cooked_;
  toro::bounded_semaphore stoves_;
};

// More clients than connections; some do not wait for long enough.
class pool
{
public:
  static constexpr int to_achieve = 4;

  explicit pool(asio::io_context& io)
    : idle_(io)
  {
    static_cast<void>(idle_.try_put(1));
    static_cast<void>(idle_.try_put(2));
  }

  static void start(asio::io_context& io, std::shared_ptr<pool> p, census& all)
  {
    for (auto patience : {5s, 5s, 5s, 5s, 0s, 1s})
      spawn(io, p->use(io, p, all, patience));
  }

private:
  awaitable<void> use(asio::io_context& io, std::shared_ptr<pool>, census& all,
                      std::chrono::seconds patience)
  {
    resident here(all);
    auto [ec, connection] = co_await idle_.async_get(patience, quietly);
    here.wakes();
    if (ec)
      co_return;
    toro::event answer(io);
    co_await answer.async_wait(2s, quietly);
    here.achieves();
    co_await idle_.async_put(connection, use_awaitable);
    here.wakes();
  }

  toro::lifo_queue<int> idle_;
};

// Many ask for the same; the first one fetches it.
class cache
{
public:
  static constexpr int to_achieve = 5;

  explicit cache(asio::io_context& io)
    : turn_(io)
  {
  }

  static void start(asio::io_context& io, std::shared_ptr<cache> p, census& all)
  {
    for (const char* key : {"a", "b", "a", "a", "b"})
      spawn(io, p->ask(io, p, all, key));
    // This one gives up.
    spawn(io, p->ask_briefly(p, all, "a"));
  }

private:
  using entry = toro::async_result<std::string>;

  awaitable<void> ask(asio::io_context& io, std::shared_ptr<cache>, census& all,
                      std::string key)
  {
    resident here(all);
    auto& known = entries_[key];
    if (!known)
    {
      known.emplace(io);
      auto turn = co_await turn_.async_acquire(use_awaitable);
      here.wakes();
      toro::event arrival(io);
      co_await arrival.async_wait(1s, quietly);
      here.wakes();
      known->set("the value of " + key);
    }
    const std::string value = co_await known->async_get(use_awaitable);
    BOOST_TEST(value == "the value of " + key);
    here.achieves();
  }

  awaitable<void> ask_briefly(std::shared_ptr<cache>, census& all,
                              std::string key)
  {
    resident here(all);
    if (entries_[key])
      co_await entries_[key]->async_get(500ms, quietly);
    here.wakes();
  }

  toro::lock turn_;
  std::map<std::string, std::optional<entry>> entries_;
};

// A writer changes what many read, and tells them.
class broadcast
{
public:
  static constexpr int to_achieve = 4;

  explicit broadcast(asio::io_context& io)
    : guarded_(io),
      changed_(io),
      stopped_(io)
  {
  }

  static void start(asio::io_context& io, std::shared_ptr<broadcast> p,
                    census& all)
  {
    for (int readers = to_achieve; readers > 0; --readers)
      spawn(io, p->read(p, all));
    spawn(io, p->write(p, all));
  }

private:
  awaitable<void> read(std::shared_ptr<broadcast>, census& all)
  {
    resident here(all);
    for (int seen = 0; seen < 3; ++seen)
    {
      co_await changed_.async_wait(
          [this, seen]
          {
            return version_ > seen;
          },
          use_awaitable);
      here.wakes();
      auto guard = co_await guarded_.async_acquire_read(use_awaitable);
      here.wakes();
    }
    co_await (stopped_.async_wait(use_awaitable) ||
              changed_.async_wait(use_awaitable));
    here.achieves();
  }

  awaitable<void> write(std::shared_ptr<broadcast>, census& all)
  {
    resident here(all);
    while (version_ < 3)
    {
      auto guard = co_await guarded_.async_acquire_write(use_awaitable);
      here.wakes();
      ++version_;
      changed_.notify_all();
      auto reading = std::move(guard).downgrade();
      co_await asio::post(use_awaitable);
      here.wakes();
    }
    stopped_.set();
  }

  toro::rw_lock guarded_;
  toro::condition changed_;
  toro::event stopped_;
  int version_ = 0;
};

// Who has the primitives besides the coroutines.
enum class owner
{
  nobody,      // they go with the frames
  while_it_is, // somebody who lets go before the context ends
  for_longer   // somebody who outlives it
};

// Runs one handler, or moves time to where there is one. Returns whether there
// was.
bool run_one(asio::io_context& io, manual_clock& clock)
{
  for (;;)
  {
    io.restart();
    if (io.poll_one() != 0)
      return true;
    if (clock.pending() == 0)
      return false;
    clock.advance(500ms);
  }
}

// Runs a program for that many handlers and destroys its context. Returns
// whether it was over by then.
template <class Program>
bool end_after(std::size_t handlers, owner who)
{
  census all;
  manual_clock clock;
  std::shared_ptr<Program> kept;
  bool over = false;
  {
    asio::io_context io;
    clock.install(io);
    kept = std::make_shared<Program>(io);
    Program::start(io, kept, all);
    if (who == owner::nobody)
      kept.reset();
    while (handlers > 0 && !over)
    {
      over = !run_one(io, clock);
      --handlers;
    }
    if (who == owner::while_it_is)
      kept.reset();
    all.context_is_gone = true;
  }
  BOOST_TEST(all.late_steps == 0u);
  BOOST_TEST(all.residents == 0u);
  BOOST_TEST(clock.alarms() == 0u);
  if (over)
    BOOST_TEST(all.achieved == Program::to_achieve);
  return over;
}

template <class Program>
void end_everywhere()
{
  for (owner who : {owner::nobody, owner::while_it_is, owner::for_longer})
  {
    std::size_t handlers = 0;
    while (!end_after<Program>(handlers, who))
      ++handlers;
    BOOST_TEST(handlers > 10u);
  }
}

} // namespace

BOOST_AUTO_TEST_CASE(pipeline_ends_with_its_context_after_any_handler)
{
  end_everywhere<pipeline>();
}

BOOST_AUTO_TEST_CASE(pool_ends_with_its_context_after_any_handler)
{
  end_everywhere<pool>();
}

BOOST_AUTO_TEST_CASE(cache_ends_with_its_context_after_any_handler)
{
  end_everywhere<cache>();
}

BOOST_AUTO_TEST_CASE(broadcast_ends_with_its_context_after_any_handler)
{
  end_everywhere<broadcast>();
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
