// SPDX-License-Identifier: BSL-1.0
// Contexts that end while a thread hands completions to their executors: in
// that very thread, which must not wait for itself, and in others, which must
// wait.
#include <toro/condition.hpp>
#include <toro/event.hpp>
#include <toro/lock.hpp>
#include <toro/queue.hpp>
#include <toro/semaphore.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/version.hpp>
#include <boost/test/unit_test.hpp>

#if BOOST_ASIO_VERSION >= 103700
#include <boost/asio/any_completion_handler.hpp>
#endif

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "support/case_template.hpp"
#include "support/scripted_executor.hpp"
#include "support/world.hpp"

namespace asio = boost::asio;

using namespace std::chrono_literals;

namespace toro_test {

BOOST_AUTO_TEST_SUITE(context_use)

namespace {

using boost::system::error_code;
using shared_context = std::shared_ptr<asio::io_context>;

// A function that does nothing but own something until it is destroyed.
template <class... Owned>
auto owner_of(Owned... owned)
{
  return [... owned = std::move(owned)](error_code, auto&&...) {};
}

// Gives other threads many occasions to do what they must not do yet.
template <class Condition>
bool soon(Condition condition)
{
  for (int i = 0; i != 2000; ++i)
  {
    if (condition())
      return true;
    std::this_thread::yield();
  }
  return false;
}

void drop(task)
{
}

} // namespace

// An executor that drops what it is given grants the next wait in turn, which
// is dropped as well.

TORO_TEST_CASE_TEMPLATE(many_dropped_completions_keep_the_stack_flat, Threading,
                        policies)
{
  constexpr int many = 100'000;
  const scripted_executor dropping(std::make_shared<asio::io_context>(), drop);
  toro::basic_lock<scripted_executor, Threading> mutex(dropping);
  auto held = mutex.try_acquire();
  for (int i = 0; i != many; ++i)
    mutex.async_acquire(owner_of());
  BOOST_TEST(mutex.waiters() == std::size_t(many));
  held.reset();
  BOOST_TEST(mutex.waiters() == 0u);
  BOOST_TEST(!mutex.locked());
}

TORO_TEST_CASE_TEMPLATE(handlers_that_hold_permits_keep_the_stack_flat,
                        Threading, policies)
{
  constexpr int many = 100'000;
  const scripted_executor dropping(std::make_shared<asio::io_context>(), drop);
  toro::basic_semaphore<scripted_executor, Threading> permits(dropping, many);
  std::vector<toro::basic_permit<Threading>> held;
  for (int i = 0; i != many; ++i)
    held.push_back(permits.try_acquire());
  std::size_t wanted = 0;
  for (auto& permit : held)
    permits.async_acquire(++wanted, owner_of(std::move(permit)));
  BOOST_TEST(permits.waiters() == std::size_t(many));
  // The first wait is granted and dropped, and its handler gives back the
  // permit that the next wait lacks, and so on.
  permits.release();
  BOOST_TEST(permits.waiters() == 0u);
  BOOST_TEST(permits.value() == std::size_t(many) + 1);
}

TORO_TEST_CASE_TEMPLATE(
    executor_that_drops_the_previous_function_keeps_the_stack_flat, Threading,
    policies)
{
  constexpr int many = 100'000;
  std::optional<task> previous;
  const scripted_executor forgetful(std::make_shared<asio::io_context>(),
                                    [&](task next)
                                    {
                                      std::optional<task> old(std::move(next));
                                      old.swap(previous);
                                    });
  toro::basic_semaphore<scripted_executor, Threading> permits(forgetful, 0);
  for (int i = 0; i != many; ++i)
    permits.async_acquire(owner_of());
  // The second completion makes the executor drop the first one, whose permit
  // goes to the third wait, and so on to the last one.
  permits.release(2);
  BOOST_TEST(permits.waiters() == 0u);
  BOOST_TEST(permits.value() == 1u);
  std::exchange(previous, std::nullopt).reset();
  BOOST_TEST(permits.value() == 2u);
}

// What the thread calls ends the context.

TORO_TEST_CASE_TEMPLATE(executor_that_owns_its_context_ends_it, Threading,
                        policies)
{
  auto context = std::make_shared<asio::io_context>();
  std::weak_ptr<asio::io_context> seen = context;
  {
    toro::basic_lock<scripted_executor, Threading> mutex(
        scripted_executor(std::move(context), drop));
    auto held = mutex.try_acquire();
    mutex.async_acquire(owner_of());
  }
  BOOST_TEST(seen.expired());
}

BOOST_AUTO_TEST_CASE(last_guard_ends_the_context_of_an_executor_that_owns_it)
{
  auto context = std::make_shared<asio::io_context>();
  std::weak_ptr<asio::io_context> seen = context;
  toro::guard held;
  {
    toro::basic_lock<asio::any_io_executor> mutex(
        asio::any_io_executor(asio::strand<scripted_executor>(
            scripted_executor(std::move(context), drop))));
    held = mutex.try_acquire();
  }
  BOOST_TEST(!seen.expired());
  held.reset();
  BOOST_TEST(seen.expired());
}

TORO_TEST_CASE_TEMPLATE(dropped_handler_ends_the_context, Threading, policies)
{
  auto context = std::make_shared<asio::io_context>();
  std::weak_ptr<asio::io_context> seen = context;
  asio::io_context elsewhere;
  const scripted_executor dropping(shared_context(shared_context(), &elsewhere),
                                   drop);
  toro::basic_event<asio::any_io_executor, Threading> event(*context);
  int calls = 0;
  event.async_wait(asio::bind_executor(asio::any_io_executor(dropping),
                                       owner_of(std::move(context))));
  for (int i = 0; i != 3; ++i)
    event.async_wait(
        [&](error_code)
        {
          ++calls;
        });
  if constexpr (std::is_same_v<Threading, toro::strand_bound>)
  {
    // The completion goes by way of the object's executor, whose context would
    // end while it runs.
    event.cancel();
    seen.lock()->poll();
    BOOST_TEST(calls == 3);
    return;
  }
  event.set();
  BOOST_TEST(seen.expired());
  BOOST_TEST(calls == 0);
  BOOST_TEST(event.waiters() == 0u);
}

BOOST_AUTO_TEST_CASE(what_is_left_to_submit_is_destroyed_with_the_context)
{
  constexpr int many = 200;
  auto context = std::make_shared<asio::io_context>();
  std::weak_ptr<asio::io_context> seen = context;
  asio::io_context elsewhere;
  // Ends the context while more completions are to be submitted.
  const scripted_executor ending(shared_context(shared_context(), &elsewhere),
                                 [&](task)
                                 {
                                   context.reset();
                                 });
  toro::basic_semaphore<asio::any_io_executor> permits(*context, 0);
  const auto token = std::make_shared<int>();
  permits.async_acquire(
      asio::bind_executor(asio::any_io_executor(ending), owner_of(token)));
  for (int i = 0; i != many; ++i)
  {
    permits.async_acquire(owner_of(token));
    permits.async_acquire(1h, owner_of(token));
  }
  permits.release(many);
  BOOST_TEST(seen.expired());
  BOOST_TEST(token.use_count() == 1);
  BOOST_TEST(permits.waiters() == 0u);
}

// Those that complete elsewhere have been submitted by then, also if they are
// more than are submitted at once.
BOOST_AUTO_TEST_CASE(dropped_handler_ends_the_context_after_the_others)
{
  constexpr int many = 200;
  auto context = std::make_shared<asio::io_context>();
  std::weak_ptr<asio::io_context> seen = context;
  asio::io_context elsewhere;
  const scripted_executor dropping(shared_context(shared_context(), &elsewhere),
                                   drop);
  toro::event event(*context);
  event.async_wait(asio::bind_executor(asio::any_io_executor(dropping),
                                       owner_of(std::move(context))));
  int calls = 0;
  for (int i = 0; i != many; ++i)
    event.async_wait(asio::bind_executor(elsewhere.get_executor(),
                                         [&](error_code)
                                         {
                                           ++calls;
                                         }));
  event.set();
  BOOST_TEST(seen.expired());
  elsewhere.poll();
  BOOST_TEST(calls == many);
}

// The context ends before a turn, or a get, can be posted to it.
BOOST_AUTO_TEST_CASE(nothing_is_posted_once_the_context_has_ended)
{
  for (const bool is_turn : {false, true})
  {
    auto context = std::make_shared<asio::io_context>();
    std::weak_ptr<asio::io_context> seen = context;
    asio::io_context elsewhere;
    const asio::any_io_executor ending =
        scripted_executor(shared_context(shared_context(), &elsewhere),
                          [&](task)
                          {
                            context.reset();
                          });
    const auto token = std::make_shared<int>();
    toro::queue<int> items(asio::make_strand(*context), 1);
    toro::semaphore permits(asio::make_strand(*context), 0);
    if (is_turn)
    {
      permits.async_acquire(asio::bind_executor(ending, owner_of()));
      permits.async_wait(owner_of(token));
      permits.async_wait(owner_of(token));
      permits.release(2);
    }
    else
    {
      BOOST_TEST(items.try_put(1));
      items.async_put(2, asio::bind_executor(ending, owner_of()));
      items.async_get(owner_of(token));
    }
    BOOST_TEST(seen.expired());
    BOOST_TEST(token.use_count() == 1);
  }
}

BOOST_AUTO_TEST_CASE(executor_of_the_timer_check_ends_the_context)
{
  auto context = std::make_shared<asio::io_context>();
  std::weak_ptr<asio::io_context> seen = context;
  bool ends = false;
  asio::io_context& plain = *context;
  toro::basic_lock<scripted_executor> mutex(
      scripted_executor(shared_context(shared_context(), context.get()),
                        [&](task next)
                        {
                          if (ends)
                            context.reset();
                          else
                            asio::post(plain, std::move(next));
                        }));
  auto held = mutex.try_acquire();
  asio::cancellation_signal cancel;
  mutex.async_acquire(1h,
                      asio::bind_cancellation_slot(cancel.slot(), owner_of()));
  ends = true;
  cancel.emit(asio::cancellation_type::all);
  BOOST_TEST(seen.expired());
  BOOST_TEST(mutex.waiters() == 0u);
}

// What happens when the library sets its timer, time after time.
class scripted_clock final : public toro::detail::manual_time
{
public:
  using time_point = toro::deadline::time_point;

