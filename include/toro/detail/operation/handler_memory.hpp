// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OPERATION_HANDLER_MEMORY_HPP
#define TORO_DETAIL_OPERATION_HANDLER_MEMORY_HPP

#include <toro/detail/executor/posting.hpp>

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/recycling_allocator.hpp>

namespace toro::detail {

// The handler's allocator or, if that is the default one, Asio's recycling
// allocator.
template <class Handler>
auto allocator_or_recycling(const Handler& handler)
{
  if constexpr (is_std_allocator<boost::asio::associated_allocator_t<Handler>>)
    return boost::asio::recycling_allocator<void>();
  else
    return boost::asio::get_associated_allocator(handler);
}

// The allocator of an operation. Specialised for a handler that has memory for
// its operation. That is not an allocator of the handler, since it is for one
// operation, which frees it before the handler is called or destroyed.
template <class Handler>
struct handler_memory
{
  static auto allocator(const Handler& handler)
  {
    return detail::allocator_or_recycling(handler);
  }
};

} // namespace toro::detail

#endif // TORO_DETAIL_OPERATION_HANDLER_MEMORY_HPP
