// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_SUPPORT_PRIMITIVES_HPP
#define TORO_TEST_SUPPORT_PRIMITIVES_HPP

#include <toro.hpp>

#include <functional>

#include "support/world.hpp"

namespace toro_test {

// The primitives as most cases make them: on any executor, with the policy that
// the case is run for. Nothing may wait for one when it is destroyed.

template <class Threading>
using barrier_of = idle_at_end<toro::basic_barrier<any_executor, Threading>>;

template <class T, class Threading>
using broadcast_of =
    idle_at_end<toro::basic_broadcast<T, any_executor, Threading>>;

template <class Threading>
using event_of = idle_at_end<toro::basic_event<any_executor, Threading>>;

template <class Threading>
using condition_of =
    idle_at_end<toro::basic_condition<any_executor, Threading>>;

template <class Threading>
using latch_of = idle_at_end<toro::basic_latch<any_executor, Threading>>;

template <class Threading>
using lock_of = idle_at_end<toro::basic_lock<any_executor, Threading>>;

template <class Threading>
using rw_lock_of = idle_at_end<toro::basic_rw_lock<any_executor, Threading>>;

template <class Threading>
using semaphore_of =
    idle_at_end<toro::basic_semaphore<any_executor, Threading>>;

template <class Threading>
using bounded_of =
    idle_at_end<toro::basic_bounded_semaphore<any_executor, Threading>>;

template <class Threading>
using task_group_of =
    idle_at_end<toro::basic_task_group<any_executor, Threading>>;

template <class Threading>
using wait_group_of =
    idle_at_end<toro::basic_wait_group<any_executor, Threading>>;

template <class T, class Threading>
using watch_of = idle_at_end<toro::basic_watch<T, any_executor, Threading>>;

template <class T, class Threading>
using queue_of = idle_at_end<toro::basic_queue<T, any_executor, Threading>>;

template <class T, class Threading>
using delay_queue_of =
    idle_at_end<toro::basic_delay_queue<T, any_executor, Threading>>;

template <class T, class Threading>
using lifo_of = idle_at_end<toro::basic_lifo_queue<T, any_executor, Threading>>;

template <class T, class Threading, class Compare = std::less<T>>
using priority_of = idle_at_end<
    toro::basic_priority_queue<T, Compare, any_executor, Threading>>;

template <class T, class Threading>
using result_of =
    idle_at_end<toro::basic_async_result<T, any_executor, Threading>>;

} // namespace toro_test

#endif // TORO_TEST_SUPPORT_PRIMITIVES_HPP
