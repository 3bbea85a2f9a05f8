// SPDX-License-Identifier: BSL-1.0
#include <toro/condition.hpp>
#include <toro/event.hpp>
#include <toro/lock.hpp>
#include <toro/queue.hpp>
#include <toro/semaphore.hpp>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/strand.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <numeric>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/case_template.hpp"
#include "support/interrupted_executor.hpp"
#include "support/scripted_executor.hpp"
#include "support/throwing_executor.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(submission)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;

using boost::system::error_code;
using io_executor = asio::io_context::executor_type;

// More than are submitted at once, and not a multiple of it.
constexpr int many = 200;

// A guard whose release has something happen in between, where somebody waits
// for its lock, and another lock.
template <class Threading>
struct interrupted_release
{
  auto make_lock()
  {
    return toro::basic_lock<interrupted_executor, Threading>(
        interrupted_executor(w.context(), interruption));
  }

  world w;
  std::function<void()> interruption;
  toro::basic_lock<interrupted_executor, Threading> first = make_lock();
  toro::basic_lock<interrupted_executor, Threading> second = make_lock();
  toro::basic_guard<Threading> holder = first.try_acquire();
};

// An executor that one can be converted to, and that counts what it runs.
class counting_executor
{
public:
  counting_executor(const io_executor& inner) noexcept
    : inner_(inner)
  {
  }

  asio::execution_context& query(asio::execution::context_t) const noexcept
  {
    return inner_.context();
  }

  static constexpr asio::execution::blocking_t
  query(asio::execution::blocking_t) noexcept
  {
    return asio::execution::blocking.never;
  }

  counting_executor require(asio::execution::blocking_t::never_t) const noexcept
  {
    return *this;
  }

  template <class Function>
  void execute(Function&& function) const
  {
    ++executed;
    asio::post(inner_, std::forward<Function>(function));
  }

  friend bool operator==(const counting_executor& a,
                         const counting_executor& b) noexcept
  {
    return a.inner_ == b.inner_;
  }

  inline static int executed = 0;

private:
  io_executor inner_;
};

// An executor of an io_context, of another type. It counts as work if that is
// asked of it, and throws if that is planned.
class working_executor
{
public:
  working_executor(asio::io_context& context, planned_throws& throws)
    : working_executor(context.get_executor(), throws)
  {
  }

  asio::execution_context& query(asio::execution::context_t) const noexcept
  {
    return asio::query(inner_, asio::execution::context);
  }

  static constexpr asio::execution::blocking_t
  query(asio::execution::blocking_t) noexcept
  {
    return asio::execution::blocking.never;
  }

  working_executor require(asio::execution::blocking_t::never_t) const
  {
    return *this;
  }

  working_executor
  require(asio::execution::outstanding_work_t::tracked_t how) const
  {
    return working_executor(asio::prefer(inner_, how), *throws_);
  }

  working_executor
  require(asio::execution::outstanding_work_t::untracked_t how) const
  {
    return working_executor(asio::prefer(inner_, how), *throws_);
  }

  template <class Function>
  void execute(Function&& function) const
  {
    if (throws_->left > 0)
    {
      --throws_->left;
      throw std::domain_error("executor");
    }
    asio::require(inner_, asio::execution::blocking.never)
        .execute(std::forward<Function>(function));
  }

  friend bool operator==(const working_executor& a,
                         const working_executor& b) noexcept
  {
    return &a.query(asio::execution::context) ==
           &b.query(asio::execution::context);
  }

private:
  working_executor(any_executor inner, planned_throws& throws)
    : inner_(std::move(inner)),
      throws_(&throws)
  {
  }

  any_executor inner_;
  planned_throws* throws_;
};

using events_of_working_executors =
    std::tuple<toro::basic_event<working_executor, toro::thread_safe>,
               toro::basic_event<working_executor, toro::strand_bound>,
               toro::basic_event<any_executor, toro::thread_safe>,
               toro::basic_event<any_executor, toro::strand_bound>>;

// A handler that tells where it was moved to last.
class placed_handler
{
public:
  explicit placed_handler(const void*& place) noexcept
    : place_(&place)
  {
  }

  placed_handler(placed_handler&& other) noexcept
    : place_(other.place_)
  {
    *place_ = this;
  }

