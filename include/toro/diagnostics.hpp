// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DIAGNOSTICS_HPP
#define TORO_DIAGNOSTICS_HPP

#include <toro/detail/config.hpp>
#include <toro/detail/core/shutdown_service.hpp>
#include <toro/detail/deadline/time_source.hpp>
#include <toro/detail/diagnosis.hpp>

#include <boost/asio/execution_context.hpp>

#include <ostream>

namespace toro {

/// Turn the diagnostics of an execution context on or off.
/**
 * While they are on, each wait that starts is recorded with its name and start
 * time, and guards can have names. dump() shows earlier waits without name and
 * time. A record stays until its wait or guard ends.
 *
 * An operation that completes immediately and has no name costs nothing more
 * than without diagnostics. An operation that waits costs one more allocation,
 * attempt and clock reading.
 *
 * @param context The context.
 *
 * @param on Whether to turn them on.
 *
 * @throws std::bad_alloc Nothing changes then.
 *
 * @par Complexity
 * Linear in the number of primitives of the context.
 *
 * @par Thread Safety
 * Safe at any time, except during the destruction of the context.
 *
 * @sa dump, bind_name
 */
inline void enable_diagnostics(boost::asio::execution_context& context,
                               bool on = true)
{
  boost::asio::use_service<detail::shutdown_service>(context)
      .objects()
      ->enable_diagnostics(on);
}

/// Write the states and waits of all primitives of an execution context.
/**
 * Writes one paragraph for each primitive that is alive, in the order of their
 * construction: its state and name, its owners, and each wait with its
 * operation and deadline. If diagnostics are on, it also writes the name of
 * each wait and how long it has waited:
 *
 * @code{.unparsed}
 * <lock locked waiters[1]> "accounts"
 *   held by "transfer 1" for 5.020 s
 *   async_acquire by "transfer 2" for 4.900 s, deadline in 10.100 s
 * @endcode
 *
 * An owner is shown if its guard has a name. A grant whose handler has not run
 * yet is counted as not delivered. Each primitive is shown as it is at one
 * moment; different primitives are shown at different moments.
 *
 * A primitive with strand_bound is shown if this is called from a function that
 * its executor runs, and that executor is a strand or an @c io_context.
 * Otherwise it is only counted. A strand behind an @c any_io_executor is
 * recognised if it is a strand of an @c io_context or of another
 * @c any_io_executor.
 *
 * Must not be called by a comparison of the items of a priority_queue.
 *
 * @param context The context.
 *
 * @param out The stream. It is written to once, at the end.
 *
 * @throws std::bad_alloc or any exception from the stream.
 *
 * @par Complexity
 * Linear in the number of primitives and waits. Each primitive is locked while
 * it is examined, and memory is allocated under that lock.
 *
 * @par Thread Safety
 * Safe at any time, except during the destruction of the context.
 *
 * @sa enable_diagnostics, bind_name
 */
inline void dump(boost::asio::execution_context& context, std::ostream& out)
{
  detail::dump_text text(
      boost::asio::use_service<detail::time_source>(context).now());
  boost::asio::use_service<detail::shutdown_service>(context)
      .objects()
      ->inspect(text);
  out << text.str();
}

} // namespace toro

#endif // TORO_DIAGNOSTICS_HPP
