// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_TEST_BENCHMARK_CALLGRIND_HPP
#define TORO_TEST_BENCHMARK_CALLGRIND_HPP

#include "row.hpp"

namespace bench {

/// Count the instructions of an operation, or those beyond the row's base.
/**
 * Runs this program twice under Valgrind, the second time with twice as many
 * operations: the difference is free of what it takes to set up.
 */
double instructions_per_operation(const row& what);

} // namespace bench

#endif // TORO_TEST_BENCHMARK_CALLGRIND_HPP
