// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_ROBUSTNESS_RACES_RACE_HPP
#define TORO_TEST_ROBUSTNESS_RACES_RACE_HPP

#include <toro/event.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <functional>
#include <iterator>
#include <random>
#include <string>
#include <utility>

namespace toro_test {

// A check that costs nothing while it holds; there are millions of them.
inline void expect(bool holds, const char* what)
{
  if (!holds)
    BOOST_FAIL(what);
}

// What races are run on: one thread, and chance that can be repeated.
class fixture
{
public:
  boost::asio::any_io_executor executor()
  {
    return io_.get_executor();
  }

  // Runs all that can run.
  void drain()
  {
    io_.poll();
  }

  std::size_t below(std::size_t limit)
  {
    return random_() % limit;
  }

  bool one_in(std::size_t n)
  {
    return below(n) == 0;
  }

  // Does two things within one turn, or a few handlers apart, in either order.
  void in_any_order(std::function<void()> first, std::function<void()> second)
  {
    if (one_in(2))
      first.swap(second);
    first();
    do_after(one_in(2) ? below(6) : 0, std::move(second));
  }

private:
  void do_after(std::size_t hops, std::function<void()> what)
  {
    if (hops == 0)
      return what();
    boost::asio::post(io_,
                      [=, this]
                      {
                        do_after(hops - 1, what);
                      });
  }

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
      work_{io_.get_executor()};
  std::mt19937 random_{20};
};

// How a group of two operations ended.
struct group_report
{
  bool over = false;
  std::size_t winner = 0;
};

// Implementation notes
//
// One operation of one primitive, and what a race has to do with it. A round:
//
//   block         the operation would have to wait
//   launch, take  it is started, in one of the ways that users have
//   add_follower  another operation stands behind it
//   grant         what it waits for comes: before or after it was started,
//                 before or after it was cancelled
//   verify        whatever happened, nothing is lost; and all is as before
//
// The operation was granted if it stood in line before the grant and no longer
// does. Where it then reports that it was cancelled it was rolled back.
class contender
{
public:
  explicit contender(fixture& where)
    : fixture_(where)
  {
  }

  contender(const contender&) = delete;
  contender& operator=(const contender&) = delete;
  virtual ~contender() = default;

  // Whether what is granted before the operation starts is there for it.
  virtual bool remembers() const
  {
    return true;
  }

  virtual void launch(boost::asio::cancellation_slot slot) = 0;
  virtual boost::asio::awaitable<void> take() = 0;
  virtual void launch_pair(toro::event& other, bool other_first, bool bound,
                           group_report& group) = 0;
  virtual void launch_range(contender& other, group_report& group) = 0;
  virtual std::size_t cancel() = 0;
  virtual bool succeeded() const = 0;

  // Whether the success could not be taken back when another one won.
  virtual bool is_committed() const
  {
    return false;
  }

  void begin()
  {
    started_ = supplied_ = granted_ = has_follower_ = false;
    block();
  }

  void add_follower()
  {
    start_follower();
    has_follower_ = true;
  }

  void grant()
  {
    disturb();
    const std::size_t before = waiters();
    const bool stood = is_waiting();
    supply();
    supplied_ = true;
    granted_ = stood && waiters() < before;
  }

  // Ends the round.
  void end()
  {
    expect(supplied_, "the race forgot to grant");
    verify();
  }

  bool was_granted() const
  {
    return granted_;
  }

  bool was_rolled_back() const
  {
    return granted_ && !succeeded();
  }

protected:
  virtual void block() = 0;
  virtual void start_follower() = 0;
  virtual void supply() = 0;

  // Anything that may come before the grant and grants nothing.
  virtual void disturb()
  {
  }

  virtual void verify() = 0;
  virtual std::size_t waiters() const = 0;

  virtual bool is_waiting() const
  {
    return started_ && waiters() == 1 + std::size_t(has_follower_);
  }

  void note_start()
  {
    started_ = true;
    if (supplied_)
      granted_ = true;
  }

  bool was_started() const
  {
    return started_;
  }

  bool has_follower() const
  {
    return has_follower_;
  }

  fixture& where() const
  {
    return fixture_;
  }

private:
  fixture& fixture_;
  bool started_ = false;
  bool supplied_ = false;
  bool granted_ = false;
  bool has_follower_ = false;
};

// What came of the rounds of one kind of race.
struct tally
{
  std::size_t rounds = 0;
  std::size_t rolled_back = 0;

  // Rounds in which the operation got what it waited for, and the race told
  // its caller that the other one had won.
  std::size_t lost = 0;
};

// The kinds of races.
enum class kind
{
  or_event,    // op || event, as awaitables
  or_timer,    // op || steady_timer that has expired
  two_sources, // op || op of another object, both ready
  and_failure, // op && an operation that fails
  pair,        // make_parallel_group of two different operations
  range,       // make_parallel_group of a range of operations
  emission,    // a cancellation signal
  cancel       // cancel() of the object
};

inline constexpr kind all_kinds[] = {
    kind::or_event, kind::or_timer, kind::two_sources, kind::and_failure,
    kind::pair,     kind::range,    kind::emission,    kind::cancel};

const char* to_string(kind what);

// Runs races of one kind; two contenders of the same type are needed for some.
tally run_races(fixture& where, kind what, contender& first, contender& second,
                std::size_t rounds);

// Tells the world.
void announce(const std::string& text);

// Runs all races of a contender that must lose nothing, with each policy.
template <template <class> class Contender>
void race_all(const char* name)
{
  constexpr std::size_t rounds = 100'000 / (2 * std::size(all_kinds));
  tally sum;
  const auto race_with = [&]<class Threading>(Threading, const char* policy)
  {
    for (const kind what : all_kinds)
    {
      fixture where;
      Contender<Threading> first(where);
      Contender<Threading> second(where);
      const tally result = run_races(where, what, first, second, rounds);
      BOOST_TEST_INFO_SCOPE(name << ", " << policy << ", " << to_string(what));
      BOOST_TEST(result.rolled_back > 0u);
      BOOST_TEST(result.lost == 0u);
      sum.rounds += result.rounds;
      sum.rolled_back += result.rolled_back;
      sum.lost += result.lost;
    }
  };
  race_with(toro::thread_safe(), "thread_safe");
  race_with(toro::strand_bound(), "strand_bound");
  announce(std::string(name) + ": " + std::to_string(sum.rounds) + " rounds, " +
           std::to_string(sum.rolled_back) + " grants rolled back, lost " +
           std::to_string(sum.lost));
}

} // namespace toro_test

#endif // TORO_TEST_ROBUSTNESS_RACES_RACE_HPP
