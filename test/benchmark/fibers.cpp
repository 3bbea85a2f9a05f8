// SPDX-License-Identifier: BSL-1.0

#include "fibers.hpp"

#include <utility>

#ifdef TORO_BENCHMARK_FIBERS
#include <boost/fiber/buffered_channel.hpp>
#include <boost/fiber/fiber.hpp>
#include <boost/fiber/mutex.hpp>
#include <boost/fiber/operations.hpp>
#include <boost/fiber/unbuffered_channel.hpp>

#include <mutex>
#include <vector>
#endif

namespace bench {

#ifdef TORO_BENCHMARK_FIBERS

namespace {

namespace fibers = boost::fibers;

using worker_fibers = std::vector<fibers::fiber>;

template <class Work>
void start_fibers(worker_fibers& all, std::size_t count, Work work)
{
  for (std::size_t i = 0; i != count; ++i)
    all.emplace_back(work);
}

void join(worker_fibers& all)
{
  for (fibers::fiber& one : all)
    one.join();
}

template <class Channel>
void pass_items(trial& t, Channel& channel, std::size_t pairs)
{
  worker_fibers all;
  t.begin(100);
  start_fibers(all, pairs,
               [&]
               {
                 while (channel.push(1) == fibers::channel_op_status::success)
                 {
                 }
               });
  start_fibers(all, pairs,
               [&]
               {
                 int item = 0;
                 while (channel.pop(item) == fibers::channel_op_status::success)
                   if (!t.again())
                     channel.close();
               });
  join(all);
}

} // namespace

procedure fibers_with_lock(std::size_t users)
{
  return [=](trial& t)
  {
    fibers::mutex mutex;
    worker_fibers all;
    t.begin(100 + 4 * users);
    start_fibers(all, users,
                 [&]
                 {
                   do
                   {
                     const std::lock_guard hold(mutex);
                     if (users > 1)
                       boost::this_fiber::yield();
                   } while (t.again());
                 });
    join(all);
  };
}

procedure fibers_with_channel(std::size_t capacity, std::size_t pairs)
{
  return [=](trial& t)
  {
    if (capacity == 0)
    {
      fibers::unbuffered_channel<int> channel;
      pass_items(t, channel, pairs);
    }
    else
    {
      fibers::buffered_channel<int> channel(capacity);
      pass_items(t, channel, pairs);
    }
  };
}

void add_fibers(rows& all, const work& what, procedure run)
{
  all.push_back({what, contender::fiber, std::move(run)});
}

#else

procedure fibers_with_lock(std::size_t)
{
  return nullptr;
}

procedure fibers_with_channel(std::size_t, std::size_t)
{
  return nullptr;
}

void add_fibers(rows&, const work&, procedure)
{
}

#endif

} // namespace bench
