// SPDX-License-Identifier: BSL-1.0
// Groups, sources, selections and what they run on, destroyed in every order.

#include <toro/cancellation_source.hpp>
#include <toro/event.hpp>
#include <toro/first_of.hpp>
#include <toro/queue.hpp>
#include <toro/task_group.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "robustness/lifetime/counting_handler.hpp"
#include "robustness/lifetime/every_order.hpp"

namespace asio = boost::asio;

namespace toro_test {

BOOST_AUTO_TEST_SUITE(groups)

namespace {

using asio::deferred;

// Counts coroutine frames.
class mark
{
public:
  explicit mark(int& live) noexcept
    : live_(&live)
  {
    ++*live_;
  }

  mark(const mark&) = delete;
  mark& operator=(const mark&) = delete;

  ~mark()
  {
    --*live_;
  }

private:
  int* live_;
};

asio::awaitable<void> wait_for(toro::event& e, int& live)
{
  const mark here(live);
  co_await e.async_wait(asio::use_awaitable);
}

enum class progress
{
  waiting,
  granted,
  cancelled
};

enum class actor
{
  group,
  source,
  children,
  own_context,
  other_context,
  signal
};

// A group and a source on one context, children on that and on another one, and
// a selection among queues of both, whose handler runs on a third one.
class cast_of_actors
{
public:
  explicit cast_of_actors(progress how_far)
    : one_(std::in_place),
      two_(std::in_place),
      group_(std::in_place, *one_, toro::task_group_options{.limit = 4}),
      source_(std::in_place, *one_),
      on_one_(std::in_place, *one_),
      on_two_(std::in_place, *two_),
      a_(std::in_place, *one_),
      b_(std::in_place, *two_),
      signal_(std::in_place)
  {
    on_one_->async_wait(group_->child());
    on_two_->async_wait(group_->child());
    group_->spawn(wait_for(*on_one_, live_));
    asio::co_spawn(*two_, wait_for(*on_two_, live_), group_->child());
    group_->async_spawn(
        [this]() -> asio::awaitable<void>
        {
          if (on_one_)
            co_await wait_for(*on_one_, live_);
        },
        handler());
    group_->async_join(handler());
    on_one_->async_wait(toro::bind_cancellation(*source_, handler()));
    on_two_->async_wait(toro::bind_cancellation(source_->child(), handler()));
    source_->async_wait(handler());
    toro::async_first_of(
        a_->async_get(deferred), b_->async_get(deferred),
        asio::bind_cancellation_slot(
            signal_->slot(), asio::bind_executor(handlers_, handler())));
    turn();
    if (how_far == progress::granted)
    {
      on_one_->set();
      on_two_->set();
      BOOST_TEST(a_->try_put(1));
      BOOST_TEST(b_->try_put(2));
    }
    else if (how_far == progress::cancelled)
    {
      group_->cancel();
      source_->cancel();
      signal_->emit(asio::cancellation_type::terminal);
    }
  }

  void destroy(actor who)
  {
    switch (who)
    {
    case actor::group:
      group_.reset();
      break;
    case actor::source:
      source_.reset();
      break;
    case actor::children:
      on_one_.reset();
      on_two_.reset();
      a_.reset();
      b_.reset();
      break;
    case actor::own_context:
      one_.reset();
      break;
    case actor::other_context:
      two_.reset();
      break;
    case actor::signal:
      signal_->emit(asio::cancellation_type::terminal);
      signal_.reset();
      break;
    }
  }

  void turn()
  {
    for (int i = 0; i != 3; ++i)
    {
      poll(one_);
      poll(two_);
      handlers_.restart();
      handlers_.poll();
    }
  }

  // Whether each handler was called or destroyed, and no frame is left.
  bool all_are_done()
  {
    handlers_.restart();
    handlers_.poll();
    return ended_.calls + ended_.drops == started_ && live_ == 0;
  }

private:
  counting_handler handler()
  {
    ++started_;
    return counting_handler(ended_);
  }

  static void poll(std::optional<asio::io_context>& io)
  {
    if (!io)
      return;
    io->restart();
    io->poll();
  }

