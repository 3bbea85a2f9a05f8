// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_THREADING_HPP
#define TORO_THREADING_HPP

#include <toro/detail/config.hpp>

namespace toro {

/// The default policy: every member may be called from any thread.
/**
 * The object holds a mutex for a few pointer writes at a time, longer only to
 * be described, and never while foreign code runs. Handlers run on their own
 * executors.
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
