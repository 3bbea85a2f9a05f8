// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_TEST_BENCHMARK_FIBERS_HPP
#define TORO_TEST_BENCHMARK_FIBERS_HPP

#include <cstddef>

#include "row.hpp"

namespace bench {

/// Fibers that take a mutex in turns, each for one switch of fibers.
procedure fibers_with_lock(std::size_t users);

/// Fibers with a channel between them; without a capacity, an unbuffered one.
procedure fibers_with_channel(std::size_t capacity, std::size_t pairs);

/// Add a row for Boost.Fiber, where it was found.
void add_fibers(rows& all, const work& what, procedure run);

} // namespace bench

#endif // TORO_TEST_BENCHMARK_FIBERS_HPP
