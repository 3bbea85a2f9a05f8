// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_HPP
#define TORO_HPP

#include <toro/async_result.hpp>
#include <toro/barrier.hpp>
#include <toro/bind_name.hpp>
#include <toro/blocking.hpp>
#include <toro/bounded_semaphore.hpp>
#include <toro/broadcast.hpp>
#include <toro/cancellation_source.hpp>
#include <toro/condition.hpp>
#include <toro/deadline.hpp>
#include <toro/delay_queue.hpp>
#include <toro/diagnostics.hpp>
#include <toro/eager.hpp>
#include <toro/error.hpp>
#include <toro/event.hpp>
#include <toro/first_of.hpp>
#include <toro/for_each.hpp>
#include <toro/fwd.hpp>
#include <toro/joinable_queue.hpp>
#include <toro/latch.hpp>
#include <toro/lifo_queue.hpp>
#include <toro/lock.hpp>
#include <toro/priority_queue.hpp>
#include <toro/queue.hpp>
#include <toro/room.hpp>
#include <toro/rw_lock.hpp>
#include <toro/semaphore.hpp>
#include <toro/task_group.hpp>
#include <toro/threading.hpp>
#include <toro/version.hpp>
#include <toro/wait_group.hpp>
#include <toro/watch.hpp>
#include <toro/weighted_queue.hpp>

#endif // TORO_HPP
