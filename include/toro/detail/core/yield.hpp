// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_CORE_YIELD_HPP
#define TORO_DETAIL_CORE_YIELD_HPP

namespace toro::detail {

// Lets other threads run. Why not inline: <thread> is long.
void yield() noexcept;

} // namespace toro::detail

#endif // TORO_DETAIL_CORE_YIELD_HPP
