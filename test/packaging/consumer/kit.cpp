// SPDX-License-Identifier: BSL-1.0
#include <toro/event.hpp>
#include <toro/testing/explore.hpp>
#include <toro/testing/for_each_failure.hpp>
#include <toro/testing/manual_clock.hpp>
#include <toro/testing/pipe.hpp>
#include <toro/testing/simulation.hpp>
#include <toro/testing/timer.hpp>

#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstdio>

// A deadline and a set at one instant: either may be first.
int main()
{
  int in_time = 0;
  const auto test = [&](toro::testing::simulation& simulation)
  {
    toro::event event(simulation);
    event.async_wait(std::chrono::hours(1),
                     [&](boost::system::error_code ec)
                     {
                       in_time += !ec;
                     });
    toro::testing::timer timer(simulation, std::chrono::hours(1));
    timer.async_wait(
        [&](boost::system::error_code)
        {
          event.set();
        });
    simulation.run_to_completion();
  };
  const auto done = toro::testing::explore_all(test);
  if (!done.is_complete || in_time == 0 ||
      in_time == static_cast<int>(done.schedules))
    return 1;
  std::puts("ok");
}
