// SPDX-License-Identifier: BSL-1.0
// The only thread of a program starts another one while it submits: the first
// post to the system executor does. The context, which that thread ends, has to
// wait all the same. A program of its own, since a test program has had
// threads.
#include <toro/event.hpp>

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/system_executor.hpp>

#include <atomic>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <thread>

namespace {

namespace asio = boost::asio;

using boost::system::error_code;

std::atomic<bool> ending = false;
std::atomic<bool> ended = false;
bool too_early = false;
bool is_submitting = false;

// Lets the other thread go on before it allocates.
template <class T>
class slow_allocator
{
public:
  using value_type = T;

  slow_allocator() = default;

  template <class U>
  slow_allocator(const slow_allocator<U>&) noexcept
  {
  }

  T* allocate(std::size_t n)
  {
    if (is_submitting)
    {
      while (!ending)
        std::this_thread::yield();
      for (int i = 0; i != 2000 && !ended; ++i)
        std::this_thread::yield();
      too_early = too_early || ended;
    }
    return std::allocator<T>().allocate(n);
  }

  void deallocate(T* p, std::size_t n)
  {
    std::allocator<T>().deallocate(p, n);
  }

  template <class U>
  bool operator==(const slow_allocator<U>&) const noexcept
  {
    return true;
  }
};

} // namespace

int main()
{
  auto context = std::make_unique<asio::io_context>();
  toro::event event(*context);
  event.async_wait(
      asio::bind_executor(asio::any_io_executor(asio::system_executor()),
                          [&](error_code)
                          {
                            ending = true;
                            context.reset();
                            ended = true;
                          }));
  event.async_wait(
      asio::bind_allocator(slow_allocator<void>(), [](error_code) {}));
  is_submitting = true;
  event.set();
  while (!ended)
    std::this_thread::yield();
  if (too_early)
    std::puts("The context has ended while set() used it.");
  return too_early ? 1 : 0;
}
