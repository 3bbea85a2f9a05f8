// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_UNIT_CONFORMANCE_OPERATIONS_HPP
#define TORO_TEST_UNIT_CONFORMANCE_OPERATIONS_HPP

#include <toro/async_result.hpp>
#include <toro/barrier.hpp>
#include <toro/bounded_semaphore.hpp>
#include <toro/broadcast.hpp>
#include <toro/cancellation_source.hpp>
#include <toro/condition.hpp>
#include <toro/delay_queue.hpp>
#include <toro/event.hpp>
#include <toro/latch.hpp>
#include <toro/lifo_queue.hpp>
#include <toro/lock.hpp>
#include <toro/priority_queue.hpp>
#include <toro/queue.hpp>
#include <toro/rw_lock.hpp>
#include <toro/semaphore.hpp>
#include <toro/threading.hpp>
#include <toro/wait_group.hpp>
#include <toro/watch.hpp>
#include <toro/weighted_queue.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/recording_handler.hpp"

namespace toro_test {

// What the cases know of an asynchronous operation; the argument s is its
// subject. An operation that is in the list at the end of this file gets every
// case.
//
//   name            as the headers declare it; structure.async_members compares
//   value_type      what the handler gets beside the error code
//   never_ready     whether it waits whatever the state
//   grants_all      whether one grant lets all waiters through
//   grant_is_final  whether what is granted cannot be taken back
//   start_is_final  whether the same applies if it completes immediately
//   keeps_effect    whether it has an effect that stays if it ends early, so
//                   that it does not support total cancellation
//   serves_once     whether an operation fails that starts when another one
//                   has been granted
//   reads_clock     whether it asks for the time although it has no deadline
//   object_type<Ex> the primitive
//   size            how many the primitive admits, if its constructor asks
//   when_full       what a put of a broadcast does then
//   set_up(object)  makes the operation wait; returns what it holds for that
//   start(s, ...)   starts it; the arguments are those that all operations
//                   take: maybe a deadline, and the token
//   grant(s)        lets one waiter more, or a newcomer, succeed
//   is_whole(s)     after a grant: whether nothing of it is missing

// The set-up of all operations: a primitive on which the operation has to wait.
template <class Operation, class Executor = boost::asio::any_io_executor>
struct subject_of
{
  using object_type = typename Operation::template object_type<Executor>;

  explicit subject_of(const Executor& executor)
    : object(make(executor))
  {
    held = Operation::set_up(object);
  }

  template <class... Tail>
  auto start(Tail&&... tail)
      -> decltype(Operation::start(std::declval<subject_of&>(),
                                   std::forward<Tail>(tail)...))
  {
    return Operation::start(*this, std::forward<Tail>(tail)...);
  }

  void grant()
  {
    Operation::grant(*this);
  }

  bool is_whole() const
  {
    return Operation::is_whole(*this);
  }

  static object_type make(const Executor& executor)
  {
    if constexpr (requires { Operation::when_full; })
      return object_type(executor, Operation::size, Operation::when_full);
    else if constexpr (requires { Operation::size; })
      return object_type(executor, Operation::size);
    else
      return object_type(executor);
  }

  // Order: a guard outlives its lock, which must not mind.
  decltype(Operation::set_up(std::declval<object_type&>())) held;
  object_type object;
};

// Passes the common arguments on to the operation under test, after its own.
#define TORO_TEST_START(function, ...)                                         \
  template <class... Tail>                                                     \
  static auto start(auto& s, Tail&&... tail)                                   \
      ->decltype(s.object.function(__VA_ARGS__ __VA_OPT__(, )                  \
                                       std::forward<Tail>(tail)...))           \
  {                                                                            \
    return s.object.function(__VA_ARGS__ __VA_OPT__(, )                        \
                                 std::forward<Tail>(tail)...);                 \
  }

struct nothing
{
};

struct plain_operation
{
  using value_type = void;
  static constexpr bool never_ready = false;
  static constexpr bool grants_all = false;
  static constexpr bool grant_is_final = false;
  static constexpr bool start_is_final = false;
  static constexpr bool keeps_effect = false;
  static constexpr bool serves_once = false;
  static constexpr bool reads_clock = false;

  static nothing set_up(auto&)
  {
    return {};
  }
};

template <class Threading>
struct event_wait : plain_operation
{
  static constexpr const char* name = "event.async_wait()";
  static constexpr bool grants_all = true;

  template <class Executor>
  using object_type = toro::basic_event<Executor, Threading>;

