// SPDX-License-Identifier: BSL-1.0

#include <toro/task_group.hpp>
#include <toro/threading.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstddef>
#include <exception>

#include "workloads.hpp"

namespace bench {

namespace {

namespace asio = boost::asio;

// How many coroutines are under way together.
constexpr std::size_t at_once = 64;

asio::awaitable<void> child()
{
  co_await asio::post(asio::use_awaitable);
}

// Starts coroutines by so many, and continues when all of them have ended.
class spawning
{
public:
  spawning(asio::io_context& context, trial& t)
    : context_(context),
      trial_(t)
  {
  }

  void operator()()
  {
    left_ = at_once;
    for (std::size_t i = 0; i != at_once; ++i)
      asio::co_spawn(context_, child(),
                     [this](std::exception_ptr)
                     {
                       if (const bool more = trial_.again();
                           --left_ == 0 && more)
                         (*this)();
                     });
  }

private:
  asio::io_context& context_;
  trial& trial_;
  std::size_t left_ = 0;
};

template <class Threading>
class spawning_children
{
public:
  spawning_children(asio::io_context& context, trial& t)
    : group_(context),
      trial_(t)
  {
  }

  void operator()()
  {
    for (std::size_t i = 0; i != at_once; ++i)
      group_.spawn(child());
    group_.async_join(
        [this](std::exception_ptr)
        {
          bool more = false;
          for (std::size_t i = 0; i != at_once; ++i)
            more = trial_.again();
          if (more)
            (*this)();
        });
  }

private:
  toro::basic_task_group<asio::any_io_executor, Threading> group_;
  trial& trial_;
};

template <class Loop>
void run(trial& t)
{
  asio::io_context context;
  t.begin(at_once);
  Loop loop(context, t);
  asio::post(context,
             [&loop]
             {
               loop();
             });
  context.run();
}

} // namespace

void add_children(rows& all)
{
  const work spawn{"W9",
                   "spawn 64 children and join them, against co_spawn",
                   {1.3, 1.3, 1},
                   unit::times_base,
                   at_once};
  all.push_back({spawn, contender::strand_bound,
                 run<spawning_children<toro::strand_bound>>, run<spawning>});
  all.push_back({spawn, contender::thread_safe,
                 run<spawning_children<toro::thread_safe>>, run<spawning>});
}

} // namespace bench
