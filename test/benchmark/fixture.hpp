// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_TEST_BENCHMARK_FIXTURE_HPP
#define TORO_TEST_BENCHMARK_FIXTURE_HPP

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include <optional>

#include "trial.hpp"

namespace bench {

namespace asio = boost::asio;
using boost::system::error_code;

using io_executor = asio::io_context::executor_type;
using any_executor = asio::any_io_executor;

/// The loop that a workload runs on, and the trial that it is for.
class fixture
{
public:
  explicit fixture(trial& t)
    : trial_(t)
  {
  }

  /// Begin to count laps, and run until they are done.
  void run(std::size_t warm_up)
  {
    trial_.begin(warm_up);
    context.run();
  }

  /// Count a lap; tells whether to go on, and ends run() when the work is done.
  bool again()
  {
    if (trial_.again())
      return true;
    context.stop();
    return false;
  }

  /// Make posts as dear as in programs with sockets or timers.
  void add_reactor()
  {
    // Its mere existence makes the loop look at the reactor.
    reactor_.emplace(context);
  }

  asio::io_context context;

private:
  trial& trial_;
  std::optional<asio::steady_timer> reactor_;
};

} // namespace bench

#endif // TORO_TEST_BENCHMARK_FIXTURE_HPP
