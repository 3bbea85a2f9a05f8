// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TESTING_FAILURE_HPP
#define TORO_TESTING_FAILURE_HPP

#include <toro/detail/config.hpp>

#include <new>
#include <stdexcept>

namespace toro::testing {

/// The exception of a run that ends while operations wait for nothing.
/**
 * @c what() says which operations wait, on which objects, and for how long.
 *
 * @sa simulation::run_to_completion
 */
class TORO_DETAIL_VISIBLE stuck_error : public std::runtime_error
{
public:
  using std::runtime_error::runtime_error;
};

/// The exception of a call that a test makes fail.
/**
 * @sa simulation::fail_call, for_each_failure
 */
class TORO_DETAIL_VISIBLE injected_failure : public std::bad_alloc
{
public:
  /// Describes the exception.
  /**
   * @returns The description.
   */
  const char* what() const noexcept override
  {
    return "a failure injected by toro::testing";
  }
};

} // namespace toro::testing

#endif // TORO_TESTING_FAILURE_HPP
