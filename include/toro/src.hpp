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

#define TORO_DETAIL_COMPILE_CORE(State)                                        \
  template class core<State, thread_safe>;                                     \
  template class core<State, strand_bound>;

namespace toro::detail {

template class core_base<thread_safe>;
template class core_base<strand_bound>;

TORO_DETAIL_COMPILE_CORE(barrier_state)
TORO_DETAIL_COMPILE_CORE(condition_state)
TORO_DETAIL_COMPILE_CORE(event_state)
TORO_DETAIL_COMPILE_CORE(latch_state)
TORO_DETAIL_COMPILE_CORE(result_state<void>)
TORO_DETAIL_COMPILE_CORE(rw_lock_state)
TORO_DETAIL_COMPILE_CORE(semaphore_state)
TORO_DETAIL_COMPILE_CORE(task_group_core_state)
TORO_DETAIL_COMPILE_CORE(wait_group_state)

} // namespace toro::detail

#undef TORO_DETAIL_COMPILE_CORE

#endif // TORO_SEPARATE_COMPILATION

#endif // TORO_SRC_HPP