  TORO_TEST_START(async_wait)

  static void grant(auto& s)
  {
    s.object.set();
  }

  static bool is_whole(const auto& s)
  {
    return s.object.is_set();
  }
};

template <class Threading>
struct latch_operation : plain_operation
{
  static constexpr bool grants_all = true;

  // More than any case starts arrivals.
  static constexpr std::size_t size = 1000;

  template <class Executor>
  using object_type = toro::basic_latch<Executor, Threading>;
};

template <class Threading>
struct latch_wait : latch_operation<Threading>
{
  static constexpr const char* name = "latch.async_wait()";

  TORO_TEST_START(async_wait)

  static void grant(auto& s)
  {
    s.object.count_down(s.object.count());
  }

  static bool is_whole(const auto& s)
  {
    return s.object.ready();
  }
};

template <class Threading>
struct latch_arrive : latch_operation<Threading>
{
  static constexpr const char* name = "latch.async_arrive()";
  static constexpr bool keeps_effect = true;
  static constexpr bool serves_once = true;

  TORO_TEST_START(async_arrive)

  // If no arrival waits, the next one is the last.
  static void grant(auto& s)
  {
    const std::size_t count = s.object.count();
    if (s.object.waiters() != 0)
      s.object.count_down(count);
    else if (count > 1)
      s.object.count_down(count - 1);
  }

  static bool is_whole(const auto& s)
  {
    return s.object.count() <= 1;
  }
};

// One handle of a source, which cancels its waits as other primitives do.
template <class Executor, class Threading>
class only_handle : public toro::basic_cancellation_source<Executor, Threading>
{
  using base = toro::basic_cancellation_source<Executor, Threading>;

public:
  template <class OtherExecutor>
  struct rebind_executor
  {
    using other = only_handle<OtherExecutor, Threading>;
  };

  explicit only_handle(const Executor& executor)
    : base(executor)
  {
  }

  only_handle(only_handle&&) noexcept = default;
  only_handle& operator=(only_handle&&) noexcept = default;

  template <class OtherExecutor>
  requires(!std::is_same_v<Executor, OtherExecutor>)
      only_handle(only_handle<OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  void grant()
  {
    base::cancel();
  }

  std::size_t cancel()
  {
    return this->get_core().cancel();
  }
};

template <class Threading>
struct cancellation_source_wait : plain_operation
{
  static constexpr const char* name = "cancellation_source.async_wait()";
  static constexpr bool grants_all = true;

  template <class Executor>
  using object_type = only_handle<Executor, Threading>;

  TORO_TEST_START(async_wait)

  static void grant(auto& s)
  {
    s.object.grant();
  }

  static bool is_whole(const auto& s)
  {
    return s.object.cancelled();
  }
};

template <class Threading>
struct barrier_arrive : plain_operation
{
  static constexpr const char* name = "barrier.async_arrive()";
  using value_type = bool;
  static constexpr bool grants_all = true;
  static constexpr bool grant_is_final = true;
  static constexpr bool start_is_final = true;

  // More than any case starts arrivals.
  static constexpr std::size_t size = 1000;

  template <class Executor>
  using object_type = toro::basic_barrier<Executor, Threading>;

  TORO_TEST_START(async_arrive)

  // Completes the phase of those that have arrived. From then on an arrival
  // waits for no other.
  static void grant(auto& s)
  {
    while (s.object.waiters() != 0 || s.object.parties() > 1)
      s.object.drop();
  }

  static bool is_whole(const auto& s)
  {
    return s.object.parties() == 1;
  }
};

template <class Threading>
struct wait_group_operation : plain_operation
{
  static constexpr bool grants_all = true;

  template <class Executor>
  using object_type = toro::basic_wait_group<Executor, Threading>;

  static auto set_up(auto& group)
  {
    return group.enter();
  }

  static void grant(auto& s)
  {
    s.held.reset();
  }

  static bool is_whole(const auto& s)
  {
    return s.object.count() == 0;
  }
};

template <class Threading>
struct wait_group_wait : wait_group_operation<Threading>
{
  static constexpr const char* name = "wait_group.async_wait()";

  TORO_TEST_START(async_wait)
};

template <class Threading>
struct wait_group_close : wait_group_operation<Threading>
{
  static constexpr const char* name = "wait_group.async_close()";
  static constexpr bool keeps_effect = true;

  TORO_TEST_START(async_close)
};

template <class Threading>
struct condition_operation : plain_operation
{
  template <class Executor>
  using object_type = toro::basic_condition<Executor, Threading>;

