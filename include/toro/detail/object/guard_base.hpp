// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OBJECT_GUARD_BASE_HPP
#define TORO_DETAIL_OBJECT_GUARD_BASE_HPP

#include <toro/detail/core/core.hpp>

#include <boost/config.hpp>

#include <string_view>
#include <utility>

namespace toro::detail {

/// What all guards have in common: they own a hold and give it back.
/**
 * @tparam Core The block shared with the primitive.
 *
 * @tparam Hold What is held, and how it is given back.
 */
template <class Core, class Ownership>
class guard_base
{
public:
  /// Constructs an empty guard.
  guard_base() noexcept = default;

  /// Moves the hold; the source is empty afterwards.
  /**
   * @param other The guard to take the hold from.
   */
  guard_base(guard_base&& other) noexcept
    : core_(std::move(other.core_)),
      note_(std::exchange(other.note_, nullptr)),
      ownership_(std::exchange(other.ownership_, Ownership()))
  {
  }

  /// Gives back the present hold and moves another one in.
  /**
   * @param other The guard to take the hold from.
   *
   * @returns This guard.
   */
  guard_base& operator=(guard_base&& other) noexcept
  {
    // Order: given back last, as who gets it may use or end either guard.
    guard_base(std::move(other)).swap(*this);
    return *this;
  }

  /// Gives the hold back, as reset() does.
  BOOST_FORCEINLINE ~guard_base()
  {
    reset();
  }

  /// Tells whether the guard holds anything.
  /**
   * @returns False for an empty guard.
   */
  [[nodiscard]] explicit operator bool() const noexcept
  {
    return static_cast<bool>(core_);
  }

  /// Give the hold back.
  /**
   * The guard is empty afterwards. Does nothing where it was before, and
   * harms nothing where the primitive or its context is gone. Handlers of
   * waits that this grants will not be invoked from within this function.
   *
   * @par Complexity and Thread Safety
   * Linear in the number of waits that are granted, and other threads that
   * call the primitive meanwhile wait for all of it. Distinct guards may be
   * used by different threads where the primitive may.
   */
  void reset() noexcept
  {
    if (core_)
      give_back();
  }

  /// Let go without giving back.
  /**
   * The guard is empty afterwards. The hold can be given back by the release
   * function of the primitive, and by nothing else.
   *
   * @par Complexity and Thread Safety
   * Constant; as reset().
   */
  void detach() noexcept
  {
    if (!core_)
      return;
    end(
        [](auto& state, const Ownership& ownership)
        {
          ownership.detach(state);
        });
  }

  /// Tell who holds this, for dump().
  /**
   * Does nothing where the guard is empty, or where diagnostics were off when
   * it had no name yet. A guard that bind_name() brought has a name already.
   *
   * @param name The name. Copied.
   *
   * @throws std::bad_alloc With nothing changed.
   *
   * @par Complexity and Thread Safety
   * One allocation or two; as reset().
   *
   * @sa enable_diagnostics
   */
  void set_name(std::string_view name)
  {
    if (core_ && (note_ || core_->diagnostics_enabled()))
      core_->name_ownership(note_, ownership_.describe(), name);
  }

  /// @cond
protected:
  guard_base(typename Core::pointer&& core, Ownership ownership) noexcept
    : core_(std::move(core)),
      ownership_(ownership)
  {
  }

  void swap(guard_base& other) noexcept
  {
    core_.swap(other.core_);
    std::swap(note_, other.note_);
    std::swap(ownership_, other.ownership_);
  }

  const Ownership& held() const noexcept
  {
    return ownership_;
  }

  Core& shared() const noexcept
  {
    return *core_;
  }

  // Takes over what another guard holds, which is a hold of this kind now.
  template <class OtherOwnership>
  void take_over(guard_base<Core, OtherOwnership>&& other) noexcept
  {
    core_ = std::move(other.core_);
    note_ = std::exchange(other.note_, nullptr);
  }

  // The hold is one of another kind now. Requires lock.
  void restate_locked(std::string_view how) noexcept
  {
    core_->restate_ownership_locked(note_, how);
  }

  /// @endcond

private:
  // Out of line, so that the ends of guards that were moved from cost nothing.
  BOOST_NOINLINE void give_back() noexcept
  {
    end(
        [](auto& state, const Ownership& ownership)
        {
          ownership.give_back(state);
        });
  }

  // Empties the guard, and changes the state by what it held.
  template <class Function>
  BOOST_FORCEINLINE void end(Function change) noexcept
  {
    const typename Core::pointer core = std::move(core_);
    const Ownership ownership = std::exchange(ownership_, Ownership());
    diagnosis::ownership* const note = std::exchange(note_, nullptr);
    core->update_quietly(
        [&](auto& state)
        {
          core->remove_ownership_locked(note);
          change(state, ownership);
        });
  }

  template <class, class>
  friend class guard_base;

  typename Core::pointer core_;

  // Invariant: null unless the hold has a name.
  diagnosis::ownership* note_ = nullptr;

  [[no_unique_address]] Ownership ownership_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_OBJECT_GUARD_BASE_HPP
