// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_UNIT_GREEDY_HPP
#define TORO_TEST_UNIT_GREEDY_HPP

#include <toro.hpp>
#include <toro/diagnostics.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/system/error_code.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <iterator>
#include <memory>
#include <sstream>
#include <utility>
#include <vector>

#include "greedy_names.hpp"

namespace greedy {

// Cannot be asked for its type, so that a call which only considers one of the
// functions below does not compile. It would be called if it fitted better.
template <class... Args>
struct considered
{
  static_assert(sizeof...(Args) == std::size_t(-1),
                "an unqualified call found a function of the user's");
  using type = void;
};

#define TORO_TEST_GREEDY(name)                                                 \
  template <class... Args>                                                     \
  typename considered<Args...>::type name(Args&&...);                          \
  template <class First, class... Args>                                        \
  typename considered<First, Args...>::type name(Args&&...);

TORO_TEST_NAMES(TORO_TEST_GREEDY)

// Operators are functions, too. Asio and the standard library do consider these,
// so that it only counts whether one is called.
template <class T>
void operator!(T&&) = delete;
template <class A, class B>
void operator&&(A&&, B&&) = delete;
template <class A, class B>
void operator||(A&&, B&&) = delete;
template <class A, class B>
void operator,(A&&, B&&) = delete;

// These are found by their arguments' namespaces on purpose.
template <class... Args>
void intrusive_ptr_add_ref(Args&&...) = delete;
template <class... Args>
void intrusive_ptr_release(Args&&...) = delete;
template <class T>
void intrusive_ptr_add_ref(T*) = delete;
template <class T>
void intrusive_ptr_release(T*) = delete;

struct user_item
{
  user_item() = default;
  explicit user_item(int n)
    : number(std::make_unique<int>(n))
  {
  }

  std::unique_ptr<int> number;
};

struct user_copyable_item
{
  int number = 0;
};

struct user_order
{
  bool operator()(const user_item& a, const user_item& b) const
  {
    return *a.number < *b.number;
  }
};

struct user_weight
{
  int operator()(const user_item& item) const
  {
    return *item.number;
  }
};

template <class Inner>
class user_executor
{
public:
  explicit user_executor(Inner inner) noexcept
    : inner_(std::move(inner))
  {
  }

  boost::asio::execution_context&
  query(boost::asio::execution::context_t) const noexcept
  {
    return boost::asio::query(inner_, boost::asio::execution::context);
  }

  static constexpr boost::asio::execution::blocking_t
  query(boost::asio::execution::blocking_t) noexcept
  {
    return boost::asio::execution::blocking.never;
  }

  user_executor
  require(boost::asio::execution::blocking_t::never_t) const noexcept
  {
    return *this;
  }

  template <class Function>
  void execute(Function&& function) const
  {
    boost::asio::post(inner_, std::forward<Function>(function));
  }

  bool operator==(const user_executor&) const noexcept = default;

private:
  Inner inner_;
};

template <class T>
class user_allocator
{
public:
  using value_type = T;

  user_allocator() = default;
  template <class U>
  user_allocator(const user_allocator<U>&) noexcept
  {
  }

  T* allocate(std::size_t n)
  {
    return std::allocator<T>().allocate(n);
  }

  void deallocate(T* p, std::size_t n)
  {
    std::allocator<T>().deallocate(p, n);
  }

  template <class U>
  bool operator==(const user_allocator<U>&) const noexcept
  {
    return true;
  }
};

struct user_predicate
{
  bool operator()() const
  {
    return *value;
  }

  const bool* value;
};

// Has nothing of its own.
struct user_handler
{
  template <class First, class... Args>
  void operator()(const First&, Args&&...)
  {
    ++*calls;
  }

  int* calls;
};

// Has all that a handler may have.
template <class Executor>
struct user_handler_with : user_handler
{
  using executor_type = Executor;
  using allocator_type = user_allocator<void>;
  using cancellation_slot_type = boost::asio::cancellation_slot;
  using immediate_executor_type = Executor;

  user_handler_with(const Executor& ex, boost::asio::cancellation_slot s,
                    int& n)
    : user_handler{&n},
      executor(ex),
      slot(s)
  {
  }

  executor_type get_executor() const noexcept
  {
    return executor;
  }

  immediate_executor_type get_immediate_executor() const noexcept
  {
    return executor;
  }

  allocator_type get_allocator() const noexcept
  {
    return {};
  }

  cancellation_slot_type get_cancellation_slot() const noexcept
  {
    return slot;
  }

