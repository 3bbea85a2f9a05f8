// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OBJECT_GUARD_BASE_HPP
#define TORO_DETAIL_OBJECT_GUARD_BASE_HPP

#include <toro/detail/config.hpp>
#include <toro/detail/core/core.hpp>
#include <toro/detail/quietly.hpp>

#include <boost/config.hpp>
#include <boost/core/no_exceptions_support.hpp>

#include <string_view>
#include <utility>

namespace toro::detail {

/// The members that all guards share: they own something and release it.
/**
 * @tparam Core The core shared with the primitive.
 *
 * @tparam Ownership What the guard owns, and how that is released.
 */
template <class Core, class Ownership>
class guard_base
{
public:
  /// Constructs an empty guard.
  guard_base() noexcept = default;

  /// Takes over the ownership; the source is empty afterwards.
  /**
   * @param other The guard to move from.
   */
  guard_base(guard_base&& other) noexcept
    : core_(std::move(other.core_)),
      note_(std::exchange(other.note_, nullptr)),
      ownership_(std::exchange(other.ownership_, Ownership()))
  {
  }

  /// Takes over the ownership, and releases what this guard owned before.
  /**
   * @param other The guard to move from.
   *
   * @returns This guard.
   */
  guard_base& operator=(guard_base&& other) noexcept
  {
    // Order: released last, since a handler that gets it may use or destroy
    // either guard.
    guard_base(std::move(other)).swap(*this);
    return *this;
  }

  /// Releases what the guard owns, as reset() does.
  TORO_DETAIL_FORCEINLINE ~guard_base()
  {
    reset();
  }

  /// Tells whether the guard owns anything.
  /**
   * @returns False for an empty guard.
   */
  [[nodiscard]] explicit operator bool() const noexcept
  {
    return static_cast<bool>(core_);
  }

  /// Release what the guard owns.
  /**
   * The guard is empty afterwards. Does nothing if it is empty already, and is
   * safe if the primitive or its context has been destroyed. Handlers of waits
   * that this grants will not be invoked from within this function.
   *
   * @par Complexity and Thread Safety
   * Linear in the number of waits granted. Other threads that call the
   * primitive meanwhile wait for all of it. Different threads may use distinct
   * guards if they may use the primitive.
   */
  void reset() noexcept
  {
    if (core_)
      give_back();
  }

  /// Give up the ownership without releasing.
  /**
   * The guard is empty afterwards. Only the release function of the primitive,
   * or leave() of a wait_group, can then release what it owned.
   *
   * @par Complexity and Thread Safety
   * Constant; as reset().
   */
  void detach() noexcept
  {
    if (!core_)
      return;
    end(
        [](auto& state, Ownership& ownership)
        {
          ownership.detach(state);
        });
  }

  /// Name the owner for dump().
  /**
   * Does nothing if the guard is empty, or if it has no name yet and
   * diagnostics are off. A guard from an operation with bind_name() has a name
   * already.
   *
   * @param name The name. It is copied.
   *
   * @throws std::bad_alloc Nothing changes then.
   *
   * @par Complexity and Thread Safety
   * One allocation or two; as reset().
   *
   * @sa enable_diagnostics
   */
  void set_name(std::string_view name)
  {
    if (core_.get() && (note_ || core_->diagnostics_enabled()))
      core_->name_ownership(note_, ownership_.describe(), name);
  }

  /// @cond
protected:
  guard_base(typename Core::pointer&& core, Ownership ownership) noexcept
    : core_(std::move(core)),
      ownership_(std::move(ownership))
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

  Core& get_core() const noexcept
  {
    return *core_;
  }

  // Takes over what another guard owns, as an ownership of this kind.
  template <class OtherOwnership>
  void take_over(guard_base<Core, OtherOwnership>&& other) noexcept
  {
    core_ = std::move(other.core_);
    note_ = std::exchange(other.note_, nullptr);
  }

  // The guard owns more or less of the same than before.
  void change_ownership(Ownership ownership) noexcept
  {
    ownership_ = ownership;
    if (note_)
      detail::quietly(
          [this]
          {
            const auto how = ownership_.describe();
            core_->update_quietly(
                [&](auto&)
                {
                  restate_locked(how);
                });
          });
  }

  // Empties the guard by a function that uses up what it owned, under the lock.
  // If the function throws, it has changed nothing, and the guard owns it
  // again.
  template <class Function>
  void spend(Function use_up)
  {
    typename Core::pointer core = std::move(core_);
    Ownership ownership = std::exchange(ownership_, Ownership());
    diagnosis::ownership* const note = std::exchange(note_, nullptr);
    BOOST_TRY
    {
      core->update_quietly(
          [&](auto& state)
          {
            use_up(*core, state, ownership);
            core->remove_ownership_locked(note);
          });
    }
    BOOST_CATCH(...)
    {
      core_ = std::move(core);
      ownership_ = std::move(ownership);
      note_ = note;
      BOOST_RETHROW
    }
    BOOST_CATCH_END
  }

  // The ownership is of another kind now. Requires lock.
  void restate_locked(std::string_view how) noexcept
  {
    core_->restate_ownership_locked(note_, how);
  }

  /// @endcond

private:
  // Out of line, so that the destructors of guards that were moved from cost
  // nothing.
  BOOST_NOINLINE void give_back() noexcept
  {
    end(
        [](auto& state, Ownership& ownership)
        {
          ownership.give_back(state);
        });
  }

  // Empties the guard, and changes the state by what it owned.
  template <class Function>
  TORO_DETAIL_FORCEINLINE void end(Function change) noexcept
  {
    const typename Core::pointer core = std::move(core_);
    Ownership ownership = std::exchange(ownership_, Ownership());
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

  // Invariant: null unless the ownership has a name.
  diagnosis::ownership* note_ = nullptr;

  [[no_unique_address]] Ownership ownership_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_OBJECT_GUARD_BASE_HPP