  explicit scripted_clock(std::vector<std::function<void()>> script)
    : script_(std::move(script))
  {
  }

  time_point now() override
  {
    return {};
  }

  std::unique_ptr<toro::detail::client_timer>
  make_timer(const asio::any_io_executor&) override
  {
    return std::make_unique<alarm>(*this);
  }

  std::size_t settings() const
  {
    return settings_;
  }

private:
  class alarm final : public toro::detail::client_timer
  {
  public:
    explicit alarm(scripted_clock& clock)
      : clock_(clock)
    {
    }

    void set(time_point, toro::detail::timer_handler) override
    {
      // This object may be gone afterwards.
      clock_.script_.at(clock_.settings_++)();
    }

    void unset() noexcept override
    {
    }

  private:
    scripted_clock& clock_;
  };

  std::vector<std::function<void()>> script_;
  std::size_t settings_ = 0;
};

BOOST_AUTO_TEST_CASE(timer_of_an_initiation_ends_the_context)
{
  std::optional<asio::io_context> context(std::in_place);
  scripted_clock clock({[&]
                        {
                          context.reset();
                        }});
  asio::make_service<toro::detail::time_source>(*context, clock);
  toro::event event(*context);
  const auto token = std::make_shared<int>();
  event.async_wait(1h, owner_of(token));
  BOOST_TEST(!context);
  BOOST_TEST(token.use_count() == 1);
}

// After a failure it is set for the wait that is there. Nothing is asked of the
// context that this has ended.
BOOST_AUTO_TEST_CASE(timer_that_is_set_again_ends_the_context)
{
  std::optional<asio::io_context> context(std::in_place);
  scripted_clock clock({[] {},
                        []
                        {
                          throw std::domain_error("set");
                        },
                        [&]
                        {
                          context.reset();
                        }});
  asio::make_service<toro::detail::time_source>(*context, clock);
  toro::event event(*context);
  const auto token = std::make_shared<int>();
  event.async_wait(2h, owner_of(token));
  BOOST_TEST(token.use_count() == 2);
  BOOST_CHECK_THROW(event.async_wait(1h, owner_of(token)), std::domain_error);
  BOOST_TEST(clock.settings() == 3u);
  BOOST_TEST(!context);
  BOOST_TEST(token.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(declined_wait_whose_successor_ends_the_context)
{
  auto context = std::make_shared<asio::io_context>();
  std::weak_ptr<asio::io_context> seen = context;
  asio::io_context elsewhere;
  const scripted_executor dropping(shared_context(shared_context(), &elsewhere),
                                   drop);
  asio::thread_pool pool(1);
  toro::condition changed(*context);
  // Asked where the object's context does not run, so that it may end.
  changed.async_wait(
      []
      {
        return false;
      },
      asio::bind_executor(asio::any_io_executor(elsewhere.get_executor()),
                          owner_of()));
  changed.async_wait(asio::bind_executor(asio::any_io_executor(dropping),
                                         owner_of(std::move(context))));
  changed.notify();
  elsewhere.poll();
  BOOST_TEST(seen.expired());
  BOOST_TEST(changed.waiters() == 0u);
}

TORO_TEST_CASE_TEMPLATE(predicate_of_an_initiation_ends_the_context, Threading,
                        policies)
{
  for (const bool answer : {false, true})
  {
    auto context = std::make_unique<asio::io_context>();
    toro::basic_condition<asio::io_context::executor_type, Threading> changed(
        context->get_executor());
    auto owned = std::make_shared<int>();
    const std::weak_ptr<int> seen = owned;
    bool called = false;
    changed.async_wait(
        [&context, answer]
        {
          context.reset();
          return answer;
        },
        [&called, owned = std::move(owned)](error_code)
        {
          called = true;
        });
    BOOST_TEST(!context);
    BOOST_TEST(seen.expired());
    BOOST_TEST(!called);
    BOOST_TEST(changed.waiters() == 0u);
  }
}

namespace {

// An executor of a context that outlives it. It ends another one when it is
// told of work.
class ending_executor
{
public:
  ending_executor(asio::io_context& context, std::function<void()>& end)
    : context_(&context),
      end_(&end)
  {
  }

  asio::execution_context& query(asio::execution::context_t) const noexcept
  {
    return *context_;
  }

  static constexpr asio::execution::blocking_t
  query(asio::execution::blocking_t) noexcept
  {
    return asio::execution::blocking.never;
  }

  ending_executor require(asio::execution::blocking_t::never_t) const noexcept
  {
    return *this;
  }

  static constexpr asio::execution::outstanding_work_t
  query(asio::execution::outstanding_work_t) noexcept
  {
    return asio::execution::outstanding_work.untracked;
  }

  ending_executor require(asio::execution::outstanding_work_t::tracked_t) const
  {
    if (const auto end = std::exchange(*end_, nullptr))
      end();
    return *this;
  }

  template <class Function>
  void execute(Function&& function) const
  {
    asio::post(*context_, std::forward<Function>(function));
  }

  [[maybe_unused]] friend bool operator==(const ending_executor& a,
                                          const ending_executor& b) noexcept
  {
    return a.context_ == b.context_;
  }

private:
  asio::io_context* context_;
  std::function<void()>* end_;
};

// A free lock is granted. The executor that the handler is bound to ends the
// lock's context when it counts the work of the completion.
template <class Lock, class Adapt>
void test_completion_that_ends_the_context(Adapt adapt)
{
  auto context = std::make_unique<asio::io_context>();
  asio::io_context elsewhere;
  std::function<void()> end = [&]
  {
    context.reset();
  };
  bool dropped = false;
  {
    Lock mutex(context->get_executor());
    const auto owned = std::make_shared<int>();
    mutex.async_acquire(adapt(
        asio::bind_executor(ending_executor(elsewhere, end), owner_of(owned))));
    dropped = owned.use_count() == 1;
  }
  BOOST_TEST(!context);
  BOOST_TEST(dropped);
}

template <class Threading>
using io_lock = toro::basic_lock<asio::io_context::executor_type, Threading>;

} // namespace

// The completion goes by way of the object's executor.
TORO_TEST_CASE_TEMPLATE(executor_that_counts_work_ends_the_context, Threading,
                        policies)
{
  test_completion_that_ends_the_context<io_lock<Threading>>(
      [](auto handler)
      {
        return handler;
      });
}

#if BOOST_ASIO_VERSION >= 103700

// The type of the handler hides that it has no immediate executor, so that the
// completion would go by way of the object's.
TORO_TEST_CASE_TEMPLATE(executor_of_a_hidden_handler_ends_the_context,
                        Threading, policies)
{
  using lock_type = io_lock<Threading>;
  test_completion_that_ends_the_context<lock_type>(
      [](auto handler)
      {
        return asio::any_completion_handler<void(
            boost::system::error_code, typename lock_type::guard_type)>(
            std::move(handler));
      });
}

#endif

// An operation whose predicate is called for the first time has no copy of the
// object's executor yet, which would outlive the context.
TORO_TEST_CASE_TEMPLATE(
    no_executor_is_left_if_the_predicate_of_an_initiation_ends_the_context,
    Threading, policies)
{
  for (const bool answer : {false, true})
  {
    for (const bool is_elsewhere : {false, true})
    {
      auto context = std::make_unique<asio::io_context>();
      asio::io_context elsewhere;
      const auto token = std::make_shared<int>();
      toro::basic_condition<scripted_executor, Threading> changed(
          scripted_executor(shared_context(shared_context(), context.get()),
                            [token](task) {}));
      long left = 0;
      const auto predicate = [&, answer]
      {
        context.reset();
        left = token.use_count() - 1;
        return answer;
      };
      if (is_elsewhere)
        changed.async_wait(
            predicate,
            asio::bind_executor(elsewhere.get_executor(), owner_of()));
      else
        changed.async_wait(predicate, owner_of());
      BOOST_TEST(!context);
      BOOST_TEST(left == 0);
      BOOST_TEST(changed.waiters() == 0u);
    }
  }
}

// A wait that may come back keeps its work on the object's context until that
// ends.
BOOST_AUTO_TEST_CASE(wait_that_may_come_back_outlives_the_context)
{
  asio::io_context elsewhere;
  auto context = std::make_unique<asio::io_context>();
  toro::condition changed(*context);
  bool aborted = false;
  changed.async_wait(
      []
      {
        return false;
      },
      asio::bind_executor(asio::any_io_executor(elsewhere.get_executor()),
                          [&](error_code ec)
                          {
                            aborted = ec == asio::error::operation_aborted;
                          }));
  changed.notify();
  context.reset();
  elsewhere.poll();
  BOOST_TEST(aborted);
}

// Another thread ends the context, and has to wait.

BOOST_AUTO_TEST_CASE(context_ends_after_the_call_that_woke_its_end)
{
  auto context = std::make_unique<asio::io_context>();
  std::atomic<bool> ending = false;
  std::atomic<bool> ended = false;
  asio::thread_pool pool(1);
  asio::io_context elsewhere;
  bool too_early = false;
  const scripted_executor slow(shared_context(shared_context(), &elsewhere),
                               [&](task)
                               {
                                 while (!ending)
                                   std::this_thread::yield();
                                 too_early = soon(
                                     [&]
                                     {
                                       return ended.load();
                                     });
                               });
  toro::event event(*context);
  event.async_wait(
      asio::bind_executor(asio::any_io_executor(pool.get_executor()),
                          [&](error_code)
                          {
                            ending = true;
                            context.reset();
                            ended = true;
                          }));
  event.async_wait(
      asio::bind_executor(asio::any_io_executor(slow), owner_of()));
  event.async_wait(owner_of());
  event.set();
  pool.join();
  BOOST_TEST(ended);
  BOOST_TEST(!too_early);
}

BOOST_AUTO_TEST_CASE(context_ends_after_the_initiation_that_woke_its_end)
{
  auto context = std::make_unique<asio::io_context>();
  std::atomic<bool> ending = false;
  std::atomic<bool> ended = false;
  asio::thread_pool pool(1);
  asio::io_context elsewhere;
  bool too_early = false;
  const scripted_executor slow(shared_context(shared_context(), &elsewhere),
                               [&](task)
                               {
                                 while (!ending)
                                   std::this_thread::yield();
                                 too_early = soon(
                                     [&]
                                     {
                                       return ended.load();
                                     });
                               });
  toro::queue<int> items(*context, 1);
  BOOST_TEST(items.try_put(1));
  items.async_put(
      2, asio::bind_executor(asio::any_io_executor(pool.get_executor()),
                             [&](error_code)
                             {
                               ending = true;
                               context.reset();
                               ended = true;
                             }));
  items.async_get(asio::bind_executor(asio::any_io_executor(slow), owner_of()));
  pool.join();
  BOOST_TEST(ended);
  BOOST_TEST(!too_early);
}

BOOST_AUTO_TEST_CASE(context_waits_for_a_call_that_submits_to_it)
{
  auto context = std::make_unique<asio::io_context>();
  std::atomic<bool> submitting = false;
  std::atomic<bool> ended = false;
  bool too_early = false;
  const scripted_executor slow(shared_context(shared_context(), context.get()),
                               [&](task)
                               {
                                 submitting = true;
                                 too_early = soon(
                                     [&]
                                     {
                                       return ended.load();
                                     });
                               });
  toro::basic_event<scripted_executor> event(slow);
  event.async_wait(owner_of());
  std::thread other(
      [&]
      {
        while (!submitting)
          std::this_thread::yield();
        context.reset();
        ended = true;
      });
  event.set();
  other.join();
  BOOST_TEST(!too_early);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
