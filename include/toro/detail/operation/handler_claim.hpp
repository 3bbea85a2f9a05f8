// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OPERATION_HANDLER_CLAIM_HPP
#define TORO_DETAIL_OPERATION_HANDLER_CLAIM_HPP

#include <toro/detail/state/claim.hpp>

namespace toro::detail {

// The claim that an operation asks at its commit: that of its handler, if the
// handler has exactly a type that this is specialised for.
//
// Why not an associator: adapters would pass the claim on, and so would the
// handlers inside a composed operation. An operation in its middle would then
// get the claim, although the whole may still fail.
template <class Handler>
struct handler_claim
{
  static constexpr bool exists = false;

  static constexpr no_claim get(const Handler&) noexcept
  {
    return {};
  }
};

} // namespace toro::detail

#endif // TORO_DETAIL_OPERATION_HANDLER_CLAIM_HPP