  // Order: what handlers refer to outlives the rest.
  end_count ended_;
  int started_ = 0;
  int live_ = 0;
  asio::io_context handlers_;
  std::optional<asio::io_context> one_;
  std::optional<asio::io_context> two_;
  std::optional<toro::task_group> group_;
  std::optional<toro::cancellation_source> source_;
  std::optional<toro::event> on_one_;
  std::optional<toro::event> on_two_;
  std::optional<toro::queue<int>> a_;
  std::optional<toro::queue<int>> b_;
  std::optional<asio::cancellation_signal> signal_;
};

} // namespace

BOOST_AUTO_TEST_CASE(every_order_of_destruction_of_a_group)
{
  for (const progress how_far :
       {progress::waiting, progress::granted, progress::cancelled})
  {
    for (const bool runs_in_between : {false, true})
    {
      const std::array<actor, 6> order = {
          actor::group,       actor::source,        actor::children,
          actor::own_context, actor::other_context, actor::signal};
      BOOST_TEST_INFO_SCOPE("progress " << static_cast<int>(how_far));
      const int orders =
          destroy_in_every_order(order, runs_in_between,
                                 [&](int)
                                 {
                                   return cast_of_actors(how_far);
                                 });
      BOOST_TEST(orders == 720);
    }
  }
}

// The last child destroys the group, as its end or as the end of its context.
BOOST_AUTO_TEST_CASE(children_that_own_their_group)
{
  for (const bool is_granted : {false, true})
  {
    int live = 0;
    end_count ended;
    std::weak_ptr<toro::task_group> seen;
    {
      asio::io_context io;
      toro::event e(io);
      auto group = std::make_shared<toro::task_group>(io);
      seen = group;
      for (int i = 0; i != 2; ++i)
        group->spawn(
            [group, &e, &live]() -> asio::awaitable<void>
            {
              const mark here(live);
              const auto kept = group;
              co_await e.async_wait(asio::use_awaitable);
            });
      e.async_wait(group->child());
      group->async_join(counting_handler(ended, group));
      group.reset();
      io.poll();
      BOOST_TEST(live == 2);
      BOOST_TEST(!seen.expired());
      if (is_granted)
        e.set();
      io.restart();
      io.poll();
      BOOST_TEST(seen.expired() == is_granted);
    }
    BOOST_TEST(seen.expired());
    BOOST_TEST(live == 0);
    BOOST_TEST(ended.calls == is_granted);
    BOOST_TEST(ended.drops == !is_granted);
  }
}

// A child destroys the group in the middle of a cancellation of it, and of the
// source of another child.
BOOST_AUTO_TEST_CASE(group_and_source_destroyed_in_an_emission)
{
  int live = 0;
  end_count ended;
  {
    asio::io_context io;
    toro::event e(io);
    std::optional<toro::task_group> group(std::in_place, io);
    std::optional<toro::cancellation_source> source(std::in_place, io);
    for (int i = 0; i != 3; ++i)
      group->spawn(
          [&]() -> asio::awaitable<void>
          {
            const mark here(live);
            try
            {
              co_await e.async_wait(asio::use_awaitable);
            }
            catch (const boost::system::system_error&)
            {
              group.reset();
              source.reset();
            }
          });
    for (int i = 0; i != 3; ++i)
      e.async_wait(toro::bind_cancellation(*source, counting_handler(ended)));
    group->async_join(counting_handler(ended));
    io.poll();
    source->cancel();
    group->cancel();
    io.restart();
    io.poll();
    BOOST_TEST(!group);
    BOOST_TEST(e.waiters() == 0u);
  }
  BOOST_TEST(live == 0);
  BOOST_TEST(ended.calls == 4);
  BOOST_TEST(ended.drops == 0);
}

BOOST_AUTO_TEST_CASE(handler_of_first_of_owns_its_queues)
{
  for (const bool is_granted : {false, true})
  {
    end_count ended;
    std::weak_ptr<toro::queue<int>> seen;
    {
      asio::io_context io;
      const auto a = std::make_shared<toro::queue<int>>(io);
      auto both = std::make_shared<
          std::pair<std::shared_ptr<toro::queue<int>>, toro::queue<int>>>(
          a, toro::queue<int>(io));
      seen = a;
      toro::async_first_of(a->async_get(deferred),
                           both->second.async_get(deferred),
                           counting_handler(ended, both));
      if (is_granted)
      {
        BOOST_TEST(both->second.try_put(1));
        BOOST_TEST(a->try_put(2));
      }
      both.reset();
      io.poll();
      BOOST_TEST(ended.calls == is_granted);
    }
    BOOST_TEST(seen.expired());
    BOOST_TEST(ended.is_over());
  }
}

// The call of the handler ends the contexts of the operands, and so does its
// destruction by the end of one of them.
BOOST_AUTO_TEST_CASE(handler_of_first_of_owns_the_contexts)
{
  enum class end
  {
    first_granted,
    second_granted,
    first_queue,
    other_context
  };
  for (const end how : {end::first_granted, end::second_granted,
                        end::first_queue, end::other_context})
  {
    end_count ended;
    asio::io_context mine;
    auto owned = std::make_shared<asio::io_context>();
    std::optional<asio::io_context> two(std::in_place);
    const std::weak_ptr<asio::io_context> seen = owned;
    std::optional<toro::queue<int>> a(std::in_place, *owned);
    std::optional<toro::queue<int>> b(std::in_place, *two);
    toro::async_first_of(
        a->async_get(deferred), b->async_get(deferred),
        asio::bind_executor(mine, counting_handler(ended, std::move(owned))));
    if (how == end::first_granted)
      BOOST_TEST(a->try_put(1));
    else if (how == end::second_granted)
      BOOST_TEST(b->try_put(1));
    else if (how == end::first_queue)
      a.reset();
    else
      two.reset();
    mine.poll();
    BOOST_TEST(ended.calls == (how != end::other_context));
    BOOST_TEST(ended.is_over());
    BOOST_TEST(seen.expired());
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
