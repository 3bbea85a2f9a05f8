// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_QUIETLY_HPP
#define TORO_DETAIL_QUIETLY_HPP

#include <toro/detail/config.hpp>

#include <boost/core/no_exceptions_support.hpp>

namespace toro::detail {

// Calls a function, and swallows what it throws.
template <class Function>
TORO_DETAIL_FORCEINLINE void quietly(Function function) noexcept
{
  BOOST_TRY
  {
    function();
  }
  BOOST_CATCH(...)
  {
  }
  BOOST_CATCH_END
}

} // namespace toro::detail

#endif // TORO_DETAIL_QUIETLY_HPP
