// SPDX-License-Identifier: BSL-1.0
// Results that nobody looks at. A comment says which compilers warn of the
// line; of the others none does.

#include <toro.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <iostream>
#include <utility>

namespace asio = boost::asio;

toro::guard make_guard();
toro::drop_guard make_drop_guard();
toro::subscription<int> make_subscription();

asio::awaitable<void> work();

struct weigh
{
  std::size_t operator()(int) const
  {
    return 1;
  }
};

template <class Threading>
struct primitives
{
  using executor = asio::any_io_executor;

  toro::basic_lock<executor, Threading> lock;
  toro::basic_rw_lock<executor, Threading> table;
  toro::basic_semaphore<executor, Threading> slots;
  toro::basic_bounded_semaphore<executor, Threading> places;
  toro::basic_event<executor, Threading> event;
  toro::basic_latch<executor, Threading> latch;
  toro::basic_barrier<executor, Threading> barrier;
  toro::basic_wait_group<executor, Threading> group;
  toro::basic_task_group<executor, Threading> children;
  toro::basic_cancellation_source<executor, Threading> source;
  toro::basic_watch<int, executor, Threading> level;
  toro::basic_broadcast<int, executor, Threading> room;
  toro::basic_subscription<int, Threading, executor> client;
  toro::basic_reader<int, Threading, executor> view;
  toro::basic_condition<executor, Threading> condition;
  toro::basic_queue<int, executor, Threading> items;
  toro::basic_priority_queue<int, std::less<>, executor, Threading> heap;
  toro::basic_weighted_queue<int, weigh, executor, Threading> loads;
  toro::basic_delay_queue<int, executor, Threading> later;
  toro::basic_async_result<int, executor, Threading> answer;
  toro::basic_async_result<void, executor, Threading> done;
};

void discard_guards(primitives<toro::thread_safe>& p, toro::write_guard writing)
{
  make_guard();                   // warns
  make_drop_guard();              // warns
  make_subscription();            // warns
  p.lock.try_acquire();           // warns
  p.table.try_acquire_read();     // warns
  p.table.try_acquire_write();    // warns
  p.slots.try_acquire();          // warns
  p.places.try_acquire(2);        // warns
  toro::permit().split(0);        // warns
  p.items.try_reserve();          // warns
  p.loads.try_reserve(2);         // warns
  p.group.enter();                // warns
  p.group.try_enter();            // warns
  std::move(writing).downgrade(); // warns
  toro::read_guard reading;
  p.table.try_upgrade(reading); // warns
}

void discard_guards(primitives<toro::strand_bound>& p)
{
  p.lock.try_acquire();       // warns
  p.table.try_acquire_read(); // warns
  p.slots.try_acquire(2);     // warns
}

void discard_answers(primitives<toro::thread_safe>& p)
{
  const int item = 1;
  p.items.try_put(1);                                // warns
  p.items.try_put(item);                             // warns
  p.heap.try_put(1);                                 // warns
  p.items.try_get();                                 // warns
  p.later.try_get();                                 // warns
  p.answer.try_get();                                // warns
  p.done.try_get();                                  // warns
  p.level.get();                                     // warns
  p.level.read();                                    // warns
  p.children.child();                                // warns
  p.children.try_spawn(work);                        // warns
  p.source.child();                                  // warns
  p.source.drop_guard();                             // warns
  toro::bind_cancellation(p.source, asio::detached); // warns
  p.room.try_put(1);                                 // warns
  p.room.try_put(item);                              // warns
  p.room.subscribe();                                // warns
  p.client.try_get();                                // warns
  p.client.size();                                   // warns
  p.view.get();                                      // warns
}

void discard_observations(const primitives<toro::thread_safe>& p,
                          const toro::permit& permit,
                          const toro::drop_guard& drop)
{
  p.lock.locked();        // warns
  p.lock.waiters();       // warns
  p.lock.get_executor();  // warns
  p.table.readers();      // warns
  p.table.write_locked(); // warns
  p.table.locked();       // warns
  p.slots.value();        // warns
  p.slots.locked();       // warns
  p.event.is_set();       // warns
  p.latch.count();        // warns
  p.latch.ready();        // warns
  p.barrier.parties();    // warns
  p.barrier.arrived();    // warns
  p.barrier.phase();      // warns
  p.group.count();        // warns
  p.group.is_open();      // warns
  p.children.size();      // warns
  p.children.is_open();   // warns
  p.children.failure();   // warns
  p.source.cancelled();   // warns
  p.source.waiters();     // warns
  p.condition.waiters();  // warns
  p.items.size();         // warns
  p.items.max_size();     // warns
  p.items.peak();         // warns
  p.loads.weight();       // warns
  p.loads.max_weight();   // warns
  p.items.empty();        // warns
  p.items.full();         // warns
  p.items.getters();      // warns
  p.items.putters();      // warns
  p.items.unfinished();   // warns
  p.items.is_open();      // warns
  p.level.is_open();      // warns
  p.level.version();      // warns
  p.view.has_news();      // warns
  p.later.size();         // warns
  p.later.empty();        // warns
  p.later.getters();      // warns
  p.later.is_open();      // warns
  p.room.is_open();       // warns
  p.room.capacity();      // warns
  p.room.subscriptions(); // warns
  p.room.size();          // warns
  p.room.getters();       // warns
  p.room.putters();       // warns
  p.answer.ready();       // warns
  p.answer.exception();   // warns
  permit.count();         // warns
  permit.operator bool(); // warns
  drop.operator bool();   // warns
  to_string(p.lock);      // warns
  to_string(p.table);     // warns
  to_string(p.places);    // warns
  to_string(p.event);     // warns
  to_string(p.latch);     // warns
  to_string(p.barrier);   // warns
  to_string(p.group);     // warns
  to_string(p.children);  // warns
  to_string(p.source);    // warns
  to_string(p.condition); // warns
  to_string(p.items);     // warns
  to_string(p.heap);      // warns
  to_string(p.loads);     // warns
  to_string(p.later);     // warns
  to_string(p.level);     // warns
  to_string(p.room);      // warns
  to_string(p.answer);    // warns
  to_string(p.done);      // warns
}

