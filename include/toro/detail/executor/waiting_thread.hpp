// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_EXECUTOR_WAITING_THREAD_HPP
#define TORO_DETAIL_EXECUTOR_WAITING_THREAD_HPP

#include <toro/deadline.hpp>

#include <toro/detail/deadline/time_source.hpp>
#include <toro/detail/executor/asio_executor.hpp>
#include <toro/detail/executor/executor_work.hpp>

#include <boost/asio/execution/blocking.hpp>
#include <boost/assert.hpp>
#include <boost/throw_exception.hpp>

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <new>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

namespace toro::detail {

// Implementation notes
//
// A thread that runs no loop and waits for one operation (toro::blocking). This
// object is on the stack of that thread, and has what the operation needs of
// it: the functions that were posted to the thread, the deadlines that it sees
// to, and memory. The thread runs the functions, and so commits the operation
// and calls the handler. The object's context takes no part in that.
//
// Other threads use this object while the handler exists or memory is in use.
// Both end under the mutex, and the thread is notified under the mutex. So no
// other thread touches the object once wait() has returned.
class waiting_thread
{
public:
  waiting_thread() = default;
  waiting_thread(const waiting_thread&) = delete;
  waiting_thread& operator=(const waiting_thread&) = delete;

  // Whether the calling thread is the one that waits.
  bool running_in_this_thread() const noexcept
  {
    return id_ == std::this_thread::get_id();
  }

  // Runs a function in the thread, later.
  template <class Function>
  void post(Function&& function)
  {
    using type = posted<std::decay_t<Function>>;
    reservation memory{*this, allocate(sizeof(type), alignof(type)),
                       alignof(type)};
    posted_base* const last =
        ::new (memory.place) type(*this, std::forward<Function>(function));
    memory.place = nullptr;
    // Safety: the thread may run the function, and end this object, as soon as
    // this unlocks.
    const std::lock_guard lock(mutex_);
    *end_ = last;
    end_ = &last->next;
    changed_.notify_one();
  }

  // The handler was called or destroyed.
  void finish() noexcept
  {
    const std::lock_guard lock(mutex_);
    is_finished_ = true;
    changed_.notify_one();
  }

  // Waits until no other thread uses this object. Throws what a function that
  // was posted throws, and then has to be called again.
  void wait()
  {
    std::unique_lock lock(mutex_);
    while (first_ || !is_finished_ || memory_is_in_use_locked())
    {
      if (first_)
        run_first(lock);
      else if (deadline_watch* const next = next_watch_locked())
        wait_for(*next, lock);
      else
        changed_.wait(lock);
    }
  }

  // Memory of the stack if there is some, or of the heap.
  void* allocate(std::size_t size, std::size_t alignment)
  {
    if (alignment <= alignof(std::max_align_t))
    {
      const std::lock_guard lock(mutex_);
      if (void* const place = for_function_.take(size))
        return place;
      if (void* const place = for_operation_.take(size))
        return place;
    }
    return ::operator new(size, std::align_val_t(alignment));
  }

  // Safety: memory of the heap may be freed when this object is gone.
  void deallocate(void* place, std::size_t alignment) noexcept
  {
    if (place != for_function_.space && place != for_operation_.space)
      return ::operator delete(place, std::align_val_t(alignment));
    const std::lock_guard lock(mutex_);
    if (place == for_function_.space)
      for_function_.is_taken = false;
    else
      for_operation_.is_taken = false;
    changed_.notify_one();
  }

  // The deadline of an operation, as long as the operation may wait.
  class deadline_watch
  {
  public:
    deadline_watch(waiting_thread& thread, deadline::time_point when,
                   timer_client& client) noexcept
      : thread_(thread),
        client_(client),
        when_(when)
    {
      const std::lock_guard lock(thread_.mutex_);
      next_ = std::exchange(thread_.watches_, this);
      thread_.changed_.notify_one();
    }

