// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_IO_EMBEDDED_MEMORY_HPP
#define TORO_DETAIL_IO_EMBEDDED_MEMORY_HPP

#include <boost/asio/recycling_allocator.hpp>

#include <cstddef>

namespace toro::detail {

// Memory for one function that an executor is to run, where never more than one
// is under way. What does not fit comes from Asio's recycling allocator.
class embedded_memory
{
public:
  template <class T>
  class allocator
  {
  public:
    using value_type = T;

    explicit allocator(embedded_memory& memory) noexcept
      : memory_(&memory)
    {
    }

    template <class U>
    allocator(const allocator<U>& other) noexcept
      : memory_(other.memory_)
    {
    }

    T* allocate(std::size_t n)
    {
      if (n * sizeof(T) <= size && alignof(T) <= alignof(std::max_align_t))
        return reinterpret_cast<T*>(memory_->space_);
      return boost::asio::recycling_allocator<T>().allocate(n);
    }

    void deallocate(T* p, std::size_t n) noexcept
    {
      if (p != reinterpret_cast<T*>(memory_->space_))
        boost::asio::recycling_allocator<T>().deallocate(p, n);
    }

    template <class U>
    bool operator==(const allocator<U>& other) const noexcept
    {
      return memory_ == other.memory_;
    }

  private:
    template <class>
    friend class allocator;

    embedded_memory* memory_;
  };

private:
  static constexpr std::size_t size = 96;

  alignas(std::max_align_t) unsigned char space_[size];
};

} // namespace toro::detail

#endif // TORO_DETAIL_IO_EMBEDDED_MEMORY_HPP
