// SPDX-License-Identifier: BSL-1.0

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <deque>
#include <optional>

#include "locks.hpp"
#include "workloads.hpp"

namespace bench {

namespace {

// The lock, those who share it, and the loop they run on.
template <class Lock>
struct scene
{
  scene(trial& t, bool with_reactor)
    : running(t),
      lock(context.get_executor())
  {
    // Its mere existence makes the context look at the reactor.
    if (with_reactor)
      reactor.emplace(context);
  }

  // Tells whether to go on, and stops everybody when the work is done.
  bool again()
  {
    if (running.again())
      return true;
    context.stop();
    return false;
  }

  asio::io_context context;
  trial& running;
  Lock lock;
  std::optional<asio::steady_timer> reactor;
};

// Takes the lock, keeps it for one turn of the loop, and queues up again.
template <class Lock>
class sharer
{
public:
  explicit sharer(scene<Lock>& common)
    : common_(common)
  {
  }

  void next()
  {
    common_.lock.async_acquire(acquired{this});
  }

private:
  struct acquired
  {
    sharer* self;

    void operator()(error_code, typename Lock::hold_type hold = {}) const
    {
      self->hold_ = std::move(hold);
      asio::post(self->common_.context, done{self});
    }
  };

  struct done
  {
    sharer* self;

    void operator()() const
    {
      self->common_.lock.release(self->hold_);
      if (self->common_.again())
        self->next();
    }
  };

  scene<Lock>& common_;
  typename Lock::hold_type hold_;
};

template <class Lock>
void share_by_callback(trial& t, std::size_t sharers, bool with_reactor)
{
  scene<Lock> common(t, with_reactor);
  std::deque<sharer<Lock>> all;
  t.begin(4 * sharers);
  for (std::size_t i = 0; i != sharers; ++i)
    all.emplace_back(common).next();
  common.context.run();
}

template <class Lock>
asio::awaitable<void> share(scene<Lock>& common)
{
  const auto executor = co_await asio::this_coro::executor;
  do
  {
    typename Lock::hold_type hold{};
    if constexpr (gives_hold<Lock>)
      hold = co_await common.lock.async_acquire(asio::use_awaitable);
    else
      co_await common.lock.async_acquire(asio::use_awaitable);
    co_await asio::post(executor, asio::use_awaitable);
    common.lock.release(hold);
  } while (common.again());
}

template <class Lock>
void share_by_coroutine(trial& t, std::size_t sharers, bool with_reactor)
{
  scene<Lock> common(t, with_reactor);
  t.begin(4 * sharers);
  for (std::size_t i = 0; i != sharers; ++i)
    asio::co_spawn(common.context, share(common), asio::detached);
  common.context.run();
}

// share_by_... with the arguments behind the trial.
template <class Share>
procedure sharing(Share share, std::size_t sharers, bool with_reactor)
{
  return [=](trial& t)
  {
    share(t, sharers, with_reactor);
  };
}

} // namespace

void add_handoff(rows& all)
{
  for (const bool with_reactor : {false, true})
    for (const std::size_t sharers : {2, 32, 1024})
    {
      const std::string crowd = std::to_string(sharers) + " users" +
                                (with_reactor ? ", beside a reactor" : "");
      const auto aims = [&](targets at_most)
      {
        return with_reactor ? targets{} : at_most;
      };
      for_each_lock<io_executor>(
          [&]<class Lock>()
          {
            all.push_back(
                row{{"W2", "callback, " + crowd, aims({2.7, 3.2})},
                    Lock::who,
                    sharing(share_by_callback<Lock>, sharers, with_reactor)});
          });
      for_each_lock<asio::any_io_executor>(
          [&]<class Lock>()
          {
            all.push_back(
                row{{"W2", "use_awaitable, " + crowd, aims({8.1, 8.8})},
                    Lock::who,
                    sharing(share_by_coroutine<Lock>, sharers, with_reactor)});
          });
    }
}

} // namespace bench
