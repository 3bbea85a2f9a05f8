// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_SUPPORT_PCH_WITH_LIBRARY_HPP
#define TORO_TEST_SUPPORT_PCH_WITH_LIBRARY_HPP

// For the tests of the library as it is. Those of its mutants have only the
// other one.

#include <toro.hpp>

#include "support/pch.hpp"

#endif // TORO_TEST_SUPPORT_PCH_WITH_LIBRARY_HPP
