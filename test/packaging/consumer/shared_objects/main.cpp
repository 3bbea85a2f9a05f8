#include <toro/delay_queue.hpp>
#include <toro/lock.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <utility>

#include "module.hpp"

namespace asio = boost::asio;

namespace {

// Posts to an io_context, or throws.
class throwing_executor
{
public:
  throwing_executor(asio::io_context& context, bool& throws) noexcept
    : context_(&context),
      throws_(&throws)
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

  throwing_executor require(asio::execution::blocking_t::never_t) const noexcept
  {
    return *this;
  }

  template <class Function>
  void execute(Function&& function) const
  {
    if (*throws_)
      throw std::runtime_error("no");
    asio::post(*context_, std::forward<Function>(function));
  }

  friend bool operator==(const throwing_executor& a,
                         const throwing_executor& b) noexcept
  {
    return a.context_ == b.context_ && a.throws_ == b.throws_;
  }

private:
  asio::io_context* context_;
  bool* throws_;
};

int failures = 0;

void check(bool good, const std::string& what)
{
  if (good)
    return;
  std::cout << "failed: " << what << '\n';
  ++failures;
}

// One module waits, and the other one gives back to an executor that throws.
void check_refusal(void (&start)(toro::lock&, int&, int&),
                   void (&reset)(toro::guard&), const std::string& what)
{
  asio::io_context io;
  bool throws = false;
  toro::lock lock(throwing_executor(io, throws));
  int called = 0;
  int ended = 0;
  toro::guard held = lock.try_acquire();
  start(lock, called, ended);
  throws = true;
  reset(held);
  check(ended == 0, what + ": a refused handler was destroyed");
  throws = false;
  static_cast<void>(lock.try_acquire());
  io.run();
  check(called == 1, what + ": the handler was not called once");
}

// The key of one module's queue names nothing in that of the other.
void check_keys()
{
  asio::io_context io;
  toro::delay_queue<int> first = host::make_queue(io.get_executor());
  toro::delay_queue<int> second = plugin::make_queue(io.get_executor());
  const std::chrono::steady_clock::time_point due;
  const toro::delay_key key = first.put(1, due);
  const toro::delay_key other_key = second.put(2, due);
  check(!(key == other_key), "two items have the same key");
  check(!second.erase(key), "a key names an item of another queue");
  check(first.erase(key), "a key does not name its item");
}

} // namespace

int main()
{
  check_keys();
  check_refusal(host::start_acquire, host::reset, "host, host");
  check_refusal(plugin::start_acquire, host::reset, "plugin, host");
  check_refusal(host::start_acquire, plugin::reset, "host, plugin");

  asio::io_context io;
  const unique_things here = host::list_unique_things(io);
  for (const auto& [name, address] : plugin::list_unique_things(io))
    check(here.at(name) == address, "two of them: " + name);
  if (failures)
    return EXIT_FAILURE;
  std::cout << "ok\n";
}
