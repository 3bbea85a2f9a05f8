// SPDX-License-Identifier: BSL-1.0

#include <toro/lock.hpp>
#include <toro/threading.hpp>
#include <toro/wait_group.hpp>

#include <atomic>
#include <cstddef>

#include "contenders.hpp"
#include "fixture.hpp"
#include "workloads.hpp"

namespace bench {

namespace {

template <class Threading>
auto take(toro::basic_wait_group<io_executor, Threading>& from)
{
  return from.try_enter();
}

template <class Threading>
auto take(toro::basic_lock<io_executor, Threading>& from)
{
  return from.try_acquire();
}

template <class Primitive>
void take_and_reset(trial& t)
{
  asio::io_context context;
  Primitive primitive(context.get_executor());
  t.start();
  for (std::size_t i = 0; i != t.operations(); ++i)
  {
    auto guard = take(primitive);
    // Keeps the compiler from leaving out what comes to nothing.
    std::atomic_signal_fence(std::memory_order_seq_cst);
    guard.reset();
  }
  t.stop();
}

template <class Threading>
void add_entering(rows& all)
{
  all.push_back({{"W1",
                  "wait_group, enter and leave, against try_acquire",
                  {1.2, 1.2},
                  unit::times_base},
                 toro_with<Threading>,
                 take_and_reset<toro::basic_wait_group<io_executor, Threading>>,
                 take_and_reset<toro::basic_lock<io_executor, Threading>>});
}

} // namespace

void add_guards(rows& all)
{
  add_entering<toro::strand_bound>(all);
  add_entering<toro::thread_safe>(all);
}

} // namespace bench
