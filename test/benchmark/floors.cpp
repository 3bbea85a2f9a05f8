// SPDX-License-Identifier: BSL-1.0

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "workloads.hpp"

namespace bench {

namespace {

namespace asio = boost::asio;

constexpr std::size_t warm_up = 100;

template <class Executor>
struct reposting
{
  const Executor* executor;
  trial* t;

  void operator()() const
  {
    if (t->again())
      asio::post(*executor, *this);
  }
};

template <class Executor>
void post_on(asio::io_context& context, trial& t)
{
  const Executor executor = context.get_executor();
  t.begin(warm_up);
  asio::post(executor, reposting<Executor>{&executor, &t});
  context.run();
}

void post_beside_reactor(trial& t)
{
  asio::io_context context;
  // Its mere existence makes the context look at the reactor.
  const asio::steady_timer timer(context);
  post_on<asio::io_context::executor_type>(context, t);
}

void post_any(trial& t)
{
  asio::io_context context;
  post_on<asio::any_io_executor>(context, t);
}

template <class Token>
asio::awaitable<void> post_repeatedly(trial& t, Token token)
{
  const auto executor = co_await asio::this_coro::executor;
  while (t.again())
    co_await asio::post(executor, token);
}

template <class Token>
procedure coroutine(Token token)
{
  return [token](trial& t)
  {
    asio::io_context context;
    t.begin(warm_up);
    asio::co_spawn(context, post_repeatedly(t, token), asio::detached);
    context.run();
  };
}

} // namespace

void bare_post(trial& t)
{
  asio::io_context context;
  post_on<asio::io_context::executor_type>(context, t);
}

void add_floors(rows& all)
{
  const auto add = [&](const char* variant, procedure run)
  {
    all.push_back(row{work{"W0", variant}, contender::asio, std::move(run)});
  };
  add("post", bare_post);
  add("post, beside a reactor", post_beside_reactor);
  add("post, any_io_executor", post_any);
  add("co_await post, use_awaitable", coroutine(asio::use_awaitable));
  add("co_await post, deferred", coroutine(asio::deferred));
}

} // namespace bench
