// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_CORE_SINGLE_THREADED_HPP
#define TORO_DETAIL_CORE_SINGLE_THREADED_HPP

#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#endif

namespace toro::detail {

// Whether this is known to be the only thread of the program. Nothing has to be
// atomic until it starts another.
inline bool is_single_threaded() noexcept
{
#if __has_include(<sys/single_threaded.h>)
  return __libc_single_threaded;
#else
  return false;
#endif
}

} // namespace toro::detail

#endif // TORO_DETAIL_CORE_SINGLE_THREADED_HPP