    deadline_watch(const deadline_watch&) = delete;
    deadline_watch& operator=(const deadline_watch&) = delete;

    ~deadline_watch()
    {
      const std::lock_guard lock(thread_.mutex_);
      deadline_watch** place = &thread_.watches_;
      while (*place != this)
        place = &(*place)->next_;
      *place = next_;
    }

  private:
    friend class waiting_thread;

    waiting_thread& thread_;
    timer_client& client_;
    const deadline::time_point when_;
    deadline_watch* next_;

    // Whether the client was told. It is told once more after each function
    // that runs, since that may have made the operation wait again.
    bool is_told_ = false;
  };

private:
  class posted_base
  {
  public:
    // Frees the memory, then calls the function.
    virtual void run() = 0;

    virtual void destroy() noexcept = 0;

    posted_base* next = nullptr;

  protected:
    ~posted_base() = default;
  };

  template <class Function>
  class posted final : public posted_base
  {
  public:
    template <class F>
    posted(waiting_thread& thread, F&& function)
      : thread_(thread),
        function_(std::forward<F>(function))
    {
    }

    void run() override
    {
      Function function(take());
      std::move(function)();
    }

    void destroy() noexcept override
    {
      const departure leaving{*this};
    }

  private:
    // Destroys this and frees the memory at the end of a scope.
    struct departure
    {
      posted& which;

      ~departure()
      {
        waiting_thread& thread = which.thread_;
        which.~posted();
        thread.deallocate(&which, alignof(posted));
      }
    };

    Function take()
    {
      const departure leaving{*this};
      return std::move(function_);
    }

    ~posted() = default;

    waiting_thread& thread_;
    Function function_;
  };

  template <std::size_t Size>
  struct memory_slot
  {
    void* take(std::size_t size) noexcept
    {
      if (is_taken || size > Size)
        return nullptr;
      is_taken = true;
      return space;
    }

    alignas(std::max_align_t) unsigned char space[Size];
    bool is_taken = false;
  };

  struct reservation
  {
    waiting_thread& thread;
    void* place;
    std::size_t alignment;

    ~reservation()
    {
      if (place)
        thread.deallocate(place, alignment);
    }
  };

  bool memory_is_in_use_locked() const noexcept
  {
    return for_function_.is_taken || for_operation_.is_taken;
  }

  // What is left when the handler is gone is destroyed, as it is with a
  // context.
  void run_first(std::unique_lock<std::mutex>& lock)
  {
    posted_base& function = *first_;
    first_ = function.next;
    if (!first_)
      end_ = &first_;
    for (deadline_watch* w = watches_; w; w = w->next_)
      w->is_told_ = false;
    const bool is_late = is_finished_;
    lock.unlock();
    if (is_late)
      function.destroy();
    else
      function.run();
    lock.lock();
  }

  // The watch with the earliest deadline of which the client is to be told.
  deadline_watch* next_watch_locked() const noexcept
  {
    deadline_watch* next = nullptr;
    for (deadline_watch* w = watches_; w; w = w->next_)
    {
      if (!w->is_told_ && (!next || w->when_ < next->when_))
        next = w;
    }
    return next;
  }

  void wait_for(deadline_watch& next, std::unique_lock<std::mutex>& lock)
  {
    const deadline::time_point when = next.when_;
    if (deadline::clock_type::now() < when)
    {
      changed_.wait_until(lock, when);
      return;
    }
    next.is_told_ = true;
    {
      // Safety: the client is there as long as the watch, and from then on its
      // memory is.
      timer_handler call(next.client_, timer_client::of_thread);
      lock.unlock();
      call();
    }
    lock.lock();
  }

  const std::thread::id id_ = std::this_thread::get_id();
  std::mutex mutex_;
  std::condition_variable changed_;

  // The functions to run, in the order in which they were posted.
  posted_base* first_ = nullptr;
  posted_base** end_ = &first_;