  // Notifications are not remembered.
  static bool is_whole(const auto& s)
  {
    return s.object.waiters() == 0;
  }
};

template <class Threading>
struct watch_operation : plain_operation
{
  using value_type = int;
  static constexpr bool grants_all = true;

  template <class Executor>
  using object_type = toro::basic_watch<int, Executor, Threading>;

  template <class Executor>
  static auto set_up(toro::basic_watch<int, Executor, Threading>& watch)
  {
    return std::optional(watch.read());
  }

  static void grant(auto& s)
  {
    s.object.set(the_item);
  }

  static bool is_whole(const auto& s)
  {
    return s.held->has_news();
  }
};

template <class Threading>
struct watch_next : watch_operation<Threading>
{
  static constexpr const char* name = "watch.async_next()";

  template <class... Tail>
  static auto start(auto& s, Tail&&... tail)
      -> decltype(s.held->async_next(std::forward<Tail>(tail)...))
  {
    return s.held->async_next(std::forward<Tail>(tail)...);
  }
};

template <class Threading>
struct watch_next_for_predicate : watch_operation<Threading>
{
  static constexpr const char* name = "watch.async_next(predicate)";

  struct is_the_item
  {
    bool operator()(int value) const
    {
      return value == the_item;
    }
  };

  template <class... Tail>
  static auto start(auto& s, Tail&&... tail)
      -> decltype(s.held->async_next(is_the_item(),
                                     std::forward<Tail>(tail)...))
  {
    return s.held->async_next(is_the_item(), std::forward<Tail>(tail)...);
  }
};

template <class Threading>
struct broadcast_operation : plain_operation
{
  static constexpr toro::overflow when_full = toro::overflow::wait;

  template <class Executor>
  using object_type = toro::basic_broadcast<int, Executor, Threading>;
};

template <class Threading>
struct broadcast_put : broadcast_operation<Threading>
{
  static constexpr const char* name = "broadcast.async_put(item)";
  static constexpr std::size_t size = 1;

  template <class Executor>
  static auto set_up(toro::basic_broadcast<int, Executor, Threading>& object)
  {
    std::optional result(object.subscribe());
    static_cast<void>(object.try_put(the_item));
    return result;
  }

  TORO_TEST_START(async_put, the_item)

  static void grant(auto& s)
  {
    static_cast<void>(s.held->try_get());
  }

  // The item of a put that failed is not stored.
  static bool is_whole(const auto& s)
  {
    return s.object.size() == 0;
  }
};

template <class Threading>
struct broadcast_get : broadcast_operation<Threading>
{
  static constexpr const char* name = "broadcast.async_get()";
  static constexpr std::size_t size = 100;
  using value_type = int;

  template <class Executor>
  static auto set_up(toro::basic_broadcast<int, Executor, Threading>& object)
  {
    return std::optional(object.subscribe());
  }

  template <class... Tail>
  static auto start(auto& s, Tail&&... tail)
      -> decltype(s.held->async_get(std::forward<Tail>(tail)...))
  {
    return s.held->async_get(std::forward<Tail>(tail)...);
  }

  static void grant(auto& s)
  {
    static_cast<void>(s.object.try_put(the_item));
  }

  static bool is_whole(const auto& s)
  {
    return s.held->size() == 1;
  }
};

template <class Threading>
struct condition_wait : condition_operation<Threading>
{
  static constexpr const char* name = "condition.async_wait()";
  static constexpr bool never_ready = true;

  TORO_TEST_START(async_wait)

  static void grant(auto& s)
  {
    s.object.notify();
  }
};

template <class Threading>
struct condition_wait_for_predicate : condition_operation<Threading>
{
  static constexpr const char* name = "condition.async_wait(predicate)";

  // Copied into the operation.
  struct predicate
  {
    std::shared_ptr<bool> flag = std::make_shared<bool>(false);

    bool operator()() const
    {
      return *flag;
    }
  };

  static predicate set_up(auto&)
  {
    return {};
  }

  TORO_TEST_START(async_wait, predicate(s.held))

  static void grant(auto& s)
  {
    *s.held.flag = true;
    s.object.notify();
  }
};

// Waits for a guard that the test holds.
struct guard_operation : plain_operation
{
  static void grant(auto& s)
  {
    s.held.reset();
  }
};

template <class Threading>
struct lock_acquire : guard_operation
{
  static constexpr const char* name = "lock.async_acquire()";
  using value_type = toro::basic_guard<Threading>;