  template <class... Args>
  void operator()(Args&&...) const noexcept
  {
  }

private:
  const void** place_;
};

std::vector<int> numbers_up_to(int n)
{
  std::vector<int> result(static_cast<std::size_t>(n));
  std::iota(result.begin(), result.end(), 0);
  return result;
}

} // namespace

TORO_TEST_CASE_TEMPLATE(crowd_comes_after_those_granted_before, Threading,
                        policies)
{
  world w;
  toro::basic_semaphore<io_executor, Threading> permits(w.context(), 0);
  std::vector<int> order;
  for (int i = 0; i != many; ++i)
    permits.async_acquire(
        [&order, i](error_code, auto permit)
        {
          permit.detach();
          order.push_back(i);
        });
  for (int i = many; i != many + 3; ++i)
    permits.async_wait(
        [&order, i](error_code)
        {
          order.push_back(i);
        });
  permits.release(many + 1);
  w.poll();
  BOOST_TEST(order == numbers_up_to(many + 3),
             boost::test_tools::per_element());
}

// A get that ends at once is all that keeps the others of a closed queue
// waiting, since its item could come back.
TORO_TEST_CASE_TEMPLATE(last_get_of_a_closed_queue_ends_the_others, Threading,
                        policies)
{
  world w;
  toro::basic_queue<int, io_executor, Threading> q(w.context());
  BOOST_TEST(q.try_put(1));
  q.async_get(w.on("first"));
  q.close();
  q.async_get(w.on("second"));
  BOOST_TEST(q.getters() == 1u);
  BOOST_TEST(w.poll() == "first=1 second:closed");
  BOOST_TEST(q.getters() == 0u);
}

BOOST_AUTO_TEST_CASE(entry_in_between_overtakes_nobody)
{
  world w;
  toro::basic_semaphore<io_executor> permits(w.context(), 0);
  std::function<void()> interruption = [&]
  {
    permits.release(0);
    BOOST_TEST(permits.waiters() == 0u);
  };
  const interrupted_executor elsewhere(w.context(), interruption);
  std::vector<int> order;
  const auto acquire = [&](int i, auto bound)
  {
    permits.async_acquire(bound(
        [&order, i](error_code, auto permit)
        {
          permit.detach();
          order.push_back(i);
        }));
  };
  acquire(0,
          [&](auto handler)
          {
            return asio::bind_executor(any_executor(elsewhere), handler);
          });
  for (int i = 1; i != many; ++i)
    acquire(i,
            [](auto handler)
            {
              return handler;
            });
  permits.release(many);
  BOOST_TEST(!interruption);
  w.poll();
  BOOST_TEST(order == numbers_up_to(many), boost::test_tools::per_element());
}

// What the executor calls leaves its broadcast to the call that it interrupts,
// and another thread comes before that.
// An operation without memory of its own does not overtake those that its
// thread is submitting.
BOOST_AUTO_TEST_CASE(start_in_between_overtakes_nobody)
{
  world w;
  toro::basic_queue<int, io_executor> q(w.context());
  std::function<void()> interruption = [&]
  {
    q.async_put(0, w.on("4"));
  };
  q.async_get(asio::bind_executor(
      any_executor(interrupted_executor(w.context(), interruption)),
      w.on("1")));
  q.async_get(w.on("2"));
  q.async_get(w.on("3"));
  BOOST_TEST(q.close() == 3u);
  BOOST_TEST(w.poll() == "1:closed 2:closed 3:closed 4:closed");
}

// With another object in between, which submits its own.
BOOST_AUTO_TEST_CASE(start_in_between_leaves_it_to_a_call_further_up)
{
  world w;
  toro::basic_queue<int, io_executor> q(w.context());
  toro::event other(w.context());
  std::function<void()> inner = [&]
  {
    q.async_put(0, w.on("4"));
  };
  other.async_wait(asio::bind_executor(
      any_executor(interrupted_executor(w.context(), inner)), w.on("other")));
  std::function<void()> outer = [&]
  {
    other.set();
  };
  q.async_get(asio::bind_executor(
      any_executor(interrupted_executor(w.context(), outer)), w.on("1")));
  q.async_get(w.on("2"));
  q.async_get(w.on("3"));
  BOOST_TEST(q.close() == 3u);
  BOOST_TEST(w.poll() == "1:closed other 2:closed 3:closed 4:closed");
}

