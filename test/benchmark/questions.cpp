// SPDX-License-Identifier: BSL-1.0
// One thread uses a queue in a loop, another asks it something ten thousand
// times a second, and both share a processor: how long the second has to wait.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "queues.hpp"
#include "workloads.hpp"

#include <sched.h>

namespace bench {

namespace {

using nanoseconds = std::chrono::nanoseconds;
using stopwatch = std::chrono::steady_clock;

constexpr std::chrono::microseconds pause_between(100);

// Keeps a thread, and those that it starts, to the processor that it is on.
class pinned
{
public:
  pinned()
  {
    sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(static_cast<std::size_t>(sched_getcpu()), &here);
    sched_setaffinity(0, sizeof here, &here);
  }

  pinned(const pinned&) = delete;
  pinned& operator=(const pinned&) = delete;

  ~pinned()
  {
    sched_setaffinity(0, sizeof before_, &before_);
  }

private:
  cpu_set_t before_;
};

// What anybody would write.
class standard_queue
{
public:
  static constexpr contender who = contender::mutex;

  standard_queue(const io_executor&, std::size_t)
  {
  }

  bool try_put(int item)
  {
    const std::lock_guard lock(mutex_);
    items_.push_back(item);
    return true;
  }

  bool try_get()
  {
    const std::lock_guard lock(mutex_);
    if (items_.empty())
      return false;
    items_.pop_front();
    return true;
  }

  bool empty()
  {
    const std::lock_guard lock(mutex_);
    return items_.empty();
  }

private:
  std::mutex mutex_;
  std::deque<int> items_;
};

// Answers as many questions as there are operations; how long each took.
template <class Queue>
std::vector<nanoseconds> answers(trial& t)
{
  const pinned together;
  asio::io_context context;
  Queue queue(context.get_executor(), 100);
  std::vector<nanoseconds> all(t.operations());
  const std::jthread worker(
      [&](const std::stop_token& stop)
      {
        int item = 1;
        while (!stop.stop_requested())
        {
          queue.try_put(item);
          require(static_cast<bool>(queue.try_get()));
        }
      });
  t.measure_wall_time();
  t.start();
  for (nanoseconds& answer : all)
  {
    const auto asked = stopwatch::now();
    (void)queue.empty();
    answer = stopwatch::now() - asked;
    std::this_thread::sleep_for(pause_between);
  }
  t.stop();
  return all;
}

template <class Queue>
void add_queue_of(rows& all)
{
  const auto add = [&](const std::string& variant, procedure run)
  {
    const work what{"W6", variant, {}, unit::nanoseconds, 1, false};
    all.push_back({what, Queue::who, std::move(run)});
  };
  add("one processor, ask and sleep for 100 us",
      [](trial& t)
      {
        answers<Queue>(t);
      });
  add("one processor, the answer that nine of ten are not later than",
      [](trial& t)
      {
        auto times = answers<Queue>(t);
        const auto late =
            times.begin() + static_cast<std::ptrdiff_t>(times.size() * 9 / 10);
        std::ranges::nth_element(times, late);
        t.set_time_per_operation(*late);
      });
}

} // namespace

void add_questions(rows& all)
{
  rows mixed;
  add_queue_of<toro_queue<int, io_executor, toro::thread_safe>>(mixed);
  add_queue_of<
      channel_queue<shared_channel<io_executor, void(error_code, int)>, int>>(
      mixed);
  add_queue_of<standard_queue>(mixed);
  std::ranges::stable_sort(mixed, {},
                           [](const row& r)
                           {
                             return r.what.variant;
                           });
  all.insert(all.end(), mixed.begin(), mixed.end());
}

} // namespace bench
