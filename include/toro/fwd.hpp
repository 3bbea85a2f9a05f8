// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_FWD_HPP
#define TORO_FWD_HPP

#include <toro/detail/config.hpp>

/// Asynchronous synchronization primitives for Boost.Asio.
namespace toro {

class deadline;
class drop_guard;
enum class TORO_DETAIL_VISIBLE error;
struct strand_bound;
struct thread_safe;

template <class Threading>
class basic_guard;

template <class Threading>
class basic_permit;

template <class Threading>
class basic_read_guard;

template <class Threading>
class basic_work;

template <class Threading>
class basic_write_guard;

template <class Executor, class Threading>
class basic_barrier;

template <class Executor, class Threading>
class basic_bounded_semaphore;

template <class Executor, class Threading>
class basic_cancellation_source;

template <class Executor, class Threading>
class basic_condition;

template <class Executor, class Threading>
class basic_event;

template <class Executor, class Threading>
class basic_latch;

template <class Executor, class Threading>
class basic_lock;

template <class Executor, class Threading>
class basic_rw_lock;

template <class Executor, class Threading>
class basic_semaphore;

template <class Executor, class Threading>
class basic_task_group;

template <class Executor, class Threading>
class basic_wait_group;

template <class T, class Executor, class Threading>
class basic_async_result;

enum class overflow : unsigned char;

template <class T, class Executor, class Threading>
class basic_broadcast;

template <class T, class Threading, class Executor>
class basic_subscription;

template <class T, class Executor, class Threading>
class basic_watch;

class delay_key;

template <class T, class Executor, class Threading>
class basic_delay_queue;

template <class T, class Threading, class Executor>
class basic_reader;

template <class T, class Executor, class Threading>
class basic_queue;

template <class T, class Executor, class Threading>
class basic_lifo_queue;

template <class T, class Order, class Threading>
class basic_room;

template <class T, class Compare, class Executor, class Threading>
class basic_priority_queue;

template <class T, class Weigh, class Executor, class Threading>
class basic_weighted_queue;

} // namespace toro

#endif // TORO_FWD_HPP
