// SPDX-License-Identifier: BSL-1.0
// Compiles, but not if a macro takes deferred operations from Asio.

#include <toro/event.hpp>
