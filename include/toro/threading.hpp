// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_THREADING_HPP
#define TORO_THREADING_HPP

#include <toro/detail/config.hpp>

namespace toro {

/// The default policy: every member may be called from any thread.
/**
 * The object holds a mutex while it changes, and other callers wait for it.
 * This usually takes a few pointer writes. No foreign code runs under the
 * mutex, except the comparisons of a priority_queue. Handlers run on their own
 * executors.
 *
 * These operations hold it for longer:
 * @li @c cancel(), @c close(), the destruction of the object, assignment to it
 * and the shutdown of its context: linear in the number of waits that they
 * complete.
 * @li @c release(), @c resize(), @c downgrade(), @c notify(n), the destruction
 * of a guard, and a wait that is cancelled or expires: linear in the number of
 * waits that complete as a result. Waits whose deadlines have passed by the
 * same turn of the timer expire together.
 * @li @c event::set(), @c notify_all(), @c task_done(), the @c set functions of
 * an async_result and of a watch, and the last arrival at a latch or a barrier
 * and the last departure from a wait_group: linear in the number of waits that
 * they grant, at most 64 at a time.
 * @li @c clear() of a queue: linear in the number of items.
 * @li The start of a wait whose deadline is not the latest: logarithmic in the
 * number of waits with deadlines.
 * @li A put into a priority_queue: a logarithmic number of comparisons, which
 * are user code, and at most the square of that in steps. Getting an item from
 * it, and revoking the grant of a get: logarithmic in the number of items.
 * @li The commit of an @c async_get_some(): linear in the number of items that
 * it takes. @c try_get_some() takes 64 at a time. A function that puts an item:
 * linear in the number of waits of @c queue::async_wait() that it grants.
 * @li A put into a broadcast: linear in the number of subscriptions whose gets
 * wait, and of those to which an item was returned. The cancellation of a put
 * whose item is stored already: linear in the number of subscriptions; so
 * @c cancel() takes as long for each such put.
 * @li @c subscribe() of a broadcast: linear in the number of items that it
 * replays. The end of a subscription, @c skip_to_newest() and the end of a
 * reader of a watch: linear in the number of waits that they complete and of
 * items that they drop.
 * @li Functions of a delay_queue: logarithmic in the number of its items.
 * @li Revoking the grant of a get from another queue: logarithmic in the number
 * of items whose grants were revoked before and that are still in the queue.
 * @li A predicate wait that returns to its position: logarithmic in the number
 * of waits.
 * @li Operations that allocate under the mutex: @c to_string(), @c operator<<,
 * @c set_name(), names of guards, the first operation with another type of
 * executor, waits while diagnostics are on, and dump(), which is linear in the
 * number of waits.
 *
 * Construction, destruction and dump() also lock a mutex of the context. dump()
 * and enable_diagnostics() hold that mutex for a time that is linear in the
 * number of the context's objects. The shutdown of the context waits for
 * threads that are in the middle of a call.
 *
 * @par Thread Safety
 * @e Distinct @e objects: Safe. @n
 * @e Shared @e objects: Safe.
 */
struct TORO_DETAIL_VISIBLE thread_safe
{
};

/// The policy without locks or atomics: the executor serializes all calls.
/**
 * Every call, every emission of a cancellation signal and the destruction of
 * every guard must happen on the object's executor (a strand, or a context that
 * one thread runs) or while nothing runs. Builds without @c NDEBUG detect two
 * threads inside one object and stop at a @c BOOST_ASSERT.
 *
 * @par Thread Safety
 * @e Distinct @e objects: Safe. @n
 * @e Shared @e objects: Unsafe.
 */
struct TORO_DETAIL_VISIBLE strand_bound
{
};

} // namespace toro

#endif // TORO_THREADING_HPP
