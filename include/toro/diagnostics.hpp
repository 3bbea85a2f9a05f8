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

/// Turn the diagnostics of an execution context on, or off.
/**
 * While they are on, each wait that begins is noted with its name and the time,
 * and guards take names. What began before shows without. What was noted stays
 * until it ends.
 *
 * An operation that need not wait and has no name costs the same as without.
 * One that waits costs an allocation, a second attempt and a reading of the
 * clock more.
 *
 * @param context The context.
 *
 * @param on Whether they are to be on.
 *
 * @throws std::bad_alloc With nothing changed.
 *
 * @par Complexity
 * Linear in the number of primitives of the context.
 *
 * @par Thread Safety
 * Safe beside anything but the destruction of the context.
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

/// Write what is known of all primitives of an execution context.
/**
 * One paragraph for each that is alive, in the order in which they were made:
 * its state and name, who holds it, and each wait with its operation, its
 * deadline and, where diagnostics are on, its name and for how long it has
 * waited:
 *
 * @code{.unparsed}
 * <lock locked waiters[1]> "accounts"
 *   held by "transfer 1" for 5.020 s
 *   async_acquire by "transfer 2" for 4.900 s, deadline in 10.100 s
 * @endcode
 *
 * Holders show where their guards have names. A grant that no handler has seen
 * yet is counted as not delivered. Each primitive is shown as it is at one
 * moment, and different ones at different moments.
 *
 * A primitive with strand_bound shows where this is called from a function that
 * its executor runs, a strand or an @c io_context; elsewhere it is counted. A
 * strand behind an @c any_io_executor is known for what it is where it is one
 * of an @c io_context or of another @c any_io_executor.
 *
 * Must not be called by what compares the items of a priority_queue.
 *
 * @param context The context.
 *
 * @param out The stream. It is written to once, at the end.
 *
 * @throws std::bad_alloc or what the stream throws.
 *
 * @par Complexity
 * Linear in the number of primitives and waits. Each primitive is locked while
 * it is looked at, and memory is allocated then.
 *
 * @par Thread Safety
 * Safe beside anything but the destruction of the context.
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
