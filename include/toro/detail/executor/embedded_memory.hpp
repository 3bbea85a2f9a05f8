// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_EXECUTOR_EMBEDDED_MEMORY_HPP
#define TORO_DETAIL_EXECUTOR_EMBEDDED_MEMORY_HPP

#include <boost/asio/recycling_allocator.hpp>

#include <cstddef>

namespace toro::detail {

// Memory for one function that an executor is to run, or for one operation.
// Never more than one is under way.
template <std::size_t Size>
struct embedded_memory
{
  alignas(void*) unsigned char space[Size];
};

// Allocates there. What does not fit gets memory from Asio's recycling
// allocator.
template <class T, std::size_t Size>
class embedded_allocator
{
public:
  using value_type = T;

  template <class U>
  struct rebind
  {
    using other = embedded_allocator<U, Size>;
  };

  explicit embedded_allocator(embedded_memory<Size>& memory) noexcept
    : memory_(&memory)
  {
  }

  template <class U>
  embedded_allocator(const embedded_allocator<U, Size>& other) noexcept
    : memory_(other.memory_)
  {
  }

  T* allocate(std::size_t n)
  {
    if (n * sizeof(T) <= Size && alignof(T) <= alignof(void*))
      return reinterpret_cast<T*>(memory_->space);
    return boost::asio::recycling_allocator<T>().allocate(n);
  }

  void deallocate(T* p, std::size_t n) noexcept
  {
    if (p != reinterpret_cast<T*>(memory_->space))
      boost::asio::recycling_allocator<T>().deallocate(p, n);
  }

  template <class U>
  bool operator==(const embedded_allocator<U, Size>& other) const noexcept
  {
    return memory_ == other.memory_;
  }

private:
  template <class, std::size_t>
  friend class embedded_allocator;

  embedded_memory<Size>* memory_;
};

template <class T = void, std::size_t Size>
embedded_allocator<T, Size> allocator_of(embedded_memory<Size>& memory) noexcept
{
  return embedded_allocator<T, Size>(memory);
}

template <class Allocator>
inline constexpr bool is_embedded = false;

template <class T, std::size_t Size>
inline constexpr bool is_embedded<embedded_allocator<T, Size>> = true;

} // namespace toro::detail

#endif // TORO_DETAIL_EXECUTOR_EMBEDDED_MEMORY_HPP
