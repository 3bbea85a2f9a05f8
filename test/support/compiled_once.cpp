// SPDX-License-Identifier: BSL-1.0
// What one file of each program compiles for all: of Asio and of the library
// the functions that depend on no handler.

#include <toro/src.hpp>

#include <boost/asio/impl/src.hpp>
