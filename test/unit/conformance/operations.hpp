// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_UNIT_CONFORMANCE_OPERATIONS_HPP
#define TORO_TEST_UNIT_CONFORMANCE_OPERATIONS_HPP

#include <toro/async_result.hpp>
#include <toro/bounded_semaphore.hpp>
#include <toro/condition.hpp>
#include <toro/event.hpp>
#include <toro/lifo_queue.hpp>
#include <toro/lock.hpp>
#include <toro/priority_queue.hpp>
#include <toro/queue.hpp>
#include <toro/rw_lock.hpp>
#include <toro/semaphore.hpp>
#include <toro/threading.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <tuple>
#include <utility>

#include "support/witness.hpp"

namespace toro_test {

// What the cases know of an asynchronous operation.
//
//   name          as the headers declare it; structure.async_members compares
//   value_type    what the handler gets beside the error code
//   never_ready   whether it waits whatever the state
//   grants_all    whether one grant lets all waiters through
//   grant_is_final  whether what is granted cannot be taken back
//   subject<Ex>   a primitive on which the operation has to wait:
//     start(...)  starts it; the arguments are those that all operations
//                 take: maybe a deadline, and the token
//     grant()     lets one waiter more, or a newcomer, succeed
//     is_whole()  after a grant: whether nothing of it is missing
//
// An operation that is in the list at the end of this file gets every case.

// Passes the common arguments on to the operation under test.
#define TORO_TEST_START(...)                                                   \
  template <class... Tail>                                                     \
  auto start(Tail&&... tail)                                                   \
      ->decltype(std::declval<object_type&>().__VA_ARGS__)                     \
  {                                                                            \
    return object.__VA_ARGS__;                                                 \
  }

struct plain_operation
{
  using value_type = void;
  static constexpr bool never_ready = false;
  static constexpr bool grants_all = false;
  static constexpr bool grant_is_final = false;
};

template <class Threading>
struct event_wait : plain_operation
{
  static constexpr const char* name = "event.async_wait()";
  static constexpr bool grants_all = true;

  template <class Executor>
  struct subject
  {
    using object_type = toro::basic_event<Executor, Threading>;

    explicit subject(const Executor& executor)
      : object(executor)
    {
    }

    TORO_TEST_START(async_wait(std::forward<Tail>(tail)...))

    void grant()
    {
      object.set();
    }

    bool is_whole() const
    {
      return object.is_set();
    }

    object_type object;
  };
};

template <class Threading>
struct condition_wait : plain_operation
{
  static constexpr const char* name = "condition.async_wait()";
  static constexpr bool never_ready = true;

  template <class Executor>
  struct subject
  {
    using object_type = toro::basic_condition<Executor, Threading>;

    explicit subject(const Executor& executor)
      : object(executor)
    {
    }

    TORO_TEST_START(async_wait(std::forward<Tail>(tail)...))

    void grant()
    {
      object.notify();
    }

    // Notifications are not remembered.
    bool is_whole() const
    {
      return object.waiters() == 0;
    }

    object_type object;
  };
};

template <class Threading>
struct condition_wait_for_predicate : plain_operation
{
  static constexpr const char* name = "condition.async_wait(predicate)";

  template <class Executor>
  struct subject
  {
    using object_type = toro::basic_condition<Executor, Threading>;

    explicit subject(const Executor& executor)
      : object(executor)
    {
    }

    // Copied into the operation.
    struct predicate
    {
      std::shared_ptr<bool> flag;

      bool operator()() const
      {
        return *flag;
      }
    };

    template <class... Tail>
    auto start(Tail&&... tail)
        -> decltype(std::declval<object_type&>().async_wait(
            std::declval<predicate>(), std::forward<Tail>(tail)...))
    {
      return object.async_wait(predicate{flag}, std::forward<Tail>(tail)...);
    }

    void grant()
    {
      *flag = true;
      object.notify();
    }

    bool is_whole() const
    {
      return object.waiters() == 0;
    }

    std::shared_ptr<bool> flag = std::make_shared<bool>(false);
    object_type object;
  };
};

template <class Threading>
struct lock_acquire : plain_operation
{
  static constexpr const char* name = "lock.async_acquire()";
  using value_type = toro::basic_guard<Threading>;

  template <class Executor>
  struct subject
  {
    using object_type = toro::basic_lock<Executor, Threading>;

    explicit subject(const Executor& executor)
      : object(executor)
    {
      held = object.try_acquire();
    }

    TORO_TEST_START(async_acquire(std::forward<Tail>(tail)...))

    void grant()
    {
      held.reset();
    }

    bool is_whole() const
    {
      return !object.locked();
    }

    // Order: outlives the lock, which must not mind.
    value_type held;
    object_type object;
  };
};

// A semaphore of either kind that lacks one permit.
template <template <class, class> class Semaphore, class Threading,
          class Executor>
struct semaphore_subject
{
  using object_type = Semaphore<Executor, Threading>;

