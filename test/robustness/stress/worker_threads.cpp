// SPDX-License-Identifier: BSL-1.0
#include "worker_threads.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <thread>

namespace toro_test {

namespace {

namespace asio = boost::asio;

std::atomic<const char*> first_failure = nullptr;
std::atomic<std::size_t> races = 0;

// Says in the end how much was tried.
struct summary
{
  ~summary()
  {
    announce(std::to_string(races) + " operations raced with what ends them");
  }
};

} // namespace

BOOST_TEST_GLOBAL_FIXTURE(summary);

std::size_t rounds(std::size_t base)
{
  const char* const factor = std::getenv("TORO_STRESS_ROUNDS");
  if (factor == nullptr)
    return base;
  return base * std::max(std::strtoul(factor, nullptr, 10), 1ul);
}

void expect(bool holds, const char* what) noexcept
{
  if (!holds)
    first_failure = what;
}

void count_race() noexcept
{
  races.fetch_add(1, std::memory_order_relaxed);
}

void report_failures()
{
  const char* const failure = first_failure.exchange(nullptr);
  BOOST_TEST(failure == nullptr, (failure ? failure : ""));
}

void announce(const std::string& text)
{
  BOOST_TEST_MESSAGE(text);
  std::cout << text << std::endl;
}

worker_threads::worker_threads(shape form)
  : threads_(form.threads)
{
  for (std::size_t n = form.contexts; n > 0; --n)
    contexts_.push_back(std::make_unique<asio::io_context>());
  for (const auto& context : contexts_)
    work_.emplace_back(context->get_executor());
}

worker_threads::~worker_threads() = default;

void worker_threads::add(std::function<asio::awaitable<void>(worker&)> body)
{
  const std::size_t number = workers_.size();
  worker& w = workers_.emplace_back(
      asio::make_strand(context(number).get_executor()), number);
  ++busy_;
  asio::co_spawn(
      w.strand(),
      [body = std::move(body), &w]() -> asio::awaitable<void>
      {
        co_await body(w);
      },
      [this](std::exception_ptr failure)
      {
        expect(!failure, "a worker threw");
        finish_one();
      });
}

void worker_threads::add(
    std::size_t count,
    const std::function<asio::awaitable<void>(worker&)>& body)
{
  for (; count > 0; --count)
    add(body);
}

void worker_threads::finish_one()
{
  if (--busy_ != 0)
    return;
  for (work& w : work_)
    w.reset();
}

void worker_threads::run()
{
  std::vector<std::thread> threads;
  for (const auto& context : contexts_)
  {
    for (std::size_t n = threads_; n > 0; --n)
    {
      threads.emplace_back(
          [&context]
          {
            context->run();
          });
    }
  }
  finish_one();
  for (std::thread& t : threads)
    t.join();
  report_failures();
}

asio::awaitable<bool> is_first(worker& self, asio::awaitable<void> op)
{
  using asio::experimental::awaitable_operators::operator||;
  asio::steady_timer timer(self.strand(), self.moment());
  const auto winner =
      co_await (std::move(op) || timer.async_wait(asio::use_awaitable));
  co_return winner.index() == 0;
}

context_threads::context_threads(asio::io_context& context)
  : work_(context.get_executor())
{
  for (std::size_t n = 2; n > 0; --n)
  {
    threads_.emplace_back(
        [&context]
        {
          context.run();
        });
  }
}

void context_threads::join()
{
  work_.reset();
  for (std::thread& t : threads_)
    t.join();
}

} // namespace toro_test
