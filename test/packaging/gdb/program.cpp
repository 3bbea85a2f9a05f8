// SPDX-License-Identifier: BSL-1.0
// Primitives in many states, for printers.py to look at. Prints each one's name
// and what it should show.
#include <toro.hpp>

#include <boost/asio/append.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <iostream>
#include <optional>
#include <utility>

namespace asio = boost::asio;

#define TORO_TEST_SHOW(x) std::cout << #x << ' ' << (x) << std::endl

// Where the debugger stops, to look at the caller.
[[gnu::noinline]] void show_in_debugger()
{
  asm volatile("");
}

namespace {

void show_locks(asio::io_context& context)
{
  toro::lock free(context);
  toro::lock held(context);
  toro::rw_lock read(context);
  toro::rw_lock written(context);
  toro::lock moved_from(context);
  const toro::lock moved_to(std::move(moved_from));
  auto guard = held.try_acquire();
  auto reading = read.try_acquire_read();
  auto writing = written.try_acquire_write();
  held.async_acquire(std::chrono::hours(1), asio::detached);
  held.async_acquire(asio::detached);
  read.async_acquire_write(asio::detached);
  written.async_acquire_read(asio::detached);
  TORO_TEST_SHOW(free);
  TORO_TEST_SHOW(held);
  TORO_TEST_SHOW(read);
  TORO_TEST_SHOW(written);
  TORO_TEST_SHOW(moved_to);
  show_in_debugger();
}

void show_permits(asio::io_context& context)
{
  toro::semaphore open(context, 3);
  toro::semaphore wanted(context, 3);
  toro::bounded_semaphore bounded(context, 4);
  toro::basic_semaphore<asio::io_context::executor_type, toro::strand_bound>
      strand_bound(context, 2);
  const auto permit = bounded.try_acquire(3);
  bounded.close();
  wanted.async_acquire(5, asio::detached);
  wanted.async_acquire_some(2, 4, asio::detached);
  wanted.async_wait(asio::detached);
  TORO_TEST_SHOW(open);
  TORO_TEST_SHOW(wanted);
  TORO_TEST_SHOW(bounded);
  TORO_TEST_SHOW(strand_bound);
  show_in_debugger();
}

struct weigh_ten
{
  int operator()(int) const
  {
    return 10;
  }
};

void show_queues(asio::io_context& context)
{
  toro::queue<int> full(context, 1);
  toro::lifo_queue<int> asked(context);
  toro::priority_queue<int> closed(context, 5);
  toro::queue<int> reserved(context, 1);
  toro::weighted_queue<int, weigh_ten> heavy(context, 30);
  const auto room = reserved.try_reserve();
  reserved.async_reserve(asio::detached);
  reserved.async_put(1, asio::detached);
  static_cast<void>(heavy.try_put(1));
  static_cast<void>(heavy.try_put(2));
  static_cast<void>(heavy.try_put(3));
  heavy.async_put(4, asio::detached);
  heavy.async_reserve(7, asio::detached);
  static_cast<void>(full.try_put(1));
  full.async_put(2, asio::detached);
  full.async_join(asio::detached);
  asked.async_get(asio::detached);
  asked.async_get_some(2, asio::detached);
  asked.async_next(asio::detached);
  asked.async_wait(asio::detached);
  static_cast<void>(closed.try_put(1));
  static_cast<void>(closed.try_put(2));
  closed.close();
  toro::delay_queue<int> later(context);
  toro::delay_queue<int> over(context);
  later.put(1, toro::deadline());
  later.async_get(asio::detached);
  over.close();
  TORO_TEST_SHOW(later);
  TORO_TEST_SHOW(over);
  TORO_TEST_SHOW(full);
  TORO_TEST_SHOW(asked);
  TORO_TEST_SHOW(closed);
  TORO_TEST_SHOW(reserved);
  TORO_TEST_SHOW(heavy);
  show_in_debugger();
}

void show_signals(asio::io_context& context)
{
  toro::event clear(context);
  toro::event set(context);
  toro::latch started(context, 3);
  toro::latch over(context, 0);
  toro::barrier step(context, 2);
  toro::wait_group idle(context);
  toro::wait_group busy(context);
  toro::watch<int> level(context);
  toro::watch<int> last(context);
  toro::condition waited_for(context);
  toro::async_result<int> unset(context);
  toro::async_result<int> ready(context);
  toro::async_result<void> failed(context);
  toro::broadcast<int> chat(context, 1, toro::overflow::wait);
  std::optional slow(chat.subscribe());
  std::optional fast(chat.subscribe());
  static_cast<void>(chat.try_put(1));
  static_cast<void>(fast->try_get());
  fast->async_get(asio::detached);
  fast->async_get(asio::detached);
  chat.async_put(2, asio::detached);
  auto reader = level.read();
  reader.async_next(asio::detached);
  last.set(1);
  last.close();
  clear.async_wait(asio::detached);
  set.set();
  started.async_arrive(asio::detached);
  started.async_wait(asio::detached);
  for (int i = 0; i != 3; ++i)
    step.async_arrive(asio::detached);
  const auto entered = busy.enter();
  busy.enter().detach();
  busy.async_wait(asio::detached);
  busy.async_close(asio::detached);
  waited_for.async_wait(asio::detached);
  unset.async_get(asio::detached);
  ready.set(1);
  failed.set_error(asio::error::eof);
  TORO_TEST_SHOW(clear);
  TORO_TEST_SHOW(set);
  TORO_TEST_SHOW(started);
  TORO_TEST_SHOW(over);
  TORO_TEST_SHOW(step);
  TORO_TEST_SHOW(idle);
  TORO_TEST_SHOW(busy);
  TORO_TEST_SHOW(chat);
  TORO_TEST_SHOW(level);
  TORO_TEST_SHOW(last);
  TORO_TEST_SHOW(waited_for);
  TORO_TEST_SHOW(unset);
  TORO_TEST_SHOW(ready);
  TORO_TEST_SHOW(failed);
  show_in_debugger();
}

void show_groups(asio::io_context& context)
{
  toro::event never(context);
  toro::cancellation_source active(context);
  toro::cancellation_source cancelled(context);
  toro::cancellation_source source_moved_from(context);
  const toro::cancellation_source source_moved_to(std::move(source_moved_from));
  toro::task_group empty(context);
  toro::task_group limited(context, {.limit = 1});
  toro::task_group stopped(context);
  toro::task_group failed_group(
      context, {.on_failure = toro::failure_policy::keep_going});
  active.async_wait(asio::detached);
  cancelled.cancel();
  never.async_wait(limited.child());
  limited.async_spawn(
      []() -> asio::awaitable<void>
      {
        co_return;
      },
      asio::detached);
  limited.async_join(asio::detached);
  never.async_wait(stopped.child());
  stopped.close();
  stopped.cancel();
  asio::post(context,
             asio::append(failed_group.child(),
                          boost::system::error_code(asio::error::eof)));
  context.poll();
  TORO_TEST_SHOW(never);
  TORO_TEST_SHOW(active);
  TORO_TEST_SHOW(cancelled);
  TORO_TEST_SHOW(source_moved_to);
  TORO_TEST_SHOW(empty);
  TORO_TEST_SHOW(limited);
  TORO_TEST_SHOW(stopped);
  TORO_TEST_SHOW(failed_group);
  show_in_debugger();
}

void show_names(asio::io_context& context)
{
  toro::lock accounts(context);
  accounts.set_name("the accounts");
  TORO_TEST_SHOW(accounts);
  show_in_debugger();
}

} // namespace

int main()
{
  asio::io_context context;
  show_locks(context);
  show_permits(context);
  show_queues(context);
  show_signals(context);
  show_groups(context);
  show_names(context);
}
