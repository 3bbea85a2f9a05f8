// SPDX-License-Identifier: BSL-1.0
// The headers of the test kit, for the warnings of the compiler.

#include <toro/testing/explore.hpp>
#include <toro/testing/for_each_failure.hpp>
#include <toro/testing/manual_clock.hpp>
#include <toro/testing/pipe.hpp>
#include <toro/testing/simulation.hpp>
#include <toro/testing/timer.hpp>

int main()
{
  toro::testing::simulation context;
  auto ends = toro::testing::pipe(context);
  toro::testing::timer timer(context);
  timer.async_wait([](auto) {});
  return context.run() == 1 ? 0 : 1;
}