  template <class Executor>
  using object_type = toro::basic_lock<Executor, Threading>;

  static auto set_up(auto& lock)
  {
    return lock.try_acquire();
  }

  TORO_TEST_START(async_acquire)

  static bool is_whole(const auto& s)
  {
    return !s.object.locked();
  }
};

// A semaphore of either kind that lacks one permit.
template <template <class, class> class Semaphore, class Threading,
          std::size_t Permits = 1>
struct semaphore_operation : guard_operation
{
  template <class Executor>
  using object_type = Semaphore<Executor, Threading>;

  static constexpr std::size_t size = Permits;

  static auto set_up(auto& semaphore)
  {
    return semaphore.try_acquire();
  }

  static bool is_whole(const auto& s)
  {
    return s.object.value() == size;
  }
};

template <class Threading>
struct semaphore_acquire : semaphore_operation<toro::basic_semaphore, Threading>
{
  static constexpr const char* name = "semaphore.async_acquire()";
  using value_type = toro::basic_permit<Threading>;

  TORO_TEST_START(async_acquire)
};

template <class Threading>
struct semaphore_acquire_some
  : semaphore_operation<toro::basic_semaphore, Threading, 3>
{
  static constexpr const char* name = "semaphore.async_acquire(n)";
  using value_type = toro::basic_permit<Threading>;

  TORO_TEST_START(async_acquire, std::size_t(3))
};

template <class Threading>
struct semaphore_acquire_at_least
  : semaphore_operation<toro::basic_semaphore, Threading, 3>
{
  static constexpr const char* name =
      "semaphore.async_acquire_some(at_least,at_most)";
  using value_type = toro::basic_permit<Threading>;

  TORO_TEST_START(async_acquire_some, std::size_t(3), std::size_t(4))
};

template <class Threading>
struct semaphore_wait : semaphore_operation<toro::basic_semaphore, Threading>
{
  static constexpr const char* name = "semaphore.async_wait()";
  static constexpr bool grants_all = true;

  TORO_TEST_START(async_wait)
};

template <class Threading>
struct bounded_semaphore_acquire
  : semaphore_operation<toro::basic_bounded_semaphore, Threading>
{
  static constexpr const char* name = "bounded_semaphore.async_acquire()";
  using value_type = toro::basic_permit<Threading>;

  TORO_TEST_START(async_acquire)
};

template <class Threading>
struct bounded_semaphore_acquire_some
  : semaphore_operation<toro::basic_bounded_semaphore, Threading, 3>
{
  static constexpr const char* name = "bounded_semaphore.async_acquire(n)";
  using value_type = toro::basic_permit<Threading>;

  TORO_TEST_START(async_acquire, std::size_t(3))
};

template <class Threading>
struct bounded_semaphore_wait
  : semaphore_operation<toro::basic_bounded_semaphore, Threading>
{
  static constexpr const char* name = "bounded_semaphore.async_wait()";
  static constexpr bool grants_all = true;

  TORO_TEST_START(async_wait)
};

template <class Threading>
struct rw_lock_operation : guard_operation
{
  template <class Executor>
  using object_type = toro::basic_rw_lock<Executor, Threading>;

  static auto set_up(auto& lock)
  {
    return lock.try_acquire_read();
  }

  static bool is_whole(const auto& s)
  {
    return !s.object.write_locked() && s.object.readers() == 0;
  }
};

// The only reader's place is taken, so that readers wait one by one.
template <class Threading>
struct rw_lock_acquire_read : rw_lock_operation<Threading>
{
  static constexpr const char* name = "rw_lock.async_acquire_read()";
  using value_type = toro::basic_read_guard<Threading>;
  static constexpr std::size_t size = 1;

  TORO_TEST_START(async_acquire_read)
};

template <class Threading>
struct rw_lock_acquire_write : rw_lock_operation<Threading>
{
  static constexpr const char* name = "rw_lock.async_acquire_write()";
  using value_type = toro::basic_write_guard<Threading>;

  TORO_TEST_START(async_acquire_write)
};

// The queues of these tests, by kind.
struct fifo
{
  template <class Executor, class Threading>
  using type = toro::basic_queue<int, Executor, Threading>;
};

struct lifo
{
  template <class Executor, class Threading>
  using type = toro::basic_lifo_queue<int, Executor, Threading>;
};

struct sorted
{
  template <class Executor, class Threading>
  using type =
      toro::basic_priority_queue<int, std::less<int>, Executor, Threading>;
};

struct one_each
{
  std::size_t operator()(int) const noexcept
  {
    return 1;
  }
};

struct weighted
{
  template <class Executor, class Threading>
  using type = toro::basic_weighted_queue<int, one_each, Executor, Threading>;
};

template <class Kind, class Threading>
struct queue_operation : plain_operation
{
  template <class Executor>
  using object_type = typename Kind::template type<Executor, Threading>;
};

template <class Kind, class Threading>
struct queue_put_operation : queue_operation<Kind, Threading>
{
  static constexpr std::size_t size = 1;

