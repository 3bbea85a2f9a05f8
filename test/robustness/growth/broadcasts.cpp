// SPDX-License-Identifier: BSL-1.0
#include <toro/barrier.hpp>
#include <toro/event.hpp>
#include <toro/joinable_queue.hpp>
#include <toro/latch.hpp>
#include <toro/wait_group.hpp>
#include <toro/watch.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <deque>

#include "row.hpp"

namespace {

namespace asio = boost::asio;
using namespace growth;

// Ends the program when it is given something to run, so that nothing counts
// that comes after.
class last_executor
{
public:
  explicit last_executor(asio::io_context& context) noexcept
    : context_(&context)
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

  last_executor require(asio::execution::blocking_t::never_t) const noexcept
  {
    return *this;
  }

  template <class Function>
  [[noreturn]] void execute(Function&&) const
  {
    std::_Exit(EXIT_SUCCESS);
  }

  friend bool operator==(const last_executor&,
                         const last_executor&) noexcept = default;

private:
  asio::io_context* context_;
};

asio::any_io_executor strand_of(asio::io_context& context)
{
  return asio::make_strand(context);
}

void begin_waits(toro::event& event, std::size_t n)
{
  for (std::size_t i = 0; i != n; ++i)
    event.async_wait(std::chrono::hours(1 + i % 7), ignore);
}

// For a latch or a barrier that expects more.
template <class Object>
void begin_arrivals(Object& object, std::size_t n)
{
  for (std::size_t i = 0; i != n; ++i)
    object.async_arrive(std::chrono::hours(1 + i % 7), ignore);
}

void call_on_a_strand(std::size_t n)
{
  asio::io_context context;
  toro::event event(strand_of(context));
  begin_waits(event, n);
  counted(
      [&]
      {
        event.set();
      });
}

// What another thread would wait for.
void first_piece(const asio::any_io_executor& object_executor,
                 asio::io_context& context, std::size_t n)
{
  toro::event event(object_executor);
  event.async_wait(asio::bind_executor(
      asio::any_io_executor(last_executor(context)), ignore));
  begin_waits(event, n);
  counted(
      [&]
      {
        event.set();
      });
}

void first_piece_on_a_pool(std::size_t n)
{
  asio::io_context context;
  first_piece(context.get_executor(), context, n);
}

void first_piece_on_a_strand(std::size_t n)
{
  asio::io_context context;
  first_piece(strand_of(context), context, n);
}

void whole(const asio::any_io_executor& object_executor,
           asio::io_context& context, std::size_t n)
{
  toro::event event(object_executor);
  begin_waits(event, n);
  counted(
      [&]
      {
        event.set();
        context.poll();
      });
}

void whole_on_a_pool(std::size_t n)
{
  asio::io_context context;
  whole(context.get_executor(), context, n);
}

void whole_on_a_strand(std::size_t n)
{
  asio::io_context context;
  whole(strand_of(context), context, n);
}

void last_arrival_on_a_strand(std::size_t n)
{
  asio::io_context context;
  toro::latch latch(strand_of(context), n + 1);
  begin_arrivals(latch, n);
  counted(
      [&]
      {
        latch.async_arrive(ignore);
      });
}

void last_party_on_a_strand(std::size_t n)
{
  asio::io_context context;
  toro::barrier barrier(strand_of(context), n + 1);
  begin_arrivals(barrier, n);
  counted(
      [&]
      {
        barrier.async_arrive(ignore);
      });
}

void drop_of_the_last_party_on_a_strand(std::size_t n)
{
  asio::io_context context;
  toro::barrier barrier(strand_of(context), n + 1);
  begin_arrivals(barrier, n);
  counted(
      [&]
      {
        barrier.drop();
      });
}

void last_work_on_a_strand(std::size_t n)
{
  asio::io_context context;
  toro::wait_group group(strand_of(context));
  auto work = group.enter();
  for (std::size_t i = 0; i != n; ++i)
    group.async_close(std::chrono::hours(1 + i % 7), ignore);
  counted(
      [&]
      {
        work.reset();
      });
}

void value_for_readers_on_a_strand(std::size_t n)
{
  asio::io_context context;
  toro::watch<int> level(strand_of(context));
  std::deque<toro::reader<int>> readers;
  for (std::size_t i = 0; i != n; ++i)
  {
    readers.push_back(level.read());
    readers.back().async_next(std::chrono::hours(1 + i % 7), ignore);
  }
  counted(
      [&]
      {
        level.set(1);
      });
}

void readers_that_come_and_go(std::size_t n)
{
  asio::io_context context;
  toro::watch<int> level(context);
  std::deque<toro::reader<int>> others;
  for (std::size_t i = 0; i != n; ++i)
  {
    others.push_back(level.read());
    others.back().async_next(ignore);
  }
  counted(
      [&]
      {
        for (std::size_t i = 0; i != n; ++i)
        {
          auto reader = level.read();
          reader.async_next(ignore);
        }
      });
}

void joins_beside_gets(std::size_t n)
{
  asio::io_context context;
  toro::joinable_queue<int> tasks(strand_of(context));
  (void)tasks.try_put(1);
  (void)tasks.try_get();
  for (std::size_t i = 0; i != n; ++i)
    tasks.async_get(std::chrono::hours(1 + i % 7), ignore);
  tasks.async_join(ignore);
  tasks.async_join(ignore);
  counted(
      [&]
      {
        tasks.task_done();
      });
}

const rows of_broadcasts{
    {"event: the call of set() on a strand, with deadlines", once,
     call_on_a_strand},
    {"event: set() on a pool until the first is submitted, with deadlines",
     once, first_piece_on_a_pool},
    {"event: set() on a strand, not all of it shared, until the first is "
     "submitted, with deadlines",
     once, first_piece_on_a_strand},
    {"event: set() on a pool, with deadlines", n_times, whole_on_a_pool},
    {"event: set() on a strand, with deadlines", n_times, whole_on_a_strand},
    {"latch: the last async_arrive() on a strand, with deadlines", once,
     last_arrival_on_a_strand},
    {"barrier: the last async_arrive() on a strand, with deadlines", once,
     last_party_on_a_strand},
    {"barrier: drop() of the last party on a strand, with deadlines", once,
     drop_of_the_last_party_on_a_strand},
    {"wait_group: the end of the last work on a strand, with deadlines", once,
     last_work_on_a_strand},
    {"watch: set() on a strand, with deadlines", once,
     value_for_readers_on_a_strand},
    {"watch: readers come and go beside waiting ones", n_times,
     readers_that_come_and_go},
    {"queue: task_done() for two joins beside gets with deadlines", once,
     joins_beside_gets},
};

} // namespace
