// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TESTING_PIPE_OPTIONS_HPP
#define TORO_TESTING_PIPE_OPTIONS_HPP

#include <toro/deadline.hpp>

#include <toro/detail/config.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <limits>

namespace toro::testing {

/// How bytes get from one end of a pipe to the other.
/**
 * @sa pipe
 */
struct TORO_DETAIL_VISIBLE pipe_options
{
  /// A number of bytes without a limit.
  static constexpr std::size_t unlimited =
      std::numeric_limits<std::size_t>::max();

  /// How long bytes, and the end of the stream, are under way.
  deadline::duration latency{0};

  /// The most bytes that one read or one write transfers. At least 1.
  std::size_t fragment = unlimited;

  /// How many bytes may be written that are not read yet. If there are so many,
  /// writes wait. At least 1.
  std::size_t capacity = 65536;

  /// After how many bytes the connection fails. Those before are transferred;
  /// then writes fail, and so do reads.
  std::size_t fail_after = unlimited;

  /// The error of the reads and writes that fail.
  boost::system::error_code error = boost::asio::error::connection_reset;
};

} // namespace toro::testing

#endif // TORO_TESTING_PIPE_OPTIONS_HPP