  semaphore_subject(const Executor& executor, std::size_t permits)
    : size(permits),
      object(executor, permits)
  {
    held = object.try_acquire();
  }

  void grant()
  {
    held.reset();
  }

  bool is_whole() const
  {
    return object.value() == size;
  }

  std::size_t size;
  toro::basic_permit<Threading> held;
  object_type object;
};

template <template <class, class> class Semaphore, class Threading>
struct semaphore_acquire_operation : plain_operation
{
  using value_type = toro::basic_permit<Threading>;

  template <class Executor>
  struct subject : semaphore_subject<Semaphore, Threading, Executor>
  {
    using
        typename semaphore_subject<Semaphore, Threading, Executor>::object_type;

    explicit subject(const Executor& executor)
      : semaphore_subject<Semaphore, Threading, Executor>(executor, 1)
    {
    }

    template <class... Tail>
    auto start(Tail&&... tail)
        -> decltype(std::declval<object_type&>().async_acquire(
            std::forward<Tail>(tail)...))
    {
      return this->object.async_acquire(std::forward<Tail>(tail)...);
    }
  };
};

template <template <class, class> class Semaphore, class Threading>
struct semaphore_acquire_some_operation : plain_operation
{
  using value_type = toro::basic_permit<Threading>;

  template <class Executor>
  struct subject : semaphore_subject<Semaphore, Threading, Executor>
  {
    using
        typename semaphore_subject<Semaphore, Threading, Executor>::object_type;

    explicit subject(const Executor& executor)
      : semaphore_subject<Semaphore, Threading, Executor>(executor, 3)
    {
    }

    template <class... Tail>
    auto start(Tail&&... tail)
        -> decltype(std::declval<object_type&>().async_acquire(
            std::size_t(3), std::forward<Tail>(tail)...))
    {
      return this->object.async_acquire(std::size_t(3),
                                        std::forward<Tail>(tail)...);
    }
  };
};

template <template <class, class> class Semaphore, class Threading>
struct semaphore_wait_operation : plain_operation
{
  static constexpr bool grants_all = true;

  template <class Executor>
  struct subject : semaphore_subject<Semaphore, Threading, Executor>
  {
    using
        typename semaphore_subject<Semaphore, Threading, Executor>::object_type;

    explicit subject(const Executor& executor)
      : semaphore_subject<Semaphore, Threading, Executor>(executor, 1)
    {
    }

    template <class... Tail>
    auto start(Tail&&... tail)
        -> decltype(std::declval<object_type&>().async_wait(
            std::forward<Tail>(tail)...))
    {
      return this->object.async_wait(std::forward<Tail>(tail)...);
    }
  };
};

template <class Threading>
struct semaphore_acquire
  : semaphore_acquire_operation<toro::basic_semaphore, Threading>
{
  static constexpr const char* name = "semaphore.async_acquire()";
};

template <class Threading>
struct semaphore_acquire_some
  : semaphore_acquire_some_operation<toro::basic_semaphore, Threading>
{
  static constexpr const char* name = "semaphore.async_acquire(n)";
};

template <class Threading>
struct semaphore_wait
  : semaphore_wait_operation<toro::basic_semaphore, Threading>
{
  static constexpr const char* name = "semaphore.async_wait()";
};

template <class Threading>
struct bounded_semaphore_acquire
  : semaphore_acquire_operation<toro::basic_bounded_semaphore, Threading>
{
  static constexpr const char* name = "bounded_semaphore.async_acquire()";
};

template <class Threading>
struct bounded_semaphore_acquire_some
  : semaphore_acquire_some_operation<toro::basic_bounded_semaphore, Threading>
{
  static constexpr const char* name = "bounded_semaphore.async_acquire(n)";
};

template <class Threading>
struct bounded_semaphore_wait
  : semaphore_wait_operation<toro::basic_bounded_semaphore, Threading>
{
  static constexpr const char* name = "bounded_semaphore.async_wait()";
};

// The only reader's place is taken, so that readers wait one by one.
template <class Threading>
struct rw_lock_acquire_read : plain_operation
{
  static constexpr const char* name = "rw_lock.async_acquire_read()";
  using value_type = toro::basic_read_guard<Threading>;

  template <class Executor>
  struct subject
  {
    using object_type = toro::basic_rw_lock<Executor, Threading>;

    explicit subject(const Executor& executor)
      : object(executor, std::size_t(1))
    {
      held = object.try_acquire_read();
    }

    TORO_TEST_START(async_acquire_read(std::forward<Tail>(tail)...))

    void grant()
    {
      held.reset();
    }

    bool is_whole() const
    {
      return object.readers() == 0;
    }

