// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_ROBUSTNESS_FAULT_INJECTION_BLOCKS_HPP
#define TORO_TEST_ROBUSTNESS_FAULT_INJECTION_BLOCKS_HPP

#include <atomic>
#include <cstddef>

namespace toro_test {

// How many blocks of memory of any operator new there are in the program.
inline constinit std::atomic<std::size_t> live_blocks = 0;

} // namespace toro_test

#endif // TORO_TEST_ROBUSTNESS_FAULT_INJECTION_BLOCKS_HPP
