// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TESTING_EXPLORE_HPP
#define TORO_TESTING_EXPLORE_HPP

#include <toro/testing/exploration.hpp>
#include <toro/testing/schedule.hpp>
#include <toro/testing/simulation.hpp>

#include <concepts>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

namespace toro::testing {

namespace detail {

// A function that is called with a simulation, and tells by an exception or by
// false that it failed.
template <class Test>
concept test_function = std::invocable<Test&, simulation&> &&
    (std::is_void_v<std::invoke_result_t<Test&, simulation&>> ||
     std::convertible_to<std::invoke_result_t<Test&, simulation&>, bool>);

// One run of a test, with a simulation of its own.
class trial
{
public:
  explicit trial(schedule rule)
    : simulation_(std::move(rule))
  {
  }

  simulation& context() noexcept
  {
    return simulation_;
  }

  const schedule& decisions() const noexcept
  {
    return simulation_.engine_->decisions();
  }

  bool same_decisions(const trial& other) const noexcept
  {
    return decisions().fingerprint() == other.decisions().fingerprint();
  }

  // Shows who waits, if the test ends stuck. That takes time.
  void explain_stuck() noexcept
  {
    simulation_.keeps_stuck_text_ = true;
  }

  template <test_function Test>
  verdict run(Test& test, bool allow_stuck)
  {
    verdict result;
    try
    {
      if constexpr (std::is_void_v<std::invoke_result_t<Test&, simulation&>>)
        test(simulation_);
      else if (!test(simulation_))
        result.fail("the test returned false");
      if (!result.has_failed)
        examine(result, allow_stuck);
    }
    catch (...)
    {
      result.fail_by_exception();
    }
    return result;
  }

private:
  void examine(verdict& result, bool allow_stuck) const
  {
    const engine& ran = *simulation_.engine_;
    if (ran.ended_stuck() && !allow_stuck)
      result.fail("stuck: " + simulation_.last_stuck_text_);
    else if (!ran.was_run() && ran.has_ready())
      result.fail("the test did not run the simulation");
    else if (!ran.decisions().is_replayed())
      result.fail("the replay differs: it ended early");
  }

  simulation simulation_;
};

} // namespace detail

/// Run a test with many seeds.
/**
 * Each call of the test gets a new simulation, runs it, and fails by an
 * exception, by returning false, or by a run that ends stuck. An exception of a
 * coroutine is one of the test only if the completion handler of @c co_spawn
 * rethrows it: @c detached drops it. The first failure ends the exploration.
 * The test is then run once more, to see whether the seed replays the failure.
 *
 * @param test The function to call, with a @c simulation&. Returns nothing, or
 * whether it succeeded.
 *
 * @param options Which seeds, and whether a run may end stuck.
 *
 * @returns How many seeds were tried.
 *
 * @throws exploration_failed if the test fails.
 *
 * @par Example
 * For example:
 * @code
 * toro::testing::explore(
 *     [](toro::testing::simulation& simulation)
 *     {
 *       toro::queue<int> queue(simulation);
 *       int got = 0;
 *       queue.async_get(
 *           [&](boost::system::error_code, std::optional<int> item)
 *           {
 *             got = item.value_or(0);
 *           });
 *       boost::asio::post(simulation, [&] { (void)queue.try_put(7); });
 *       simulation.run();
 *       return got == 7;
 *     });
 * @endcode
 */
template <detail::test_function Test>
std::uint64_t explore(Test&& test, explore_options options = {})
{
  for (std::uint64_t i = 0; i != options.seeds; ++i)
  {
    const std::uint64_t seed = options.first_seed + i;
    detail::trial first{detail::schedule(seed)};
    const detail::verdict found = first.run(test, options.allow_stuck);
    if (!found.has_failed)
      continue;
    detail::trial again{detail::schedule(seed)};
    again.explain_stuck();
    const detail::verdict replayed = again.run(test, options.allow_stuck);
    detail::throw_failed(
        "explore: seed " + std::to_string(seed) + " fails, after " +
            std::to_string(i) + " that do not",
        found, replayed, first.same_decisions(again),
        "toro::testing::simulation simulation(" + std::to_string(seed) + ");");
  }
  return options.seeds;
}

/// Run a test with a number of seeds.
/**
 * @param seeds How many seeds.
 *
 * @param test The function to call.
 *
 * @returns How many seeds were tried.
 *
 * @throws exploration_failed if the test fails.
 */
template <detail::test_function Test>
std::uint64_t explore(std::uint64_t seeds, Test&& test)
{
  return testing::explore(test, {.seeds = seeds});
}

/// Run a test with every order of ready handlers.
/**
 * Depth first: each run replays the decisions of the one before it up to a
 * point, and decides otherwise there. Fails as explore() does.
 *
 * @param test The function to call, with a @c simulation&. Must do the same in
 * each run, except for the order of handlers.
 *
 * @param options The bounds, and what is no failure.
 *
 * @returns How many schedules there are.
 *
 * @throws exploration_failed if the test fails, or if a replay differs.
 * @throws exploration_incomplete if a bound is reached, unless that is allowed.
 *
 * @par Complexity
 * Exponential: @e n handlers that are ready together have @e n! orders.
 */
template <detail::test_function Test>
exploration explore_all(Test&& test, explore_all_options options = {})
{
  exploration done;
  choices path;
  do
  {
    if (done.schedules == options.schedules)
    {
      done.is_complete = false;
      break;
    }
    detail::trial current{detail::schedule(std::move(path), options.handlers)};
    const detail::verdict found = current.run(test, options.allow_stuck);
    path = current.decisions().made();
    ++done.schedules;
    if (found.has_failed)
    {
      detail::trial again{detail::schedule(path, 0)};
      again.explain_stuck();
      const detail::verdict replayed = again.run(test, options.allow_stuck);
      detail::throw_failed("explore_all: schedule " +
                               std::to_string(done.schedules) + " fails",
                           found, replayed, current.same_decisions(again),
                           "toro::testing::simulation simulation("
                           "toro::testing::choices" +
                               detail::to_text(path) + ");");
    }
    if (current.decisions().is_bounded())
      done.is_complete = false;
  } while (detail::advance(path));
  if (!done.is_complete && !options.allow_incomplete)
    throw exploration_incomplete(detail::incomplete_text(done, options, path));
  return done;
}

} // namespace toro::testing

#endif // TORO_TESTING_EXPLORE_HPP
