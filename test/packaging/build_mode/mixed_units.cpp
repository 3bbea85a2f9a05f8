// SPDX-License-Identifier: BSL-1.0
// A program of two units, one with NDEBUG and one without: what one of them
// begins with a strand_bound object, the other ends. Each has functions of the
// library inlined or not, and which of the others the linker takes is open.

#include <toro/lock.hpp>
#include <toro/queue.hpp>

#include <toro/detail/core/threading_policy.hpp>

#include <boost/asio/io_context.hpp>

#include <cstdio>
#include <cstdlib>

namespace asio = boost::asio;

using io_executor = asio::io_context::executor_type;
using local_lock = toro::basic_lock<io_executor, toro::strand_bound>;
using local_queue = toro::basic_queue<int, io_executor, toro::strand_bound>;
using toro::detail::entry_check;

struct unit
{
  void (*enter)(entry_check&);
  void (*leave)(entry_check&);
  void (*use)(local_lock&, local_queue&);
};

namespace {

void enter(entry_check& check)
{
  check.lock();
}

void leave(entry_check& check)
{
  check.unlock();
}

void use(local_lock& lock, local_queue& queue)
{
  lock.async_acquire(
      [](auto, auto guard)
      {
        guard.reset();
      });
  (void)queue.try_put(1);
  queue.async_get([](auto, int) {});
  queue.cancel();
}

} // namespace

#ifdef NDEBUG

extern const unit unchecked;
const unit unchecked = {enter, leave, use};

#else

extern const unit unchecked;

int main()
{
  const unit checked = {enter, leave, use};
  entry_check check;
  asio::io_context io;
  local_lock lock(io);
  local_queue queue(io);
  for (const unit* first : {&checked, &unchecked})
  {
    for (const unit* second : {&checked, &unchecked})
    {
      for (const unit* one : {first, second})
      {
        first->enter(check);
        second->leave(check);
        one->use(lock, queue);
        io.restart();
        io.run();
      }
    }
  }
  if (lock.locked() || lock.waiters() != 0)
    return EXIT_FAILURE;
  std::puts("no false alarm");
  return EXIT_SUCCESS;
}

#endif
