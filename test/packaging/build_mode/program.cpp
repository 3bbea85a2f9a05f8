// SPDX-License-Identifier: BSL-1.0
// Uses every primitive in each build mode of Asio's. Callbacks alone, since one
// of the modes has no exceptions, which coroutines need.

#include <toro.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>

#ifdef BOOST_NO_EXCEPTIONS
#include <boost/throw_exception.hpp>

#include <exception>

namespace boost {

void throw_exception(const std::exception& failure)
{
  std::fprintf(stderr, "thrown: %s\n", failure.what());
  std::abort();
}

void throw_exception(const std::exception& failure, const source_location&)
{
  throw_exception(failure);
}

} // namespace boost
#endif

namespace asio = boost::asio;

using boost::system::error_code;

namespace {

int completed = 0;
int failures = 0;

void check(bool good, const char* what)
{
  if (good)
    return;
  std::fprintf(stderr, "failed: %s\n", what);
  ++failures;
}

// A handler that expects a result.
auto expect(error_code result, const char* what)
{
  return [result, what](error_code ec, auto&&...)
  {
    ++completed;
    check(ec == result, what);
  };
}

template <class Threading>
void use_all(asio::io_context& io)
{
  using executor = asio::any_io_executor;
  const error_code ok;
  const error_code aborted = asio::error::operation_aborted;
  const error_code late = asio::error::timed_out;
  const auto now = std::chrono::nanoseconds(0);
  const auto soon = std::chrono::nanoseconds(1);
  const auto never = std::chrono::hours(24);

  toro::basic_event<executor, Threading> event(io);
  event.async_wait(expect(ok, "event"));
  event.async_wait(now, expect(late, "event, late"));
  event.set();
  event.async_wait(expect(ok, "event, set"));

  toro::basic_latch<executor, Threading> latch(io, 4);
  latch.async_wait(expect(ok, "latch, wait"));
  latch.async_arrive(expect(ok, "latch, arrive"));
  latch.async_arrive(now, expect(late, "latch, arrive, late"));
  latch.count_down();
  latch.async_arrive(expect(ok, "latch, last"));
  latch.async_arrive(
      expect(toro::error::task_underflow, "latch, one too many"));
  latch.async_wait(expect(ok, "latch, wait at once"));

  toro::basic_barrier<executor, Threading> barrier(io, 2);
  barrier.async_arrive(now, expect(late, "barrier, late"));
  barrier.async_arrive(expect(ok, "barrier"));
  barrier.async_arrive(expect(ok, "barrier, last"));
  barrier.drop();
  barrier.async_arrive(expect(ok, "barrier, only party"));
  barrier.drop();
  barrier.async_arrive(
      expect(toro::error::task_underflow, "barrier, no party"));

  toro::basic_wait_group<executor, Threading> group(io);
  group.async_wait(expect(ok, "wait_group, empty"));
  auto work = group.enter();
  group.async_wait(expect(ok, "wait_group, wait"));
  group.async_close(now, expect(late, "wait_group, close, late"));
  group.async_close(expect(ok, "wait_group, close"));
  work.reset();
  group.async_close(expect(ok, "wait_group, close at once"));

  toro::basic_watch<int, executor, Threading> level(io);
  auto reader = level.read();
  reader.async_next(now, expect(late, "watch, late"));
  reader.async_next(expect(ok, "watch"));
  reader.async_next(
      [](int value)
      {
        return value == 1;
      },
      never, expect(ok, "watch, predicate"));
  level.set(1);

  toro::basic_broadcast<int, executor, Threading> room(io, 1,
                                                       toro::overflow::wait);
  auto client = room.subscribe();
  client.async_get(now, expect(late, "broadcast, late get"));
  room.async_put(1, expect(ok, "broadcast, put"));
  room.async_put(2, now, expect(late, "broadcast, late put"));
  client.async_get(never, expect(ok, "broadcast, get"));
  room.async_put(3, never, expect(ok, "broadcast, put again"));

  toro::basic_task_group<executor, Threading> children(io);
  const auto joined = [](std::exception_ptr failure)
  {
    ++completed;
    check(!failure, "task_group");
  };
  children.async_join(joined);
  asio::post(io, children.child());
  children.async_join(joined);

  toro::basic_cancellation_source<executor, Threading> source(io);
  toro::basic_event<executor, Threading> never_set(io);
  source.async_wait(expect(ok, "cancellation_source"));
  source.async_wait(now, expect(late, "cancellation_source, late"));
  never_set.async_wait(
      toro::bind_cancellation(source, expect(aborted, "bound")));
  check(source.cancel() == 1, "cancellation_source, cancel()");
  never_set.async_wait(
      toro::bind_cancellation(source.child(), expect(aborted, "bound later")));

  toro::basic_condition<executor, Threading> condition(io);
  bool flag = false;
  condition.async_wait(expect(ok, "condition"));
  condition.async_wait(
      [&flag]
      {
        return flag;
      },
      never, expect(ok, "condition, predicate"));
  flag = true;
  condition.notify_all();

  toro::basic_lock<executor, Threading> lock(io);
  lock.async_acquire(expect(ok, "lock"));
  lock.async_acquire(expect(ok, "lock, second"));

  toro::basic_semaphore<executor, Threading> semaphore(io, 0);
  asio::cancellation_signal signal;
  semaphore.async_acquire(2, asio::bind_cancellation_slot(
                                 signal.slot(), expect(aborted, "semaphore")));
  semaphore.async_wait(expect(ok, "semaphore, wait"));
  signal.emit(asio::cancellation_type::total);
  semaphore.release();
  semaphore.async_wait(expect(ok, "semaphore, wait at once"));

  toro::basic_bounded_semaphore<executor, Threading> bounded(io, 1);
  bounded.async_acquire(expect(ok, "bounded_semaphore"));
  bounded.async_acquire(2, expect(toro::error::impossible, "impossible"));
  error_code ec;
  bounded.release(ec);
  check(ec == toro::error::over_released, "over_released");

  toro::basic_rw_lock<executor, Threading> rw_lock(io);
  rw_lock.async_acquire_read(expect(ok, "rw_lock, read"));
  rw_lock.async_acquire_write(expect(ok, "rw_lock, write"));
  toro::basic_rw_lock<executor, Threading> unlocked(io);
  unlocked.async_acquire_write(expect(ok, "rw_lock, write at once"));

  toro::basic_queue<int, executor, Threading> queue(io, 1);
  queue.async_get(expect(ok, "queue, get"));
  queue.async_put(1, never, expect(ok, "queue, put"));
  queue.async_join(expect(ok, "queue, join"));
  queue.async_get(soon, expect(late, "queue, get, late"));
  queue.task_done();
  queue.async_join(expect(ok, "queue, join at once"));
  queue.async_reserve(expect(ok, "queue, reserve"));

  toro::basic_queue<int, executor, Threading> items(io);
  (void)items.try_put(1);
  items.async_wait(expect(ok, "queue, wait at once"));
  items.async_get_some(2, expect(ok, "queue, get some at once"));
  items.async_wait(never, expect(ok, "queue, wait"));
  items.async_next(expect(ok, "queue, next"));
  (void)items.try_put(1);
  (void)items.try_put(1);
  items.async_next(expect(ok, "queue, next at once"));

  toro::basic_delay_queue<int, executor, Threading> delayed(io);
  delayed.put(1, now);
  delayed.async_get(expect(ok, "delay_queue, at once"));
  delayed.async_get(soon, expect(late, "delay_queue, late"));
  delayed.put(1, never);

  toro::basic_lifo_queue<int, executor, Threading> lifo(io);
  lifo.async_put(1, expect(ok, "lifo_queue"));
  toro::basic_priority_queue<int, std::less<int>, executor, Threading> sorted(
      io);
  sorted.async_put(1, expect(ok, "priority_queue"));

  toro::basic_async_result<int, executor, Threading> result(io);
  result.async_get(expect(ok, "async_result"));
  result.set(1);
  toro::basic_async_result<void, executor, Threading> outcome(io);
  outcome.async_get(expect(late, "async_result, error"));
  outcome.set_error(late);
  outcome.async_get(expect(late, "async_result, error at once"));

  io.restart();
  io.run();
}

} // namespace

// In this thread, before it runs the context.
void block(asio::io_context& io)
{
  boost::system::error_code ec;
  toro::queue<int> items(io, 1);
  items.async_put(1, toro::blocking);
  items.async_put(2, std::chrono::milliseconds(1), toro::blocking(ec));
  check(ec == asio::error::timed_out, "a put blocks until its deadline");
  check(items.async_get(toro::blocking(ec)) == 1 && !ec, "a get blocks");
}

int main()
{
  asio::io_context io(1);
  block(io);
  use_all<toro::thread_safe>(io);
  use_all<toro::strand_bound>(io);
  {
    toro::event orphaned(asio::make_strand(io));
    orphaned.async_wait(
        expect(asio::error::operation_aborted, "destroyed with its primitive"));
  }
  io.restart();
  io.run();
  check(completed == 2 * 63 + 1, "the number of completions");
  std::printf("%d completions, %d failures\n", completed, failures);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