// An executor that calls before it posts gets what was granted meanwhile later,
// also if it was given one function only.
BOOST_AUTO_TEST_CASE(entry_before_the_post_overtakes_nobody)
{
  world w;
  toro::basic_semaphore<io_executor> permits(w.context(), 0);
  std::function<void()> interruption = [&]
  {
    permits.release();
  };
  const scripted_executor late(std::make_shared<asio::io_context>(),
                               [&](task function)
                               {
                                 if (const auto first =
                                         std::exchange(interruption, nullptr))
                                   first();
                                 asio::post(w.context(), std::move(function));
                               });
  permits.async_acquire(
      asio::bind_executor(any_executor(late), w.on("1", let_go())));
  permits.async_acquire(w.on("2", let_go()));
  permits.release();
  BOOST_TEST(!interruption);
  BOOST_TEST(w.poll() == "1 2");
}

// What an entry in between has granted is submitted by the same call.
BOOST_AUTO_TEST_CASE(entry_in_between_is_followed_up)
{
  world w;
  std::function<void()> interruption;
  toro::basic_semaphore<interrupted_executor> permits(
      interrupted_executor(w.context(), interruption), 0);
  permits.async_acquire(w.on("1"));
  permits.async_acquire(w.on("2"));
  interruption = [&]
  {
    permits.release();
  };
  permits.release();
  asio::post(w.context(),
             [&]
             {
               w.note("later");
             });
  BOOST_TEST(w.poll() == "1 2 later");
}

