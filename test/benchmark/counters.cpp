// SPDX-License-Identifier: BSL-1.0
// Defines the functions of the C library that are counted, so that the whole
// program calls them here.

#include "counters.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <malloc.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace bench {

namespace {

// What one thread counts. Why not fetch_add: only its own thread writes, and a
// locked instruction for each allocation would be held against those who
// allocate.
class tally
{
public:
  void add(std::int64_t n) noexcept
  {
    value_.store(value() + n, std::memory_order_relaxed);
  }

  std::int64_t value() const noexcept
  {
    return value_.load(std::memory_order_relaxed);
  }

private:
  std::atomic<std::int64_t> value_{0};
};

struct ledger
{
  tally allocations;
  tally requested;
  tally heap;
  tally epoll_waits;
  tally timer_sets;
};

// Threads that run at the same time must not share a ledger; there are never
// that many.
constinit std::array<ledger, 64> ledgers{};
constinit std::atomic<std::size_t> next_ledger{0};
constinit thread_local ledger* own_ledger = nullptr;

ledger& mine() noexcept
{
  if (own_ledger == nullptr)
    own_ledger = &ledgers[next_ledger++ % ledgers.size()];
  return *own_ledger;
}

// The size that the heap keeps in front of each block counts as well.
std::int64_t size_in_heap(void* block) noexcept
{
  return static_cast<std::int64_t>(malloc_usable_size(block) +
                                   sizeof(std::size_t));
}

void* taken(void* block, std::size_t requested) noexcept
{
  if (block != nullptr)
  {
    ledger& l = mine();
    l.allocations.add(1);
    l.requested.add(static_cast<std::int64_t>(requested));
    l.heap.add(size_in_heap(block));
  }
  return block;
}

void given_back(std::int64_t size) noexcept
{
  mine().heap.add(-size);
}

} // namespace

counts& counts::operator+=(const counts& other) noexcept
{
  allocations += other.allocations;
  requested += other.requested;
  heap += other.heap;
  epoll_waits += other.epoll_waits;
  timer_sets += other.timer_sets;
  return *this;
}

counts& counts::operator-=(const counts& other) noexcept
{
  allocations -= other.allocations;
  requested -= other.requested;
  heap -= other.heap;
  epoll_waits -= other.epoll_waits;
  timer_sets -= other.timer_sets;
  return *this;
}

counts counted() noexcept
{
  counts sum;
  for (const ledger& l : ledgers)
    sum += counts{l.allocations.value(), l.requested.value(), l.heap.value(),
                  l.epoll_waits.value(), l.timer_sets.value()};
  return sum;
}

} // namespace bench

extern "C" {

// The C library's own names for what is replaced here.
void* __libc_malloc(std::size_t size) noexcept;
void* __libc_calloc(std::size_t count, std::size_t size) noexcept;
void* __libc_realloc(void* block, std::size_t size) noexcept;
void* __libc_memalign(std::size_t alignment, std::size_t size) noexcept;
void __libc_free(void* block) noexcept;

void* malloc(std::size_t size) noexcept
{
  return bench::taken(__libc_malloc(size), size);
}

void* calloc(std::size_t count, std::size_t size) noexcept
{
  return bench::taken(__libc_calloc(count, size), count * size);
}

void* realloc(void* block, std::size_t size) noexcept
{
  const std::int64_t before = block ? bench::size_in_heap(block) : 0;
  void* const moved = __libc_realloc(block, size);
  if (moved != nullptr || size == 0)
    bench::given_back(before);
  return bench::taken(moved, size);
}

void* memalign(std::size_t alignment, std::size_t size) noexcept
{
  return bench::taken(__libc_memalign(alignment, size), size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept
{
  return memalign(alignment, size);
}

int posix_memalign(void** block, std::size_t alignment,
                   std::size_t size) noexcept
{
  *block = memalign(alignment, size);
  return *block == nullptr ? ENOMEM : 0;
}

void free(void* block) noexcept
{
  if (block != nullptr)
    bench::given_back(bench::size_in_heap(block));
  __libc_free(block);
}

int epoll_wait(int fd, epoll_event* events, int count, int milliseconds)
{
  bench::mine().epoll_waits.add(1);
  return static_cast<int>(syscall(SYS_epoll_pwait, fd, events, count,
                                  milliseconds, nullptr, std::size_t(0)));
}

int timerfd_settime(int fd, int flags, const itimerspec* value,
                    itimerspec* old) noexcept
{
  bench::mine().timer_sets.add(1);
  return static_cast<int>(syscall(SYS_timerfd_settime, fd, flags, value, old));
}

} // extern "C"
