// SPDX-License-Identifier: BSL-1.0
#include "race.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <iostream>
#include <optional>
#include <stdexcept>

namespace toro_test {

namespace {

namespace asio = boost::asio;
using asio::experimental::awaitable_operators::operator||;
using asio::experimental::awaitable_operators::operator&&;

// What the contenders race against, made once for many rounds.
struct other_operands
{
  explicit other_operands(fixture& where)
    : event(where.executor()),
      gate(where.executor())
  {
  }

  void reset()
  {
    event.clear();
    gate.clear();
    failed = false;
  }

  toro::event event;

  // What the timer waits for before it expires.
  toro::event gate;

  // Made only if a race needs it: a context with a timer polls its reactor
  // between any two handlers.
  std::optional<asio::steady_timer> timer;
  bool failed = false;
};

asio::awaitable<void> wait(toro::event& event)
{
  co_await event.async_wait(asio::use_awaitable);
}

asio::awaitable<void> expire(other_operands& others)
{
  co_await others.gate.async_wait(asio::use_awaitable);
  if (!others.timer)
    others.timer.emplace(co_await asio::this_coro::executor);
  others.timer->expires_at(asio::steady_timer::time_point::min());
  co_await others.timer->async_wait(asio::use_awaitable);
}

asio::awaitable<void> fail(other_operands& others)
{
  co_await others.event.async_wait(asio::use_awaitable);
  others.failed = true;
  throw std::runtime_error("to be expected");
}

asio::awaitable<void> take_late(contender& c, std::size_t hops)
{
  for (; hops > 0; --hops)
    co_await asio::post(asio::use_awaitable);
  co_await c.take();
}

// Either operand may be the first one; the result is the winner's number as
// if the operation had been.
asio::awaitable<void> race_either(asio::awaitable<void> op,
                                  asio::awaitable<void> other, bool other_first,
                                  group_report& group)
{
  if (other_first)
  {
    const auto result = co_await (std::move(other) || std::move(op));
    group.winner = 1 - result.index();
  }
  else
  {
    const auto result = co_await (std::move(op) || std::move(other));
    group.winner = result.index();
  }
}

asio::awaitable<void> race_both(asio::awaitable<void> op,
                                asio::awaitable<void> other, bool other_first)
{
  if (other_first)
    co_await (std::move(other) && std::move(op));
  else
    co_await (std::move(op) && std::move(other));
}

class track
{
public:
  track(fixture& where, contender& first, contender& second)
    : where_(where),
      first_(first),
      second_(second),
      others_(where)
  {
  }

  tally run(kind what, std::size_t rounds)
  {
    for (; result_.rounds < rounds; ++result_.rounds)
    {
      others_.reset();
      group_ = {};
      failure_ = nullptr;
      first_.begin();
      if (what == kind::two_sources || what == kind::range)
        second_.begin();
      run_once(what);
    }
    return result_;
  }

private:
  void run_once(kind what)
  {
    switch (what)
    {
    case kind::or_event:
    case kind::or_timer:
      return one_of(what);
    case kind::two_sources:
      return two_sources();
    case kind::and_failure:
      return with_failure();
    case kind::pair:
      return pair();
    case kind::range:
      return range();
    case kind::emission:
      return emission();
    case kind::cancel:
      return cancel();
    }
  }

  void spawn(asio::awaitable<void> body)
  {
    asio::co_spawn(where_.executor(), std::move(body),
                   [this](std::exception_ptr failure)
                   {
                     group_.over = true;
                     failure_ = failure;
                   });
  }

  // Whether the operation is to find all that it asks for.
  bool choose_ready(const contender& c)
  {
    return c.remembers() && where_.one_in(4);
  }

  void maybe_add_follower()
  {
    if (where_.one_in(2))
      first_.add_follower();
  }

  void one_of(kind what)
  {
    const bool ready = choose_ready(first_);
    const bool flipped = where_.one_in(2);
    toro::event& start = what == kind::or_timer ? others_.gate : others_.event;
    std::size_t hops = 0;
    if (ready)
    {
      first_.grant();
      start.set();
      hops = where_.below(6);
    }
    spawn(race_either(take_late(first_, hops),
                      what == kind::or_timer ? expire(others_)
                                             : wait(others_.event),
                      flipped, group_));
    if (!ready)
    {
      where_.drain();
      maybe_add_follower();
      contend(
          [&]
          {
            start.set();
          });
    }
    finish(first_);
  }

  void two_sources()
  {
    const bool ready = choose_ready(first_);
    if (ready)
    {
      first_.grant();
      second_.grant();
    }
    spawn(race_either(first_.take(), second_.take(), false, group_));
    if (!ready)
    {
      where_.drain();
      maybe_add_follower();
      contend(
          [&]
          {
            second_.grant();
          });
    }
    finish_two();
  }

