// SPDX-License-Identifier: BSL-1.0
#include <toro/async_result.hpp>
#include <toro/condition.hpp>
#include <toro/event.hpp>
#include <toro/queue.hpp>

#include "contender.hpp"

namespace toro_test {

BOOST_AUTO_TEST_SUITE(notifications)

namespace {

using any_executor = boost::asio::any_io_executor;

template <class Threading>
class event_wait
  : public contender_for<event_wait<Threading>,
                         toro::basic_event<any_executor, Threading>, no_value>
{
public:
  explicit event_wait(fixture& where)
    : event_wait::contender_for(
          where, toro::basic_event<any_executor, Threading>(where.executor()))
  {
  }

  auto start(auto&& token)
  {
    return this->object_.async_wait(std::forward<decltype(token)>(token));
  }

  void start_behind(auto follower)
  {
    this->object_.async_wait(follower);
  }

  void prepare()
  {
    this->object_.clear();
  }

  // There is nothing to give back, and the others have seen it all the same.
  void account()
  {
    expect(this->object_.is_set(), "the event was cleared");
    this->expect_follower();
  }

private:
  // Whoever waits is woken even if the event is clear again.
  void supply() override
  {
    this->object_.set();
    if (this->was_started() && this->where().one_in(2))
    {
      this->object_.clear();
      this->object_.set();
    }
  }
};

// A notification goes to one of two waits, or is gone.
template <class Derived, class Threading>
class condition_contender
  : public contender_for<
        Derived, toro::basic_condition<any_executor, Threading>, no_value>
{
public:
  using condition_contender::contender_for::contender_for;

  bool remembers() const override
  {
    return false;
  }

  void account()
  {
    this->expect_one_of_two();
    this->object_.cancel();
    this->where().drain();
    expect(this->object_.notify() == 0, "a wait was left behind");
    if (this->has_follower() && this->op_.succeeded())
      expect(this->follower_.was_aborted(), "the follower did not wait on");
  }
};

template <class Threading>
class condition_wait
  : public condition_contender<condition_wait<Threading>, Threading>
{
public:
  explicit condition_wait(fixture& where)
    : condition_wait::condition_contender(
          where,
          toro::basic_condition<any_executor, Threading>(where.executor()))
  {
  }

  auto start(auto&& token)
  {
    return this->object_.async_wait(std::forward<decltype(token)>(token));
  }

  void start_behind(auto follower)
  {
    this->object_.async_wait(follower);
  }

  void prepare()
  {
  }

private:
  void supply() override
  {
    this->object_.notify();
  }
};

// Now and then a notification comes that nobody can use.
template <class Threading>
class predicate_wait
  : public condition_contender<predicate_wait<Threading>, Threading>
{
public:
  explicit predicate_wait(fixture& where)
    : predicate_wait::condition_contender(
          where,
          toro::basic_condition<any_executor, Threading>(where.executor()))
  {
  }

  auto start(auto&& token)
  {
    return this->object_.async_wait(
        [this]
        {
          return holds_;
        },
        std::forward<decltype(token)>(token));
  }

  void start_behind(auto follower)
  {
    this->object_.async_wait(
        [this]
        {
          return holds_;
        },
        follower);
  }

  bool remembers() const override
  {
    return true;
  }

  void prepare()
  {
    holds_ = false;
  }

private:
  void disturb() override
  {
    if (this->where().one_in(8))
    {
      this->object_.notify();
      this->where().drain();
    }
  }

  void supply() override
  {
    holds_ = true;
    this->object_.notify();
  }

  bool holds_ = false;
};

template <class Threading>
class result_get
  : public contender_for<result_get<Threading>,
                         toro::basic_async_result<int, any_executor, Threading>,
                         int>
{
public:
  explicit result_get(fixture& where)
    : result_get::contender_for(where, make(where))
  {
  }

  auto start(auto&& token)
  {
    return this->object_.async_get(std::forward<decltype(token)>(token));
  }

  void start_behind(auto follower)
  {
    this->object_.async_get(follower);
  }

  void prepare()
  {
    this->object_ = make(this->where());
    ++number_;
  }

  void account()
  {
    expect(this->object_.get() == number_, "the result changed");
    expect(!this->op_.succeeded() || this->op_.value == number_,
           "the reader got something else");
    this->expect_follower();
  }

private:
  using result = toro::basic_async_result<int, any_executor, Threading>;

  static result make(fixture& where)
  {
    return result(where.executor());
  }

  void supply() override
  {
    this->object_.set(number_);
  }

  int number_ = 0;
};

template <class Threading>
class queue_join
  : public contender_for<queue_join<Threading>,
                         toro::basic_queue<int, any_executor, Threading>,
                         no_value>
{
public:
  explicit queue_join(fixture& where)
    : queue_join::contender_for(
          where,
          toro::basic_queue<int, any_executor, Threading>(where.executor()))
  {
  }

  auto start(auto&& token)
  {
    return this->object_.async_join(std::forward<decltype(token)>(token));
  }

  void start_behind(auto follower)
  {
    this->object_.async_join(follower);
  }

  void prepare()
  {
    expect(this->object_.try_put(1), "a put has to wait");
    expect(this->object_.try_get() == 1, "an item is not there");
  }

  void account()
  {
    expect(this->object_.unfinished() == 0, "a task is unfinished");
    this->expect_follower();
  }

private:
  void supply() override
  {
    this->object_.task_done();
  }
};

} // namespace

BOOST_AUTO_TEST_CASE(event_wait_that_loses_a_race_leaves_the_event_set)
{
  race_all<event_wait>("event::async_wait");
}

BOOST_AUTO_TEST_CASE(condition_wait_that_loses_a_race_passes_it_on)
{
  race_all<condition_wait>("condition::async_wait");
}

BOOST_AUTO_TEST_CASE(predicate_wait_that_loses_a_race_passes_it_on)
{
  race_all<predicate_wait>("condition::async_wait(predicate)");
}

BOOST_AUTO_TEST_CASE(result_get_that_loses_a_race_leaves_the_result)
{
  race_all<result_get>("async_result::async_get");
}

BOOST_AUTO_TEST_CASE(join_that_loses_a_race_changes_nothing)
{
  race_all<queue_join>("queue::async_join");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
