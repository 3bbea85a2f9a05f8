// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_ROBUSTNESS_RACES_CONTENDER_HPP
#define TORO_TEST_ROBUSTNESS_RACES_CONTENDER_HPP

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <array>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "race.hpp"

namespace toro_test {

using boost::system::error_code;

// What an operation without a value gives.
using no_value = std::monostate;

// How an operation ended; it is its handler, too.
template <class Value>
struct report
{
  void operator()(error_code failure, Value got = Value())
  {
    ++calls;
    ec = failure;
    if (!ec)
      value.emplace(std::move(got));
  }

  bool is_pending() const
  {
    return calls == 0;
  }

  bool succeeded() const
  {
    return calls == 1 && !ec;
  }

  bool was_aborted() const
  {
    return calls == 1 && ec == boost::asio::error::operation_aborted;
  }

  std::size_t calls = 0;
  error_code ec;
  std::optional<Value> value;
};

// The handler that fills a report. Why not std::ref: Asio 1.26 does not know
// which cancellation slot that has.
template <class Value>
class report_to
{
public:
  explicit report_to(report<Value>& target)
    : target_(&target)
  {
  }

  template <class... Args>
  void operator()(error_code ec, Args&&... args) const
  {
    (*target_)(ec, std::forward<Args>(args)...);
  }

private:
  report<Value>* target_;
};

// The ways to start an operation. The derived class has
//
//   start(token)         the operation
//   start_behind(token)  the follower, which waits behind it
template <class Derived, class Object, class Value>
class contender_for : public contender
{
public:
  void launch(boost::asio::cancellation_slot slot) override
  {
    note_start();
    self().start(boost::asio::bind_cancellation_slot(slot, report_to(op_)));
  }

  boost::asio::awaitable<void> take() override
  {
    note_start();
    std::apply(report_to(op_), co_await self().start(boost::asio::as_tuple(
                                   boost::asio::use_awaitable)));
    if (op_.ec)
      throw boost::system::system_error(op_.ec);
  }

  void launch_pair(toro::event& other, bool other_first, bool bound,
                   group_report& group) override
  {
    note_start();
    if (other_first)
    {
      launch_group(boost::asio::experimental::make_parallel_group(
                       other.async_wait(boost::asio::deferred),
                       self().start(boost::asio::deferred)),
                   bound,
                   [this, &group](std::array<std::size_t, 2> order, error_code,
                                  error_code ec, auto&&... value)
                   {
                     end_group(group, 1 - order[0]);
                     op_(ec, std::move(value)...);
                   });
    }
    else
    {
      launch_group(boost::asio::experimental::make_parallel_group(
                       self().start(boost::asio::deferred),
                       other.async_wait(boost::asio::deferred)),
                   bound,
                   [this, &group](std::array<std::size_t, 2> order,
                                  error_code ec, auto&&... rest)
                   {
                     end_group(group, order[0]);
                     std::tuple<decltype(rest)...> all(std::move(rest)...);
                     if constexpr (sizeof...(rest) == 2)
                       op_(ec, std::move(std::get<0>(all)));
                     else
                       op_(ec);
                   });
    }
  }

  void launch_range(contender& other, group_report& group) override
  {
    Derived& second = static_cast<Derived&>(other);
    note_start();
    second.note_start();
    std::vector<decltype(self().start(boost::asio::deferred))> operations;
    operations.push_back(self().start(boost::asio::deferred));
    operations.push_back(second.start(boost::asio::deferred));
    boost::asio::experimental::make_parallel_group(std::move(operations))
        .async_wait(boost::asio::experimental::wait_for_one(),
                    [this, &second, &group](std::vector<std::size_t> order,
                                            std::vector<error_code> ec,
                                            auto... values)
                    {
                      end_group(group, order[0]);
                      op_(ec[0], std::move(values[0])...);
                      second.op_(ec[1], std::move(values[1])...);
                    });
  }

  std::size_t cancel() override
  {
    return object_.cancel();
  }

  bool succeeded() const override
  {
    return op_.succeeded();
  }

protected:
  contender_for(fixture& where, Object object)
    : contender(where),
      object_(std::move(object))
  {
  }

  void block() override
  {
    op_ = {};
    follower_ = {};
    self().prepare();
  }

  void start_follower() override
  {
    self().start_behind(report_to(follower_));
  }

  void verify() override
  {
    where().drain();
    if (was_started())
    {
      expect(op_.calls == 1, "the operation did not end exactly once");
      expect(op_.succeeded() || op_.was_aborted(),
             "the operation ended in another way");
    }
    expect(follower_.calls <= 1, "the follower ended more than once");
    self().account();
    where().drain();
    expect(object_.waiters() == 0, "somebody still waits");
  }

  std::size_t waiters() const override
  {
    return object_.waiters();
  }

  // The follower gets what the operation did not get, and only that.
  void expect_one_of_two() const
  {
    if (has_follower())
      expect(op_.succeeded() != follower_.succeeded(),
             "not exactly one of two got it");
  }

  void expect_follower() const
  {
    if (has_follower())
      expect(follower_.succeeded(), "the follower was forgotten");
  }

  // Lets go of what the operation got, which is the follower's then.
  void hand_on()
  {
    op_.value.reset();
    where().drain();
    expect_follower();
    follower_.value.reset();
    where().drain();
  }

  Object object_;
  report<Value> op_;
  report<Value> follower_;

private:
  Derived& self()
  {
    return static_cast<Derived&>(*this);
  }

  // A handler without an executor would be run by the system_executor, too.
  template <class Group, class Handler>
  void launch_group(Group group, bool bound, Handler handler)
  {
    boost::asio::any_io_executor executor = boost::asio::system_executor();
    if (bound)
      executor = where().executor();
    group.async_wait(boost::asio::experimental::wait_for_one(),
                     boost::asio::bind_executor(executor, std::move(handler)));
  }

  static void end_group(group_report& group, std::size_t winner)
  {
    group.over = true;
    group.winner = winner;
  }
};

} // namespace toro_test

#endif // TORO_TEST_ROBUSTNESS_RACES_CONTENDER_HPP