  void with_failure()
  {
    const bool ready = choose_ready(first_);
    std::size_t hops = 0;
    if (ready)
    {
      first_.grant();
      others_.event.set();
      hops = where_.below(6);
    }
    // Told here, since the group gives up the result of one that fails.
    bool too_late = false;
    spawn(race_both(
        [](contender& c, std::size_t delay, const bool& failed,
           bool& late) -> asio::awaitable<void>
        {
          co_await take_late(c, delay);
          late = failed;
        }(first_, hops, others_.failed, too_late),
        fail(others_), where_.one_in(2)));
    if (!ready)
    {
      where_.drain();
      maybe_add_follower();
      contend(
          [&]
          {
            others_.event.set();
          });
    }
    where_.drain();
    expect(group_.over, "the group did not end");
    expect(failure_ != nullptr, "the failure was not reported");
    count(first_, too_late);
    first_.end();
  }

  void pair()
  {
    const bool ready = choose_ready(first_);
    if (ready)
    {
      first_.grant();
      others_.event.set();
    }
    first_.launch_pair(others_.event, where_.one_in(2), where_.one_in(2),
                       group_);
    if (!ready)
    {
      maybe_add_follower();
      contend(
          [&]
          {
            others_.event.set();
          });
    }
    finish(first_);
  }

  void range()
  {
    const bool ready = choose_ready(first_);
    if (ready)
    {
      first_.grant();
      second_.grant();
    }
    first_.launch_range(second_, group_);
    if (!ready)
    {
      maybe_add_follower();
      contend(
          [&]
          {
            second_.grant();
          });
    }
    finish_two();
  }

  void emission()
  {
    static constexpr asio::cancellation_type_t types[] = {
        asio::cancellation_type::terminal, asio::cancellation_type::partial,
        asio::cancellation_type::total, asio::cancellation_type::all};
    const auto type = types[where_.below(std::size(types))];
    asio::cancellation_signal signal;
    const bool ready = choose_ready(first_);
    if (ready)
      first_.grant();
    first_.launch(signal.slot());
    if (ready)
    {
      signal.emit(type);
    }
    else
    {
      maybe_add_follower();
      contend(
          [&]
          {
            signal.emit(type);
          });
    }
    where_.drain();
    signal.emit(type);
    count(first_, false);
    first_.end();
  }

  void cancel()
  {
    const bool ready = choose_ready(first_);
    if (ready)
      first_.grant();
    first_.launch({});
    if (ready)
    {
      expect(first_.cancel() == 1, "cancel() missed a grant");
    }
    else
    {
      contend(
          [&]
          {
            first_.cancel();
          });
    }
    where_.drain();
    expect(first_.cancel() == 0, "cancel() found an operation that is over");
    count(first_, false);
    first_.end();
  }

  template <class Function>
  void contend(Function other)
  {
    where_.in_any_order(
        [&]
        {
          first_.grant();
        },
        other);
  }

  void finish(contender& c)
  {
    where_.drain();
    expect(group_.over, "the group did not end");
    expect(!failure_, "neither of the two succeeded");
    const bool won = group_.winner == 0;
    expect(!won || c.succeeded(), "the winner has nothing");
    count(c, !won && c.succeeded());
    c.end();
  }

  void finish_two()
  {
    where_.drain();
    expect(group_.over, "the group did not end");
    expect(!failure_, "neither of the two succeeded");
    contender& winner = group_.winner == 0 ? first_ : second_;
    contender& loser = group_.winner == 0 ? second_ : first_;
    expect(winner.succeeded(), "the winner has nothing");
    count(loser, loser.succeeded());
    first_.end();
    second_.end();
  }

  void count(const contender& loser, bool took)
  {
    if (took && !loser.is_committed())
      ++result_.lost;
    if (loser.was_rolled_back())
      ++result_.rolled_back;
  }

  fixture& where_;
  contender& first_;
  contender& second_;
  other_operands others_;
  group_report group_;
  std::exception_ptr failure_;
  tally result_;
};

} // namespace

const char* to_string(kind what)
{
  switch (what)
  {
  case kind::or_event:
    return "op || event";
  case kind::or_timer:
    return "op || timer";
  case kind::two_sources:
    return "op1 || op2";
  case kind::and_failure:
    return "op && failure";
  case kind::pair:
    return "parallel_group of two";
  case kind::range:
    return "parallel_group of a range";
  case kind::emission:
    return "emission";
  case kind::cancel:
    return "cancel()";
  }
  return "";
}

tally run_races(fixture& where, kind what, contender& first, contender& second,
                std::size_t rounds)
{
  return track(where, first, second).run(what, rounds);
}

void announce(const std::string& text)
{
  BOOST_TEST_MESSAGE(text);
  std::cout << text << std::endl;
}

} // namespace toro_test