asio::awaitable<void>
discard_what_was_waited_for(primitives<toro::thread_safe>& p)
{
  co_await p.lock.async_acquire(asio::use_awaitable);        // Clang warns
  co_await p.slots.async_acquire(2, asio::use_awaitable);    // Clang warns
  co_await p.table.async_acquire_read(asio::use_awaitable);  // Clang warns
  co_await p.table.async_acquire_write(asio::use_awaitable); // Clang warns
  co_await p.slots.async_acquire_some(1, 2, asio::deferred); // Clang warns
  co_await p.items.async_reserve(asio::use_awaitable);       // Clang warns
  co_await p.loads.async_reserve(2, toro::eager);            // Clang warns
  co_await p.lock.async_acquire(toro::eager);                // Clang warns
  co_await p.lock.async_acquire(asio::deferred);             // Clang warns
  co_await p.items.async_get(asio::use_awaitable);
  co_await p.items.async_get_some(2, asio::use_awaitable);
  co_await p.items.async_next(asio::use_awaitable);
  co_await p.items.async_wait(asio::use_awaitable);
  co_await p.later.async_get(asio::use_awaitable);
  co_await p.event.async_wait(asio::use_awaitable);
  co_await p.latch.async_wait(asio::use_awaitable);
  co_await p.latch.async_arrive(asio::use_awaitable);
  co_await p.barrier.async_arrive(asio::use_awaitable);
  co_await p.group.async_wait(asio::use_awaitable);
  co_await p.group.async_close(asio::use_awaitable);
  co_await p.children.async_join(asio::use_awaitable);
  co_await p.source.async_wait(asio::use_awaitable);
  co_await toro::async_first_of(p.items.async_get(asio::deferred),
                                p.event.async_wait(asio::deferred),
                                asio::use_awaitable);
}

// Counts may be ignored, and so may what a function does besides.
void act(primitives<toro::thread_safe>& p, toro::guard& guard,
         boost::system::error_code& ec)
{
  p.lock.release();
  p.lock.release(ec);
  p.table.release_read();
  p.table.release_write(ec);
  p.slots.release();
  p.slots.release(2);
  p.slots.release(2, ec);
  p.slots.close();
  p.places.resize(2);
  p.event.set();
  p.event.clear();
  p.latch.count_down();
  p.latch.count_down(2);
  p.latch.count_down(ec);
  p.latch.count_down(2, ec);
  p.barrier.drop();
  p.barrier.drop(ec);
  p.group.leave();
  p.group.leave(ec);
  p.group.close();
  p.children.cancel();
  p.children.close();
  p.source.cancel();
  p.event.async_wait(p.children.child());
  p.event.async_wait(toro::bind_cancellation(p.source, asio::detached));
  p.condition.notify();
  p.condition.notify_all();
  p.items.task_done();
  p.items.task_done(ec);
  p.items.close();
  p.items.cancel();
  p.items.clear();
  p.items.force_put(1);
  int place[1];
  p.items.try_get_some(1, place);
  p.later.put(1, toro::deadline());
  p.later.put(1, toro::deadline(), ec);
  p.later.erase(toro::delay_key());
  p.later.close();
  p.level.set(1);
  p.level.set(1, ec);
  p.level.close();
  p.room.put(1);
  p.room.put(1, ec);
  p.room.close();
  p.client.lost();
  p.client.skip_to_newest();
  p.answer.set(1);
  p.answer.set(1, ec);
  p.answer.set_error(ec);
  p.answer.set_error(ec, ec);
  p.answer.set_exception(std::current_exception());
  p.done.set();
  p.done.set_exception(std::current_exception(), ec);
  p.answer.get();
  p.lock.try_acquire().detach();
  p.lock.async_acquire(asio::detached);
  p.items.async_put(1, asio::detached);
  p.lock.async_acquire([](boost::system::error_code, toro::guard) {});
  (void)p.lock.try_acquire();
  (void)p.items.try_put(1);
  guard.reset();
  guard.detach();
  std::cout << p.lock;
}
