// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_THREADING_HPP
#define TORO_THREADING_HPP

#include <toro/detail/config.hpp>

namespace toro {

/// The default policy: every member may be called from any thread.
/**
 * The object holds a mutex while it changes, and others who call it wait for
 * that long: mostly for a few pointer writes, and never while foreign code
 * runs, but for comparisons of a priority_queue. Handlers run on their own
 * executors.
 *
 * These hold it for longer:
 * @li @c cancel(), @c close(), the destruction of the object, assignment over
 * it and the shutdown of its context: linear in the waits that they end.
 * @li @c release(), @c downgrade(), @c notify(n), the end of a guard, and a
 * wait that is cancelled or whose deadline passes: linear in the waits that
 * they let through. Deadlines that have passed by the same turn of the timer
 * end together.
 * @li @c event::set(), @c notify_all(), @c task_done() and the @c set functions
 * of an async_result: linear in the waits that they grant, at most 64 at a
 * time.
 * @li A wait with a deadline that is not the latest: logarithmic in the waits
 * with deadlines, as it begins.
 * @li A put into a priority_queue: a logarithmic number of comparisons, which
 * are the user's. A get, or one that is taken back: logarithmic in the items.
 * @li A get of another queue that is taken back: linear in the items on their
 * way to handlers.
 * @li A predicate wait that goes back to its place: linear in the waits between
 * that place and the nearer end of the line.
 * @li What allocates: @c to_string(), @c operator<<, @c set_name(), names of
 * guards, the first operation with another type of executor, waits while
 * diagnostics are on, and dump(), which is linear in the waits.
 *
 * Construction, destruction and dump() also use a mutex of the context, which
 * dump() and enable_diagnostics() hold for a time linear in its objects. The
 * shutdown of the context waits for threads that are in the middle of a call.
 *
 * @par Thread Safety
 * @e Distinct @e objects: Safe. @n
 * @e Shared @e objects: Safe.
 */
struct TORO_DETAIL_VISIBLE thread_safe
{
};

/// The policy without locks or atomics: the object's executor serialises.
/**
 * Every call, every emission of a cancellation signal and the end of every
 * guard must happen on the object's executor (a strand, or a context that one
 * thread runs), or while nothing runs. Builds without @c NDEBUG detect two
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
