// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_SRC_HPP
#define TORO_SRC_HPP

// If TORO_SEPARATE_COMPILATION is defined for all files of a program, they do
// not compile the functions of the primitives that depend neither on a handler
// nor on a type of items. One file of the program includes this header, which
// compiles them, and so does one file of each shared library. Without the
// definition, this header does nothing.
//
// These functions use types of Asio. Therefore a program compiles them as it
// has configured Asio, and the compiled library does not contain them.

#include <toro.hpp>

#if defined(TORO_SEPARATE_COMPILATION)

namespace toro::detail {

TORO_DETAIL_SHARED_INSTANCES()

TORO_DETAIL_CORE_INSTANCES(, barrier_state)
TORO_DETAIL_CORE_INSTANCES(, condition_state)
TORO_DETAIL_CORE_INSTANCES(, event_state)
TORO_DETAIL_CORE_INSTANCES(, latch_state)
TORO_DETAIL_CORE_INSTANCES(, result_state<void>)
TORO_DETAIL_CORE_INSTANCES(, rw_lock_state)
TORO_DETAIL_CORE_INSTANCES(, semaphore_state)
TORO_DETAIL_CORE_INSTANCES(, task_group_core_state)
TORO_DETAIL_CORE_INSTANCES(, wait_group_state)

} // namespace toro::detail

#endif // TORO_SEPARATE_COMPILATION

#endif // TORO_SRC_HPP
