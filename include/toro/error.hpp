// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_ERROR_HPP
#define TORO_ERROR_HPP

#include <toro/fwd.hpp>

#include <toro/detail/config.hpp>

#include <boost/system/error_category.hpp>
#include <boost/system/error_code.hpp>

#include <string>
#include <type_traits>

namespace toro {

/// The error codes that this library defines.
/**
 * Two more errors are Asio's: a wait whose deadline passed completes with
 * @c boost::asio::error::timed_out, and a wait that was cancelled with
 * @c boost::asio::error::operation_aborted.
 */
enum class error
{
  /// The lock to release is not locked, or a guard owns it.
  not_locked = 1,

  /// More permits were released than were taken, or than can be counted.
  over_released,

  /// The result is ready already.
  already_set,

  /// The result is not ready yet.
  not_ready,

  /// More tasks were reported as done than were put into the queue, a latch was
  /// counted down below zero, a barrier has no party left, or no detached work
  /// was inside a wait_group.
  task_underflow,

  /// The object was closed. A queue takes no new item, or has no item left. A
  /// semaphore gives no permit. A wait_group admits no more.
  closed,

  /// The request can never be granted, however long it waits.
  impossible,

  /// The result was set to an exception instead of a value.
  failed
};

/// @cond
#if defined(__GNUC__)
// The destructor of Boost's category is not virtual. No category is destroyed
// through a pointer to a base.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
#endif
/// @endcond

/// The category of toro::error.
/**
 * It has an id, so that its codes compare equal even if several shared objects
 * have a copy of it each.
 */
class TORO_DETAIL_VISIBLE error_category_type final
  : public boost::system::error_category
{
public:
  /// Constructs the category.
  constexpr error_category_type() noexcept
    : error_category(0x8f1d4b7a53c6e209ULL)
  {
  }

  /// Gives the name of the category: "toro".
  /**
   * @returns A string with static storage duration.
   */
  const char* name() const noexcept override;

  /// Describes an error in words.
  /**
   * @param value The number of a toro::error.
   *
   * @returns One phrase without a full stop.
   */
  std::string message(int value) const override;

  /// Maps an error to the portable condition that is closest to it.
  /**
   * @param value The number of a toro::error.
   *
   * @returns A condition of the generic category if one fits.
   */
  boost::system::error_condition
  default_error_condition(int value) const noexcept override;
};

/// @cond
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
/// @endcond

/// The only instance of the category that a program needs.
TORO_DETAIL_VISIBLE inline constexpr error_category_type
    error_category_instance{};

/// Gives the category of toro::error.
/**
 * @returns The same object on each call.
 */
inline const boost::system::error_category& error_category() noexcept
{
  return error_category_instance;
}

/// Makes an error code of an enumerator.
/**
 * @param value The error.
 *
 * @returns A code in error_category().
 */
inline boost::system::error_code make_error_code(error value) noexcept
{
  return {static_cast<int>(value), error_category_instance};
}

} // namespace toro

/// @cond
template <>
struct boost::system::is_error_code_enum<toro::error> : std::true_type
{
};
/// @endcond

#endif // TORO_ERROR_HPP
