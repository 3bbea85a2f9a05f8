// SPDX-License-Identifier: BSL-1.0
// The memory of items: nothing else in the program is aligned that much.
#include "robustness/fault_injection/item.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

#include "robustness/fault_injection/blocks.hpp"

void* operator new(std::size_t size, std::align_val_t alignment)
{
  toro_test::faults.call(toro_test::failing::memory);
  void* const place =
      std::aligned_alloc(static_cast<std::size_t>(alignment), size);
  if (!place)
    throw std::bad_alloc();
  ++toro_test::live_blocks;
  return place;
}

void operator delete(void* place, std::align_val_t) noexcept
{
  if (place)
    --toro_test::live_blocks;
  std::free(place);
}

void operator delete(void* place, std::size_t,
                     std::align_val_t alignment) noexcept
{
  operator delete(place, alignment);
}
