// SPDX-License-Identifier: BSL-1.0

#include <toro/lock.hpp>
#include <toro/threading.hpp>
#include <toro/wait_group.hpp>

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <cstddef>

#include "contenders.hpp"
#include "workloads.hpp"

namespace bench {

namespace {

namespace asio = boost::asio;

using io_executor = asio::io_context::executor_type;

template <class Primitive, class Try>
void take_and_reset(trial& t, Primitive& primitive, Try take)
{
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
void enter(trial& t)
{
  asio::io_context context;
  toro::basic_wait_group<io_executor, Threading> group(context.get_executor());
  take_and_reset(t, group,
                 [](auto& from)
                 {
                   return from.try_enter();
                 });
}

template <class Threading>
void hold(trial& t)
{
  asio::io_context context;
  toro::basic_lock<io_executor, Threading> lock(context.get_executor());
  take_and_reset(t, lock,
                 [](auto& from)
                 {
                   return from.try_acquire();
                 });
}

template <class Threading>
void add_entering(rows& all)
{
  all.push_back({{"W1",
                  "wait_group, enter and leave, against try_acquire",
                  {1.2, 1.2},
                  unit::times_base},
                 toro_with<Threading>,
                 enter<Threading>,
                 hold<Threading>});
}

} // namespace

void add_guards(rows& all)
{
  add_entering<toro::strand_bound>(all);
  add_entering<toro::thread_safe>(all);
}

} // namespace bench
