// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TESTING_FOR_EACH_FAILURE_HPP
#define TORO_TESTING_FOR_EACH_FAILURE_HPP

#include <toro/testing/exploration.hpp>
#include <toro/testing/explore.hpp>
#include <toro/testing/failure.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace toro::testing {

/// What for_each_failure() tries.
struct TORO_DETAIL_VISIBLE failure_options
{
  /// How many calls at most.
  std::size_t calls = 100'000;

  /// Whether a run may end stuck.
  bool allow_stuck = false;
};

/// Run a test with each call of the executor and the allocator failing once.
/**
 * In the first run the first call fails, in the second run the second one, and
 * so on, until no call is left to fail; see simulation::fail_call(). The test
 * fails as that of explore() does, except that injected_failure may leave it.
 * So if a test examines the state after a failed call, it catches that
 * exception and goes on. If this library could not post a completion, the next
 * call of the object posts it. Asio's coroutines end the program
 * (@c std::terminate) if the executor fails at some places.
 *
 * @param test The function to call, with a @c simulation&. Returns nothing, or
 * whether it succeeded.
 *
 * @param options The bound, and whether a run may end stuck.
 *
 * @returns How many calls were made to fail.
 *
 * @throws exploration_failed if the test fails.
 * @throws exploration_incomplete if there are more calls.
 *
 * @par Example
 * For example:
 * @code
 * toro::testing::for_each_failure(
 *     [](toro::testing::simulation& simulation)
 *     {
 *       int under_way = 0;
 *       try
 *       {
 *         boost::asio::post(simulation, [&] { --under_way; });
 *         ++under_way;
 *       }
 *       catch (const toro::testing::injected_failure&)
 *       {
 *       }
 *       simulation.run();
 *       return under_way == 0;
 *     });
 * @endcode
 */
template <detail::test_function Test>
std::size_t for_each_failure(Test&& test, failure_options options = {})
{
  for (std::size_t n = 1; n <= options.calls; ++n)
  {
    const auto run = [&](detail::trial& one)
    {
      one.explain_stuck();
      one.context().fail_call(n);
      return one.run(test, options.allow_stuck);
    };
    detail::trial current{detail::schedule()};
    const detail::verdict found = run(current);
    if (found.has_failed && !found.is_injected)
    {
      detail::trial again{detail::schedule()};
      const detail::verdict replayed = run(again);
      detail::throw_failed(
          "for_each_failure: with call " + std::to_string(n) + " failing",
          found, replayed, current.same_decisions(again),
          "toro::testing::simulation simulation; simulation.fail_call(" +
              std::to_string(n) + ");");
    }
    if (!current.context().has_failed())
      return n - 1;
  }
  throw exploration_incomplete(
      "toro::testing::for_each_failure: " + std::to_string(options.calls) +
      " calls may fail, but there are more");
}

} // namespace toro::testing

#endif // TORO_TESTING_FOR_EACH_FAILURE_HPP