  static nothing set_up(auto& queue)
  {
    static_cast<void>(queue.try_put(the_item));
    return {};
  }

  TORO_TEST_START(async_put, the_item)

  static void grant(auto& s)
  {
    static_cast<void>(s.object.try_get());
  }

  // The item of a put that failed is in no queue.
  static bool is_whole(const auto& s)
  {
    return s.object.empty();
  }
};

template <class Kind, class Threading>
struct queue_reserve_operation : queue_operation<Kind, Threading>
{
  template <class Executor>
  using object_type = typename Kind::template type<Executor, Threading>;
  using value_type =
      typename object_type<boost::asio::any_io_executor>::room_type;
  static constexpr std::size_t size = 1;

  static value_type set_up(auto& queue)
  {
    return queue.try_reserve();
  }

  TORO_TEST_START(async_reserve)

  static void grant(auto& s)
  {
    s.held.reset();
  }

  static bool is_whole(const auto& s)
  {
    return !s.object.full();
  }
};

template <class Kind, class Threading>
struct queue_get_operation : queue_operation<Kind, Threading>
{
  using value_type = int;

  TORO_TEST_START(async_get)

  static void grant(auto& s)
  {
    static_cast<void>(s.object.try_put(the_item));
  }

  static bool is_whole(const auto& s)
  {
    return s.object.size() == 1;
  }
};

template <class Kind, class Threading>
struct queue_join_operation : queue_operation<Kind, Threading>
{
  static constexpr bool grants_all = true;

  static nothing set_up(auto& queue)
  {
    static_cast<void>(queue.try_put(the_item));
    return {};
  }

  TORO_TEST_START(async_join)

  static void grant(auto& s)
  {
    if (s.object.unfinished() != 0)
      s.object.task_done();
  }

  static bool is_whole(const auto& s)
  {
    return s.object.unfinished() == 0;
  }
};

template <class Kind, class Threading>
struct queue_get_some_operation : queue_get_operation<Kind, Threading>
{
  using value_type = std::vector<int>;

  TORO_TEST_START(async_get_some, std::size_t(1))
};

template <class Kind, class Threading>
struct queue_next_operation : queue_get_operation<Kind, Threading>
{
  using value_type = std::optional<int>;

  TORO_TEST_START(async_next)
};

template <class Kind, class Threading>
struct queue_wait_operation : queue_operation<Kind, Threading>
{
  static constexpr bool grants_all = true;

  TORO_TEST_START(async_wait)

  static void grant(auto& s)
  {
    if (s.object.empty())
      static_cast<void>(s.object.try_put(the_item));
  }

  static bool is_whole(const auto& s)
  {
    return s.object.size() == 1;
  }
};

template <class Threading>
struct delay_queue_get : plain_operation
{
  static constexpr const char* name = "delay_queue.async_get()";
  static constexpr bool reads_clock = true;
  using value_type = int;

  template <class Executor>
  using object_type = toro::basic_delay_queue<int, Executor, Threading>;

  TORO_TEST_START(async_get)

  static void grant(auto& s)
  {
    s.object.put(the_item, std::chrono::seconds(0));
  }

