// SPDX-License-Identifier: BSL-1.0
// What the other file of the program leaves out.

#include <toro/src.hpp>