  Executor executor;
  boost::asio::cancellation_slot slot;
};

} // namespace greedy

namespace toro_test {

// Starts operations of every kind, with each kind of handler.
template <class Threading, class Executor>
class all_operations
{
public:
  explicit all_operations(const Executor& ex)
    : ex_(ex)
  {
  }

  // Returns how many handlers are to be called.
  int start(int& calls)
  {
    start_with(
        [&]
        {
          return greedy::user_handler{&calls};
        });
    start_with(
        [&]
        {
          return greedy::user_handler_with<Executor>(ex_, signal_.slot(),
                                                     calls);
        });
    start_with(
        [&]
        {
          return greedy::user_handler_with<boost::asio::any_io_executor>(
              ex_, signal_.slot(), calls);
        });
    start_with(
        [&]
        {
          return toro::bind_name("a name", greedy::user_handler{&calls});
        });
    return started_;
  }

  // Ends what waits.
  void end()
  {
    event_.set();
    latch_.count_down(latch_.count());
    while (barrier_.arrived() != 0)
      barrier_.drop();
    group_.close();
    work_.reset();
    source_.cancel();
    children_.cancel();
    children_.close();
    flag_ = true;
    condition_.notify_all();
    result_.set(greedy::user_copyable_item());
    room_.close();
    watch_.close();
    queue_.close();
    sorted_.close();
    lifo_.close();
    weighed_.close();
    delayed_.close();
    std::ostringstream text;
    text << event_ << latch_ << barrier_ << group_ << children_ << source_
         << condition_ << lock_ << semaphore_ << bounded_ << rw_lock_ << result_
         << watch_ << queue_ << sorted_ << lifo_ << weighed_ << delayed_;
    BOOST_TEST(!text.str().empty());
    event_.cancel();
    lock_.cancel();
    queue_.cancel();
    sorted_.cancel();
    lifo_.cancel();
    auto moved = std::move(queue_);
    queue_ = std::move(moved);
  }

private:
  template <class Make>
  void start_with(Make make)
  {
    for (const toro::deadline limit : {toro::deadline(std::chrono::hours(1)),
                                       toro::deadline(std::chrono::seconds(0))})
    {
      event_.async_wait(limit, make());
      latch_.async_wait(limit, make());
      latch_.async_arrive(limit, make());
      barrier_.async_arrive(limit, make());
      group_.async_wait(limit, make());
      group_.async_close(limit, make());
      source_.async_wait(limit, make());
      event_.async_wait(limit, children_.child());
      children_.async_join(limit, make());
      condition_.async_wait(limit, make());
      condition_.async_wait(greedy::user_predicate{&flag_}, limit, make());
      lock_.async_acquire(limit, make());
      semaphore_.async_acquire(limit, make());
      semaphore_.async_wait(limit, make());
      bounded_.async_acquire(2, limit, make());
      rw_lock_.async_acquire_read(limit, make());
      rw_lock_.async_acquire_write(limit, make());
      result_.async_get(limit, make());
      reader_.async_next(limit, make());
      const toro::delay_key key =
          delayed_.put(greedy::user_item(1), std::chrono::hours(2));
      delayed_.async_get(limit, make());
      static_cast<void>(delayed_.erase(key));
      static_cast<void>(delayed_.try_get());
      room_.async_put(greedy::user_copyable_item(1), limit, make());
      room_.async_put(greedy::user_copyable_item(2), limit, make());
      client_.async_get(limit, make());
      client_.async_get(limit, make());
      client_.async_get(limit, make());
      started_ += 24;
      static_cast<void>(room_.try_put(greedy::user_copyable_item(3)));
      static_cast<void>(client_.try_get());
      start_on(queue_, limit, make);
      start_on(sorted_, limit, make);
      start_on(lifo_, limit, make);
      weighed_.async_put(greedy::user_item(2), limit, make());
      weighed_.async_reserve(1, limit, make());
      weighed_.async_get(limit, make());
      started_ += 3;
      static_cast<void>(weighed_.try_put(greedy::user_item(1)));
      if (auto room = weighed_.try_reserve(2))
        std::move(room).put(greedy::user_item(2));
    }
    lock_.async_acquire(make());
    queue_.async_get(make());
    queue_.async_put(greedy::user_item(1), make());
    toro::async_first_of(queue_.async_get(boost::asio::deferred),
                         lock_.async_acquire(boost::asio::deferred), make());
    lock_.async_acquire(toro::bind_cancellation(source_, make()));
    lock_.async_acquire(toro::bind_cancellation(source_.child(), make()));
    started_ += 6;
  }

