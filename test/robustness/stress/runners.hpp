// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_ROBUSTNESS_STRESS_RUNNERS_HPP
#define TORO_TEST_ROBUSTNESS_STRESS_RUNNERS_HPP

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <cstddef>
#include <thread>
#include <utility>
#include <vector>

#include "worker_threads.hpp"

namespace toro_test {

// Threads that run a context, beside the one that makes the rounds.
class runners
{
public:
  explicit runners(std::size_t count)
  {
    for (std::size_t i = 0; i < count; ++i)
      threads_.emplace_back(
          [this]
          {
            context.run();
          });
  }

  ~runners()
  {
    work_.reset();
    for (std::thread& t : threads_)
      t.join();
  }

  boost::asio::io_context context;

private:
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
      work_ = boost::asio::make_work_guard(context);
  std::vector<std::thread> threads_;
};

inline constexpr std::size_t thread_counts[] = {1, 3};

// A counter that this thread can wait for.
class pending
{
public:
  void add(std::size_t n = 1)
  {
    count_ += n;
  }

  void remove()
  {
    --count_;
  }

  void wait() const
  {
    while (count_ != 0)
      std::this_thread::yield();
  }

private:
  std::atomic<std::size_t> count_ = 0;
};

// Counts its only call.
class one_call
{
public:
  explicit one_call(pending& all)
    : all_(&all)
  {
    all.add();
  }

  one_call(one_call&& other) noexcept
    : all_(std::exchange(other.all_, nullptr))
  {
  }

  ~one_call()
  {
    expect(!all_, "a handler was not called");
  }

  void operator()(auto&&...)
  {
    expect(all_ != nullptr, "a handler was called twice");
    std::exchange(all_, nullptr)->remove();
  }

private:
  pending* all_;
};

} // namespace toro_test

#endif // TORO_TEST_ROBUSTNESS_STRESS_RUNNERS_HPP
