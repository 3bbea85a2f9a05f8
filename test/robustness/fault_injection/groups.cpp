// SPDX-License-Identifier: BSL-1.0
// Selections, children and operations that a source reaches, where something
// fails: nothing is lost, no child is counted twice, and joins still end.
#include <toro/cancellation_source.hpp>
#include <toro/first_of.hpp>
#include <toro/queue.hpp>
#include <toro/semaphore.hpp>
#include <toro/task_group.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <exception>
#include <set>
#include <string>
#include <utility>
#include <version>

#if defined(__cpp_lib_jthread)
#include <stop_token>
#endif

#include "robustness/fault_injection/blocks.hpp"
#include "robustness/fault_injection/trial.hpp"
#include "support/case_template.hpp"
#include "support/world.hpp"

namespace toro_test {

BOOST_AUTO_TEST_SUITE(failures_of_groups)

namespace {

namespace asio = boost::asio;
using asio::deferred;

// How many handlers were destroyed, also those of operations that could not be
// started. One failure costs no more than one.
void check_destroyed(const trial& t, std::size_t operations)
{
  std::size_t count = 0;
  for (std::size_t k = 0; k != operations; ++k)
  {
    BOOST_TEST(!t[k].is_pending());
    count += t[k].was_dropped();
  }
  BOOST_TEST(count <= (faults.has_struck() ? 1u : 0u));
}

// The handler of a selection among two waits for a permit, which reports that
// of the first.
template <class Handler>
class selecting_handler : public Handler
{
public:
  explicit selecting_handler(Handler&& handler)
    : Handler(std::move(handler))
  {
  }

  template <class Permit>
  void operator()(std::size_t index, error_code a, Permit one, error_code b,
                  Permit two) &&
  {
    BOOST_TEST(!(one && two));
    Handler& handler = *this;
    if (index == 0)
      std::move(handler)(std::move(a), std::move(one));
    else
      std::move(handler)(std::move(b), std::move(two));
  }
};

// That of one among a permit and a put.
template <class Handler>
class putting_handler : public Handler
{
public:
  putting_handler(Handler&& handler, int& successes)
    : Handler(std::move(handler)),
      successes_(&successes)
  {
  }

  template <class Permit>
  void operator()(std::size_t index, error_code a, Permit permit,
                  error_code b) &&
  {
    BOOST_TEST((a || b));
    *successes_ += !b;
    Handler& handler = *this;
    if (index == 0)
      std::move(handler)(std::move(a), std::move(permit));
    else
      std::move(handler)(std::move(b));
  }

private:
  int* successes_;
};

// That of a join. The failure of a child counts as a success.
template <class Handler>
class joining_handler : public Handler
{
public:
  explicit joining_handler(Handler&& handler)
    : Handler(std::move(handler))
  {
  }

  void operator()(const std::exception_ptr& failure) &&
  {
    Handler& handler = *this;
    std::move(handler)(code_of(failure));
  }

private:
  static error_code code_of(const std::exception_ptr& failure)
  {
    if (!failure)
      return {};
    try
    {
      std::rethrow_exception(failure);
    }
    catch (const boost::system::system_error& e)
    {
      return e.code();
    }
    catch (const injected&)
    {
      return {};
    }
  }
};

// Two semaphores without permits.
template <class Threading>
class two_counters
{
public:
  explicit two_counters(trial& t)
    : a(t.executor(), 0),
      b(t.executor(), 0),
      t_(t)
  {
    t_.watch_by(
        [this]
        {
          return to_string(a) + to_string(b);
        });
  }

  void select()
  {
    t_.start_several(
        [this](auto handler)
        {
          toro::async_first_of(a.async_acquire(deferred),
                               b.async_acquire(1s, deferred),
                               selecting_handler(std::move(handler)));
        });
    ++selections_;
  }

  template <class Semaphore>
  void release(Semaphore& s)
  {
    t_.act(
        [&]
        {
          s.release();
        });
    ++permits_;
  }

  // Ends whatever still waits, and counts the permits.
  void conclude()
  {
    t_.recover(
        [this]
        {
          a.cancel();
          b.cancel();
        });
    t_.let_go();
    BOOST_TEST(a.value() + b.value() == permits_);
    BOOST_TEST(a.waiters() + b.waiters() == 0u);
    check_destroyed(t_, selections_);
  }

  toro::basic_semaphore<throwing_executor, Threading> a;
  toro::basic_semaphore<throwing_executor, Threading> b;

private:
  trial& t_;
  std::size_t permits_ = 0;
  std::size_t selections_ = 0;
};

// Whether the move of a session may fail. It must not fail in a coroutine's
// parameters: Clang 19 destroys them after their frame is gone.
bool session_may_fail = false;

struct moves_fail
{
  moves_fail() noexcept
  {
    session_may_fail = true;
  }