  template <class Queue, class Make>
  void start_on(Queue& queue, toro::deadline limit, Make make)
  {
    queue.async_put(greedy::user_item(2), limit, make());
    queue.async_put(greedy::user_item(1), limit, make());
    queue.async_join(limit, make());
    queue.async_reserve(limit, make());
    queue.async_get(limit, make());
    queue.async_get(limit, make());
    queue.async_get(limit, make());
    queue.async_get_some(2, limit, make());
    queue.async_next(limit, make());
    queue.async_wait(limit, make());
    started_ += 10;
    static_cast<void>(queue.try_put(greedy::user_item(3)));
    static_cast<void>(queue.try_get());
    static_cast<void>(queue.force_put(greedy::user_item(4)));
    if (auto room = queue.try_reserve())
      std::move(room).put(greedy::user_item(5));
    queue.clear();
    std::vector<greedy::user_item> some;
    static_cast<void>(queue.try_get_some(1, std::back_inserter(some)));
  }

  Executor ex_;
  boost::asio::cancellation_signal signal_;
  bool flag_ = false;
  int started_ = 0;
  toro::basic_event<Executor, Threading> event_{ex_};
  toro::basic_latch<Executor, Threading> latch_{ex_, 100};
  toro::basic_barrier<Executor, Threading> barrier_{ex_, 100};
  toro::basic_wait_group<Executor, Threading> group_{ex_};
  toro::basic_work<Threading> work_ = group_.enter();
  toro::basic_task_group<Executor, Threading> children_{ex_};
  toro::basic_cancellation_source<Executor, Threading> source_{ex_};
  toro::basic_watch<greedy::user_copyable_item, Executor, Threading> watch_{
      ex_, greedy::user_copyable_item(1)};
  toro::basic_reader<greedy::user_copyable_item, Threading, Executor> reader_ =
      watch_.read();
  toro::basic_broadcast<greedy::user_copyable_item, Executor, Threading> room_{
      ex_, 1, toro::overflow::wait};
  toro::basic_subscription<greedy::user_copyable_item, Threading, Executor>
      client_ = room_.subscribe();
  toro::basic_condition<Executor, Threading> condition_{ex_};
  toro::basic_lock<Executor, Threading> lock_{ex_};
  toro::basic_semaphore<Executor, Threading> semaphore_{ex_};
  toro::basic_bounded_semaphore<Executor, Threading> bounded_{ex_, 2};
  toro::basic_rw_lock<Executor, Threading> rw_lock_{ex_};
  toro::basic_async_result<greedy::user_copyable_item, Executor, Threading>
      result_{ex_};
  toro::basic_queue<greedy::user_item, Executor, Threading> queue_{ex_, 1};
  toro::basic_priority_queue<greedy::user_item, greedy::user_order, Executor,
                             Threading>
      sorted_{ex_, 1};
  toro::basic_lifo_queue<greedy::user_item, Executor, Threading> lifo_{ex_, 1};
  toro::basic_weighted_queue<greedy::user_item, greedy::user_weight, Executor,
                             Threading>
      weighed_{ex_, 2};
  toro::basic_delay_queue<greedy::user_item, Executor, Threading> delayed_{ex_};
};

// Instantiated by itself, some executors in each of a few files, since all at
// once take gigabytes to compile.
template <class Threading, class Executor>
void run_all(boost::asio::io_context& io, const Executor& ex)
{
  toro::enable_diagnostics(io, true);
  int calls = 0;
  all_operations<Threading, Executor> all(ex);
  const int expected = all.start(calls);
  std::ostringstream text;
  toro::dump(io, text);
  BOOST_TEST(!text.str().empty());
  io.poll();
  all.end();
  io.restart();
  io.poll();
  BOOST_TEST(calls == expected);
}

using user_executor =
    greedy::user_executor<boost::asio::io_context::executor_type>;

extern template void run_all<toro::thread_safe>(boost::asio::io_context&,
                                                const user_executor&);
extern template void run_all<toro::strand_bound>(boost::asio::io_context&,
                                                 const user_executor&);
extern template void
run_all<toro::thread_safe>(boost::asio::io_context&,
                           const boost::asio::any_io_executor&);
extern template void
run_all<toro::thread_safe>(boost::asio::io_context&,
                           const boost::asio::io_context::executor_type&);
extern template void
run_all<toro::strand_bound>(boost::asio::io_context&,
                            const boost::asio::strand<user_executor>&);

} // namespace toro_test

#endif // TORO_TEST_UNIT_GREEDY_HPP
