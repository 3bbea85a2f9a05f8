// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OPERATION_PINNED_VALUE_HPP
#define TORO_DETAIL_OPERATION_PINNED_VALUE_HPP

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace toro::detail {

// A value whose move may throw, in memory of its own. A move of this does not
// move the value, and does not throw.
template <class T>
class pinned_value
{
public:
  pinned_value()
    : pinned_value(new holder())
  {
  }

  template <class Arg>
  requires(!std::same_as<std::remove_cvref_t<Arg>,
                         pinned_value>) explicit pinned_value(Arg&& arg)
    : pinned_value(new holder(std::forward<Arg>(arg)))
  {
  }

  // A value that is a part of what owns it.
  template <class Owner>
  pinned_value(std::unique_ptr<Owner> owner, T& value) noexcept
    : value_(std::addressof(value)),
      owner_(owner.release(), &destroy<Owner>)
  {
  }

  T&& take() noexcept
  {
    return std::move(*value_);
  }

private:
  // Why not T itself: it may have an operator new of its own.
  struct holder
  {
    holder()
      : value()
    {
    }

    template <class Arg>
    explicit holder(Arg&& arg)
      : value(std::forward<Arg>(arg))
    {
    }

    T value;
  };

  explicit pinned_value(holder* owner) noexcept
    : value_(std::addressof(owner->value)),
      owner_(owner, &destroy<holder>)
  {
  }

  template <class Owner>
  static void destroy(void* owner) noexcept
  {
    delete static_cast<Owner*>(owner);
  }

  T* value_;
  std::unique_ptr<void, void (*)(void*) noexcept> owner_;
};

// A value that can be moved without an exception until a handler gets it.
template <class T>
using kept_value = std::conditional_t<std::is_nothrow_move_constructible_v<T>,
                                      T, pinned_value<T>>;

} // namespace toro::detail

#endif // TORO_DETAIL_OPERATION_PINNED_VALUE_HPP