  ~moves_fail()
  {
    session_may_fail = false;
  }
};

// A callable that is a child. It waits for a permit, and its moves may fail.
template <class Semaphore>
class session
{
public:
  session(Semaphore& s, int& live) noexcept
    : semaphore_(&s),
      live_(&live)
  {
    ++*live_;
  }

  session(session&& other)
    : session(*other.semaphore_, *other.live_)
  {
    // Complete by now, so that this is counted down.
    if (session_may_fail)
      faults.call(failing::move);
  }

  ~session()
  {
    --*live_;
  }

  asio::awaitable<void> operator()()
  {
    const auto permit = co_await semaphore_->async_acquire(asio::use_awaitable);
  }

private:
  Semaphore* semaphore_;
  int* live_;
};

// A task_group, and what its children wait for.
template <class Threading>
class family
{
  using semaphore = toro::basic_semaphore<throwing_executor, Threading>;

public:
  family(trial& t, toro::task_group_options options)
    : group(t.executor(), options),
      gate(t.executor(), 0),
      t_(t)
  {
    t_.watch(group);
  }

  ~family()
  {
    t_.end_context();
    BOOST_TEST(live_ == 0);
  }

  // A child that does not start takes no place.
  void child()
  {
    start(
        [this]
        {
          gate.async_acquire(group.child());
        });
  }

  void spawn()
  {
    start(
        [this]
        {
          group.spawn(session<semaphore>(gate, live_));
        });
  }

  void async_spawn()
  {
    t_.start(
        [this](auto handler)
        {
          const moves_fail here;
          group.async_spawn(session<semaphore>(gate, live_), 1s,
                            std::move(handler));
        });
    ++operations_;
  }

  void join()
  {
    t_.start(
        [this](auto handler)
        {
          group.async_join(joining_handler(std::move(handler)));
        });
    ++operations_;
  }

  void open_gate()
  {
    t_.act(
        [this]
        {
          gate.release(9);
        });
  }

  // All children end, and so do the joins; a later one ends at once.
  void conclude()
  {
    t_.recover(
        [this]
        {
          gate.release(9);
          group.close();
          group.cancel();
        });
    gate.cancel();
    t_.poll();
    BOOST_TEST(group.size() == 0u);
    BOOST_TEST(group.waiters() == 0u);
    join();
    t_.poll();
    BOOST_TEST(!t_.newest().is_pending());
    check_destroyed(t_, operations_);
  }

  toro::basic_task_group<throwing_executor, Threading> group;
  semaphore gate;

private:
  template <class Function>
  void start(Function function)
  {
    const std::size_t before = group.size();
    bool has_started = true;
    try
    {
      function();
    }
    catch (const injected&)
    {
      has_started = false;
    }
    // An executor may have destroyed the child, or have made it fail. Asio has
    // the executor destroy a coroutine that could not be started; until then it
    // keeps its place.
    const bool may_differ = faults.what() == failing::delivery ||
                            faults.what() == failing::execution;
    BOOST_TEST(group.size() <= before + 1);
    BOOST_TEST(group.size() >= before);
    BOOST_TEST((may_differ || group.size() == before + has_started));
  }