BOOST_AUTO_TEST_CASE(thread_in_between_overtakes_no_broadcast)
{
  world w;
  toro::basic_semaphore<io_executor> permits(w.context(), 0);
  std::vector<int> order;
  const auto note = [&](int i)
  {
    return [&order, i](error_code, auto&&...)
    {
      order.push_back(i);
    };
  };
  std::function<void()> interruption = [&]
  {
    permits.try_acquire().detach();
    permits.async_wait(note(1));
    permits.release();
    // Of another kind, since these are expected to wait.
    std::thread(
        [&]
        {
          permits.async_acquire(note(2));
        })
        .join();
  };
  const interrupted_executor elsewhere(w.context(), interruption);
  permits.async_wait(asio::bind_executor(any_executor(elsewhere), note(0)));
  permits.release();
  BOOST_TEST(!interruption);
  w.poll();
  BOOST_TEST(order == numbers_up_to(3), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(deadline_in_between_takes_nothing_back)
{
  world w;
  toro::event event(w.context());
  std::function<void()> interruption = [&]
  {
    w.clock.advance(2h);
    w.context().poll();
  };
  const interrupted_executor elsewhere(w.context(), interruption);
  int succeeded = 0;
  const auto count = [&](error_code ec)
  {
    succeeded += ec ? 0 : 1;
  };
  event.async_wait(1h, asio::bind_executor(any_executor(elsewhere), count));
  for (int i = 1; i != many; ++i)
    event.async_wait(1h, count);
  event.set();
  BOOST_TEST(!interruption);
  BOOST_TEST(event.waiters() == 0u);
  w.poll();
  BOOST_TEST(succeeded == many);
}

BOOST_AUTO_TEST_CASE(cancellation_in_between_ends_each_once)
{
  world w;
  using strand = asio::strand<io_executor>;
  toro::basic_semaphore<strand> permits(strand(w.context().get_executor()), 0);
  std::function<void()> interruption = [&]
  {
    permits.cancel();
  };
  const interrupted_executor elsewhere(w.context(), interruption);
  int ended = 0;
  permits.async_acquire(asio::bind_executor(any_executor(elsewhere),
                                            [&](error_code, auto)
                                            {
                                              ++ended;
                                            }));
  for (int i = 1; i != many; ++i)
    permits.async_acquire(
        [&](error_code, auto)
        {
          ++ended;
        });
  for (int i = 0; i != 5; ++i)
    permits.async_wait(
        [&](error_code)
        {
          ++ended;
        });
  permits.release(many + 1);
  BOOST_TEST(!interruption);
  w.poll();
  BOOST_TEST(ended == many + 5);
  BOOST_TEST(permits.value() == std::size_t(many + 1));
}

// The address sanitizer sees who touches what is gone.
BOOST_AUTO_TEST_CASE(handler_may_end_the_primitive_before_the_call_returns)
{
  // Whoever calls is counted only where other threads are.
  std::promise<void> over;
  std::thread other(
      [&]
      {
        over.get_future().wait();
      });
  {
    asio::io_context object_context;
    asio::io_context elsewhere;
    std::function<void()> interruption = [&]
    {
      elsewhere.poll();
    };
    auto owned = std::make_unique<toro::event>(object_context);
    toro::event& event = *owned;
    bool called = false;
    event.async_wait(asio::bind_executor(
        any_executor(interrupted_executor(elsewhere, interruption)),
        [&called, owned = std::move(owned)](error_code) mutable
        {
          called = true;
          owned.reset();
        }));
    event.set();
    BOOST_TEST(called);
  }
  over.set_value();
  other.join();
}

TORO_TEST_CASE_TEMPLATE(refused_detour_is_still_work_of_the_context, Threading,
                        policies)
{
  world w;
  asio::io_context elsewhere;
  planned_throws throws;
  toro::basic_event<io_executor, Threading> event(w.context());
  bool called = false;
  event.async_wait(asio::bind_executor(throwing_executor(elsewhere, throws),
                                       [&](error_code ec)
                                       {
                                         called = !ec;
                                       }));
  throws.left = 1;
  event.set();
  BOOST_CHECK_THROW(w.context().poll(), std::domain_error);
  w.context().poll();
  BOOST_TEST(!w.context().stopped());
  event.clear();
  w.context().poll();
  // It still runs on its own executor only.
  BOOST_TEST(!called);
  elsewhere.poll();
  BOOST_TEST(called);
  w.context().poll();
  BOOST_TEST(w.context().stopped());
}

BOOST_AUTO_TEST_CASE(wait_that_may_come_back_is_still_work_of_the_context)
{
  world w;
  asio::io_context elsewhere;
  toro::condition condition(w.context());
  bool ready = false;
  bool called = false;
  condition.async_wait(
      [&]
      {
        return ready;
      },
      asio::bind_executor(any_executor(elsewhere.get_executor()),
                          [&](error_code ec)
                          {
                            called = !ec;
                          }));
  condition.notify();
  w.context().poll();
  elsewhere.poll();
  elsewhere.restart();
  BOOST_TEST(condition.waiters() == 1u);
  w.context().poll();
  BOOST_TEST(!w.context().stopped());
  ready = true;
  condition.notify();
  elsewhere.poll();
  BOOST_TEST(called);
  w.context().poll();
  BOOST_TEST(w.context().stopped());
}

BOOST_AUTO_TEST_CASE(wait_that_came_back_takes_the_same_way_again)
{
  world w;
  asio::io_context elsewhere;
  planned_throws throws;
  toro::condition condition(w.context());
  bool ready = false;
  bool called = false;
  condition.async_wait(
      [&]
      {
        return ready;
      },
      asio::bind_executor(throwing_executor(elsewhere, throws),
                          [&](error_code ec)
                          {
                            called = !ec;
                          }));
  for (const bool answer : {false, true})
  {
    ready = answer;
    condition.notify();
    w.poll();
    BOOST_TEST(!called);
    // It is still work of its own context.
    BOOST_TEST(!w.context().stopped());
    elsewhere.restart();
    elsewhere.poll();
    BOOST_TEST(called == answer);
  }
}

// A handler that is called while its operation is being submitted starts
// another operation, which gets the same memory and ends with its context.
BOOST_AUTO_TEST_CASE(operation_ends_in_the_memory_of_one_being_submitted)
{
  struct handler
  {
    void operator()(error_code) const
    {
      if (action)
        (*action)();
    }

    const std::function<void()>* action;
    std::shared_ptr<int> owned;
  };

  world w;
  auto other = std::make_unique<asio::io_context>();
  const scripted_executor instant(std::make_shared<asio::io_context>(),
                                  [](task function)
                                  {
                                    function();
                                  });
  toro::event first(w.context());
  toro::event second(*other);
  second.set();
  std::weak_ptr<int> seen;
  int called = 0;
  const std::function<void()> action = [&]
  {
    ++called;
    auto owned = std::make_shared<int>();
    seen = owned;
    second.async_wait(
        asio::bind_executor(instant, handler{nullptr, std::move(owned)}));
    BOOST_TEST(!seen.expired());
    other.reset();
    BOOST_TEST(seen.expired());
  };
  first.async_wait(asio::bind_executor(instant, handler{&action, nullptr}));
  first.set();
  w.poll();
  BOOST_TEST(called == 1);
}

BOOST_AUTO_TEST_CASE(converted_primitive_completes_on_its_new_executor)
{
  using strand = asio::strand<io_executor>;
  using event = toro::basic_event<io_executor>;
  static_assert(!std::is_constructible_v<toro::basic_event<strand>, event&&>,
                "a strand of its own is no conversion");

  world w;
  counting_executor::executed = 0;
  event before(w.context());
  int called = 0;
  const auto count = [&](error_code)
  {
    ++called;
  };
  before.async_wait(count);
  toro::basic_event<counting_executor> after(std::move(before));
  after.async_wait(count);
  after.set();
  after.async_wait(count);
  after.async_wait(asio::bind_executor(after.get_executor(), count));
  w.poll();
  BOOST_TEST(called == 4);
  BOOST_TEST(counting_executor::executed == 3);
}

// What a release leads to may find, or end, whatever takes part in it.

TORO_TEST_CASE_TEMPLATE(guard_is_assigned_before_its_hold_is_given_back,
                        Threading, policies)
{
  interrupted_release<Threading> r;
  auto third = r.make_lock();
  bool called = false;
  r.first.async_acquire(
      [&](error_code, auto)
      {
        called = true;
      });
  r.interruption = [&]
  {
    BOOST_TEST(r.second.locked());
    r.holder = third.try_acquire();
  };
  r.holder = r.second.try_acquire();
  BOOST_TEST(!r.second.locked());
  BOOST_TEST(third.locked());
  r.w.poll();
  BOOST_TEST(called);
}

TORO_TEST_CASE_TEMPLATE(guard_that_is_assigned_may_end_its_source, Threading,
                        policies)
{
  interrupted_release<Threading> r;
  auto source =
      std::make_unique<toro::basic_guard<Threading>>(r.second.try_acquire());
  r.first.async_acquire([](error_code, auto) {});
  r.interruption = [&]
  {
    source.reset();
  };
  r.holder = std::move(*source);
  BOOST_TEST(!source);
  BOOST_TEST(r.second.locked());
  r.w.poll();
}

// An operation without memory of its own is in that of its object, which is the
// same each time.
TORO_TEST_CASE_TEMPLATE(operation_needs_no_memory_once_none_waits, Threading,
                        policies)
{
  world w;
  toro::basic_lock<any_executor, Threading> mutex(w.context());
  const auto place = [&]
  {
    const void* result = nullptr;
    mutex.async_acquire(placed_handler(result));
    const void* const during = result;
    w.poll();
    return during;
  };
  const void* const usual = place();
  BOOST_TEST(place() == usual);
  auto held = mutex.try_acquire();
  mutex.async_acquire([](error_code, auto) {});
  held.reset();
  w.poll();
  // The next one is expected to wait as well.
  BOOST_TEST(place() != usual);
  BOOST_TEST(place() == usual);
}

// The next one in that memory does not end as the last one did.
TORO_TEST_CASE_TEMPLATE(cancelled_operation_leaves_no_trace, Threading,
                        policies)
{
  world w;
  toro::basic_lock<any_executor, Threading> mutex(w.context());
  mutex.async_acquire(w.on("1"));
  BOOST_TEST(mutex.cancel() == 1u);
  BOOST_TEST(w.poll() == "1:AB");
  mutex.async_acquire(w.on("2"));
  BOOST_TEST(w.poll() == "2");
  BOOST_TEST(!mutex.locked());
}

// A handler that is too large for that memory is destroyed with its operation
// as well, called or not.
TORO_TEST_CASE_TEMPLATE(large_handler_needs_other_memory, Threading, policies)
{
  const auto seen = std::make_shared<int>(0);
  {
    asio::io_context context;
    toro::basic_lock<any_executor, Threading> mutex(context);
    const auto acquire = [&]
    {
      mutex.async_acquire(
          [seen, padding = std::array<char, 256>()](error_code e, auto)
          {
            *seen += e || padding[0] != 0 ? 100 : 1;
          });
    };
    acquire();
    context.poll();
    BOOST_TEST(*seen == 1);
    BOOST_TEST(seen.use_count() == 1);
    acquire();
    BOOST_TEST(seen.use_count() == 2);
  }
  BOOST_TEST(*seen == 1);
  BOOST_TEST(seen.use_count() == 1);
}

// Runs what is ready. Returns whether there is no outstanding work then.
bool is_idle(asio::io_context& context)
{
  context.restart();
  context.poll();
  return context.stopped();
}

// Outstanding work: run() returns no earlier than the last wait ends, and no
// later.
TORO_TEST_CASE_TEMPLATE(wait_is_work_of_its_contexts, Threading, policies)
{
  asio::io_context here;
  asio::io_context elsewhere;
  toro::basic_event<io_executor, Threading> event(here);
  int called = 0;
  const auto count = [&](error_code)
  {
    ++called;
  };

  event.async_wait(count);
  BOOST_TEST(!is_idle(here));
  event.set();
  BOOST_TEST(is_idle(here));
  BOOST_TEST(called == 1);

  event.clear();
  event.async_wait(asio::bind_executor(elsewhere.get_executor(), count));
  BOOST_TEST(!is_idle(here));
  BOOST_TEST(!is_idle(elsewhere));
  event.set();
  // From now on it is work of the handler's context only.
  BOOST_TEST(is_idle(here));
  BOOST_TEST(is_idle(elsewhere));
  BOOST_TEST(called == 2);
  BOOST_TEST(is_idle(here));

  // One that ends at once is work of the handler's context, whatever its way.
  event.async_wait(asio::bind_executor(elsewhere.get_executor(), count));
  if (std::is_same_v<Threading, toro::strand_bound>)
  {
    BOOST_TEST(!is_idle(elsewhere));
    BOOST_TEST(is_idle(here));
  }
  BOOST_TEST(is_idle(elsewhere));
  BOOST_TEST(called == 3);
}

// The same for executors of which the library knows only that they track work.
TORO_TEST_CASE_TEMPLATE(wait_is_work_whatever_its_executor, Event,
                        events_of_working_executors)
{
  asio::io_context here;
  asio::io_context elsewhere;
  planned_throws throws;
  Event event(working_executor(here, throws));
  int called = 0;
  const auto count = [&](error_code)
  {
    ++called;
  };

  event.async_wait(count);
  BOOST_TEST(!is_idle(here));
  event.set();
  BOOST_TEST(is_idle(here));
  BOOST_TEST(called == 1);

  const auto wait_elsewhere = [&](const auto& executor)
  {
    event.clear();
    called = 0;
    event.async_wait(asio::bind_executor(executor, count));
    BOOST_TEST(!is_idle(here));
    BOOST_TEST(!is_idle(elsewhere));
  };
  const auto end_elsewhere = [&]
  {
    event.set();
    // From now on it is work of the handler's context only.
    BOOST_TEST(is_idle(here));
    BOOST_TEST(is_idle(elsewhere));
    BOOST_TEST(called == 1);
    BOOST_TEST(is_idle(here));
  };
  const working_executor own(elsewhere, throws);
  wait_elsewhere(elsewhere.get_executor());
  end_elsewhere();
  wait_elsewhere(any_executor(own));
  end_elsewhere();
  wait_elsewhere(own);
  end_elsewhere();

  // What the handler's executor refuses is work of the object's again.
  wait_elsewhere(own);
  throws.left = 1;
  const auto deliver = [&]
  {
    event.set();
    here.restart();
    here.poll();
  };
  BOOST_CHECK_THROW(deliver(), std::domain_error);
  BOOST_TEST(throws.left == 0);
  BOOST_TEST(!is_idle(here));
  BOOST_TEST(!is_idle(elsewhere));
  BOOST_TEST(called == 0);
  end_elsewhere();
}

BOOST_AUTO_TEST_SUITE_END()
