// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_ROBUSTNESS_STRESS_FIXTURE_HPP
#define TORO_TEST_ROBUSTNESS_STRESS_FIXTURE_HPP

#include <toro/condition.hpp>
#include <toro/event.hpp>
#include <toro/lock.hpp>
#include <toro/queue.hpp>
#include <toro/semaphore.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <cstddef>
#include <utility>

#include "worker_threads.hpp"

namespace toro_test {

// How many handlers were made, called, and destroyed.
struct handler_counts
{
  std::atomic<std::size_t> made = 0;
  std::atomic<std::size_t> called = 0;
  std::atomic<std::size_t> destroyed = 0;
};

// A handler of anything, which is called at most once and destroyed once.
class counted_handler
{
public:
  explicit counted_handler(handler_counts& counts)
    : counts_(&counts)
  {
    ++counts.made;
  }

  counted_handler(counted_handler&& other) noexcept
    : counts_(std::exchange(other.counts_, nullptr))
  {
  }

  ~counted_handler()
  {
    if (counts_)
      ++counts_->destroyed;
  }

  // Guards among the values are given back here.
  void operator()(error_code ec, auto&&...)
  {
    expect(!ec || ec == boost::asio::error::operation_aborted ||
               ec == boost::asio::error::timed_out,
           "the operation ended in another way");
    ++counts_->called;
  }

private:
  handler_counts* counts_;
};

// One of each, with operations under way. A strand for each handler.
class fixture
{
public:
  explicit fixture(boost::asio::io_context& context)
    : queue_(context, 1),
      lock_(context),
      permits_(context, 0),
      event_(context),
      condition_(context),
      hold_(lock_.try_acquire())
  {
  }

  fixture(fixture&&) = default;
  fixture& operator=(fixture&&) = default;

  template <class MakeExecutor>
  void start(worker& self, handler_counts& counts, MakeExecutor make_executor)
  {
    for (std::size_t n = 3; n > 0; --n)
    {
      const auto handler = [&]
      {
        return boost::asio::bind_executor(
            boost::asio::any_io_executor(make_executor()),
            counted_handler(counts));
      };
      const auto limit = [&]
      {
        return self.one_in(2) ? toro::deadline()
                              : toro::deadline(self.moment());
      };
      queue_.async_get(limit(), handler());
      queue_.async_put(1, limit(), handler());
      queue_.async_join(limit(), handler());
      lock_.async_acquire(limit(), handler());
      permits_.async_acquire(n, limit(), handler());
      event_.async_wait(limit(), handler());
      condition_.async_wait(limit(), handler());
      condition_.async_wait(
          []
          {
            return false;
          },
          limit(), handler());
    }
  }

  // What is granted is on its way when this returns.
  void grant()
  {
    event_.set();
    condition_.notify(2);
    permits_.release(3);
    hold_.reset();
    static_cast<void>(queue_.try_put(1));
    static_cast<void>(queue_.try_get());
  }

private:
  toro::queue<int> queue_;
  toro::lock lock_;
  toro::semaphore permits_;
  toro::event event_;
  toro::condition condition_;
  toro::guard hold_;
};

} // namespace toro_test

#endif // TORO_TEST_ROBUSTNESS_STRESS_FIXTURE_HPP
