// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_CLAIM_HPP
#define TORO_DETAIL_STATE_CLAIM_HPP

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace toro::detail {

// Implementation notes
//
// Several waits of which at most one takes effect. They may be waits of
// different objects, in different threads. Each of them asks at its commit: the
// first one gets the claim, and a wait that is refused is revoked.
//
//   granted --claim is got----> committed
//           \-claim is refused-> revoked, as by a cancellation
//
// So no wait relies on another object's lock, and a grant that is refused goes
// to the next waiter of its own object. A wait that ends with an error need not
// ask: it has no effect.
class claim
{
public:
  // The owner of a claim that no wait has got.
  static constexpr std::size_t nobody = SIZE_MAX;

  // Returns whether a wait has the claim: it is the first one that asks, or it
  // has asked before and got it.
  bool take(std::size_t who) noexcept
  {
    std::size_t owner = nobody;
    return owner_.compare_exchange_strong(owner, who,
                                          std::memory_order_acq_rel) ||
           owner == who;
  }

  std::size_t owner() const noexcept
  {
    return owner_.load(std::memory_order_acquire);
  }

private:
  std::atomic<std::size_t> owner_ = nobody;
};

// The claim of a wait that has none: it may always take effect.
struct no_claim
{
  static constexpr bool take() noexcept
  {
    return true;
  }
};

// Makes a collected grant final if its wait gets the claim. Otherwise revokes
// it; a grant that can no longer be revoked becomes final all the same.
template <class State, class Waiter, class Claim>
inline void commit_by_claim(State& state, Waiter& w, Claim its_claim) noexcept
{
  if (its_claim.take())
    state.commit(w);
  else
    state.revoke_or_commit(w);
}

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_CLAIM_HPP
