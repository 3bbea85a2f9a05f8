// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_VERSION_HPP
#define TORO_VERSION_HPP

#include <toro/detail/config.hpp>

/// @file
/// The version, for the preprocessor.

/// The first part of the version of this library.
/**
 * The build reads the parts from here, so that they are written in one place.
 */
#define TORO_VERSION_MAJOR 0
/// The second part of the version.
#define TORO_VERSION_MINOR 1
/// The third part of the version.
#define TORO_VERSION_PATCH 0

/// The version as one number that can be compared: 1.2.3 is 10203.
#define TORO_VERSION                                                           \
  (TORO_VERSION_MAJOR * 10000 + TORO_VERSION_MINOR * 100 + TORO_VERSION_PATCH)

#endif // TORO_VERSION_HPP