  trial& t_;
  int live_ = 0;
  std::size_t operations_ = 0;
};

std::set<failing> with_moves(std::set<failing> calls)
{
  calls.insert(failing::move);
  return calls;
}

} // namespace

TORO_TEST_CASE_TEMPLATE(selection_that_waits_gets_one_permit, Threading,
                        policies)
{
  fail_each_call(timed_calls,
                 [](trial& t)
                 {
                   two_counters<Threading> c(t);
                   c.select();
                   c.select();
                   c.release(c.a);
                   c.release(c.b);
                   t.poll();
                   c.select();
                   c.select();
                   c.release(c.b);
                   t.emit(2);
                   t.poll();
                   t.advance(1s);
                   c.conclude();
                 });
}

TORO_TEST_CASE_TEMPLATE(selection_that_ends_at_once_gets_one_permit, Threading,
                        policies)
{
  fail_each_call(timed_calls,
                 [](trial& t)
                 {
                   two_counters<Threading> c(t);
                   c.release(c.b);
                   c.select();
                   c.release(c.a);
                   c.select();
                   t.emit(0);
                   t.poll();
                   c.select();
                   c.select();
                   t.advance(1s);
                   c.conclude();
                 });
}

// An item is put only by a selection that says so.
TORO_TEST_CASE_TEMPLATE(selection_puts_its_item_or_not, Threading, policies)
{
  fail_each_call(
      usual_calls,
      [](trial& t)
      {
        toro::basic_semaphore<throwing_executor, Threading> s(t.executor(), 0);
        toro::basic_queue<int, throwing_executor, Threading> q(t.executor(), 1);
        t.watch_by(
            [&]
            {
              return to_string(s) + to_string(q);
            });
        int successes = 0;
        const auto select = [&]
        {
          t.start_several(
              [&](auto handler)
              {
                toro::async_first_of(
                    s.async_acquire(deferred), q.async_put(the_item, deferred),
                    putting_handler(std::move(handler), successes));
              });
        };
        select();
        select();
        t.act(
            [&]
            {
              s.release();
            });
        t.poll();
        t.recover(
            [&]
            {
              s.cancel();
              q.cancel();
            });
        t.let_go();
        BOOST_TEST(s.value() == 1u);
        BOOST_TEST(q.putters() + q.getters() == 0u);
        // A handler that was destroyed may have been that of the first.
        const int dropped = t[0].was_dropped() + t[1].was_dropped();
        const int stored = static_cast<int>(q.size());
        BOOST_TEST(successes <= stored);
        BOOST_TEST(stored <= successes + dropped);
        BOOST_TEST(!q.full() == (stored == 0));
        check_destroyed(t, 2);
      });
}

TORO_TEST_CASE_TEMPLATE(children_are_counted_once, Threading, policies)
{
  for (const bool keeps_going : {false, true})
  {
    toro::task_group_options options;
    options.limit = 3;
    if (keeps_going)
      options.on_failure = toro::failure_policy::keep_going;
    fail_each_call(with_moves(timed_calls),
                   [&](trial& t)
                   {
                     family<Threading> f(t, options);
                     f.child();
                     f.spawn();
                     f.async_spawn();
                     t.poll();
                     f.join();
                     f.async_spawn();
                     f.open_gate();
                     t.poll();
                     f.join();
                     t.poll();
                     f.conclude();
                   });
  }
}

TORO_TEST_CASE_TEMPLATE(children_are_cancelled_whatever_fails, Threading,
                        policies)
{
  fail_each_call(with_moves(usual_calls),
                 [](trial& t)
                 {
                   family<Threading> f(t, {});
                   f.child();
                   f.spawn();
                   f.async_spawn();
                   t.poll();
                   f.join();
                   // Passed on to the children.
                   t.emit(1);
                   t.poll();
                   f.child();
                   f.join();
                   t.act(
                       [&]
                       {
                         f.group.cancel();
                       });
                   t.advance(1s);
                   f.conclude();
                 });
}

TORO_TEST_CASE_TEMPLATE(source_reaches_what_is_bound_to_it, Threading, policies)
{
  fail_each_call(
      timed_calls,
      [](trial& t)
      {
        toro::basic_semaphore<throwing_executor, Threading> s(t.executor(), 0);
        toro::basic_cancellation_source<throwing_executor, Threading> source(
            t.executor());
        t.watch(s);
        const auto acquire = [&](auto handler)
        {
          s.async_acquire(1s,
                          toro::bind_cancellation(source, std::move(handler)));
        };
        t.start(acquire);
        t.start(acquire);
        t.start(acquire);
        t.act(
            [&]
            {
              s.release();
            });
        t.poll();
        t.act(
            [&]
            {
              source.cancel();
            });
        t.poll();
        // Starts cancelled.
        t.start(acquire);
        t.poll();
        t.recover(
            [&]
            {
              source.cancel();
              s.cancel();
            });
        t.let_go();
        BOOST_TEST(s.value() == 1u);
        BOOST_TEST(s.waiters() == 0u);
        for (std::size_t k = 0; k != 4; ++k)
          BOOST_TEST((t[k].was_dropped() || t[k].succeeded() ||
                      t[k].has(aborted()) || t[k].has(timed_out())));
        check_destroyed(t, 4);
      });
}

// A cancellation owns what it reaches only for as long as that takes.
BOOST_AUTO_TEST_CASE(sources_that_were_cancelled_leave_no_memory)
{
  const auto blocks_left_by = [](auto function)
  {
    const std::size_t before = live_blocks;
    function();
    return live_blocks - before;
  };
  const auto cancel_a_tree = []
  {
    asio::io_context io;
    toro::cancellation_source source(io);
    const toro::cancellation_source child = source.child();
    const toro::cancellation_source grandchild = child.child();
    const toro::cancellation_source sibling = source.child();
    source.cancel();
    BOOST_TEST(grandchild.cancelled());
    BOOST_TEST(sibling.cancelled());
  };
  // The program itself may keep memory from the first time on.
  cancel_a_tree();
  BOOST_TEST(blocks_left_by(cancel_a_tree) == 0u);
#if defined(__cpp_lib_jthread)
  const auto cancel_by_a_stop_token = []
  {
    asio::io_context io;
    std::stop_source stop;
    const toro::cancellation_source source(io, stop.get_token());
    stop.request_stop();
    BOOST_TEST(source.cancelled());
  };
  BOOST_TEST(blocks_left_by(cancel_by_a_stop_token) == 0u);
#endif
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