  deadline_watch* watches_ = nullptr;
  bool is_finished_ = false;

  // Enough for an operation of this library and the function that delivers it.
  memory_slot<64> for_function_;
  memory_slot<512> for_operation_;
};

// The executor of a thread that waits. It runs functions in the order in which
// they were posted, never within execute(). It does not count work: the thread
// waits for the handler, whatever else is under way.
class thread_executor
{
public:
  explicit thread_executor(waiting_thread& thread) noexcept
    : thread_(&thread)
  {
  }

  waiting_thread& thread() const noexcept
  {
    return *thread_;
  }

  bool running_in_this_thread() const noexcept
  {
    return thread_->running_in_this_thread();
  }

  // Asserts that the thread does not run what it is to wait for.
  template <class Executor>
  void check_not_in_context_of([[maybe_unused]] const Executor& executor) const
  {
    BOOST_ASSERT_MSG(
        !running_in_this_thread() ||
            !detail::context_runs_in_this_thread(executor),
        "toro::blocking in a thread that runs the object's context, which "
        "would wait for itself; use another token there");
  }

  template <class Function>
  void execute(Function&& function) const
  {
    thread_->post(std::forward<Function>(function));
  }

  boost::asio::execution::blocking_t
  query(boost::asio::execution::blocking_t) const noexcept
  {
    return boost::asio::execution::blocking.never;
  }

  thread_executor
  require(boost::asio::execution::blocking_t::never_t) const noexcept
  {
    return *this;
  }

  friend bool operator==(const thread_executor& a,
                         const thread_executor& b) noexcept
  {
    return a.thread_ == b.thread_;
  }

  friend bool operator!=(const thread_executor& a,
                         const thread_executor& b) noexcept
  {
    return a.thread_ != b.thread_;
  }

private:
  waiting_thread* thread_;
};

// Allocates on the stack of a thread that waits.
template <class T>
class thread_allocator
{
public:
  using value_type = T;

  template <class U>
  struct rebind
  {
    using other = thread_allocator<U>;
  };

  explicit thread_allocator(waiting_thread& thread) noexcept
    : thread_(&thread)
  {
  }

  template <class U>
  thread_allocator(const thread_allocator<U>& other) noexcept
    : thread_(other.thread_)
  {
  }

  T* allocate(std::size_t n)
  {
    if (n > std::size_t(-1) / sizeof(T))
      boost::throw_exception(std::bad_array_new_length());
    return static_cast<T*>(thread_->allocate(n * sizeof(T), alignof(T)));
  }

  void deallocate(T* place, std::size_t) noexcept
  {
    thread_->deallocate(place, alignof(T));
  }

  template <class U>
  bool operator==(const thread_allocator<U>& other) const noexcept
  {
    return thread_ == other.thread_;
  }

private:
  template <class>
  friend class thread_allocator;

  waiting_thread* thread_;
};

// An operation whose handler runs in a thread that waits: no work is tracked,
// and the thread sees to the deadline.
template <>
class executor_work<thread_executor>
{
public:
  explicit executor_work(const thread_executor& executor) noexcept
    : executor_(executor)
  {
  }

  static constexpr bool is_known() noexcept
  {
    return true;
  }

  void track() noexcept
  {
  }

  void watch_deadline(deadline::time_point when, timer_client& client) noexcept
  {
    watch_.emplace(executor_.thread(), when, client);
  }

  template <class Function, class Allocator>
  void post(Function&& function, const Allocator&) const
  {
    executor_.execute(std::forward<Function>(function));
  }

  template <class Function, class Allocator>
  void dispatch(Function&& function, const Allocator&) const
  {
    executor_.execute(std::forward<Function>(function));
  }

private:
  thread_executor executor_;
  std::optional<waiting_thread::deadline_watch> watch_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_EXECUTOR_WAITING_THREAD_HPP