    value_type held;
    object_type object;
  };
};

template <class Threading>
struct rw_lock_acquire_write : plain_operation
{
  static constexpr const char* name = "rw_lock.async_acquire_write()";
  using value_type = toro::basic_write_guard<Threading>;

  template <class Executor>
  struct subject
  {
    using object_type = toro::basic_rw_lock<Executor, Threading>;

    explicit subject(const Executor& executor)
      : object(executor)
    {
      held = object.try_acquire_read();
    }

    TORO_TEST_START(async_acquire_write(std::forward<Tail>(tail)...))

    void grant()
    {
      held.reset();
    }

    bool is_whole() const
    {
      return !object.write_locked() && object.readers() == 0;
    }

    toro::basic_read_guard<Threading> held;
    object_type object;
  };
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

template <class Kind, class Threading>
struct queue_put_operation : plain_operation
{
  template <class Executor>
  struct subject
  {
    using object_type = typename Kind::template type<Executor, Threading>;

    explicit subject(const Executor& executor)
      : object(executor, std::size_t(1))
    {
      static_cast<void>(object.try_put(the_item));
    }

    TORO_TEST_START(async_put(the_item, std::forward<Tail>(tail)...))

    void grant()
    {
      static_cast<void>(object.try_get());
    }

    // The item of a put that failed is in no queue.
    bool is_whole() const
    {
      return object.empty();
    }

    object_type object;
  };
};

template <class Kind, class Threading>
struct queue_get_operation : plain_operation
{
  using value_type = int;

  template <class Executor>
  struct subject
  {
    using object_type = typename Kind::template type<Executor, Threading>;

    explicit subject(const Executor& executor)
      : object(executor)
    {
    }

    TORO_TEST_START(async_get(std::forward<Tail>(tail)...))

    void grant()
    {
      static_cast<void>(object.try_put(the_item));
    }

    bool is_whole() const
    {
      return object.size() == 1;
    }

    object_type object;
  };
};

template <class Kind, class Threading>
struct queue_join_operation : plain_operation
{
  static constexpr bool grants_all = true;

  template <class Executor>
  struct subject
  {
    using object_type = typename Kind::template type<Executor, Threading>;

    explicit subject(const Executor& executor)
      : object(executor)
    {
      static_cast<void>(object.try_put(the_item));
    }

    TORO_TEST_START(async_join(std::forward<Tail>(tail)...))

    void grant()
    {
      if (object.unfinished() != 0)
        object.task_done();
    }

    bool is_whole() const
    {
      return object.unfinished() == 0;
    }

    object_type object;
  };
};

template <class Threading>
struct queue_put : queue_put_operation<fifo, Threading>
{
  static constexpr const char* name = "queue.async_put(item)";
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
struct async_result_get : plain_operation
{
  static constexpr const char* name = "async_result.async_get()";
  static constexpr bool grants_all = true;
  using value_type = int;

  template <class Executor>
  struct subject
  {
    using object_type = toro::basic_async_result<int, Executor, Threading>;

    explicit subject(const Executor& executor)
      : object(executor)
    {
    }

    TORO_TEST_START(async_get(std::forward<Tail>(tail)...))

    void grant()
    {
      if (!object.ready())
        object.set(the_item);
    }

    bool is_whole() const
    {
      return object.ready();
    }

    object_type object;
  };
};

template <class Threading>
struct async_result_get_void : plain_operation
{
  static constexpr const char* name = "async_result<void>.async_get()";
  static constexpr bool grants_all = true;

  template <class Executor>
  struct subject
  {
    using object_type = toro::basic_async_result<void, Executor, Threading>;

    explicit subject(const Executor& executor)
      : object(executor)
    {
    }

    TORO_TEST_START(async_get(std::forward<Tail>(tail)...))

    void grant()
    {
      if (!object.ready())
        object.set();
    }

    bool is_whole() const
    {
      return object.ready();
    }

    object_type object;
  };
};

#undef TORO_TEST_START

template <template <class> class... Operation>
using with_both_policies = std::tuple<Operation<toro::thread_safe>...,
                                      Operation<toro::strand_bound>...>;

using all_operations = with_both_policies<
    event_wait, condition_wait, condition_wait_for_predicate, lock_acquire,
    semaphore_acquire, semaphore_acquire_some, semaphore_wait,
    bounded_semaphore_acquire, bounded_semaphore_acquire_some,
    bounded_semaphore_wait, rw_lock_acquire_read, rw_lock_acquire_write,
    queue_put, queue_get, queue_join, lifo_queue_put, lifo_queue_get,
    lifo_queue_join, priority_queue_put, priority_queue_get,
    priority_queue_join, async_result_get, async_result_get_void>;

template <class Operation, class Executor = boost::asio::any_io_executor>
using subject_of = typename Operation::template subject<Executor>;

} // namespace toro_test

#endif // TORO_TEST_UNIT_CONFORMANCE_OPERATIONS_HPP