  static bool is_whole(const auto& s)
  {
    return s.object.size() == 1;
  }
};

template <class Threading>
struct queue_put : queue_put_operation<fifo, Threading>
{
  static constexpr const char* name = "queue.async_put(item)";
};

template <class Threading>
struct queue_reserve : queue_reserve_operation<fifo, Threading>
{
  static constexpr const char* name = "queue.async_reserve()";
};

template <class Threading>
struct queue_get : queue_get_operation<fifo, Threading>
{
  static constexpr const char* name = "queue.async_get()";
};

template <class Threading>
struct queue_join : queue_join_operation<fifo, Threading>
{
  static constexpr const char* name = "queue.async_join()";
};

// The get that makes room for a put takes the very item of that put.
template <class Threading>
struct lifo_queue_put : queue_put_operation<lifo, Threading>
{
  static constexpr const char* name = "lifo_queue.async_put(item)";
  static constexpr bool grant_is_final = true;
};

template <class Threading>
struct lifo_queue_get : queue_get_operation<lifo, Threading>
{
  static constexpr const char* name = "lifo_queue.async_get()";
};

template <class Threading>
struct lifo_queue_join : queue_join_operation<lifo, Threading>
{
  static constexpr const char* name = "lifo_queue.async_join()";
};

template <class Threading>
struct priority_queue_put : queue_put_operation<sorted, Threading>
{
  static constexpr const char* name = "priority_queue.async_put(item)";
};

template <class Threading>
struct priority_queue_get : queue_get_operation<sorted, Threading>
{
  static constexpr const char* name = "priority_queue.async_get()";
};

template <class Threading>
struct priority_queue_join : queue_join_operation<sorted, Threading>
{
  static constexpr const char* name = "priority_queue.async_join()";
};

template <class Threading>
struct queue_get_some : queue_get_some_operation<fifo, Threading>
{
  static constexpr const char* name = "queue.async_get_some(most)";
};

template <class Threading>
struct queue_next : queue_next_operation<fifo, Threading>
{
  static constexpr const char* name = "queue.async_next()";
};

template <class Threading>
struct queue_wait : queue_wait_operation<fifo, Threading>
{
  static constexpr const char* name = "queue.async_wait()";
};

template <class Threading>
struct weighted_queue_get_some : queue_get_some_operation<weighted, Threading>
{
  static constexpr const char* name = "weighted_queue.async_get_some(most)";
};

template <class Threading>
struct weighted_queue_put : queue_put_operation<weighted, Threading>
{
  static constexpr const char* name = "weighted_queue.async_put(item)";
};

template <class Threading>
struct weighted_queue_reserve : queue_reserve_operation<weighted, Threading>
{
  static constexpr const char* name = "weighted_queue.async_reserve(weight)";

  static auto set_up(auto& queue)
  {
    return queue.try_reserve(1);
  }

  TORO_TEST_START(async_reserve, 1)
};

template <class Threading>
struct weighted_queue_get : queue_get_operation<weighted, Threading>
{
  static constexpr const char* name = "weighted_queue.async_get()";
};

template <class Value, class Threading>
struct async_result_operation : plain_operation
{
  static constexpr bool grants_all = true;
  using value_type = Value;

  template <class Executor>
  using object_type = toro::basic_async_result<Value, Executor, Threading>;

  TORO_TEST_START(async_get)

  static void grant(auto& s)
  {
    if (s.object.ready())
      return;
    if constexpr (std::is_void_v<Value>)
      s.object.set();
    else
      s.object.set(the_item);
  }

  static bool is_whole(const auto& s)
  {
    return s.object.ready();
  }
};

template <class Threading>
struct async_result_get : async_result_operation<int, Threading>
{
  static constexpr const char* name = "async_result.async_get()";
};

template <class Threading>
struct async_result_get_void : async_result_operation<void, Threading>
{
  static constexpr const char* name = "async_result<void>.async_get()";
};

#undef TORO_TEST_START

template <template <class> class... Operation>
using with_both_policies = std::tuple<Operation<toro::thread_safe>...,
                                      Operation<toro::strand_bound>...>;

// The kinds of queue share the code of their operations, and so do the kinds of
// semaphore. All operations of the first kind are here. Of the other kinds only
// those are here that Toro has, or that behave differently.
using all_operations = with_both_policies<
    event_wait, cancellation_source_wait, latch_wait, latch_arrive,
    barrier_arrive, wait_group_wait, wait_group_close, broadcast_put,
    broadcast_get, watch_next, watch_next_for_predicate, condition_wait,
    condition_wait_for_predicate, lock_acquire, semaphore_acquire,
    semaphore_acquire_some, semaphore_acquire_at_least, semaphore_wait,
    bounded_semaphore_acquire, bounded_semaphore_acquire_some,
    bounded_semaphore_wait, rw_lock_acquire_read, rw_lock_acquire_write,
    queue_put, queue_reserve, queue_get, queue_join, lifo_queue_put,
    lifo_queue_get, lifo_queue_join, priority_queue_put, priority_queue_get,
    priority_queue_join, weighted_queue_put, weighted_queue_reserve,
    weighted_queue_get, queue_get_some, weighted_queue_get_some, queue_next,
    queue_wait, delay_queue_get, async_result_get, async_result_get_void>;

} // namespace toro_test

#endif // TORO_TEST_UNIT_CONFORMANCE_OPERATIONS_HPP
